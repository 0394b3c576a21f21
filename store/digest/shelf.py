"""All that a digest may choose from, in memory once for all readers: one bit an opportunity, one bitmap (an int) a tag.

A wish is then a few ANDs and ORs of integers, whatever the number of opportunities; rows are read only for what is shown.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from store.codec import iso
from store.groups import HOME, ROLE_BITS

SECTIONS = Path(__file__).parent / "sections"
# News and studies that nobody was told of by then are no news any more.
NEWS_DAYS = 60
_EVERY_ROLE = "*"


@dataclass(kw_only=True, slots=True)
class Shelf:
    """Opportunities by position 0..n-1 (ordered by id) and the bitmaps over those positions.

    ``bits`` maps (facet, value) to a bitmap: ``sector``, ``kind``, ``language``, ``audience`` ("" = everybody), ``home`` (where a call counts
    as open to without words) and ``country`` with ``CODE:role`` (``CODE:*`` = any role but mentioned). ``deadlines`` are UTC texts, "" for none;
    ``dates`` are what one has to hurry for (the deadline, else the first day of a fair or event), ``9999`` for nothing.
    """

    now: datetime
    ids: Sequence[int] = ()
    keys: Sequence[str] = ()
    kinds: Sequence[str] = ()
    seen: Sequence[str] = ()
    starts: Sequence[str] = ()
    deadlines: Sequence[str] = ()
    amounts: Sequence[float | None] = ()
    sectors: Sequence[str] = ()
    bits: dict[tuple[str, str], int] = field(default_factory=dict)
    position: dict[str, int] = field(default_factory=dict)
    by_id: dict[int, int] = field(default_factory=dict)
    words: dict[str, int] = field(default_factory=dict)
    dates: Sequence[str] = ()
    windows: dict[tuple[str, str], int] = field(default_factory=dict)

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
        """The positions whose date lies between two UTC texts, both included; each window is found once."""
        window = (first, last)
        if window not in self.windows:
            self.windows[window] = bitmap((i for i, date in enumerate(self.dates) if first <= date <= last), len(self.ids))
        return self.windows[window]

    def at(self, keys: Iterable[str]) -> int:
        """The positions of the given public keys; keys that are not on the shelf are passed over."""
        return bitmap((self.position[key] for key in keys if key in self.position), len(self.ids))


def load_shelf(db: Database, *, now: datetime) -> Shelf:
    """Read the shelf as it stands at ``now``: visible, not over, whoever may see it (see ``audience``)."""
    binds = {"now": iso(now), "floor": iso(now - timedelta(days=NEWS_DAYS))}
    found: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
    columns: list[list[Any]] = [[] for _ in range(8)]
    read = cache(json.loads)
    n = 0
    for id_, key, audience, kind, language, seen, _, starts, deadline, spans, sectors, countries, amount in db.execute(
        statement("shelf"), binds
    ):
        if spans:
            deadline = next((until for _, until, _, state in json.loads(spans) if state == "dated" and until >= binds["now"]), "")
        for column, value in zip(columns, (id_, key, kind, seen, starts, deadline, amount, sectors), strict=True):
            column.append(value)
        found["kind", kind].append(n)
        found["language", language].append(n)
        found["audience", audience].append(n)
        for sector in read(sectors):
            found["sector", sector].append(n)
        for code, roles in read(countries).items():
            for name in _roles(roles):
                found["country", f"{code}:{name}"].append(n)
            if roles & HOME:
                found["home", code].append(n)
        n += 1
    ids, keys, kinds, seens, starting, deadlines, amounts, tags = columns
    shelf = Shelf(
        now=now,
        ids=ids,
        keys=keys,
        kinds=kinds,
        seen=seens,
        starts=starting,
        deadlines=deadlines,
        amounts=amounts,
        sectors=tags,
    )
    shelf.dates = [
        deadline or (start if kind in ("fair", "event") else "") or "9999"
        for kind, deadline, start in zip(kinds, deadlines, starting, strict=True)
    ]
    shelf.bits = {name: bitmap(positions, n) for name, positions in found.items()}
    shelf.position = {str(key): i for i, key in enumerate(keys)}
    shelf.by_id = {int(id_): i for i, id_ in enumerate(ids)}
    return shelf


def find_words(db: Database, shelf: Shelf, phrases: Iterable[str]) -> None:
    """Add to ``shelf.words`` the bitmap of each phrase that is not there yet: its words side by side in title, summary or text."""
    for phrase in sorted(set(phrases) - shelf.words.keys()):
        quoted = '"' + phrase.replace('"', " ") + '"'
        rows = db.execute("select rowid from opportunity_fts where opportunity_fts match ?", ["{title summary text}: " + quoted])
        shelf.words[phrase] = bitmap((shelf.by_id[row[0]] for row in rows if row[0] in shelf.by_id), len(shelf.ids))


def bitmap(positions: Iterable[int], size: int) -> int:
    """An int whose bit i is set for each position i (0 <= i < size)."""
    raw = bytearray(size // 8 + 1)
    for i in positions:
        raw[i >> 3] |= 1 << (i & 7)
    return int.from_bytes(raw, "little")


def positions(bits: int) -> Iterator[int]:
    """The positions of the set bits, ascending."""
    raw = bits.to_bytes(bits.bit_length() // 8 + 1, "little")
    for base, byte in enumerate(raw):
        if byte:
            for low in _BITS[byte]:
                yield base * 8 + low


@cache
def statement(name: str) -> str:
    """The text of ``sections/<name>.sql``."""
    return (SECTIONS / f"{name}.sql").read_text(encoding="utf-8")


@cache
def _roles(bits: int) -> tuple[str, ...]:
    named = tuple(role for role, bit in ROLE_BITS.items() if bits & bit)
    return (*named, _EVERY_ROLE) if bits & ~(ROLE_BITS["mentioned"] | HOME) else named


_BITS = tuple(tuple(i for i in range(8) if byte >> i & 1) for byte in range(256))
