"""The reading side of lists: an address becomes a ``Filter``, a filter becomes a page of rows and the counts beside it."""

from __future__ import annotations

from store.search.count import Counts, counts
from store.search.filter import Filter, parse_filter
from store.search.find import Page, Row, Viewer, find

__all__ = ["Counts", "Filter", "Page", "Row", "Viewer", "counts", "find", "parse_filter"]
