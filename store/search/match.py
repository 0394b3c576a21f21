"""Which opportunities a filter lets through, in the order asked for: the rows of ``find`` merged from lanes, or hits of the full text.

A lane is one (audience, sector, country): each is read in order by its index and no further than the page needs.
"""

from __future__ import annotations

import heapq
import json
import sqlite3
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import product
from operator import itemgetter

from store.codec import iso
from store.search.filter import Filter
from store.search.question import FAR_FUTURE, LIVING, Asked, Match, Viewer, binds, current
from store.search.words import by_words

VISITS = 2000  # rows of the index that a list of the newest goes through before it turns to what is still usable


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
_OF_IDS = """
    select opportunity, spans, opens, published, kind from listing
    where opportunity in (select value from json_each(:ids)) and audience in (select value from json_each(:audiences))
"""


def matches(
    connection: sqlite3.Connection, filter: Filter, viewer: Viewer, now: datetime, most: int, asked: Asked | None = None
) -> tuple[list[Match], str, bool]:
    """The first ``most`` matches after the filter's cursor, the cursor of the next page ("" at the end), and whether the words had
    more hits than are put in order, so that only the newest were put in order. ``asked`` is kept for the counts of the same moment.
    """
    if filter.text:
        return by_words(connection, filter, viewer, now, most, asked)
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
    elif filter.status in LIVING:
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


def of_ids(connection: sqlite3.Connection, ids: Iterable[int], viewer: Viewer, now: datetime) -> list[Match]:
    """The opportunities with these ids that ``viewer`` may see, each with the row that is current at ``now`` (aware)."""
    values = {"ids": json.dumps(sorted(ids)), "audiences": json.dumps(viewer.audiences)}
    found = connection.execute(_OF_IDS, values)
    return [current(number, spans, opens, published, kind, iso(now)) for number, spans, opens, published, kind in found]
