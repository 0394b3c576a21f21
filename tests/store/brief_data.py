"""An invented market in all the shapes that a brief reads: calls, tenders of several buyers, a fair, news, and figures of three offices."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlite_utils import Database

from store import index, sources, tags
from store.model import Code, CountryTag, Deadline, Evidence, Notice, Role, SectorTag, Tags
from store.notices import apply

NOW = datetime(2026, 11, 21, 8, tzinfo=UTC)

GROWTH = {str(year): 40.0 + (year - 2014) * 1.5 for year in range(2014, 2026)}
SPENDING = {str(year): 1.0e9 * (year - 2012) for year in range(2016, 2026)}
TRADE = {str(year): {"M": 2.0e8 + (year - 2019) * 1e7, "X": 3.0e8} for year in range(2019, 2025)}
# Two places, two branches, months of two years: of these a brief of Mexico and plastics takes one series.
ROWS = [
    {"freq": "M", "nace_r2": branch, "geo": geo, "time": f"{2025 + month // 12}-{month % 12 + 1:02d}", "value": base + month}
    for branch in ("C22", "C10")
    for geo, base in (("MX", 100.0), ("BR", 50.0))
    for month in range(18)
]
LABELS = {"geo": {"MX": "Mexico", "BR": "Brazil"}, "nace_r2": {"C22": "Rubber and plastic products", "C10": "Food products"}, "freq": {"M": "Monthly"}}  # fmt: skip


def evidence(quote: str, rule: str = "test") -> tuple[Evidence, ...]:
    """One phrase that proves a tag."""
    return (Evidence(quote=quote, rule=rule),)


def deadline(days: int) -> Deadline:
    """A deadline some days after NOW, to the minute."""
    at = NOW + timedelta(days=days)
    return Deadline(local=at.replace(tzinfo=None), zone="UTC", utc=at, precision="minute", zone_source="source")


def study(number: int, title: str, figures: object, *, codes: tuple[Code, ...] = (), **raw: str) -> Notice:
    """A notice of a statistical source."""
    return Notice(
        source="xx_office", source_id=f"s{number}", kind="study", url=f"https://figures.example/{number}", title=title,
        codes=(Code(scheme="country", value="MX", label="Mexico", role="target"), *codes), raw={"figures": json.dumps(figures), **raw},
    )  # fmt: skip


FIGURES = [
    study(1, "Processing industry, value added (% of output): Mexico", GROWTH),
    study(2, "Spending on machines: Mexico", SPENDING, unit="EUR"),
    study(3, "Trade of Mexico with the world: Plastics and articles thereof", TRADE),
    study(4, "Output by branch", ROWS, labels=json.dumps(LABELS)),
]


def tender(number: int, **more: Any) -> Notice:
    """A tender that takes offers for twenty days."""
    return Notice(source="xx_gazette", source_id=f"t{number}", kind="tender", url=f"https://gazette.example/{number}",
                  title=f"Moulded crates, lot {number}", published=NOW - timedelta(days=20), **({"deadlines": (deadline(20),)} | more))  # fmt: skip


TENDERS = [
    tender(1), tender(2), tender(3), tender(4, over=True, deadlines=()), tender(5, planned=True, deadlines=()),
    tender(6, deadlines=(deadline(-3),)),
]  # fmt: skip
BUYERS = {"t1": "MX", "t2": "US", "t3": "US", "t4": "MX", "t5": "MX", "t6": "MX"}


def fill(db: Database) -> None:
    """Keep and tag all of it, as read three weeks ago; one tender's deadline moves a day before NOW."""
    office = dict.fromkeys(sources.COLUMNS, "") | {
        "name": "xx_office", "title": "Figures", "publisher": "Office of Invented Figures", "url": "https://figures.example/", "format": "feed",
        "kind": "study", "country": "MX", "languages": ["en"], "timezone": "UTC", "every": 1440, "official_feed": True, "verified": True, "enabled": True,
    }  # fmt: skip
    sources.keep(db, [office])
    apply(db, None, [*FIGURES, *TENDERS], now=NOW - timedelta(days=20))
    for task in tags.stale(db, "v1"):
        source_id = db.execute("select source_id from notice where opportunity = ?", [task["id"]]).fetchone()[0]
        role: Role = "buyer" if source_id in BUYERS else "target"
        code = BUYERS.get(source_id, "MX")
        sectors: tuple[SectorTag, ...] = (SectorTag(id="plastics", score=0.8, evidence=evidence("crates")),)
        if source_id == "s4":
            found = (("plastics", "C22"), ("agrofood", "C10"))
            sectors = tuple(
                SectorTag(id=name, score=0.9, evidence=evidence(branch, f"nace:{branch[1:]}")) for name, branch in found
            )
        elif source_id.startswith("s"):
            sectors = ()
        countries = (CountryTag(code=code, role=role, score=0.9, evidence=evidence(code)),)
        tags.write(db, task["id"], Tags(lang="en", countries=countries, sectors=sectors, vocabulary="v1"), task["text_hash"], NOW)
    apply(db, None, [replace(TENDERS[0], deadlines=(deadline(27),))], now=NOW - timedelta(days=1))
    index.refresh(db, [row[0] for row in db.execute("select id from opportunity").fetchall()])
