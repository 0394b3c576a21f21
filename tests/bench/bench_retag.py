"""All of a store tagged again by the real job, as after a change of the vocabulary: two processes that tag, this one that writes.

``CLUSTERSCOUT_BENCH_RETAG`` is how many opportunities the store has (2,000 when not set; 100000 is the size that was promised for ten
minutes). They carry tags of another vocabulary, and texts as in ``texts.py``: 120 to 600 words in 22 languages.
"""

from __future__ import annotations

import os
import resource
import sqlite3
import tempfile
import time
from pathlib import Path

from scheduler.pool import PROCESSES
from scheduler.tagging import tag_stale
from store.database import open_store
from tests.bench.big_store import NOW, build
from tests.bench.texts import documents

SIZE = int(os.environ.get("CLUSTERSCOUT_BENCH_RETAG", "2000"))
PART = 1000


def filled(path: Path, size: int) -> Path:
    """A store of ``size`` opportunities whose texts are worth tagging."""
    build(path, size)
    with sqlite3.connect(path) as db:
        for start in range(0, size, PART):
            given = documents(1000 + start, min(PART, size - start))
            rows = [(text[:80], text, lang, start + place + 1) for place, (lang, text) in enumerate(given)]
            db.executemany("update opportunity set title = ?, text = ?, summary = '', language = ? where id = ?", rows)
    db.close()
    return path


def bench() -> list[tuple[str, float, str]]:
    """The rows of this bench."""
    with tempfile.TemporaryDirectory() as folder:
        db = open_store(filled(Path(folder) / "clusterscout.db", SIZE))
        wall, own = time.perf_counter(), time.process_time()
        done = tag_stale(db, now=NOW)
        wall, own = time.perf_counter() - wall, time.process_time() - own
        left = tag_stale(db, now=NOW)
        db.close()
    others = resource.getrusage(resource.RUSAGE_CHILDREN)
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, others.ru_maxrss / 1024
    said = f"{done} tagged in {wall:.0f} s of the clock, {own:.0f} s of CPU to read and write, {others.ru_utime:.0f} s in {PROCESSES} processes"
    return [
        ("minutes of the clock for 100,000", wall / 60 * 100_000 / done, f"{said}; aim < 10"),
        (
            "minutes of CPU for 100,000 on two cores",
            (own + others.ru_utime) / 120 * 100_000 / done,
            "what the clock would show on two idle cores",
        ),
        ("left over", float(left), f"peak {megabytes[0]:.0f} MB here, {megabytes[1]:.0f} MB in a process"),
    ]
