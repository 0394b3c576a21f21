"""The one spider: it moves requests and hands what parsers say to the pipeline. A source is a spider by its declaration alone."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from datetime import UTC
from typing import Any

from scrapy import Request, Spider
from scrapy.crawler import Crawler
from scrapy.http import Response
from twisted.python.failure import Failure as TwistedFailure

from crawlers.archive import WarcIndex
from crawlers.asking import asked, first_asks
from crawlers.failures import Failure, header, of_exception, of_status
from crawlers.formats.detail import detail_headers
from crawlers.health.shape import fingerprint
from crawlers.job import Job
from crawlers.memory import CONDITIONS, READ, Memory, body_hash, conditions, pack, page_key, reader_of, reader_version, recall
from crawlers.progress import Progress
from crawlers.reading import read_page
from crawlers.soft_errors import soft_error
from crawlers.source import Source
from store.clock import utc_now
from store.model import Follow, Notice, Page, Problem
from store.pages import PageState

# A page that its parser did not come to the end of is not remembered as read.
FAILED = frozenset({"parser-failed", "out-of-memory", "too-large"})
REFUSED_PAGE_CAUSES = frozenset(
    {"missing-rows", "not-a-feed", "not-a-calendar", "not-a-sitemap", "html-instead", "not-json", "no-events"}
)


class SourceSpider(Spider):
    """Crawls ``source``; ``progress`` counts, ``states`` are the page states of earlier runs, by (method, address)."""

    source: Source

    def __init__(self, name: str | None = None, **kwargs: Any) -> None:
        super().__init__(name, **kwargs)
        self.progress = Progress()
        self.states: Mapping[tuple[str, str], PageState] = {}
        self.new_states: list[tuple[PageState, tuple[str, ...]]] = []
        self._asked: set[tuple[str, str]] = set()
        self._list_hashes: set[str] = set()
        self._lists = 0

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> SourceSpider:
        """Built by Scrapy; reads JOB and WARC_INDEX."""
        spider = super().from_crawler(crawler, *args, **kwargs)
        spider.job = crawler.settings["JOB"]
        spider.index = crawler.settings["WARC_INDEX"]
        spider.source = spider.job.source
        spider.reader = reader_version(spider.source)
        return spider

    job: Job
    index: WarcIndex | None
    reader: str

    async def start(self) -> AsyncIterator[Any]:
        """What a crawl of the source begins with."""
        for follow in first_asks(self.source, self.index):
            yield self._request(follow)

    def _request(self, follow: Follow) -> Request:
        """The Scrapy request of a Follow."""
        out = asked(self.source, follow)
        if follow.role == "list":
            self._asked.add(page_key(follow.method, follow.url, follow.body))
        return Request(
            out.url,
            method=out.method,
            body=out.body,
            headers=out.headers,
            callback=self.parse,
            errback=self.failed,
            dont_filter=follow.role == "list",
            meta={"follow": follow, "handle_httpstatus_all": False},
        )

    def validators(self, request: Request) -> dict[str, str]:
        """If-None-Match and If-Modified-Since for a page that is remembered well; {} for any other, and while recording."""
        if self.job.record is not None or request.method != "GET" or request.meta.get("robots"):
            return {}
        state = self.states.get(("GET", request.url))
        reader = reader_of(self.reader, request.meta["follow"])
        known = recall(state, reader, source=self.source, now=self.job.now) is not None
        return conditions(state) if known and state is not None else {}

    def parse(self, response: Response, **kwargs: Any) -> Iterator[Notice | Problem | Request]:
        """What the page's parser says; for an unchanged page what it said before."""
        assert response.request is not None
        request = response.request
        follow: Follow = request.meta["follow"]
        failure = of_status(response.status)
        if failure is not None:
            yield self._lost(response.url, failure, follow)
            return
        key = page_key(request.method, response.url, request.body)
        state = self.states.get(key)
        memory = recall(state, reader_of(self.reader, follow), source=self.source, now=self.job.now)
        if response.status == 304 and not any(name in request.headers for name in CONDITIONS):
            yield self._lost(response.url, Failure(cause="http-error", detail="304 to a request without conditions"), follow)
            return
        said = "" if response.status == 304 else body_hash(response.body)
        if follow.role == "list":
            if said and said in self._list_hashes and self._lists:
                yield self._cut(response.url, "paging-loop", "a further list page holds the same bytes as one before")
                return
            self._list_hashes.add(said)
            self._lists += 1
        else:
            self.progress.details += 1
        self.progress.pages += 1
        if response.status == 304:
            self.progress.not_modified += 1
        if memory is not None and (response.status == 304 or (state is not None and said == state.content_hash)):
            yield from self._unchanged(memory, response.url)
            return
        yield from self._read(response, follow, key, said)

    def _unchanged(self, memory: Memory, url: str) -> Iterator[Problem | Request]:
        self.progress.remembered(memory.ids, memory.problems)
        for follow in memory.follows:
            yield from self._ask(follow, url)

    def _read(self, response: Response, follow: Follow, key: tuple[str, str], said: str) -> Iterator[Notice | Problem | Request]:
        page = self._page(response, follow)
        if follow.role not in self.progress.shapes:
            self.progress.shapes[follow.role] = fingerprint(page)
            if follow.role == "list":
                self.progress.list_bytes = len(page.body)
        ids: list[str] = []
        follows: list[Follow] = []
        problems: list[Problem] = []
        for thing in read_page(self.source, page):
            if isinstance(thing, Follow):
                follows.append(thing)
            elif isinstance(thing, Problem):
                problems.append(self._explained(thing, page))
                yield problems[-1]
            else:
                ids.append(thing.source_id)
                yield thing
        failed = any(problem.cause in FAILED for problem in problems)
        refused = failed or (bool(problems) and not ids and not follows)
        memory = Memory(reader=reader_of(self.reader, follow), ids=tuple(ids), follows=tuple(follows), problems=len(problems))
        self.keep_state(
            PageState(
                url=key[1],
                method=key[0],
                status=response.status,
                etag=header(response.headers, "ETag"),
                last_modified=header(response.headers, "Last-Modified"),
                content_hash=said,
                fetched_at=page.fetched_at,
                archive=self._archive_name(),
                outcome="refused" if refused else READ,
                kept="" if refused else pack(memory),
            ),
            ids,
        )
        for further in follows:
            yield from self._ask(further, page.url)

    def _explained(self, problem: Problem, page: Page) -> Problem:
        """A page that is not the list expected may be a wall in front of it: then the Problem says so, and we count as refused."""
        if problem.cause not in REFUSED_PAGE_CAUSES:
            return problem
        wall = soft_error(page)
        if wall is None:
            return problem
        (self.progress.blocked if wall.refused else self.progress.lost).append(f"{wall.cause}: {wall.detail}")
        return Problem(source=problem.source, url=problem.url, cause=wall.cause, detail=f"{wall.detail} ({problem.detail})"[:500])

    def _archive_name(self) -> str:
        if self.job.archive is None or self.job.replay:
            return ""
        return f"{self.job.now:%Y-%m-%d}/{self.job.source.name}.warc.gz"

    def _page(self, response: Response, follow: Follow) -> Page:
        assert response.request is not None
        headers = {name.decode("latin-1").lower(): b",".join(values).decode("latin-1") for name, values in response.headers.items()}
        headers |= {name: value for name, value in follow.headers.items() if name.startswith("x-asked-")}
        if follow.role == "detail":
            headers |= detail_headers(follow)
        fetched_at = response.request.meta.get("archived_at") or utc_now().astimezone(UTC)
        return Page(
            url=response.url,
            body=response.body,
            fetched_at=fetched_at,
            status=response.status,
            headers=headers,
            method=response.request.method or "GET",
        )

    def _ask(self, follow: Follow, base: str) -> Iterator[Problem | Request]:
        """The further request, unless it leads in a circle or beyond the declared number of pages."""
        if follow.role == "list":
            if page_key(follow.method, follow.url, follow.body) in self._asked:
                yield self._cut(base, "paging-loop", f"the next page leads back to {follow.url}")
                return
            if self._lists >= self.source.paging.most:
                yield self._cut(
                    base, "paging-limit", f"{self._lists} list pages were read, the most that is declared (paging.most)"
                )
                return
        yield self._request(follow)

    def _cut(self, url: str, cause: str, detail: str) -> Problem:
        self.progress.cut.append(f"{cause}: {detail}")
        return Problem(source=self.source.name, url=url, cause=cause, detail=detail)

    def _lost(self, url: str, failure: Failure, follow: Follow) -> Problem:
        reason = f"{failure.cause}: {failure.detail}"
        if failure.refused:
            self.progress.blocked.append(reason)
        elif failure.cause == "budget":
            self.progress.cut.append(reason)
        elif follow.role == "detail":
            self.progress.lost_details.append(f"{failure.cause}: {url}")
        else:
            self.progress.lost.append(reason)
        return Problem(source=self.source.name, url=url, cause=failure.cause, detail=failure.detail)

    def failed(self, failure: TwistedFailure) -> Iterator[Problem]:
        """A request that got no answer."""
        request: Request = failure.request  # type: ignore[attr-defined]
        yield self._lost(request.url, of_exception(failure.value), request.meta["follow"])

    def note_robots(self, site: str, why: str) -> None:
        """robots.txt could not be had: everything on the site counts as forbidden for this run."""
        self.progress.blocked.append(f"robots: {site}/robots.txt {why}; nothing is asked there until it answers")

    def keep_state(self, state: PageState, ids: Sequence[str] = ()) -> None:
        """Remember a page's state; the pipeline stores it after the notices of the page."""
        self.new_states.append((state, tuple(ids)))
