"""Where a crawl's notices go: into the store, or as JSON lines into a file when nothing shall be stored."""

from __future__ import annotations

import json
import resource
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Protocol

from crawlers.job import Job
from crawlers.progress import Progress
from crawlers.source import Source
from crawlers.verdict import Judgement, fill_counts
from store import notices as kept_notices
from store import pages, runs
from store.codec import to_json
from store.database import open_store, writing
from store.model import Notice, Problem, Run
from store.pages import PageState

WINDOW_FORMATS = frozenset({"feed", "sitemap", "document"})


class Sink(Protocol):
    """The last step of the pipeline."""

    def open(self) -> Mapping[tuple[str, str], PageState]:
        """Begin; what is remembered of the source's pages."""

    def write(self, notices: Sequence[Notice], problems: Sequence[Problem], states: Sequence[PageState]) -> None:
        """Keep a batch."""

    def history(self) -> Sequence[Run]:
        """Earlier runs of the source, newest first."""

    def close(self, progress: Progress, judgement: Judgement) -> None:
        """End the run."""


def sink_of(job: Job) -> Sink:
    """The store when the job names one, else a file of JSON lines."""
    return StoreSink(job) if job.db is not None else LinesSink(job)


def lists_all(source: Source) -> bool:
    """Whether absence from a whole crawl of the source means that a thing is gone."""
    return source.lists_all if source.lists_all is not None else source.format not in WINDOW_FORMATS


def counts_of(progress: Progress, *, new: int, changed: int) -> dict[str, int]:
    """The counts of a run row; what was seen and neither new nor changed is unchanged."""
    seen = len(progress.seen)
    return {
        "requests": progress.requests,
        "not_modified": progress.not_modified,
        "notices": seen,
        "new": new,
        "changed": changed,
        "unchanged": max(seen - new - changed, 0),
        "problems": sum(progress.problems.values()),
        "parsed": progress.parsed,
        "pages": progress.pages,
        "unchanged_pages": progress.unchanged_pages,
        "cpu_ms": int(time.process_time() * 1000),
        "memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        **fill_counts(progress),
    }


class StoreSink:
    """Writes to the published file; the only place of this package that does."""

    def __init__(self, job: Job) -> None:
        assert job.db is not None
        self.job = job
        self.path: Path = job.db
        self.run = job.run
        self.new = self.changed = 0

    def open(self) -> Mapping[tuple[str, str], PageState]:
        """Open the file, begin the run if nobody did, and recall the pages."""
        self.db = open_store(self.path)
        name = self.job.source.name
        self.past = [run for run in runs.last_runs(self.db, source=name, limit=40) if run.ended is not None]
        if not self.run:
            self.run = runs.start_run(self.db, "crawl", name, now=self.job.now)
        return pages.known(self.db, name)

    def write(self, notices: Sequence[Notice], problems: Sequence[Problem], states: Sequence[PageState]) -> None:
        """One transaction: notices, then problems and page states."""
        source, now = self.job.source, self.job.now
        if not (notices or problems or states):
            return
        with writing(self.db):
            if notices:
                done = kept_notices.apply(self.db, self.run, notices, now=now, source_trust=source.trust, publish=source.publish)
                self.new += done.new
                self.changed += done.changed
            runs.add_problems(self.db, self.run, problems, now=now)
            pages.keep(self.db, source.name, states)

    def history(self) -> Sequence[Run]:
        """Earlier ended runs, newest first."""
        return self.past

    def close(self, progress: Progress, judgement: Judgement) -> None:
        """End the run; a healthy and complete one may retire what is gone."""
        counts = counts_of(progress, new=self.new, changed=self.changed)
        kept_notices.finish_run(
            self.db,
            self.run,
            source=self.job.source.name,
            seen_ids=progress.seen,
            retires=lists_all(self.job.source),
            now=self.job.now,
            verdict=judgement.verdict,
            complete=judgement.complete,
            counts=counts,
            reasons=judgement.reasons,
        )
        self.db.close()


class LinesSink:
    """Writes ``{"notice": …}``, ``{"problem": …}`` and at the end ``{"run": …}`` to ``job.out``; stores nothing."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.file: IO[str] | None = None

    def open(self) -> Mapping[tuple[str, str], PageState]:
        """Open the file; nothing is remembered."""
        if self.job.out is not None:
            self.file = self.job.out.open("w", encoding="utf-8")
        return {}

    def write(self, notices: Sequence[Notice], problems: Sequence[Problem], states: Sequence[PageState]) -> None:
        """A line each; page states are dropped."""
        del states
        for notice in notices:
            self._line("notice", to_json(notice))
        for problem in problems:
            self._line("problem", to_json(problem))

    def history(self) -> Sequence[Run]:
        """No earlier runs."""
        return ()

    def close(self, progress: Progress, judgement: Judgement) -> None:
        """The run's outcome as the last line."""
        outcome = {
            "verdict": judgement.verdict,
            "complete": judgement.complete,
            "reasons": list(judgement.reasons),
            "counts": counts_of(progress, new=len(progress.seen), changed=0),
        }
        self._line("run", json.dumps(outcome))
        if self.file is not None:
            self.file.close()

    def _line(self, key: str, text: str) -> None:
        if self.file is not None:
            self.file.write(f'{{"{key}": {text}}}\n')
