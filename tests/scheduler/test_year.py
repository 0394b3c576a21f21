"""Simulated weeks: items come, move, are merged late and cancelled; mail servers fail, clocks change and jump, two schedulers start at once.

Each due item is told exactly once: as new to each reader who asked for it, and each material change once to each reader who was told.
"""

from __future__ import annotations

import json
import os
import random
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session

from scheduler.delivery import deliver
from scheduler.digests import build_due
from scheduler.errors import MailServerUnusable
from store.model import Kind
from store.profiles import CountryWish, Wish
from tests.scheduler.digest_world import World, world
from tests.scheduler.killing import Zygote
from tests.scheduler.mail_server import Box, mail_server

# From a Sunday so that both clock changes of Europe (25 October 2026, 28 March 2027) lie within.
BEGIN = datetime(2026, 8, 2, 6, 0, tzinfo=UTC)
SECTORS = ("plastics", "agrofood", "textile", "energy", "health")
COUNTRIES = ("PT", "ES", "IT", "DE")
MESSAGE_ID = re.compile(rb"(?m)^Message-ID: (\S+)\r?$")
Jump = Callable[[int], timedelta]
ZONES = ("Europe/Lisbon", "Europe/Berlin", "America/Mexico_City", "Asia/Kolkata", "Pacific/Auckland")


@dataclass
class Item:
    """An item of the simulation and what is true of it."""

    name: str
    key: str
    kind: Kind
    sector: str
    country: str
    came: datetime
    due: datetime
    moved: list[datetime] = field(default_factory=list)
    gone: datetime | None = None


@dataclass
class Letters(Box):
    """A server that refuses for now one letter in fifty, and now and then takes one and hangs up before it has said so."""

    came: Counter[str] = field(default_factory=Counter)
    chance: random.Random = field(default_factory=lambda: random.Random(3))

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]) -> str:
        envelope.rcpt_tos.append(address)
        return "451 4.7.1 later" if self.chance.random() < 0.02 else "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        assert isinstance(envelope.content, bytes)
        (name,) = MESSAGE_ID.findall(envelope.content)
        self.came[name.decode()] += 1
        if self.came[name.decode()] == 1 and self.chance.random() < 0.005:
            server.transport.close()
        return "250 OK"


