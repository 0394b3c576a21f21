"""Merging: notices a second into a store that already holds many, as a ratio to the same batch into an almost empty one."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from datetime import timedelta

from store.merging.place import place
from store.model import Deadline
from tests.store.merge_gold import notices
from tests.store.merge_score import NOW, open_store_in_memory


def _later(deadline: Deadline, days: int) -> Deadline:
    assert deadline.local is not None
    assert deadline.utc is not None
    return replace(deadline, local=deadline.local + timedelta(days=days), utc=deadline.utc + timedelta(days=days))


def bench() -> list[tuple[str, float, str]]:
    """Rows: cost a notice at size against the cost when small (1.0 = does not grow), and notices a second at size."""
    size = int(os.environ.get("BENCH_NOTICES", "20000"))
    db = open_store_in_memory()
    db.execute("pragma foreign_keys = off")
    pool = [n for _, n in notices()]
    placed = 0
    first = last = 0.0
    while placed < size:
        batch = []
        for number in range(500):
            notice = pool[(placed + number) % len(pool)]
            turn = (placed + number) // len(pool)
            fresh = replace(
                notice,
                source_id=f"{notice.source_id}-{turn}",
                title=f"{notice.title} {turn}x" if turn else notice.title,
                url=f"{notice.url}-{turn}",
                hard_ids=tuple(f"{value}-{turn}" for value in notice.hard_ids),
                text=notice.text.replace("PROG-", f"PROG{turn}-"),
                deadlines=tuple(_later(deadline, turn) for deadline in notice.deadlines),
                starts=replace(notice.starts, local=notice.starts.local + timedelta(days=turn)) if notice.starts else None,
            )
            batch.append(fresh)
        rows = {}
        for notice in batch:
            row = db.conn.execute(
                "insert into notice (source, source_id, kind, url, canonical_url, title, language, payload, content_hash, "
                "first_seen, last_seen, changed_at) values (?, ?, ?, ?, ?, ?, '', '{}', '', '', '', '')",
                [notice.source, notice.source_id, notice.kind, notice.url, notice.url, notice.title],
            ).lastrowid
            assert row is not None
            rows[row] = (notice, notice.url)
        begun = time.perf_counter()
        with db.atomic():
            place(db, rows)
        last = time.perf_counter() - begun
        first = first or last
        placed += 500
    return [
        (f"merging: cost a notice at {placed:,} against the first 500", last / first, "1 = does not grow with the store"),
        (
            f"merging: notices a second at {placed:,}",
            500 / last,
            f"one core, at {NOW:%Y}: comparing and placing, without golden records",
        ),
    ]
