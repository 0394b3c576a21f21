"""A page of the list: what a card shows of each match, read in one question after the matches are known."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache, lru_cache
from typing import Any

from store.codec import iso
from store.groups import HOME, ROLE_BITS
from store.index import LONG_OVER, NEVER, OPEN_END
from store.model import ROLES
from store.search.filter import Filter
from store.search.match import matches
from store.search.question import Asked, Match, Viewer
from store.status import CLOSING_DAYS

__all__ = ["Page", "Row", "Viewer", "find", "rows_of"]

SUMMARY = 420


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """What a list shows of one opportunity. ``until`` is the next end (ISO instant) or "" when nothing ends; ``deadline`` the stored
    deadline that gives it, or None (a fair ends with its dates). ``countries`` are (code, roles). Local times carry no offset.
    """

    id: int
    key: str
    kind: str
    title: str
    summary: str
    status: str
    until: str
    deadline: dict[str, Any] | None
    published: str
    changed_at: str
    first_seen: str
    opens: str
    starts: str
    ends: str
    starts_local: str
    ends_local: str
    zone: str
    venue: str
    city: str
    venue_country: str
    online: bool
    organiser: str
    programme: str
    source: str
    language: str
    url: str
    amount_min: float | None
    amount_max: float | None
    currency: str
    sectors: tuple[str, ...]
    countries: tuple[tuple[str, tuple[str, ...]], ...]
    pinned: bool
    embargoed: bool
    flags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list. ``next`` is the cursor of the following page ("" at the end); ``clipped`` says that the words had too many
    hits to put all in order, so that only the newest of them were.
    """

    rows: tuple[Row, ...]
    next: str
    clipped: bool = False


_CARDS = """
    select o.id, o.key, o.kind, o.title, substr(o.summary, 1, 420), o.published, o.changed_at, o.first_seen, o.opens, o.starts, o.ends,
        o.starts_local, o.ends_local, o.zone, o.venue, o.city, o.venue_country, o.online, o.organiser, o.programme, o.source,
        o.language, o.url, o.amount_min, o.amount_max, o.currency, o.deadlines, o.pinned, o.flags, l.sectors, l.countries, l.audience
    from opportunity o join listing l on l.opportunity = o.id
    where o.id in (select value from json_each(?))
"""


def find(connection: sqlite3.Connection, filter: Filter, viewer: Viewer, now: datetime, asked: Asked | None = None) -> Page:
    """The page of the list that ``filter`` asks for, as ``viewer`` may see it at ``now`` (aware). Reads only.

    A dict given as ``asked`` keeps what the full text said, for ``counts`` of the same moment.
    """
    found, cursor, clipped = matches(connection, filter, viewer, now, filter.size, asked)
    return Page(tuple(rows_of(connection, found, now)), cursor, clipped)


def rows_of(connection: sqlite3.Connection, found: Sequence[Match], now: datetime) -> list[Row]:
    """The rows of these matches, in their order."""
    at, soon = iso(now), iso(now + timedelta(days=CLOSING_DAYS))
    cards = {card[0]: card for card in connection.execute(_CARDS, [json.dumps([m.opportunity for m in found])])}
    return [_row(cards[m.opportunity], m, m.status(at, soon)) for m in found if m.opportunity in cards]


def _row(card: tuple[Any, ...], match: Match, status: str) -> Row:
    deadlines: list[dict[str, Any]] = json.loads(card[26])
    until = "" if match.until in (NEVER, OPEN_END, LONG_OVER) else match.until
    deadline = next((d for d in deadlines if until and d.get("utc") == until), None)
    if not until and status in ("cancelled", "withdrawn"):
        deadline = deadlines[0] if deadlines else None
    return Row(
        id=card[0],
        key=card[1],
        kind=card[2],
        title=card[3],
        summary=card[4],
        status=status,
        until=until,
        deadline=deadline,
        published=card[5] or "",
        changed_at=card[6],
        first_seen=card[7],
        opens=card[8] or "",
        starts=card[9] or "",
        ends=card[10] or "",
        starts_local=card[11] or "",
        ends_local=card[12] or "",
        zone=card[13],
        venue=card[14],
        city=card[15],
        venue_country=card[16],
        online=bool(card[17]),
        organiser=card[18],
        programme=card[19],
        source=card[20],
        language=card[21],
        url=card[22],
        amount_min=card[23],
        amount_max=card[24],
        currency=card[25],
        sectors=_sectors(card[29]),
        countries=_countries(card[30]),
        pinned=bool(card[27]),
        embargoed=bool(card[31]),
        flags=tuple(json.loads(card[28])) if card[28] != "[]" else (),
    )


@lru_cache(maxsize=4096)
def _sectors(told: str) -> tuple[str, ...]:
    return tuple(json.loads(told))


@lru_cache(maxsize=4096)
def _countries(told: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    return tuple((code, roles_of(bits)) for code, bits in json.loads(told).items() if bits != HOME)


@cache
def roles_of(bits: int) -> tuple[str, ...]:
    """The role words of a bit set of ``find.roles``."""
    return tuple(role for role in ROLES if bits & ROLE_BITS[role])
