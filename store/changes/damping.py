"""A source that flips between two values makes one material event, not one a crawl.

Going back to a value left within ``WINDOW`` is recorded but not told. When the source then stays with it for ``HOLDS``, it is told
once, as a change from what people were last told. A value never seen before is told at once, flapping or not.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlite_utils import Database

from store import history
from store.changes.diff import diff
from store.changes.meaning import FIELD_TYPES, token
from store.codec import decode, iso
from store.model import Change
from store.records import record_of

WINDOW = timedelta(days=14)
HOLDS = timedelta(days=3)


def damp(db: Database, opportunity: int, changes: Sequence[Change], *, now: datetime) -> tuple[Change, ...]:
    """The changes, those that return to a value left lately marked not material. Inside the caller's transaction."""
    quiet = {
        field: _is_return(db, opportunity, [c for c in changes if c.material and c.field == field], now=now)
        for field in {c.field for c in changes if c.material and c.field and c.field != "withdrawn"}
    }
    return tuple(replace(c, material=False) if c.material and quiet.get(c.field) else c for c in changes)


def settle(db: Database, source: str, *, now: datetime, run: str | None = None) -> int:
    """Tell of values that opportunities of a source have held for ``HOLDS`` after flapping; how many were told."""
    rows = list(
        db.query(
            "select f.opportunity, f.field, f.told, o.record, o.text from flapping f join opportunity o on o.id = f.opportunity "
            "where f.since <= ? and exists (select 1 from notice n where n.opportunity = o.id and n.source = ?)",
            [iso(now - HOLDS), source],
        )
    )
    told = 0
    for row in rows:
        current = record_of(row)
        value = json.loads(row["told"]) if row["told"] is not None else None
        before = replace(current, **{row["field"]: decode(FIELD_TYPES[row["field"]], value)})
        changes = [c for c in diff(before, current, now) if c.material]
        history.append(db, row["opportunity"], changes, run=run)
        if changes:
            db.execute("update opportunity set changed_at = ? where id = ?", [iso(now), row["opportunity"]])
        told += len(changes)
        db.execute("delete from flapping where opportunity = ? and field = ?", [row["opportunity"], row["field"]])
    return told


def _is_return(db: Database, opportunity: int, changes: Sequence[Change], *, now: datetime) -> bool:
    """Whether the change goes back to a value left lately; keeps what later flips must know."""
    change = changes[0]
    field, new = change.field, token(change.field, change.new)
    row = db.execute("select told, seen, flips from flapping where opportunity = ? and field = ?", [opportunity, field]).fetchone()
    if row is not None:
        seen = set(json.loads(row[1]))
        if new in seen:
            db.execute(
                "update flapping set since = ?, flips = flips + 1 where opportunity = ? and field = ?",
                [iso(now), opportunity, field],
            )
            return True
        db.execute("delete from flapping where opportunity = ? and field = ?", [opportunity, field])
        return False
    lately = history.last_material(db, opportunity, field, since=now - WINDOW)
    left = {token(field, old) for old, _, _ in lately}
    if new not in left:
        return False
    told = lately[0][1]
    db.execute(
        "insert into flapping (opportunity, field, told, seen, since, flips) values (?, ?, ?, ?, ?, 1)",
        [opportunity, field, told, json.dumps(sorted(left | {token(field, told)})), iso(now)],
    )
    return True
