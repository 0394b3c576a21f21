"""SIGKILL at random moments of simulated days: what is stored and told at the end is what an undisturbed service stored and told."""

from __future__ import annotations

import contextlib
import json
import os
import random
import select
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from store.database import open_private, open_readonly
from tests.conftest import ROOT
from tests.crawlers.web import HEAD, Answer, Web, rss
from tests.scheduler.digest_world import START, days, world
from tests.scheduler.mail_server import Box, mail_server
from tests.scheduler.random_kills import day_of

SOURCES = ("pt_one", "pt_two", "pt_three")
READERS = ("ana@example.org", "bea@example.org", "cid@example.org")


@dataclass
class Forker:
    """The process that forks services."""

    process: subprocess.Popen[str]

    def say(self, **request: object) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()

    def hear(self, seconds: float = 120) -> dict[str, int] | None:
        """The next line, or None when there is none in time."""
        assert self.process.stdout is not None
        if not select.select([self.process.stdout], [], [], seconds)[0]:
            return None
        heard: dict[str, int] = json.loads(self.process.stdout.readline())
        return heard


@pytest.fixture
def forker() -> Iterator[Forker]:
    process = subprocess.Popen(
        [sys.executable, "-u", "-m", "tests.scheduler.random_kills"], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL, text=True, bufsize=1,
    )  # fmt: skip
    yield Forker(process)
    process.communicate()


class Service:
    """A data folder with readers, three feeds that grow by ``daily`` items a day, and a mail server."""

    def __init__(self, folder: Path, forker: Forker, web: Web, smtp: int, *, daily: int) -> None:
        self.folder, self.forker, self.web, self.daily = folder, forker, web, daily
        self.smtp_url = f"smtp://127.0.0.1:{smtp}"
        (folder / "sources").mkdir(parents=True)
        for name in SOURCES:
            text = HEAD.format(url=f"{web.base}/{folder.name}/{name}", form="feed", kind="call")
            # Asked each day, whatever its history says: a life that was cut off has another history.
            text += "every = 1200\nevery_bounds = [60, 1200]\n[expect]\nitems = [0, 100000]\n"
            (folder / "sources" / f"{name}.toml").write_text(text)
            web.pages[f"/{folder.name}/{name}"] = lambda _, name=name: Answer(body=self.feed(name))
        with world(folder) as w:
            for reader in READERS:
                w.member(reader)
            w.profile()

    def feed(self, name: str) -> bytes:
        """All items up to today; each is reworded the day after it came."""
        day = day_of(self.folder)
        return rss(*(self.item(name, n, day) for n in range((day + 1) * self.daily)))

    def item(self, name: str, n: int, day: int) -> str:
        words = "revised" if day > n // self.daily else "first"
        topic = ("injection moulds", "recycled polymers", "plastic packaging", "composite tooling")[n % 4]
        due = f"{START + days(300 + n):%d %B %Y}"
        text = f"Grants for firms established in Portugal that process plastics ({topic}). Deadline: {due}. Text {words}."
        return (
            f"<item><guid>{name}-{n}</guid><link>https://example.org/{name}/{n}</link><title>{name} call {n}: {topic}</title>"
            f"<description>{text}</description><pubDate>Thu, 19 Nov 2026 10:00:00 +0100</pubDate></item>"
        )

    def run(self, last: int, *, chance: random.Random | None = None, most: int = 0, pace: float = 2.0) -> int:
        """Live up to the day ``last``; with ``chance`` at most so many times a process is killed, one each ``pace`` seconds or so. How
        many times one was.
        """
        killed = 0
        while day_of(self.folder) <= last:
            self.forker.say(folder=str(self.folder), smtp_url=self.smtp_url, hosts=f"127.0.0.1:{self.web.port}", last=last)
            started = self.forker.hear()
            assert started is not None
            while chance is not None and killed < most:
                if (heard := self.forker.hear(chance.uniform(0.0, 2 * pace))) is not None:
                    break
                killed += 1
                if not kill_one(started["pid"], chance):
                    heard = self.in_peace()
                    break
            else:
                heard = self.in_peace()
            assert heard is not None, "the service hangs"
        return killed

    def in_peace(self) -> dict[str, int] | None:
        """Wait for the end of the process, however slow the machine; None when nothing was written for ten minutes."""
        seen, still = 0.0, 0
        while still < 10:
            if (heard := self.forker.hear(60)) is not None:
                return heard
            written = max(path.stat().st_mtime for path in self.folder.rglob("*"))
            seen, still = written, 0 if written > seen else still + 1
        return None


