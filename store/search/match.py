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
LOOK = 60  # hits that are looked at together
VISITS = 2000  # rows of the index that a list of the newest goes through before it turns to what is still usable
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
    and f.after < :now and (f.until >= :now or f.final = 1)
    and (:kinds is null or f.kind in (select value from json_each(:kinds)))
    and (:roles = 0 or f.roles & :roles)
    and (:languages is null or f.language in (select value from json_each(:languages)))
    and (:sources is null or f.source in (select value from json_each(:sources)))
    and (:budget is null or f.amount >= :budget)
    and f.opportunity >= :since
    and f.until >= :low and f.until <= :high
    and (:status = 'any' or (:status = 'live' and f.until >= :now) or :status = case
        when f.state in ('cancelled', 'withdrawn') then f.state
        when f.opens > :now then 'forthcoming'
        when f.until < :now then 'closed'
        when f.state = 'rolling' then 'rolling'
        when f.state = 'dated' and f.until <= :soon then 'closing'
        else 'open' end)
"""
_LANE = "from find f where f.audience = :audience and f.sector = :sector and f.country = :country"
_COLUMNS = "select f.opportunity, f.until, f.state, f.opens, f.published, f.kind"
# From the newest on, through the index alone (it holds ``until`` too) as far as :visits of its rows, and to the row of what may pass.
_NEWEST = f"""
    {_COLUMNS} from (
        select until, opportunity, after from find indexed by find_newest
        where audience = :audience and sector = :sector and country = :country
            and (published, opportunity) < (:key, :id) and published >= :floor
        order by published desc, opportunity desc limit :visits
    ) n cross join find f
    on f.audience = :audience and f.sector = :sector and f.country = :country and f.until = n.until and f.opportunity = n.opportunity
    where n.until >= :low and n.until <= :high and n.after < :now {_WANTED} limit :most
"""  # noqa: S608 - put together from the fragments above
# All of a range of ends, put in order: for what is so rare among the newest that the walk above would go on for years.
_RECENT = f"""
    {_COLUMNS} {_LANE} and (+f.published, +f.opportunity) < (:key, :id) and +f.published >= :floor {_WANTED}
    order by +f.published desc, +f.opportunity desc limit :most
"""
_SOONEST = f"{_COLUMNS} {_LANE} and (f.until, f.opportunity) > (:key, :id) {_WANTED} order by f.until, f.opportunity limit :most"
_LATEST = (
    f"{_COLUMNS} {_LANE} and (f.until, f.opportunity) < (:key, :id) {_WANTED} order by f.until desc, f.opportunity desc limit :most"
)
_HITS = """
    select l.opportunity, l.spans, l.opens, l.published, l.kind, l.countries, l.amount
    from opportunity_fts join listing l on l.opportunity = opportunity_fts.rowid
    where opportunity_fts match :match and opportunity_fts.rowid < :id
        and l.audience in (select value from json_each(:audiences))
    order by opportunity_fts.rowid desc limit :most
"""
_RANKED = """
    select rowid, bm25(opportunity_fts, 8.0, 3.0, 1.0, 0.0) from opportunity_fts where opportunity_fts match :match
    order by rowid desc limit :most
