"""The service as a process: one on a store at a time, stopped in seconds, killed and started again."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

import psutil
import pytest

from crawlers.source import Source
from scheduler.errors import LeaseHeld, SettingsUnusable
from scheduler.jobs import JOBS, job_named, missed, next_runs, rows, run_job
from scheduler.lease import give_back, take
from scheduler.service import LEASE, OnOurClock, build_scheduler, running
from scheduler.work import Turn, is_due
from store import clock, job_runs
from store.clock import utc_now
from store.database import open_private
from store.model import Run
from store.processes import this_process
from tests.conftest import ROOT
from tests.scheduler.digest_world import START, days, world
from tests.scheduler.killing import settings_of

T = TypeVar("T")
READY = "Uvicorn running"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "sources").mkdir()
    return tmp_path


@contextmanager
def service(folder: Path, **settings: str) -> Iterator[subprocess.Popen[str]]:
    """``clusterscout serve`` on a free port; killed at the end if it is still there."""
    given = settings | {
        "CLUSTERSCOUT_DATA": str(folder),
        "CLUSTERSCOUT_SOURCES": str(folder / "sources"),
        "CLUSTERSCOUT_ZONE": "UTC",
        "PATH": os.environ["PATH"],
    }
    command = [sys.executable, "-m", "scheduler.cli", "serve", "--port", "0"]
    process = subprocess.Popen(command, cwd=ROOT, env=given, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        if process.stderr is not None:
            process.stderr.close()


def ready(process: subprocess.Popen[str]) -> int:
    """The port, once the service says that it runs."""
    assert process.stderr is not None
    for line in process.stderr:
        if READY in line:
            return int(re.findall(r"\d+", line.partition("127.0.0.1")[2])[0])
    raise AssertionError("the service ended before it was ready")


def test_it_starts_refuses_a_second_one_and_stops_within_ten_seconds(folder: Path) -> None:
    with service(folder) as first:
        ready(first)
        with service(folder) as second:
            _, said = second.communicate(timeout=60)
            assert second.returncode == 1
            assert f"Another scheduler runs on this store: process {first.pid}" in said
            assert "Traceback" not in said
        first.send_signal(signal.SIGTERM)
        _, said = first.communicate(timeout=60)
        assert first.returncode == 0
        assert "did not end in time" not in said
        private = open_private(folder / "private.db")
        assert private.execute("select count(*) from lease").fetchone()[0] == 0
        private.conn.close()


def test_a_killed_one_leaves_the_way_open_at_once(folder: Path) -> None:
    with service(folder) as first:
        ready(first)
        first.kill()
        first.communicate()
    with service(folder) as second:
        ready(second)
        second.send_signal(signal.SIGINT)
        second.communicate(timeout=60)
        assert second.returncode == 0


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGKILL])
def test_two_processes_answer_on_one_port_and_both_end_with_the_service(folder: Path, end: signal.Signals) -> None:
    with service(folder, CLUSTERSCOUT_SITE_PROCESSES="2") as first:
        port = ready(first)
        (other,) = waited_for(lambda: psutil.Process(first.pid).children())
        waited_for(lambda: answers(port))
        other.kill()
        (other,) = waited_for(lambda: [child for child in psutil.Process(first.pid).children() if child.pid != other.pid])
        waited_for(lambda: answers(port))
        first.send_signal(end)
        first.wait(timeout=10)
        other.wait(timeout=10)


def answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/-/alive.json", timeout=20) as answer:
            return bool(answer.status == 200)
    except OSError:  # the one that had taken the question was killed
        return False


def waited_for(happens: Callable[[], T]) -> T:
    """What ``happens`` gives as soon as it gives something."""
    for _ in range(600):
        found = happens()
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError("it did not happen")


def test_the_lease_is_renewed_passes_on_and_is_never_taken_from_the_living(folder: Path) -> None:
    private = open_private(folder / "private.db")
    elsewhere = '{"host": "another-machine", "pid": 7, "start": "x", "label": ""}'
    take(private, LEASE, elsewhere, now=START)
    with pytest.raises(LeaseHeld, match="process 7 on another-machine"):
        take(private, LEASE, this_process(), now=START + timedelta(seconds=100))
    take(private, LEASE, this_process(), now=START + timedelta(seconds=130))
    # A living process of this machine keeps it however late it renews; a clock far ahead does not free it either.
    other = this_process().replace('"label": ""', '"label": "b"')
    with pytest.raises(LeaseHeld):
        take(private, LEASE, other, now=START + days(1))
    with pytest.raises(LeaseHeld):
        take(private, LEASE, other, now=START - days(1))
    take(private, LEASE, this_process(), now=START + days(1))
    dead = this_process().replace(f'"pid": {os.getpid()}', '"pid": 4194304')
    give_back(private, LEASE, this_process())
    take(private, LEASE, dead, now=START)
    take(private, LEASE, this_process(), now=START + timedelta(seconds=1))
    private.conn.close()


def test_all_jobs_are_scheduled_as_the_rules_want(folder: Path) -> None:
    scheduler = build_scheduler(settings_of(folder), lambda: False)
    made = {job.id: job for job in scheduler.get_jobs()}
    assert set(made) == {job.name for job in JOBS}
    scheduler.start(paused=True)
    for job in scheduler.get_jobs():
        assert job.coalesce
        assert job.max_instances == 1
        assert job.misfire_grace_time >= 3600
        assert str(job.trigger.timezone) == "Europe/Brussels"
    scheduler.shutdown(wait=False)
    for job in JOBS:
        assert job.help.endswith(".")
        assert not any(str(v).isdigit() for k, v in job.when.items() if k == "day_of_week"), "weekdays are names"


def test_in_a_hurry_jobs_come_as_often_as_our_own_clock_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock._Pace, "times", 1.0)
    monkeypatch.setattr(clock._Pace, "since", clock._Pace.since)
    clock.hurry(600)
    trigger = OnOurClock(job_named("crawl").trigger("UTC"), utc_now)
    before = clock.passes_at(utc_now())
    first = trigger.get_next_fire_time(None, before)
    second = trigger.get_next_fire_time(first, before)
    assert first is not None
    assert second is not None
    assert timedelta(0) < first - before <= timedelta(seconds=0.6)  # five minutes, 600 times as fast
    assert abs(second - first - timedelta(seconds=0.5)) < timedelta(milliseconds=1)
    assert clock.hours(6) == timedelta(seconds=36)


def test_an_unknown_zone_is_one_sentence(folder: Path) -> None:
    with pytest.raises(SettingsUnusable, match="IANA zone"):
        build_scheduler(replace(settings_of(folder), zone="Mars/Olympus"), lambda: False)


def test_a_lost_lease_stops_the_service_and_running_jobs_are_waited_for(folder: Path) -> None:
    stop, done = threading.Event(), []
    settings = settings_of(folder)
    with running(settings, stop=stop) as scheduler:
        begun = threading.Event()

        def job() -> None:
            begun.set()
            stop.wait(5)
            done.append(True)

        scheduler.add_job(job, "interval", hours=1, id="test", next_run_time=utc_now())
        begun.wait(10)
    assert done == [True]
    assert stop.is_set()


def test_jobs_run_once_leave_a_row_and_idle_ones_leave_one(folder: Path) -> None:
    with world(folder) as w:
        settings = w.settings
        for minute in range(5):
            turn = Turn(settings=settings, now=START + timedelta(minutes=minute))
            assert run_job(job_named("deliver"), turn, clock=lambda: START) == ("idle", "")
        assert w.private.execute("select count(*) from job_run").fetchone()[0] == 1
        w.member("ana@example.org")
        w.profile()
        assert run_job(job_named("digests"), Turn(settings=settings, now=START))[0] == "idle"
        assert run_job(job_named("digests"), Turn(settings=settings, now=START + days(3))) == ("done", "1 issues")
        assert run_job(job_named("deliver"), Turn(settings=settings, now=START + days(3))) == ("done", "1 sent")
        shown = {row["job"]: row for row in rows(settings.private_db, "UTC", now=START + days(3))}
        assert shown["digests"]["outcome"] == "done"
        assert shown["backup"]["last"] is None
        assert str(shown["backup"]["next"]).startswith("2026-11-29T02:30")


def test_what_was_missed_is_made_up_once(folder: Path) -> None:
    private = open_private(folder / "private.db")
    sunday = datetime(2026, 11, 22, 2, 30, tzinfo=UTC)
    assert missed(private, "UTC", now=sunday) == set()
    for name in ("backup", "maintain"):
        job_runs.end(private, job_runs.start(private, name, now=sunday - days(3)), "done", "", now=sunday - days(3))
    assert missed(private, "UTC", now=sunday - timedelta(minutes=1)) == set()
    assert missed(private, "UTC", now=sunday + timedelta(hours=8)) == {"backup", "maintain"}
    assert missed(private, "UTC", now=sunday + days(1)) == {"backup"}, "the other one is later than its grace"
    assert missed(private, "UTC", now=sunday + days(3)) == set()
    cut_off = job_runs.start(private, "backup", now=sunday)
    assert "backup" in missed(private, "UTC", now=sunday + timedelta(minutes=5)), "cut off half-way"
    job_runs.end(private, cut_off, "done", "", now=sunday)
    assert "backup" not in missed(private, "UTC", now=sunday + days(1))
    private.conn.close()
    scheduler = build_scheduler(settings_of(folder), lambda: False, clock=lambda: sunday, at_once={"backup"})
    scheduler.start(paused=True)
    assert scheduler.get_job("backup").next_run_time == sunday
    assert scheduler.get_job("tag").next_run_time > sunday
    scheduler.shutdown(wait=False)


def test_a_killed_job_is_closed_as_killed_when_it_runs_again(folder: Path) -> None:
    private = open_private(folder / "private.db")
    job_runs.start(private, "tag", now=START)
    again = job_runs.start(private, "tag", now=START + timedelta(hours=1))
    outcomes = dict(private.execute("select id, outcome from job_run").fetchall())
    assert outcomes == {again - 1: "killed", again: ""}
    private.conn.close()


def test_a_job_whose_process_is_gone_is_told_as_killed_at_once(folder: Path) -> None:
    private = open_private(folder / "private.db")
    job_runs.start(private, "tag", now=START)
    shown = {row["job"]: row["outcome"] for row in rows(folder / "private.db", "UTC", now=START)}
    assert shown["tag"] == "running"
    start = f"""
