"""Digests: issues for many profiles over a big store, against the bare SQL that only finds the same candidates for each search."""

from __future__ import annotations

import json
import os
import random
import tempfile
import time
from datetime import timedelta
from pathlib import Path

from sqlite_utils import Database

from scheduler.digests import build_due
from scheduler.settings import Settings
from store import profiles
from store.codec import iso
from store.database import open_private, open_readonly, open_store, writing
from store.digest.compose import compose, edition, reader_of
from store.digest.links import Links
from store.digest.render import render
from store.profiles import CountryWish, Profile, Wish
from store.taxonomy import SECTORS
from tests.bench.big_store import NOW, build

# What a digest would be without us: for each search the open items with one of its sectors and one of its countries.
_BARE = """
    select l.opportunity from listing l
    where l.ends >= :now and l.kind in (select value from json_each(:kinds))
        and exists (select 1 from tag t where t.opportunity = l.opportunity and t.facet = 'sector' and t.value in (select value from json_each(:sectors)))
        and exists (select 1 from tag t where t.opportunity = l.opportunity and t.facet = 'country' and t.value in (select value from json_each(:countries)))
"""


def _wish(chance: random.Random, n: int) -> Wish:
    sectors = tuple(chance.sample(sorted(SECTORS), 2))
    countries = tuple(CountryWish(code=c) for c in chance.sample(("DE", "FR", "IT", "ES", "PT", "PL", "US", "BR", "MX"), 2))
    kinds = chance.choice((("call",), ("tender",), ("fair", "event"), ("news", "study")))
    return Wish(name=f"Search {n}", sectors=sectors, countries=countries, kinds=kinds)  # type: ignore[arg-type]


def _people(private: Database, number: int, searches: int) -> None:
    chance = random.Random(5)
    with writing(private):
        for n in range(number):
            private.execute(
                "insert into member (email, role, zone, created) values (?, 'member', 'Europe/Brussels', ?)",
                [f"m{n}@example.org", iso(NOW)],
            )
    with writing(private):
        for n in range(number):
            wishes = tuple(_wish(chance, s) for s in range(searches))
            made = Profile(id=f"p{n}", title=f"Profile {n}", level="person", people=(f"m{n}@example.org",), wishes=wishes)
            profiles.save(private, made, now=NOW)


def _bare(path: Path, private: Database, number: int) -> float:
    """Seconds a profile that the bare SQL takes, from the first ``number`` profiles."""
    db = open_readonly(path)
    begun = time.perf_counter()
    for made in profiles.all_profiles(private)[:number]:
        for wish in made.wishes:
            binds = {"now": iso(NOW), "kinds": json.dumps(wish.kinds), "sectors": json.dumps(wish.sectors)}
            db.execute(_BARE, {**binds, "countries": json.dumps([c.code for c in wish.countries])}).fetchall()
    seconds = time.perf_counter() - begun
    db.conn.close()
    return seconds / number


def bench() -> list[tuple[str, float, str]]:
    """Rows: all first issues (everything is new) composed and rendered, and a week later written with outbox and ledger."""
    size, number = int(os.environ.get("BENCH_ITEMS", "100000")), int(os.environ.get("BENCH_PROFILES", "1000"))
    searches = int(os.environ.get("BENCH_SEARCHES", "3"))
    with tempfile.TemporaryDirectory() as folder:
        path = build(Path(folder) / "clusterscout.db", size)
        private = open_private(Path(folder) / "private.db")
        _people(private, number, searches)
        bare = _bare(path, private, min(number, 25))
        settings = Settings(data=Path(folder), sources=Path(folder), secret="bench", zone="Europe/Brussels")
        links, entries = Links("https://scout.example.org", "bench"), 0
        begun = time.perf_counter()
        db = open_store(path)
        with edition(db, now=NOW, cursor=0) as made:
            on_shelf = len(made.shelf.ids)
            for member in list(private.query("select * from member")):
                wanted = profiles.of_member(private, member["id"])
                _, issue = compose(made, private, reader_of(member, wanted), wanted, cursor=0, period=(NOW, NOW))
                render(issue, links=links, mail_from="s@example.org")
                entries += issue.size
        composed = time.perf_counter() - begun
        db.conn.close()
        build_due(settings, now=NOW - timedelta(days=30))
        begun = time.perf_counter()
        built = build_due(settings, now=NOW)
        written = time.perf_counter() - begun
        private.conn.close()
    said = f"{size} opportunities, {on_shelf} on the shelf, {number} profiles x {searches} searches, {entries} entries"
    return [
        ("digest: bare SQL a profile / compose and render a profile", bare * number / composed, f"{composed:.1f} s; {said}"),
        (
            "digest: bare SQL a profile / build with outbox and ledger",
            bare * number / written,
            f"{written:.1f} s; {len(built)} issues",
        ),
    ]
