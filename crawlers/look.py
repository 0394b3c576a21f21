"""The look: whether all pages of a source are as they were, asked before a crawl of it is begun.

Every page of the chain that earlier crawls remember is asked for as the crawl would ask, with conditions, under the same rules of
robots.txt, pace and addresses. When each answers 304, or with the bytes that are known, the run ends here as that crawl would end.
At the first other answer the source is handed to a crawl, with all answers that were had, so that nothing is asked twice.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from urllib.parse import urlsplit

from protego import Protego
from scrapy.settings.default_settings import DEFAULT_REQUEST_HEADERS
from sqlite_utils import Database

from crawlers.archive import Exchange, WarcIndex, WarcWriter
from crawlers.asking import Asked, asked, first_asks
from crawlers.decompression import ACCEPTED, decoded, encodings_of
from crawlers.door import FAILURES, Door
from crawlers.errors import CrawlError
from crawlers.job import AGENT, Job
from crawlers.memory import Memory, body_hash, conditions, page_key, reader_of, reader_version, recall
from crawlers.progress import Progress
from crawlers.robots import FRESH, kept_rules, pause, rules_in
from crawlers.sinks import StoreSink
from crawlers.verdict import Judgement, judge
from store import pages
from store.clock import monotonic
from store.model import Follow
from store.pages import PageState

# A source of more pages is crawled: it would hold the look up.
MOST_PAGES = 60
LONGEST_ANSWER = 20.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """One page of the remembered chain: how it is asked for, and what it is known by."""

    asked: Asked
    state: PageState
    memory: Memory
    role: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Looked:
    """What came of a look. ``judgement`` and ``counts`` are those of the run that it ended; without them the source is to be
    crawled, and ``had`` is the file of the answers that were got, None when nothing was asked.
    """

    judgement: Judgement | None = None
    counts: Mapping[str, int] = field(default_factory=dict)
    had: Path | None = None


class Pace:
    """One request a host at a time, however many sources and threads, each at least its delay after the one before."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._hosts: dict[str, threading.Lock] = {}
        self._free: dict[str, float] = {}

    @contextmanager
    def turn(self, host: str, delay: float) -> Iterator[None]:
        """Wait for the host's turn and hold it during the block; a slow answer makes the next wait as long as it took."""
        with self._guard:
            lock = self._hosts.setdefault(host, threading.Lock())
        with lock:
            wait = self._free.get(host, 0.0) - monotonic()
            if delay and wait > 0:
                time.sleep(wait)
            began = monotonic()
            try:
                yield
            finally:
                ended = monotonic()
                self._free[host] = ended + max(delay, ended - began)


