"""The counts beside a list: how many there are, and how many each other choice would give.

What can still be used is counted exactly from bits in memory (``live.py``), whatever the filter and the size of the store; all there is,
over or not, from ``tally`` for one sector and one country. Anything else is counted over the matches, up to ``CAP`` of them.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial

from store.codec import iso
from store.groups import reach
from store.model import KINDS, ROLES
from store.search.filter import WINDOWS, Filter
from store.search.find import roles_of
from store.search.live import Live, held
from store.search.match import matches
from store.search.question import LIVING, Asked, Match, Viewer, current, first_new
from store.search.words import HITS, free_hits, hits
from store.status import CLOSING_DAYS

CAP = 300
FEW = 150
LIFTED = 120


@dataclass(frozen=True, kw_only=True, slots=True)
class Counts:
    """``total`` matches (at least that many when ``capped``). Each mapping counts what the list would hold with that value chosen in
    place of the facet's present choice; ``roles`` (of the chosen countries), ``languages`` and ``sources`` count within the list, and
    ``sources`` is empty when it is long.
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


def counts(connection: sqlite3.Connection, filter: Filter, viewer: Viewer, now: datetime, asked: Asked | None = None) -> Counts:
    """The counts for ``filter`` as ``viewer`` may see them at ``now`` (aware), ``asked`` as ``find`` left it. Reads only."""
    if filter.status in LIVING and not filter.between:
        return _of_words(connection, filter, viewer, now, asked) if filter.text else _living(connection, filter, viewer, now)
    if filter.is_plain and filter.status == "any" and filter.within is None:
        return _any(connection, filter, viewer, now)
    return _counted(connection, filter, viewer, now)


def _living(
    connection: sqlite3.Connection, filter: Filter, viewer: Viewer, now: datetime, among: Sequence[int] | None = None
) -> Counts:
    """Of what can still be used (``among`` these opportunities): every facet by its bits, its own choice taken away."""
    lock, live = held(connection)
    with lock:
        live.brought_up(connection, iso(now))
        return of_bits(connection, live, filter, viewer, now, live.of(among) if among is not None else -1)


def _of_words(connection: sqlite3.Connection, filter: Filter, viewer: Viewer, now: datetime, asked: Asked | None) -> Counts:
    """Of what can still be used and holds the words. When more hold them than are looked at, the hits that have the filter's tags too
    are counted, and the facets that are chosen are not.
    """
    found = free_hits(connection, filter, viewer, now, asked)
    if len(found) < HITS:
        return _living(connection, filter, viewer, now, found)
    found = hits(connection, filter, viewer, now, HITS, whoever=True, asked=asked)
    told = _living(connection, filter, viewer, now, found)
    return replace(
        told,
        kinds={} if filter.kinds else told.kinds,
        sectors={} if filter.sectors else told.sectors,
        countries={} if filter.countries else told.countries,
        statuses={},
        windows={} if filter.within else told.windows,
        capped=len(found) >= HITS,
    )


def of_bits(connection: sqlite3.Connection, live: Live, filter: Filter, viewer: Viewer, now: datetime, among: int = -1) -> Counts:
    """The counts for a filter of what can still be used, from bits that were brought up to ``now`` and are not in use elsewhere."""
    at = iso(now)
    forthcoming, rolling = live.forthcoming(at), live.value("state", "rolling")
    closing = live.value("state", "dated") & live.ended_by(iso(now + timedelta(days=CLOSING_DAYS))) & ~forthcoming
    rolling &= ~forthcoming
    states = {"live": -1, "closing": closing, "forthcoming": forthcoming, "rolling": rolling}
    states["open"] = ~(closing | forthcoming | rolling)
    chosen = live.chosen(filter)

    def all_but(facet: str) -> int:
        bits = usable
        for name, some in chosen.items():
            bits &= some if name != facet else -1
        return bits

    usable = live.value("audience", *viewer.audiences) & live.usable(at) & among
    if filter.budget is not None:
        usable &= live.worth(filter.budget)
    if filter.new:
        usable &= live.arrived(first_new(connection, viewer.since)[0])
    window = live.ended_by(iso(now + timedelta(days=filter.within))) if filter.within is not None else -1
    of_any_state = all_but("") & window
    windows = {
        days: (all_but("") & states[filter.status] & live.ended_by(iso(now + timedelta(days=days)))).bit_count() for days in WINDOWS
    }
    usable &= window & states[filter.status]
    whole = all_but("")
    total = whole.bit_count()
    few = live.standing(whole) if total <= FEW else []
    statuses = {word: (of_any_state & bits).bit_count() for word, bits in states.items()}
    if filter.is_plain and filter.within is None:
        statuses |= _over(connection, filter, viewer, statuses["live"])
    return Counts(
        total=total,
        kinds=_each(live.bits["kind"], all_but("kinds")),
        sectors=_each(live.bits["sector"], all_but("sectors")),
        countries=_each(live.bits["country"], all_but("countries")),
        statuses=statuses,
        windows=windows,
        roles=_each({role: live.value("role", *(c + role for c in filter.countries)) for role in ROLES}, whole),
        languages=_each(live.bits["language"], whole),
        sources=_positive(Counter(live.sources[place] for place in few)),
    )


