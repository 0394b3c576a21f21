"""What the store's tests share: a fresh store, and crawls in miniature."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlite_utils import Database

from store import notices, runs
from store.database import open_store
from store.model import Notice, Verdict
from tests.store.shapes import NOW

Crawl = Callable[..., notices.Applied]


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    """A fresh published file."""
    store = open_store(tmp_path / "clusterscout.db")
    yield store
    store.close()


@pytest.fixture
def crawl(db: Database) -> Crawl:
    """``crawl(day, notices, ...)``: one run of the source xx_example on NOW + day, applied and finished."""

    def run(
        day: float,
        listed: Sequence[Notice],
        *,
        verdict: Verdict = "healthy",
        complete: bool = True,
        retires: bool = True,
        trust: str = "api",
        publish: str = "auto",
        source: str = "xx_example",
    ) -> notices.Applied:
        now: datetime = NOW + timedelta(days=day)
        run_id = runs.start_run(db, "crawl", source, now=now)
        done = notices.apply(db, run_id, listed, now=now, source_trust=trust, publish=publish)
        notices.finish_run(
            db,
            run_id,
            source=source,
            seen_ids=[n.source_id for n in listed],
            retires=retires,
            now=now,
            verdict=verdict,
            complete=complete,
            counts={"notices": len(listed)},
        )
        return done

    return run


@pytest.fixture
def told(db: Database) -> Callable[..., list[str]]:
    """``told()``: the types of all changes but ``created``, in order; ``material=True`` keeps what people are told."""

    def types(*, material: bool = True) -> list[str]:
        rows = db.execute("select type from change where type != 'created' and material >= ? order by id", [int(material)])
        return [row[0] for row in rows]

    return types
