"""Crawling: our line against bare Scrapy on the same pages, and an unchanged second crawl against the first, in CPU time.

Each crawl runs in a process of its own, forked from one that has loaded everything; only that process's CPU time counts.
"""

from __future__ import annotations

import multiprocessing
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import scrapy
from scrapy.crawler import AsyncCrawlerProcess

from crawlers import preload, process
from crawlers.declare import load_sources
from crawlers.sample.server import SampleWeb
from scheduler.crawling import job_of
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


def _sample(folder: Path) -> tuple[float, float]:
    """CPU seconds of the first and of the second crawl of the whole sample web."""
    web = SampleWeb(date(2026, 11, 21))
    settings = replace(Settings(data=folder, sources=web.sources), allow_hosts=f"127.0.0.1:{web.port}", request_delay=0.0)
    open_store(settings.db).close()
    jobs = [
        replace(job_of(settings, source, now=NOW, db=settings.db), archive=None) for source in load_sources(web.sources).values()
    ]
    first, second = (sum(cpu(process.crawl, job) for job in jobs) for _ in range(2))
    web.close()
    return first, second


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
        first, second = cpu(process.crawl, job), cpu(process.crawl, job)
        sample_first, sample_second = _sample(Path(other))
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
            sample_second / sample_first,
            f"{sample_second:.2f} s / {sample_first:.2f} s CPU, 19 short sources",
        ),
    ]
