"""When to ask a source next: just after it usually publishes, more often where more is published, within its declared bounds. Pure.

What is learned: a rate of publication for each hour of the week in the source's own zone, as a product of an hour's and a weekday's
weight. A run says only how much came since the run before; which hour it came in is found by expectation maximisation over all such
intervals, and told outright by notices whose time of publication is known; while little is known, office hours are assumed. Then a
schedule of the coming week is chosen that makes (what new things lose by waiting + a price for each poll) least. The first hours lose
most, since polls can save those where it is known when things come; if all hours lost the same, a constant rate would be polled by
the square-root law of Cho and Garcia-Molina (2003) for keeping copies fresh. Polls of a source that is little known follow its
declared interval.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import exp, sqrt
from statistics import median
from zoneinfo import ZoneInfo

from crawlers.source import Source
from crawlers.verdict import TURNED_OVER
from store.model import Run

HOUR = timedelta(hours=1)
LEARN_RUNS = 4
LEARN_DAYS = 3
LOOK_BACK = timedelta(days=84)
WEEK = 168
ROUNDS = 12
# What a poll may cost, in hours of waiting.
POLL_PRICE = 3.5
# Hours of a day that are as if nothing had been seen in them: what little is known must not forbid an hour.
DOUBT = 0.012
# With how many things the usual hours weigh against what has come.
PRIOR = 4.0
# When people publish, as long as little is known of them: mean 1 each.
OFFICE_HOURS = tuple(24 / 25.1 * weight for weight in [0.2] * 7 + [1.0] + [2.0] * 10 + [1.0, 0.5] + [0.3] * 4)
OFFICE_DAYS = (1.3, 1.3, 1.3, 1.3, 1.3, 0.3, 0.2)
LEAST_TOLD = 8
# The first hours that a thing waits weigh most: after this many, an hour weighs a third, and always as much as LATE.
PATIENCE = 5.0
LATE = 0.03


@dataclass(frozen=True, slots=True)
class Rates:
    """New things an hour: ``level`` times the weight of the hour (24) times the weight of the weekday (7), weights being 1 on average."""

    level: float
    hours: tuple[float, ...]
    days: tuple[float, ...]

    def at(self, local: datetime) -> float:
        """The rate in the hour of a civil time."""
        return self.level * self.hours[local.hour] * self.days[local.weekday()]


def next_due(history: Sequence[Run], source: Source, now: datetime, *, published: Sequence[datetime] = ()) -> datetime:
    """When the source is to be asked again (aware, UTC; may lie before ``now``). ``history`` are its ended runs in any order,
    ``published`` the instants at which its latest notices say that they were published, those with a time of day alone.
    """
    runs = sorted((run for run in history if run.started <= now and run.verdict != "broken"), key=lambda run: run.started)
    if not runs:
        return now
    last = runs[-1]
    least, most = (timedelta(minutes=minutes) for minutes in source.every_bounds)
    usual = min(max(timedelta(minutes=source.every), least), most)
    if last.reasons and last.reasons[0].startswith(TURNED_OVER) and len(runs) > 1:
        return last.started + max((last.started - runs[-2].started) / 2, least)
    recent = [run for run in runs if run.started >= now - LOOK_BACK]
    if len(recent) < LEARN_RUNS or recent[-1].started - recent[0].started < timedelta(days=LEARN_DAYS):
        # Always the same hour would teach nothing of the others.
        return last.started + max(least, min(most, usual * (0.65 + 0.35 * _scattered(len(recent)))))
    zone = ZoneInfo(source.timezone)
    told = [at for at in published if recent[0].started <= at <= last.started]
    rates = learn(recent, zone, told)
    requests = median(run.counts.get("requests", 1) for run in recent[-9:])
    price = POLL_PRICE * sqrt(max(1.0, requests / 3))
    # Whole hours of its clock, as the rates are: what comes shortly before a full hour is found at that hour.
    begin = last.started.astimezone(zone).replace(minute=0, second=0, microsecond=0)
    gap = _plan(rates, begin, price, max(1, round(least / HOUR)), max(1, round(most / HOUR)))
    return max(last.started + least, min(last.started + most, (begin + gap * HOUR).astimezone(UTC)))


def _scattered(number: int) -> float:
    """Numbers in [0, 1) that fill it evenly in any order (Weyl's sequence of the golden ratio)."""
    return number * 0.618033988749895 % 1.0


def learn(runs: Sequence[Run], zone: ZoneInfo, published: Sequence[datetime] = ()) -> Rates:
    """The rates that runs (oldest first, at least two) and known instants of publication make likely."""
    spans = [
        (earlier.started.astimezone(zone), later.started.astimezone(zone), later) for earlier, later in itertools.pairwise(runs)
    ]
    gains = [
        float(min(run.counts.get("new", 0), 100)) if run.counts.get("new", 0) < run.counts.get("notices", 0) else 0.0
        for _, _, run in spans
    ]
    cells = [tuple(_cells(start, end)) for start, end, _ in spans]
    total, hours_seen = sum(gains), sum(share for span in cells for _, _, share in span)
    level = (total + 0.02) / max(hours_seen, 1.0)
    seen_hour, seen_day = [0.0] * 24, [0.0] * 7
    for span in cells:
        for hour, day, share in span:
            seen_hour[hour] += share
            seen_day[day] += share
    told = _told(published, zone)
    hour_weights, day_weights = list(OFFICE_HOURS), list(OFFICE_DAYS)
    for _ in range(ROUNDS):
        at_hour, at_day = [0.0] * 24, [0.0] * 7
        if told:
            scale = total / sum(told.values()) if total else 0.0
            for (hour, day), weight in told.items():
                at_hour[hour] += weight * scale
                at_day[day] += weight * scale
        else:
            for gain, span in zip(gains, cells, strict=True):
                if gain:
                    chances = [share * hour_weights[hour] * day_weights[day] for hour, day, share in span]
                    whole = sum(chances) or 1.0
                    for (hour, day, _), chance in zip(span, chances, strict=True):
                        at_hour[hour] += gain * chance / whole
                        at_day[day] += gain * chance / whole
        hour_weights = _weights(at_hour if told else _blurred(at_hour), seen_hour, total, hours_seen, OFFICE_HOURS)
        day_weights = _weights(at_day, seen_day, total, hours_seen, OFFICE_DAYS)
        if told:
            break
    return Rates(level, tuple(hour_weights), tuple(day_weights))


def _cells(start: datetime, end: datetime) -> Iterator[tuple[int, int, float]]:
    """The hours of an interval of civil time: (hour, weekday, how much of it)."""
    at = start
    while at < end:
        step = min(at.replace(minute=0, second=0, microsecond=0) + HOUR, end)
        yield at.hour, at.weekday(), (step - at) / HOUR
        at = step


def _told(published: Sequence[datetime], zone: ZoneInfo) -> dict[tuple[int, int], float]:
    """How much was published in each (hour, weekday), when at least eight instants are known; many in one hour weigh as their root."""
    if len(published) < LEAST_TOLD:
        return {}
    by_hour: dict[datetime, int] = {}
    for at in published:
        local = at.astimezone(zone).replace(minute=0, second=0, microsecond=0, tzinfo=None)
        by_hour[local] = by_hour.get(local, 0) + 1
    out: dict[tuple[int, int], float] = {}
    for local, count in by_hour.items():
        key = (local.hour, local.weekday())
        out[key] = out.get(key, 0.0) + sqrt(count)
    return out


def _blurred(values: Sequence[float]) -> list[float]:
    """Each hour shares a little with its neighbours: an editor is late or early."""
    size = len(values)
    return [0.7 * values[k] + 0.15 * values[k - 1] + 0.15 * values[(k + 1) % size] for k in range(size)]


def _weights(gained: Sequence[float], seen: Sequence[float], total: float, hours: float, usual: Sequence[float]) -> list[float]:
    """Weights of mean 1 from what came in each bin and how long it was looked at, drawn towards ``usual`` while little has come."""
    size = len(gained)
    prior = PRIOR + DOUBT * total
    mean = (total + 1e-9) / max(hours, 1.0)
    raw = [
        (gain + prior * weight / size) / (span * mean + prior / size) if span * mean + prior / size else weight
        for gain, span, weight in zip(gained, seen, usual, strict=True)
    ]
    scale = sum(raw) / size or 1.0
    return [value / scale for value in raw]


def _plan(rates: Rates, start: datetime, price: float, least: int, most: int) -> int:
    """Hours until the next poll in the cheapest schedule of the week after ``start`` (civil time of the last poll)."""
    horizon = max(WEEK, min(most, WEEK))
    rate = [rates.at(start + k * HOUR) for k in range(horizon)]
    fading, half = exp(-1 / PATIENCE), exp(-0.5 / PATIENCE)
    cost = [0.0] * (horizon + 1)
    choice = [horizon] * (horizon + 1)
    for begin in range(horizon - 1, -1, -1):
        best, at, come, fresh, hours = float("inf"), horizon, 0.0, 0.0, 0.0
        for end in range(begin + 1, min(begin + most, horizon) + 1):
            hours += come + rate[end - 1] / 2
            come += rate[end - 1]
            fresh = fresh * fading + rate[end - 1] * half
            waited = PATIENCE * (come - fresh) + LATE * hours
            if waited >= best:
                break
            # At the horizon's edge nobody is paid: what still waits there has waited, and the week begins again.
            if (end - begin >= least or end == horizon) and (
                total := waited + (price if end < horizon else 0.5 * price) + cost[end]
            ) < best:
                best, at = total, end
        cost[begin], choice[begin] = best, at
    return choice[0]
