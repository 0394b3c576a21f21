"""Digests: whole issues for many profiles over a big store, against the bare SQL that only finds the same candidates for each search.

An issue is built whole: chosen, explained, rendered as text and HTML, and entered with its ledger into the outbox, a transaction each.
The first one of each reader tells all that is open (the most there can be); the second, a week later, has that ledger to respect.
"""

from __future__ import annotations

import json
import os
import random
import resource
import tempfile
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from sqlite_utils import Database

from scheduler.digests import build_due
from scheduler.settings import Settings
from store import profiles
from store.codec import iso
from store.database import open_private, open_readonly, writing
from store.profiles import LANGUAGES, CountryWish, Profile, Wish
from store.taxonomy import SECTORS
from tests.bench.big_store import NOW, Zipf, build, facts, words

# What a digest would be without us: for each search the open items of its sectors or words, of its countries and kinds.
_BARE = """
    select l.opportunity from listing l
    where l.ends >= :now and l.kind in (select value from json_each(:kinds))
        and exists (select 1 from tag t where t.opportunity = l.opportunity and t.facet = 'country'
            and t.value in (select value from json_each(:countries)))
        and (exists (select 1 from tag t where t.opportunity = l.opportunity and t.facet = 'sector'
                and t.value in (select value from json_each(:sectors)))
            or l.opportunity in (select rowid from opportunity_fts where opportunity_fts match :words))
"""
PLACES = ("DE", "FR", "IT", "ES", "PT", "PL", "US", "BR", "MX")


def _wish(chance: random.Random, vocabulary: Zipf, n: int) -> Wish:
    return Wish(
        name=f"Search {n}",
        sectors=tuple(chance.sample(sorted(SECTORS), 2)),
        countries=tuple(CountryWish(code=c) for c in chance.sample(PLACES, 2)),
        kinds=chance.choice((("call",), ("tender",), ("fair", "event"), ("news", "study"))),
        words=tuple(vocabulary.draw()),
        budget=(20_000, 5_000_000) if n == 0 else (),
        lead_days=chance.choice((0, 21)),
    )


def _people(private: Database, number: int, searches: int) -> None:
    chance = random.Random(5)
    vocabulary = words(random.Random(11))
    for n in range(number):
        with writing(private):
            private.execute(
                "insert into member (email, role, zone, language, created) values (?, 'member', 'Europe/Brussels', ?, ?)",
                [f"m{n}@example.org", LANGUAGES[n % len(LANGUAGES)], iso(NOW)],
            )
            wishes = tuple(_wish(chance, vocabulary, s) for s in range(searches))
            made = Profile(id=f"p{n}", title=f"Profile {n}", level="person", people=(f"m{n}@example.org",), wishes=wishes)
            profiles.save(private, made, now=NOW)


def _bare(path: Path, private: Database, number: int) -> float:
    """Seconds a profile that the bare SQL takes, from the first ``number`` profiles."""
    db = open_readonly(path)
    begun = time.perf_counter()
    for made in profiles.all_profiles(private)[:number]:
        for wish in made.wishes:
            binds = {"now": iso(NOW), "kinds": json.dumps(wish.kinds), "sectors": json.dumps(wish.sectors)}
            binds |= {"countries": json.dumps([c.code for c in wish.countries]), "words": " OR ".join(wish.words)}
            db.execute(_BARE, binds).fetchall()
    seconds = time.perf_counter() - begun
    db.conn.close()
    return seconds / number


def _built(settings: Settings, now: datetime) -> tuple[float, str]:
    """Build all that is due; the seconds it took and a line about it."""
    begun, before = time.perf_counter(), _used()
    built = build_due(settings, now=now)
    seconds, used = time.perf_counter() - begun, _used() - before
    memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    said = f"{seconds:.1f} s, {used:.1f} s of all processors; {len(built)} issues, {sum(b.entries for b in built):,} entries"
    return seconds, f"{said}; at most {memory:.0f} MiB a process"


def _used() -> float:
    """Seconds of processor that this process and those it has waited for have used."""
    others = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + others.ru_utime + others.ru_stime


def bench() -> Iterator[tuple[str, float, str]]:
    """Ratios of what the bare SQL takes for all profiles over what the issues take: more is better."""
    size = int(os.environ.get("CLUSTERSCOUT_BENCH_ROWS", "100000"))
    kept = os.environ.get("CLUSTERSCOUT_BENCH_STORE")
    number, searches = int(os.environ.get("BENCH_PROFILES", "1000")), int(os.environ.get("BENCH_SEARCHES", "3"))
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        path = folder / "clusterscout.db"
        if kept:
            path.symlink_to((Path(kept) / "clusterscout.db").resolve())
        else:
            build(path, size)
        private = open_private(folder / "private.db")
        _people(private, number, searches)
        bare = _bare(path, private, min(number, 25)) * number
        settings = Settings(data=folder, sources=folder, secret="bench", zone="Europe/Brussels")
        build_due(settings, now=NOW - timedelta(days=30))
        said = f"{facts(path)}, {number} profiles x {searches} searches"
        for name, now in (("first", NOW), ("next week's", NOW + timedelta(days=7))):
            seconds, told = _built(settings, now)
            yield f"digest: bare SQL for all profiles / their {name} issues in the outbox", bare / seconds, f"{told}; {said}"
        private.conn.close()
