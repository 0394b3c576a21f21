"""Groups of countries: the EU, EFTA, the Western Balkans and others, each with the days on which its membership was in force."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache

from nlp.countries.places import PLACES
from nlp.lexicon import load_toml


@dataclass(frozen=True, kw_only=True)
class Group:
    """A group: ``since`` and ``until`` (exclusive, None = still) bound the days on which ``members`` (ISO codes) held. ``short`` has
    (language, abbreviation) where the abbreviation means something else in other languages.
    """

    id: str
    names: tuple[str, ...]
    short: tuple[tuple[str, str], ...]
    since: date
    until: date | None
    members: frozenset[str]


@cache
def groups() -> dict[str, Group]:
    """Group id -> group, from ``vocabulary/places/groups.toml``."""
    found = {}
    for key, table in load_toml(PLACES / "groups.toml").items():
        found[key] = Group(
            id=key,
            names=tuple(name.strip() for name in table["names"].split(",")),
            short=tuple((pair.split()[0], pair.split()[1]) for pair in table.get("short", "").split(",") if pair.strip()),
            since=date.fromisoformat(table["from"]),
            until=date.fromisoformat(table["until"]) if "until" in table else None,
            members=frozenset(code.strip() for code in table["members"].split(",")),
        )
    return found


def members(group: str, on: date | None = None) -> frozenset[str]:
    """The countries of ``group`` on the day ``on`` (None = whatever the day); empty for an unknown group or a day out of its dates.

    A country code is its own only member.
    """
    if group not in groups():
        return frozenset([group]) if len(group) == 2 else frozenset()
    found = groups()[group]
    if on is not None and (on < found.since or (found.until is not None and on >= found.until)):
        if group == "EU27":
            return members("EU28", on)
        return frozenset()
    return found.members
