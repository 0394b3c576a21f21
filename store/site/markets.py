"""Numbers and lists of one sector, one country, or one country and sector: what market pages show."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from store.model import KINDS
from store.search import Counts, Filter, Row, Viewer, counts, find

MONTHS = 18

_BY_MONTH = """
    select substr(published, 1, 7), kind, count(*) from find indexed by find_newest
    where audience = :audience and sector = :sector and country = :country and published >= :since and final = 1
    group by 1, 2
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Market:
    """A market page: ``months`` from the oldest to this one as (year, month, count by kind); ``deadlines`` and ``fairs`` the next ones."""

    counts: Counts
    months: tuple[tuple[int, int, dict[str, int]], ...]
    deadlines: tuple[Row, ...]
    fairs: tuple[Row, ...]
    news: tuple[Row, ...]


def read_market(connection: sqlite3.Connection, sector: str, country: str, viewer: Viewer, now: datetime) -> Market:
    """The market of a sector ("" = any) in a country ("" = any) as ``viewer`` may see it at ``now``."""
    base = Filter(sectors=(sector,) if sector else (), countries=(country,) if country else ())

    def page(kinds: tuple[str, ...], sort: str, size: int) -> tuple[Row, ...]:
        return find(connection, base.but(kinds=kinds, sort=sort, size=size), viewer, now).rows

    return Market(
        counts=counts(connection, base, viewer, now),
        months=tuple(by_month(connection, sector, country, viewer, now)),
        deadlines=page(("call", "tender"), "deadline", 6),
        fairs=page(("fair", "event"), "deadline", 6),
        news=page(("news", "study"), "newest", 5),
    )


def by_month(
    connection: sqlite3.Connection, sector: str, country: str, viewer: Viewer, now: datetime
) -> list[tuple[int, int, dict[str, int]]]:
    """What was published in each of the last months, by kind."""
    wanted = []
    year, month = now.year, now.month
    for _ in range(MONTHS):
        wanted.append((year, month))
        year, month = (year, month - 1) if month > 1 else (year - 1, 12)
    wanted.reverse()
    found: dict[str, Counter[str]] = {}
    for audience in viewer.audiences:
        values = {"audience": audience, "sector": sector, "country": country, "since": f"{wanted[0][0]}-{wanted[0][1]:02d}"}
        for name, kind, n in connection.execute(_BY_MONTH, values):
            found.setdefault(name, Counter())[kind] += n
    return [(y, m, {k: found.get(f"{y}-{m:02d}", Counter())[k] for k in KINDS}) for y, m in wanted]


@dataclass(frozen=True, slots=True)
class Bar:
    """A part of a column of a chart, in units of the drawing."""

    x: float
    y: float
    width: float
    height: float
    kind: str
    title: str


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart of columns: ``bars`` stacked by kind, ``labels`` as (x, text) below, ``lines`` as (y, text) across."""

    width: int
    height: int
    bars: tuple[Bar, ...]
    labels: tuple[tuple[float, str], ...]
    lines: tuple[tuple[float, str], ...]


def draw(months: tuple[tuple[int, int, dict[str, int]], ...], titles: list[str], labels: list[str]) -> Chart:
    """The columns of a market's months; ``titles`` and ``labels`` are texts for each month ("" leaves a label out)."""
    width, height, left, base = 720, 220, 34, 188
    most = max((sum(by.values()) for _, _, by in months), default=0)
    top = next((n for n in (4, 8, 12, 20, 40, 60, 100, 200, 400, 1000, 2000, 5000, 10_000, 50_000, 200_000) if n >= most), most)
    step = (width - left) / max(1, len(months))
    bars = []
    for n, (_, _, by) in enumerate(months):
        y = float(base)
        for kind in KINDS:
            tall = by[kind] / top * (base - 14)
            if tall:
                y -= tall
                bars.append(
                    Bar(
                        round(left + n * step + step * 0.16, 1), round(y, 1), round(step * 0.68, 1), round(tall, 1), kind, titles[n]
                    )
                )
    lines = tuple((round(base - share * (base - 14), 1), f"{top * share:g}") for share in (0, 0.5, 1))
    placed = tuple((round(left + n * step + step / 2, 1), text) for n, text in enumerate(labels) if text)
    return Chart(width, height, tuple(bars), placed, lines)


def overview(connection: sqlite3.Connection, viewer: Viewer) -> dict[tuple[str, str], int]:
    """How many there are of each sector and country pair (all time), for the index of markets."""
    found: Counter[tuple[str, str]] = Counter()
    for audience in viewer.audiences:
        rows = connection.execute(
            "select sector, country, n from tally where audience = ? and month = '' and kind = '' and sector in (select value from json_each(?))",
            [audience, json.dumps(_sectors(connection, audience))],
        )
        for sector, country, n in rows:
            found[sector, country] += n
    return dict(found)


def _sectors(connection: sqlite3.Connection, audience: str) -> list[str]:
    sql = """
        with recursive v(value) as (
            select min(sector) from tally where audience = :a
            union all select (select min(sector) from tally where audience = :a and sector > v.value) from v where v.value is not null
        ) select value from v where value is not null
    """
    return [row[0] for row in connection.execute(sql, {"a": audience})]
