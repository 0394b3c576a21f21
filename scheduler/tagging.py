"""The tagging step: what has no tags, tags of another vocabulary, or a text that has changed is tagged again, and written.

Texts are tagged by processes of our own that hand back plain tags (spaCy's own n_process copies whole documents and is slower), two
of them where there is much; this process alone reads and writes the store, a page and a transaction a batch, so that memory does not grow with the store. Cut off
anywhere, the next call goes on with what is still stale.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlite_utils import Database

from nlp.errors import NlpError
from nlp.version import vocabulary_version
from scheduler.pool import PROCESSES, by_others
from store import tags
from store.model import Tags

BATCH = 500
# Below this many texts starting processes costs more than they bring; they go in small batches, so that a stop waits for few of them.
FEW = 1500
SMALL_BATCH = 100
Rows = Sequence[Mapping[str, Any]]


def tag_stale(
    db: Database,
    *,
    now: datetime,
    limit: int | None = None,
    apart: bool = False,
    stopping: Callable[[], bool] = lambda: False,
) -> int:
    """Tag what is stale, newest first, at most ``limit`` (None = all); how many. Cut off anywhere, it goes on.

    A batch (``BATCH``, or ``SMALL_BATCH`` where there are few) is one transaction; between batches ``stopping`` is asked. With
    ``apart`` few texts go to a process of their own too: a process that lives for years must not keep each word it has met. Raises
    NlpError when the vocabulary files change under way (tags of two vocabularies must not be mixed) and ProcessEnded when a process
    dies; what was written stays and is right.
    """
    done = 0
    for rows, made in _tagged(db, limit, apart=apart):
        tags.write_many(db, [(row["id"], found, row["text_hash"]) for row, found in zip(rows, made, strict=True)], now)
        done += len(rows)
        if stopping():
            break
    return done


def tag_batch(rows: Rows) -> list[Tags]:
    """The tags that the store keeps of rows as ``store.tags.stale`` gives them, in order."""
    from nlp.tagging import tag_subjects  # the process that only hands texts on needs no spaCy

    return [
        tag_subjects(
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


def _tagged(db: Database, limit: int | None, *, apart: bool = False) -> Iterator[tuple[Rows, list[Tags]]]:
    """Batch after batch of what is stale with its tags, by this process, by another one (``apart``) or, when there is much, by two."""
    version = vocabulary_version()
    waiting = tags.stale_count(db, version)
    if not waiting:
        return
    many = min(waiting, waiting if limit is None else limit) >= FEW
    batches = _batches(db, version, limit, BATCH if many else min(BATCH, SMALL_BATCH))
    if not (many or apart):
        yield from ((rows, tag_batch(rows)) for rows in batches)
        return
    for rows, made in by_others(tag_batch, batches, processes=PROCESSES if many else 1):
        if any(found.vocabulary != version for found in made):
            raise NlpError(
                "The vocabulary changed while texts were tagged: start again, so that all processes read one vocabulary."
            )
        yield rows, made


def _batches(db: Database, version: str, limit: int | None, size: int) -> Iterator[Rows]:
    """What is stale in pages of ``size``, newest first; each is read when the one before has been handed on."""
    last: int | None = None
    left = limit
    while left is None or left > 0:
        rows = tags.stale(db, version, size if left is None else min(size, left), before=last)
        if not rows:
            return
        yield rows
        last = rows[-1]["id"]
        left = None if left is None else left - len(rows)


def impact_lines(db: Database, *, limit: int | None = None) -> Iterator[str]:
    """What the present vocabulary would change in what is stored, a line an item that gains or loses a tag, then the sums.

    Writes nothing. ``limit`` items, newest first (None = all whose tags are of another vocabulary or text).
    """
    gained: dict[str, int] = {}
    lost: dict[str, int] = {}
    looked = 0
    for row, found in ((row, found) for rows, made in _tagged(db, limit) for row, found in zip(rows, made, strict=True)):
        looked += 1
        before, after = _labels(tags.read(db, row["id"])), _labels(found)
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
