"""What a zone label or a place after a time means, from ``nlp/vocabulary/dates/zones.toml``.

Labels lie (see the design, section 4): "CET" printed for a summer day is civil time in Brussels, which is CEST that day. A label
therefore names a family of places, not an offset; the offset it claims only serves to tell that it lied.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from importlib.resources import files
from zoneinfo import ZoneInfo

from nlp.deadlines.fold import fold_word


@dataclass(frozen=True, slots=True)
class Label:
    """``minutes`` is the offset from UTC that the label claims (None: it claims none, like "ET"); ``zone`` is "" for a fixed offset."""

    name: str
    minutes: int | None
    family: str
    zone: str


@dataclass(frozen=True, slots=True)
class Zones:
    """The vocabulary, read once."""

    labels: dict[str, Label]
    families: dict[str, frozenset[str]]
    places: dict[str, str]
    stems: tuple[tuple[str, str], ...]


@lru_cache(maxsize=1)
def zones() -> Zones:
    """Read ``zones.toml``."""
    data = tomllib.loads((files("nlp") / "vocabulary" / "dates" / "zones.toml").read_text(encoding="utf-8"))
    labels: dict[str, Label] = {}
    for name, row in data["label"].items():
        label = Label(name, row.get("minutes"), row["family"], row["zone"])
        words = [fold_word(word) for word in row["words"]]
        labels |= dict.fromkeys((*words, *(".".join(word) for word in words if word.isalpha() and 3 <= len(word) <= 4)), label)
    places: dict[str, str] = {}
    stems: list[tuple[str, str]] = []
    for zone, words in data["place"].items():
        for word in words:
            if word.endswith("*"):
                stems.append((fold_word(word[:-1]), zone))
            else:
                places[fold_word(word)] = zone
    families = {name: frozenset(members) for name, members in data["family"].items()}
    return Zones(labels, families, places, tuple(sorted(stems, key=lambda pair: -len(pair[0]))))


@lru_cache(maxsize=512)
def zone_info(name: str) -> ZoneInfo:
    """The zone of that IANA name; raises ``ZoneInfoNotFoundError`` (a ``KeyError``) or ``ValueError`` for no such name."""
    return ZoneInfo(name)


def fixed_zone(minutes: int) -> str:
    """The IANA name of a whole-hour offset; "" when there is none."""
    if minutes == 0:
        return "Etc/UTC"
    hours, rest = divmod(minutes, 60)
    if rest or not -12 <= hours <= 14:
        return ""
    return f"Etc/GMT{-hours:+d}"


_OFFSET = re.compile(r"(?:utc|gmt|tu)?\s?([+-])\s?(\d{1,2})(?::?(\d{2}))?")


def offset_minutes(label: str) -> int | None:
    """ "UTC+2", "GMT +01:00", "+0200" in minutes; None for anything else."""
    found = _OFFSET.fullmatch(label.strip())
    if not found:
        return None
    hours, minutes = int(found[2]), int(found[3] or 0)
    if hours > 14 or minutes > 59:
        return None
    return (1 if found[1] == "+" else -1) * (60 * hours + minutes)


def place_zone(words: str) -> str:
    """The zone of a folded place name; "" when unknown."""
    known = zones()
    words = words.strip(" .,;:()")
    if words in known.places:
        return known.places[words]
    for stem, zone in known.stems:
        if words.startswith(stem) and len(words) - len(stem) <= 6 and " " not in words[len(stem) :]:
            return zone
    return ""


def family_holds(family: str, zone: str) -> bool:
    """Whether a publisher in ``zone`` uses the family's labels for its own civil time."""
    return zone in zones().families.get(family, frozenset())


def minutes_of(offset: timedelta | None) -> int:
    """An offset from UTC in minutes."""
    return 0 if offset is None else round(offset.total_seconds() / 60)
