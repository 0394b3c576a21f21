"""Which opportunities a filter lets through, in the order asked for: the rows of ``find`` merged from lanes, or hits of the full text.

A lane is one (audience, sector, country): each is read in order by its index and no further than the page needs.
"""

from __future__ import annotations

import heapq
import json
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import product
from operator import itemgetter
from typing import Any

from store.codec import iso
from store.groups import ROLE_BITS, groups_of, reach
from store.index import NEVER, OPEN_END, quarter, token
from store.search.filter import Filter, match_expression
from store.status import CLOSING_DAYS

MOST_HITS = 2000
FAR_PAST, FAR_FUTURE = "", "~"


@dataclass(frozen=True, kw_only=True, slots=True)
class Viewer:
    """Who looks: ``cluster`` opens that cluster's embargoed items; ``since`` (ISO instant or "") is the visit before this one."""

    cluster: str = ""
    since: str = ""

    @property
    def audiences(self) -> tuple[str, ...]:
        """The audiences whose rows this viewer may see."""
        return ("", self.cluster) if self.cluster else ("",)


@dataclass(frozen=True, slots=True)
class Match:
    """One opportunity that passed, with the row that is current now."""

    opportunity: int
    until: str
    state: str
    opens: str
    published: str
    kind: str

    def status(self, now: str, soon: str) -> str:
        """The word for its state at ``now`` (ISO instant), the rule of ``store/status.py``."""
        if self.state in ("cancelled", "withdrawn"):
            return self.state
        if self.opens > now:
            return "forthcoming"
        if self.until < now:
            return "closed"
        if self.state == "rolling":
            return "rolling"
        return "closing" if self.state == "dated" and self.until <= soon else "open"


_WANTED = """
    and after < :now and (until >= :now or final = 1)
    and (:kinds is null or kind in (select value from json_each(:kinds)))
    and (:roles = 0 or roles & :roles)
    and (:languages is null or language in (select value from json_each(:languages)))
    and (:sources is null or source in (select value from json_each(:sources)))
    and (:budget is null or amount >= :budget)
    and opportunity >= :since
    and until >= :low and until <= :high
    and (:status = 'any' or (:status = 'live' and until >= :now) or :status = case
        when state in ('cancelled', 'withdrawn') then state
        when opens > :now then 'forthcoming'
        when until < :now then 'closed'
        when state = 'rolling' then 'rolling'
        when state = 'dated' and until <= :soon then 'closing'
        else 'open' end)
"""
_LANE = "from find {} where audience = :audience and sector = :sector and country = :country"
_COLUMNS = "select opportunity, until, state, opens, published, kind"
_NEWEST = (
    f"{_COLUMNS} {_LANE.format('indexed by find_newest')} and (published, opportunity) < (:key, :id) and published >= :floor {_WANTED}"
    " order by published desc, opportunity desc limit :most"
)
_SOONEST = f"{_COLUMNS} {_LANE.format('')} and (until, opportunity) > (:key, :id) {_WANTED} order by until, opportunity limit :most"
_LATEST = (
    f"{_COLUMNS} {_LANE.format('')} and (until, opportunity) < (:key, :id) {_WANTED}"
    " order by until desc, opportunity desc limit :most"
)
_HITS = """
    select l.opportunity, l.spans, l.opens, l.published, l.kind, l.countries, l.amount
    from opportunity_fts join listing l on l.opportunity = opportunity_fts.rowid
    where opportunity_fts match :match and opportunity_fts.rowid < :id
        and l.audience in (select value from json_each(:audiences))
    order by opportunity_fts.rowid desc limit :most
"""
_RANKED = """
    select h.opportunity, l.spans, l.opens, l.published, l.kind, l.countries, l.amount from (
        select rowid as opportunity, bm25(opportunity_fts, 8.0, 3.0, 1.0, 0.0) as score
        from opportunity_fts where opportunity_fts match :match order by rowid desc limit :most
    ) h join listing l on l.opportunity = h.opportunity
    where l.audience in (select value from json_each(:audiences))
    order by h.score, h.opportunity desc
"""


_OF_IDS = """
    select opportunity, spans, opens, published, kind from listing
    where opportunity in (select value from json_each(:ids)) and audience in (select value from json_each(:audiences))
"""


