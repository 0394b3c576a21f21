"""Find the words of a language's vocabulary in a folded text, in one pass over the text however many words there are."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cache

import ahocorasick_rs

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


@dataclass(frozen=True, slots=True)
class Hit:
    """A word found at ``start:end`` of the folded text."""

    word: Word
    start: int
    end: int


class Matcher:
    """The words of one choice of languages, ready to be looked for."""

    def __init__(self, words: tuple[Word, ...]) -> None:
        anchors: dict[str, list[Word]] = {}
        for word in words:
            anchors.setdefault(word.parts[0].strip("*"), []).append(word)
        self._words = list(anchors.values())
        self._rest = {id(word): _rest(word) for word in words if len(word.parts) > 1}
        self._automaton = ahocorasick_rs.AhoCorasick(list(anchors)) if anchors else None

    def find(self, folded: Folded, text: str) -> list[Hit]:
        """The hits in order of place. A hit inside a longer one is dropped: ``plastic surgery`` leaves no ``plastic``."""
        if self._automaton is None:
            return []
        plain = folded.text
        hits: list[Hit] = []
        for number, start, end in self._automaton.find_matches_as_indexes(plain, overlapping=True):
            begins = plain[start - 1] == " "
            ends = plain[end] == " "
            for word in self._words[number]:
                first = word.parts[0]
                if not begins and first[0] != "*":
                    continue
                if not ends and first[-1] != "*":
                    continue
                stop = end
                if len(word.parts) > 1:
                    after = self._rest[id(word)].match(plain, end)
                    if after is None:
                        continue
                    stop = after.end()
                if not word.weight and word.parts[-1].endswith("*"):
                    # A phrase that only silences covers its last word to the end, compounds too.
                    stop = plain.find(" ", stop)
                if word.capitals and not _in_capitals(folded, text, start, stop):
                    continue
                hits.append(Hit(word, start, stop))
        return [hit for hit in _longest(hits) if hit.word.weight and not _misled(hit, plain)]


@cache
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
    return replace(word, parts=tuple(_narrowed(part, lang) for part in word.parts))


def _narrowed(part: str, lang: str) -> str:
    """A part of a word without its leading star, and for an unknown language without the other where the part is short."""
    bare = part.strip("*")
    return bare + "*" if part.endswith("*") and (lang or len(bare) >= UNMISTAKABLE) else bare


def _rest(word: Word) -> re.Pattern[str]:
    """A pattern for what follows the first part of a phrase."""
    first = r"\S*" if word.parts[0].endswith("*") else ""
    parts = [("" if p[0] != "*" else r"\S*") + re.escape(p.strip("*")) + (r"\S*" if p[-1] == "*" else "") for p in word.parts[1:]]
    tail = "" if word.parts[-1].endswith("*") else r"(?= )"
    return re.compile(first + "".join(" " + part for part in parts) + tail)


def _longest(hits: list[Hit]) -> list[Hit]:
    """The hits that are not inside a longer hit. A weightless word silences what it covers of its own sector, and nothing else."""
    silenced: dict[str, int] = {}
    kept: list[Hit] = []
    furthest = -1
    last: tuple[int, int] = (-1, -1)
    for hit in sorted(hits, key=lambda h: (h.start, h.word.weight > 0, -h.end)):
        sector = hit.word.sector
        if not hit.word.weight:
            silenced[sector] = max(hit.end, silenced.get(sector, -1))
            continue
        if hit.end <= silenced.get(sector, -1):
            continue
        if hit.end > furthest:
            furthest = hit.end
            last = (hit.start, hit.end)
        elif (hit.start, hit.end) != last:
            continue
        kept.append(hit)
    best: dict[tuple[int, int, str], Hit] = {}
    for hit in kept:
        key = (hit.start, hit.end, hit.word.sector)
        if key not in best or best[key].word.weight < hit.word.weight:
            best[key] = hit
    return list(best.values())


def _misled(hit: Hit, plain: str) -> bool:
    """Whether the word stands in company that gives it another meaning."""
    if not hit.word.against:
        return False
    around = plain[max(0, hit.start - NEIGHBOURHOOD) : hit.end + NEIGHBOURHOOD]
    return any(f" {company.rstrip('*')}" in around for company in hit.word.against)


def _in_capitals(folded: Folded, text: str, start: int, end: int) -> bool:
    """Whether the original characters of a span are capitals."""
    begin, stop = folded.original(start, end)
    return text[begin:stop].isupper()
