"""The work of the scheduler, a function a job: each takes a ``Turn``, does what is due, and says in words what it did ("" = nothing)."""

from __future__ import annotations

import logging
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlite_utils import Database

from crawlers.cadence import LOOK_BACK, next_due
from crawlers.source import Source
from scheduler import digests
from scheduler.crawling import crawl_many, register
from scheduler.delivery import deliver
from scheduler.settings import Settings
from scheduler.sourcing import readable_sources
from store import backup, due, job_runs, listed, outbox, runs
from store.database import checkpoint, open_private, open_store
from store.model import Run

log = logging.getLogger(__name__)
RETRY = timedelta(hours=1)
_OURS = ("killed: the run never", "the crawl's process ended", "stopped:")


@dataclass(frozen=True, kw_only=True, slots=True)
class Turn:
    """One run of a job: the settings, the instant it began, and whether the service is asked to stop."""

    settings: Settings
    now: datetime
    stopping: Callable[[], bool] = lambda: False


def crawl(turn: Turn) -> str:
    """Crawl each source whose time has come, ``workers`` at once, each in a process of its own; then tag what is new."""
    sources, faults = readable_sources(turn.settings)
    for name, fault in faults.items():
        log.error("source %s cannot be used: %s", name, fault)
    with _store(turn.settings) as db:
        last = runs.latest_by_source(db)
        chosen = [
            source
            for source in sources.values()
            if is_due(source, last.get(source.name), now=turn.now, due=planned(db, source, last.get(source.name), now=turn.now))
        ]
    if not chosen:
        return ""
    register(turn.settings.db, sources.values())
    verdicts: Counter[str] = Counter()

    for line in crawl_many(turn.settings, chosen, now=turn.now, stopping=turn.stopping):
        verdicts[str(line["verdict"])] += 1
        counts = {k: line[k] for k in ("notices", "new", "changed", "seconds")}
        log.info("crawled %s: %s", line["source"], line["verdict"], extra=counts)
    tagged = tag(turn)
    return ", ".join([*(f"{n} {verdict}" for verdict, n in sorted(verdicts.items())), *([tagged] if tagged else [])])


def tag(turn: Turn) -> str:
    """Tag what has no tags, or tags of an older vocabulary or another text, in batches that can be cut off between them."""
    from scheduler.tagging import tag_stale

    with _store(turn.settings) as db:
        done = tag_stale(db, now=turn.now, apart=True, stopping=turn.stopping)
    return f"{done} tagged" if done else ""


def advance(turn: Turn) -> str:
    """What time alone changes: cut-offs that have passed, calls that have opened."""
    with _store(turn.settings) as db:
        moved, opened = due.advance_deadlines(db, now=turn.now), due.announce_openings(db, now=turn.now)
    return f"{moved} deadlines passed, {opened} opened" if moved or opened else ""


def build_digests(turn: Turn) -> str:
    """Build the issues that are due and put their mail into the outbox."""
    built = digests.build_due(turn.settings, now=turn.now, stopping=turn.stopping)
    return f"{len(built)} issues" if built else ""


def deliver_mail(turn: Turn) -> str:
    """Send what waits in the outbox, as far as the rate limit goes."""
    outcomes: Counter[str] = Counter()
    private = open_private(turn.settings.private_db)
    try:
        for delivery in deliver(turn.settings, private, now=turn.now, stopping=turn.stopping):
            outcomes[delivery.outcome] += 1
            if delivery.outcome != "sent" or delivery.unsure:
                log.warning(
                    "mail %s: %s", delivery.outcome, delivery.response, extra={"issue": delivery.issue, "unsure": delivery.unsure}
                )
    finally:
        private.conn.close()
    return ", ".join(f"{n} {outcome}" for outcome, n in sorted(outcomes.items()))


def maintain(turn: Turn) -> str:
    """Remove what is past its keeping (pages, runs, mail, job runs), then write both WAL files back."""
    settings = turn.settings
    with _store(settings) as db:
        old_runs = runs.purge(db, before=turn.now - timedelta(days=settings.keep_runs_days))
        checkpoint(db)
    private = open_private(settings.private_db)
    try:
        old_mail = outbox.purge(private, before=turn.now - timedelta(days=settings.keep_mail_days))
        job_runs.purge(private, before=turn.now - timedelta(days=settings.keep_runs_days))
        checkpoint(private)
    finally:
        private.conn.close()
    pages = purge_pages(settings.archive, before=turn.now - timedelta(days=settings.keep_pages_days))
    return f"removed {old_runs} runs, {old_mail} issues, {pages} archive files"


def back_up(turn: Turn) -> str:
    """Copy both files and the archive into the backup folder, checked, and drop the oldest beyond ``keep_backups``."""
    settings = turn.settings
    if settings.keep_backups < 1:
        return ""
    made = backup.backup(settings.data, settings.backups, now=turn.now)
    for old in sorted(settings.backups.glob("clusterscout-*"))[: -settings.keep_backups]:
        shutil.rmtree(old)
    return made.name


_plans: dict[tuple[str, int, tuple[int, int]], tuple[str, datetime]] = {}


def planned(db: Database, source: Source, last: Run | None, *, now: datetime) -> datetime | None:
    """When the source is to be asked next as its history tells (``crawlers.cadence``); None before its first run. Told once a run."""
    if last is None or last.started > now or not source.enabled or source.blocked:
        return None
    key = (source.name, source.every, source.every_bounds)
    if _plans.get(key, ("", now))[0] != last.id:
        history = runs.last_runs(db, source=source.name, limit=150)
        told = listed.published_at(db, source.name, zone=source.timezone, since=now - LOOK_BACK)
        _plans[key] = (last.id, next_due([run for run in history if run.ended], source, now, published=told))
    return _plans[key][1]


def is_due(source: Source, last: Run | None, *, now: datetime, due: datetime | None = None) -> bool:
    """Whether a source is to be asked: enabled, not blocked, and ``due`` has come (None: its interval since the last run is over).

    A broken run is tried again after an hour (at most the interval); one that we ourselves cut off is due at once, but not one that
    took longer than it may. A last run that lies ahead of now (the clock went back) holds nothing up.
    """
    if not source.enabled or source.blocked:
        return False
    if last is None or last.started > now:
        return True
    wait = timedelta(minutes=source.every)
    if any(reason.startswith(_OURS) for reason in last.reasons):
        wait = timedelta(0)
    elif last.verdict == "broken":
        wait = min(wait, RETRY)
    elif due is not None:
        return due <= now
    return last.started + wait <= now


def purge_pages(archive: Path, *, before: datetime) -> int:
    """Remove the files of the archive that were last written before an instant; their number."""
    old = [path for path in archive.rglob("*.warc*") if path.is_file() and path.stat().st_mtime < before.timestamp()]
    for path in old:
        path.unlink()
    return len(old)


@contextmanager
def _store(settings: Settings) -> Iterator[Database]:
    db = open_store(settings.db)
    try:
        yield db
    finally:
        db.conn.close()