def _each(bits: Mapping[str, int], among: int) -> dict[str, int]:
    return _positive(Counter({value: (some & among).bit_count() for value, some in bits.items()}))


def _over(connection: sqlite3.Connection, filter: Filter, viewer: Viewer, alive: int) -> dict[str, int]:
    """What is over of a plain filter, and all there is."""
    months = _sums(connection, filter, viewer, filter.sectors or ("",), filter.countries or ("",), by=3, kinds=filter.kinds)
    gone = {word: months.get(word, 0) for word in ("cancelled", "withdrawn")}
    everything = months.get("", 0)
    return gone | {"closed": everything - alive - gone["cancelled"] - gone["withdrawn"], "any": everything}


_TALLY = """
    select sector, country, kind, month, n from tally
    where audience in (select value from json_each(:audiences)) and sector in (select value from json_each(:sectors))
        and country in (select value from json_each(:countries)) and month in (select value from json_each(:months))
        and kind in (select value from json_each(:kinds))
"""
_VALUES = """
    with recursive v(value) as (
        select min({0}) from tally where audience = :audience and {1} {0} > ''
        union all select (select min({0}) from tally where audience = :audience and {1} {0} > v.value) from v where v.value is not null
    ) select value from v where value is not null
"""
_SECTORS = _VALUES.format("sector", "")
_COUNTRIES = _VALUES.format("country", "sector = '' and")
_MONTHS = ("", "cancelled", "withdrawn")


def _sums(
    connection: sqlite3.Connection,
    filter: Filter,
    viewer: Viewer,
    sectors: Sequence[str],
    countries: Sequence[str],
    *,
    by: int,
    kinds: Sequence[str],
) -> dict[str, int]:
    """All there is, over or not, by column ``by`` of the tally: 0 sector, 1 country, 2 kind, 3 whether cancelled or withdrawn."""
    values = {"audiences": viewer.audiences, "sectors": sectors, "countries": countries, "kinds": kinds or ("",)}
    values["months"] = _MONTHS if by == 3 else ("",)
    total: Counter[str] = Counter()
    for row in connection.execute(_TALLY, {name: json.dumps(value) for name, value in values.items()}):
        total[row[by]] += row[4]
    return _positive(total)


def _any(connection: sqlite3.Connection, filter: Filter, viewer: Viewer, now: datetime) -> Counts:
    """Of all there is, over or not, for a plain filter: read from the tally."""

    def of(statement: str) -> list[str]:
        found = (connection.execute(statement, {"audience": audience}) for audience in viewer.audiences)
        return list(dict.fromkeys(row[0] for rows in found for row in rows))

    here, there = filter.sectors or ("",), filter.countries or ("",)
    sums = partial(_sums, connection, filter, viewer)
    kinds = sums(here, there, by=2, kinds=KINDS)
    total = sum(n for kind, n in kinds.items() if not filter.kinds or kind in filter.kinds)
    rest = _within(connection, filter, viewer, now) if total <= FEW else Counts(total=total)
    alive = _living(connection, filter.but(status="live"), viewer, now)
    return Counts(
        total=total,
        kinds=kinds,
        sectors=sums(of(_SECTORS), there, by=0, kinds=filter.kinds),
        countries=sums(here, of(_COUNTRIES), by=1, kinds=filter.kinds),
        statuses=alive.statuses,
        windows=alive.windows,
        roles=rest.roles,
        languages=rest.languages,
        sources=rest.sources,
    )


