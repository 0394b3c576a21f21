"""robots.txt as RFC 9309 has it: 4xx allows all, 5xx and no answer forbid all, kept for a day, then asked for again."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from http import HTTPStatus
from urllib.parse import urlsplit

from protego import Protego
from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest, NotConfigured
from scrapy.http import Response
from scrapy.http.request import NO_CALLBACK

from crawlers.decoding import looks_like_html
from crawlers.failures import DOWNLOAD_ERRORS, Dropped, header, of_exception
from crawlers.job import AGENT, Job
from crawlers.memory import conditions
from store.pages import PageState

FRESH = timedelta(hours=24)
LONGEST = 512 * 1024
SLOWEST = 60.0
ALLOW_ALL, FORBID_ALL = "", "User-agent: *\nDisallow: /"
OUTCOME = "robots"


def kept_rules(state: PageState | None) -> str | None:
    """The text of a robots.txt that is remembered; None when none is."""
    return str(json.loads(state.kept)["text"]) if state is not None and state.outcome == OUTCOME else None


def rules_in(status: int, body: bytes) -> str:
    """The rules that an answer (of a status below 500, and not 304 or 429) gives; a web page, or any status but 200, forbids nothing."""
    body = body[:LONGEST]
    return body.decode("utf-8-sig", "replace") if status == HTTPStatus.OK and not looks_like_html(body) else ALLOW_ALL


def pause(rules: Protego, delay: float) -> float:
    """Seconds between two requests to a host: its crawl-delay (at most 60), never less than ``delay``."""
    return min(max(float(rules.crawl_delay(AGENT) or 0.0), delay), SLOWEST)


class ObeyRobots:
    """Downloader middleware: asks no address that its host's robots.txt forbids, and keeps the host's crawl-delay (at most 60 s)."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.job: Job = crawler.settings["JOB"]
        self._rules: dict[str, Protego] = {}
        self._locks: dict[str, asyncio.Lock] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> ObeyRobots:
        """Built by Scrapy, unless ROBOTSTXT_OBEY is off (a replay asks nobody)."""
        if not crawler.settings.getbool("ROBOTSTXT_OBEY"):
            raise NotConfigured
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        """Raise Dropped for a forbidden address."""
        if request.meta.get("robots"):
            return
        parts = urlsplit(request.url)
        site = f"{parts.scheme}://{parts.netloc}"
        async with self._locks.setdefault(site, asyncio.Lock()):
            if site not in self._rules:
                self._rules[site] = Protego.parse(await self._text(site))
        rules = self._rules[site]
        if not rules.can_fetch(request.url, AGENT):
            raise Dropped("robots", f"{site}/robots.txt forbids {request.url}", refused=True)
        self._slow_down(rules, request)

    def _slow_down(self, rules: Protego, request: Request) -> None:
        delay = rules.crawl_delay(AGENT)
        if not delay:
            return
        assert self.crawler.engine is not None
        downloader = self.crawler.engine.downloader
        key = downloader.get_slot_key(request)
        seconds = pause(rules, self.job.delay)
        downloader.per_slot_settings[key] = {"concurrency": 1, "delay": seconds, "jitter": 0}
        if key in downloader.slots:
            downloader.slots[key].delay = seconds
        request.meta["autothrottle_dont_adjust_delay"] = True

    async def _text(self, site: str) -> str:
        """The rules of a site: remembered for a day, else asked for (conditionally)."""
        url = f"{site}/robots.txt"
        spider = self.crawler.spider
        state: PageState | None = spider.states.get(("GET", url))  # type: ignore[union-attr]
        kept = kept_rules(state)
        if state is not None and kept is not None and self.job.now - state.fetched_at < FRESH:
            return kept
        headers = conditions(state) if state is not None and kept is not None else {}
        request = Request(url, headers=headers, priority=1000, callback=NO_CALLBACK, meta={"robots": True, "download_timeout": 20})
        assert self.crawler.engine is not None
        try:
            response = await self.crawler.engine.download_async(request)
        except IgnoreRequest:
            raise
        except DOWNLOAD_ERRORS as error:
            spider.note_robots(site, f"cannot be had: {of_exception(error).detail}")  # type: ignore[union-attr]
            return FORBID_ALL
        return self._judged(site, url, response, kept)

    def _judged(self, site: str, url: str, response: Response, kept: str | None) -> str:
        if response.status == HTTPStatus.NOT_MODIFIED and kept is not None:
            return kept
        if response.status >= 500 or response.status == HTTPStatus.TOO_MANY_REQUESTS:
            self.crawler.spider.note_robots(site, f"answered {response.status}")  # type: ignore[union-attr]
            return FORBID_ALL
        text = rules_in(response.status, response.body)
        self.crawler.spider.keep_state(  # type: ignore[union-attr]
            PageState(
                url=url,
                status=response.status,
                etag=header(response.headers, "ETag"),
                last_modified=header(response.headers, "Last-Modified"),
                fetched_at=self.job.now,
                outcome=OUTCOME,
                kept=json.dumps({"text": text}),
            )
        )
        return text
