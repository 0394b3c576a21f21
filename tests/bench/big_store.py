"""A seeded store of any size with a realistic spread: sectors and countries by Zipf, ten years of dates, a fifteenth still open."""

from __future__ import annotations

import itertools
import json
import random
import sqlite3
from collections.abc import Iterator
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
_SYLLABLES = [
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
]
_PHRASES = ("companies from the whole country may apply", "for the market of", "held in", "supply of machines and services")


class Zipf:
    """Draws values so that the n-th is n times rarer than the first."""

    def __init__(self, values: list[str], chance: random.Random, power: float = 1.0) -> None:
        self.values, self.chance = values, chance
        self.sums = list(itertools.accumulate(1 / (n + 1) ** power for n in range(len(values))))

    def draw(self, times: int = 1) -> list[str]:
        """Some values, the same one more than once perhaps."""
        return self.chance.choices(self.values, cum_weights=self.sums, k=times)

    def some(self, mean: float) -> list[str]:
        """One or two different values, ``mean`` of them on average."""
        return list(dict.fromkeys(self.draw(2 if self.chance.random() < mean - 1 else 1)))


def words(chance: random.Random) -> Zipf:
    """A vocabulary of invented words with the usual spread."""
    made = ["".join(chance.choice(_SYLLABLES) for _ in range(chance.randint(2, 4))) for _ in range(30_000)]
    return Zipf(list(dict.fromkeys(made)), chance, 0.9)


class _Maker:
    """Rows of one store from one seed."""

    def __init__(self, size: int, seed: int) -> None:
        self.size, self.chance = size, random.Random(seed)
        self.words = words(self.chance)
        self.sectors = Zipf(sorted(SECTORS, key=lambda s: self.chance.random()), self.chance, 0.7)
        self.countries = Zipf(COUNTRIES, self.chance, 0.8)
        self.kinds = Zipf([kind for kind, _ in KINDS], self.chance)
        self.kinds.sums = list(itertools.accumulate(share for _, share in KINDS))

    def opportunity(self, number: int) -> dict[str, object]:
        """The record with this id."""
        chance, kind = self.chance, self.kinds.draw()[0]
        published = NOW - timedelta(days=3650 * (1 - number / self.size) ** 1.3, minutes=chance.random() * 600)
        end = published + timedelta(days=chance.expovariate(1 / 75) + 12)
        title, summary = (" ".join(self.words.draw(n)).capitalize() for n in (9, 44))
        row: dict[str, object] = dict.fromkeys(_COLUMNS)
        row |= {
            **{
                "id": number,
                "key": key_of(number),
                "kind": kind,
                "title": title,
                "summary": summary,
                "text": summary,
                "programme": "",
            },
            **{"eligibility": "", "zone": "Europe/Brussels", "city": "Lyon", "venue_country": "FR", "currency": "EUR"},
            "language": chance.choice(("en", "en", "en", "de", "fr", "es", "it", "pt", "pl", "nl")),
            **{"url": f"https://s.example/{number}", "source": f"xx_source{chance.randrange(60):02d}", "organiser": title[:30]},
            **{"published": iso(published), "first_seen": iso(published), "changed_at": iso(published), "deadlines": "[]"},
        }
        if kind in ("call", "tender"):
            local = (end + timedelta(hours=1)).replace(tzinfo=None, microsecond=0).isoformat()
            told = {"utc": iso(end), "local": local, "zone": "Europe/Brussels", "precision": "minute", "zone_source": "source"}
            money = round(chance.lognormvariate(12.5, 1.2))
            row |= {
                "deadlines": json.dumps([told | {"stage": 1, "flags": []}]),
                "next_deadline": iso(end),
                "last_deadline": iso(end),
            }
            row |= {"amount_min": money, "amount_max": money}
        elif kind in ("fair", "event"):
            row |= {"starts": iso(end), "ends": iso(end + timedelta(days=3))}
        elif published < NOW - timedelta(days=200):  # old news is over, as curators let it run out
            row |= {"starts": iso(published), "ends": iso(published + timedelta(days=90))}
        for name in ("starts", "ends"):
            row[f"{name}_local"] = row[name] and str(row[name])[:19]
        return row

    def tags(self, number: int) -> Iterator[tuple[object, ...]]:
        """Its tags, each with a phrase."""
        for sector in self.sectors.some(1.5):
            yield (number, "sector", sector, "", 0.9, self._evidence("sector"), "bench")
        for country in self.countries.some(1.5):
            yield (number, "country", country, self.chance.choice(ROLES), 0.9, self._evidence("country"), "bench")

    def _evidence(self, rule: str) -> str:
        return json.dumps([{"quote": self.chance.choice(_PHRASES), "start": 10, "end": 52, "rule": rule}])

    def notices(self, row: dict[str, object]) -> Iterator[tuple[object, ...]]:
        """What sources say of it: one, or two of them."""
        for n in range(1 if self.chance.random() < 0.8 else 2):
            source, at = row["source"] if n == 0 else "xx_source60", row["published"]
            payload = json.dumps({"title": row["title"], "deadlines": json.loads(str(row["deadlines"])), "summary": row["summary"]})
            address = f"https://s{n}.example/{row['id']}"
            yield (
                source,
                row["key"],
                row["kind"],
                address,
                address,
                row["title"],
                row["language"],
                at,
                payload,
                "",
                at,
                at,
                at,
                row["id"],
            )

    def changes(self, row: dict[str, object]) -> Iterator[tuple[object, ...]]:
        """Its history: created, and every seventh deadline moved."""
        yield (row["id"], "created", "", None, None, "", 0, row["published"])
        if row["next_deadline"] and self.chance.random() < 1 / 7:
            told = json.dumps(json.loads(str(row["deadlines"]))[0])
            yield (row["id"], "deadline_moved", "deadlines", told, told, "later", 1, row["published"])


