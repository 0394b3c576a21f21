"""How many items a source is to be expected to have: its recent level, how much it swings when it is well, and the season. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from math import exp, log, sqrt
from statistics import median

LEAST_RUNS = 3
LEVEL_RUNS = 7
RECENT_RUNS = 30
SWING_RUNS = 120
WEEKS = 10
# A list may lose 30 % at once before anybody is told; a source that swings more when it is well, half as much again as it ever did.
USUAL_DROP = 0.35
MOST_DROP = 1.4
HOLIDAY_DROP = 0.9


def holiday(day: date) -> bool:
    """Whether publishers in Europe mostly rest: Christmas to Epiphany, the week before and after Easter, August."""
    if (day.month, day.day) >= (12, 19) or (day.month, day.day) <= (1, 9) or day.month == 8:
        return True
    return abs((day - easter(day.year)).days) <= 7


def easter(year: int) -> date:
    """Easter Sunday of a Gregorian year (the anonymous algorithm, Nature 1876)."""
    a, b, c = year % 19, year // 100, year % 100
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    left = (32 + 2 * e + 2 * i - h - k) % 7
    m = (a + 11 * h + 22 * left) // 451
    month, day = divmod(h + left - 7 * m + 114, 31)
    return date(year, month, day + 1)


def least_expected(counts: Sequence[tuple[datetime, int]], now: datetime) -> tuple[float, float] | None:
    """(fewest items that are no alarm, usual number) from the counts of healthy runs, newest first; None from fewer than three.

    One count a day is best: many polls of one day would drown the week.
    """
    if len(counts) < LEAST_RUNS:
        return None
    numbers = [count for _, count in counts]
    level = median(numbers[:LEVEL_RUNS])
    allowed = max(USUAL_DROP, 1.5 * _largest_drop(numbers[:SWING_RUNS]), 2.5 / sqrt(level + 1))
    allowed = min(max(allowed, 1.25 * _last_year(counts, now)), MOST_DROP)
    if holiday(now.date()):
        allowed += HOLIDAY_DROP
    bound = min((level + 1) * exp(-allowed) - 1, 0.85 * min(numbers[:RECENT_RUNS]))
    same = [count for at, count in counts[:SWING_RUNS] if at.weekday() == now.weekday()][:WEEKS]
    if len(same) >= LEAST_RUNS:
        days_level = median(same)
        if days_level < 0.7 * level:  # a day of the week that always brings less
            bound = min(bound, (days_level + 1) * exp(-max(allowed, 2.5 / sqrt(days_level + 1))) - 1)
    return bound, level


def _largest_drop(numbers: Sequence[int]) -> float:
    """The largest fall below the level of the week before it, as a difference of logarithms."""
    drops = [0.0]
    for place, count in enumerate(numbers):
        before = numbers[place + 1 : place + 1 + LEVEL_RUNS]
        if len(before) >= LEAST_RUNS:
            drops.append(log((median(before) + 1) / (count + 1)))
    return max(drops)


def _last_year(counts: Sequence[tuple[datetime, int]], now: datetime) -> float:
    """How far the count fell in the same weeks a year ago; 0 when nothing is known of them."""
    then = now - timedelta(days=365)
    season = [count for at, count in counts if abs(at - then) <= timedelta(days=14)]
    before = [count for at, count in counts if timedelta(days=14) < then - at <= timedelta(days=60)]
    if not season or not before:
        return 0.0
    return max(0.0, log((median(before) + 1) / (min(season) + 1)))
