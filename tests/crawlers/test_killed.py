"""SIGKILL in the middle of a crawl: the next one goes on, and no notice is lost or doubled."""

from __future__ import annotations

import threading
from datetime import timedelta
from http.server import BaseHTTPRequestHandler
from pathlib import Path

from crawlers import process
from scheduler.children import context
from scheduler.crawling import crawl_source, job_of
from store import runs
from store.database import open_store
from tests.crawlers.web import NOW, Answer, Web, declare, settings_of

TEXT = 'rows = "li"\n[fields]\ntitle = "a"\nurl = "a::attr(href)"\n[paging]\nstyle = "next_link"\nnext = "a.n::attr(href)"\n'


def test_a_killed_crawl_is_completed_by_the_next(tmp_path: Path, web: Web) -> None:
    reached = threading.Event()
    release = threading.Event()

    def rows(start: int) -> str:
        return "".join(f'<li><a href="/call/{n}">Call {n}</a></li>' for n in range(start, start + 260))

    def last(handler: BaseHTTPRequestHandler) -> Answer:
        reached.set()
        release.wait(20)
        return Answer(body=rows(520).encode())

    for number in (0, 1):
        body = rows(260 * number) + f'<a class="n" href="/list?p={number + 1}">next</a>'
        web.pages[f"/list?p={number}"] = Answer(body=body.encode(), headers={"ETag": f'"{number}"'})
    web.pages["/list?p=2"] = last
    source = declare(f"{web.base}/list?p=0", "html_list", TEXT, kind="call")
    settings = settings_of(tmp_path, web)
    db = open_store(settings.db)
    run = runs.start_run(db, "crawl", source.name, now=NOW)
    child = context().Process(target=process.crawl, args=(job_of(settings, source, now=NOW, db=settings.db, run=run),), daemon=True)
    child.start()
    assert reached.wait(20)
    child.kill()
    child.join()
    release.set()
    kept = db.execute("select count(*) from notice").fetchone()[0]
    assert kept == 500
    later = NOW + timedelta(hours=1)
    line = crawl_source(settings, source.name, source=source, now=later)
    assert (line["verdict"], line["notices"], line["new"]) == ("healthy", 780, 780 - kept)
    assert db.execute("select count(*), count(distinct source_id) from notice").fetchone() == (780, 780)
    assert db.execute("select count(*) from opportunity").fetchone() == (780,)
    verdicts = [one.verdict for one in runs.last_runs(db, source=source.name)]
    assert verdicts == ["healthy", "broken"]
    db.close()
