"""The rows of a filter for its feeds, the tombstones beside them, and the strings that all forms share."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from store.codec import iso
from store.search import Filter, Row, Viewer, find
from store.search.find import rows_of
from store.search.match import matches

MOST = 200
MOST_DATED = 1000
REMEMBERED = timedelta(days=60)


@dataclass(frozen=True, kw_only=True, slots=True)
class Removed:
    """What was taken back by a curator or joined with another record: its key, when, and the dates that calendars may hold of it
    (``deadlines`` as stored, ``first`` a local day or ""). No word of its text.
    """

    id: int
    key: str
    at: str
    deadlines: tuple[dict[str, Any], ...]
    first: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Harvest:
    """What a feed is made of. ``rows`` in the filter's order; ``gone`` matched before and were cancelled or withdrawn within 60 days;
    ``removed`` was taken back by a curator or joined with another record within 60 days.
    """

    rows: tuple[Row, ...]
    gone: tuple[Row, ...]
    removed: tuple[Removed, ...]

    @property
    def updated(self) -> str:
        """The latest change of anything in the feed; a fixed instant for an empty one."""
        stamps = [row.changed_at for row in (*self.rows, *self.gone)] + [removed.at for removed in self.removed]
        return max(stamps, default="2026-01-01T00:00:00Z")


_REMOVED = """
    select o.id, o.key, max(c.at), o.deadlines, coalesce(o.starts_local, '') from curation c cross join opportunity o on o.id = c.opportunity
    where c.action = 'hide' and c.undone_at is null and o.review = 'hidden' and c.at >= :since and o.embargo_cluster is null
        and (select count(*) from change h where h.opportunity = o.id) > 0
    group by o.key
    union
    select o.id, o.key, max(m.at), o.deadlines, coalesce(o.starts_local, '') from merge_decision m cross join opportunity o on o.id = m.opportunity
    where m.type = 'merge' and m.at >= :since and o.merged_into is not null and o.embargo_cluster is null group by o.key
    order by 3 desc limit 200
"""


# Changes, and decisions of curators with their undoing: each may show, hide or move what a calendar holds.
_VERSIONS = """
    select value, (select count(*) from change where opportunity = value)
        + (select count(*) + count(undone_at) + count(second_at) from curation where opportunity = value)
    from json_each(?)
"""


def harvest(connection: sqlite3.Connection, filter: Filter, viewer: Viewer, now: datetime, *, dated: bool = False) -> Harvest:
    """Everything a feed of ``filter`` holds for ``viewer``. ``dated`` asks for what has dates, soonest first, up to 1,000 of them."""
    wanted = filter.but(size=MOST, new=False)
    if dated:
        wanted = filter.but(size=MOST_DATED, new=False, sort="deadline")
    page = find(connection, wanted, viewer, now)
    since = iso(now - REMEMBERED)
    gone: list[Row] = []
    if filter.status in ("live", "open", "closing", "forthcoming", "rolling"):
        for state in ("cancelled", "withdrawn"):
            found, _, _ = matches(connection, wanted.but(status=state, sort="deadline", within=None), viewer, now, MOST)
            gone += [row for row in rows_of(connection, found, now) if row.changed_at >= since]
    removed = tuple(
        Removed(id=number, key=key, at=at, deadlines=tuple(json.loads(deadlines)), first=first[:10])
        for number, key, at, deadlines, first in connection.execute(_REMOVED, {"since": since})
    )
    return Harvest(rows=page.rows, gone=tuple(gone), removed=removed)


def versions(connection: sqlite3.Connection, ids: list[int]) -> dict[int, int]:
    """What has happened to each opportunity so far, counted: a number that only grows, for calendars (SEQUENCE)."""
    return dict(connection.execute(_VERSIONS, [json.dumps(ids)]))


def page_address(address: str, row: Row) -> str:
    """The page of an item on the site."""
    return f"{address}/opportunity/{row.key}"