"""
_NUMBERS = "select rowid from opportunity_fts where opportunity_fts match :match order by rowid desc limit :most"
_HITS_OF = """
    select opportunity, spans, opens, published, kind, countries, amount from listing
    where opportunity in (select value from json_each(:ids)) and audience in (select value from json_each(:audiences))
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
    values = binds(filter, viewer, now, connection) | {"most": most, "visits": -1}
    key, _, number = filter.after.rpartition("~")
    statements: tuple[str, ...] = (_LATEST,)
    backwards, start = True, str(values["high"])
    if filter.sort != "deadline":
        statements, start = (_NEWEST,), FAR_FUTURE
        if filter.status not in ("closed", "any") or filter.within is not None or filter.between is not None:
            statements, values["visits"] = (_NEWEST, _RECENT), VISITS
    elif filter.status in ("live", "open", "closing", "rolling", "forthcoming"):
        # ``low`` is where the walk begins; it would begin with what closed years ago otherwise.
        statements, backwards, start = (_SOONEST,), False, str(values["low"])
    values["key"], values["id"] = (key, int(number)) if filter.after else (start, 2**62 if backwards else -1)
    lanes = []
    for audience, sector, country in product(viewer.audiences, filter.sectors or ("",), filter.countries or ("",)):
        lane: list[Match] = []
        for statement in statements:
            if len(lane) < most:
                found = connection.execute(statement, values | {"audience": audience, "sector": sector, "country": country})
                lane = [Match(*row) for row in found]
        lanes.append(lane)
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
    # Audiences are asked of ``listing``: their tokens stand in every text, and each would be weighed by all of them.
    expression = match_expression(filter.text, wanted_tokens(connection, filter, viewer, now)[1:])
    if not expression:
        return [], "", False
    values = binds(filter, viewer, now, connection)
    question = {"match": expression, "audiences": json.dumps(viewer.audiences)}
    if filter.sort == "newest":
        return _newest_hits(connection, filter, values, question, most)
    _, _, number = filter.after.rpartition("~")
    start = int(number) if filter.after else 0
    if filter.sort == "relevance":
        found, clipped = _best_hits(connection, filter, values, question, start + most + 1)
    else:
        answers = connection.execute(_HITS, question | {"most": MOST_HITS, "id": 2**62}).fetchall()
        found = [match for row in answers if (match := passes(row, filter, values)) is not None]
        found.sort(key=lambda m: (m.until, m.opportunity))
        clipped = len(answers) >= MOST_HITS
    more = len(found) > start + most
    return found[start : start + most], f"0~{start + most}" if more else "", clipped


def _best_hits(
    connection: sqlite3.Connection, filter: Filter, values: dict[str, Any], question: dict[str, str], most: int
) -> tuple[list[Match], bool]:
    """The best of the newest ``MOST_HITS`` hits: all are weighed, and looked at from the best on until there are enough."""
    ranked = connection.execute(_RANKED, question | {"most": MOST_HITS}).fetchall()
    ranked.sort(key=lambda hit: (hit[1], -hit[0]))
    found: list[Match] = []
    for start in range(0, len(ranked), LOOK):
        ids = [hit[0] for hit in ranked[start : start + LOOK]]
        rows = {row[0]: row for row in connection.execute(_HITS_OF, question | {"ids": json.dumps(ids)})}
        found += [match for n in ids if n in rows and (match := passes(rows[n], filter, values)) is not None]
        if len(found) >= most:
            break
    return found, len(ranked) >= MOST_HITS


def hits(
    connection: sqlite3.Connection, filter: Filter, viewer: Viewer, now: datetime, most: int, *, whoever: bool = False
) -> list[int]:
    """The newest opportunities that hold the filter's words and tags, ``most`` at the most: what tokens cannot say is not asked.
    With ``whoever`` they are of any audience.
    """
    tokens = wanted_tokens(connection, filter, viewer, now)
    expression = match_expression(filter.text, tokens[1:] if whoever else tokens)
    return [row[0] for row in connection.execute(_NUMBERS, {"match": expression, "most": most})] if expression else []


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
    return [current(number, spans, opens, published, kind, iso(now)) for number, spans, opens, published, kind in found]


def current(number: int, spans: str, opens: str, published: str, kind: str, now: str) -> Match:
    """The match of a listing with the span that is current at ``now`` (ISO instant)."""
    _, until, _, state = next(
        (span for span in json.loads(spans) if span[0] < now and (span[1] >= now or span[2])), ("", NEVER, 1, "withdrawn")
    )
    return Match(number, until, state, opens, published, kind)


def passes(row: tuple[Any, ...], filter: Filter, values: dict[str, Any]) -> Match | None:
    """The match of a hit, or None: what tokens cannot say (time, status, money, role, novelty) is asked here."""
    number, spans, opens, published, kind, countries, amount = row
    now = values["now"]
    match = current(number, spans, opens, published, kind, now)
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
    """The tag tokens that narrow a full text question, each inner list one "any of"; the audiences come first."""
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
    sql = "select max(until) from find where audience = ? and sector = '' and country = '' and until < '9999'"
    first, last = iso(now)[:7], max(connection.execute(sql, [audience]).fetchone()[0] or "" for audience in viewer.audiences)
    words = ["rolling", "undated", quarter(first)]
    year, part = int(first[:4]), (int(first[5:7]) + 2) // 3
    while f"{year}q{part}" < (quarter(last) if last else ""):
        year, part = (year, part + 1) if part < 4 else (year + 1, 1)
        words.append(f"{year}q{part}")
    return words