def kill_one(leader: int, chance: random.Random) -> bool:
    """Kill the whole service, or any one of its processes; whether the service itself lives on."""
    group = [leader]
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            if path.read_text().rpartition(")")[2].split()[2] == str(leader):
                group.append(int(path.parent.name))
    one = chance.choice(group)
    for pid in group if one == leader else [one]:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    return one != leader


def stored(folder: Path) -> dict[str, list[tuple[object, ...]]]:
    """What counts of both files, without what depends on the moment."""
    db, private = open_readonly(folder / "clusterscout.db"), open_private(folder / "private.db")
    assert db.execute("pragma integrity_check").fetchone()[0] == "ok"
    assert private.execute("pragma integrity_check").fetchone()[0] == "ok"
    assert db.execute("pragma foreign_key_check").fetchall() == []
    names = dict(db.execute("select o.key, min(n.source_id) from notice n join opportunity o on o.id = n.opportunity group by 1"))
    found = {
        "notices": db.execute("select source, source_id, content_hash, withdrawn_at is null from notice order by 1, 2").fetchall(),
        "opportunities": db.execute(
            "select n.source_id, o.title, o.text, o.next_deadline from notice n join opportunity o on o.id = n.opportunity order by 1"
        ).fetchall(),
        "tags": db.execute(
            "select n.source_id, t.facet, t.value, t.role from tag t join notice n on n.opportunity = t.opportunity order by 1, 2, 3, 4"
        ).fetchall(),
        "created": db.execute("select count(*), count(distinct opportunity) from change where type = 'created'").fetchall(),
        "told": sorted(
            (member, names[key]) for member, key in private.execute("select member, opportunity from told where what = 'new'")
        ),
    }
    db.conn.close()
    private.conn.close()
    return found


def prove(folder: Path, forker: Forker, *, kills: int, daily: int) -> str:
    """Live killed so many times, then in peace until a mail fell due; compare with an undisturbed life of as many turns."""
    chance, box, calm = random.Random(11), Box(), Box()
    web = Web()
    try:
        with mail_server(box) as port, mail_server(calm) as quiet:
            begun = time.monotonic()
            undisturbed = Service(folder / "calm", forker, web, quiet, daily=daily)
            undisturbed.run(2)
            pace = (time.monotonic() - begun) / 3  # what a day takes on this machine, and how often somebody dies
            service = Service(folder / "killed", forker, web, port, daily=daily)
            killed = 0
            while killed < kills:
                killed += service.run(day_of(service.folder), chance=chance, most=kills - killed, pace=pace)
            last = day_of(service.folder) + 2
            service.run(last)
            undisturbed.run(last)
    finally:
        web.close()
    ours, theirs = stored(service.folder), stored(undisturbed.folder)
    for name, rows in theirs.items():
        assert ours[name] == rows, name
    assert len(theirs["notices"]) == (last + 1) * daily * len(SOURCES)
    assert len(theirs["told"]) > 0
    private = open_private(service.folder / "private.db")
    letters = dict(private.execute("select message_id, unsure from outbox").fetchall())
    assert private.execute("select count(*) from outbox where state <> 'sent'").fetchone()[0] == 0
    private.conn.close()
    came = Counter(taken.message_id for taken in box.taken)
    assert set(came) == set(letters), "a letter was lost"
    twice = {message for message, number in came.items() if number > 1}
    assert all(letters[message] for message in twice), "a letter came twice and nobody says so"
    return f"{killed} kills in {last + 1} days, {len(ours['notices'])} notices, {len(letters)} letters, {len(twice)} twice and reported"


@pytest.mark.soak
def test_a_few_random_kills(tmp_path: Path, forker: Forker) -> None:
    print(prove(tmp_path, forker, kills=6, daily=2))


@pytest.mark.soak
@pytest.mark.timeout(7200)
def test_hundreds_of_random_kills(tmp_path: Path, forker: Forker) -> None:
    """On an idle machine some ten minutes of work; counted in kills, so that a busy one proves no less."""
    print(prove(tmp_path, forker, kills=int(os.environ.get("KILLS", "300")), daily=2))
