"""Who asks and when: what every question of a list binds, and what it finds."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from store.codec import iso
from store.groups import ROLE_BITS
from store.index import NEVER, OPEN_END
from store.search.filter import Filter
from store.status import CLOSING_DAYS

LIVING = ("live", "open", "closing", "forthcoming", "rolling")
Asked = dict[tuple[str, int], list[int]]  # what the full text answered to (expression, how many) while one page is made
FAR_PAST, FAR_FUTURE = "", "~"


@dataclass(frozen=True, kw_only=True, slots=True)
class Viewer:
    """Who looks: ``cluster`` opens that cluster's embargoed items; ``since`` (ISO instant or "") is the visit before this one."""

    cluster: str = ""
    since: str = ""

    @property
    def audiences(self) -> tuple[str, ...]:
        """The audiences whose rows this viewer may see."""
        return ("", self.cluster) if self.cluster else ("",)


@dataclass(frozen=True, slots=True)
class Match:
    """One opportunity that passed, with the row that is current now."""

    opportunity: int
    until: str
    state: str
    opens: str
    published: str
    kind: str

    def status(self, now: str, soon: str) -> str:
        """The word for its state at ``now`` (ISO instant), the rule of ``store/status.py``."""
        if self.state in ("cancelled", "withdrawn"):
            return self.state
        if self.opens > now:
            return "forthcoming"
        if self.until < now:
            return "closed"
        if self.state == "rolling":
            return "rolling"
        return "closing" if self.state == "dated" and self.until <= soon else "open"


def binds(filter: Filter, viewer: Viewer, now: datetime, connection: sqlite3.Connection) -> dict[str, Any]:
    """The named values that the statements of this module bind for a filter at ``now`` (aware)."""
    at, soon = iso(now), iso(now + timedelta(days=CLOSING_DAYS))
    low, high = {
        "live": (at, FAR_FUTURE),
        "closed": (NEVER + "~", at),
        "cancelled": (NEVER, NEVER),
        "withdrawn": (NEVER, NEVER),
        "rolling": (OPEN_END, OPEN_END),
        "closing": (at, soon),
        "open": (at, FAR_FUTURE),
        "forthcoming": (at, FAR_FUTURE),
    }.get(filter.status, (FAR_PAST, FAR_FUTURE))
    if filter.within is not None:
        low, high = max(low, at), min(high, iso(now + timedelta(days=filter.within)))
    if filter.between is not None:
        low, high = max(low, filter.between[0]), min(high, filter.between[1])
    since, floor = first_new(connection, viewer.since) if filter.new else (0, FAR_PAST)
    return {
        "now": at,
        "soon": soon,
        "low": low,
        "high": high,
        "status": filter.status,
        "kinds": json.dumps(filter.kinds) if filter.kinds else None,
        "roles": sum(ROLE_BITS[role] for role in filter.roles) if filter.countries else 0,
        "languages": json.dumps(filter.languages) if filter.languages else None,
        "sources": json.dumps(filter.sources) if filter.sources else None,
        "budget": filter.budget,
        "since": since,
        "floor": floor,
    }


def first_new(connection: sqlite3.Connection, since: str) -> tuple[int, str]:
    """The id of the first opportunity that came after the instant ``since`` (ids grow as things arrive), and the oldest day of
    publication among them. A huge id when nothing came.
    """
    if not since:
        return 0, FAR_PAST
    row = connection.execute("select min(opportunity), min(published) from listing where seen > ?", [since]).fetchone()
    return (int(row[0]), str(row[1])) if row[0] is not None else (2**62, FAR_FUTURE)


def current(number: int, spans: str, opens: str, published: str, kind: str, now: str) -> Match:
    """The match of a listing with the span that is current at ``now`` (ISO instant)."""
    _, until, _, state = next(
        (span for span in json.loads(spans) if span[0] < now and (span[1] >= now or span[2])), ("", NEVER, 1, "withdrawn")
    )
    return Match(number, until, state, opens, published, kind)
