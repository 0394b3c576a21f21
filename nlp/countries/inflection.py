"""From a form that stands in a text back to the form that stands in the vocabulary, by the ending tables of a language.

A paradigm says for an ending of the base form which endings may stand instead of it ("a" -> "a y e u o ou" in Czech). Tables are
data: ``[paradigms]`` and ``[adjective]`` of ``vocabulary/countries/<lang>.toml``; all endings are folded.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from nlp.countries.fold import fold

_ECLIPSES = {"mb": "b", "gc": "c", "nd": "d", "bhf": "f", "ng": "g", "bp": "p", "dt": "t", "ts": "s", "t-": "", "n-": "", "h-": ""}


@dataclass(frozen=True, kw_only=True)
class Inflection:
    """The endings of one language, turned round: ending in the text -> endings of base forms that can become it.

    ``joined``: what stands in a compound after a base, and what ends the base instead. ``lower``: an ending that makes an adjective in small letters out of a name (Hungarian "dél-afrikai").
    """

    bases: Mapping[str, tuple[str, ...]]
    adjective: frozenset[str]
    shortest: int = 3
    longest: int = 0
    mutations: bool = False
    lower: str = ""
    joined: tuple[str, ...] = ()


def read_inflection(table: Mapping[str, object], lang: str) -> Inflection:
    """The inflection of one language from its vocabulary table (all keys optional: a language may inflect nothing)."""
    paradigms = table.get("paradigms", {})
    assert isinstance(paradigms, dict)
    turned: dict[str, list[str]] = {}
    for base, forms in paradigms.items():
        for form in str(forms).split():
            ending = "" if form == "-" else fold(form, lang)
            if ending != fold(base, lang):
                turned.setdefault(ending, []).append(fold(base, lang))
    adjective = table.get("adjective", {})
    assert isinstance(adjective, dict)
    endings = {"" if e == "-" else fold(e, lang) for e in str(adjective.get("endings", "-")).split()}
    longest = max([len(e) for e in turned] + [len(e) for e in endings], default=0)
    return Inflection(
        bases={ending: tuple(bases) for ending, bases in turned.items()},
        adjective=frozenset(endings),
        longest=longest,
        lower=str(adjective.get("lower", "")),
        mutations=bool(adjective.get("mutations", False)),
        joined=tuple(fold(part, lang) for part in str(adjective.get("joined", "")).split()),
    )


def bases_of(word: str, inflection: Inflection) -> Iterator[str]:
    """``word`` itself and every base form it may come from (most of them are no words; the vocabulary decides). Folded in, folded out."""
    for start in _unmutated(word) if inflection.mutations else (word,):
        yield start
        size = len(start)
        for cut in range(min(inflection.longest, size - inflection.shortest) + 1):
            stem = start[: size - cut]
            for base in inflection.bases.get(start[size - cut :], ()):
                yield stem + base


def stems_of(word: str, inflection: Inflection) -> Iterator[str]:
    """Every stem of which ``word`` may be an adjective form."""
    for start in _unmutated(word) if inflection.mutations else (word,):
        size = len(start)
        for cut in range(min(inflection.longest, size - inflection.shortest) + 1):
            if start[size - cut :] in inflection.adjective:
                yield start[: size - cut]


def _unmutated(word: str) -> Sequence[str]:
    """An Irish word with the change of its beginning taken back: ``bhfrainc``, ``fhrainc``, ``hiodail``, ``tseapain``."""
    found = [word]
    for mutated, plain in _ECLIPSES.items():
        if word.startswith(mutated) and len(word) > len(mutated) + 1:
            found.append(plain + word[len(mutated) :])
    if len(word) > 4 and word[1] == "h" and word[0] in "bcdfgmpst":
        found.append(word[0] + word[2:])
    if len(word) > 4 and word[0] in "hnt" and word[1] in "aeiou":
        found.append(word[1:])
    return found
