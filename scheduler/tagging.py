"""The tagging step: what has no tags, tags of another vocabulary, or a text that has changed is tagged again, and written.

Texts are tagged by two processes of our own that hand back plain tags (spaCy's own n_process copies whole documents and is slower);
this process alone writes, a transaction a batch. Cut off anywhere, the next call goes on with what is still stale.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlite_utils import Database

from nlp.errors import NlpError
from nlp.tagging import tag, vocabulary_version
from store import tags
from store.database import writing
from store.model import Tags

BATCH = 500
# Below this many texts starting processes costs more than they bring.
FEW = 1500
PROCESSES = 2


def tag_stale(db: Database, *, now: datetime, limit: int | None = None, processes: int = PROCESSES) -> int:
    """Tag what is stale, newest first, at most ``limit`` (None = all); how many. Cut off anywhere, it goes on.

    A batch of ``BATCH`` is one transaction. ``processes`` 1 keeps the work in this process, as few texts do anyway. Raises NlpError
    when the vocabulary files change under way: tags of two vocabularies must not be mixed.
    """
    version = vocabulary_version()
    rows = tags.stale(db, version, limit)
    batches = [rows[start : start + BATCH] for start in range(0, len(rows), BATCH)]
    if processes < 2 or len(rows) < FEW:
        for batch in batches:
            _write(db, batch, tag_batch(batch), now)
        return len(rows)
    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        for batch, made in zip(batches, pool.imap(tag_batch, batches), strict=True):
            if any(found.vocabulary != version for found in made):
                raise NlpError(
                    "The vocabulary changed while texts were tagged: start again, so that all processes read one vocabulary."
                )
            _write(db, batch, made, now)
    return len(rows)


def tag_batch(rows: Sequence[Mapping[str, Any]]) -> list[Tags]:
    """The tags of rows as ``store.tags.stale`` gives them, in order."""
    return [
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


def impact_lines(db: Database, *, limit: int | None = None) -> Iterator[str]:
    """What the present vocabulary would change in what is stored, a line an item that gains or loses a tag, then the sums.

    Writes nothing. ``limit`` items, newest first (None = all whose tags are of another vocabulary or text).
    """
    gained: dict[str, int] = {}
    lost: dict[str, int] = {}
    looked = 0
    for row in tags.stale(db, vocabulary_version(), limit):
        looked += 1
        before = _labels(tags.read(db, row["id"]))
        after = _labels(tag_batch([row])[0])
        gains, losses = sorted(after - before), sorted(before - after)
        for label in gains:
            gained[label] = gained.get(label, 0) + 1
        for label in losses:
            lost[label] = lost.get(label, 0) + 1
        if gains or losses:
            yield " ".join(
                [f"{row['id']}", *(f"+{label}" for label in gains), *(f"-{label}" for label in losses), row["title"][:80]]
            )
    for label in sorted(gained.keys() | lost.keys()):
        yield f"{label}: {gained.get(label, 0)} gain it, {lost.get(label, 0)} lose it"
    yield f"{looked} items would be tagged again under vocabulary {vocabulary_version()}."


def _labels(found: Tags) -> set[str]:
    """Sectors and countries in their roles, as short labels."""
    return {tag.id for tag in found.sectors} | {f"{tag.code}:{tag.role}" for tag in found.countries}


def _write(db: Database, rows: Sequence[Mapping[str, Any]], made: Sequence[Tags], now: datetime) -> None:
    """One batch, one transaction."""
    with writing(db):
        for row, found in zip(rows, made, strict=True):
            tags.write(db, row["id"], found, row["text_hash"], now)
