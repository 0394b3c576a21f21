"""Codes and names of countries and languages as interfaces write them, brought to ISO 3166-1 alpha-2 and ISO 639-1."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from pathlib import Path

from babel import Locale
from babel.core import get_global

# TED writes languages with three letters; what is not a language of its own keeps no code.
_NO_LANGUAGE = frozenset({"mul", "und", "zxx"})


@cache
def _facts() -> dict[str, dict[str, str]]:
    with Path(__file__).with_name("zones.toml").open("rb") as file:
        return tomllib.load(file)


@cache
def _zones() -> dict[str, tuple[str, ...]]:
    """Country to its IANA zones, from the database's own table (``zone.tab`` of the tzdata package)."""
    table = resources.files("tzdata").joinpath("zoneinfo/zone.tab").read_text(encoding="utf-8")
    zones: dict[str, tuple[str, ...]] = {}
    for row in table.splitlines():
        if row and not row.startswith("#"):
            country, _, zone = row.split("\t")[:3]
            zones[country] = (*zones.get(country, ()), zone)
    return zones


@cache
def _names() -> dict[str, str]:
    names = {str(name).casefold(): code for code, name in Locale("en").territories.items() if len(code) == 2 and code.isalpha()}
    for name, code in list(names.items()):
        names.setdefault(name.replace("&", "and"), code)
        names.setdefault(name.partition(" (")[0], code)
    return names | _facts()["names"]


def country_code(code: str) -> str:
    """ISO alpha-2 of an alpha-2, alpha-3 or TED code (``PRT``, ``UK``, ``EL``, ``1A0``); "" when it is none."""
    code = code.strip().upper()
    if code in _facts()["codes"]:
        return _facts()["codes"][code]
    if len(code) == 2 and code in _zones():
        return code
    found = get_global("territory_aliases").get(code) if len(code) == 3 else None
    return str(found[0]) if found and len(found) == 1 else ""


def country_named(name: str) -> str:
    """ISO alpha-2 of a country's name in English (or a code); "" when it is not known: the caller says so, it never guesses."""
    key = " ".join(name.split()).casefold()
    if not key:
        return ""
    return _names().get(key) or _names().get(key.replace("&", "and")) or (country_code(key) if len(key) in {2, 3} else "")


def zone_of(country: str, otherwise: str = "UTC") -> str:
    """The zone of a country (its capital's, where it has several); ``otherwise`` when the country is unknown."""
    if country in _facts()["capital"]:
        return _facts()["capital"][country]
    zones = _zones().get(country, ())
    return zones[0] if zones else otherwise


def zone_at(nuts: str, country: str, otherwise: str = "UTC") -> str:
    """The zone of a NUTS region (islands keep their own clock), else that of its country."""
    for prefix, zone in _facts()["nuts"].items():
        if nuts.startswith(prefix):
            return zone
    return zone_of(country, otherwise)


def language_code(code: str) -> str:
    """ISO 639-1 of a two- or three-letter code in any case (``ENG``, ``POR``, ``EN``); "" when there is none."""
    code = code.strip().casefold()
    if len(code) == 2:
        return code
    if code in _NO_LANGUAGE:
        return ""
    found = str(get_global("language_aliases").get(code, ""))
    return found if len(found) == 2 else ""
