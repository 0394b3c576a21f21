"""Where a crawl's notices go: into the store, or as JSON lines into a file when nothing shall be stored."""

from __future__ import annotations

import json
import resource
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO, Protocol

from sqlite_utils import Database

from crawlers.health.values import Known
from crawlers.job import Job
from crawlers.progress import Progress
from crawlers.verdict import Judgement, learned_counts, lists_all
from store import held, listed, pages, runs
from store import notices as kept_notices
from store.codec import to_json
from store.database import open_store, writing
from store.model import Notice, Problem, Run
from store.pages import PageState


class Sink(Protocol):
    """The last step of the pipeline."""

    def open(self) -> Mapping[tuple[str, str], PageState]:
        """Begin; what is remembered of the source's pages."""

    def known(self, notices: Sequence[Notice]) -> Known:
        """What the store has of a batch."""

    def count_listed(self, progress: Progress) -> None:
        """Count in ``progress`` what of the store's notices the crawl listed and what it lacks."""

    def write(
        self,
        notices: Sequence[Notice],
        problems: Sequence[Problem],
        states: Sequence[PageState],
        back: Sequence[tuple[Notice, str]],
    ) -> None:
        """Keep a batch; ``back`` are notices to be held back, each with the reason."""

    def history(self) -> Sequence[Run]:
        """Earlier runs of the source, newest first."""

    def close(self, progress: Progress, judgement: Judgement) -> None:
        """End the run."""


def sink_of(job: Job) -> Sink:
    """The store when the job names one, else a file of JSON lines."""
    return StoreSink(job) if job.db is not None else LinesSink(job)


def counts_of(progress: Progress, *, new: int, changed: int, cpu: float) -> dict[str, int]:
    """The counts of a run row; what was seen and neither new nor changed is unchanged. ``cpu`` are seconds."""
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
        "cpu_ms": int(cpu * 1000),
        "memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        **learned_counts(progress),
    }


class StoreSink:
    """Writes to the published file; the only place of this package that does. ``db`` is a connection of the caller's, who closes it;
    ``cpu`` tells the CPU seconds that the run took so far.
    """

    def __init__(self, job: Job, *, db: Database | None = None, cpu: Callable[[], float] = time.process_time) -> None:
        assert job.db is not None
        self.given, self.cpu = db, cpu
        self.job = job
        self.path: Path = job.db
        self.run = job.run
        self.new = self.changed = 0

    def open(self) -> Mapping[tuple[str, str], PageState]:
        """Open the file, begin the run if nobody did, and recall the pages."""
        self.db = self.given or open_store(self.path)
        name = self.job.source.name
        self.past = runs.teachers(self.db, name, now=self.job.now)
        self.current = listed.current(self.db, name)
        if not self.run:
            self.run = runs.start_run(self.db, "crawl", name, now=self.job.now)
        return pages.known(self.db, name)

    def known(self, notices: Sequence[Notice]) -> Known:
        """Nothing is asked when the store has nothing of the source."""
        if not self.current:
            return Known()
        same, differing = listed.compare(self.db, self.job.source.name, notices)
        fresh = [notice for notice in notices if notice.source_id not in same and notice.source_id not in differing]
        moved = listed.under_other_ids(self.db, self.job.source.name, fresh) if fresh else frozenset()
        return Known(same=same, differing=differing, current=self.current, moved=moved)

    def count_listed(self, progress: Progress) -> None:
        """One query, and none when all pages were as before."""
        if not self.current or not progress.parsed:
            progress.current = progress.known = self.current
            return
        found = listed.against(self.db, self.job.source.name, progress.seen, now=self.job.now)
        progress.current, progress.known = found.current, found.known
        progress.ended, progress.vanished = found.ended, found.vanished

    def write(
        self,
        notices: Sequence[Notice],
        problems: Sequence[Problem],
        states: Sequence[PageState],
        back: Sequence[tuple[Notice, str]],
    ) -> None:
        """One transaction: notices, then problems and page states."""
        source, now = self.job.source, self.job.now
        if not (notices or problems or states or back):
            return
        with writing(self.db):
            if notices:
                done = kept_notices.apply(self.db, self.run, notices, now=now, source_trust=source.trust, publish=source.publish)
                self.new += done.new
                self.changed += done.changed
                held.drop(self.db, source.name, [notice.source_id for notice in notices])
            held.keep(self.db, self.run, back, now=now)
            runs.add_problems(self.db, self.run, problems, now=now)
            pages.keep(self.db, source.name, states)

    def history(self) -> Sequence[Run]:
        """Earlier ended runs, newest first."""
        return self.past

    def close(self, progress: Progress, judgement: Judgement) -> None:
        """End the run; a healthy and complete one may retire what is gone."""
        self.counts = counts_of(progress, new=self.new, changed=self.changed, cpu=self.cpu())
        if judgement.reread:
            pages.doubt(self.db, self.job.source.name)
        elif judgement.verdict == "healthy" and judgement.complete:
            held.drop(self.db, self.job.source.name)
        kept_notices.finish_run(
            self.db,
            self.run,
            source=self.job.source.name,
            seen_ids=progress.seen,
            retires=lists_all(self.job.source),
            now=self.job.now,
            verdict=judgement.verdict,
            complete=judgement.complete,
            counts=self.counts,
            reasons=judgement.reasons,
        )
        if self.given is None:
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

    def known(self, notices: Sequence[Notice]) -> Known:
        """Nothing."""
        del notices
        return Known()

    def count_listed(self, progress: Progress) -> None:
        """Nothing is known of what was listed before."""
        del progress

    def write(
        self,
        notices: Sequence[Notice],
        problems: Sequence[Problem],
        states: Sequence[PageState],
        back: Sequence[tuple[Notice, str]],
    ) -> None:
        """A line each; page states are dropped, what would be held back is shown with the rest."""
        del states
        notices = [*notices, *(notice for notice, _ in back)]
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
            "counts": counts_of(progress, new=len(progress.seen), changed=0, cpu=time.process_time()),
        }
        self._line("run", json.dumps(outcome))
        if self.file is not None:
            self.file.close()

    def _line(self, key: str, text: str) -> None:
        if self.file is not None:
            self.file.write(f'{{"{key}": {text}}}\n')
