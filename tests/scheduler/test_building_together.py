"""Many issues at once are built by processes of their own: the same mails, each once, also when all is killed half-way."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from scheduler import digests
from scheduler.digests import build_due
from store.database import open_private
from tests.conftest import ROOT
from tests.scheduler.digest_world import START, days, world
from tests.scheduler.killing import settings_of

MEMBERS = 24
BUILD = """
import sys
from datetime import datetime
from pathlib import Path
from scheduler import digests
from tests.scheduler.killing import settings_of
if __name__ == "__main__":
    digests.FEW, digests.BATCH = 2, 2
    print(len(digests.build_due(settings_of(Path(sys.argv[1])), now=datetime.fromisoformat(sys.argv[2]))))
"""


@pytest.fixture
def template(tmp_path: Path) -> Path:
    """Members of several wishes, a store of calls, and everybody's first week begun."""
    folder = tmp_path / "template"
    folder.mkdir()
    with world(folder) as w:
        for n in range(MEMBERS):
            w.member(f"m{n}@example.org")
        w.profile()
        for n in range(9):
            w.put(f"c{n}", now=START, due=START + days(20 + n))
        build_due(w.settings, now=START)
    return folder


def mails(folder: Path) -> dict[str, tuple[str, ...]]:
    """What each issue says and who was told what by it."""
    private = open_private(folder / "private.db")
    rows = private.execute(
        "select i.id, i.subject, i.text, i.contents, o.message_id, "
        "(select group_concat(what || opportunity, ' ') from (select * from told t where t.issue = i.id order by 1, 2, 3)) "
        "from issue i join outbox o on o.issue = i.id"
    ).fetchall()
    private.conn.close()
    return {row[0]: tuple(row[1:]) for row in rows}


def test_processes_build_what_one_builds(template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now, one, several = START + days(3), tmp_path / "one", tmp_path / "several"
    shutil.copytree(template, one)
    shutil.copytree(template, several)
    alone = build_due(settings_of(one), now=now)
    monkeypatch.setattr(digests, "FEW", 2)
    together = build_due(settings_of(several), now=now)
    assert len(alone) == MEMBERS
    assert together == alone
    assert mails(several) == mails(one)
    assert build_due(settings_of(several), now=now) == []


def test_a_stop_ends_it_after_what_was_begun_and_the_next_call_goes_on(template: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now, settings = START + days(3), settings_of(template)
    monkeypatch.setattr(digests, "FEW", 2)
    monkeypatch.setattr(digests, "BATCH", 2)
    first = build_due(settings, now=now, stopping=lambda: True)
    assert len(first) == 2
    begun = len(mails(template))
    assert 2 <= begun < MEMBERS
    assert len(build_due(settings, now=now)) == MEMBERS - begun
    assert len(mails(template)) == MEMBERS


def test_killed_half_way_each_issue_is_built_once_and_no_process_stays(template: Path) -> None:
    command = [sys.executable, "-c", BUILD, str(template), (START + days(3)).isoformat()]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as builder:
        while not mails(template) and builder.poll() is None:
            time.sleep(0.01)
        helpers = psutil.Process(builder.pid).children(recursive=True)
        os.kill(builder.pid, signal.SIGKILL)
    gone, alive = psutil.wait_procs(helpers, timeout=20)
    assert gone
    assert alive == []
    begun = len(mails(template))
    assert 1 <= begun < MEMBERS
    assert len(build_due(settings_of(template), now=START + days(3))) == MEMBERS - begun
    told = [found[-1] for found in mails(template).values()]
    assert len(told) == MEMBERS
    assert all(len(text.split()) == 9 for text in told)
