"""What a machine does to a service: a full disk, a busy file, a file that lost its schema, jobs killed half-way, data past its keeping."""

from __future__ import annotations

import json
import os
import random
import resource
import signal
import sqlite3
import subprocess
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from crawlers.sample.server import start
from scheduler.cli import cli
from scheduler.delivery import deliver
from scheduler.digests import build_due
from scheduler.doctor import examine, is_wrong, settings_lines
from scheduler.jobs import job_named, run_job
from scheduler.work import Turn, purge_pages
from store import outbox, runs
from store.clock import utc_now
from store.database import open_private, open_readonly
from store.errors import StoreError, explain
from store.metrics import metrics
from tests.conftest import ROOT
from tests.scheduler.digest_world import START, days, world


def clusterscout(folder: Path, *arguments: str, **options) -> subprocess.CompletedProcess[str]:
    given = {"CLUSTERSCOUT_DATA": str(folder), "CLUSTERSCOUT_SOURCES": str(folder / "sources"), "PATH": os.environ["PATH"]}
    command = [sys.executable, "-m", "scheduler.cli", *arguments]
    return subprocess.run(
        command, cwd=ROOT, env=given | options.pop("env", {}), capture_output=True, text=True, timeout=120, **options
    )


def test_a_full_disk_is_one_sentence_and_the_next_run_goes_on(tmp_path: Path) -> None:
    with world(tmp_path) as w:
        for n in range(30):
            w.member(f"m{n}@example.org")
        w.profile()
        for n in range(20):
            w.put(f"c{n}", now=START, due=utc_now() + days(30 + n))
        build_due(w.settings, now=START)

    def little_room() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, 400_000))

    failed = clusterscout(tmp_path, "digest", "build", "--everyone", preexec_fn=little_room)
    assert failed.returncode == 1
    assert "Traceback" not in failed.stderr
    assert "free space" in failed.stderr.lower()
    done = clusterscout(tmp_path, "digest", "build", "--everyone")
    assert done.returncode == 0, done.stderr
    private = open_private(tmp_path / "private.db")
    assert private.execute("select count(distinct member), count(*) - count(distinct recipient) from issue").fetchone()[0] == 30
    assert (
        private.execute("select count(*) from (select 1 from told group by member, opportunity having count(*) > 1)").fetchone()[0]
        == 0
    )
    private.conn.close()


def test_a_busy_file_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("store.database.BUSY_SECONDS", 0.1)
    monkeypatch.setenv("CLUSTERSCOUT_DATA", str(tmp_path))
    with world(tmp_path) as w:
        w.member("ana@example.org")
        w.profile()
        holder = sqlite3.connect(tmp_path / "private.db", isolation_level=None)
        holder.execute("begin immediate")
        result = CliRunner().invoke(cli, ["digest", "build", "--everyone"])
        assert result.exit_code == 1
        assert "is busy" in result.output
        outcome, detail = run_job_or_error(w)
        assert outcome == "error"
        assert "is busy" in detail
        holder.execute("rollback")
        holder.close()
        assert CliRunner().invoke(cli, ["digest", "build", "--everyone"]).exit_code == 0


def run_job_or_error(w) -> tuple[str, str]:
    try:
        return run_job(job_named("digests"), Turn(settings=w.settings, now=START))
    except StoreError as error:
        return "error", str(error)
    except sqlite3.Error as error:
        return "error", str(explain(error, w.settings.private_db))


