"""The words of deadlines by language, from ``nlp/vocabulary/dates/<lang>.toml``, made ready for matching in folded text.

A language is one TOML file; nothing here names a language but the fallbacks.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

from ahocorasick_rs import AhoCorasick
from babel import Locale

from nlp.deadlines.fold import fold_word

# Cues looked for in the whole text; the other lists are looked for only beside a date.
CUES = (
    "deadline", "submit", "ends", "term", "other", "veto", "extended", "previous", "stage1", "stage2", "full", "round",
    "rolling", "rolling_weak", "rolling_field", "funds", "first_come", "every", "reject", "documents", "event", "verb", "apart", "two_stage",
)  # fmt: skip
# What an English page puts into every other language's texts.
FROM_ENGLISH = (
    "deadline",
    "extended",
    "stage1",
    "stage2",
    "full",
    "rolling",
    "funds",
    "first_come",
    "am",
    "pm",
    "time",
    "noon",
    "midnight",
    "apart",
    "two_stage",
    "year_end",
)
LOCAL = (
    "until", "issued", "since", "after", "end_of", "noon", "midnight", "clock", "oclock", "each", "hour", "am", "pm", "time", "link", "from", "to", "between",
    "between_and", "and", "was", "publication", "days", "workdays", "weeks", "month_units", "year_end",
)  # fmt: skip
LONGEST = 40
# CLDR's abbreviations of months that are common words ("pro": for).
NO_MONTHS = frozenset({"pro"})
# A word of these lists that is written out goes before a stem of any list.
AGAINST = frozenset({"other", "veto", "previous", "event"})
# Lists whose phrases hide no word inside them ("continuous call" is also a call).
PHRASES = frozenset({"rolling", "rolling_weak", "rolling_field", "funds", "first_come", "every", "reject", "apart", "two_stage"})
UNKNOWN = ("en", "de", "fr", "es", "it", "pt", "pl", "nl")
ALIASES = {"nb": "no", "nn": "no", "gr": "el", "mo": "ro", "bs": "hr", "sr": "hr", "ca": "es", "gl": "es"}


@dataclass(frozen=True, slots=True)
class Cue:
    """One word of the vocabulary found in folded text; ``kinds`` are the lists that hold it."""

    start: int
    end: int
    kinds: frozenset[str]


@dataclass(frozen=True, slots=True, eq=False)
class Lexicon:
    """The vocabulary of a few languages. ``months`` maps a folded form to 1..12; ``weekdays`` to 0 (Monday)..6, a star
    at the end of a form standing for any ending.
    """

    languages: tuple[str, ...]
    zone: str
    months: dict[str, int]
    month_stems: tuple[tuple[str, int], ...]
    weekdays: dict[str, int]
    numbers: dict[str, int]
    words: dict[str, tuple[str, ...]]
    matcher: AhoCorasick
    entries: tuple[tuple[bool, bool, frozenset[str]], ...]

    def month(self, word: str) -> int:
        """1..12 of a folded month word; 0 when it is none."""
        if word in self.months:
            return self.months[word]
        return next((number for stem, number in self.month_stems if word.startswith(stem)), 0)

    def weekday(self, word: str) -> int | None:
        """0 (Monday)..6 of a folded word; None when it is no day."""
        if word in self.weekdays:
            return self.weekdays[word]
        return next((number for form, number in self.weekdays.items() if form[-1:] == "*" and word.startswith(form[:-1])), None)

    def alternation(self, *kinds: str, glued: bool = False) -> str:
        """A regular expression for any word of some lists, longest first; matches nothing when they are empty. ``glued``: a digit
        may stand right before the word ("4pm").
        """
        return self.alternation_of({word for kind in kinds for word in self.words.get(kind, ())}, glued=glued)

    @staticmethod
    def alternation_of(words: set[str], *, glued: bool = False) -> str:
        """The same for given words."""
        return "|".join(_pattern(word, glued=glued) for word in sorted(words, key=lambda word: (-len(word), word))) or r"(?!)"

    def cues(self, flat: str) -> list[Cue]:
        """Every cue in folded, flat text, in the order of their starts, without those inside a longer one; a whole word that
        speaks against a deadline goes before a stem that covers it too.
        """
        hits: list[Cue] = []
        whole: set[tuple[int, int]] = set()
        stems: list[Cue] = []
        for number, start, end in self.matcher.find_matches_as_indexes(flat, overlapping=True):
            open_left, open_right, kinds = self.entries[number]
            if not open_left and start and _is_word(flat[start - 1]) and _is_word(flat[start]):
                continue
            if not open_right and end < len(flat) and _is_word(flat[end]) and _is_word(flat[end - 1]):
                continue
            while open_right and end < len(flat) and end - start < LONGEST and _is_word(flat[end]):
                end += 1
            while open_left and start and end - start < LONGEST and _is_word(flat[start - 1]):
                start -= 1
            if open_left or open_right:
                stems.append(Cue(start, end, kinds))
            else:
                hits.append(Cue(start, end, kinds))
                if kinds & AGAINST:
                    whole.add((start, end))
        hits += [cue for cue in stems if (cue.start, cue.end) not in whole]
        return _outermost(sorted(hits, key=lambda cue: (cue.start, -cue.end)))


def _outermost(hits: list[Cue]) -> list[Cue]:
    kept: list[Cue] = []
    for cue in hits:
        if cue.kinds <= PHRASES:
            continue
        if kept and cue.end <= kept[-1].end:
            if (cue.start, cue.end) == (kept[-1].start, kept[-1].end):
                kept[-1] = Cue(cue.start, cue.end, kept[-1].kinds | cue.kinds)
            continue
        kept.append(cue)
    phrases = [cue for cue in hits if cue.kinds <= PHRASES]
    return sorted([*kept, *phrases], key=lambda cue: (cue.start, -cue.end)) if phrases else kept


def _is_word(character: str) -> bool:
    return character.isalnum() or character == "_"


def _pattern(word: str, *, glued: bool = False) -> str:
    stem = word.rstrip("*")
    pattern = re.escape(stem).replace(r"\ ", r"\s")
    left = "" if not stem[:1].isalnum() else r"(?<![^\W\d])" if glued else r"(?<!\w)"
    if word.endswith("*"):
        return left + pattern + r"\w*"
    return left + pattern + (r"(?!\w)" if stem[-1:].isalnum() else "")


@lru_cache(maxsize=64)
def _file(lang: str) -> dict[str, Any]:
    data = tomllib.loads((files("nlp") / "vocabulary" / "dates" / f"{lang}.toml").read_text(encoding="utf-8"))
    folded: dict[str, Any] = {key: [fold_word(word) for word in words] for key, words in data.items() if key in (*CUES, *LOCAL)}
    for key in ("months", "weekdays"):
        folded[key] = [[fold_word(word) for word in forms] for forms in data[key]]
    folded["numbers"] = {fold_word(word): number for word, number in data["numbers"].items()}
    folded["zone"] = data["zone"]
    return folded


@lru_cache(maxsize=1)
def languages() -> frozenset[str]:
    """The languages that have a file."""
    folder = files("nlp") / "vocabulary" / "dates"
    return frozenset(entry.name[:-5] for entry in folder.iterdir() if entry.name.endswith(".toml") and entry.name != "zones.toml")


def lexicon_for(lang: str) -> Lexicon:
    """The vocabulary for a text in ``lang`` (an ISO 639-1 code, with or without a region; "" or unknown = the widest spoken)."""
    base = lang.lower().replace("_", "-").split("-")[0]
    base = ALIASES.get(base, base)
    return _lexicon((base,) if base in languages() else UNKNOWN)


def _names_of(lang: str, months: dict[str, int], weekdays: dict[str, int]) -> None:
    """Add what CLDR calls months and days in a language, abbreviations too, where the file has no such word."""
    names = Locale.parse(lang)
    for use in ("format", "stand-alone"):
        for width in ("wide", "abbreviated"):
            for number, name in names.months[use][width].items():
                word = fold_word(name).rstrip(".")
                if word not in NO_MONTHS and not word.isdigit():
                    months.setdefault(word, number)
            for number, name in names.days[use][width].items():
                word = fold_word(name).rstrip(".")
                if len(word) > 1:
                    weekdays.setdefault(word, number)
                if len(word) > 5 and lang not in UNKNOWN:
                    weekdays.setdefault(word[: max(5, len(word) - 2)] + "*", number)


@lru_cache(maxsize=64)
def _lexicon(langs: tuple[str, ...]) -> Lexicon:
    words: dict[str, dict[str, None]] = {key: {} for key in (*CUES, *LOCAL)}
    months: dict[str, int] = {}
    stems: dict[str, int] = {}
    weekdays: dict[str, int] = {}
    numbers: dict[str, int] = {}
    for lang in (*langs, *(() if "en" in langs else ("en",))):
        data = _file(lang)
        native = lang in langs
        for key in (*CUES, *LOCAL) if native else FROM_ENGLISH:
            words[key].update(dict.fromkeys(data.get(key, ())))
        for number, forms in enumerate(data["months"], start=1):
            for form in forms:
                (stems if form.endswith("*") else months).setdefault(form.rstrip("*"), number)
        if native:
            numbers = data["numbers"] | numbers
        for number, forms in enumerate(data["weekdays"]):
            for form in forms:
                weekdays.setdefault(form, number)
        if native:
            _names_of(lang, months, weekdays)
    matcher, entries = _matcher((kind, word) for kind in CUES for word in words[kind])
    return Lexicon(
        languages=langs,
        zone=str(_file(langs[0])["zone"]),
        months=months,
        month_stems=tuple(sorted(stems.items(), key=lambda pair: -len(pair[0]))),
        weekdays=weekdays,
        numbers=numbers,
        words={key: tuple(found) for key, found in words.items()},
        matcher=matcher,
        entries=entries,
    )


def _matcher(pairs: Iterable[tuple[str, str]]) -> tuple[AhoCorasick, tuple[tuple[bool, bool, frozenset[str]], ...]]:
    kinds: dict[tuple[str, bool, bool], set[str]] = {}
    for kind, word in pairs:
        kinds.setdefault((word.strip("*"), word.startswith("*"), word.endswith("*")), set()).add(kind)
    patterns = [core for core, _, _ in kinds]
    return AhoCorasick(patterns), tuple((left, right, frozenset(found)) for (_, left, right), found in kinds.items())
