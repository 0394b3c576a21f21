"""``python -m tests.crawlers.cadence_score [SOURCES [DAYS [SEED]]]``: adaptive polling against a fixed daily poll, on an invented world.

A third of the sources publish at a set hour of working days, a third somewhere in office hours, the rest once a week, now and then,
or round the clock; how much they publish is spread as in life, few sources much. Half of them say the hour at which a thing was
published, the others must be learned from what each poll found.
"""

from __future__ import annotations

import sys
from bisect import bisect_right
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from random import Random
from statistics import median
from zoneinfo import ZoneInfo

from crawlers.cadence import next_due
from crawlers.source import Source
from store.model import Run
from tests.crawlers.web import declare

START = datetime(2026, 3, 2, tzinfo=UTC)
ZONES = ("Europe/Lisbon", "Europe/Paris", "Europe/Warsaw", "Europe/Athens", "America/New_York")
MIX = ("set-hour", "office", "set-hour", "office", "weekly", "rare", "office", "set-hour", "rare", "any-time", "office", "rare")


@dataclass(frozen=True)
class World:
    """One invented source: how it publishes, whether it says when, and all instants of publication, in order."""

    source: Source
    pattern: str
    says_when: bool
    items: tuple[datetime, ...]


@dataclass(frozen=True)
class Score:
    """Requests and the hours from publication to detection of each item."""

    requests: int
    delays: tuple[float, ...]
    by_source: tuple[float, ...]


def world(number: int, days: int, seed: int = 7) -> World:
    """The ``number``-th source of the invented world over so many days."""
    chance = Random(seed * 100_003 + number)
    pattern = MIX[number % len(MIX)]
    zone = ZoneInfo(ZONES[number % len(ZONES)])
    source = replace(
        declare("https://example.org/", "feed", name=f"xx_{number}"), timezone=zone.key, every=1440, every_bounds=(60, 10_080)
    )
    busy = min(chance.lognormvariate(0.0, 1.0), 8.0)
    hour, weekday = chance.choice([7, 8, 9, 10, 11, 14, 16, 17]), chance.randrange(5)
    items = []
    for day in range(days):
        midnight = (START + timedelta(days=day)).replace(tzinfo=zone)
        working = midnight.weekday() < 5
        amount = 0
        if pattern == "set-hour" and working and chance.random() < 0.75:
            amount = 1 + int(busy)
            moments = [hour * 60 + chance.gauss(10, 15)] * amount
        elif pattern == "office" and working:
            amount = _poisson(chance, 1.2 * busy)
            moments = [chance.uniform(8.5, 17.5) * 60 for _ in range(amount)]
        elif pattern == "any-time":
            amount = _poisson(chance, busy)
            moments = [chance.uniform(0, 24) * 60 for _ in range(amount)]
        elif pattern == "weekly" and midnight.weekday() == weekday and chance.random() < 0.9:
            amount = 1 + _poisson(chance, 2 * busy)
            moments = [hour * 60 + chance.gauss(10, 20)] * amount
        elif pattern == "rare" and working and chance.random() < 0.05:
            amount = 1
            moments = [chance.uniform(9, 17) * 60]
        if amount:
            items += [(midnight + timedelta(minutes=minutes)).astimezone(UTC) for minutes in moments]
    return World(source, pattern, chance.random() < 0.5, tuple(sorted(items)))


def _poisson(chance: Random, mean: float) -> int:
    count, product = 0, chance.random()
    limit = 2.718281828**-mean
    while product > limit:
        count += 1
        product *= chance.random()
    return count


def fixed(one: World, days: int, number: int) -> list[datetime]:
    """A poll a day at an hour of its own."""
    return [START + timedelta(days=day, hours=(number * 7) % 24) for day in range(1, days + 1)]


def adaptive(one: World, days: int, number: int) -> list[datetime]:
    """The polls that ``next_due`` asks for, each knowing only what earlier ones found."""
    polls: list[datetime] = [START + timedelta(days=1, hours=(number * 7) % 24)]
    runs: list[Run] = []
    end = START + timedelta(days=days + 1)
    found = 0
    while True:
        at = polls[-1]
        upto = bisect_right(one.items, at)
        counts = {"requests": 1, "notices": max(20, upto), "new": upto - found if runs else max(20, upto)}
        runs.append(
            Run(id=str(len(runs)), stage="crawl", source="x", started=at, ended=at, verdict="healthy", complete=True, counts=counts)
        )
        found = upto
        told = one.items[max(0, upto - 200) : upto] if one.says_when else ()
        due = next_due(runs[-120:], one.source, at, published=told)
        assert at + timedelta(hours=1) <= due <= at + timedelta(days=7)
        if due >= end:
            return polls
        polls.append(due)


def detect(one: World, polls: list[datetime], days: int) -> list[float]:
    """Hours from each publication to the first poll after it; what no poll saw by the end waits until then."""
    end = START + timedelta(days=days + 1)
    out = []
    for at in one.items:
        if at < polls[0]:
            continue
        place = bisect_right(polls, at)
        out.append(((polls[place] if place < len(polls) else end) - at) / timedelta(hours=1))
    return out


def score(sources: int, days: int, seed: int = 7) -> tuple[Score, Score]:
    """(fixed, adaptive) over the invented world of a seed."""
    found: list[tuple[int, list[float], list[float]]] = [(0, [], []), (0, [], [])]
    for number in range(sources):
        one = world(number, days, seed)
        for which, polling in enumerate((fixed, adaptive)):
            polls = polling(one, days, number)
            delays = detect(one, polls, days)
            requests, all_delays, by_source = found[which]
            found[which] = (requests + len(polls), all_delays + delays, by_source + ([median(delays)] if delays else []))
    return tuple(Score(requests, tuple(delays), tuple(each)) for requests, delays, each in found)  # type: ignore[return-value]


def main(arguments: list[str]) -> None:
    given = [int(word) for word in arguments]
    sources, days, seed = (*given, *(300, 90, 7)[len(given) :])
    daily, learned = score(sources, days, seed)
    print(f"{sources} sources, {days} days, seed {seed}, {len(daily.delays)} items")
    for name, one in (("daily", daily), ("adaptive", learned)):
        print(
            f"{name:9} {one.requests:6} requests, median delay {median(one.delays):5.2f} h, mean {sum(one.delays) / len(one.delays):5.2f} h, "
            f"median of the sources' medians {median(one.by_source):5.2f} h"
        )
    print(f"delay {median(learned.delays) / median(daily.delays):.1%} at {learned.requests / daily.requests:.1%} of the requests")


if __name__ == "__main__":
    main(sys.argv[1:])
