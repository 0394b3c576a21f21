"""The process that the kill test kills: crawls day after day, the same notices with a few changes, until it is stopped."""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from store import notices, pages, runs
from store.database import open_store, writing
from store.model import Notice
from tests.store.shapes import NOW, notice

COUNT = 240


def listed(day: int) -> list[Notice]:
    """What the source lists on a day: each notice says the day of its last change, a tenth of them change daily."""
    return [replace(notice(n), text=f"as of {day - (day - n) % 10}") for n in range(COUNT)]


def main(path: Path, day: int, days: int) -> None:
    """Crawl from ``day`` on; prints each day that was finished."""
    db = open_store(path)
    notices.BATCH = 40
    for d in range(day, day + days):
        now = NOW + timedelta(days=d)
        run = runs.start_run(db, "crawl", "xx_example", now=now)
        for start in range(0, COUNT, 80):
            with writing(db):
                batch = listed(d)[start : start + 80]
                notices.apply(db, run, batch, now=now, source_trust="api")
                pages.keep(db, "xx_example", [pages.PageState(url=f"p{start}", status=200, fetched_at=now, etag=f"{d}")])
        notices.finish_run(
            db, run, source="xx_example", seen_ids=[n.source_id for n in listed(d)], retires=True, now=now, verdict="healthy",
            complete=True, counts={"notices": COUNT},
        )  # fmt: skip
        print(d, flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
