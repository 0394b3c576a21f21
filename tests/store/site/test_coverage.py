"""The health page, the digest and ``clusterscout doctor`` say one sentence of how much was read."""

from __future__ import annotations

from datetime import datetime, timedelta
from html import unescape

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
