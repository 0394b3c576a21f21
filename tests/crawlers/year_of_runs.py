"""``python -m tests.crawlers.year_of_runs [SOURCES]``: a healthy year of invented sources, judged day by day, and real drops in it: to two fifths
where a list is steady, to a tenth or less where it swings by itself.

Stocks of calls that come on working days and close by their deadlines (many on the last day of the year), calendars with seasons,
feeds that show the newest, windows of the last days that nearly empty over weekends and holidays, bursts, entries that cannot be read.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random

from crawlers.health.seasons import holiday
from crawlers.progress import Progress
from crawlers.source import Source
from crawlers.verdict import judge, learned_counts
from store.model import Run
from tests.crawlers.web import declare

START = datetime(2026, 1, 5, 6, tzinfo=UTC)
DAYS = 365
LEARNING = 30
FIELDS = ("summary", "published", "deadlines", "place", "amounts", "organiser")
STYLES = ("stock", "calendar", "feed", "window", "stock", "api")


@dataclass(frozen=True)
class Day:
    """What a source lists on one day; ``drop`` is what a broken list of that day would hold, None for a day without that trial."""

    at: datetime
    count: int
    ended: int
    new: int
    drop: int | None = None


@dataclass(frozen=True)
class Year:
    """The outcome for one source: reasons of false alarms, drops that were tried and that were noticed."""

    style: str
    alarms: tuple[tuple[datetime, tuple[str, ...]], ...]
    tried: int
    noticed: int


def source_of(style: str, number: int) -> Source:
    """The declaration of an invented source of one style."""
    form = {"stock": "html_list", "calendar": "ical", "feed": "feed", "window": "sitemap", "api": "json_api"}[style]
    text = {
        "html_list": 'rows = "li"\n[fields]\ntitle = "a"\nurl = "a::attr(href)"\n',
        "json_api": 'rows = "/r"\nlists_all = false\n[fields]\ntitle = "/t"\nurl = "/u"\n',
    }
    return declare("https://example.org/", form, text.get(form, ""), kind="call", name=f"xx_year_{number}")


def days(style: str, chance: Random) -> Iterator[Day]:
    """A year of one source."""
    size = chance.choice([12, 20, 35, 60, 110, 200])
    stock = [chance.randrange(5, 140) for _ in range(size)]
    rate = size / 70
    recent: list[int] = [0] * 7
    trials = set(chance.sample(range(LEARNING + 10, DAYS - 5), 6))
    for number in range(DAYS):
        at = START + timedelta(days=number)
        weekday, rest = at.weekday(), holiday(at.date())
        pace = (0.05 if weekday >= 5 else 1.3) * (0.3 if rest else 1.0) * (chance.uniform(2, 5) if chance.random() < 0.02 else 1.0)
        if style == "calendar":
            pace *= 1.6 if at.month in (1, 2, 8, 9) else 0.7
        new = _poisson(chance, rate * pace)
        ended, count = 0, size
        if style in ("stock", "calendar"):
            stock = [left - 1 for left in stock]
            if at.month == 12 and at.day == 31:
                stock = [left if chance.random() < 0.6 else 0 for left in stock]
            ended = sum(left <= 0 for left in stock)
            stock = [left for left in stock if left > 0] + [chance.randrange(20, 120) for _ in range(new)]
            count = max(len(stock), 1)
        elif style in ("window", "api"):
            recent = [*recent[1:], _poisson(chance, 8 * rate * pace)]
            new = recent[-1]
            count = max(1, sum(recent[-3:] if style == "window" else recent))
        drop = None
        if number in trials and not rest and count >= 12:
            drop = int({"window": 0.04, "api": 0.12}.get(style, 0.4) * count)
        yield Day(at, count, ended, min(new, count), drop)


def _poisson(chance: Random, mean: float) -> int:
    return max(0, round(chance.gauss(mean, max(mean, 0.25) ** 0.5)))


def seen(day: Day, count: int, style: str, chance: Random) -> Progress:
    """The counts of a crawl that found so many items."""
    made = Progress(
        now=day.at, pages=1, requests=1, seen={str(n) for n in range(count)}, known=max(count - day.new, 1), current=count
    )
    if day.new == 0 and count == day.count:
        made.unchanged_pages = 1
        return made
    made.parsed = count
    made.ended = day.ended if style in ("stock", "calendar") else 0
    for place, name in enumerate(FIELDS):
        share = (1.0, 0.98, 0.8, 0.6, 0.35, 0.1)[place]
        made.fields[name] = sum(chance.random() < share for _ in range(count))
    made.problems["bad-date"] = sum(chance.random() < 0.01 for _ in range(count))
    made.doubled = sum(chance.random() < 0.01 for _ in range(count))
    made.language = "en" if count > 5 else ""
    made.dates["published"] = made.fields["published"]
    made.newest = (day.at - datetime(1970, 1, 1, tzinfo=UTC)).days - (1 if day.new else 2)
    made.due_in = [chance.randrange(1, 120) for _ in range(made.fields["deadlines"])]
    made.list_bytes = 4_000 + 300 * count + chance.randrange(200)
    made.shapes = {"list": 0b1011 << 20 ^ (1 << chance.randrange(6))}
    return made


def live(number: int, seed: int = 3) -> Year:
    """A year of the ``number``-th source. What an alarm stops a person sets right: the next day is judged as if it had not been."""
    style, chance = STYLES[number % len(STYLES)], Random(seed * 1_009 + number)
    source = source_of(style, number)
    history: list[Run] = []
    alarms, tried, noticed = [], 0, 0
    for place, day in enumerate(days(style, chance)):
        if day.drop is not None:
            tried += 1
            noticed += judge(source, seen(day, max(day.drop, 1), style, chance), history, now=day.at).verdict != "healthy"
        progress = seen(day, day.count, style, chance)
        found = judge(source, progress, history, now=day.at)
        if found.verdict != "healthy" and place >= LEARNING:
            alarms.append((day.at, found.reasons))
        counts = {"notices": day.count, "new": day.new, "parsed": progress.parsed, **learned_counts(progress)}
        history.insert(
            0,
            Run(
                id=str(place), stage="crawl", source=source.name, started=day.at, ended=day.at, verdict=found.verdict,
                complete=True, counts=counts, reasons=found.reasons,
            ),
        )  # fmt: skip
    return Year(style, tuple(alarms), tried, noticed)


def main(arguments: list[str]) -> None:
    years = [live(number) for number in range(int(arguments[0]) if arguments else 42)]
    for style in dict.fromkeys(STYLES):
        mine = [year for year in years if year.style == style]
        print(
            f"{style:9} {len(mine):3} sources, {sum(len(year.alarms) for year in mine):3} false alarms, most on one "
            f"{max(len(year.alarms) for year in mine)}, drops noticed {sum(year.noticed for year in mine)} of {sum(year.tried for year in mine)}"
        )
    worst = max(years, key=lambda year: len(year.alarms))
    for at, reasons in worst.alarms[:9]:
        print(f"  {worst.style} {at:%a %d %b}: {'; '.join(reasons)}")
    alarms, tried = sum(len(year.alarms) for year in years), sum(year.tried for year in years)
    print(f"{len(years)} sources, {DAYS} days: {alarms / len(years):.2f} false alarms a source and year, most {len(worst.alarms)}; "
          f"drops noticed {sum(year.noticed for year in years)} of {tried} ({sum(year.noticed for year in years) / tried:.1%})")  # fmt: skip


if __name__ == "__main__":
    main(sys.argv[1:])
