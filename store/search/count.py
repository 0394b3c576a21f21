"""The counts beside a list: how many there are, and how many each other choice would give.

A plain filter (one sector, one country, kinds, a deadline window) is counted from ``tally`` for whole months and from ``find`` for the
parts of months at the edges, exactly and whatever the size of the store. Any other filter is counted over its matches, up to ``CAP``.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from store.codec import iso
from store.groups import reach
from store.index import OPEN_END
from store.search.filter import WINDOWS, Filter
from store.search.find import roles_of
from store.search.match import Viewer, matches
from store.status import CLOSING_DAYS

CAP = 300
FEW = 150
LIFTED = 120


@dataclass(frozen=True, kw_only=True, slots=True)
class Counts:
    """``total`` matches (at least that many when ``capped``). Each mapping counts what the list would hold with that value chosen in
    place of the facet's present choice; ``roles``, ``languages`` and ``sources`` count within the list and are empty when it is long.
    """

    total: int
    capped: bool = False
    kinds: dict[str, int] = field(default_factory=dict)
    sectors: dict[str, int] = field(default_factory=dict)
    countries: dict[str, int] = field(default_factory=dict)
    statuses: dict[str, int] = field(default_factory=dict)
    windows: dict[int, int] = field(default_factory=dict)
    roles: dict[str, int] = field(default_factory=dict)
    languages: dict[str, int] = field(default_factory=dict)
    sources: dict[str, int] = field(default_factory=dict)


def counts(connection: sqlite3.Connection, filter: Filter, viewer: Viewer, now: datetime) -> Counts:
    """The counts for ``filter`` as ``viewer`` may see them at ``now`` (aware). Reads only."""
    if filter.is_plain and filter.status in ("live", "any"):
        return _plain(connection, filter, viewer, now)
    return _counted(connection, filter, viewer, now)


_VALUES = """
    with recursive v(value) as (
        select min({0}) from tally where audience = :audience and {1} {0} > ''
        union all select (select min({0}) from tally where audience = :audience and {1} {0} > v.value) from v where v.value is not null
    ) select value from v where value is not null
"""
_SECTORS = _VALUES.format("sector", "")
_COUNTRIES = _VALUES.format("country", "sector = '' and")

# Rows of find that are current or will be, up to :high: whole months and days from the tally, the edges (up to the end of :near, and
# from :far on) one by one, less those whose turn has not come yet: a later cut-off of something that has an earlier one still to come.
# Without an end (:again is then the end of :near) the last are told by the tally too, by their month and day of ``after``.
# One table each and no join: for a join SQLite would fill a Bloom filter from the whole table first.
_PAIRS = """
    audience = :audience and sector in (select value from json_each(:sectors)) and country in (select value from json_each(:countries))
"""
_OF_KINDS = "(:some is null or kind in (select value from json_each(:some))) group by 1, 2, 3"
_LIVE = f"""
    select sector, country, kind, sum(n) from (
        select sector, country, kind, n from tally
            where {_PAIRS} and month > :first_month and month < :last_month and kind in (select value from json_each(:kinds))
        union all
        select sector, country, kind, n from tally
            where {_PAIRS} and :by_day and month > 'd' || :near and month < min('d' || :far, 'd' || :first_month || '~')
            and kind in (select value from json_each(:kinds))
        union all
        select sector, country, kind, n from tally
            where {_PAIRS} and :by_day and :last_month > :first_month and month >= 'd' || :last_month and month < 'd' || :far
            and kind in (select value from json_each(:kinds))
        union all
        select sector, country, iif(:each, kind, ''), count(*) from find
            where {_PAIRS} and until >= :now and until <= min(:high, :near || '~') and after < :now and {_OF_KINDS}
        union all
        select sector, country, iif(:each, kind, ''), count(*) from find
            where {_PAIRS} and until >= :far and until > :near || '~' and until <= :high and after < :now and {_OF_KINDS}
        union all
        select sector, country, iif(:each, kind, ''), -count(*) from find indexed by find_again
            where {_PAIRS} and after <> '' and after >= :now and after <= min(:high, :again) and until > :near || '~' and until < :far
            and {_OF_KINDS}
        union all
        select sector, country, kind, -n from tally
            where {_PAIRS} and :again < '~' and month > 'a' || :first_month and month < 'a:'
            and kind in (select value from json_each(:kinds))
        union all
        select sector, country, kind, -n from tally
            where {_PAIRS} and :again < '~' and :by_day and month > 'ad' || :near and month < 'ad' || :first_month || '~'
            and kind in (select value from json_each(:kinds))
    ) group by sector, country, kind
