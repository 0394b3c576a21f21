"""A curator's word over the golden record: corrected fields win over every crawl, and a source that changes beneath one is told."""

from __future__ import annotations

from datetime import datetime

from sqlite_utils import Database

from store.golden import Golden


def apply(db: Database, opportunity: int, golden: Golden, *, now: datetime) -> Golden:
    """The golden record with the corrections in force laid over it."""
    return golden


def decided(db: Database, opportunity: int) -> bool:
    """Whether a curator approved or hid this opportunity and it was not undone."""
    row = db.execute(
        "select 1 from curation where opportunity = ? and action in ('approve', 'hide') and undone_at is null and waits = 0 limit 1",
        [opportunity],
    ).fetchone()
    return row is not None