def binds(filter: Filter, viewer: Viewer, now: datetime, connection: sqlite3.Connection) -> dict[str, Any]:
    """The named values that the statements of this module bind for a filter at ``now`` (aware)."""
    at, soon = iso(now), iso(now + timedelta(days=CLOSING_DAYS))
    low, high = {
        "live": (at, FAR_FUTURE),
        "closed": (NEVER + "~", at),
        "cancelled": (NEVER, NEVER),
        "withdrawn": (NEVER, NEVER),
        "rolling": (OPEN_END, OPEN_END),
        "closing": (at, soon),
        "open": (at, FAR_FUTURE),
        "forthcoming": (at, FAR_FUTURE),
    }.get(filter.status, (FAR_PAST, FAR_FUTURE))
    if filter.within is not None:
        low, high = max(low, at), min(high, iso(now + timedelta(days=filter.within)))
    if filter.between is not None:
        low, high = max(low, filter.between[0]), min(high, filter.between[1])
    since, floor = first_new(connection, viewer.since) if filter.new else (0, FAR_PAST)
    return {
        "now": at,
        "soon": soon,
        "low": low,
        "high": high,
        "status": filter.status,
        "kinds": json.dumps(filter.kinds) if filter.kinds else None,
        "roles": sum(ROLE_BITS[role] for role in filter.roles) if filter.countries else 0,
        "languages": json.dumps(filter.languages) if filter.languages else None,
        "sources": json.dumps(filter.sources) if filter.sources else None,
        "budget": filter.budget,
        "since": since,
        "floor": floor,
    }


def first_new(connection: sqlite3.Connection, since: str) -> tuple[int, str]:
    """The id of the first opportunity that came after the instant ``since`` (ids grow as things arrive), and the oldest day of
    publication among them. A huge id when nothing came.
    """
    if not since:
        return 0, FAR_PAST
    row = connection.execute("select min(opportunity), min(published) from listing where seen > ?", [since]).fetchone()
    return (int(row[0]), str(row[1])) if row[0] is not None else (2**62, FAR_FUTURE)


def matches(
    connection: sqlite3.Connection, filter: Filter, viewer: Viewer, now: datetime, most: int
) -> tuple[list[Match], str, bool]:
    """The first ``most`` matches after the filter's cursor, the cursor of the next page ("" at the end), and whether the words had
    more than ``MOST_HITS`` hits, so that only the newest were put in order.
    """
    if filter.text:
        return _by_text(connection, filter, viewer, now, most)
    ordered = _lanes(connection, filter, viewer, now, most + 1)
    found: list[Match] = []
    seen: set[int] = set()
    for match in ordered:
        if match.opportunity not in seen:
            seen.add(match.opportunity)
            found.append(match)
            if len(found) > most:
                break
    if len(found) <= most:
        return found, "", False
    last = found[most - 1]
    key = last.published if filter.sort != "deadline" else last.until
    return found[:most], f"{key}~{last.opportunity}", False


def _lanes(connection: sqlite3.Connection, filter: Filter, viewer: Viewer, now: datetime, most: int) -> Iterator[Match]:
    values = binds(filter, viewer, now, connection) | {"most": most}
    key, _, number = filter.after.rpartition("~")
    if filter.sort != "deadline":
        statement, backwards, start = _NEWEST, True, FAR_FUTURE
    elif filter.status in ("live", "open", "closing", "rolling", "forthcoming"):
        statement, backwards, start = _SOONEST, False, FAR_PAST
    else:
        statement, backwards, start = _LATEST, True, FAR_FUTURE
    if statement == _SOONEST:
        start = str(values["low"])  # where the walk begins; it would begin with what closed years ago otherwise
    if statement == _LATEST:
        start = str(values["high"])
    values["key"], values["id"] = (key, int(number)) if filter.after else (start, -1 if statement == _SOONEST else 2**62)
    lanes = []
    for audience, sector, country in product(viewer.audiences, filter.sectors or ("",), filter.countries or ("",)):
        lane = connection.execute(statement, values | {"audience": audience, "sector": sector, "country": country})
        lanes.append([Match(*row) for row in lane])
    if len(lanes) == 1:
        return iter(lanes[0])
    place = itemgetter(0, 1)
    by = (
        (lambda m: place((m.published, m.opportunity)))
        if filter.sort != "deadline"
        else (lambda m: place((m.until, m.opportunity)))
    )
    return heapq.merge(*lanes, key=by, reverse=backwards)


