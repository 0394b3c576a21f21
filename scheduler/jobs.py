"""The jobs, declared in code; what ran is in the store, so a restart asks the store what is due."""

from __future__ import annotations

import contextlib
import difflib
import logging
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from types import MappingProxyType

import click
from apscheduler.triggers.cron import CronTrigger
from sqlite_utils import Database

from scheduler import work
from scheduler.errors import LeaseHeld
from scheduler.logs import in_run
from scheduler.work import Turn
from store import job_runs
from store.clock import utc_now
from store.codec import iso
from store.database import open_private
from store.errors import StoreError, explain

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True, slots=True)
class Job:
    """A job: what it does, when (fields of APScheduler's cron trigger, weekdays as names), and how many hours late it may still start."""

    name: str
    do: Callable[[Turn], str]
    when: Mapping[str, str | int]
    grace_hours: int
    help: str

    def trigger(self, zone: str) -> CronTrigger:
        """Its trigger on the clock of an IANA zone."""
        return CronTrigger(timezone=zone, **self.when)

    @property
    def spoken(self) -> str:
        """When it runs, as a table shows it."""
        return ", ".join(f"{name} {value}" for name, value in self.when.items())


def _at(**fields: str | int) -> Mapping[str, str | int]:
    return MappingProxyType(fields)


JOBS: tuple[Job, ...] = (
    Job(
        name="crawl", do=work.crawl, when=_at(minute="*/5"), grace_hours=6, help="Crawl the sources whose time has come, then tag."
    ),
    Job(name="tag", do=work.tag, when=_at(minute="*/20"), grace_hours=6, help="Tag what has no tags or outdated ones."),
    Job(
        name="advance", do=work.advance, when=_at(minute=2), grace_hours=6, help="Move on deadlines that passed, tell what opened."
    ),
    Job(name="digests", do=work.build_digests, when=_at(minute="1-59/15"), grace_hours=12, help="Build the digests that are due."),
    Job(name="deliver", do=work.deliver_mail, when=_at(second=30), grace_hours=12, help="Send what waits in the outbox."),
    Job(name="maintain", do=work.maintain, when=_at(hour=3, minute=20), grace_hours=20, help="Remove what is past its keeping."),
    Job(
        name="backup",
        do=work.back_up,
        when=_at(day_of_week="sun", hour=2, minute=30),
        grace_hours=48,
        help="Copy both files and the archive.",
    ),
)


def job_named(name: str) -> Job:
    """The job called ``name``. Raises click.ClickException naming the nearest."""
    found = next((job for job in JOBS if job.name == name), None)
    if found is None:
        near = difflib.get_close_matches(name, [job.name for job in JOBS], 1)
        hint = f"Did you mean '{near[0]}'?" if near else "'clusterscout jobs list' prints them all."
        raise click.ClickException(f"There is no job '{name}'. {hint}")
    return found


def run_job(job: Job, turn: Turn, *, clock: Callable[[], datetime] = utc_now) -> tuple[str, str]:
    """Run a job once and enter it in ``job_run``; (outcome, detail). What goes wrong becomes one sentence, in the log and in the row.

    A job whose work another process holds the lease of ends ``idle``.
    """
    private = open_private(turn.settings.private_db)
    try:
        run = job_runs.start(private, job.name, now=turn.now)
        with in_run(f"{job.name}-{run}"):
            outcome, detail = _do(job, turn)
            job_runs.end(private, run, outcome, detail, now=max(turn.now, clock()))
            if outcome != "idle":
                log.log(
                    logging.ERROR if outcome == "failed" else logging.INFO, "%s: %s", job.name, detail, extra={"outcome": outcome}
                )
    finally:
        private.conn.close()
    return outcome, detail


def run_again(job: Job, turn: Turn, clock: Callable[[], datetime]) -> None:
    """What the scheduler calls: a fresh ``now``, and a store that cannot be written is told in one line and tried at the next time."""
    try:
        run_job(job, replace(turn, now=clock()), clock=clock)
    except StoreError as error:
        log.error("%s did not run: %s", job.name, error)
    except sqlite3.Error as error:
        log.error("%s did not run: %s", job.name, explain(error, turn.settings.private_db))


def next_runs(zone: str, *, now: datetime) -> dict[str, datetime]:
    """When each job runs next after ``now``, by name."""
    return {job.name: job.trigger(zone).get_next_fire_time(None, now) for job in JOBS}


def missed(private: Database, zone: str, *, now: datetime) -> set[str]:
    """The jobs whose time came while nobody was there, or that were cut off, no longer ago than their grace: each is made up once.

    A job that never ran has missed nothing.
    """
    found = set()
    for job in JOBS:
        run, earliest = job_runs.last(private).get(job.name), now - timedelta(hours=job.grace_hours)
        if run is None or run.started > now:
            continue
        if run.outcome in ("", "killed", "stopped"):
            due = run.started
        else:
            due = job.trigger(zone).get_next_fire_time(None, max(run.started + timedelta(seconds=1), earliest))
        if earliest <= due <= now:
            found.add(job.name)
    return found


def rows(private_path: Path, zone: str, *, now: datetime) -> list[dict[str, object]]:
    """What ``jobs list`` and the operator's page show: each job with its next run, and the last one's start, outcome and seconds."""
    private = open_private(private_path)
    with contextlib.closing(private.conn):
        last, coming = job_runs.last(private), next_runs(zone, now=now)
    out: list[dict[str, object]] = []
    for job in JOBS:
        run = last.get(job.name)
        seconds = (run.ended - run.started).total_seconds() if run and run.ended else None
        out.append(
            {
                "job": job.name,
                "when": job.spoken,
                "next": iso(coming[job.name]),
                "last": iso(run.started) if run else None,
                "outcome": (run.outcome or "running") if run else None,
                "seconds": seconds,
                "detail": run.detail if run else "",
                "help": job.help,
            }
        )
    return out


def _do(job: Job, turn: Turn) -> tuple[str, str]:
    try:
        detail = job.do(turn)
    except LeaseHeld as error:
        return "idle", error.message
    except click.ClickException as error:
        return "failed", error.message
    except StoreError as error:
        return "failed", str(error)
    except sqlite3.Error as error:
        return "failed", str(explain(error, turn.settings.db))
    except OSError as error:
        return "failed", f"{error}: check the disk and the rights on {turn.settings.data}"
    if turn.stopping():
        return "stopped", detail or "the service was asked to stop"
    return ("done", detail) if detail else ("idle", "")