def key_of(number: int) -> str:
    """The key of the opportunity with this id."""
    return f"k{number:011x}"


def build(path: Path, size: int, *, seed: int = 11, batch: int = 5000) -> Path:
    """Make the store at ``path`` with ``size`` opportunities, in the order of their publication.

    The full text is filled at the end, and the indexes of ``find`` are made then: otherwise a million takes more than an hour.
    """
    maker = _Maker(size, seed)
    db = open_store(path)
    db.conn.execute("pragma synchronous=off")
    db.conn.execute("pragma foreign_keys=off")
    db.conn.execute("pragma cache_size=-1000000")  # of building only: the trees of the index grow at random places
    for n in range(61):
        db.conn.execute(
            "insert into source values (?, ?, 'Publisher', 'https://s.example/', 'feed', 'call', 'EU', '[\"en\"]', 'Europe/Brussels', 1440, '', '', 'obey',"
            " 1, 1, '', 1, '', 'auto', 'feed', '{}')",
            [f"xx_source{n:02d}", f"Source number {n}"],
        )
    later = db.conn.execute(
        "select type, name, sql from sqlite_master where sql is not null and (name like 'opportunity_fts_%' and type = 'trigger'"
        " or tbl_name = 'find' and type = 'index')"
    ).fetchall()
    for kind, name, _ in later:
        db.conn.execute(f"drop {kind} {name}")
    db.conn.commit()
    for start in range(1, size + 1, batch):
        numbers = range(start, min(size + 1, start + batch))
        rows = [maker.opportunity(number) for number in numbers]
        with db.conn:
            db.conn.executemany(_OPPORTUNITY, rows)
            db.conn.executemany("insert into tag values (?, ?, ?, ?, ?, ?, ?)", [tag for n in numbers for tag in maker.tags(n)])
            db.conn.executemany(_NOTICE, [notice for row in rows for notice in maker.notices(row)])
            db.conn.executemany(_CHANGE, [change for row in rows for change in maker.changes(row)])
            index.refresh(db, numbers)
    with db.conn:
        for _, _, sql in later:
            db.conn.execute(sql)
        db.conn.execute("insert into opportunity_fts (opportunity_fts) values ('rebuild')")
    db.conn.execute("pragma optimize")
    db.conn.execute("pragma wal_checkpoint(truncate)")
    db.close()
    return path


_COLUMNS = (
    "id", "key", "kind", "title", "summary", "text", "language", "url", "source", "organiser", "programme", "eligibility", "published",
    "next_deadline", "last_deadline", "deadlines", "starts", "ends", "starts_local", "ends_local", "zone", "city", "venue_country",
    "amount_min", "amount_max", "currency", "first_seen", "changed_at",
)  # fmt: skip
_OPPORTUNITY = f"insert into opportunity ({', '.join(_COLUMNS)}) values ({', '.join(':' + name for name in _COLUMNS)})"
_NOTICE = (
    "insert into notice (source, source_id, kind, url, canonical_url, title, language, published, payload, content_hash, first_seen,"
    " last_seen, changed_at, opportunity) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_CHANGE = "insert into change (opportunity, type, field, old, new, direction, material, at) values (?, ?, ?, ?, ?, ?, ?, ?)"


def facts(path: Path) -> str:
    """A line about the store."""
    connection = sqlite3.connect(path)
    total = connection.execute("select count(*) from listing").fetchone()[0]
    live = connection.execute(
        "select count(*) from find where audience = '' and sector = '' and country = '' and until >= ?", [iso(NOW)]
    ).fetchone()[0]
    return f"{total:,} opportunities, {live:,} still usable, {path.stat().st_size / 2**20:,.0f} MiB"
