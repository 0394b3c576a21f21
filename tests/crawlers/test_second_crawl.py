"""An unchanged second crawl of the sample web, and of its replay, sends no body that a 304 could save and writes its run rows alone."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from crawlers.sample.server import SampleWeb
from scheduler.crawling import crawl_all
from scheduler.settings import Settings
from store import tags
from store.database import open_store
from tests.crawlers.web import NOW


def kept(path: Path) -> dict[str, list[Any]]:
    """All rows but those of runs."""
    db = open_store(path)
    tables = [t for t in db.table_names() if not t.startswith(("sqlite_", "_")) and "fts" not in t and t != "run"]
    found = {table: list(db.execute(f"select * from [{table}]")) for table in tables}
    db.close()
    return found


def test_the_sample_web_twice_and_its_replay_twice(tmp_path: Path) -> None:
    web = SampleWeb(NOW.date())
    web.fail_once.clear()
    settings = replace(
        Settings(data=tmp_path / "live", sources=web.sources), allow_hosts=f"127.0.0.1:{web.port}", request_delay=0.0, workers=1
    )
    said: list[str] = []

    def crawl(data: Settings, **options: Any) -> dict[str, dict[str, Any]]:
        return {line["source"]: line for line in crawl_all(data, [], say=said.append, **options)}

    first = crawl(settings, now=NOW)
    assert Counter(line["verdict"] for line in first.values()) == Counter(healthy=len(first)), first
    asked = len(web.requests)
    before = kept(settings.db)
    second = crawl(settings, now=NOW + timedelta(hours=6))
    again = web.requests[asked:]
    # robots.txt is remembered for a day; every page answers 304, so no body is sent at all.
    assert Counter(status for _, status in again) == Counter({304: len(again)})
    assert not [path for path, _ in again if path == "/robots.txt"]
    assert all(line["verdict"] in {"healthy", "empty-ok"} and line["complete"] for line in second.values())
    assert {name: (line["notices"], line["new"], line["changed"]) for name, line in second.items()} == {
        name: (line["notices"], 0, 0) for name, line in first.items()
    }
    assert kept(settings.db) == before
    db = open_store(settings.db)
    waiting = len(tags.stale(db, "any", limit=10_000))
    assert waiting == db.execute("select count(*) from opportunity where merged_into is null").fetchone()[0]
    assert db.execute("select count(*) from run").fetchone()[0] == 2 * len(first)
    db.close()
    served = len(web.requests)

    archive = sorted((tmp_path / "live").rglob("*.warc.gz"))
    replayed = replace(settings, data=tmp_path / "replayed")
    once = crawl(replayed, replay=archive, now=NOW)
    assert {name: line["notices"] for name, line in once.items()} == {name: line["notices"] for name, line in first.items()}
    before = kept(replayed.db)
    twice = crawl(replayed, replay=archive, now=NOW)
    assert all(line["new"] == line["changed"] == 0 for line in twice.values())
    assert kept(replayed.db) == before
    assert len(web.requests) == served
    web.close()
