"""Tables for the READMEs, printed by the program itself so that they cannot drift."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Sequence
from dataclasses import MISSING, fields

import click

from scheduler.cli import COMMANDS
from scheduler.jobs import JOBS
from scheduler.settings import PREFIX, Settings


def settings_table() -> str:
    """Every setting: environment variable, default and meaning, as a Markdown table."""
    rows = []
    for f in fields(Settings):
        default = "" if f.default is MISSING or f.default == "" else f"`{f.default}`"
        rows.append((f"`{PREFIX}{f.name.upper()}`", default, f.metadata["help"]))
    return _table(("setting", "default", "meaning"), rows)


def jobs_table() -> str:
    """Every job: when it runs, how late it may start, what it does."""
    return _table(
        ("job", "when", "grace", "does"), [(f"`{job.name}`", job.spoken, f"{job.grace_hours} h", job.help) for job in JOBS]
    )


def commands_table() -> str:
    """Every command and subcommand with the first line of its help."""
    return _table(("command", "does"), [(f"`clusterscout {path}`", line) for path, line in _commands()])


def _commands() -> Iterator[tuple[str, str]]:
    for name, (module, attribute, line) in COMMANDS.items():
        command = getattr(importlib.import_module(module), attribute)
        yield name, line
        if isinstance(command, click.Group):
            for sub in sorted(command.commands):
                yield f"{name} {sub}", command.commands[sub].get_short_help_str(limit=240)


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |" for row in lines)
