"""Money and funding rates in text: exact values, ranges, ceilings and floors, from the words of ``nlp/vocabulary/amounts.toml``."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib.resources import files
from itertools import islice
from typing import Any

from store.model import Amount

LONGEST = 2_000_000
_BLANK = " \u00a0\u202f\u2009"
_NUMBER = rf"(?<![\d.,/:])(?:(?P<lakh>\d{{1,2}}(?:,\d{{2}}){{1,4}},\d{{3}}(?!\d)(?:\.\d{{1,2}}(?!\d))?)|\d{{1,3}}(?P<sep>[{_BLANK}.,'’])\d{{3}}(?:(?P=sep)\d{{3}}){{0,4}}(?!\d)(?:[.,]\d{{1,2}}(?!\d))?|\d{{1,13}}(?:[.,]\d{{1,3}})?)(?![\d])"
REACH = 70
MANY = 10_000


@dataclass(frozen=True, slots=True)
class _Words:
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


@dataclass(frozen=True, slots=True)
class _Atom:
    """One number with what stands glued to it."""

    start: int
    end: int
    number: float
    times: float
    currency: str

    @property
    def value(self) -> float:
        return round(self.number * self.times, 2)


def read_amounts(text: str, *, lang: str, currency: str = "") -> tuple[Amount, ...]:
    """The amounts of money and the funding rates that a text says, in its order.

    ``lang`` (ISO 639-1, "" = unknown) decides "mil" and "kr". ``currency`` (ISO 4217) is the source's own: it decides "$" and "kr",
    and stands for figures of a field that name none ("2500000", "2.5 million"). A ceiling ("up to") has only ``maximum``, a floor
    only ``minimum``, a range both. A percentage counts only near a word of funding, never as tax. Every ``quote`` is
    ``text[start:end]``. Text beyond 2,000,000 characters, or beyond its 10,000th number, is not read.
    """
    words = _words(lang.lower().split("-")[0])
    text = text[:LONGEST]
    found = [*_money(text, words, currency), *_rates(text, words)]
    return tuple(sorted(found, key=lambda one: (one.start, one.end)))


@lru_cache(maxsize=1)
def _data() -> dict[str, Any]:
    return tomllib.loads((files("nlp") / "vocabulary" / "amounts.toml").read_text(encoding="utf-8"))


def _any(words: Iterable[str]) -> str:
    patterns = []
    for word in sorted(set(words), key=lambda word: (-len(word), word)):
        stem = word.rstrip("*")
        left = r"(?<!\w)" if stem[0].isalnum() else ""
        right = r"\w*" if word.endswith("*") else r"(?!\w)" if stem[-1].isalnum() else ""
        patterns.append(left + re.escape(stem).replace(r"\ ", rf"[{_BLANK}]") + right)
    return "|".join(patterns) or "(?!)"


@lru_cache(maxsize=64)
def _words(lang: str) -> _Words:
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
    number = re.compile(rf"(?P<n>{_NUMBER})(?:,[-–])?(?:\.[-–])?", re.IGNORECASE)
    spelled_number = re.compile(rf"(?P<w>{spelled})(?=[{_BLANK}](?:{glued}))", re.IGNORECASE)
    prefix = re.compile(rf"(?:(?<!\w)(?P<code>(?-i:{codes}))|(?P<form>{before}))[{_BLANK}]?\Z", re.IGNORECASE)
    suffix = re.compile(
        rf"(?:[{_BLANK}]?(?P<t>{glued}))?"
        rf"(?:[{_BLANK}]?(?:(?:de|of|di|d'|d’|in)[{_BLANK}]?)?(?P<c2>(?-i:{codes})(?!\w)|{forms}))?",
        re.IGNORECASE,
    )
    said = data["words"]
    blanks = rf"[{_BLANK}]?"
    flags = re.IGNORECASE
    lead = rf"[{_BLANK}:]{{0,2}}(?:\w{{1,14}}[{_BLANK}:]{{1,2}}){{0,2}}\Z"
    return _Words(
        number=number,
        spelled=spelled_number,
        prefix=prefix,
        suffix=suffix,
        percent=re.compile(rf"(?<![\d.,])(\d{{1,3}}(?:[.,]\d{{1,2}})?){blanks}(?:{_any(said['percent'])})", flags),
        to=re.compile(rf"{blanks}(?:{_any(said['to'])}){blanks}(?:(?:{_any(said['maximum'])}){blanks})?", flags),
        and_=re.compile(rf"{blanks}(?:{_any(said['and'])}){blanks}", flags),
        between=re.compile(rf"(?:{_any(said['between'])})[{_BLANK}]\Z", flags),
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


def _money(text: str, words: _Words, currency: str) -> Iterator[Amount]:
    left: _Atom | None = None
    pending: _Atom | None = None
    alone = text.strip()
    for atom in _atoms(text, words, currency):
        if not atom.currency and currency and (atom.times > 1 or text[atom.start : atom.end] == alone):
            atom = replace(atom, currency=currency)
        if pending is not None and not _joins(text, words, pending, atom):
            yield _single(text, words, pending)
            pending = None
        left = pending or left
        pending = None
        if left is not None and atom.currency and _joins(text, words, left, atom):
            ranged = _range(text, left, atom)
            if ranged is not None:
                yield ranged
                left = None
                continue
        if (
            left is not None
            and left.currency
            and not atom.currency
            and _joins(text, words, left, atom)
            and atom.number >= left.number
        ):
            ranged = _range(text, left, _Atom(atom.start, atom.end, atom.number, max(atom.times, 1), left.currency))
            if ranged is not None:
                yield ranged
                left = None
                continue
        if left is not None and left.currency:
            yield _single(text, words, left)
        left = None
        if atom.currency:
            pending = atom
        else:
            left = atom
    if pending is not None:
        yield _single(text, words, pending)
    elif left is not None and left.currency:
        yield _single(text, words, left)


def _atoms(text: str, words: _Words, currency: str) -> Iterator[_Atom]:
    """Numbers with the currency and the multiplier glued to them, in order, the first ``MANY`` of a text."""
    numbers = sorted(
        [*islice(words.number.finditer(text), MANY), *islice(words.spelled.finditer(text), MANY)], key=lambda one: one.start()
    )
    floor = 0
    for match in numbers:
        if match.start() < floor:
            continue
        atom = _atom(text, match, words, currency, floor)
        if atom is not None:
            floor = atom.end
            yield atom


def _atom(text: str, match: re.Match[str], words: _Words, currency: str, floor: int) -> _Atom | None:
    groups = match.groupdict()
    before = words.prefix.search(text, max(floor, match.start() - 24), match.start())
    after = words.suffix.match(text, match.end())
    scale = (after["t"] or "").lower() if after else ""
    ahead, behind = (before["code"] or before["form"] if before else None), (after["c2"] if after else None)
    times = words.times.get(scale, 1.0)
    code = _currency(ahead, words, currency) or _currency(behind, words, currency)
    if groups.get("w"):
        if times < 1000 or not code:
            return None
        number: float | None = words.numbers[groups["w"].lower()]
    else:
        number = _number(groups["n"], "," if groups["lakh"] else groups["sep"], scaled=times > 1)
    if number is None or (scale in {"m", "t", "b", "k"} and not code):
        return None
    if ahead and ahead.lower() in {"euro", "euros", "eur"} and not ahead.isupper() and number < 100 and times == 1 and not behind:
        return None
    if (behind or "").lower() == "teur":
        times = 1000.0
    start = before.start() if before else match.start()
    return _Atom(start, after.end() if after and after.end() > match.end() else match.end(), number, times, code)


def _currency(word: str | None, words: _Words, currency: str) -> str:
    if not word:
        return ""
    if word.isupper() and word.isalpha() and len(word) == 3:
        return word
    code = words.currencies.get(word.lower(), "")
    if code == "$":
        return currency if currency in words.dollars else "USD"
    if code == "kr":
        return currency if currency in words.crowns else words.crown
    return code


def _number(digits: str, sep: str | None, *, scaled: bool) -> float | None:
    """ "1.234.567,89", "1,234,567.89", "1 234", "2.5", "2,500", "25,00,000": a lone separator before three digits groups thousands, unless a word
    such as million follows.
    """
    plain = re.sub(rf"[{_BLANK}'’]", "", digits)
    if sep and sep in ".,":
        tail = plain.rsplit(sep, 1)[1]
        if (
            scaled
            and plain.count(sep) == 1
            and len(plain.split(sep)[0]) < 3
            and len(tail) == 3
            and sep == "."
            and plain.startswith("0")
        ):
            return float(plain.replace(",", "."))
        plain = plain.replace(sep, "")
    plain = plain.replace(",", ".")
    if plain.count(".") > 1:
        return None
    return float(plain)


def _joins(text: str, words: _Words, left: _Atom, right: _Atom) -> bool:
    gap = text[left.end : right.start]
    if len(gap) > 24:
        return False
    if words.to.fullmatch(gap):
        return True
    return words.and_.fullmatch(gap) is not None and words.between.search(text, max(0, left.start - 14), left.start) is not None


def _range(text: str, left: _Atom, right: _Atom) -> Amount | None:
    if left.currency and left.currency != right.currency:
        return None
    times = left.times
    if times == 1 and right.times > 1 and left.number <= right.number:
        times = right.times
    low, high = round(left.number * times, 2), right.value
    if not 0 <= low <= high:
        return None
    return Amount(
        minimum=low, maximum=high, currency=right.currency, quote=text[left.start : right.end], start=left.start, end=right.end
    )


def _single(text: str, words: _Words, atom: _Atom) -> Amount:
    lead = text[max(0, atom.start - 48) : atom.start]
    lead = re.split(r"(?<!max)(?<!min)[.;\n](?=\s)", lead)[-1]
    most, least = words.maximum.search(lead), words.minimum.search(lead)
    quote = text[atom.start : atom.end]
    value, minimum, maximum = atom.value, None, None
    if most is not None and (least is None or most.start() >= least.start()):
        return Amount(maximum=value, currency=atom.currency, quote=quote, start=atom.start, end=atom.end)
    if least is not None:
        return Amount(minimum=value, currency=atom.currency, quote=quote, start=atom.start, end=atom.end)
    return Amount(
        value=value, minimum=minimum, maximum=maximum, currency=atom.currency, quote=quote, start=atom.start, end=atom.end
    )


def _rates(text: str, words: _Words) -> Iterator[Amount]:
    for match in islice(words.percent.finditer(text), MANY):
        rate = float(match[1].replace(",", "."))
        if not 0 < rate <= 100:
            continue
        line = text.rfind("\n", max(0, match.start() - REACH), match.start()) + 1
        first = max(line, match.start() - REACH)
        around = text[first : match.end() + REACH].split("\n", 1)[0] if "\n" not in match[0] else match[0]
        near = text[max(first, match.start() - 18) : match.end() + 16]
        if words.tax.search(near) or not words.rate.search(around):
            continue
        yield Amount(rate=rate, quote=match[0], start=match.start(), end=match.end())
