"""Countries told by codes: structured codes of a notice, and codes that stand in a text ("(FR)", "NUTS PT16", "BOPL20240101001")."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from babel.core import get_global

from nlp.countries.cldr import countries
from nlp.countries.groups import groups
from nlp.countries.matching import Hit
from store.model import Code

_BRACKETS = re.compile(r"\(([A-Z]{2})\)")
_PROFILE = re.compile(r"(?<![A-Z0-9])(?:BO|BR|TO|TR|RD)([A-Z]{2})20\d{6}\d{2,4}(?!\d)")
_LIST = re.compile(r"(?<![A-Z0-9])[A-Z]{2}(?:\s*[,/;|]\s*[A-Z]{2}){2,}(?![A-Z])")
_PAIR = re.compile(r"[A-Z]{2}")
# Other ways to write a member's country beside its name; each counts only when several members are written so.
_MEMBERS = (
    re.compile(r"\[([A-Z]{2})\]"),
    re.compile(r"\w [\u2013\u2014-] ([A-Z]{2})(?=\s*(?:[;,.\n]|\Z))"),
    re.compile(r"(?:^|[;\n:]\s*)([A-Z]{2}):\s"),
)
_NUTS = re.compile(r"(?<!\w)([A-Z]{2})[0-9A-Z]{1,3}(?!\w)")
# "Country of origin: PL", "Land: AT", "País: ES".
_FIELD = re.compile(
    r"(?:Countr(?:y|ies)|Land|Länder|Pays|País|Países|Paese|Paesi|Kraj|Země|Krajina|Maa|Ország)\b[^\n:]{0,20}: ?([A-Z]{2})(?![A-Za-z])"
)
# What the two longest patterns cannot do without, found much quicker.
_DATED = re.compile(r"20\d{8}")
_COLON = re.compile(r": ?[A-Z]{2}(?![A-Za-z])")
_NUTS_CUE = re.compile(r"NUTS")
_OTHER_CODES = {"EL": "GR", "UK": "GB", "KS": "XK"}
# Codes that need no companion: usual among partners, and no trade, title or unit in capitals.
_USUAL = frozenset(
    [
        "BG",
        "CH",
        "CZ",
        "DK",
        "EE",
        "EL",
        "ES",
        "FI",
        "FR",
        "GB",
        "GR",
        "HU",
        "IE",
        "IL",
        "LT",
        "LU",
        "LV",
        "MT",
        "NL",
        "PL",
        "PT",
        "RO",
        "RS",
        "SI",
        "SK",
        "TR",
        "UA",
        "UK",
    ]
)


@cache
def _alpha3() -> dict[str, str]:
    return {
        old: new[0] for old, new in get_global("territory_aliases").items() if len(old) == 3 and old.isalpha() and len(new) == 1
    }


def country_of(value: str) -> str:
    """The country or group of a code as publishers write it (``PT``, ``PRT``, ``EL``, ``PT16B``, ``EU27``), "" when it is none."""
    plain = value.strip().upper()
    if plain in groups():
        return plain
    if plain in ("EU", "EUU"):
        return "EU27"
    plain = _alpha3().get(plain, plain)
    for size in (plain, plain[:2] if re.fullmatch(r"[A-Z]{2}[0-9A-Z]{1,3}", plain) and not plain.isalpha() else ""):
        short = _OTHER_CODES.get(size, size)
        if short in countries():
            return short
    if re.fullmatch(r"FR[A-Z]\d?|[A-Z]{2}[A-Z]\d{1,2}", plain) and plain[:2] in countries():
        return plain[:2]
    return ""


def structured(codes: Sequence[Code]) -> list[tuple[str, Code]]:
    """(country, code) for every country or NUTS code."""
    found = []
    for code in codes:
        if code.scheme in ("country", "nuts"):
            country = country_of(code.value) or country_of(code.label)
            if country:
                found.append((country, code))
    return found


def written(text: str, short: int) -> list[Hit]:
    """Hits for codes in the text, each with its role where the form tells it (a code in brackets behind a name is a
    partner's). ``short`` is how many words of the text are two capitals.
    """
    hits = [_hit(match, 1, "partner", "code:profile") for match in _PROFILE.finditer(text)] if _DATED.search(text) else []
    if not short and "NUTS" not in text:
        return [hit for hit in hits if hit.code]
    if _COLON.search(text):
        hits.extend(_hit(match, 1, "", "code:field") for match in _FIELD.finditer(text) if not _LIST.match(text, match.start(1)))
    brackets = [match for match in _BRACKETS.finditer(text) if _country(match[1]) and not _acronym(text, match)]
    several = len({match[1] for match in brackets}) > 1
    for match in brackets:
        if several or match[1] in _USUAL:
            hits.append(_hit(match, 1, "partner", "code:brackets"))
    for form in _MEMBERS if short > 1 else ():
        written_so = list(form.finditer(text))
        if len({match[1] for match in written_so}) > 1 and all(_country(match[1]) for match in written_so):
            hits.extend(_hit(match, 1, "partner", "code:members") for match in written_so)
    for match in _LIST.finditer(text) if short > 2 else ():
        pairs = list(_PAIR.finditer(text, match.start(), match.end()))
        if all(_country(pair.group()) for pair in pairs) and len({p.group() for p in pairs}) == len(pairs):
            hits.extend(_hit(pair, 0, "", "code:list") for pair in pairs)
    for cue in _NUTS_CUE.finditer(text):
        for match in _NUTS.finditer(text, cue.end(), min(len(text), cue.end() + 40)):
            if any(c.isdigit() for c in match.group()[2:]) and _country(match[1]):
                hits.append(_hit(match, 1, "", "code:nuts"))
    return [hit for hit in hits if hit.code]


def _country(code: str) -> str:
    short = _OTHER_CODES.get(code, code)
    return short if short in countries() else ""


def _acronym(text: str, match: re.Match[str]) -> bool:
    """Whether the words before the brackets begin with its letters: "information technology (IT)" defines a word."""
    before = re.findall(r"\w+", text[max(0, match.start() - 60) : match.start()])[-2:]
    return [word[0].upper() for word in before] == list(match[1])


def _hit(match: re.Match[str], group: int, role: str, rule: str) -> Hit:
    code = _country(match.group(group))
    return Hit(first=-1, last=-1, start=match.start(), end=match.end(), code=code, kind="code", name=code, rule=rule, role=role)
