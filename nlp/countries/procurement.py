"""The likely country of the buyer of a public tender that names none: that of the language, or of a town of a country that speaks it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from nlp.countries.disambiguation import HOME
from nlp.countries.fold import WORD, fold
from nlp.countries.matching import Hit
from nlp.countries.places import towns
from nlp.lexicon import load_toml
from store.model import Evidence, Kind

CUES = Path(__file__).parent.parent / "vocabulary" / "roles" / "procurement.toml"
LOOKED_AT = 20_000


@cache
def _cues(strength: str, lang: str) -> re.Pattern[str] | None:
    phrases = sorted(load_toml(CUES)[strength].get(lang, []), key=len, reverse=True)
    return re.compile("|".join(rf"(?<!\w){re.escape(phrase)}" for phrase in phrases)) if phrases else None


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
    cue = strong.search(start) or (_several(weak, start) if kind == "tender" or not hits else None)
    if cue is None:
        return None
    quote = text[cue.start() : cue.end()] if len(start) == len(text[:LOOKED_AT]) else ""
    where = (cue.start(), cue.end()) if quote else (0, 0)
    evidence = Evidence(quote=quote, start=where[0], end=where[1], rule=f"language:{lang}")
    if named:
        return max(named, key=named.count), evidence
    return _by_towns(text[:LOOKED_AT], home) or home[0], evidence


def _several(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    """The first match, when there are two: a single everyday word is no tender."""
    first = next(matches := pattern.finditer(text), None)
    return first if next(matches, None) else None


def _by_towns(text: str, home: tuple[str, ...]) -> str:
    if len(home) == 1:
        return home[0]
    known = towns(home)
    votes = Counter(
        known[name] for match in WORD.finditer(text) if match.group()[0].isupper() and (name := fold(match.group())) in known
    )
    return max(home, key=lambda code: (votes[code], -home.index(code))) if votes else ""
