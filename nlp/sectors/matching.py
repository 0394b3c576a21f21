"""Find the words of a language's vocabulary in a folded text, in one pass over the text however many words there are."""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

import ahocorasick_rs

from nlp.lasting import lasting
from nlp.sectors.fold import Folded
from nlp.sectors.vocabulary import EVERYWHERE, Word, sectors

# Languages that read each other's words, for texts in a language that has no vocabulary of its own, or little.
RELATIVES = {
    "nb": ("da", "sv"),
    "nn": ("da", "sv"),
    "no": ("da", "sv"),
    "is": ("da",),
    "sr": ("hr", "bg"),
    "bs": ("hr",),
    "mk": ("bg",),
    "uk": ("bg",),
    "ru": ("bg",),
    "ca": ("es",),
    "gl": ("es", "pt"),
    "lb": ("de", "fr"),
    "mt": ("en",),
    "ga": ("en",),
    "cs": ("sk",),
    "sk": ("cs",),
    "hr": ("sl",),
    "sl": ("hr",),
}
# Languages that write compounds as one word: a word that many languages share may stand inside one of theirs.
COMPOUNDING = frozenset({"da", "de", "et", "fi", "hu", "is", "lb", "nb", "nl", "nn", "no", "sv"})
# In a text whose language is unknown a word may end otherwise only if it is as long as this; a shorter one must stand alone.
UNMISTAKABLE = 7
# In such a text a word or phrase shorter than this is too likely to be another language's word for something else.
TELLING = 5
# How far from a word its company is looked for, in characters.
NEIGHBOURHOOD = 160


class Hit(NamedTuple):
    """A word found at ``start:end`` of the folded text."""

    word: Word
    start: int
    end: int


class _Spelling(NamedTuple):
    """How one word is found after the automaton has found its letters.

    ``number`` is its place in the vocabulary, ``anchor`` the length of its first part. ``beyond`` is for words that are not found yet
    with their letters: what must follow (None: nothing), whether the hit reaches to the end of its last word, whether it must stand in
    capitals.
    """

    weighs: bool
    anchor: int
    number: int
    word: Word
    beyond: tuple[re.Pattern[str] | None, bool, bool] | None


class Matcher:
    """The words of one choice of languages, ready to be looked for.

    The automaton looks for the letters of each word up to its first star, with the blanks around them, so that what it finds is
    nearly always a hit.
    """

    def __init__(self, words: tuple[Word, ...]) -> None:
        spelled: dict[str, list[_Spelling]] = {}
        for number, word in enumerate(words):
            letters, rest = _spell(word)
            whole = word.parts[-1].endswith("*") and (len(word.parts) > 1 or not word.weight)
            anchor = len(word.parts[0].strip("*"))
            beyond = (rest, whole, word.capitals) if rest or whole or word.capitals else None
            spelled.setdefault(letters, []).append(_Spelling(word.weight > 0, anchor, number, word, beyond))
        self._spellings = [(letters[0] == " ", letters[-1] == " ", found) for letters, found in spelled.items()]
        self._automaton = ahocorasick_rs.AhoCorasick(list(spelled)) if spelled else None

    def find(self, folded: Folded, text: str) -> list[Hit]:
        """The hits in order of place. A hit inside a longer one is dropped: ``plastic surgery`` leaves no ``plastic``."""
        if self._automaton is None:
            return []
        plain = folded.text
        found: list[tuple[int, bool, int, int, int, Word]] = []
        listed = self._spellings
        for which, start, end in self._automaton.find_matches_as_indexes(plain, overlapping=True):
            blank_before, blank_after, spellings = listed[which]
            start += blank_before
            for weighs, anchor, number, word, beyond in spellings:
                stop = end - blank_after
                if beyond is not None:
                    rest, whole, capitals = beyond
                    if rest is not None:
                        after = rest.match(plain, end)
                        if after is None:
                            continue
                        stop = after.end()
                    if whole:
                        stop = plain.find(" ", stop)
                    if capitals and not _in_capitals(folded, text, start, stop):
                        continue
                found.append((start, weighs, -stop, anchor, number, word))
        found.sort()
        return [hit for hit in _longest(found) if not hit.word.against or not _misled(hit, plain)]


