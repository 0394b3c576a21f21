"""The only writer of ``held``: values that a doubted run read and that must not be published before somebody, or a healthy run, says so."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from sqlite_utils import Database

from store import notices
from store.codec import compact, iso, notice_from_json, storable
from store.database import writing
from store.model import Notice


def keep(db: Database, run: str | None, held: Iterable[tuple[Notice, str]], *, now: datetime) -> int:
    """Keep notices with the reason why each is held back; the newest form of each counts. Their number."""
    rows = [
        (notice.source, storable(notice.source_id), run, iso(now), iso(now), reason, storable(compact(notice)))
        for notice, reason in held
    ]
    if rows:
        with writing(db):
            db.conn.executemany(
                "insert into held (source, source_id, run, first_at, at, reason, payload) values (?, ?, ?, ?, ?, ?, ?) "
                "on conflict (source, source_id) do update set run = excluded.run, at = excluded.at, reason = excluded.reason, "
                "payload = excluded.payload",
                rows,
            )
    return len(rows)


def drop(db: Database, source: str, ids: Collection[str] | None = None) -> int:
    """Forget what is held of a source (of these ids when given): a healthy reading took its place. The number of rows."""
    if db.execute("select 1 from held where source = ? limit 1", [source]).fetchone() is None:
        return 0
    with writing(db):
        if ids is None:
            return db.execute("delete from held where source = ?", [source]).rowcount
        return db.execute(
            "delete from held where source = ? and source_id in (select value from json_each(?))", [source, json.dumps(list(ids))]
        ).rowcount


def counts(db: Database) -> Mapping[str, int]:
    """How many values each source has held back; sources without any are left out."""
    return {str(row[0]): int(row[1]) for row in db.execute("select source, count(*) from held group by source order by source")}


def reasons(db: Database, source: str) -> Mapping[str, int]:
    """Why values of a source are held back, with how many for each reason."""
    rows = db.execute("select reason, count(*) from held where source = ? group by reason order by 2 desc, 1", [source])
    return {str(row[0]): int(row[1]) for row in rows}


def release(db: Database, source: str, *, now: datetime, source_trust: str = "page", publish: str = "auto") -> notices.Applied:
    """Publish what is held back of a source, because a person found it right; in one transaction."""
    with writing(db):
        found = [notice_from_json(row[0]) for row in db.execute("select payload from held where source = ?", [source])]
        done = notices.apply(db, None, found, now=now, source_trust=source_trust, publish=publish)
        drop(db, source)
    return done
