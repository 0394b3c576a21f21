"""What speaks of an opportunity without being it: news and studies of a call, and the call that a piece of news is about."""

from __future__ import annotations

import json
import sqlite3
from datetime import datetime

from store.merging.links import related
from store.search.find import Row, rows_of
from store.search.match import of_ids
from store.search.question import Viewer


def speaking_of(connection: sqlite3.Connection, number: int, viewer: Viewer, now: datetime, most: int = 8) -> list[Row]:
    """Up to ``most`` opportunities that merging linked as related to the one with the id ``number``, the newest first."""
    notices = [row[0] for row in connection.execute("select id from notice where opportunity = ?", [number])]
    others = {other for one, two, _ in related(connection, notices) for other in (one, two)} - set(notices)
    sql = "select distinct opportunity from notice where id in (select value from json_each(?))"
    found = connection.execute(sql, [json.dumps(sorted(others))])
    matches = of_ids(connection, {row[0] for row in found} - {number}, viewer, now)
    return sorted(rows_of(connection, matches, now), key=lambda row: (row.published or row.first_seen, row.id), reverse=True)[:most]
