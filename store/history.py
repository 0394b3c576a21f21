"""The only writer of ``change``: the append-only history of each opportunity, and the record as it was at any time.

``created`` carries the whole first record; every later change of a field carries its old and new value; so a record as of T is
``created`` and the events up to T laid over it, and nothing else is read.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlite_utils import Database

from store.codec import iso, parse_iso
from store.errors import NoSuchRow
from store.model import Change
from store.records import record_from_first

_INSERT = (
    "insert into change (opportunity, notice, type, field, old, new, direction, material, at, run, by) "
    "values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)


def append(
    db: Database, opportunity: int, changes: Iterable[Change], *, notice: int | None = None, run: str | None = None, by: str = ""
) -> int:
    """Append changes of one opportunity inside the caller's transaction; their number. ``by`` is a curator, or empty for a crawl."""
    rows = [(opportunity, notice, c.type, c.field, c.old, c.new, c.direction, int(c.material), iso(c.at), run, by) for c in changes]
    if rows:
        db.conn.executemany(_INSERT, rows)
    return len(rows)


def changes_of(db: Database, key: str, *, material_only: bool = False) -> list[dict[str, Any]]:
    """The history of an opportunity, oldest first: rows of ``change`` with ``material`` as a boolean. Raises NoSuchRow."""
    rows = db.query(
        "select id, notice, type, field, old, new, direction, material, at, run, by from change "
        "where opportunity = ? and material >= ? order by id",
        [_id_of(db, key), int(material_only)],
    )
    return [{**row, "material": bool(row["material"])} for row in rows]


def as_of(db: Database, key: str, at: datetime) -> dict[str, Any] | None:
    """The record of ``key`` as it was published at ``at`` (aware, to the second), rebuilt from its events alone.

    None when it did not exist yet. Keys are the fields of Notice (but source strings) plus ``withdrawn``, and ``merged_into`` (a
    key) once it was merged into another. Raises NoSuchRow for a key that never existed.
    """
    events = db.query(
        "select type, field, new, at from change where opportunity = ? and at <= ? order by id", [_id_of(db, key), iso(at)]
    )
    record: dict[str, Any] | None = None
    for event in events:
        new: Any = json.loads(event["new"]) if event["new"] is not None else None
        if event["type"] == "created":
            record = record_from_first(new)
        elif record is None:
            continue
        elif event["type"] == "merged" and "into" in new:
            record["merged_into"] = new["into"]
        elif event["type"] == "split":
            record.pop("merged_into", None)
        elif event["field"] in record:
            record[event["field"]] = new
    return record


def last_material(db: Database, opportunity: int, field: str, *, since: datetime) -> list[tuple[str | None, str | None, datetime]]:
    """Material changes of one field since an instant, newest first: (old, new, at)."""
    rows = db.execute(
        "select old, new, at from change where opportunity = ? and field = ? and material = 1 and type != 'created' and at >= ? "
        "order by id desc",
        [opportunity, field, iso(since)],
    ).fetchall()
    return [(old, new, parse_iso(at)) for old, new, at in rows]


def told_types(changes: Sequence[Change]) -> list[str]:
    """The types of the material changes, in order."""
    return [change.type for change in changes if change.material]


def _id_of(db: Database, key: str) -> int:
    row = db.execute("select id from opportunity where key = ?", [key]).fetchone()
    if row is None:
        raise NoSuchRow(f"There is no opportunity '{key}': copy the key from its page's address.")
    return int(row[0])
