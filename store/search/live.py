"""What can still be used, held in memory as one bit an opportunity: counts of any facet are an AND and a count of bits.

``index.refresh`` logs what it touched (``index_log``); before a question is answered, what was touched since the last one is read
again. Time moves no bit: the opportunities stand by the day on which they end, and the day of now is looked at one by one.
"""

from __future__ import annotations

import heapq
import json
import re
import sqlite3
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from sys import intern
from typing import Any

from store.codec import parse_iso
from store.groups import ROLE_BITS, reach
from store.search.filter import Filter

FACETS = ("audience", "kind", "sector", "country", "role", "language", "source", "state")
PATIENCE = timedelta(seconds=5)  # of a question whose now is a little older than the one before it, in another thread
_HELD = 4  # files at once
_KEPT = 100  # bits of instants
_ALL = "select opportunity, audience, kind, language, source, opens, spans, sectors, countries, amount from listing where ends >= ?"
_SOME = _ALL + " and opportunity in (select value from json_each(?))"  # noqa: S608
_LOG = "select (select min(id) from index_log), (select max(id) from index_log)"
_NOT_ZERO = re.compile(rb"[^\0]")


class Live:
    """The bits of one file. Every method but ``brought_up`` wants the lock of ``held`` and tells of the instant brought up to."""

    def __init__(self) -> None:
        self.log = -1
        self.now = ""
        self._clear()

    def _clear(self) -> None:
        self.places: dict[int, int] = {}
        self.free: list[int] = []
        self.ends: list[str] = []  # by place; "" where nobody stands
        self.opens: list[str] = []
        self.sources: list[str] = []
        self.amounts: list[float] = []
        self.numbers: list[int] = []
        self.bits: dict[str, dict[str, int]] = {facet: {} for facet in FACETS}
        self.days: dict[str, set[int]] = {}
        self.opening: dict[int, str] = {}
        self.later: dict[int, list[tuple[str, str]]] = {}  # the (until, state) that follow upon the present one
        self.turns: list[tuple[str, int]] = []
        self._forget()

    def _forget(self) -> None:
        """What was computed from the bits and is not true any more."""
        self._of_day: dict[str, int] = {}
        self._kept: dict[tuple[str, str], int] = {}

    def brought_up(self, connection: sqlite3.Connection, now: str) -> None:
        """Take in what was written since the last question, and the time that has passed."""
        if self.log < 0 or (now < self.now and parse_iso(self.now) - parse_iso(now) > PATIENCE):
            self._load(connection, now)
        first, last = connection.execute(_LOG).fetchone()
        if (last or 0) < self.log or (first is not None and first > self.log + 1):
            self._load(connection, now)
        elif last is not None and last > self.log:
            touched = [row[0] for row in connection.execute("select distinct opportunity from index_log where id > ?", [self.log])]
            self.log = last
            self._take(touched)
            at = max(now, self.now)
            self._put(connection.execute(_SOME, [at, json.dumps(touched)]), at)
        if now > self.now:
            self._pass_to(now)

    def _load(self, connection: sqlite3.Connection, now: str) -> None:
        self._clear()
        self.log = connection.execute(_LOG).fetchone()[1] or 0  # before the rows: what comes between is read twice
        self.now = now
        self._put(connection.execute(_ALL + " order by +opportunity", [now]), now)

    def _put(self, rows: Iterable[Sequence[Any]], now: str) -> None:
        new: dict[tuple[str, str], list[int]] = {}
        for opportunity, audience, kind, language, source, opens, spans, sectors, countries, amount in rows:
            coming = [(until, state) for _, until, _, state in json.loads(spans) if until >= now]
            place = self._place(opportunity)
            until, state = coming[0]
            self.ends[place], self.opens[place] = intern(until), intern(opens)
            self.sources[place] = intern(source)
            self.amounts[place], self.numbers[place] = amount or 0.0, opportunity
            self.days.setdefault(until[:10], set()).add(place)
            if opens > now:
                self.opening[place] = opens
            if len(coming) > 1:
                self.later[place] = coming[1:]
                heapq.heappush(self.turns, (until, place))
            keys = [("audience", audience), ("kind", kind), ("language", language), ("source", source), ("state", state)]
            for key in (*keys, *_of_sectors(sectors), *_of_countries(countries)):
                new.setdefault(key, []).append(place)
        for (facet, value), places in new.items():
            held = self.bits[facet]
            held[value] = held.get(value, 0) | self._mask(places)
        self._forget()

    def _place(self, opportunity: int) -> int:
        if self.free:
            place = self.free.pop()
        else:
            place = len(self.ends)
            for column in (self.ends, self.opens, self.sources):
                column.append("")
            self.amounts.append(0.0)
            self.numbers.append(0)
        self.places[opportunity] = place
        return place

    def _take(self, opportunities: Iterable[int]) -> None:
        gone = [place for number in opportunities if (place := self.places.pop(number, None)) is not None]
        for place in gone:
            self.days[self.ends[place][:10]].discard(place)
            self.ends[place] = ""
            self.opening.pop(place, None)
            self.later.pop(place, None)
        self.free += gone
        self._keep_only(~self._mask(gone), gone)

    def _keep_only(self, kept: int, gone: Sequence[int]) -> None:
        if gone:
            for held in self.bits.values():
                for value, bits in held.items():
                    held[value] = bits & kept
            self._forget()

    def _pass_to(self, now: str) -> None:
        """Let the next cut-off take the place of one that has passed, and drop what ended on a day before this one."""
        while self.turns and self.turns[0][0] < now:
            until, place = heapq.heappop(self.turns)
            if self.ends[place] == until and place in self.later:
                self._turn(place, until)
        if now[:10] != self.now[:10]:
            over = {place for day, places in self.days.items() if day < now[:10] for place in places}
            self._take([number for number, place in self.places.items() if place in over])
            self.days = {day: places for day, places in self.days.items() if day >= now[:10]}
        self.now = now

    def _turn(self, place: int, until: str) -> None:
        (following, state), *rest = self.later.pop(place)
        self.days[until[:10]].discard(place)
        self.days.setdefault(following[:10], set()).add(place)
        self.ends[place] = following
        one = 1 << place
        states = self.bits["state"]
        for word, bits in states.items():
            states[word] = bits & ~one
        states[state] = states.get(state, 0) | one
        if rest:
            self.later[place] = rest
            heapq.heappush(self.turns, (following, place))
        self._forget()

    # Questions

    def value(self, facet: str, *values: str) -> int:
        """The bits of any of these values."""
        out = 0
        for one in values:
            out |= self.bits[facet].get(one, 0)
        return out

    def chosen(self, filter: Filter) -> dict[str, int]:
        """The bits of what has the values that the filter chose, a facet each; all bits where it chose none."""
        bits = {
            facet: self.value(name, *values) if (values := getattr(filter, facet)) else -1
            for facet, name in (
                ("kinds", "kind"),
                ("sectors", "sector"),
                ("countries", "country"),
                ("languages", "language"),
                ("sources", "source"),
            )
        }
        if filter.countries and filter.roles:
            bits["countries"] = self.value("role", *(country + role for country in filter.countries for role in filter.roles))
        return bits

    def ended_by(self, instant: str) -> int:
        """The bits of what ends at ``instant`` or before it."""
        return self._once("ended", instant, lambda: self._before(instant[:10]) | self._on(instant[:10], lambda end: end <= instant))

    def usable(self, now: str) -> int:
        """The bits of what has not ended at ``now``."""
        whole = (1 << len(self.ends)) - 1
        past = self._once("past", now, lambda: self._before(now[:10]) | self._on(now[:10], lambda end: end < now))
        return whole & ~past

    def forthcoming(self, now: str) -> int:
        """The bits of what opens after ``now``."""
        return self._once("opening", now, lambda: self._mask([p for p, opens in self.opening.items() if opens > now]))

    def of(self, opportunities: Iterable[int]) -> int:
        """The bits of those of these opportunities that can still be used."""
        return self._mask(self.places[number] for number in opportunities if number in self.places)

    def worth(self, least: int) -> int:
        """The bits of what is worth ``least`` or more, as published."""
        return self._once("worth", str(least), lambda: self._mask(p for p, amount in enumerate(self.amounts) if amount >= least))

    def arrived(self, first: int) -> int:
        """The bits of what has this number or a greater one."""
        return self._once("arrived", str(first), lambda: self._mask(p for p, number in enumerate(self.numbers) if number >= first))

    def newest(self, bits: int, most: int) -> list[int]:
        """The opportunities of the last ``most`` of these bits: the newest, but for some that took the place of what has ended."""
        out: list[int] = []
        while bits and len(out) < most:
            place = bits.bit_length() - 1
            bits ^= 1 << place
            out.append(self.numbers[place])
        return out

    def standing(self, bits: int) -> list[int]:
        """The places of these bits."""
        size = (bits.bit_length() + 7) // 8
        out: list[int] = []
        for found in _NOT_ZERO.finditer(bits.to_bytes(size, "little")):
            byte, start = found.group()[0], found.start() * 8
            out += [start + n for n in range(8) if byte >> n & 1]
        return out

    def standing_numbers(self, bits: int) -> list[int]:
        """The opportunities of these bits."""
        return [self.numbers[place] for place in self.standing(bits)]

    def _before(self, day: str) -> int:
        def made() -> int:
            out = 0
            for other in self.days:
                if other < day:
                    if other not in self._of_day:
                        self._of_day[other] = self._mask(self.days[other])
                    out |= self._of_day[other]
            return out

        return self._once("before", day, made)

    def _on(self, day: str, passes: Callable[[str], bool]) -> int:
        return self._mask([place for place in self.days.get(day, ()) if passes(self.ends[place])])

    def _once(self, name: str, of: str, make: Callable[[], int]) -> int:
        found = self._kept.get((name, of))
        if found is None:
            if len(self._kept) > _KEPT:
                self._kept.clear()
            found = self._kept[name, of] = make()
        return found

    def _mask(self, places: Iterable[int]) -> int:
        held = bytearray(len(self.ends) // 8 + 1)
        for place in places:
            held[place >> 3] |= 1 << (place & 7)
        return int.from_bytes(held, "little")


@lru_cache(maxsize=2000)
def _of_sectors(sectors: str) -> tuple[tuple[str, str], ...]:
    return tuple(("sector", sector) for sector in json.loads(sectors))


@lru_cache(maxsize=5000)
def _of_countries(countries: str) -> tuple[tuple[str, str], ...]:
    out = []
    for country, roles in reach(json.loads(countries)).items():
        out.append(("country", country))
        out += [("role", country + role) for role, bit in ROLE_BITS.items() if roles & bit]
    return tuple(out)


_lives: OrderedDict[tuple[str, int, int], tuple[threading.Lock, Live]] = OrderedDict()
_lock = threading.Lock()


def held(connection: sqlite3.Connection) -> tuple[threading.Lock, Live]:
    """The bits of the connection's file, shared by the threads of this process, and the lock to hold while they are asked."""
    path = next(row[2] for row in connection.execute("pragma database_list") if row[1] == "main")
    if not path:
        return threading.Lock(), Live()  # a database in memory: nothing that others could share
    there = Path(path).stat()
    key = (path, there.st_dev, there.st_ino)
    with _lock:
        found = _lives.setdefault(key, (threading.Lock(), Live()))
        _lives.move_to_end(key)
        while len(_lives) > _HELD:
            _lives.popitem(last=False)
    return found
