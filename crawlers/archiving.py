"""The archive in a crawl: every exchange is written to WARC, or answered from it instead of the network."""

from __future__ import annotations

from pathlib import Path

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured
from scrapy.http import Headers, Response
from scrapy.responsetypes import responsetypes

from crawlers.archive import Exchange, WarcIndex, WarcWriter
from crawlers.failures import Dropped
from crawlers.job import Job
from crawlers.memory import CONDITIONS
from store.clock import utc_now


class Archive:
    """Closest to the network: answers from WARC files in a replay, else writes each exchange to the record and the daily archive."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.job: Job = crawler.settings["JOB"]
        self.index: WarcIndex | None = crawler.settings["WARC_INDEX"]
        agent = self.job.user_agent
        self.writers = [WarcWriter(path, software=agent) for path in (self.job.record, self.daily()) if path is not None]
        self.had = WarcIndex([self.job.had], unchanged=True) if self.job.had is not None else None
        if self.index is None and self.had is None and not self.writers:
            raise NotConfigured

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Archive:
        """Built by Scrapy, unless nothing is replayed, recorded or archived."""
        return cls(crawler)

    def daily(self) -> Path | None:
        """The source's file of the day in the archive folder; None in a replay or without an archive."""
        if self.job.archive is None or self.job.replay:
            return None
        return self.job.archive / f"{self.job.now:%Y-%m-%d}" / f"{self.job.source.name}.warc.gz"

    def process_request(self, request: Request) -> Response | None:
        """In a replay the archived response, or Dropped ``not-in-archive``; what the look has had already; else None."""
        if self.index is not None:
            found = self.index.take(request.method, request.url, request.body)
            if found is None:
                raise Dropped("not-in-archive", f"the archive holds no answer to {request.method} {request.url}")
        else:
            found = self.had.take_once(request.method, request.url, request.body) if self.had is not None else None
            if found is None or (found.status == 304 and not any(name in request.headers for name in CONDITIONS)):
                return None
        headers = Headers()
        for name, value in found.headers:
            headers.appendlist(name, value)
        kind = responsetypes.from_args(headers=headers, url=request.url, body=found.body[:1000])
        request.meta["archived_at"] = found.at
        return kind(url=request.url, status=found.status, headers=headers, body=found.body, request=request)

    def process_response(self, request: Request, response: Response) -> Response:
        """The response itself, written to every archive of the run."""
        if self.index is not None:
            return response
        exchange = Exchange(
            method=request.method,
            url=request.url,
            asked=request.body,
            asked_headers=_pairs(request.headers),
            status=response.status,
            headers=_pairs(response.headers),
            body=response.body,
            at=utc_now(),
        )
        for writer in self.writers:
            writer.write(exchange)
        return response


def _pairs(headers: Headers) -> list[tuple[str, str]]:
    return [(name.decode("latin-1"), value.decode("latin-1")) for name in headers for value in headers.getlist(name)]
