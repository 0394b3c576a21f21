"""Declared sources as the commands ask for them: by name, by path, or all; faults become one readable error."""

from __future__ import annotations

import difflib
import json
from pathlib import Path
from typing import Any

import click

from crawlers.declare import load_source, load_sources
from crawlers.errors import SourceErrors
from crawlers.source import Source
from scheduler.settings import Settings
from store.codec import to_json


def all_sources(settings: Settings) -> dict[str, Source]:
    """Every declared source by name. Raises click.ClickException that lists all faults."""
    try:
        return load_sources(settings.sources)
    except SourceErrors as errors:
        raise click.ClickException(
            f"{len(errors.faults)} fault(s) in the sources; mend them and run 'clusterscout sources check':\n{errors}"
        ) from errors


def readable_sources(settings: Settings) -> tuple[dict[str, Source], dict[str, str]]:
    """(sources that can be read, faults by name): one faulty file stops no other."""
    try:
        return load_sources(settings.sources), {}
    except SourceErrors:
        sources: dict[str, Source] = {}
        faults: dict[str, str] = {}
        for path in sorted(settings.sources.rglob("*.toml")):
            try:
                sources[path.stem] = load_source(path)
            except SourceErrors as errors:
                faults[path.stem] = str(errors)
        if not sources and not faults:
            raise
        return sources, faults


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


def source_at(settings: Settings, text: str) -> Source:
    """The source called ``text``, declared in the file ``text``, or whose address is ``text``. Raises click.ClickException."""
    if not text.startswith(("http://", "https://")):
        return source_named(settings, text)
    for source in readable_sources(settings)[0].values():
        if text in {source.url, *source.more} or (source.page_prefix and text.startswith(source.page_prefix)):
            return source
    raise click.ClickException(f"No declared source has the address {text}. Propose one with 'clusterscout sources new {text}'.")


def list_line(source: Source) -> dict[str, Any]:
    """What ``sources list --json`` says of a source."""
    facts: dict[str, Any] = json.loads(to_json(source))
    names = [
        "name",
        "title",
        "publisher",
        "url",
        "format",
        "kind",
        "country",
        "languages",
        "timezone",
        "every",
        "every_bounds",
        "licence",
        "terms",
        "robots",
        "official_feed",
        "verified",
        "verified_how",
        "enabled",
        "blocked",
        "publish",
        "trust",
    ]
    state = "blocked" if source.blocked else "enabled" if source.enabled else "disabled"
    return {name: facts[name] for name in names} | {"every_words": every_words(source.every), "state": state}


def every_words(minutes: int) -> str:
    """A poll interval in the largest unit that divides it: ``6h``, ``1d``, ``90m``."""
    for unit, size in (("d", 1_440), ("h", 60)):
        if minutes % size == 0:
            return f"{minutes // size}{unit}"
    return f"{minutes}m"
