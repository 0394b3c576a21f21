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


@cache
def _cues(strength: str, lang: str) -> AhoCorasick | None:
    phrases = load_toml(CUES)[strength].get(lang, [])
    return AhoCorasick(phrases, implementation=Implementation.DFA) if phrases else None


def _beginnings(automaton: AhoCorasick, text: str) -> list[tuple[int, int]]:
    """Where a cue stands at the beginning of a word."""
    return [(start, end) for _, start, end in automaton.find_matches_as_indexes(text) if not (start and text[start - 1].isalnum())]


def likely_buyer(text: str, lang: str, hits: Sequence[Hit], kind: Kind | None) -> tuple[str, Evidence] | None:
    """(country, evidence) when ``text`` is a tender in a language at home somewhere, and it says no buyer; None otherwise.

    English says nothing about where a buyer is, so it has no cues. A language with several homes is told apart by their towns.
    """
    home = HOME.get(lang, ())
    strong, weak = _cues("strong", lang), _cues("weak", lang)
    if not home or strong is None or weak is None or kind not in (None, "tender"):
        return None
    start = text[:LOOKED_AT].lower()
    named = [hit.code for hit in hits if hit.code in home]
    cues = _beginnings(strong, start)
    if not cues and (kind == "tender" or not hits):
        cues = _beginnings(weak, start)
        if len(cues) < 2 and kind != "tender":  # a single everyday word is no tender
            return None
    if not cues and kind != "tender":
        return None
    where = cues[0] if cues and len(start) == len(text[:LOOKED_AT]) else (0, 0)
    evidence = Evidence(quote=text[where[0] : where[1]], start=where[0], end=where[1], rule=f"language:{lang}")
    if named:
        return max(named, key=named.count), evidence
    return _by_towns(text[:LOOKED_AT], home) or home[0], evidence


def _by_towns(text: str, home: tuple[str, ...]) -> str:
    if len(home) == 1:
        return home[0]
    known = towns(home)
    votes = Counter(
        known[name] for match in WORD.finditer(text) if match.group()[0].isupper() and (name := fold(match.group())) in known
    )
    return max(home, key=lambda code: (votes[code], -home.index(code))) if votes else ""
