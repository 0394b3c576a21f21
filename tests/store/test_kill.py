"""SIGKILL at any moment: the next start goes on, and no notice is lost or doubled."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import pytest
from sqlite_utils import Database

from store import backup, history, index, pages, runs
from store.codec import notice_from_json
from store.database import open_store
from tests.conftest import ROOT
from tests.store.kill_worker import COUNT, listed
from tests.store.shapes import NOW


def work(path: Path, day: int, days: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.store.kill_worker", str(path), str(day), str(days)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def is_whole(db: Database, path: Path) -> None:
    """Nothing half done: sound file, each notice in one opportunity with one beginning, tables in step with one another."""
    assert backup.check(path) == ()
    assert db.execute("pragma foreign_key_check").fetchall() == []
    assert db.execute("select count(*) from notice where opportunity is null").fetchone()[0] == 0
    assert db.execute("select count(*) - count(distinct source || source_id) from notice").fetchone()[0] == 0
    doubled = "select count(*) from (select opportunity from change where type = 'created' group by 1 having count(*) != 1)"
    assert db.execute(doubled).fetchone()[0] == 0
    assert db.execute("select count(*) from opportunity where id not in (select opportunity from change)").fetchone()[0] == 0


def kill_and_go_on(tmp_path: Path, kills: int, seed: int) -> None:
    rng = random.Random(seed)
    path = tmp_path / "clusterscout.db"
    day = 0
    for _ in range(kills):
        process = work(path, day, 1000)
        assert process.stdout is not None
        started = not path.exists() and rng.random() < 0.5
        if not started:
            day = int(process.stdout.readline())
        time.sleep(rng.random() * 0.8)
        process.send_signal(signal.SIGKILL)
        finished = process.stdout.read().split()
        process.wait()
        process.stdout.close()
        day = int(finished[-1]) + 1 if finished else day + (not started)
        if path.exists():
            db = open_store(path)
            is_whole(db, path)
            for url, state in pages.known(db, "xx_example").items():
                start, seen = int(url[1][1:]), int(state.etag)
                stored = {r["source_id"]: notice_from_json(r["payload"]) for r in db.query("select * from notice")}
                for n in listed(seen)[start : start + 80]:
                    assert stored[n.source_id] == n, "a page was marked as read without its notices"
            db.close()
    process = work(path, day, 1)
    out, _ = process.communicate(timeout=120)
    assert out.split() == [str(day)]
    db = open_store(path)
    is_whole(db, path)
    stored = {r["source_id"]: notice_from_json(r["payload"]) for r in db.query("select * from notice")}
    assert stored == {n.source_id: n for n in listed(day)}
    assert len(stored) == COUNT
    runs.close_abandoned(db, now=NOW + timedelta(days=day + 2))
    assert db.execute("select count(*) from run where ended is null").fetchone()[0] == 0
    for key, text in db.execute("select key, text from opportunity where merged_into is null limit 25").fetchall():
        record = history.as_of(db, key, NOW + timedelta(days=day + 1))
        assert record is not None
        assert record["text"] == text
    before = db.execute("select * from listing order by 1").fetchall()
    index.rebuild(db)
    assert db.execute("select * from listing order by 1").fetchall() == before
    db.close()


def test_killed_at_random_points(tmp_path: Path) -> None:
    kill_and_go_on(tmp_path, kills=5, seed=1)


@pytest.mark.soak
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("seed", range(2, 6))
def test_killed_many_times(tmp_path: Path, seed: int) -> None:
    kill_and_go_on(tmp_path, kills=40, seed=seed)
