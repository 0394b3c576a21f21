"""Flapping sources make one event, not one a crawl."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlite_utils import Database

from store.model import Change


def damp(db: Database, opportunity: int, changes: Sequence[Change], *, now: datetime) -> tuple[Change, ...]:
    """The changes, those that return to a value left lately marked as not material."""
    return tuple(changes)


def settle(db: Database, source: str, *, now: datetime, run: str | None = None) -> int:
    """Tell of values that a flapping source has held long enough; how many."""
    return 0
