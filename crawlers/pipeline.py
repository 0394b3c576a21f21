"""From the spider to the sink: notices are checked for doubled ids, buffered, and handed on in batches; the end is a verdict."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from scrapy import Spider, signals
from scrapy.crawler import Crawler

from crawlers.health import learned, values
from crawlers.job import Job
from crawlers.sinks import Sink, sink_of
from crawlers.spider import SourceSpider
from crawlers.verdict import judge, lists_all, teaching
from store.model import Notice, Problem
from store.pages import PageState

BATCH = 500
MOST_PROBLEM_ROWS = 500
MOST_CLASHING = 0.1


class Collect:
    """Buffers what the spider hands over; each batch goes to the sink with the states of the pages that it came from."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        job: Job = crawler.settings["JOB"]
        self.sink: Sink = sink_of(job)
        self.notices: dict[str, Notice] = {}
        self.problems: list[Problem] = []
        self.clashing: Counter[str] = Counter()
        self.told = 0
        self.received: set[str] = set()
        self.job = job

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Collect:
        """Built by Scrapy."""
        made = cls(crawler)
        # A pipeline's own close_spider is not told why: a crawl that was stopped would pass for one that came to its end.
        crawler.signals.connect(made.closed, signal=signals.spider_closed)
        return made

    @property
    def spider(self) -> SourceSpider:
        """The spider of this crawl."""
        assert isinstance(self.crawler.spider, SourceSpider)
        return self.crawler.spider

    def open_spider(self) -> None:
        """Begin the run and give the spider what is remembered of its pages."""
        self.spider.progress.now = self.job.now
        self.spider.states = self.sink.open()
        healthy = teaching(self.sink.history())
        source = self.spider.source
        self.usual = values.Usual(
            language=learned.usual_language(healthy),
            new=learned.usual_new(healthy),
            count=learned.usual_count(healthy),
            window=not lists_all(source),
            zone=source.timezone,
        )

    def process_item(self, item: Notice | Problem) -> Notice | Problem:
        """Take one notice or problem."""
        progress = self.spider.progress
        if isinstance(item, Problem):
            self._told(item)
        else:
            if item.source_id in progress.seen:
                progress.doubled += 1
                self._told(self._doubled(item))
            progress.saw(item)
            self.received.add(item.source_id)
            self.notices[item.source_id] = item
        if len(self.notices) >= BATCH or len(self.problems) >= BATCH:
            self._flush()
        return item

    def _told(self, problem: Problem) -> None:
        self.spider.progress.met(problem)
        self.told += 1
        if self.told <= MOST_PROBLEM_ROWS:
            self.problems.append(problem)

    def _doubled(self, notice: Notice) -> Problem:
        """Every entry is a notice or a problem: one whose id stood before in this run is told, and its later form is kept."""
        earlier = self.notices.get(notice.source_id)
        if earlier is not None and earlier.title != notice.title:
            self.clashing[notice.source_id] += 1
        how = "says the same" if earlier == notice else "is kept in this later form"
        detail = f"the id '{notice.source_id[:200]}' stood before in this run; the entry {how}"
        return Problem(source=notice.source, url=notice.url, cause="duplicate-id", detail=detail, source_id=notice.source_id)

    def closed(self, spider: Spider, reason: str) -> None:
        """Hand over the rest and end the run with its verdict; any ``reason`` but "finished" means that pages were left unread."""
        self._flush()
        progress, source = self.spider.progress, self.spider.source
        if reason == "closespider_timeout":
            progress.cut.append(f"time-limit: the crawl was stopped after {self.job.seconds:.0f} seconds (setting crawl_limit)")
        elif reason != "finished":
            progress.cut.append(f"stopped: the crawl was told to stop before its end ({reason})")
        self.sink.count_listed(progress)
        judgement = judge(source, progress, self.sink.history(), now=self.job.now)
        last = [
            Problem(source=source.name, url=source.url, cause="template-changed", detail=f"{note}; worth a look")
            for note in judgement.notes
        ]
        if self.told > MOST_PROBLEM_ROWS:
            detail = f"{self.told - MOST_PROBLEM_ROWS} more problems of this run were counted and not kept"
            last.append(Problem(source=source.name, url=source.url, cause="more-problems", detail=detail))
        self.sink.write([], last, [], [])
        self.sink.close(progress, judgement)

    def _ripe(self) -> list[PageState]:
        """The states of pages whose notices have all come: Scrapy's spider runs ahead of its pipeline by up to CONCURRENT_ITEMS."""
        waiting = self.spider.new_states
        self.spider.new_states = [(state, ids) for state, ids in waiting if not self.received.issuperset(ids)]
        return [state for state, ids in waiting if self.received.issuperset(ids)]

    def _flush(self) -> None:
        """A page's state is stored with or after its notices: a kill between would else make the next crawl answer 304 and lose them.

        What the batch says is weighed first against what is known; doubted values go to the held, not to the notices.
        """
        states = self._ripe()
        batch = list(self.notices.values())
        progress = self.spider.progress
        held: dict[str, str] = {}
        if batch:
            known = replace(self.sink.known(batch), remembered=progress.unchanged_pages > 0)
            clashing = self.clashing if len(self.clashing) + sum(self.clashing.values()) > MOST_CLASHING * len(batch) else {}
            doubt = values.examine(batch, known, now=self.job.now, usual=self.usual, clashing=clashing)
            held = doubt.held
            progress.doubts += doubt.reasons
            progress.held += len(held)
            progress.language = progress.language or values.language_of(batch)
        if progress.held:  # killed before its end, the run must not leave pages behind that pass for read
            states = [replace(state, outcome="doubted", etag="", last_modified="", content_hash="") for state in states]
        good = [notice for notice in batch if notice.source_id not in held]
        self.sink.write(good, self.problems, states, [(n, held[n.source_id]) for n in batch if n.source_id in held])
        self.notices, self.problems = {}, []
        self.clashing.clear()
