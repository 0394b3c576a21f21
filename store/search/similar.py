"""What is like an opportunity: still usable, of its sectors, and with a title of the same words. Looks at a bounded number of others."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from datetime import datetime

from rapidfuzz.fuzz import token_set_ratio
from rapidfuzz.process import extract
from rapidfuzz.utils import default_process

from store.codec import iso
from store.groups import HOME
from store.search.find import Row, rows_of
from store.search.live import held
from store.search.match import of_ids
from store.search.question import Viewer

LOOKED_AT = 60
LEAST = 38.0
_TITLES = """
    select o.id, o.title, l.countries from opportunity o join listing l on l.opportunity = o.id
    where o.id in (select value from json_each(?))
"""


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

    Others are among the newest of its first two sectors, and of those in its first two countries; alike is said by their titles.
    """
    if not sectors:
        return []
    lock, live = held(connection)
    with lock:
        live.brought_up(connection, iso(now))
        of_sector = live.value("audience", *viewer.audiences) & live.value("sector", *sectors[:2]) & live.usable(iso(now))
        here = live.newest(of_sector & live.value("country", *countries[:2]), LOOKED_AT)
        others = set(here + live.newest(of_sector, LOOKED_AT)) - {number}
    told = connection.execute(_TITLES, [json.dumps(sorted(others))]).fetchall()
    likeness = extract(title, [row[1] for row in told], scorer=token_set_ratio, processor=default_process, limit=None)
    wanted = set(countries)
    scored = []
    for _, score, n in likeness:
        shared = len({code for code, bits in json.loads(told[n][2]).items() if bits != HOME} & wanted)
        scored.append((score + 8 * min(shared, 2), told[n][0]))
    best = [other for score, other in sorted(scored, reverse=True) if score >= LEAST][:most]
    found = {match.opportunity: match for match in of_ids(connection, best, viewer, now)}
    return rows_of(connection, [found[other] for other in best if other in found], now)
