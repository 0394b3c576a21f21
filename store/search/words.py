"""What holds a reader's words: hits of the full text, whose tags narrow them as tokens, looked at no further than the page needs."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from datetime import datetime
from functools import reduce
from operator import and_
from typing import Any

from store.codec import iso
from store.groups import groups_of, reach
from store.index import quarter, token
from store.search.filter import Filter, match_expression
from store.search.live import held
from store.search.question import LIVING, Asked, Match, Viewer, binds, current

MOST_HITS = 2000
HITS = 500  # of words, that are looked up among what can still be used
LOOK = 60  # hits that are looked at together


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


def by_words(
    connection: sqlite3.Connection, filter: Filter, viewer: Viewer, now: datetime, most: int, asked: Asked | None
) -> tuple[list[Match], str, bool]:
    """As ``matches``, for a filter with words; the last is whether they had more than ``MOST_HITS`` hits."""
    # Audiences are asked of ``listing``: their tokens stand in every text, and each would be weighed by all of them.
    expression = match_expression(filter.text, wanted_tokens(connection, filter, viewer, now)[1:])
    if not expression:
        return [], "", False
    values = binds(filter, viewer, now, connection)
    question = {"match": expression, "audiences": json.dumps(viewer.audiences)}
    if filter.sort == "newest":
        if asked is not None and filter.status in LIVING and not filter.after:
            known = _known(connection, filter, viewer, now, asked)
            if len(known) < HITS:
                found = _looked_at(connection, filter, values, question, known, most + 1)
                return found[:most], f"0~{found[most - 1].opportunity}" if len(found) > most else "", False
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


def _known(connection: sqlite3.Connection, filter: Filter, viewer: Viewer, now: datetime, asked: Asked) -> list[int]:
    """The newest hits that have the filter's tags: taken from those without regard to tags, which counts want too, when these are all."""
    free = free_hits(connection, filter, viewer, now, asked)
    if len(free) >= HITS:
        return hits(connection, filter, viewer, now, HITS, whoever=True, asked=asked)
    lock, live = held(connection)
    with lock:
        live.brought_up(connection, iso(now))
        having = set(live.standing_numbers(reduce(and_, live.chosen(filter).values(), live.of(free))))
    return [number for number in free if number in having]


def free_hits(connection: sqlite3.Connection, filter: Filter, viewer: Viewer, now: datetime, asked: Asked | None) -> list[int]:
    """The newest hits among what can still be used, whatever else the filter asks for."""
    free = filter.but(kinds=(), sectors=(), countries=(), roles=(), languages=(), sources=(), status="live", within=None)
    return hits(connection, free, viewer, now, HITS, whoever=True, asked=asked)


def _best_hits(
    connection: sqlite3.Connection, filter: Filter, values: dict[str, Any], question: dict[str, str], most: int
) -> tuple[list[Match], bool]:
    """The best of the newest ``MOST_HITS`` hits: all are weighed, and looked at from the best on until there are enough."""
    ranked = connection.execute(_RANKED, question | {"most": MOST_HITS}).fetchall()
    ranked.sort(key=lambda hit: (hit[1], -hit[0]))
    return _looked_at(connection, filter, values, question, [hit[0] for hit in ranked], most), len(ranked) >= MOST_HITS


def _looked_at(
    connection: sqlite3.Connection, filter: Filter, values: dict[str, Any], question: dict[str, str], ids: Sequence[int], most: int
) -> list[Match]:
    """Those of these hits that pass, in their order, until there are ``most`` or some more."""
    found: list[Match] = []
    for start in range(0, len(ids), LOOK):
        some = ids[start : start + LOOK]
        rows = {row[0]: row for row in connection.execute(_HITS_OF, question | {"ids": json.dumps(some)})}
        found += [match for n in some if n in rows and (match := passes(rows[n], filter, values)) is not None]
        if len(found) >= most:
            break
    return found


def hits(
    connection: sqlite3.Connection,
    filter: Filter,
    viewer: Viewer,
    now: datetime,
    most: int,
    *,
    whoever: bool = False,
    asked: Asked | None = None,
) -> list[int]:
    """The newest opportunities that hold the filter's words and tags, ``most`` at the most: what tokens cannot say is not asked.
    With ``whoever`` they are of any audience. What stands in ``asked`` is not asked again.
    """
    tokens = wanted_tokens(connection, filter, viewer, now)
    expression = match_expression(filter.text, tokens[1:] if whoever else tokens)
    if not expression:
        return []
    found = asked.get((expression, most)) if asked is not None else None
    if found is None:
        found = [row[0] for row in connection.execute(_NUMBERS, {"match": expression, "most": most})]
        if asked is not None:
            asked[expression, most] = found
    return found


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
