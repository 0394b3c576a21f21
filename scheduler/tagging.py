"""The tagging step: what has no tags, tags of another vocabulary, or a text that has changed is tagged again, and written."""

from __future__ import annotations

from datetime import datetime

from sqlite_utils import Database

from nlp.tagging import tag, vocabulary_version
from store import tags
from store.database import writing


def tag_stale(db: Database, *, now: datetime, limit: int | None = None) -> int:
    """Tag what is stale, newest first, at most ``limit`` (None = all), in one transaction; how many. Cut off anywhere, it goes on."""
    version = vocabulary_version()
    rows = tags.stale(db, version, limit)
    made = [
        tag(
            row["text"],
            row["language"],
            title=row["title"],
            codes=row["codes"],
            kind=row["kind"],
            zone=row["zone"],
            published=row["published"].date() if row["published"] else None,
        )
        for row in rows
    ]
    with writing(db):
        for row, found in zip(rows, made, strict=True):
            tags.write(db, row["id"], found, row["text_hash"], now)
    return len(rows)
