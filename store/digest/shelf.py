"""All that a digest may choose from, in memory once for all readers: one bit an opportunity, one bitmap (an int) a tag.

A wish is then a few ANDs and ORs of integers, whatever the number of opportunities; rows are read only for what is shown.
Positions are in order of date, so that what closes in a window is a range of bits, and counting up is going from near to far.
"""

from __future__ import annotations

import json
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache, lru_cache
from operator import itemgetter
from pathlib import Path
from typing import NamedTuple

import numpy as np
from sqlite_utils import Database

from store.codec import iso
from store.groups import HOME, ROLE_BITS

SECTIONS = Path(__file__).parent / "sections"
# News and studies that nobody was told of by then are no news any more.
NEWS_DAYS = 60
_EVERY_ROLE = "*"


@dataclass(kw_only=True, slots=True)
class Shelf:
    """Opportunities by position 0..n-1 (ordered by date, then by key) and the bitmaps over those positions.

    ``bits`` maps (facet, value) to a bitmap: ``sector``, ``kind``, ``language``, ``audience`` ("" = everybody), ``home`` (where a call counts
    as open to without words), ``amount`` ("said") and ``country`` with ``CODE:role`` (``CODE:*`` = any role but mentioned). ``dates`` are UTC texts of
    what one has to hurry for (the deadline, else the first day of a fair or event), ``9999`` for nothing. ``words`` are filled by ``find_words``.
    """

    now: datetime
    ids: Sequence[int] = ()
    keys: Sequence[str] = ()
    dates: Sequence[str] = ()
    amounts: Sequence[float | None] = ()
    bits: dict[tuple[str, str], int] = field(default_factory=dict)
    position: dict[str, int] = field(default_factory=dict)
    by_id: dict[int, int] = field(default_factory=dict)
    words: dict[str, int] = field(default_factory=dict)

    @property
    def all(self) -> int:
        """The bitmap of every position."""
        return (1 << len(self.ids)) - 1

    def of(self, facet: str, values: Iterable[str]) -> int:
        """The positions that carry any of the values."""
        found = 0
        for value in values:
            found |= self.bits.get((facet, value), 0)
        return found

    def dated(self, first: str, last: str) -> int:
        """The positions whose date lies between two UTC texts, both included."""
        low, high = bisect_left(self.dates, first), bisect_right(self.dates, last)
        return (1 << high) - (1 << low) if low < high else 0

    def at(self, keys: Iterable[str]) -> int:
        """The positions of the given public keys; keys that are not on the shelf are passed over."""
        return bitmap((self.position[key] for key in keys if key in self.position), len(self.ids))


def load_shelf(db: Database, *, now: datetime) -> Shelf:
    """Read the shelf as it stands at ``now``: visible, not over, whoever may see it (see ``audience``)."""
    binds = {"now": iso(now), "floor": iso(now - timedelta(days=NEWS_DAYS))}
    rows = sorted(map(_Row._make, db.execute(statement("shelf"), binds)), key=lambda row: (_date(row, binds["now"]), row.key))
    found: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
    for n, row in enumerate(rows):
        found["kind", row.kind].append(n)
        found["language", row.language].append(n)
        found["audience", row.audience].append(n)
        if row.amount is not None:
            found["amount", "said"].append(n)
        for tag in (*_sector_tags(row.sectors), *_country_tags(row.countries)):
            found[tag].append(n)
    return Shelf(
        now=now,
        ids=[row.id for row in rows],
        keys=[row.key for row in rows],
        dates=[_date(row, binds["now"]) for row in rows],
        amounts=[row.amount for row in rows],
        bits={name: bitmap(places, len(rows)) for name, places in found.items()},
        position={row.key: n for n, row in enumerate(rows)},
        by_id={row.id: n for n, row in enumerate(rows)},
    )


def find_words(db: Database, shelf: Shelf, phrases: Iterable[str]) -> None:
    """Add to ``shelf.words`` the bitmap of each phrase that is not there yet: its words side by side in title, summary or text."""
    for phrase in sorted(set(phrases) - shelf.words.keys()):
        quoted = '"' + phrase.replace('"', " ") + '"'
        rows = db.execute("select rowid from opportunity_fts where opportunity_fts match ?", ["{title summary text}: " + quoted])
        hits = shelf.by_id.keys() & map(itemgetter(0), rows)
        shelf.words[phrase] = bitmap((shelf.by_id[id_] for id_ in hits), len(shelf.ids))


def bitmap(positions: Iterable[int], size: int) -> int:
    """An int whose bit i is set for each position i (0 <= i < size)."""
    places = np.zeros(size, dtype=np.bool_)
    places[np.fromiter(positions, dtype=np.intp)] = True
    return int.from_bytes(np.packbits(places, bitorder="little").tobytes(), "little")


def positions(bits: int) -> list[int]:
    """The positions of the set bits, ascending."""
    raw = np.frombuffer(bits.to_bytes(bits.bit_length() // 8 + 1, "little"), dtype=np.uint8)
    found: list[int] = np.flatnonzero(np.unpackbits(raw, bitorder="little")).tolist()
    return found


@cache
def statement(name: str) -> str:
    """The text of ``sections/<name>.sql``."""
    return (SECTIONS / f"{name}.sql").read_text(encoding="utf-8")


class _Row(NamedTuple):
    """A row of ``sections/shelf.sql``."""

    id: int
    key: str
    audience: str
    kind: str
    language: str
    starts: str
    deadline: str
    spans: str
    sectors: str
    countries: str
    amount: float | None


def _date(row: _Row, now: str) -> str:
    deadline = row.deadline
    if row.spans:
        deadline = next((until for _, until, _, state in json.loads(row.spans) if state == "dated" and until >= now), "")
    return deadline or (row.starts if row.kind in ("fair", "event") else "") or "9999"


@lru_cache(maxsize=65536)
def _sector_tags(text: str) -> tuple[tuple[str, str], ...]:
    return tuple(("sector", sector) for sector in json.loads(text))


@lru_cache(maxsize=65536)
def _country_tags(text: str) -> tuple[tuple[str, str], ...]:
    roles_of: dict[str, int] = json.loads(text)
    named = [("country", f"{code}:{name}") for code, roles in roles_of.items() for name in _roles(roles)]
    return (*named, *(("home", code) for code, roles in roles_of.items() if roles & HOME))


@cache
def _roles(bits: int) -> tuple[str, ...]:
    named = tuple(role for role, bit in ROLE_BITS.items() if bits & bit)
    return (*named, _EVERY_ROLE) if bits & ~(ROLE_BITS["mentioned"] | HOME) else named
