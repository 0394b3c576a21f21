"""The likely country of the buyer of a public tender that names none: that of the language, or of a town of a country that speaks it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from nlp.countries.disambiguation import HOME
from nlp.countries.matching import Hit
from nlp.lexicon import load_toml
from store.model import Evidence, Kind

CUES = Path(__file__).parent.parent / "vocabulary" / "roles" / "procurement.toml"
LOOKED_AT = 20_000


@cache
def _cues(lang: str) -> re.Pattern[str] | None:
    table = load_toml(CUES)
    phrases = sorted(table.get(lang, []), key=len, reverse=True)
    return re.compile("|".join(rf"(?<!\w){re.escape(p)}" for p in phrases)) if phrases else None


def likely_buyer(text: str, lang: str, hits: Sequence[Hit], kind: Kind | None) -> tuple[str, Evidence] | None:
    """(country, evidence) when ``text`` is a tender in a language at home somewhere, and it says no buyer; None otherwise."""
    home = HOME.get(lang, ())
    pattern = _cues(lang)
    if not home or pattern is None:
        return None
    cue = pattern.search(text[:LOOKED_AT].lower())
    if cue is None and kind != "tender":
        return None
    evidence = Evidence(
        quote=text[cue.start() : cue.end()] if cue else "",
        start=cue.start() if cue else 0,
        end=cue.end() if cue else 0,
        rule=f"language:{lang}",
    )
    named = [hit.code for hit in hits if hit.code in home]
    if named:
        return max(named, key=named.count), evidence
    return home[0], evidence
