"""Declared sources as the commands ask for them: by name, by path, or all; faults become one readable error."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from pathlib import Path

import click

from crawlers.declare import load_source, load_sources
from crawlers.errors import SourceErrors
from crawlers.source import Source
from scheduler.settings import Settings


def all_sources(settings: Settings) -> dict[str, Source]:
    """Every declared source by name. Raises click.ClickException that lists all faults."""
    try:
        return load_sources(settings.sources)
    except SourceErrors as errors:
        raise click.ClickException(
            f"{len(errors.faults)} fault(s) in the sources; mend them and run 'clusterscout sources check':\n{errors}"
        ) from errors


def source_named(settings: Settings, name: str) -> Source:
    """The source called ``name``, or declared in the TOML file of that path. Raises click.ClickException naming the nearest."""
    if name.endswith(".toml"):
        try:
            return load_source(Path(name))
        except SourceErrors as errors:
            raise click.ClickException(str(errors)) from errors
    path = next(iter(settings.sources.rglob(f"{name}.toml")), None) if name.replace("_", "").isalnum() else None
    if path is None:
        names = [one.stem for one in settings.sources.rglob("*.toml")]
        near = difflib.get_close_matches(name, names, n=1)
        hint = f" Did you mean '{near[0]}'?" if near else " 'clusterscout sources list' prints them all."
        raise click.ClickException(f"There is no source '{name}'.{hint}")
    try:
        return load_source(path)
    except SourceErrors as errors:
        raise click.ClickException(str(errors)) from errors


def chosen(settings: Settings, names: Sequence[str]) -> dict[str, Source]:
    """The sources of these names, or all enabled and unblocked ones when there is no name. Raises click.ClickException."""
    if names:
        return {source.name: source for source in (source_named(settings, name) for name in names)}
    return {name: source for name, source in all_sources(settings).items() if source.enabled and not source.blocked}
