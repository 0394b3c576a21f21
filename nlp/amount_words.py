"""The words of money of a language, compiled from ``nlp/vocabulary/amounts.toml``."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

BLANK = " \u00a0\u202f\u2009"
NUMBER = rf"(?<![\d.,/:])(?:(?P<lakh>\d{{1,2}}(?:,\d{{2}}){{1,4}},\d{{3}}(?!\d)(?:\.\d{{1,2}}(?!\d))?)|\d{{1,3}}(?P<sep>[{BLANK}.,'’])\d{{3}}(?:(?P=sep)\d{{3}}){{0,4}}(?!\d)(?:[.,]\d{{1,2}}(?!\d))?|\d{{1,13}}(?:[.,]\d{{1,3}})?)(?![\d])"


@dataclass(frozen=True, slots=True)
class Words:
    """Compiled vocabulary of a language."""

    number: re.Pattern[str]
    spelled: re.Pattern[str]
    prefix: re.Pattern[str]
    suffix: re.Pattern[str]
    percent: re.Pattern[str]
    to: re.Pattern[str]
    and_: re.Pattern[str]
    between: re.Pattern[str]
    maximum: re.Pattern[str]
    minimum: re.Pattern[str]
    rate: re.Pattern[str]
    tax: re.Pattern[str]
    currencies: dict[str, str]
    times: dict[str, float]
    numbers: dict[str, float]
    dollars: frozenset[str]
    crowns: frozenset[str]
    crown: str


@lru_cache(maxsize=1)
def _data() -> dict[str, Any]:
    return tomllib.loads((files("nlp") / "vocabulary" / "amounts.toml").read_text(encoding="utf-8"))


def _any(words: Iterable[str]) -> str:
    patterns = []
    for word in sorted(set(words), key=lambda word: (-len(word), word)):
        stem = word.rstrip("*")
        left = r"(?<!\w)" if stem[0].isalnum() else ""
        right = r"\w*" if word.endswith("*") else r"(?!\w)" if stem[-1].isalnum() else ""
        patterns.append(left + re.escape(stem).replace(r"\ ", rf"[{BLANK}]") + right)
    return "|".join(patterns) or "(?!)"


@lru_cache(maxsize=64)
def words_of(lang: str) -> Words:
    """The vocabulary of a language (ISO 639-1; a region after a dash is left out of account)."""
    data = _data()
    currencies = {word: code for code, forms in data["currency"].items() for word in forms}
    times = {word: float(factor) for factor, forms in data["times"].items() for word in forms}
    times |= {word: float(factor) for word, factor in data["times_of"].get(lang, {}).items()}
    numbers = {word: float(number) for number, forms in data["numbers"].items() for word in forms}
    glued = "|".join(
        re.escape(word) + (r"(?!\w)" if word[-1].isalnum() else "") for word in sorted(times, key=lambda word: (-len(word), word))
    )
    codes = "|".join(data["codes"])
    forms = "|".join(
        re.escape(word) + (r"(?!\w)" if word[-1].isalnum() else "")
        for word in sorted(currencies, key=lambda word: (-len(word), word))
    )
    before = "|".join(
        (r"(?<!\w)" if word[0].isalnum() else "") + re.escape(word)
        for word in sorted(currencies, key=lambda word: (-len(word), word))
    )
    spelled = "|".join(rf"(?<!\w){re.escape(word)}(?!\w)" for word in sorted(numbers, key=lambda word: (-len(word), word)))
    number = re.compile(rf"(?P<n>{NUMBER})(?:,[-–])?(?:\.[-–])?", re.IGNORECASE)
    spelled_number = re.compile(rf"(?P<w>{spelled})(?=[{BLANK}](?:{glued}))", re.IGNORECASE)
    prefix = re.compile(rf"(?:(?<!\w)(?P<code>(?-i:{codes}))|(?P<form>{before}))[{BLANK}]?\Z", re.IGNORECASE)
    suffix = re.compile(
        rf"(?:[{BLANK}]?(?P<t>{glued}))?"
        rf"(?:[{BLANK}]?(?:(?:de|of|di|d'|d’|in)[{BLANK}]?)?(?P<c2>(?-i:{codes})(?!\w)|{forms}))?",
        re.IGNORECASE,
    )
    said = data["words"]
    blanks = rf"[{BLANK}]?"
    flags = re.IGNORECASE
    lead = rf"[{BLANK}:]{{0,2}}(?:\w{{1,14}}[{BLANK}:]{{1,2}}){{0,2}}\Z"
    return Words(
        number=number,
        spelled=spelled_number,
        prefix=prefix,
        suffix=suffix,
        percent=re.compile(rf"(?<![\d.,])(\d{{1,3}}(?:[.,]\d{{1,2}})?){blanks}(?:{_any(said['percent'])})", flags),
        to=re.compile(rf"{blanks}(?:{_any(said['to'])}){blanks}(?:(?:{_any(said['maximum'])}){blanks})?", flags),
        and_=re.compile(rf"{blanks}(?:{_any(said['and'])}){blanks}", flags),
        between=re.compile(rf"(?:{_any(said['between'])})[{BLANK}]\Z", flags),
        maximum=re.compile(rf"(?:{_any(said['maximum'])}){lead}", flags),
        minimum=re.compile(rf"(?:{_any(said['minimum'])}){lead}", flags),
        rate=re.compile(_any(said["rate"]), flags),
        tax=re.compile(_any(said["tax"]), flags),
        currencies=currencies,
        times=times,
        numbers=numbers,
        dollars=frozenset(data["dollars"]),
        crowns=frozenset(data["crowns"]),
        crown=data["crown_of"].get(lang, ""),
    )
