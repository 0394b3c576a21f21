"""The last resort for an English text that names no country: the offices, parties and money it speaks of."""

from __future__ import annotations

from collections import Counter
from functools import cache

from ahocorasick_rs import AhoCorasick, MatchKind

from nlp.countries.places import PLACES
from nlp.lexicon import load_toml
from store.model import Evidence

# A text shorter than this says too little about where it is at home.
SHORTEST = 200
LOOKED_AT = 20_000
WORDS_NEEDED = 2


@cache
def _words() -> tuple[AhoCorasick, tuple[tuple[str, str], ...]]:
    pairs = tuple((word, code) for code, words in load_toml(PLACES / "institutions.toml").items() for word in words)
    return AhoCorasick([word for word, _ in pairs], matchkind=MatchKind.LeftmostLongest), pairs


def institution_country(text: str, lang: str) -> tuple[str, Evidence] | None:
    """(country, evidence) when at least two different words of one country, and of no other as many, stand in ``text``; else None."""
    if lang != "en" or len(text) < SHORTEST:
        return None
    start = text[:LOOKED_AT]
    automaton, pairs = _words()
    seen: dict[str, tuple[int, int]] = {}
    for which, begin, end in automaton.find_matches_as_indexes(start):
        if (begin and start[begin - 1].isalnum()) or (end < len(start) and start[end].isalnum()):
            continue
        seen.setdefault(pairs[which][0], (begin, end))
    owners = dict(pairs)
    votes = Counter(owners[word] for word in seen).most_common(2)
    if not votes or votes[0][1] < WORDS_NEEDED or (len(votes) > 1 and votes[1][1] == votes[0][1]):
        return None
    begin, end = next(place for word, place in seen.items() if owners[word] == votes[0][0])
    return votes[0][0], Evidence(quote=start[begin:end], start=begin, end=end, rule=f"institution:{votes[0][0].lower()}")
