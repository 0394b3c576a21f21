"""Three real days of the EU grants feed, crawled in turn: what changed comes out as changes, what vanished is not closed."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from pathlib import Path

import pytest
from sqlite_utils import Database

from crawlers.declare import load_source
from crawlers.pages.grants_feed import parse
from store import notices, runs
from store.model import Notice, Page
from tests.conftest import ROOT

DAYS = {"2026-03-13": 932, "2026-04-17": 713, "2026-05-28": 709}


@pytest.mark.recorded
def test_the_grants_feed_on_three_days(db: Database, recorded: Path) -> None:
    source = load_source(ROOT / "crawlers" / "sources" / "eu_grants_feed.toml")
    for day, count in DAYS.items():
        now = datetime.fromisoformat(f"{day}T06:00:00+00:00")
        body = (recorded / "eu-ft-portal" / "grants-feed" / f"grants-{day}.json").read_bytes()
        listed = [item for item in parse(Page(url=source.url, body=body, fetched_at=now), source) if isinstance(item, Notice)]
        assert len(listed) == count
        run = runs.start_run(db, "crawl", source.name, now=now)
        notices.apply(db, run, listed, now=now, source_trust=source.trust)
        notices.finish_run(
            db, run, source=source.name, seen_ids=[n.source_id for n in listed], retires=True, now=now, verdict="healthy", complete=True,
            counts={},
        )  # fmt: skip
    told = Counter(db.execute("select type || direction from change where material and type != 'created'").fetchall())
    assert told[("deadline_movedlater",)] == 12
    assert told[("deadline_movedearlier",)] == 2  # two calls whose hour went from 21:00 to 17:00
    assert told[("opened",)] > 100
    assert ("withdrawn",) not in told
    assert ("cancelled",) not in told
    jitter = "select count(*) from change where type = 'cosmetic' and field = 'deadlines'"
    assert db.execute(jitter).fetchone()[0] == 2  # deadlines whose seconds wander from day to day
    assert db.execute("select count(*) from opportunity where withdrawn or cancelled").fetchone()[0] == 0