"""  # noqa: S608 - put together from the two fragments above
_ALL = """
    select sector, country, kind, n from tally
    where audience = :audience and sector in (select value from json_each(:sectors))
        and country in (select value from json_each(:countries)) and month = :month and kind in (select value from json_each(:kinds))
"""
_EDGES = """
    select
        (select count(*) from find where audience = :audience and sector = :sector and country = :country
            and until >= :now and until <= min(:soon, :high) and after < :now and opens <= :now and state = 'dated'
            and (:some is null or kind in (select value from json_each(:some)))),
        (select count(*) from find f indexed by find_opening join listing l on l.opportunity = f.opportunity
            where f.audience = :audience and f.sector = :sector and f.country = :country and f.opens > :now and f.opens <> ''
            and f.final = 1 and f.state not in ('cancelled', 'withdrawn')
            and (select value ->> 1 from json_each(l.spans) where value ->> 0 < :now and value ->> 1 >= :now limit 1) <= :high
            and (:some is null or f.kind in (select value from json_each(:some)))),
        (select count(*) from find where audience = :audience and sector = :sector and country = :country
            and until = :open_end and state = 'rolling' and after < :now and opens <= :now and :open_end <= :high
            and (:some is null or kind in (select value from json_each(:some))))
"""


class _Tally:
    """Questions to the tally for one filter and one moment, summed over the viewer's audiences."""

    def __init__(self, connection: sqlite3.Connection, filter: Filter, viewer: Viewer, now: datetime) -> None:
        self.connection, self.filter, self.audiences, self.moment = connection, filter, viewer.audiences, now
        self.now = iso(now)
        self.live = filter.status == "live" or filter.within is not None

    def high(self, within: int | None) -> str:
        """The last instant of a window of ``within`` days, or the end of time."""
        return iso(self.moment + timedelta(days=within)) if within is not None else "~"

    def sums(
        self,
        sectors: list[str],
        countries: list[str],
        *,
        by: int,
        within: int | None,
        kinds: tuple[str, ...] = (),
        each: bool = False,
    ) -> Counter[str]:
        """Counts by column ``by`` (0 sector, 1 country, 2 kind) for all pairs of the given sectors and countries."""
        high = self.high(within)
        some = json.dumps(kinds) if kinds else None
        by_day = sectors == [""] or countries == [""]
        values: dict[str, Any] = {
            "sectors": json.dumps(sectors),
            "countries": json.dumps(countries),
            "kinds": some if kinds else json.dumps(_KINDS if each else [""]),
            "some": some,
            "each": int(each or bool(kinds)),
            "now": self.now,
            "high": high,
            "by_day": int(by_day),
            "near": self.now[:10] if by_day else self.now[:7],
            "far": (high[:10] if by_day else high[:7]) if within is not None else ":",
            "again": "~" if within is not None else (self.now[:10] if by_day else self.now[:7]) + "~",
            "first_month": self.now[:7],
            "last_month": high[:7] if within is not None else ":",  # after every year, before "cancelled" and "rolling"
            "month": "",
        }
        total: Counter[str] = Counter()
        for audience in self.audiences:
            for row in self.connection.execute(_LIVE if self.live else _ALL, values | {"audience": audience}):
                total[row[by]] += row[3]
        return total

    def values(self, statement: str) -> list[str]:
        """The sectors or countries that occur for any of the viewer's audiences."""
        found: dict[str, None] = {}
        for audience in self.audiences:
            found |= dict.fromkeys(row[0] for row in self.connection.execute(statement, {"audience": audience}))
        return list(found)

    def month(self, sector: str, country: str, month: str) -> int:
        """One cell of the tally (``month`` "" for all, ``cancelled``, ``withdrawn``), for the filter's kinds."""
        values = {"sectors": json.dumps([sector]), "countries": json.dumps([country]), "month": month}
        kinds = json.dumps(self.filter.kinds or [""])
        return sum(
            row[3]
            for audience in self.audiences
            for row in self.connection.execute(_ALL, values | {"kinds": kinds, "audience": audience})
        )

    def edges(self, sector: str, country: str) -> tuple[int, int, int]:
        """How many are closing, forthcoming and rolling."""
        values = {
            "sector": sector,
            "country": country,
            "now": self.now,
            "soon": iso(self.moment + timedelta(days=CLOSING_DAYS)),
            "high": self.high(self.filter.within),
            "some": json.dumps(self.filter.kinds) if self.filter.kinds else None,
            "open_end": OPEN_END,
        }
        rows = [self.connection.execute(_EDGES, values | {"audience": audience}).fetchone() for audience in self.audiences]
        closing, forthcoming, rolling = (sum(row[n] for row in rows) for n in range(3))
        return closing, forthcoming, rolling


