"""Invented notices in the shapes that real publishers use, from a seed: every kind, several languages, several zones."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from store.model import KINDS, Amount, Code, Deadline, Document, Kind, Moment, Notice, Place

NOW = datetime(2026, 11, 21, 5, 0, tzinfo=UTC)
ZONES = ("Europe/Brussels", "Europe/Lisbon", "Europe/Warsaw", "America/New_York", "Asia/Kolkata", "Europe/Athens")
TOPICS = (
    "Recycled polymers for injection moulds",
    "Réemploi des emballages alimentaires",
    "Lasertechnik für die Werkzeugprüfung",
    "Textiles técnicos de altas prestaciones",
    "Fotonica integrata per sensori",
    "Opakowania kompostowalne dla żywności",
    "Moldes inteligentes e fabrico aditivo",
    "Circulaire materialen voor de bouw",
)
CITIES = (
    ("Kestrel Halls", "Aveiro", "PT"),
    ("Messe Nordhang", "Lübeck", "DE"),
    ("Palais Belvoir", "Lyon", "FR"),
    ("", "Łódź", "PL"),
)
PEOPLE = (
    "SMEs; research organisations; universities",
    "Germany, France, Portugal and Poland",
    "At least three independent partners from three different countries must take part, one of them a small enterprise.",
    "Enterprises established in the region for two years or more may apply alone or with others.",
)


def deadline(local: datetime, zone: str, *, precision: str = "minute", stage: int = 1, cut_off: int | None = None) -> Deadline:
    """A dated deadline with its instant worked out; with precision day the time of ``local`` is dropped."""
    place = ZoneInfo(zone)
    if precision == "day":
        local = datetime.combine(local.date(), time())
        utc = datetime.combine(local.date(), time(23, 59, 59), tzinfo=place).astimezone(UTC)
        return Deadline(local=local, zone=zone, utc=utc, precision="day", zone_source="source", stage=stage, cut_off=cut_off)
    utc = local.replace(tzinfo=place).astimezone(UTC)
    return Deadline(local=local, zone=zone, utc=utc, precision="minute", zone_source="source", stage=stage, cut_off=cut_off)


def moment(local: datetime, zone: str, *, has_time: bool = False) -> Moment:
    """A moment with its instant worked out."""
    if not has_time:
        local = datetime.combine(local.date(), time())
    return Moment(local=local, zone=zone, utc=local.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC), has_time=has_time)


def notice(seed: int, *, kind: Kind | None = None, source: str = "xx_example", now: datetime = NOW) -> Notice:
    """The invented notice of a seed: the same seed gives the same notice."""
    rng = random.Random(seed)
    kind = kind or KINDS[seed % len(KINDS)]
    zone = rng.choice(ZONES)
    day = datetime(now.year, now.month, now.day, 17) + timedelta(days=rng.randrange(20, 300))
    title = f"{rng.choice(TOPICS)} “{rng.choice(('Édition', 'Series', 'Lot'))} {seed}” – part {rng.randrange(1, 9)}"
    base = Notice(
        source=source,
        source_id=f"{kind}/{seed}",
        kind=kind,
        url=f"https://www.example.org/{kind}/{seed}?lang=en",
        title=title,
        summary=f"The {kind} concerns {title.lower()}; it's meant for firms that can’t go alone.",
        text=f"{title}.\nBackground & aims: " + " ".join(rng.choice(TOPICS) for _ in range(6)) + f". Reference no. {seed}.",
        language=rng.choice(("en", "fr", "de", "es", "it", "pl", "pt", "nl")),
        published=now - timedelta(days=rng.randrange(1, 60), hours=rng.randrange(24)),
        organiser=rng.choice(("Agency for Applied Examples", "Invented Ministry of Industry", "Cluster Northshore")),
        programme=rng.choice(("Example Growth 2021-2027", "Northshore Fund", "")),
        documents=tuple(
            Document(url=f"https://docs.example.org/{seed}/{n}.pdf", title=f"Annex {n}") for n in range(rng.randrange(1, 4))
        ),
        codes=(
            Code(scheme="cpv", value=f"{45000000 + seed % 999}", label="Invented works"),
            Code(scheme="keyword", value="polymers"),
        ),
        raw={"deadline": str(day), "status": "open"},
    )
    return _of_kind(base, rng, day, zone)


def _of_kind(base: Notice, rng: random.Random, day: datetime, zone: str) -> Notice:
    if base.kind in ("call", "tender"):
        precision = rng.choice(("day", "minute", "minute"))
        count = rng.choice((1, 1, 1, 2, 3)) if base.kind == "call" else 1
        deadlines = tuple(
            deadline(day + timedelta(days=90 * n), zone, precision=precision, cut_off=n + 1 if count > 1 else None)
            for n in range(count)
        )
        low = float(rng.randrange(1, 50)) * 100_000
        amounts = (
            (Amount(minimum=low, maximum=low * 4, currency="EUR"), Amount(rate=60.0))
            if base.kind == "call"
            else (Amount(value=low, currency="EUR"),)
        )
        return replace(
            base,
            deadlines=deadlines,
            opens=moment(day - timedelta(days=120), zone),
            amounts=amounts,
            eligibility=rng.choice(PEOPLE),
            codes=(*base.codes, Code(scheme="country", value="DE", label="Germany", role="eligible")),
            status_word="open",
            hard_ids=(f"topic:example-{base.source_id}",),
        )
    if base.kind in ("fair", "event"):
        name, city, country = rng.choice(CITIES)
        return replace(
            base,
            starts=moment(day, zone, has_time=base.kind == "event"),
            ends=moment(day + timedelta(days=2), zone),
            place=Place(name=name, city=city, country=country),
            deadlines=(deadline(day - timedelta(days=15), zone, precision="day"),) if base.kind == "event" else (),
        )
    return base