@dataclass
class Simulation:
    """A world with members and searches, advanced hour by hour; mail goes to the server on ``port``."""

    world: World
    rng: random.Random
    port: int
    zygotes: Sequence[Zygote]
    members: int
    searches: int
    wishes: dict[int, list[Wish]] = field(default_factory=dict)
    items: list[Item] = field(default_factory=list)
    down: bool = False
    built: dict[str, datetime] = field(default_factory=dict)

    def people(self) -> None:
        for n in range(self.members):
            email = f"m{n}@example.org"
            member = self.world.member(email, now=BEGIN, zone=ZONES[n % len(ZONES)])
            wishes = []
            for s in range(self.searches):
                sectors = tuple(self.rng.sample(SECTORS, self.rng.randint(1, 2)))
                kinds: tuple[Kind, ...] = self.rng.choice((("call",), ("fair", "event"), ("call", "tender"), ()))
                countries = tuple(CountryWish(code=c, role="eligible") for c in self.rng.sample(COUNTRIES, self.rng.randint(0, 2)))
                wishes.append(Wish(name=f"Search {s}", sectors=sectors, kinds=kinds, countries=countries))
            weekday = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")[n % 7]
            # Hours that the clock skips or repeats are among them.
            self.world.profile(
                *wishes,
                id=f"p{n}",
                level="person",
                people=(email,),
                cluster="",
                weekday=weekday,
                hour=(2, 3, 7, 0)[n % 4],
                now=BEGIN,
            )
            self.wishes[member] = wishes

    def news_of_the_day(self, now: datetime, count: int) -> None:
        for _ in range(count):
            n = len(self.items)
            kind: Kind = self.rng.choice(("call", "call", "call", "fair", "tender"))
            sector, country = self.rng.choice(SECTORS), self.rng.choice(COUNTRIES)
            due = now + timedelta(days=self.rng.randint(10, 120))
            key = self.world.put(
                f"i{n}",
                now=now,
                kind=kind,
                title=" ".join(f"{self.rng.getrandbits(40):x}" for _ in range(5)),  # so that no two are taken for one
                due=due if kind != "fair" else None,
                starts=due if kind == "fair" else None,
                sectors=(sector,),
                countries=((country, "eligible"),),
                published=now - timedelta(days=self.rng.choice((0, 1, 30, 200))),  # some are ingested late
            )
            self.items.append(Item(f"i{n}", key, kind, sector, country, now, due))

    def changes_of_the_day(self, now: datetime, count: int) -> None:
        alive = [item for item in self.items if item.kind == "call" and item.due > now + timedelta(days=9) and item.gone is None]
        for item in self.rng.sample(alive, min(count, len(alive))):
            if self.rng.random() < 0.2:
                item.gone = now
                self.world.put(item.name, now=now, cancelled=True)
            else:
                item.due += timedelta(days=self.rng.randint(20, 60))
                self.world.put(item.name, now=now, due=item.due)
            item.moved.append(now)

    def job(self, now: datetime) -> None:
        """What the service does at an instant; in two processes at once, as when two schedulers were started, now and then."""
        url = "smtp://127.0.0.1:1" if self.down else f"smtp://127.0.0.1:{self.port}"
        settings = replace(self.world.settings, smtp_url=url)
        if self.rng.random() < 0.15:
            for zygote in self.zygotes:
                zygote.ask("both", settings, now)
            assert all(zygote.answer()["ended"] for zygote in self.zygotes)
            return
        build_due(settings, now=now)
        with suppress(MailServerUnusable):
            for _ in deliver(settings, self.world.private, now=now):
                pass

    def run(self, weeks: int, *, every: timedelta, per_day: int, jump: Jump) -> datetime:
        """Days of news, with jobs ``every`` so often; ``jump(day)`` is by how much the machine's clock is wrong that day."""
        self.people()
        build_due(self.world.settings, now=BEGIN)
        now = BEGIN
        for day in range(weeks * 7):
            # A source's news is dated by the machine's clock; items come whenever they come.
            wrong = jump(day)
            at = now + wrong
            self.news_of_the_day(at if wrong < timedelta(0) else now, per_day)
            self.changes_of_the_day(now, per_day // 3)
            self.down = day % 31 in (5, 6, 7, 8)
            off = day % 45 in (20, 21, 22)  # the service does not run at all
            for step in range(int(timedelta(days=1) / every)):
                if not off:
                    self.job(now + wrong + step * every)
                    self.seen(now + step * every)
            now += timedelta(days=1)
        self.down = False
        for _ in range(8):
            self.job(now)
            self.seen(now)
            now += timedelta(days=1)
        # What the server put off on the last day is sent later: nothing more is built.
        settings = replace(self.world.settings, smtp_url=f"smtp://127.0.0.1:{self.port}")
        for late in range(6):
            for _ in deliver(settings, self.world.private, now=now + late * timedelta(hours=8)):
                pass
        return now

    def seen(self, now: datetime) -> None:
        """Note when, by the true clock, each new issue was built."""
        for (issue,) in self.world.private.execute("select id from issue order by rowid limit -1 offset ?", [len(self.built)]):
            self.built[issue] = now


def asked(item: Item, wish: Wish) -> bool:
    return (
        item.sector in wish.sectors
        and (not wish.kinds or item.kind in wish.kinds)
        and (not wish.countries or item.country in {c.code for c in wish.countries})
    )


def judge(simulation: Simulation, ended: datetime, letters: Letters) -> Counter[str]:
    """Every telling, counted from the mails themselves against what should have been told."""
    private, numbers = simulation.world.private, Counter[str]()
    merged = simulation.world.db.execute("select count(*) from opportunity where merged_into is not null").fetchone()[0]
    assert merged == 0, "the simulation's items are not the same thing"
    told: defaultdict[tuple[int, str], list[str]] = defaultdict(list)
    changes: defaultdict[tuple[int, str], list[str]] = defaultdict(list)
    for issue, member, contents in private.execute("select id, member, contents from issue order by built_at"):
        numbers["issues"] += 1
        for name, section in json.loads(contents).items():
            for key in (*section["shown"], *section["rest"]):
                (changes if name == "changes" else told)[member, key].append(issue)
    double = {where: issues for where, issues in told.items() if len(issues) > 1}
    assert not double, f"told twice as new: {list(double.items())[:3]}"
    missing = []
    for member, wishes in simulation.wishes.items():
        for item in simulation.items:
            wanted = any(asked(item, wish) for wish in wishes)
            if not wanted:
                assert (member, item.key) not in told, "told to somebody who never asked"
                continue
            # An item must have been alive for a whole week of a running service to be sure of an issue (outages last three days).
            until = min(item.due, item.gone or item.due)
            sure = until - item.came > timedelta(days=12) and item.came < ended - timedelta(days=12)
            if (member, item.key) in told:
                numbers["told"] += 1
            elif sure:
                missing.append((member, item))
    assert not missing, f"{len(missing)} never told, for instance {missing[0]}"
    ledger = private.execute("select member, opportunity, what, count(*) from told group by 1, 2, 3 having count(*) > 1").fetchall()
    assert ledger == []
    numbers["change lines"] = sum(len(issues) for issues in changes.values())
    material = {
        row[0]: row[1]
        for row in simulation.world.db.execute(
            "select c.id, o.key from change c join opportunity o on o.id = c.opportunity where c.material and c.type != 'created'"
        )
    }
    entered = {
        (m, int(what.partition(":")[2])) for m, what in private.execute("select member, what from told where what like 'change:%'")
    }
    numbers["changes told"] = len(entered)
    of_key: defaultdict[str, list[int]] = defaultdict(list)
    for change, key in sorted(material.items()):
        of_key[key].append(change)
    assert {key: len(ids) for key, ids in of_key.items()} == {i.key: len(i.moved) for i in simulation.items if i.moved}
    items = {item.key: item for item in simulation.items}
    for (member, key), (issue,) in told.items():
        for change, moved in zip(of_key[key], items[key].moved, strict=True):
            before = moved <= simulation.built[issue]
            if before:
                assert (member, change) not in entered, "told a change of the time before it was told as new"
            elif moved < ended - timedelta(days=12):
                assert (member, change) in entered, "a change was not told"
    assert len(entered) == len({(m, c) for m, c in entered if (m, material[c]) in told}), "told a change of what was never told"
    sent = dict(private.execute("select outcome, count(*) from delivery group by outcome").fetchall())
    assert sent == {"sent": numbers["issues"]}
    unsure = dict(private.execute("select message_id, unsure from outbox"))
    assert letters.came.keys() == unsure.keys(), "a letter was lost"
    assert {name: number - 1 for name, number in letters.came.items()} == unsure, "a letter came twice and nobody says so"
    numbers["letters"], numbers["twice, and reported"] = len(unsure), sum(unsure.values())
    per_week = Counter(issue for (issue,) in private.execute("select id from issue"))
    assert set(per_week.values()) == {1}
    return numbers


def clock(day: int) -> timedelta:
    """A machine whose clock goes wrong now and then: two hours ahead, three days back, ten days ahead."""
    return {40: timedelta(hours=2), 80: timedelta(days=-3), 120: timedelta(days=10)}.get(day % 130, timedelta(0))


def live(
    folder: Path, *, seed: int, members: int, searches: int, weeks: int, every: timedelta, per_day: int, jump: Jump
) -> Counter[str]:
    """Simulate so many weeks and judge them; what was counted."""
    letters, zygotes = Letters(), (Zygote(), Zygote())
    try:
        with mail_server(letters) as port, world(folder) as w:
            simulation = Simulation(w, random.Random(seed), port, zygotes, members=members, searches=searches)
            ended = simulation.run(weeks, every=every, per_day=per_day, jump=jump)
            numbers = judge(simulation, ended, letters)
    finally:
        for zygote in zygotes:
            zygote.close()
    print(dict(numbers))
    return numbers


def test_each_due_item_is_told_exactly_once(tmp_path: Path) -> None:
    numbers = live(
        tmp_path,
        seed=7,
        members=7,
        searches=4,
        weeks=14,
        every=timedelta(hours=12),
        per_day=3,
        jump=lambda day: clock(day + 40 if day > 60 else day),
    )
    assert numbers["told"] > 500
    assert numbers["changes told"] > 30


@pytest.mark.soak
@pytest.mark.timeout(7200)
def test_each_due_item_is_told_exactly_once_in_a_whole_year(tmp_path: Path) -> None:
    members = int(os.environ.get("YEAR_MEMBERS", "500"))
    numbers = live(tmp_path, seed=11, members=members, searches=20, weeks=52, every=timedelta(hours=3), per_day=12, jump=clock)
    assert numbers["twice, and reported"] > 0
