"""One crawl of an invented site without network or reactor: the real spider, pipeline, verdict and store; only the fetching is ours."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from scrapy import Request
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Headers, HtmlResponse, Response
from twisted.python.failure import Failure

from crawlers.decompression import StrictDecompression
from crawlers.job import Job
from crawlers.memory import reader_version
from crawlers.pipeline import Collect
from crawlers.source import Source
from crawlers.spider import SourceSpider
from store import runs
from store.database import open_store
from store.model import Notice, Problem, Run
from tests.crawlers.faults.shapes import Answer


def crawl(source: Source, pages: Mapping[str, Answer], db: Path, now: datetime) -> Run:
    """Crawl the site that ``pages`` are into ``db``; the run's row."""
    job = Job(source=source, now=now, db=db, delay=0.0)
    spider = SourceSpider(name=source.name)
    spider.job, spider.index, spider.source = job, None, source
    spider.reader = reader_version(source)
    collect = Collect(SimpleNamespace(settings={"JOB": job}, spider=spider))  # type: ignore[arg-type]
    collect.open_spider()
    waiting: deque[Request] = deque(asyncio.run(_first(spider)))
    asked: set[str] = set()
    while waiting:
        request = waiting.popleft()
        if not request.dont_filter and request.url in asked:
            continue
        asked.add(request.url)
        spider.progress.requests += 1
        for thing in _answered(spider, request, pages):
            if isinstance(thing, Request):
                waiting.append(thing)
            else:
                collect.process_item(thing)
    collect.closed(spider, "finished")
    store = open_store(db)
    run = runs.last_runs(store, source=source.name, limit=1)[0]
    store.close()
    return run


async def _first(spider: SourceSpider) -> list[Request]:
    return [request async for request in spider.start()]


def _answered(spider: SourceSpider, request: Request, pages: Mapping[str, Answer]) -> Iterator[Notice | Problem | Request]:
    answer = pages.get(request.url, Answer(b"<html><body>404 Not Found</body></html>", "text/html", 404))
    headers = Headers({"Content-Type": answer.kind, "ETag": answer.etag, **answer.headers})
    conditions = spider.validators(request)
    request.headers.update(conditions)
    if answer.status == 200 and conditions.get("If-None-Match") == answer.etag:
        response = Response(request.url, 304, headers, b"", request=request)
    else:
        kind = HtmlResponse if "html" in answer.kind else Response
        response = kind(answer.url or request.url, status=answer.status, headers=headers, body=answer.body, request=request)
    try:
        response = StrictDecompression().process_response(request, response)
    except IgnoreRequest as error:
        failure: Any = Failure(error)
        failure.request = request
        yield from spider.failed(failure)
        return
    yield from spider.parse(response.replace(request=request))
