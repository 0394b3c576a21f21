"""Deadlines, fairs and events by day: a month at a time, or as an agenda."""

from __future__ import annotations

import re
import sqlite3
from calendar import Calendar
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from datasette.app import Datasette
from datasette.utils.asgi import Request, Response

from store.codec import iso
from store.search import Filter, Row, Viewer, find, parse_filter
from store.site.facets import chips
from store.site.manner import Manner
from store.site.plugins.feed import item_json
from store.site.render import address, args_of, data, manner_of, page, viewer_of, wants
from store.site.site import Route, read, the_site
from store.site.sourcebook import source_titles

MOST = 800
IN_SIGHT = 4
_MONTH = re.compile(r"(20[0-9]{2})-(0[1-9]|1[0-2])")


@dataclass(frozen=True, slots=True)
class Day:
    """One day of the calendar: what begins or ends on it, in order."""

    day: date
    inside: bool
    today: bool
    rows: tuple[Row, ...]


async def calendar(request: Request, datasette: Datasette) -> Response:
    """The month that ``month=2026-12`` names (this one by default), narrowed like the feed."""
    site = the_site(datasette)
    m, viewer, args = manner_of(site, request), viewer_of(request), args_of(request)
    filter = parse_filter({k: v for k, v in args.items() if k not in ("status", "within", "sort", "after", "size", "new")})
    named = _MONTH.fullmatch((args.get("month") or [""])[-1])
    year, month = (int(named[1]), int(named[2])) if named else (m.today.year, m.today.month)
    agenda = (args.get("view") or [""])[-1] == "agenda"

    def work(connection: sqlite3.Connection) -> tuple[dict[date, list[Row]], dict[str, str]]:
        return by_day(connection, filter, viewer, m, year, month), source_titles(connection)

    days, titles = await read(datasette, work)
    if wants(request) == "json":
        return data(
            {
                "ok": True,
                "month": f"{year}-{month:02d}",
                "days": {str(d): [item_json(site, r) for r in days[d]] for d in sorted(days)},
            }
        )
    before, after = _shifted(year, month, -1), _shifted(year, month, 1)
    pairs = filter.pairs()
    weeks = [
        [Day(day, day.month == month, day == m.today, tuple(days.get(day, ()))) for day in week]
        for week in Calendar(firstweekday=0).monthdatescalendar(year, month)
    ]
    extra = [("view", "agenda")] if agenda else []
    values = {
        "m": m,
        "title": m.month(year, month),
        "weeks": weeks,
        "days": [(day, days[day]) for day in sorted(days) if day.month == month],
        "agenda": agenda,
        "before": address("/calendar", [*pairs, ("month", before), *extra]),
        "after": address("/calendar", [*pairs, ("month", after), *extra]),
        "now_link": address("/calendar", [*pairs, *extra]),
        "other": address("/calendar", [*pairs, ("month", f"{year}-{month:02d}"), *([] if agenda else [("view", "agenda")])]),
        "chips": chips(filter, titles, m),
        "titles": titles,
        "filter": filter,
        "in_sight": IN_SIGHT,
        "feed_query": filter.query(),
    }
    return page(datasette, request, "calendar.html", values)


def by_day(
    connection: sqlite3.Connection, filter: Filter, viewer: Viewer, m: Manner, year: int, month: int
) -> dict[date, list[Row]]:
    """What the month holds, by day: fairs and events on their first day at their place, everything else at its deadline there."""
    zone = m.zone if isinstance(m.zone, ZoneInfo) else UTC
    first = datetime(year, month, 1, tzinfo=zone) - timedelta(days=1)
    last = datetime.fromisoformat(_shifted(year, month, 1) + "-01").replace(tzinfo=zone) + timedelta(days=1)
    wanted = filter.but(between=(iso(first), iso(last)), status="any", sort="deadline", size=MOST)
    days: dict[date, list[Row]] = {}
    for row in reversed(find(connection, wanted, viewer, m.now).rows):
        day = _day(row)
        if day is not None and (day.year, day.month) == (year, month):
            days.setdefault(day, []).append(row)
        elif day is not None and row.kind in ("fair", "event") and day < date(year, month, 1) <= _last(row):
            days.setdefault(date(year, month, 1), []).append(row)
    return days


def _day(row: Row) -> date | None:
    if row.deadline and row.deadline.get("local"):
        return date.fromisoformat(str(row.deadline["local"])[:10])
    return date.fromisoformat(row.starts_local[:10]) if row.starts_local else None


def _last(row: Row) -> date:
    return date.fromisoformat((row.ends_local or row.starts_local)[:10])


def _shifted(year: int, month: int, by: int) -> str:
    n = year * 12 + month - 1 + by
    return f"{n // 12}-{n % 12 + 1:02d}"


ROUTES = [Route(r"^/calendar(?:\.(?P<format>json))?$", calendar)]