_KINDS = ["call", "tender", "fair", "event", "news", "study"]


def _plain(connection: sqlite3.Connection, filter: Filter, viewer: Viewer, now: datetime) -> Counts:
    tally = _Tally(connection, filter, viewer, now)
    sector, country = (filter.sectors or ("",))[0], (filter.countries or ("",))[0]
    within = filter.within
    kinds = tally.sums([sector], [country], by=2, within=within, each=True)
    total = sum(n for kind, n in kinds.items() if not filter.kinds or kind in filter.kinds)
    sectors = tally.sums(tally.values(_SECTORS), [country], by=0, within=within, kinds=filter.kinds)
    countries = tally.sums([sector], tally.values(_COUNTRIES), by=1, within=within, kinds=filter.kinds)
    statuses = _statuses(connection, filter, viewer, now)
    windows = {}
    tally.live = True
    for days in WINDOWS:
        windows[days] = tally.sums([sector], [country], by=0, within=days, kinds=filter.kinds).total()
    rest = _within(connection, filter, viewer, now) if total <= FEW else Counts(total=total)
    return Counts(
        total=total,
        kinds=_positive(kinds),
        sectors=_positive(sectors),
        countries=_positive(countries),
        statuses=statuses,
        windows=windows,
        roles=rest.roles,
        languages=rest.languages,
        sources=rest.sources,
    )


def arrived(connection: sqlite3.Connection, viewer: Viewer) -> int:
    """How many came since the viewer's last visit, counted up to ``CAP``."""
    sql = "select count(*) from (select 1 from listing where seen > ? and audience in (select value from json_each(?)) limit ?)"
    return int(connection.execute(sql, [viewer.since, json.dumps(viewer.audiences), CAP]).fetchone()[0]) if viewer.since else 0


def _statuses(connection: sqlite3.Connection, filter: Filter, viewer: Viewer, now: datetime) -> dict[str, int]:
    """The count of each state for a plain filter, whatever state it asks for."""
    tally = _Tally(connection, filter.but(status="live"), viewer, now)
    sector, country = (filter.sectors or ("",))[0], (filter.countries or ("",))[0]
    alive = tally.sums([sector], [country], by=0, within=filter.within, kinds=filter.kinds).total()
    closing, forthcoming, rolling = tally.edges(sector, country)
    statuses = {"live": alive, "closing": closing, "forthcoming": forthcoming, "rolling": rolling}
    statuses["open"] = alive - closing - forthcoming - rolling
    if filter.within is None:
        everything = tally.month(sector, country, "")
        statuses |= {word: tally.month(sector, country, word) for word in ("cancelled", "withdrawn")}
        statuses["closed"] = everything - alive - statuses["cancelled"] - statuses["withdrawn"]
        statuses["any"] = everything
    return statuses


