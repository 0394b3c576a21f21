"""Tagging killed with SIGKILL at any statement, or from outside with its processes: nothing is lost, doubled or half written."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from nlp.version import vocabulary_version
from store import index, notices, tags
from store.database import open_store
from tests.conftest import ROOT
from tests.scheduler.killing import Zygote, settings_of
from tests.store.shapes import NOW, notice

TEXTS = (
    ("Railway sleepers, lot {n}", "Delivery of rails and sleepers in Portugal."),
    ("Hospital beds, lot {n}", "Beds for the surgical ward of a clinic in Warsaw, Poland."),
    ("Software for schools, lot {n}", "Open to companies from Spain and France."),
)
SIZE = 24
KILLS = 8
# The job as the service runs it, in two processes and small batches; it tells the ids of its processes before it waits for them.
JOB = """
import sys
from datetime import datetime
from pathlib import Path
from scheduler import tagging
from store.database import open_store
if __name__ == "__main__":
    tagging.BATCH, tagging.FEW = 2, 1
    print(tagging.tag_stale(open_store(Path(sys.argv[1])), now=datetime.fromisoformat(sys.argv[2])))
"""


def filled(path: Path) -> Path:
    """A store of opportunities that nobody has tagged."""
    db = open_store(path)
    given = []
    for n in range(SIZE):
        title, text = TEXTS[n % len(TEXTS)]
        given.append(replace(notice(n), title=title.format(n=n), summary="", text=text, language="en", codes=()))
    notices.apply(db, None, given, now=NOW)
    db.close()
    return path


def contents(path: Path) -> dict[str, list[tuple[Any, ...]]]:
    """All that tagging writes, and the lists that follow from it."""
    db = open_store(path)
    told = {
        "tag": "select * from tag order by 1, 2, 3, 4",
        "tagging": "select * from tagging order by 1",
        "opportunity": "select id, sectors, countries, language from opportunity order by 1",
        "find": "select * from find order by 1, 2, 3, 4, 5",
        "tally": "select * from tally order by 1, 2, 3, 4, 5",
    }
    rows = {name: db.execute(query).fetchall() for name, query in told.items()}
    db.close()
    return rows


def whole(path: Path) -> int:
    """How many are tagged; each of them wholly: its tags, its columns and its lists agree."""
    db = open_store(path)
    tagged = [row[0] for row in db.execute("select opportunity from tagging")]
    for number in tagged:
        stored = tags.read(db, number)
        assert stored.vocabulary == vocabulary_version()
        assert {tag.id for tag in stored.sectors}
        assert {tag.code for tag in stored.countries}
    assert db.execute("select count(*) from tag where opportunity not in (select opportunity from tagging)").fetchone()[0] == 0
    before = db.execute("select * from find order by 1, 2, 3, 4, 5").fetchall()
    index.rebuild(db)
    assert db.execute("select * from find order by 1, 2, 3, 4, 5").fetchall() == before
    assert db.execute("pragma integrity_check").fetchone()[0] == "ok"
    db.close()
    return len(tagged)


@pytest.fixture(scope="module")
def zygote() -> Iterator[Zygote]:
    made = Zygote()
    yield made
    made.close()


@pytest.fixture(scope="module")
def untouched(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("untouched")
    filled(settings_of(folder).db)
    return folder


def test_killed_at_any_statement(zygote: Zygote, untouched: Path, tmp_path: Path) -> None:
    shutil.copytree(untouched, tmp_path / "calm")
    calm = zygote.run("tag", settings_of(tmp_path / "calm"), NOW)
    expected = contents(settings_of(tmp_path / "calm").db)
    assert whole(settings_of(tmp_path / "calm").db) == SIZE
    chance = random.Random(4)
    seen = set()
    for number, at in enumerate(sorted(chance.sample(range(1, calm["statements"]), KILLS))):
        settings = settings_of(tmp_path / f"killed{number}")
        shutil.copytree(untouched, settings.data)
        assert zygote.run("tag", settings, NOW, "sql", at)["killed"]
        done = whole(settings.db)
        assert done % 3 == 0
        seen.add(done)
        assert not zygote.run("tag", settings, NOW)["killed"]
        assert contents(settings.db) == expected
    assert len(seen) > 2


def test_killed_from_outside_with_its_processes(untouched: Path, tmp_path: Path) -> None:
    path = settings_of(tmp_path / "store").db
    shutil.copytree(untouched, path.parent)
    (tmp_path / "job.py").write_text(JOB, encoding="utf-8")
    command = [sys.executable, str(tmp_path / "job.py"), str(path), NOW.isoformat()]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    job = subprocess.Popen(command, cwd=ROOT, env=environment)
    reading = open_store(path)
    while job.poll() is None and not reading.execute("select count(*) from tagging").fetchone()[0]:
        time.sleep(0.02)
    workers = children(job.pid)
    job.send_signal(signal.SIGKILL)
    job.wait()
    reading.close()
    assert workers
    assert whole(path) % 2 == 0
    told = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True).stdout
    assert whole(path) == SIZE
    assert int(told) <= SIZE - 2
    for worker in workers:  # the processes of the killed job have not stayed behind
        while Path(f"/proc/{worker}").exists():
            time.sleep(0.05)


def children(pid: int) -> list[int]:
    """The processes that a process started."""
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()]
