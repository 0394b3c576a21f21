"""The reading side of lists: an address becomes a ``Filter``, a filter becomes a page of rows and the counts beside it."""

from __future__ import annotations

import sqlite3
from datetime import datetime

from store.search.count import Counts, counts
from store.search.filter import Filter, parse_filter
from store.search.find import Page, Row, Viewer, find
from store.search.question import Asked

__all__ = ["Counts", "Filter", "Page", "Row", "Viewer", "counts", "find", "find_and_count", "parse_filter"]


def find_and_count(connection: sqlite3.Connection, filter: Filter, viewer: Viewer, now: datetime) -> tuple[Page, Counts]:
    """A page of the list and the counts beside it; words are looked up once for both. Reads only."""
    asked: Asked = {}
    return find(connection, filter, viewer, now, asked), counts(connection, filter, viewer, now, asked)
