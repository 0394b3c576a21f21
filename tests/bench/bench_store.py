"""How dear the store is: keeping notices against a bare insert of the same rows, and a second crawl against the first."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from store import notices, runs
from store.clock import monotonic
from store.codec import compact
from store.database import open_store
from store.folding import plain_url
from store.model import Notice
from tests.store.shapes import NOW, notice

COUNT = 5_000


def bench() -> list[tuple[str, float, str]]:
    """Ratios of times measured in one run on this machine."""
    given = [notice(n) for n in range(COUNT)]
    with tempfile.TemporaryDirectory() as folder:
        raw = _timed(lambda: _raw(Path(folder) / "raw.db", given))
        db = open_store(Path(folder) / "store.db")
        run = runs.start_run(db, "crawl", "xx_example", now=NOW)
        first = _timed(lambda: notices.apply(db, run, given, now=NOW, source_trust="api"))
        second = _timed(lambda: notices.apply(db, run, given, now=NOW + timedelta(days=1), source_trust="api"))
        hashing = _timed(lambda: [notices.content_hash(n) for n in given])
        db.close()
    return [
        (
            "first apply / raw insert",
            first / raw,
            f"{COUNT / first:,.0f} notices a second; raw executemany of the payload {COUNT / raw:,.0f}",
        ),
        ("second apply / first apply", second / first, f"nothing changed: {COUNT / second:,.0f} notices a second"),
        ("second apply / hashing", second / hashing, "what an unchanged notice costs beside its hash"),
    ]


def _raw(path: Path, given: list[Notice]) -> None:
    connection = sqlite3.connect(path)
    connection.execute("pragma journal_mode=wal")
    connection.execute(
        "create table notice (source text, source_id text, url text, title text, payload text, primary key (source, source_id))"
    )
    for start in range(0, len(given), 500):
        with connection:
            connection.executemany(
                "insert into notice values (?, ?, ?, ?, ?)",
                [(n.source, n.source_id, plain_url(n.url), n.title, compact(n)) for n in given[start : start + 500]],
            )
    connection.close()


def _timed(work: Callable[[], object]) -> float:
    start = monotonic()
    work()
    return monotonic() - start
