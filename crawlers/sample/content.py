"""The sample web's items: hand-written content with offsets in days, made into dates relative to a given day."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date

CONTENT = Path(__file__).parent / "content"

# How a deadline is said in each language of the sample: {d} is the worded date, {t} the time.
PHRASES: Mapping[str, str] = {
    "en": "Deadline: {d}, {t} Brussels time.",
    "fr": "Date limite de dépôt : {d} à {t} (heure de Paris).",
    "de": "Einreichfrist: {d}, {t} Uhr {label}.",
    "es": "Plazo de presentación hasta el {d} a las {t} (hora peninsular).",
    "it": "Scadenza: {d}, ore {t}.",
    "pt": "Candidaturas até {d}, às {t} (hora de Lisboa).",
    "pl": "Termin składania ofert: {d}, godz. {t}.",
    "nl": "Uiterste datum voor indiening: {d}, {t} uur.",
    "ro": "Termen limită: {d}, ora {t}.",
    "sv": "Sista ansökningsdag: {d} kl. {t}.",
    "cs": "Uzávěrka příjmu žádostí: {d} v {t} hodin.",
}
ROLLING: Mapping[str, str] = {
    "en": "Applications are taken on a first come, first served basis until the funds are exhausted.",
    "fr": "Les demandes sont recevables au fil de l'eau, jusqu'à épuisement des fonds.",
    "de": "Anträge können laufend gestellt werden, bis die Mittel ausgeschöpft sind.",
    "es": "Plazo abierto hasta agotamiento de fondos.",
    "pt": "Candidaturas abertas em contínuo até esgotar a dotação.",
}
ZONES: Mapping[str, str] = {
    "pt": "Europe/Lisbon", "fr": "Europe/Paris", "de": "Europe/Berlin", "es": "Europe/Madrid", "it": "Europe/Rome",
    "pl": "Europe/Warsaw", "nl": "Europe/Amsterdam", "ro": "Europe/Bucharest", "sv": "Europe/Stockholm", "cs": "Europe/Prague",
}  # fmt: skip


@dataclass(frozen=True, kw_only=True, slots=True)
class Item:
    """One invented thing on one day of the sample web. Dates are civil; ``at`` is a time "HH:MM" or empty for a whole day."""

    id: str
    title: str
    text: str
    language: str
    published: date
    due: date | None = None
    due2: date | None = None
    at: str = ""
    opens: date | None = None
    start: date | None = None
    days: int = 1
    city: str = ""
    country: str = ""
    online: bool = False
    budget: int = 0
    rolling: bool = False
    cancelled: bool = False
    wrong_label: bool = False
    topic: str = ""
    cpv: str = ""
    buyer: str = ""
    nuts: str = ""
    area: str = ""

    @property
    def zone(self) -> str:
        """IANA zone of the publisher."""
        return ZONES.get(self.language, "Europe/Brussels")

    def deadline_phrase(self) -> str:
        """The deadline in the publisher's words; empty when there is none."""
        if self.rolling:
            return ROLLING.get(self.language, ROLLING["en"])
        if self.due is None:
            return ""
        clock = self.at.replace(":", "h") if self.language == "fr" else self.at
        worded = format_date(self.due, "long", locale=self.language)
        return PHRASES[self.language].format(d=worded, t=clock, label=self._label())

    def _label(self) -> str:
        """The German zone label of the deadline's day: the wrong one of MEZ and MESZ when the item says so."""
        assert self.due is not None
        summer = bool(datetime.combine(self.due, time(12), ZoneInfo(self.zone)).dst())
        return "MESZ" if summer != self.wrong_label else "MEZ"


@dataclass(frozen=True, kw_only=True, slots=True)
class Shelf:
    """All items of one sample source on one day."""

    source: str
    kind: str
    language: str
    items: tuple[Item, ...]


def load_shelf(source: str, *, today: date, day: int) -> Shelf:
    """The items of ``source`` as its site shows them on crawl ``day`` (0 first, 1 after the changes)."""
    facts = tomllib.loads((CONTENT / f"{source}.toml").read_text(encoding="utf-8"))
    items = tuple(_item(row, facts["language"], today, number) for number, row in enumerate(facts["items"]))
    if day > 0:
        changes = facts.get("second_day", {})
        items = tuple(replace(item, **_changes(changes[item.id], today)) if item.id in changes else item for item in items)
        if facts.get("second_day_empty", {}).get("all"):
            items = ()
    return Shelf(source=source, kind=facts["kind"], language=facts["language"], items=items)


def _item(row: Mapping[str, Any], language: str, today: date, number: int) -> Item:
    ago = row.get("ago", 3 + number)
    values = _changes(row, today)
    values.setdefault("text", "")
    return Item(language=language, published=today - timedelta(days=ago), **values)


def _changes(row: Mapping[str, Any], today: date) -> dict[str, Any]:
    dates = ("due", "due2", "opens", "start")
    return {
        key: today + timedelta(days=value) if key in dates else value for key, value in row.items() if key not in {"ago", "sme"}
    }
