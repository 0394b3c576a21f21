"""Downloader middlewares between the spider and the network: the run's budget, conditional requests, and Retry-After."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.retry import RetryMiddleware
from scrapy.http import Response

from crawlers.failures import Dropped, header
from crawlers.job import Job
from store.clock import utc_now

LONGEST_WAIT = 120.0


class Budget:
    """Counts requests that reach the network, drops those over the run's budget, and sets the headers of conditional requests."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.job: Job = crawler.settings["JOB"]

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Budget:
        """Built by Scrapy."""
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        """Raise Dropped when the budget is spent."""
        progress = self.crawler.spider.progress  # type: ignore[union-attr]
        if progress.requests >= self.job.budget:
            raise Dropped("budget", f"the run's budget of {self.job.budget} requests is spent")
        progress.requests += 1
        for name, value in self.crawler.spider.validators(request).items():  # type: ignore[union-attr]
            request.headers.setdefault(name, value)


def retry_after(value: str, now: datetime) -> float | None:
    """Seconds that a Retry-After header asks for, in either form (RFC 9110 10.2.3: seconds, or an HTTP date); never negative; None
    when it is in neither.
    """
    text = value.strip()
    if text.isascii() and text.isdigit():
        return float(text)
    try:
        until = parsedate_to_datetime(text)
    except ValueError:
        return None
    if until.tzinfo is None:
        until = until.replace(tzinfo=UTC)
    return max((until - now).total_seconds(), 0.0)


class PatientRetry(RetryMiddleware):
    """Scrapy's retries, waiting as Retry-After asks (429 and 503): up to 120 s within the run, beyond it the page is given up."""

    async def process_response(self, request: Request, response: Response) -> Request | Response:  # type: ignore[override]
        """The response, or the request again after the wait."""
        if response.status in {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}:
            asked = retry_after(header(response.headers, "Retry-After"), utc_now())
            if asked is not None and asked > LONGEST_WAIT:
                return response
            if asked and request.meta.get("retry_times", 0) < self.max_retry_times:
                await self._hold(request, asked)
        return super().process_response(request, response)

    async def _hold(self, request: Request, seconds: float) -> None:
        """Wait, and let no other request to this host go out meanwhile."""
        assert self.crawler.engine is not None
        downloader = self.crawler.engine.downloader
        slot = downloader.slots.get(downloader.get_slot_key(request))
        usual = slot.delay if slot is not None else 0.0
        if slot is not None:
            slot.delay = max(usual, seconds)
        await asyncio.sleep(seconds)
        if slot is not None:
            slot.delay = usual