@cache
@lasting
def matcher(lang: str) -> Matcher:
    """The matcher for texts in ``lang``; "" (unknown) looks for the words of every language."""
    every = [word for sector in sectors().values() for word in sector.words]
    known = {word.lang for word in every}
    if not lang:
        chosen = known
    else:
        chosen = {EVERYWHERE, lang, *RELATIVES.get(lang, ())}
        if not chosen & (known - {EVERYWHERE}):
            chosen |= {"en"}
    if not lang:
        every = [word for word in every if len("".join(word.parts).strip("*")) >= TELLING]
    return Matcher(tuple(_read_in(lang, word) for word in every if word.lang in chosen))


def _read_in(lang: str, word: Word) -> Word:
    """The word as it is looked for in a text in ``lang``: a foreign one never fires inside a word ("båt" in "debated")."""
    if word.lang == lang or (word.lang == EVERYWHERE and lang in COMPOUNDING) or "*" not in "".join(word.parts):
        return word
    return word._replace(parts=tuple(_narrowed(part, lang) for part in word.parts))


def _narrowed(part: str, lang: str) -> str:
    """A part of a word without its leading star, and for an unknown language without the other where the part is short."""
    bare = part.strip("*")
    return bare + "*" if part.endswith("*") and (lang or len(bare) >= UNMISTAKABLE) else bare


def _spell(word: Word) -> tuple[str, re.Pattern[str] | None]:
    """The letters of a word up to its first inner star, with the blanks around them, and a pattern for what follows (None: nothing)."""
    parts = word.parts
    letters = ("" if parts[0].startswith("*") else " ") + parts[0].strip("*")
    for place, part in enumerate(parts):
        following = parts[place + 1 :]
        if part.endswith("*"):
            return letters, _rest(r"\S*", following) if following else None
        if not following:
            return letters + " ", None
        letters += " "
        if following[0].startswith("*"):
            return letters, _rest("", following)
        letters += following[0].strip("*")
    raise ValueError(f"the word {word.text!r} has no parts")


def _rest(first: str, parts: tuple[str, ...]) -> re.Pattern[str]:
    """A pattern for the last parts of a phrase, after ``first``; with no ``first`` the blank before them is found already."""
    starred = [("" if p[0] != "*" else r"\S*") + re.escape(p.strip("*")) + (r"\S*" if p[-1] == "*" else "") for p in parts]
    joined = " ".join(starred)
    tail = "" if parts[-1].endswith("*") else r"(?= )"
    return re.compile((f"{first} " if first else "") + joined + tail)


def _longest(found: list[tuple[int, bool, int, int, int, Word]]) -> list[Hit]:
    """The hits that are not inside a longer hit, from sorted (start, weighs, -end, ...). A weightless word silences what it covers of
    its own sector, and nothing else.
    """
    silenced: dict[str, int] = {}
    best: dict[tuple[int, int, str], Hit] = {}
    furthest = -1
    last: tuple[int, int] = (-1, -1)
    for start, weighs, end, _, _, word in found:
        end = -end
        if not weighs:
            silenced[word.sector] = max(end, silenced.get(word.sector, -1))
            continue
        if end <= silenced.get(word.sector, -1):
            continue
        if end > furthest:
            furthest = end
            last = (start, end)
        elif (start, end) != last:
            continue
        key = (start, end, word.sector)
        other = best.get(key)
        if other is None or other.word.weight < word.weight:
            best[key] = Hit(word, start, end)
    return list(best.values())


def _misled(hit: Hit, plain: str) -> bool:
    """Whether a word stands in company that gives it another meaning."""
    around = plain[max(0, hit.start - NEIGHBOURHOOD) : hit.end + NEIGHBOURHOOD]
    return any(f" {company.rstrip('*')}" in around for company in hit.word.against)


def _in_capitals(folded: Folded, text: str, start: int, end: int) -> bool:
    """Whether the original characters of a span are capitals."""
    begin, stop = folded.original(start, end)
    return text[begin:stop].isupper()