def test_a_crawl_killed_again_and_again_ends_with_everything_once(tmp_path: Path) -> None:
    chance = random.Random(3)
    with start(utc_now()) as web:
        options = {
            "CLUSTERSCOUT_SOURCES": str(web.sources),
            "CLUSTERSCOUT_ALLOW_HOSTS": f"127.0.0.1:{web.port}",
            "CLUSTERSCOUT_REQUEST_DELAY": "0",
        }
        environment = {"CLUSTERSCOUT_DATA": str(tmp_path), "PATH": os.environ["PATH"], **options}
        for _ in range(3):
            process = subprocess.Popen(
                [sys.executable, "-m", "scheduler.cli", "jobs", "run", "crawl"], cwd=ROOT, env=environment,
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
            )  # fmt: skip
            time.sleep(2 + 3 * chance.random())
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        # runs that were cut off are told as killed after half an hour, or when their source is crawled again
        done = clusterscout(tmp_path, "crawl", env=options)
        assert done.stdout.count('"source"') == 19, done.stderr
        db = open_readonly(tmp_path / "clusterscout.db")
        (notices, distinct) = db.execute("select count(*), count(distinct source || ' ' || source_id) from notice").fetchone()
        assert notices == distinct
        assert notices > 200
        doubled = "select count(*) from (select opportunity from change where type = 'created' group by 1 having count(*) > 1)"
        assert db.execute(doubled).fetchone()[0] == 0
        assert {run.verdict for run in runs.latest_by_source(db).values()} <= {"healthy", "empty-ok", "partial"}
        db.conn.close()


def test_what_is_past_its_keeping_goes_and_nothing_is_told_again(tmp_path: Path) -> None:
    with world(tmp_path) as w:
        w.member("ana@example.org")
        w.profile()
        w.put("c", now=START, due=START + days(900))
        build_due(w.settings, now=START)
        build_due(w.settings, now=START + days(3))
        list(deliver(w.settings, w.private, now=START + days(3)))
        runs.start_run(w.db, "crawl", "test", now=START)
        old = w.settings.archive / "2026" / "a.warc.gz"
        old.parent.mkdir(parents=True)
        old.write_bytes(b"x")
        os.utime(old, (START.timestamp(), START.timestamp()))
        late = START + days(500)
        outcome, detail = run_job(job_named("maintain"), Turn(settings=w.settings, now=late))
        assert (outcome, detail) == ("done", "removed 1 runs, 1 issues, 1 archive files")
        assert not old.exists()
        assert w.private.execute("select count(*) from issue").fetchone()[0] == 0
        (built,) = build_due(w.settings, now=late)
        assert built.entries == 0, "told again after its mail was removed"
        assert purge_pages(tmp_path / "nowhere", before=late) == 0


def test_weekly_backups_are_kept_as_many_as_wanted(tmp_path: Path) -> None:
    with world(tmp_path) as w:
        settings = replace(w.settings, keep_backups=2)
        for week in range(4):
            assert run_job(job_named("backup"), Turn(settings=settings, now=START + days(7 * week)))[0] == "done"
        kept = sorted(path.name for path in settings.backups.iterdir())
        assert kept == ["clusterscout-20261205T090000Z", "clusterscout-20261212T090000Z"]


