"""SIGKILL at every database statement and every SMTP verb, enumerated: nothing lost, nothing doubled.

The one exception is what nobody can know: the end of a message went out and its answer was not recorded. Then the message goes out
once more under the same Message-ID, and the ledger of the outbox says so.
"""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from scheduler.settings import Settings
from store.database import open_private
from tests.scheduler.digest_world import START, days, world
from tests.scheduler.killing import Zygote, settings_of
from tests.scheduler.mail_server import Box, mail_server

NOW = START + days(3)
LATER = NOW + days(0.5)
# What one letter makes smtplib send: MAIL, RCPT, DATA, content, end of content.
END_OF_DATA = 5


@pytest.fixture(scope="module")
def zygote() -> Iterator[Zygote]:
    made = Zygote()
    yield made
    made.close()


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory, zygote: Zygote) -> Path:
    """Two readers whose first issue is due at NOW: nothing built yet."""
    folder = tmp_path_factory.mktemp("template") / "data"
    folder.mkdir()
    with world(folder) as w:
        w.member("ana@example.org")
        w.member("bea@example.org")
        w.profile()
        for n in range(6):
            w.put(f"c{n}", now=START, due=START + days(20 + n))
    zygote.run("build", settings_of(folder), START)
    return folder


def copy(template: Path, to: Path) -> Path:
    shutil.copytree(template, to)
    return to


def told_once(settings: Settings) -> None:
    """Each item is in the ledger once a reader, and in exactly one issue of theirs."""
    private = open_private(settings.private_db)
    listed: Counter[tuple[int, str]] = Counter()
    for member, contents in private.execute("select member, contents from issue"):
        for section in json.loads(contents).values():
            listed.update((member, key) for key in (*section["shown"], *section["rest"]))
    told = {(m, key) for m, key in private.execute("select member, opportunity from told where what = 'new'")}
    assert set(listed) == told
    assert set(listed.values()) == {1}
    assert len(told) == 12
    assert private.execute("select count(*) from issue").fetchone()[0] == 2
    assert private.execute("select count(*) from outbox").fetchone()[0] == 2
    private.conn.close()


def builds(template: Path, tmp_path: Path, zygote: Zygote, *, step: int) -> int:
    """Kill the building of issues before every ``step``-th statement, and build again; how many moments."""
    whole = zygote.run("build", settings_of(copy(template, tmp_path / "whole")), NOW)
    assert whole["ended"]
    total = whole["statements"]
    for at in range(1, total + 1, step):
        folder = copy(template, tmp_path / f"k{at}")
        killed = zygote.run("build", settings_of(folder), NOW, "sql", at)
        assert killed["killed"], at
        again = zygote.run("build", settings_of(folder), LATER)
        assert again["ended"], at
        told_once(settings_of(folder))
        shutil.rmtree(folder)
    return len(range(1, total + 1, step))


def test_building_killed_at_many_statements(template: Path, tmp_path: Path, zygote: Zygote) -> None:
    assert builds(template, tmp_path, zygote, step=5) > 10


@pytest.mark.soak
def test_building_killed_at_every_statement(template: Path, tmp_path: Path, zygote: Zygote) -> None:
    print(f"building: {builds(template, tmp_path, zygote, step=1)} moments, each issue once, each item told once")


def deliveries(template: Path, tmp_path: Path, zygote: Zygote, *, step: int) -> tuple[int, dict[str, int]]:
    """Kill the delivery at every ``step``-th moment of each kind; how many moments, and how often a letter came twice, by kind."""
    ready = copy(template, tmp_path / "ready")
    assert zygote.run("build", settings_of(ready), NOW)["ended"]
    box, twice, moments = Box(), Counter[str](), 0
    with mail_server(box) as port:
        url = f"smtp://127.0.0.1:{port}"
        whole = zygote.run("deliver", settings_of(copy(ready, tmp_path / "whole"), url), NOW)
        assert whole["ended"]
        assert len(box.taken) == 2
        first = {taken.message_id: taken.content for taken in box.taken}
        plan = [("sql", at) for at in range(1, whole["statements"] + 1, step)]
        plan += [(kind, at) for kind in ("send", "sent") for at in range(1, whole["sends"] + 1)]
        for kind, at in plan:
            moments += 1
            box.taken.clear()
            folder = copy(ready, tmp_path / "at")
            settings = settings_of(folder, url)
            assert zygote.run("deliver", settings, NOW, kind, at)["killed"], (kind, at)
            assert zygote.run("deliver", settings, LATER)["ended"], (kind, at)
            assert zygote.run("deliver", settings, LATER + days(1))["ended"], (kind, at)
            counts = Counter(taken.message_id for taken in box.taken)
            assert counts.keys() == first.keys(), f"{kind} {at}: a letter was lost"
            assert all(taken.content == first[taken.message_id] for taken in box.taken), "a second copy differs from the first"
            private = open_private(settings.private_db)
            rows = private.execute("select message_id, state, unsure from outbox").fetchall()
            ledger = private.execute("select message_id, outcome from delivery").fetchall()
            private.conn.close()
            assert {(m, state) for m, state, _ in rows} == {(m, "sent") for m in first}
            assert sorted(ledger) == sorted((m, "sent") for m in first)
            for message, _, unsure in rows:
                if counts[message] > 1:
                    assert counts[message] == 2, f"{kind} {at}: more than one retry"
                    assert unsure == 1, f"{kind} {at}: a doubled letter is not reported"
                    twice[kind] += 1
                if unsure:
                    assert kind != "send" or (at - 1) % END_OF_DATA == 0, f"{kind} {at}: reported without need"
            shutil.rmtree(folder)
    return moments, dict(twice)


def test_delivery_killed_at_every_moment(template: Path, tmp_path: Path, zygote: Zygote) -> None:
    moments, twice = deliveries(template, tmp_path, zygote, step=3)
    assert moments > 40
    # Killed right after the end of DATA went out, for each of the two letters: exactly there a retry doubles.
    assert twice["sent"] == 2
    assert twice.get("send", 0) == 0


@pytest.mark.soak
def test_delivery_killed_at_every_statement(template: Path, tmp_path: Path, zygote: Zygote) -> None:
    moments, twice = deliveries(template, tmp_path, zygote, step=1)
    print(f"delivery: {moments} moments, letters that came twice, each of them reported: {twice}")
