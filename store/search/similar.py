"""What is like an opportunity: still usable, of its sectors, and with a title of the same words. Looks at a bounded number of others."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import datetime

from rapidfuzz.fuzz import token_set_ratio
from rapidfuzz.utils import default_process

from store.search.filter import Filter
from store.search.find import Row, rows_of
from store.search.match import Match, Viewer, matches

LOOKED_AT = 60
LEAST = 38.0


def similar(
    connection: sqlite3.Connection,
    number: int,
    title: str,
    sectors: Sequence[str],
    countries: Sequence[str],
    viewer: Viewer,
    now: datetime,
    most: int = 5,
) -> list[Row]:
    """Up to ``most`` opportunities like the one with the id ``number``, the most alike first; none when it has no sector.

    Others are the newest of its first two sectors, and of those in its first two countries; alike is said by their titles.
    """
    if not sectors:
        return []
    base = Filter(sectors=tuple(sectors[:2]))
    held: dict[int, Match] = {}
    for filter in (base.but(countries=tuple(countries[:2])), base) if countries else (base,):
        held |= {match.opportunity: match for match in matches(connection, filter, viewer, now, LOOKED_AT)[0]}
    held.pop(number, None)
    scored = []
    for row in rows_of(connection, list(held.values()), now):
        shared = len({code for code, _ in row.countries} & set(countries))
        score = token_set_ratio(title, row.title, processor=default_process) + 8 * min(shared, 2)
        if score >= LEAST:
            scored.append((score, row))
    scored.sort(key=lambda pair: (-pair[0], -pair[1].id))
    return [row for _, row in scored[:most]]