from datetime import datetime, UTC
from pathlib import Path
from store import job_runs
from store.database import open_private
job_runs.start(open_private(Path({str(folder / "private.db")!r})), "crawl", now=datetime(2026, 11, 23, tzinfo=UTC))
"""
    subprocess.run([sys.executable, "-c", start], check=True)
    told = {row["job"]: (row["outcome"], row["detail"]) for row in rows(folder / "private.db", "UTC", now=START)}
    assert told["crawl"] == ("killed", "the process ended before the job did")
    private.conn.close()


def test_a_failing_job_is_one_sentence_in_its_row(folder: Path) -> None:
    with world(folder) as w:
        w.member("ana@example.org")
        w.profile()
        run_job(job_named("digests"), Turn(settings=w.settings, now=START))
        run_job(job_named("digests"), Turn(settings=w.settings, now=START + days(3)))
        down = replace(w.settings, smtp_url="smtp://127.0.0.1:1")
        outcome, detail = run_job(job_named("deliver"), Turn(settings=down, now=START + days(3)))
        assert outcome == "failed"
        assert "outbox is kept" in detail
        assert job_runs.last(w.private)["deliver"].detail == detail


def test_both_clock_changes_shift_no_job_out_of_its_day() -> None:
    for day, hours in ((datetime(2027, 3, 28, tzinfo=UTC), 23), (datetime(2026, 10, 25, tzinfo=UTC), 25)):
        before = next_runs("Europe/Brussels", now=day - timedelta(hours=36))["maintain"].astimezone(UTC)
        after = next_runs("Europe/Brussels", now=before + timedelta(seconds=1))["maintain"].astimezone(UTC)
        assert after - before == timedelta(hours=hours)


def test_when_a_source_is_due(folder: Path) -> None:
    def run(started: datetime, verdict: str = "healthy", *reasons: str) -> Run:
        return Run(
            id="r",
            stage="crawl",
            source="s",
            started=started,
            ended=started,
            verdict=verdict,
            complete=True,
            counts={},
            reasons=reasons,
        )  # type: ignore[arg-type]

    daily = Source(
        name="xx_test", title="Test", publisher="Test", url="https://example.org/", format="feed", kind="call", country="PT",
        languages=("en",), timezone="UTC", every=1440,
    )  # fmt: skip
    assert is_due(daily, None, now=START)
    assert not is_due(daily, run(START - timedelta(hours=23)), now=START)
    assert is_due(daily, run(START - timedelta(hours=24)), now=START)
    assert is_due(daily, run(START + days(3)), now=START), "a clock that went back holds nothing up"
    assert not is_due(daily, run(START - timedelta(minutes=59), "broken", "status 500"), now=START)
    assert is_due(daily, run(START - timedelta(minutes=60), "broken", "status 500"), now=START)
    assert is_due(daily, run(START - timedelta(minutes=1), "broken", "the crawl's process ended with signal 15"), now=START)
    assert is_due(daily, run(START - timedelta(minutes=1), "partial", "stopped: the crawl was told to stop"), now=START)
    assert not is_due(daily, run(START - timedelta(minutes=59), "broken", "killed: the crawl took more than 900 s"), now=START)
    assert is_due(daily, run(START - timedelta(hours=2)), now=START, due=START), "what its history tells goes before its interval"
    assert not is_due(daily, run(START - timedelta(hours=30)), now=START, due=START + timedelta(hours=1))
    assert is_due(daily, run(START - timedelta(hours=2), "broken", "status 500"), now=START, due=START + days(3))
    assert not is_due(replace(daily, blocked="asks us not to"), None, now=START)
    assert not is_due(replace(daily, enabled=False), None, now=START)