def _by_text(
    connection: sqlite3.Connection, filter: Filter, viewer: Viewer, now: datetime, most: int
) -> tuple[list[Match], str, bool]:
    expression = match_expression(filter.text, wanted_tokens(connection, filter, viewer, now))
    if not expression:
        return [], "", False
    values = binds(filter, viewer, now, connection)
    question = {"match": expression, "audiences": json.dumps(viewer.audiences)}
    if filter.sort == "newest":
        return _newest_hits(connection, filter, values, question, most)
    statement = _RANKED if filter.sort == "relevance" else _HITS
    rows = connection.execute(statement, question | {"most": MOST_HITS} | ({} if filter.sort == "relevance" else {"id": 2**62}))
    answers = rows.fetchall()
    found = [match for row in answers if (match := passes(row, filter, values)) is not None]
    if filter.sort == "deadline":
        found.sort(key=lambda m: (m.until, m.opportunity))
    _, _, number = filter.after.rpartition("~")
    start = int(number) if filter.after else 0
    more = len(found) > start + most
    return found[start : start + most], f"0~{start + most}" if more else "", len(answers) >= MOST_HITS


def _newest_hits(
    connection: sqlite3.Connection, filter: Filter, values: dict[str, Any], question: dict[str, str], most: int
) -> tuple[list[Match], str, bool]:
    _, _, number = filter.after.rpartition("~")
    cursor = int(number) if filter.after else 2**62
    found: list[Match] = []
    rows = connection.execute(_HITS, question | {"id": cursor, "most": MOST_HITS * 10})
    for row in rows:
        match = passes(row, filter, values)
        if match is not None:
            found.append(match)
            if len(found) > most:
                return found[:most], f"0~{found[most - 1].opportunity}", False
    return found, "", False


def of_ids(connection: sqlite3.Connection, ids: Iterable[int], viewer: Viewer, now: datetime) -> list[Match]:
    """The opportunities with these ids that ``viewer`` may see, each with the row that is current at ``now`` (aware)."""
    values = {"ids": json.dumps(sorted(ids)), "audiences": json.dumps(viewer.audiences)}
    found = connection.execute(_OF_IDS, values)
    return [_current(number, spans, opens, published, kind, iso(now)) for number, spans, opens, published, kind in found]


def _current(number: int, spans: str, opens: str, published: str, kind: str, now: str) -> Match:
    _, until, _, state = next(
        (span for span in json.loads(spans) if span[0] < now and (span[1] >= now or span[2])), ("", NEVER, 1, "withdrawn")
    )
    return Match(number, until, state, opens, published, kind)


def passes(row: tuple[Any, ...], filter: Filter, values: dict[str, Any]) -> Match | None:
    """The match of a hit, or None: what tokens cannot say (time, status, money, role, novelty) is asked here."""
    number, spans, opens, published, kind, countries, amount = row
    now = values["now"]
    match = _current(number, spans, opens, published, kind, now)
    until = match.until
    status = match.status(now, values["soon"])
    if filter.status == "live" and until < now:
        return None
    if filter.status not in ("live", "any") and status != filter.status:
        return None
    if not values["low"] <= until <= values["high"] or number < values["since"]:
        return None
    if filter.budget is not None and (amount is None or amount < filter.budget):
        return None
    if values["roles"]:
        held = reach(json.loads(countries))
        if not any(held.get(country, 0) & values["roles"] for country in filter.countries):
            return None
    return match


def wanted_tokens(connection: sqlite3.Connection, filter: Filter, viewer: Viewer, now: datetime) -> list[list[str]]:
    """The tag tokens that narrow a full text question, each inner list one "any of"."""
    out = [[token("audience", audience) for audience in viewer.audiences]]
    for facet, values in (
        ("kind", filter.kinds),
        ("sector", filter.sectors),
        ("country", filter.countries),
        ("language", filter.languages),
        ("source", filter.sources),
    ):
        if values:
            out.append([token(facet, value) for value in values])
            if facet == "country":
                out[-1] += [token("eligible", group) for group in dict.fromkeys(g for value in values for g in groups_of(value))]
    if filter.status in ("live", "open", "closing", "rolling") or filter.within is not None:
        out.append([token("until", word) for word in _living(connection, viewer, now)])
    elif filter.status in ("cancelled", "withdrawn"):
        out.append([token("until", filter.status)])
    return out


def _living(connection: sqlite3.Connection, viewer: Viewer, now: datetime) -> list[str]:
    """What the ``until`` token of something alive at ``now`` can say: this quarter, each later one in the store, or no end."""
    sql = "select max(month) from tally where audience = ? and sector = '' and country = '' and month < '9999'"
    first, last = iso(now)[:7], max(connection.execute(sql, [audience]).fetchone()[0] or "" for audience in viewer.audiences)
    words = ["rolling", "undated", quarter(first)]
    year, part = int(first[:4]), (int(first[5:7]) + 2) // 3
    while f"{year}q{part}" < (quarter(last) if last else ""):
        year, part = (year, part + 1) if part < 4 else (year + 1, 1)
        words.append(f"{year}q{part}")
    return words
