"""Crawling: our line against bare Scrapy on the same pages, and an unchanged second crawl against the first, in CPU time.

Of single crawls, which run in a process of their own forked from one that has loaded everything, only that process's time counts; of
the sample web and of its replay all time that ``clusterscout crawl`` takes here, in its children and in the server that forks them,
but for what is loaded once at the start.
"""

from __future__ import annotations

import multiprocessing
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from multiprocessing import forkserver
from pathlib import Path
from typing import Any

import scrapy
from scrapy.crawler import AsyncCrawlerProcess

from crawlers import preload, process
from crawlers.sample.server import SampleWeb
from scheduler.children import context
from scheduler.crawling import crawl_all, crawl_many, job_of
from scheduler.settings import Settings
from store.database import open_store
from tests.crawlers.redesigns import GOOD_TOML, good_page, things
from tests.crawlers.web import NOW, Answer, Web, declare, settings_of

PAGES, ROWS = 40, 25


class Bare(scrapy.Spider):
    """What anybody would write first: fetch the pages, take the same five values from each row."""

    name = "bare"
    custom_settings = {"LOG_ENABLED": False, "TELNETCONSOLE_ENABLED": False}  # noqa: RUF012 - Scrapy's way
    base = ""

    async def start(self) -> Any:
        for number in range(PAGES):
            yield scrapy.Request(f"{self.base}/list?p={number}")

    def parse(self, response: Any, **kwargs: Any) -> Iterator[dict[str, Any]]:
        for row in response.css("li.call"):
            yield {
                "title": row.css("h3 a::text").get(),
                "url": response.urljoin(row.css("h3 a::attr(href)").get()),
                "deadline": row.css("span.due::text").get(),
                "city": row.css("span.city::text").get(),
                "summary": row.css("p::text").get(),
            }


def _bare(base: str) -> None:
    runner = AsyncCrawlerProcess({"LOG_ENABLED": False, "LOG_INSTALL_ROOT_HANDLER": False})
    runner.crawl(type("Bare", (Bare,), {"base": base}))
    runner.start()


def cpu(run: Callable[..., None], *arguments: Any) -> float:
    """CPU seconds of ``run`` in a forked process."""
    context = multiprocessing.get_context("fork")
    receiver, sender = context.Pipe(duplex=False)

    def child() -> None:
        before = time.process_time()
        run(*arguments)
        sender.send(time.process_time() - before)

    forked = context.Process(target=child)
    forked.start()
    forked.join()
    return float(receiver.recv()) if receiver.poll() else float("nan")


def _warm() -> None:
    """Let the server that forks children load what it loads."""
    child = context().Process(target=print, args=("",), kwargs={"end": ""})
    child.start()
    child.join()


def whole_cpu() -> float:
    """CPU seconds so far of this process, of the server that forks crawls, and of all children of both that have ended."""
    server = forkserver._forkserver._forkserver_pid  # type: ignore[attr-defined]
    told = Path(f"/proc/{server}/stat").read_text().rpartition(")")[2].split()
    return sum(os.times()[:4]) + sum(map(int, told[11:15])) / os.sysconf("SC_CLK_TCK")


def _all(settings: Settings, **options: Any) -> float:
    """CPU seconds of a crawl of all sources."""
    before = whole_cpu()
    lines = list(crawl_all(settings, [], say=lambda text: None, **options))
    spent = whole_cpu() - before
    assert {line["verdict"] for line in lines} == {"healthy"}, lines
    return spent


def _serve(told: Any) -> None:
    """The sample web in a process of its own, whose time is not ours."""
    web = SampleWeb(date(2026, 11, 21))
    web.fail_once.clear()
    told.send((web.port, web.sources))
    told.recv()
    web.close()


def _sample(folder: Path) -> list[float]:
    """CPU seconds of the first and the second crawl of the whole sample web, and of the first and the second replay of them."""
    told, tell = multiprocessing.Pipe()
    server = multiprocessing.get_context("fork").Process(target=_serve, args=(tell,), daemon=True)
    server.start()
    port, sources = told.recv()
    settings = replace(
        Settings(data=folder / "live", sources=sources), allow_hosts=f"127.0.0.1:{port}", request_delay=0.0, workers=1
    )
    _warm()
    spent = [_all(settings, now=NOW), _all(settings, now=NOW + timedelta(hours=6))]
    archive = sorted(folder.rglob("*.warc.gz"))
    replayed = replace(settings, data=folder / "replayed")
    spent += [_all(replayed, replay=archive, now=NOW) for _ in range(2)]
    told.send("enough")
    server.join()
    return spent


def bench() -> list[tuple[str, float, str]]:
    """Rows: ours / bare Scrapy, second / first on 1,000 rows in 40 pages, and second / first on the sample web."""
    assert preload.MODULES
    web = Web()
    for number in range(PAGES):
        following = f'<a class="n" href="/list?p={number + 1}">next</a>' if number + 1 < PAGES else ""
        body = (
            good_page([replace(thing, number=thing.number + 1_000 * number) for thing in things(number, ROWS)]) + following.encode()
        )
        web.pages[f"/list?p={number}"] = Answer(body=body, headers={"Content-Type": "text/html", "ETag": f'"{number}"'})
    text = GOOD_TOML + '[paging]\nstyle = "next_link"\nnext = "a.n::attr(href)"\n'
    source = declare(f"{web.base}/list?p=0", "html_list", text, kind="call")
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as other:
        settings = settings_of(Path(folder), web)
        open_store(settings.db).close()
        job = replace(job_of(settings, source, now=NOW, db=settings.db), archive=None)
        plain = min(cpu(_bare, web.base) for _ in range(2))
        lines = cpu(process.crawl, replace(job, db=None))
        first = cpu(process.crawl, job)
        _warm()
        before = whole_cpu()
        looked = list(crawl_many(settings, [source], now=NOW))
        second = whole_cpu() - before
        assert looked[0]["not_modified"] == PAGES, looked
        live_first, live_second, replay_first, replay_second = _sample(Path(other))
    web.close()
    return [
        (
            "crawl: parse and clean / bare Scrapy",
            lines / plain,
            f"{PAGES * ROWS} rows, {lines:.2f} s / {plain:.2f} s CPU, nothing stored",
        ),
        ("crawl: whole line / bare Scrapy", first / plain, f"with store, merging and changes, {first:.2f} s CPU"),
        ("crawl: second / first", second / first, f"{PAGES} pages answer 304, {second:.2f} s CPU"),
        (
            "crawl: second / first, sample web",
            live_second / live_first,
            f"{live_second:.2f} s / {live_first:.2f} s CPU, 19 short sources, all processes",
        ),
        (
            "crawl: second / first, its replay",
            replay_second / replay_first,
            f"{replay_second:.2f} s / {replay_first:.2f} s CPU, every body read anew",
        ),
    ]
