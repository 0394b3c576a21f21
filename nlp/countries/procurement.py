"""The likely country of the buyer of a public tender that names none: that of the language, or of a town of a country that speaks it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from ahocorasick_rs import AhoCorasick, Implementation

from nlp.countries.fold import WORD, fold
from nlp.countries.home import HOME
from nlp.countries.matching import Hit
from nlp.countries.places import towns
from nlp.lexicon import load_toml
from store.model import Evidence, Kind

CUES = Path(__file__).parent.parent / "vocabulary" / "roles" / "procurement.toml"
LOOKED_AT = 20_000
TITLE = 200


@cache
def _cues(strength: str, lang: str) -> AhoCorasick | None:
    phrases = load_toml(CUES)[strength].get(lang, [])
    return AhoCorasick(phrases, implementation=Implementation.DFA) if phrases else None


def _beginnings(automaton: AhoCorasick, text: str) -> list[tuple[int, int]]:
    """Where a cue stands at the beginning of a word."""
    return [(start, end) for _, start, end in automaton.find_matches_as_indexes(text) if not (start and text[start - 1].isalnum())]


def likely_buyer(text: str, lowered: str, lang: str, hits: Sequence[Hit], kind: Kind | None) -> tuple[str, Evidence] | None:
    """(country, evidence) when ``text`` is a tender in a language at home somewhere, and it says no buyer; None otherwise.

    ``lowered`` is ``text.lower()``. A language with several homes is told apart by signs of their buyers, then by their towns; English needs the strong cues.
    """
    home = HOME.get(lang, ())
    strong, usual, weak = (_cues(level, lang) for level in ("strong", "usual", "weak"))
    if not home or strong is None or weak is None or kind not in (None, "tender"):
        return None
    start = lowered[:LOOKED_AT] if len(lowered) == len(text) else text[:LOOKED_AT].lower()
    named = [hit.code for hit in hits if hit.code in home]
    cues = _beginnings(strong, start)
    if not cues and (kind == "tender" or not hits):
        told = _beginnings(usual, start) if usual else []
        cues = sorted({*told, *_beginnings(weak, start)})
        line = text.find("\n") if "\n" in text else len(text)
        titled = _is_title(text[:line]) and (line == len(text) or any(begin < line for begin, _ in told))
        needed = 1 if titled else 2  # a single everyday word in a sentence is no tender
        if len({begin for begin, _ in cues}) < needed and kind != "tender":
            return None
    if not cues and kind != "tender":
        return None
    where = cues[0] if cues and len(start) == len(text[:LOOKED_AT]) else (0, 0)
    evidence = Evidence(quote=text[where[0] : where[1]], start=where[0], end=where[1], rule=f"language:{lang}")
    if named:
        return max(named, key=named.count), evidence
    return _by_signs(start, home) or _by_towns(text[:LOOKED_AT], home) or home[0], evidence


def _is_title(text: str) -> bool:
    """Whether ``text`` does not end as a sentence does."""
    line = text.strip()
    return len(line) < TITLE and line[-1:] not in (".", "!", "?", "…", '"', "”", "»", "“")


@cache
def _signs() -> tuple[AhoCorasick, tuple[tuple[str, bool], ...]]:
    """All signs, and of each the country and whether it may stand inside a word."""
    pairs = [(sign, code) for code, signs in load_toml(CUES)["signs"].items() for sign in signs]
    automaton = AhoCorasick([sign.removeprefix("*") for sign, _ in pairs], implementation=Implementation.DFA)
    return automaton, tuple((code, sign.startswith("*")) for sign, code in pairs)


def _by_signs(lowered: str, home: tuple[str, ...]) -> str:
    """The country of ``home`` of which most different signs stand in the text, "" for none; the first home has no signs of its own."""
    automaton, owners = _signs()
    seen = {
        which
        for which, start, _ in automaton.find_matches_as_indexes(lowered, overlapping=True)
        if owners[which][0] in home and (owners[which][1] or not (start and lowered[start - 1].isalnum()))
    }
    votes = Counter(owners[which][0] for which in seen)
    return max(votes, key=lambda code: (votes[code], -home.index(code)), default="")


def _by_towns(text: str, home: tuple[str, ...]) -> str:
    if len(home) == 1:
        return home[0]
    known = towns(home)
    votes = Counter(
        known[name] for match in WORD.finditer(text) if match.group()[0].isupper() and (name := fold(match.group())) in known
    )
    return max(home, key=lambda code: (votes[code], -home.index(code))) if votes else ""
