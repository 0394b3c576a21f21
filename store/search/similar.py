"""What is like an opportunity: the same sector, still usable, and words of its title; the best of the newest hits."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Sequence
from datetime import datetime

from store.search.filter import Filter
from store.search.find import Row, rows_of
from store.search.match import Match, Viewer, binds, passes, wanted_tokens

_LOOKED_AT = 300
_SQL = """
    select h.opportunity, l.spans, l.opens, l.published, l.kind, l.countries, l.amount from (
        select rowid as opportunity, bm25(opportunity_fts, 6.0, 2.0, 0.0, 0.0) as score
        from opportunity_fts where opportunity_fts match :match order by rowid desc limit :most
    ) h join listing l on l.opportunity = h.opportunity
    where l.audience in (select value from json_each(:audiences)) and h.opportunity <> :self
    order by h.score, h.opportunity desc
"""


def similar(
    connection: sqlite3.Connection, number: int, title: str, sectors: Sequence[str], viewer: Viewer, now: datetime, most: int = 5
) -> list[Row]:
    """Up to ``most`` opportunities like the one with the id ``number``, the most alike first."""
    words = list(dict.fromkeys(w.lower() for w in re.findall(r"\w+", title) if len(w) >= 5 and not w.isdigit()))[:8]
    if not words:
        return []
    filter = Filter(sectors=tuple(sectors[:3]))
    expression = "{title summary} : (" + " OR ".join(f'"{word}"' for word in words) + ")"
    for some in wanted_tokens(connection, filter, viewer, now):
        expression += " AND {tags} : (" + " OR ".join(f'"{t}"' for t in some) + ")"
    values = binds(filter, viewer, now, connection)
    question = {"match": expression, "audiences": json.dumps(viewer.audiences), "self": number, "most": _LOOKED_AT}
    found: list[Match] = []
    for row in connection.execute(_SQL, question):
        match = passes(row, filter, values)
        if match is not None:
            found.append(match)
            if len(found) == most:
                break
    return rows_of(connection, found, now)