def _counted(connection: sqlite3.Connection, filter: Filter, viewer: Viewer, now: datetime) -> Counts:
    """Counts over the matches themselves; a facet with a choice is counted with that choice taken away."""
    here = _within(connection, filter, viewer, now)
    free: dict[str, Counts] = {}
    for facet, held in (("kinds", filter.kinds), ("sectors", filter.sectors), ("countries", filter.countries)):
        lifted = {facet: (), "roles": ()} if facet == "countries" else {facet: ()}
        free[facet] = _lifted(connection, filter.but(**lifted), viewer, now) if held else here
    if filter.is_plain:
        statuses = _statuses(connection, filter.but(within=None), viewer, now)
    else:
        whole = (
            here
            if filter.status == "any" or here.capped
            else _within(connection, filter.but(status="any", within=None), viewer, now)
        )
        statuses = whole.statuses if not whole.capped else {}
    return Counts(
        total=statuses[filter.status] if filter.is_plain and filter.within is None else here.total,
        capped=here.capped and not (filter.is_plain and filter.within is None),
        kinds=free["kinds"].kinds,
        sectors=free["sectors"].sectors,
        countries=free["countries"].countries,
        statuses=statuses,
        windows=here.windows if filter.within is None else {},
        roles=here.roles,
        languages=here.languages,
        sources=here.sources,
    )


_FACTS = "select opportunity, kind, language, source, sectors, countries from listing where opportunity in (select value from json_each(?))"


def _lifted(connection: sqlite3.Connection, filter: Filter, viewer: Viewer, now: datetime) -> Counts:
    """Counts of a filter without one facet's choice: from the tally where that can tell them, else over the matches if they are few."""
    if filter.is_plain and filter.status in ("live", "any"):
        return _plain(connection, filter, viewer, now)
    return _whole(_within(connection, filter, viewer, now, LIFTED))


def _whole(counted: Counts) -> Counts:
    """The counts when they are of the whole list; none at all when they are of a part of it."""
    return Counts(total=counted.total) if counted.capped else counted


def _within(connection: sqlite3.Connection, filter: Filter, viewer: Viewer, now: datetime, most: int = CAP) -> Counts:
    """Everything counted within the matches of ``filter``, up to ``most`` of them."""
    found, more, _ = matches(connection, filter.but(sort="newest"), viewer, now, most)
    at, soon = iso(now), iso(now + timedelta(days=CLOSING_DAYS))
    out: dict[str, Counter[str]] = {name: Counter() for name in ("kinds", "languages", "sources", "sectors", "countries", "roles")}
    for _, kind, language, source, sectors, countries in connection.execute(_FACTS, [json.dumps([m.opportunity for m in found])]):
        out["kinds"][kind] += 1
        out["languages"][language] += 1
        out["sources"][source] += 1
        out["sectors"].update(json.loads(sectors))
        held = reach(json.loads(countries))
        out["countries"].update(held.keys())
        bits = 0
        for country, roles in held.items():
            bits |= roles if not filter.countries or country in filter.countries else 0
        out["roles"].update(roles_of(bits))
    statuses: Counter[str] = Counter(m.status(at, soon) for m in found)
    statuses["live"] = sum(n for word, n in statuses.items() if word in ("open", "closing", "forthcoming", "rolling"))
    statuses["any"] = len(found)
    ends = {days: iso(now + timedelta(days=days)) for days in WINDOWS}
    windows = {days: sum(1 for m in found if at <= m.until <= end) for days, end in ends.items()}
    return Counts(
        total=len(found), capped=bool(more), statuses=dict(statuses), windows=windows, **{k: dict(v) for k, v in out.items()}
    )


def _positive(counter: Counter[str]) -> dict[str, int]:
    return {value: n for value, n in counter.most_common() if n > 0}
