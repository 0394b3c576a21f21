"""Money and funding rates in text: exact values, ranges, ceilings and floors, from the words of ``nlp/vocabulary/amounts.toml``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice

from nlp.amount_words import BLANK, Words, words_of
from store.model import Amount

LONGEST = 2_000_000
REACH = 70
MANY = 10_000


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
    words = words_of(lang.lower().split("-")[0])
    text = text[:LONGEST]
    found = [*_money(text, words, currency), *_rates(text, words)]
    return tuple(sorted(found, key=lambda one: (one.start, one.end)))


def _money(text: str, words: Words, currency: str) -> Iterator[Amount]:
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


def _atoms(text: str, words: Words, currency: str) -> Iterator[_Atom]:
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


def _atom(text: str, match: re.Match[str], words: Words, currency: str, floor: int) -> _Atom | None:
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


def _currency(word: str | None, words: Words, currency: str) -> str:
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
    plain = re.sub(rf"[{BLANK}'’]", "", digits)
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


def _joins(text: str, words: Words, left: _Atom, right: _Atom) -> bool:
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


def _single(text: str, words: Words, atom: _Atom) -> Amount:
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


def _rates(text: str, words: Words) -> Iterator[Amount]:
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
