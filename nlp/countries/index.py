"""What a gazetteer looks words up in: its entries by first word, and a memory of what each word of a text may be."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from nlp.countries import places
from nlp.countries.fold import fold
from nlp.countries.inflection import Inflection, bases_of, stems_of
from nlp.countries.splitting import Words, sieve

MEMORY = 60_000
# Letters that a word made out of a name has at least.
DERIVED = 7
# Languages whose city names take endings, and those where they take an -s alone.
DECLINING = frozenset(["cs", "sk", "pl", "sl", "hr", "sr", "bg", "uk", "ru", "lt", "lv", "fi", "et", "hu", "el", "is", "tr"])
GENITIVE = frozenset(["de", "sv", "da", "nb"])
# Languages whose names and places never change their form: "Como" is not the plural of "come".
FIXED = frozenset(["it", "es", "pt", "fr"])


class Entry(NamedTuple):
    """One thing to find: its base words and what it stands for. ``kind`` is ``name adjective people place town not group``
    (a town has no code: its country is told by the words around).

    ``capital``: it counts only with a capital; ``ends``: its last word too; ``exact``: only as it is written (an abbreviation, in capitals); ``stem``: its last
    word is a stem that takes the adjective endings; ``marked``: so short that its accents tell it from another word ("Dán" from "Dan").
    """

    words: tuple[str, ...]
    code: str
    kind: str
    capital: bool = True
    exact: bool = False
    stem: bool = False
    ends: bool = False
    marked: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Word:
    """What a word of a text may be: known base words (the word itself first), known adjective stems, a city of the world's list. ``starts``: whether an
    entry begins with it.
    """

    bases: tuple[str, ...]
    stems: tuple[str, ...]
    city: str
    capital: bool
    starts: bool


class _Memory(dict[str, Word | None]):
    """The words with which an entry may begin (None: any other word), each read when it is first asked for. What can only stand further
    inside an entry is kept apart: a text has many such words, and few of them are ever looked at.
    """

    def __init__(self, read: Callable[[str], Word | None]) -> None:
        super().__init__()
        self.read = read
        self.inside: dict[str, Word] = {}

    def __missing__(self, raw: str) -> Word | None:
        word = self.read(raw)
        if word is not None and not word.starts:
            self.inside[raw] = word
            word = None
        self[raw] = word
        return word

    def clear(self) -> None:
        super().clear()
        self.inside.clear()


@dataclass(kw_only=True)
class Gazetteer:
    """The entries of one language by their first word, and a memory of words already looked up, emptied when it has grown large.

    ``heads`` are the entries of one word, ``phrases`` the longer ones, the longest first; ``stems`` those whose one word takes endings.
    """

    lang: str
    inflection: Inflection
    heads: dict[str, list[Entry]] = field(default_factory=dict)
    phrases: dict[str, list[Entry]] = field(default_factory=dict)
    stems: dict[str, list[Entry]] = field(default_factory=dict)
    known: set[str] = field(default_factory=set)
    known_stems: set[str] = field(default_factory=set)
    beginnings: set[str] = field(default_factory=set)
    wanted: NDArray[np.bool_] | None = None
    cities: places.Cities = field(default_factory=lambda: places.Cities(named={}, others={}))
    starts: frozenset[str] = frozenset()
    people: set[str] = field(default_factory=set)
    language_words: frozenset[str] = frozenset()
    language_before: frozenset[str] = frozenset()
    memory: _Memory = field(init=False)

    def __post_init__(self) -> None:
        self.memory = _Memory(self._read)

    def add(self, entry: Entry) -> None:
        """Keep ``entry``; one that is already there under the same words stays the first, whoever it stands for."""
        if not entry.words:
            return
        kept = self.phrases if len(entry.words) > 1 else self.stems if entry.stem else self.heads
        found = kept.setdefault(entry.words[0], [])
        for other in found:
            if other.words == entry.words and other.stem == entry.stem:
                return
        found.append(entry)
        self.known.update(entry.words[:-1] if entry.stem else entry.words)
        if entry.kind in ("people", "not"):
            self.people.update(entry.words)
        if entry.stem:
            self.known_stems.add(entry.words[-1])

    def close(self) -> None:
        """Sort the longest entries first, note how their words begin, and forget what was looked up before."""
        self.memory.clear()
        for found in self.phrases.values():
            found.sort(key=lambda entry: -len(entry.words))
        if self.inflection.mutations:
            return
        self.beginnings = {
            sys.intern(word[:size]) for size in (3, 4, 5) for known in (self.known, self.known_stems) for word in known
        }
        if self.lang != "sr":  # folding Serbian makes two letters out of one
            kept = (self.heads, self.phrases, self.stems)
            small = (
                word
                for table in kept
                for word, entries in table.items()
                if self.inflection.lower or any(not entry.capital for entry in entries)
            )
            self.wanted = sieve(small, chain(*kept, self.cities.named, self.cities.others))

    def beginnings_in(self, words: Words) -> Iterator[tuple[int, Word]]:
        """The words of a text with which an entry may begin, and their numbers."""
        if len(self.memory) > MEMORY:
            self.memory.clear()
        for number in words.sieved(self.wanted):
            word = self.memory[words.raws[number]]
            if word is not None:
                yield number, word

    def look_up(self, raw: str) -> Word | None:
        """What the word ``raw`` may be, or None when it is nothing we know."""
        return (self.memory[raw] or self.memory.inside.get(raw)) if raw else None

    def _read(self, raw: str) -> Word | None:
        if len(raw) > 40:
            return None
        if raw.islower() and raw.isascii() and self.beginnings and not self._begins(raw):
            return None  # most words of a text
        folded = fold(raw, self.lang)
        capital = any(c.isupper() for c in raw[:3]) if self.inflection.mutations else raw[0].isupper()
        plausible = not self.beginnings or self._begins(folded)
        bases = [base for base in bases_of(folded, self.inflection) if base in self.known] if plausible else []
        if self.lang in FIXED:
            bases = [base for base in bases if base == folded or base in self.people]
        joined = folded.find(self.inflection.joined[0], DERIVED - 3) if plausible and self.inflection.joined else -1
        if joined > 0:  # Finnish "brasilialaispelaaja" begins with "brasilialainen"
            bases += [base for base in (folded[:joined] + self.inflection.joined[1],) if base in self.known]
        stems = [stem for stem in stems_of(folded, self.inflection) if stem in self.known_stems] if plausible else []
        city = self._city(folded) if capital and len(folded) > 3 else ""
        if not bases and not stems and not city:
            return None
        small = not capital and not self.inflection.lower  # then only what needs no capital can begin here
        starts = bool(city) or any(
            not small or not entry.capital
            for kept, found in ((self.heads, bases), (self.phrases, bases), (self.stems, stems))
            for word in found
            for entry in kept.get(word, ())
        )
        if len(bases) > 1:  # what is sure before what may be a town, and a word as it stands before its other readings
            bases = sorted(dict.fromkeys(bases), key=lambda base: (self._only_town(base), base != folded))
        return Word(bases=tuple(bases), stems=tuple(dict.fromkeys(stems)), city=city, capital=capital, starts=starts)

    def _begins(self, folded: str) -> bool:
        """Whether something known begins with what no ending of the language can have changed of the word."""
        stem = len(folded) - self.inflection.longest
        return folded[: min(5, max(3, stem))] in self.beginnings

    def _only_town(self, base: str) -> bool:
        return all(entry.kind == "town" for kept in (self.heads, self.phrases) for entry in kept.get(base, ()))

    def _city(self, folded: str) -> str:
        if folded in self.cities.named or folded in self.cities.others:
            return folded
        if self.lang in DECLINING:
            return next((base for base in bases_of(folded, self.inflection) if base in self.cities.named), "")
        return folded[:-1] if folded.endswith("s") and self.lang in GENITIVE and folded[:-1] in self.cities.named else ""
