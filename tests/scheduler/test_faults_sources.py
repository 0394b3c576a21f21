"""What sources do to a crawl: one that hangs, one that never ends, one with tens of thousands of entries."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from crawlers.source import Source
from scheduler.crawling import crawl_all, crawl_source
from scheduler.jobs import job_named, run_job
from scheduler.settings import Settings
from scheduler.work import Turn
from store import runs
from store.database import open_readonly
from tests.crawlers.test_archive import exchange, written
from tests.crawlers.web import HEAD, NOW, Answer, Web, declare, item, rss, settings_of

CHAIN = 'rows = "li"\n[fields]\ntitle = "a"\nurl = "a::attr(href)"\n[paging]\nstyle = "next_link"\nnext = "a.n::attr(href)"\n'


@pytest.fixture
def web() -> Iterator[Web]:
    made = Web()
    yield made
    made.close()


@pytest.fixture
def hold(web: Web) -> Iterator[threading.Event]:
    """Set at the end, so that answers held back come after all and no thread stays; ``/never`` is one of them."""
    event = threading.Event()

    def never(_: object) -> Answer:
        event.wait(60)
        return Answer(status=404, write=lambda handler: None)

    web.pages["/never"] = never
    yield event
    event.set()


def test_a_source_that_hangs_is_cut_and_the_others_finish(tmp_path: Path, web: Web, hold: threading.Event) -> None:
    web.pages["/feed"] = Answer(body=rss(*map(item, range(20))))
    folder = tmp_path / "sources"
    folder.mkdir()
    for name, path in (("fr_a", "/feed"), ("fr_hung", "/never"), ("fr_z", "/feed")):
        (folder / f"{name}.toml").write_text(HEAD.format(url=web.base + path, form="feed", kind="news"))
    settings = settings_of(tmp_path, web, crawl_limit=2, download_timeout=3)
    lines = {line["source"]: line for line in crawl_all(settings, [], now=NOW, say=print)}
    assert {name: (line["verdict"], line["notices"]) for name, line in lines.items()} == {
        "fr_a": ("healthy", 20),
        "fr_hung": ("broken", 0),
        "fr_z": ("healthy", 20),
    }
    assert "time-limit: the crawl was stopped after 2 seconds (setting crawl_limit)" in lines["fr_hung"]["reasons"]
    db = open_readonly(settings.db)
    assert db.execute("select count(*) from run where ended is null").fetchone()[0] == 0
    hung = runs.latest_by_source(db)["fr_hung"]
    assert (hung.verdict, hung.complete, list(hung.reasons)) == ("broken", False, lines["fr_hung"]["reasons"])
    assert db.execute("select count(*) from notice").fetchone()[0] == 40
    db.conn.close()
    # the job of the service waits an hour with it and does not keep a worker busy with it at each turn
    assert run_job(job_named("crawl"), Turn(settings=settings, now=NOW + timedelta(minutes=5))) == ("idle", "")


def test_a_chain_that_hangs_keeps_what_was_read_and_is_never_called_complete(
    tmp_path: Path, web: Web, hold: threading.Event
) -> None:
    for n in range(3):
        body = f'<li><a href="/call/{n}">Call {n}</a></li><a class="n" href="/list{n + 1}">next</a>'
        web.pages[f"/list{n}"] = Answer(body=body.encode())
    web.pages["/list3"] = web.pages["/never"]
    source = declare(f"{web.base}/list0", "html_list", CHAIN, kind="call")
    line = crawl_source(settings_of(tmp_path, web, crawl_limit=1, download_timeout=2), source.name, source=source, now=NOW)
    assert (line["verdict"], line["complete"], line["new"]) == ("partial", False, 3)
    assert line["reasons"] == ["time-limit: the crawl was stopped after 1 seconds (setting crawl_limit)"]


def test_thousands_of_notices_in_one_run(tmp_path: Path) -> None:
    many_notices(tmp_path, 2_000)


@pytest.mark.soak
@pytest.mark.timeout(1800)
def test_fifty_thousand_notices_in_one_run(tmp_path: Path) -> None:
    print(many_notices(tmp_path, 50_000))


def many_notices(folder: Path, number: int, *, page: int = 500) -> dict[str, object]:
    """A source of ``number`` entries on pages of ``page``, replayed twice: all stored once, within the memory of a crawl."""
    url = "https://fr_many.example.org/api"
    pages = []
    for start in range(0, number, page):
        rows = [
            {"id": f"n{n}", "t": f"Call {n} of the region", "u": f"/n/{n}", "d": TEXT.format(n)} for n in range(start, start + page)
        ]
        following = f"{url}?offset={start + page}" if start + page < number else None
        asked = url if start == 0 else f"{url}?offset={start}"
        pages.append(exchange(asked, json.dumps({"items": rows, "next": following}).encode()))
    archive = written(folder / "many.warc.gz", *pages)
    source = source_of_many(url, number // page)
    settings = Settings(data=folder, sources=folder / "sources", crawl_limit=1500)
    first = crawl_source(settings, source.name, source=source, replay=[archive], now=NOW)
    assert (first["verdict"], first["complete"], first["new"], first["problems"]) == ("healthy", True, number, 0), first
    assert first["memory_mb"] < 400
    again = crawl_source(settings, source.name, source=source, replay=[archive], now=NOW)
    assert (again["new"], again["changed"], again["unchanged"]) == (0, 0, number), again
    assert again["memory_mb"] < 400
    db = open_readonly(settings.db)
    for table, what in (("notice", "source_id"), ("opportunity", "key"), ("listing", "opportunity")):
        assert db.execute(f"select count(*), count(distinct {what}) from {table}").fetchone() == (number, number)
    created = "select count(*), count(distinct opportunity) from change where type = 'created'"
    assert db.execute(created).fetchone() == (number, number)
    db.conn.close()
    return first


TEXT = "Support for project {} of small firms. " + "The programme pays half of the costs of machines, materials and people. " * 8


def source_of_many(url: str, pages: int) -> Source:
    """A JSON list whose pages say where the next one is."""
    text = (
        'rows = "/items"\n[fields]\nid = "/id"\ntitle = "/t"\nurl = "/u"\ntext = "/d"\n'
        f'[paging]\nstyle = "next_link"\nnext = "/next"\nmost = {pages + 1}\n[expect]\nitems = [1, 1000000]\n'
    )
    return declare(url, "json_api", text, kind="call", name="fr_many")
