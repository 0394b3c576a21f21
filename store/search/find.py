"""A page of the list: what a card shows of each match, read in one question after the matches are known."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache, lru_cache
from typing import Any, NamedTuple

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


class Row(NamedTuple):
    """What a list shows of one opportunity. ``summary`` is the publisher's, or the first sentences of the text when there is none. ``until`` is the next end (ISO instant) or "" when nothing ends; ``deadline`` the stored
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


# The columns of ``Row`` in their order, but for what ``_row`` adds between them.
_CARDS = """
    select o.id, o.key, o.kind, o.title, o.summary = '' and o.text <> '', substr(iif(o.summary <> '', o.summary, o.text), 1, 420), coalesce(o.published, ''), o.changed_at, o.first_seen,
        coalesce(o.opens, ''), coalesce(o.starts, ''), coalesce(o.ends, ''), coalesce(o.starts_local, ''), coalesce(o.ends_local, ''),
        o.zone, o.venue, o.city, o.venue_country, o.organiser, o.programme, o.source, o.language, o.url, o.amount_min, o.amount_max,
        o.currency, l.sectors, l.countries, o.online, o.pinned, l.audience, o.flags, o.deadlines
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
    *told, sectors, countries, online, pinned, audience, flags, stored = card
    if told.pop(4):
        told[4] = first_sentences(told[4])
    deadlines: list[dict[str, Any]] = json.loads(stored) if stored != "[]" else []
    until = "" if match.until in (NEVER, OPEN_END, LONG_OVER) else match.until
    deadline = next((d for d in deadlines if until and d.get("utc") == until), None)
    if not until and status in ("cancelled", "withdrawn"):
        deadline = deadlines[0] if deadlines else None
    said = tuple(json.loads(flags)) if flags != "[]" else ()
    tags = _sectors(sectors), _countries(countries)
    return Row._make(
        (*told[:5], status, until, deadline, *told[5:17], online == 1, *told[17:], *tags, pinned == 1, audience != "", said)
    )


def first_sentences(text: str) -> str:
    """The sentences that end within ``text``, which was cut at ``SUMMARY`` characters, on one line; cut at a word when the first is longer."""
    line = " ".join(text.split())
    if len(text) < SUMMARY:
        return line
    ends = [found.end() for found in _SENTENCE.finditer(line)]
    return line[: ends[-1]] if ends else line.rpartition(" ")[0] + " …"


_SENTENCE = re.compile(r"(?<=\w{3})[.!?…。](?=\s)")


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