def test_doctor_says_what_is_wrong_and_exits_1(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with world(tmp_path) as w:
        settings = replace(w.settings, sources=tmp_path / "sources")
        settings.sources.mkdir()
        found = list(examine(settings, now=START))
        assert not is_wrong(found), [f for f in found if f.state == "wrong"]
        assert {f.check for f in found} >= {
            "disk",
            "rights",
            "zones",
            "address",
            "mail",
            "database",
            "sources",
            "coverage",
            "archive",
            "outbox",
        }
        (settings.sources / "xx_bad.toml").write_text("title = 3\n")
        bad = replace(
            settings, zone="Mars/Olympus", address="http://scout.example.org", smtp_url="smtp://127.0.0.1:1", mail_from="nobody"
        )
        wrong = {f.check: f.text for f in examine(bad, now=START) if f.state == "wrong"}
        assert wrong.keys() == {"zones", "address", "mail", "sources"}
        assert "CLUSTERSCOUT_MAIL_FROM" in wrong["mail"]
        w.private.execute("drop table job_run")
        w.private.execute("delete from _sqlite_migrations where name = 'p003_mail'")
        assert "db migrate" in {f.check: f.text for f in examine(settings, now=START)}["schema"]
        mailed = list(examine(settings, now=START, mail_to="me@example.org"))
        assert any("test message to me@example.org" in f.text for f in mailed)
        lines = list(settings_lines(replace(settings, smtp_url="smtp://u:hidden@h")))
        assert not any("hidden" in line or "a secret of the tests" in line for line in lines)
    monkeypatch.setenv("CLUSTERSCOUT_DATA", str(tmp_path))
    monkeypatch.setenv("CLUSTERSCOUT_ZONE", "Mars/Olympus")
    result = CliRunner().invoke(cli, ["doctor"])
    assert result.exit_code == 1
    assert "zone = Mars/Olympus  (environment CLUSTERSCOUT_ZONE)" in result.output


def test_doctor_finds_and_names_a_corrupted_page(tmp_path: Path) -> None:
    with world(tmp_path) as w:
        for n in range(40):
            w.put(f"c{n}", now=START, due=START + days(30), text="x" * 3000)
        w.db.execute("pragma wal_checkpoint(truncate)").fetchone()
        settings = replace(w.settings, sources=tmp_path / "sources")
        settings.sources.mkdir()
    path = tmp_path / "clusterscout.db"
    raw = bytearray(path.read_bytes())
    raw[40 * 4096 : 41 * 4096] = bytes(4096)
    path.write_bytes(bytes(raw))
    wrong = [f.text for f in examine(settings, now=START) if f.state == "wrong"]
    assert any("clusterscout.db" in text and "db restore" in text for text in wrong), wrong


def test_the_numbers_for_the_operator(tmp_path: Path) -> None:
    from prometheus_client.parser import text_string_to_metric_families

    with world(tmp_path) as w:
        w.member("ana@example.org")
        w.profile()
        w.put("c", now=START, due=START + days(30))
        build_due(w.settings, now=START)
        build_due(w.settings, now=START + days(3))
        now = START + days(3) + timedelta(hours=1)
        run = runs.start_run(w.db, "crawl", 'a "quoted" \\ name\nof two lines', now=now - timedelta(seconds=10**7))
        runs.end_run(w.db, run, now=now, verdict="healthy", complete=True, counts={}, reasons=[])
        text = metrics(w.settings.db, w.settings.private_db, now)
    families = list(text_string_to_metric_families(text))
    samples = {(s.name, *s.labels.values()): s.value for family in families for s in family.samples}
    assert samples["clusterscout_opportunities", "call"] == 1
    assert samples["clusterscout_outbox", "queued"] == 1
    assert samples["clusterscout_outbox_age_seconds",] == 3600
    assert samples["clusterscout_file_bytes", "clusterscout.db-wal"] > 10**5
    assert samples["clusterscout_source_age_seconds", 'a "quoted" \\ name\nof two lines'] == 10**7
    assert all(family.documentation.endswith(".") and family.type == "gauge" for family in families)
    names = [family.name for family in families]
    assert len(names) == len(set(names))
    assert sum(line.startswith("# TYPE") for line in text.splitlines()) == len(names)


def test_the_jobs_as_a_person_sees_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLUSTERSCOUT_DATA", str(tmp_path))
    runner = CliRunner()
    ran = runner.invoke(cli, ["jobs", "run", "deliver"])
    assert ran.exit_code == 0, ran.output
    listed = runner.invoke(cli, ["jobs", "list", "--json"])
    rows = {row["job"]: row for row in map(json.loads, listed.output.splitlines())}
    assert rows["deliver"]["outcome"] == "idle"
    assert rows["crawl"]["outcome"] is None
    assert datetime.fromisoformat(rows["crawl"]["next"]) > datetime(2026, 1, 1, tzinfo=UTC)
    assert runner.invoke(cli, ["jobs", "run", "delivr"]).exit_code == 1
    assert outbox.waiting(open_private(tmp_path / "private.db")) == {}
