"""Names out of the Unicode CLDR (through Babel): of territories, of the cities that time zones are called after, and adjectives out of
the names of currencies ("brazilský real" tells the Czech adjective of Brazil).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache

from babel import Locale
from babel.core import get_global

# Codes of CLDR that are no countries, and those whose CLDR name is an official phrase nobody writes (our vocabulary names them).
_NO_COUNTRY = frozenset(["EU", "EZ", "UN", "QO", "XA", "XB", "ZZ", "CP", "DG", "EA", "IC", "TA", "AC", "CQ", "HM", "BV"])
_OWN_NAMES_ONLY = frozenset(["HK", "MO", "CD", "CG", "UM", "PS", "MF"])
_NO_CURRENCY = frozenset(
    ["CHE", "CHW", "BOV", "MXV", "CLF", "USN", "USS", "COU", "UYI", "UYW", "ZAL", "GEK", "BGO", "BGM", "ALK", "KRO", "KRH", "GBP"]
)
# Words of currency names that are no adjective of a country.
_JUNK = frozenset(
    [
        "el",
        "oro",
        "nuevo",
        "novo",
        "neue",
        "neuer",
        "nye",
        "nya",
        "new",
        "old",
        "sterling",
        "esterlina",
        "esterlinas",
        "sterline",
        "sterlină",
        "renminbi",
        "soberano",
        "cruzado",
        "cruzeiro",
        "kwacha",
        "bolívar",
        "convertible",
        "convertibile",
        "convertibilă",
        "konvertibilna",
        "konvertibilní",
        "lei",
        "mark",
        "marka",
        "monegasque",
        "gouden",
        "zilveren",
        "zlatni",
        "lek",
        "leki",
        "dinar",
        "peso",
        "dollar",
        "dollars",
        "real",
        "franc",
        "manat",
    ]
)
_ARTICLES = re.compile(r"^(?:an t-?(?=[A-ZÁÉÍÓÚ])|an |na h(?=[A-ZÁÉÍÓÚ])|na |An |il-|l-|ir-|is-|it-|id-|in-|iċ-|iż-|ix-|Il-|the )")


# The h that the Irish article puts after a first letter: "an Chéinia" is "Céinia" after other words.
_LENITED = re.compile(r"[BCDFGMPST]h")


@cache
def countries() -> frozenset[str]:
    """The alpha-2 codes that a tag may carry: ISO 3166-1 as CLDR has it, and ``XK`` for Kosovo."""
    return frozenset(c for c in map(str, Locale.parse("en").territories) if len(c) == 2 and c.isalpha()) - _NO_COUNTRY


def names(locale: Locale) -> Iterator[tuple[str, str]]:
    """(code, name) of every country in the language of ``locale``; a name in brackets is a name of its own."""
    for code, name in locale.territories.items():
        if code not in countries() or code in _OWN_NAMES_ONLY:
            continue
        # "Cocos (Keeling) Islands": what stands around a bracket in the middle is one name
        inner = re.fullmatch(r"(.+?)\s*\([^)]*\)\s*(\S.*)", name)
        for part in [f"{inner[1]} {inner[2]}"] if inner else re.split(r"[()/]", name):
            plain = _ARTICLES.sub("", part.strip())
            if len(plain) > 2:
                yield code, plain
                if locale.language == "ga" and _LENITED.match(plain):
                    yield code, plain[0] + plain[2:]
                if " a. " in plain or "&" in plain:
                    yield code, plain.replace("&", "and")


def zone_cities(locale: Locale) -> Iterator[tuple[str, str]]:
    """(code, city) for each time zone whose city CLDR names in this language."""
    owner = {zone: code for code, zones in get_global("territory_zones").items() for zone in zones}
    for zone, parts in locale.time_zones.items():
        city = parts.get("city")
        code = owner.get(zone, "")
        if city and code in countries() and len(city) > 3 and zone.split("/")[0] not in ("Etc", "Antarctica"):
            yield code, _ARTICLES.sub("", city)


def currency_adjectives(locale: Locale, where: str) -> Iterator[tuple[str, str]]:
    """(code, word) for the one word beside the currency's own in its name. ``where`` says if it stands ``first`` (or ``whole``: no ending is cut) or ``last``; with
    ``genitive`` it is a form of the country's name. A word claimed by two countries is dropped.
    """
    found: dict[str, set[str]] = defaultdict(set)
    plurals = locale._data.get("currency_names_plural", {})
    for currency, name in locale.currencies.items():
        code = currency[:2]
        if code not in countries() or currency in _NO_CURRENCY:
            continue
        for form in {str(name), *(str(f) for f in dict(plurals.get(currency, {})).values())}:
            parts = form.replace("\xa0", " ").split()
            if len(parts) != 2:
                continue
            word = parts[-1] if where == "last" else parts[0]
            if word.isalpha() and len(word) > 3 and word.casefold() not in _JUNK:
                found[word.casefold() if where != "genitive" else word].add(code)
    for word, codes in found.items():
        if len(codes) == 1:
            yield next(iter(codes)), word
