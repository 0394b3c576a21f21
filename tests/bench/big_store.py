"""A seeded store of any size with a realistic spread: sectors and countries by Zipf, ten years of dates, a fifteenth still open."""

from __future__ import annotations

import bisect
import itertools
import json
import random
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

from store import index
from store.codec import iso
from store.database import open_store
from store.model import ROLES
from store.taxonomy import SECTORS

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
KINDS = (("call", 34), ("tender", 38), ("fair", 6), ("event", 8), ("news", 12), ("study", 2))
COUNTRIES = [
    "DE",
    "FR",
    "IT",
    "ES",
    "PL",
    "NL",
    "PT",
    "BE",
    "SE",
    "AT",
    "FI",
    "DK",
    "IE",
    "CZ",
    "RO",
    "GR",
    "HU",
    "BG",
    "SK",
    "HR",
    "LT",
    "SI",
    "LV",
    "EE",
    "CY",
    "LU",
    "MT",
    "EU27",
    "US",
    "GB",
    "CH",
    "NO",
    "BR",
    "CN",
    "IN",
    "JP",
    "CA",
    "MX",
    "TR",
    "UA",
    "MA",
    "AE",
    "ZA",
    "KR",
    "AU",
    "SG",
    "CL",
    "CO",
    "AR",
    "EG",
    "TN",
    "KE",
    "NG",
    "SA",
    "IL",
    "RS",
    "BA",
    "AL",
    "MK",
    "ME",
    "IS",
    "VN",
    "TH",
    "ID",
    "MY",
    "PH",
]
_SYLLABLES = (
    "ba",
    "cor",
    "den",
    "fal",
    "gri",
    "hul",
    "jon",
    "kra",
    "lem",
    "mir",
    "nov",
    "pol",
    "qui",
    "ros",
    "sta",
    "tur",
    "vel",
    "wen",
    "xil",
    "zor",
)


class Zipf:
    """Draws values so that the n-th is n times rarer than the first."""

    def __init__(self, values: list[str], chance: random.Random, power: float = 1.0) -> None:
        self.values, self.chance = values, chance
        self.sums = list(itertools.accumulate(1 / (n + 1) ** power for n in range(len(values))))

    def draw(self) -> str:
        """One value."""
        return self.values[min(len(self.values) - 1, bisect.bisect(self.sums, self.chance.random() * self.sums[-1]))]

    def some(self, mean: float) -> list[str]:
        """One or two different values, ``mean`` of them on average."""
        first = self.draw()
        second = self.draw() if self.chance.random() < mean - 1 else first
        return [first] if first == second else [first, second]


def words(chance: random.Random) -> Zipf:
    """A vocabulary of invented words with the usual spread."""
    made = ["".join(chance.choice(_SYLLABLES) for _ in range(chance.randint(2, 4))) for _ in range(30_000)]
    return Zipf(list(dict.fromkeys(made)), chance, 0.9)


def build(path: Path, size: int, *, seed: int = 11, batch: int = 2000) -> Path:
    """Make the store at ``path`` with ``size`` opportunities, in the order of their publication."""
    chance = random.Random(seed)
    vocabulary, sectors, countries = (
        words(chance),
        Zipf(sorted(SECTORS, key=lambda s: chance.random()), chance, 0.7),
        Zipf(COUNTRIES, chance, 0.8),
    )
    kinds, weights = [k for k, _ in KINDS], [w for _, w in KINDS]
    db = open_store(path)
    db.conn.execute("pragma synchronous=off")
    for n in range(60):
        db.conn.execute(
            "insert into source values (?, ?, 'Publisher', 'https://s.example/', 'feed', 'call', 'EU', '[\"en\"]', 'Europe/Brussels', 1440, '', '', 'obey',"
            " 1, 1, '', 1, '', 'auto', 'feed', '{}')",
            [f"xx_source{n:02d}", f"Source number {n}"],
        )
    db.conn.commit()
    for start in range(0, size, batch):
        rows, tags = [], []
        for n in range(start, min(size, start + batch)):
            rows.append(_row(n, size, chance, vocabulary, kinds, weights))
            number = n + 1
            tags += [(number, "sector", s, "", 0.9, "[]", "bench") for s in sectors.some(1.5)]
            tags += [(number, "country", c, chance.choice(ROLES), 0.9, "[]", "bench") for c in countries.some(1.5)]
        with db.conn:
            db.conn.executemany(_INSERT, rows)
            db.conn.executemany("insert into tag values (?, ?, ?, ?, ?, ?, ?)", tags)
            index.refresh(db, range(start + 1, start + len(rows) + 1))
    db.conn.execute("pragma optimize")
    db.conn.execute("pragma wal_checkpoint(truncate)")
    db.close()
    return path


_INSERT = """
    insert into opportunity (id, key, kind, title, summary, text, language, url, source, organiser, programme, eligibility, published, opens,
        next_deadline, last_deadline, deadlines, starts, ends, starts_local, ends_local, zone, city, venue_country, amount_min, amount_max,
        currency, first_seen, changed_at)
    values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, '', '', ?, null, ?, ?, ?, ?, ?, ?, ?, 'Europe/Brussels', 'Lyon', 'FR', ?, ?, 'EUR', ?, ?)
"""


def _row(n: int, size: int, chance: random.Random, vocabulary: Zipf, kinds: list[str], weights: list[int]) -> tuple[object, ...]:
    kind = chance.choices(kinds, weights)[0]
    published = NOW - timedelta(days=3650 * (1 - (n + 1) / size) ** 1.3, minutes=chance.random() * 600)
    title = " ".join(vocabulary.draw() for _ in range(9)).capitalize()
    summary = " ".join(vocabulary.draw() for _ in range(44)).capitalize()
    end = published + timedelta(days=chance.expovariate(1 / 75) + 12)
    deadlines, starts, ends = "[]", None, None
    if kind in ("call", "tender"):
        local = (end + timedelta(hours=1)).replace(tzinfo=None, microsecond=0).isoformat()
        one = {
            "utc": iso(end),
            "local": local,
            "zone": "Europe/Brussels",
            "precision": "minute",
            "zone_source": "source",
            "stage": 1,
            "flags": [],
        }
        deadlines = json.dumps([one])
    elif kind in ("fair", "event"):
        starts, ends = iso(end), iso(end + timedelta(days=3))
    elif chance.random() < 0.97:
        ends = None
    due = iso(end) if deadlines != "[]" else None
    amount = round(chance.lognormvariate(12.5, 1.2)) if kind in ("call", "tender") else None
    if kind in ("news", "study") and published < NOW - timedelta(days=200):
        starts, ends = iso(published), iso(published + timedelta(days=90))  # old news is over, as curators let it run out
    return (
        n + 1, f"k{n:011x}", kind, title, summary, summary, chance.choice(("en", "en", "en", "de", "fr", "es", "it", "pt", "pl", "nl")),
        f"https://s.example/{n}", f"xx_source{chance.randrange(60):02d}", title[:30], iso(published), due, due, deadlines, starts, ends,
        starts and starts[:19], ends and ends[:19], amount, amount, iso(published), iso(published),
    )  # fmt: skip


def facts(path: Path) -> str:
    """A line about the store."""
    connection = sqlite3.connect(path)
    total = connection.execute("select count(*) from listing").fetchone()[0]
    live = connection.execute(
        "select count(*) from find where audience = '' and sector = '' and country = '' and until >= ?", [iso(NOW)]
    ).fetchone()[0]
    return f"{total:,} opportunities, {live:,} still usable, {path.stat().st_size / 2**20:,.0f} MiB"
