"""What only looks like a country: a language, a person, a headline in capitals, the publisher's own address."""

from __future__ import annotations

from functools import cache

from nlp.countries.fold import fold
from nlp.countries.index import Gazetteer
from nlp.countries.matching import Found, Hit
from nlp.countries.places import PLACES, persons
from nlp.lexicon import load_toml, words_of


@cache
def contexts() -> dict[str, frozenset[str]]:
    """The words around names of ``places/contexts.toml``, folded."""
    table = load_toml(PLACES / "contexts.toml")
    return {key: frozenset(fold(word) for word in words_of(value)) for key, value in table.items()}


def quiet_names(found: Found) -> frozenset[str]:
    """The names that stand somewhere with a capital that says something, because not all around is in capitals."""
    return frozenset(hit.name for hit in found.hits if not shouted(found, hit))


def shouted(found: Found, hit: Hit) -> bool:
    """Whether the hit and the words beside it are all in capitals."""
    around = [word for word in (found.raw(hit.first - 1), found.raw(hit.last + 1)) if len(word) > 1]
    return found.raw(hit.first).isupper() and bool(around) and all(word.isupper() for word in around)


def is_language(found: Found, hit: Hit, gazetteer: Gazetteer) -> bool:
    """Whether an adjective names a language here ("in English", "English speaking")."""
    after, before = fold(found.raw(hit.last + 1), gazetteer.lang), fold(found.raw(hit.first - 1), gazetteer.lang)
    gap = found.gap(hit.last)
    near = len(gap) <= 2 and not set(gap) & set(",;:.()")
    words = gazetteer.language_words
    if near and after in words:
        return True
    if gazetteer.lang != "en" and before in words and len(found.gap(hit.first - 1)) <= 2:
        return True
    if (
        gazetteer.lang == "de"
        and before in gazetteer.language_before
        and found.raw(hit.first)[:1].isupper()
        and hit.kind == "adjective"
    ):
        return True
    if hit.kind == "adjective" and before in gazetteer.language_before and len(found.gap(hit.first - 1)) <= 1:
        return not after or not near or after in contexts()["connectives"]
    return False


def is_person(found: Found, hit: Hit, previous: Hit | None, after: Hit | None) -> bool:
    """Whether a place is a part of a person's name here ("Michael Jordan", "Chad Smith"). ``previous`` and ``after`` are the hits to
    either side.
    """
    table = persons()
    before = found.raw(hit.first - 1)
    if hit.kind in ("adjective", "people"):
        folded = fold(before)
        named = folded in table.given and folded != "christian" and (previous is None or previous.last != hit.first - 1)
        return hit.first == hit.last and named and found.raw(hit.first)[:1].isupper() and found.gap(hit.first - 1) == " "
    if hit.first == hit.last and before[:1].isupper() and found.gap(hit.first - 1) in (" ", ". "):
        folded = fold(before.rstrip("."))
        place = previous is not None and previous.last == hit.first - 1 and previous.kind != "town"
        if folded in table.given and found.gap(hit.first - 1) == " " and (not place or folded == "virginia"):
            return True
        if folded in table.titles:
            return True
    if hit.name in table.given_places and fold(before) in contexts()["kin"] and found.gap(hit.first - 1) == " ":
        return True
    if hit.name in table.given_places and found.gap(hit.last) == " ":
        word = found.raw(hit.last + 1)
        folded = fold(word)
        beside = after is not None and after.first == hit.last + 1 and after.kind != "town"
        if word[:1].isupper() and not word.isupper() and len(word) > 2 and not beside:
            title = folded in contexts()["after_place"]
            return not title and found.raw(hit.first - 1).lower() not in contexts()["place_before"]
    return False


def is_called_after(found: Found, hit: Hit) -> bool:
    """Whether a street, a school or a quarter only bears the name of a country or a city ("Lebanon High School", "Little Italy")."""
    if hit.kind not in ("name", "city", "place", "town"):
        return False
    before, after = found.raw(hit.first - 1), found.raw(hit.last + 1)
    if before[:1].isupper() and fold(before) in contexts()["called_after"] and found.gap(hit.first - 1) == " ":
        return True
    if found.gap(hit.last) != " " or not after[:1].isupper():
        return False
    return fold(after) in contexts()["streets"] or (hit.kind == "name" and fold(after) in contexts()["named_after"])


@cache
def _footer_cues() -> tuple[str, ...]:
    return tuple(load_toml(PLACES / "contexts.toml")["footer"])


def in_footer(text: str) -> list[tuple[int, int]]:
    """The spans of the lines, among the last ones of a text of several, that give the publisher's own address."""
    cues = _footer_cues()
    lines = text.splitlines(keepends=True)
    if len(lines) < 2:
        return []
    spans, end = [], len(text)
    for line in reversed(lines[max(1, len(lines) - 6) :]):
        if line.strip().lower().startswith(cues):
            spans.append((end - len(line), end))
        end -= len(line)
    return spans
