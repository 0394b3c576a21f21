"""Places that name a clock: "17:00 Brussels time", "hora de Lisboa", "czasu warszawskiego" say nothing about a country."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

from nlp.countries.fold import fold
from nlp.countries.matching import Found, Hit
from nlp.countries.places import PLACES
from nlp.lexicon import load_toml, words_of

NEAR = 40  # characters to either side in which a number must stand: without an hour or a date "time" is just time
FILLERS = 3
_DIGIT = re.compile(r"\d")


@cache
def _words() -> Mapping[str, frozenset[str]]:
    """``places/clocks.toml``, folded: words for time ``before`` and ``after`` a place, and what may stand ``between``."""
    return {key: frozenset(fold(word) for word in words_of(value)) for key, value in load_toml(PLACES / "clocks.toml").items()}


def names_clock(found: Found, hit: Hit) -> bool:
    """Whether the place of ``hit`` only tells whose clock is meant: a word for time stands beside it, and a number near it."""
    text = found.text
    if not (_DIGIT.search(text, max(0, hit.start - NEAR), hit.start) or _DIGIT.search(text, hit.end, hit.end + NEAR)):
        return False
    return _beside(found, hit.last, 1, "after") or _beside(found, hit.first, -1, "before") or _in_brackets(found, hit)


def _beside(found: Found, number: int, step: int, side: str) -> bool:
    for _ in range(FILLERS):
        gap = found.gap(number if step > 0 else number - 1)
        if not gap or gap.strip(" \u00a0-'’"):
            return False
        number += step
        word = fold(found.raw(number))
        if word in _words()[side]:
            return True
        if word not in _words()["between"]:
            return False
    return False


def _in_brackets(found: Found, hit: Hit) -> bool:
    """ "5 pm Eastern Time (US and Canada)": a bracket that opens right after a word for time explains that time."""
    opened = found.text.rfind("(", max(0, hit.start - NEAR), hit.start)
    if opened < 0 or ")" in found.text[opened : hit.start]:
        return False
    number = hit.first
    while number > 0 and found.start(number) > opened:
        number -= 1
    return fold(found.raw(number)) in _words()["after"]
