"""The service: the scheduler in threads, the site in the main one; one on a store at a time; stops in seconds with work resumable."""

from __future__ import annotations

import contextlib
import logging
import multiprocessing
import os
import signal
import sqlite3
import threading
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from types import FrameType
from typing import Any, cast

import uvicorn
from apscheduler.events import EVENT_JOB_MISSED, JobExecutionEvent
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger

from scheduler.answering import beside, config_of
from scheduler.errors import LeaseHeld, SettingsUnusable
from scheduler.jobs import JOBS, missed, run_again
from scheduler.lease import give_back, take
from scheduler.settings import Settings
from scheduler.work import Turn
from store.clock import hours, monotonic, passes_at, utc_now
from store.database import open_private
from store.processes import this_process

log = logging.getLogger(__name__)
LEASE = "scheduler"
THREADS = "job"
RENEW_SECONDS = 30
# systemd and a person both wait less than ten seconds; what is not done by then is cut off, and resumed at the next start.
STOP_SECONDS = 8.0


def build_scheduler(
    settings: Settings,
    stopping: Callable[[], bool],
    *,
    clock: Callable[[], datetime] = utc_now,
    at_once: Collection[str] = (),
) -> BackgroundScheduler:
    """A scheduler with all jobs, not yet started: id = name, replaced if there, missed runs made one, one instance each, the zone of
    the settings, and hours of grace; those named in ``at_once`` run first as soon as it starts. Raises SettingsUnusable for a zone
    that is none.
    """
    try:
        scheduler = BackgroundScheduler(
            timezone=settings.zone,
            executors={"default": ThreadPoolExecutor(len(JOBS) + 1, {"thread_name_prefix": THREADS})},
            job_defaults={"coalesce": True, "max_instances": 1},
        )
    except (KeyError, ValueError, TypeError) as error:
        raise SettingsUnusable(
            f"Setting zone = '{settings.zone}' is not an IANA zone such as Europe/Brussels: correct it."
        ) from error
    turn = Turn(settings=settings, now=clock(), stopping=stopping)
    for job in JOBS:
        scheduler.add_job(
            run_again,
            OnOurClock(job.trigger(settings.zone), clock),
            args=(job, turn, clock),
            id=job.name,
            name=job.help,
            replace_existing=True,
            misfire_grace_time=max(1, int(hours(job.grace_hours).total_seconds())),
            **({"next_run_time": passes_at(clock())} if job.name in at_once else {}),
        )
    scheduler.add_listener(_missed, EVENT_JOB_MISSED)
    return scheduler


class OnOurClock(BaseTrigger):  # type: ignore[misc]  # the library carries no types
    """A trigger whose instants are those of our own clock, which may run faster than the scheduler's in a sample."""

    def __init__(self, trigger: BaseTrigger, clock: Callable[[], datetime]) -> None:
        self.trigger, self.clock, self.timezone = trigger, clock, trigger.timezone
        self.last: datetime | None = None

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime | None:
        """The next instant on everybody's clock."""
        if passes_at(now) == now:
            return cast("datetime | None", self.trigger.get_next_fire_time(previous_fire_time, now))
        after = self.clock() if self.last is None else max(self.clock(), self.last + timedelta(microseconds=1))
        self.last = self.trigger.get_next_fire_time(self.last, after)
        return None if self.last is None else passes_at(self.last)


@contextmanager
def running(settings: Settings, *, stop: threading.Event, clock: Callable[[], datetime] = utc_now) -> Iterator[BackgroundScheduler]:
    """Hold the store's lease and run the scheduler during the block. Raises LeaseHeld when another scheduler has the store.

    At the end the jobs are told to stop, crawls are ended, and all is waited for ``STOP_SECONDS`` at most. ``stop`` is set when the
    lease is lost to another.
    """
    me = this_process(LEASE)
    private = open_private(settings.private_db)
    take(private, LEASE, me, now=clock())
    scheduler = build_scheduler(settings, stop.is_set, clock=clock, at_once=missed(private, settings.zone, now=clock()))
    scheduler.add_job(
        _renew, "interval", args=(settings, me, stop, clock), seconds=RENEW_SECONDS, id="lease", misfire_grace_time=None
    )
    try:
        scheduler.start()
        yield scheduler
    finally:
        stop.set()
        scheduler.shutdown(wait=False)
        _end_children()
        _wait()
        with contextlib.suppress(sqlite3.Error):  # a lease that cannot be given back runs out by itself
            give_back(private, LEASE, me)
        private.conn.close()


def serve(settings: Settings, app: Any, *, host: str, port: int) -> None:
    """Run scheduler and site until SIGTERM or SIGINT, or until the lease is lost. Raises LeaseHeld, SettingsUnusable.

    Returns within ten seconds of the signal, or ends the process then: every job can be cut off anywhere and is resumed.
    """
    stop = threading.Event()
    config = config_of(app, host=host, port=port)
    server = _Server(config, stop)
    # uvicorn raises the signals it caught once more when it is done; by then they must not end the process.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    threading.Thread(target=_end_in_time, args=(stop, server), name="stop-watch", daemon=True).start()
    with running(settings, stop=stop):
        listener = config.bind_socket()
        listener.listen(config.backlog)  # from now on a reader waits instead of being refused
        with beside(settings, listener, stop=stop):
            server.run(sockets=[listener])


class _Server(uvicorn.Server):
    """Tells the jobs to stop at the signal itself; uvicorn would finish its own shutdown first, and the time for both is one."""

    def __init__(self, config: uvicorn.Config, stop: threading.Event) -> None:
        super().__init__(config)
        self.stop = stop

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """A signal came."""
        self.stop.set()
        super().handle_exit(sig, frame)


def _renew(settings: Settings, me: str, stop: threading.Event, clock: Callable[[], datetime]) -> None:
    private = open_private(settings.private_db)
    try:
        take(private, LEASE, me, now=clock())
    except LeaseHeld as error:
        log.error("stopping: %s", error.message)
        stop.set()
    finally:
        private.conn.close()


def _end_in_time(stop: threading.Event, server: uvicorn.Server) -> None:
    """Once ``stop`` is set, end the site, and the process should it still be there when its time is over."""
    stop.wait()
    server.should_exit = True
    threading.Event().wait(STOP_SECONDS + 1)
    log.warning("jobs did not end in time: the process ends now, and they go on at the next start")
    os._exit(0)


def _end_children() -> None:
    """End crawls that are under way; their sources are due again at once."""
    for child in multiprocessing.active_children():
        child.terminate()


def _wait() -> None:
    """Wait for running jobs, at most ``STOP_SECONDS``."""
    ends = monotonic() + STOP_SECONDS
    workers = [thread for thread in threading.enumerate() if thread.name.startswith(THREADS)]
    for thread in workers:
        thread.join(max(0.0, ends - monotonic()))


def _missed(event: JobExecutionEvent) -> None:
    log.warning("job %s missed its time by more than its grace", event.job_id)