class Look:
    """The look at one source. ``pace`` is shared by all looks of the process; ``index`` answers in a replay."""

    def __init__(self, job: Job, *, pace: Pace, index: WarcIndex | None) -> None:
        self.job, self.pace, self.index = job, pace, index
        self.progress = Progress(now=job.now)
        self.exchanges: list[Exchange] = []
        self.door = Door(allowed=job.allow_hosts, seconds=min(job.timeout, LONGEST_ANSWER))
        self.began = time.thread_time()
        self._rules: dict[str, Protego | None] = {}
        self._bodies: set[str] = set()

    def at(self, db: Database, lock: threading.Lock, spool: Path) -> Looked:
        """Look, and end the run if all is as it was. ``db`` is used under ``lock``; answers that a crawl shall have go to ``spool``.

        Raises StoreError, sqlite3.Error, ArchiveError.
        """
        with lock:
            self.states = pages.known(db, self.job.source.name)
        steps = chain(self.job, self.states, self.index)
        if steps is None:
            return Looked()
        try:
            same = all(self._same(step) for step in steps)
        except (*FAILURES, CrawlError, MemoryError):
            same = False  # the crawl asks again, with patience, and tells the cause
        finally:
            self.door.close()
        if not same:
            return Looked(had=self._handed_over(spool))
        with lock:
            return self._ended(db)

    def _ended(self, db: Database) -> Looked:
        sink = StoreSink(self.job, db=db, cpu=lambda: time.thread_time() - self.began)
        sink.open()
        sink.count_listed(self.progress)
        judgement = judge(self.job.source, self.progress, sink.history(), now=self.job.now)
        sink.close(self.progress, judgement)
        return Looked(judgement=judgement, counts=sink.counts)

    def _handed_over(self, spool: Path) -> Path | None:
        if not self.exchanges or self.index is not None:
            return None
        writer = WarcWriter(spool / f"{self.job.source.name}.warc.gz", software=self.job.user_agent)
        for exchange in self.exchanges:
            writer.write(exchange)
        return writer.path

    def _same(self, step: Step) -> bool:
        progress, known = self.progress, conditions(step.state) if step.asked.method == "GET" else {}
        answer = self._answer(step.asked, known)
        if answer is None or (answer.status != HTTPStatus.OK and not (answer.status == HTTPStatus.NOT_MODIFIED and known)):
            return False
        if answer.status == HTTPStatus.OK:
            said = body_hash(
                decoded(answer.body, encodings_of(v for name, v in answer.headers if name.lower() == "content-encoding"))
            )
            if said != step.state.content_hash or (step.role == "list" and said in self._bodies):
                return False
            self._bodies.add(said)
        progress.pages += 1
        progress.details += step.role != "list"
        progress.not_modified += answer.status == HTTPStatus.NOT_MODIFIED
        progress.remembered(step.memory.ids, step.memory.problems)
        return True

    def _answer(self, out: Asked, known: Mapping[str, str]) -> Exchange | None:
        """The answer to a page's request; None when the archive lacks it or robots.txt forbids it or cannot be had."""
        if self.index is not None:
            self.progress.requests += 1
            return self.index.take(out.method, out.url, out.body)
        rules = self._site_rules(out.url)
        if rules is None or not rules.can_fetch(out.url, AGENT):
            return None
        return self._fetched(out, known, pause(rules, self.job.delay))

    def _fetched(self, out: Asked, known: Mapping[str, str], delay: float) -> Exchange:
        default = {**DEFAULT_REQUEST_HEADERS, "User-Agent": self.job.user_agent, "Accept-Encoding": ACCEPTED}
        given = {name.lower() for name in (*out.headers, *known)}
        headers = {name: value for name, value in default.items() if name.lower() not in given} | out.headers | dict(known)
        self.progress.requests += 1
        with self.pace.turn(urlsplit(out.url).hostname or "", delay):
            answer = self.door.ask(out, headers)
        self.exchanges.append(answer)
        return answer

    def _site_rules(self, url: str) -> Protego | None:
        """What robots.txt of the address's site says, if it is as it was; asked for again after a day."""
        parts = urlsplit(url)
        site = f"{parts.scheme}://{parts.netloc}"
        if site not in self._rules:
            state = self.states.get(("GET", f"{site}/robots.txt"))
            text = kept_rules(state)
            if state is not None and text is not None and self.job.now - state.fetched_at >= FRESH:
                out = Asked(method="GET", url=state.url, body=b"", headers={})
                answer = self._fetched(out, conditions(state), self.job.delay)
                body = decoded(answer.body, encodings_of(v for name, v in answer.headers if name.lower() == "content-encoding"))
                if answer.status != HTTPStatus.NOT_MODIFIED and (
                    answer.status != state.status or rules_in(answer.status, body) != text
                ):
                    text = None
            self._rules[site] = Protego.parse(text) if text is not None else None
        return self._rules[site]


def chain(job: Job, states: Mapping[tuple[str, str], PageState], index: WarcIndex | None = None) -> list[Step] | None:
    """The pages that a crawl which finds nothing new would ask for, in its order; None when not all of them are remembered well, or
    when they are more than the look or the run's budget takes.
    """
    reader = reader_version(job.source)
    waiting: deque[Follow] = deque(first_asks(job.source, index))
    steps: list[Step] = []
    met: set[tuple[str, str]] = set()
    while waiting:
        follow = waiting.popleft()
        out = asked(job.source, follow)
        key = page_key(out.method, out.url, out.body)
        if key in met and follow.role != "list":
            continue
        state = states.get(key)
        memory = recall(state, reader_of(reader, follow), source=job.source, now=job.now)
        if state is None or memory is None or key in met or len(steps) >= min(MOST_PAGES, job.budget - 1):
            return None
        met.add(key)
        steps.append(Step(asked=out, state=state, memory=memory, role=follow.role))
        waiting.extend(memory.follows)
    lists = sum(step.role == "list" for step in steps)
    return steps if steps and lists <= job.source.paging.most * len((job.source.url, *job.source.more)) else None
