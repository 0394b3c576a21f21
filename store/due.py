"""What time alone changes: a next deadline that has passed, an opening that has come. Call both at least hourly."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

from sqlite_utils import Database

from store import history, index
from store.codec import iso
from store.database import writing
from store.model import Change
from store.records import record_of

_NEWLY_OPEN = """
    select o.id, o.opens from opportunity o
    where o.opens between :lately and :now and o.opens > o.first_seen and o.merged_into is null and not o.cancelled and not o.withdrawn
        and not o.over
        and (o.last_deadline is null or o.last_deadline >= :now)
        and not exists (select 1 from change c where c.opportunity = o.id and c.type = 'opened' and c.at >= o.opens)
"""
_LATELY = timedelta(days=60)


def advance_deadlines(db: Database, *, now: datetime) -> int:
    """Move ``next_deadline`` on where it has passed and a later one follows; how many moved."""
    with writing(db):
        rows = list(
            db.query("select id, record, text from opportunity where next_deadline < ? and last_deadline is not null", [iso(now)])
        )
        for row in rows:
            deadlines = [iso(d.utc) for d in record_of(row).deadlines if d.utc is not None]
            coming = min((d for d in deadlines if d >= iso(now)), default=None)
            db.execute("update opportunity set next_deadline = ? where id = ?", [coming, row["id"]])
        index.refresh(db, [row["id"] for row in rows])
    return len(rows)


def announce_openings(db: Database, *, now: datetime, run: str | None = None) -> int:
    """Append ``opened`` for what was forthcoming when it was found and opened within the last 60 days and is not over; how many."""
    with writing(db):
        rows = list(db.query(_NEWLY_OPEN, {"now": iso(now), "lately": iso(now - _LATELY)}))
        for row in rows:
            history.append(db, row["id"], [Change(type="opened", new=json.dumps(row["opens"]), at=now)], run=run)
            db.execute("update opportunity set changed_at = ? where id = ?", [iso(now), row["id"]])
    return len(rows)
