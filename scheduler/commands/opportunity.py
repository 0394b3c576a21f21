"""``clusterscout opportunity``: one golden record, now or as it was, and its history."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time
from typing import Any

import click

from scheduler.commands.opening import store_errors
from scheduler.settings import load_settings
from store import history as past
from store.clock import utc_now
from store.codec import parse_iso
from store.database import open_readonly


@click.group()
def opportunity() -> None:
    """One golden record: as it is, or as it was on a date.

    Example: clusterscout opportunity show ph2uv5dlsdeb --as-of 2026-11-21
    """


@opportunity.command()
@click.argument("key")
@click.option("--as-of", "as_of", metavar="TIME", help="A day (its end in UTC) or an ISO 8601 time; without it, now.")
@click.option("--json", "as_json", is_flag=True, help="The record as one JSON line.")
def show(key: str, as_of: str | None, as_json: bool) -> None:
    """Show the record of KEY as it is, or as it was published at a time, rebuilt from its events alone.

    Example: clusterscout opportunity show ph2uv5dlsdeb --as-of 2026-11-21T05:00:00Z --json
    """
    at = _time(as_of) if as_of else utc_now()
    settings = load_settings()
    with store_errors(settings.db):
        record = past.as_of(open_readonly(settings.db), key, at)
    if record is None:
        raise click.ClickException(f"'{key}' was not known at {at:%Y-%m-%d %H:%M} UTC: ask for a later time.")
    if as_json:
        click.echo(json.dumps({"key": key, "as_of": at.strftime("%Y-%m-%dT%H:%M:%SZ"), **record}, ensure_ascii=False))
        return
    click.echo(f"{_printable(record['title'])}\n{record['kind']} {key} as of {at:%Y-%m-%d %H:%M} UTC")
    for name, value in record.items():
        if value not in ("", None, [], False) and name not in ("title", "kind", "text"):
            click.echo(f"  {name}: {_printable(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))}")


@opportunity.command()
@click.argument("key")
@click.option("--material", is_flag=True, help="Only changes that people are told of.")
@click.option("--json", "as_json", is_flag=True, help="One JSON line a change.")
def history(key: str, material: bool, as_json: bool) -> None:
    """List what changed on KEY, oldest first.

    Example: clusterscout opportunity history ph2uv5dlsdeb --material
    """
    settings = load_settings()
    with store_errors(settings.db):
        changes = past.changes_of(open_readonly(settings.db), key, material_only=material)
    for change in changes:
        click.echo(json.dumps(change, ensure_ascii=False) if as_json else _line(change))


def _line(change: dict[str, Any]) -> str:
    what = " ".join(filter(None, [change["type"], change["direction"], change["field"]]))
    values = (
        ""
        if change["type"] == "created"
        else f": {_short(change['field'], change['old'])} -> {_short(change['field'], change['new'])}"
    )
    return (
        f"{change['at']} {what}{'' if change['material'] else ' (not told)'}{' by ' + change['by'] if change['by'] else ''}{values}"
    )


def _short(field: str, text: str | None) -> str:
    """A value for one line: dates with their zone for deadlines, the day for a moment, else the JSON, cut."""
    value = json.loads(text) if text is not None else None
    if value is None or value in ([], ""):
        return "nothing"
    if field == "deadlines":
        return ", ".join(_when(deadline) for deadline in value)
    if field in ("starts", "ends", "opens"):
        return _when(value)
    if field == "documents":
        return _printable(", ".join(document["title"] or document["url"] for document in value))
    plain = _printable(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))
    return plain if len(plain) <= 100 else f"{plain[:97]}..."


def _printable(text: str) -> str:
    """Fetched text on one line, without control characters that a terminal would obey."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())


def _when(moment: dict[str, Any]) -> str:
    if moment["local"] is None:
        return "rolling" if moment.get("rolling") else "no date"
    whole_day = moment.get("precision") == "day" or moment.get("has_time") is False
    return f"{moment['local'][:10] if whole_day else moment['local'][:16].replace('T', ' ')} {moment['zone']}"


def _time(text: str) -> datetime:
    try:
        if len(text) == 10:
            return datetime.combine(date.fromisoformat(text), time(23, 59, 59), tzinfo=UTC)
        return parse_iso(text)
    except ValueError as error:
        raise click.BadParameter(f"'{text}' is no time: write 2026-11-21 or 2026-11-21T05:00:00Z.", param_hint="--as-of") from error
