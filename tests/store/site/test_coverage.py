"""The health page, the digest and ``clusterscout doctor`` say one sentence of how much was read."""

from __future__ import annotations

from datetime import datetime, timedelta
from html import unescape
from pathlib import Path

from scheduler.doctor import examine
from scheduler.settings import Settings
from store import runs
from store.database import open_store
from store.digest.wording import Wording
from tests.store.site.conftest import Running
from tests.store.site_data import NOW


def say_runs(db_path: object, now: datetime) -> str:
    db = open_store(db_path)  # type: ignore[arg-type]
    names = [row["name"] for row in db.query("select name from source where enabled = 1 and blocked = '' order by name")]
    db.execute("delete from problem")
    db.execute("delete from run")
    for name, days, complete in zip(names, (1, 20, 3), (True, True, False), strict=False):
        run = runs.start_run(db, "crawl", name, now=now - timedelta(days=days))
        runs.end_run(db, run, now=now, verdict="healthy" if complete else "partial", complete=complete, counts={})
    sentence = runs.coverage_sentence(db, now=now)
    assert sentence == Wording("en", "UTC").coverage(runs.coverage(db, now=now))
    db.close()
    return sentence


async def test_three_places_one_sentence(running: Running) -> None:
    sentence = say_runs(running.db, NOW)
    assert " sources fully read since " in sentence
    assert " last read completely on " in sentence
    page = await running.get("/sources", "manager@moulds.example")
    assert sentence in unescape(page.text)
    assert (await running.get("/sources.json", "manager@moulds.example")).json()["coverage"] == sentence
    found = [f.text for f in examine(Settings(data=running.db.parent, sources=running.db.parent), now=NOW) if f.check == "coverage"]
    assert sentence in found


def test_a_source_that_could_not_be_read_last_is_not_counted_as_read(tmp_path: Path) -> None:
    db = open_store(tmp_path / "clusterscout.db")
    for name in ("good", "sick"):
        columns = {c.name: 0 if c.type == "INTEGER" else "" for c in db["source"].columns}
        db["source"].insert(columns | {"name": name, "title": name.title(), "enabled": 1})
        run = runs.start_run(db, "crawl", name, now=NOW - timedelta(days=2))
        runs.end_run(db, run, now=NOW - timedelta(days=2), verdict="healthy", complete=True, counts={})
    assert runs.coverage(db, now=NOW).read == 2
    run = runs.start_run(db, "crawl", "sick", now=NOW - timedelta(hours=1))
    assert runs.coverage(db, now=NOW).read == 2, "a run that has not ended says nothing yet"
    runs.end_run(db, run, now=NOW, verdict="broken", complete=False, counts={})
    found = runs.coverage(db, now=NOW)
    assert (found.read, found.lacking) == (1, ("sick",))
    assert "Sick last read completely on" in runs.coverage_sentence(db, now=NOW)
    db.close()


def test_the_sentence_in_another_language_says_the_same() -> None:
    found = runs.Coverage(
        read=2,
        total=4,
        lacking=("a", "b"),
        since="2026-11-13",
        unread=(runs.Unread(title="A", last="2026-11-10"), runs.Unread(title="B")),
    )
    said = Wording("de", "UTC").coverage(found)
    assert (
        said
        == "2 von 4 Quellen vollständig gelesen seit 13.11.2026; A zuletzt vollständig gelesen am 10.11.2026; B noch nie vollständig gelesen."
    )
    assert runs.spoken(runs.Coverage(read=0, total=0, lacking=())) == "No source is enabled."