def arrived(connection: sqlite3.Connection, viewer: Viewer) -> int:
    """How many came since the viewer's last visit, counted up to ``CAP``."""
    sql = "select count(*) from (select 1 from listing where seen > ? and audience in (select value from json_each(?)) limit ?)"
    return int(connection.execute(sql, [viewer.since, json.dumps(viewer.audiences), CAP]).fetchone()[0]) if viewer.since else 0


def _counted(connection: sqlite3.Connection, filter: Filter, viewer: Viewer, now: datetime) -> Counts:
    """Counts over the matches themselves; a facet with a choice is counted with that choice taken away."""
    here = _within(connection, filter, viewer, now)
    free: dict[str, Counts] = {}
    for facet, chosen in (("kinds", filter.kinds), ("sectors", filter.sectors), ("countries", filter.countries)):
        lifted = {facet: (), "roles": ()} if facet == "countries" else {facet: ()}
        free[facet] = _lifted(connection, filter.but(**lifted), viewer, now) if chosen else here
    statuses = here.statuses if filter.status == "any" else {}
    total, capped = here.total, here.capped
    if filter.is_plain:
        statuses = _living(connection, filter.but(within=None, status="live"), viewer, now).statuses
        if filter.within is None:
            total, capped = statuses[filter.status], False
    return Counts(
        total=total,
        capped=capped,
        kinds=free["kinds"].kinds,
        sectors=free["sectors"].sectors,
        countries=free["countries"].countries,
        statuses=statuses,
        windows=here.windows if filter.within is None else {},
        roles=here.roles,
        languages=here.languages,
        sources=here.sources,
    )


_FACTS = """
    select kind, language, source, sectors, countries, opportunity, spans, opens, published from listing
    where opportunity in (select value from json_each(:ids)) and audience in (select value from json_each(:audiences))
"""


def _lifted(connection: sqlite3.Connection, filter: Filter, viewer: Viewer, now: datetime) -> Counts:
    """Counts of a filter without one facet's choice: from the tally where that can tell them, else over the matches if they are few."""
    if filter.is_plain and filter.status == "any" and filter.within is None:
        return _any(connection, filter, viewer, now)
    return _within(connection, filter, viewer, now, LIFTED)


def _within(connection: sqlite3.Connection, filter: Filter, viewer: Viewer, now: datetime, most: int = CAP) -> Counts:
    """Everything counted within the matches of ``filter``; nothing but that there are many, when there are more than ``most``."""
    exact = filter.status == "any" and not (filter.roles or filter.budget or filter.new or filter.between or filter.within)
    if filter.text and exact:
        ids = hits(connection, filter, viewer, now, most + 1)
    else:
        sort = "newest" if filter.text or filter.new else "deadline"
        ids = [match.opportunity for match in matches(connection, filter.but(sort=sort), viewer, now, most + 1)[0]]
    if len(ids) > most:
        return Counts(total=most, capped=True)
    at, soon = iso(now), iso(now + timedelta(days=CLOSING_DAYS))
    out: dict[str, Counter[str]] = {name: Counter() for name in ("kinds", "languages", "sources", "sectors", "countries", "roles")}
    found: list[Match] = []
    values = {"ids": json.dumps(ids), "audiences": json.dumps(viewer.audiences)}
    for kind, language, source, sectors, countries, number, spans, opens, published in connection.execute(_FACTS, values):
        found.append(current(number, spans, opens, published, kind, at))
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
        total=len(found),
        kinds=dict(out["kinds"]),
        sectors=dict(out["sectors"]),
        countries=dict(out["countries"]),
        statuses=dict(statuses),
        windows=windows,
        roles=dict(out["roles"]),
        languages=dict(out["languages"]),
        sources=dict(out["sources"]),
    )


def _positive(counter: Counter[str]) -> dict[str, int]:
    return {value: n for value, n in counter.most_common() if n > 0}
