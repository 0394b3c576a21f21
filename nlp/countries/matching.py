"""Find in a text, word by word and in linear time, everything that a gazetteer knows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from nlp.countries.index import Entry, Gazetteer, Word
from nlp.countries.splitting import split

_LOOSE = frozenset(" -–—‑'’`\u00a0\u202f\n\r\t/")


@dataclass(kw_only=True, slots=True)
class Hit:
    """Something found: ``first`` and ``last`` are word numbers, ``start`` and ``end`` offsets. ``kind`` as in ``Entry``, or ``city``."""

    first: int
    last: int
    start: int
    end: int
    code: str
    kind: str
    name: str
    rule: str = ""
    role: str = ""


@dataclass(kw_only=True, slots=True)
class Found:
    """A text read against a gazetteer: its words, their borders and how many are two capitals (see ``splitting.Words``), and
    the hits in order.
    """

    text: str
    raws: Sequence[str]
    borders: Sequence[int]
    short: int
    hits: list[Hit]

    def gap(self, number: int) -> str:
        """The text between word ``number`` and the next one; "" at the end."""
        if 0 <= number < len(self.raws) - 1:
            return self.text[self.borders[2 * number + 1] : self.borders[2 * number + 2]]
        return ""

    def raw(self, number: int) -> str:
        """The word as it stands in the text, "" outside of it."""
        return self.raws[number] if 0 <= number < len(self.raws) else ""

    def start(self, number: int) -> int:
        """Where word ``number`` begins in the text."""
        return self.borders[2 * number]

    def end(self, number: int) -> int:
        """Where word ``number`` ends in the text."""
        return self.borders[2 * number + 1]


def find(text: str, gazetteer: Gazetteer) -> Found:
    """Every longest, non-overlapping hit. Phrases that only look like countries are hits of kind ``not``."""
    words = split(text)
    found = Found(text=text, raws=words.raws, borders=words.borders, short=words.short(), hits=[])
    taken = -1
    for number, word in gazetteer.beginnings_in(words):
        if number <= taken:
            continue
        hit = _longest(found, number, word, gazetteer)
        if hit is not None:
            found.hits.append(hit)
            taken = hit.last
    return found


def _longest(found: Found, number: int, word: Word, gazetteer: Gazetteer) -> Hit | None:
    best: Entry | None = None
    raw = found.raws[number]
    after = gazetteer.look_up(found.raw(number + 1)) if _joined(found, number) else None
    for base in word.bases:
        if after is not None:
            for entry in gazetteer.phrases.get(base, ()):
                if best is not None and len(entry.words) < len(best.words):
                    break
                second = entry.words[1]
                if second not in after.bases and second not in after.stems:
                    continue
                if (best is None or _better(entry, best, raw)) and _fits(found, number, entry, word, gazetteer):
                    best = entry
        if best is None or len(best.words) == 1:
            for entry in gazetteer.heads.get(base, ()):
                if (best is None or _better(entry, best, raw)) and _fits(found, number, entry, word, gazetteer):
                    best = entry
    if best is None or len(best.words) == 1:
        for stem in word.stems:
            for entry in gazetteer.stems.get(stem, ()):
                if (best is None or len(stem) > len(best.words[0])) and (word.capital or not entry.capital):
                    if entry.marked and raw.isascii():
                        continue
                    best = entry
    if best is not None:
        return _hit(found, number, len(best.words), best.code, best.kind, " ".join(best.words))
    if word.city:
        return _hit(found, number, 1, "", "city", word.city)
    return None


def _better(entry: Entry, best: Entry, raw: str) -> bool:
    """The longer entry wins; between equals the one that stands in the text as it is in the vocabulary, then the one first told."""
    return len(entry.words) > len(best.words) or (entry.words[0] == raw.lower() and best.words[0] != raw.lower())


def _fits(found: Found, number: int, entry: Entry, word: Word, gazetteer: Gazetteer) -> bool:
    lower = gazetteer.inflection.lower
    last = number + len(entry.words) - 1
    if last >= len(found.raws):
        return False
    if entry.marked and found.raw(number).isascii():
        return False
    if entry.exact and not _written(found, number, last, entry):
        return False
    if entry.capital and not word.capital and not (lower and found.raw(last).endswith(lower) and entry.kind in ("name", "place")):
        return False
    if entry.ends and found.raw(last)[:1].islower() and not (lower and found.raw(last).endswith(lower)):
        return False
    for offset, wanted in enumerate(entry.words[1:], start=1):
        here = gazetteer.look_up(found.raws[number + offset])
        if here is None or not _joined(found, number + offset - 1):
            return False
        if wanted in here.bases:
            continue
        if not (entry.stem and offset == len(entry.words) - 1 and wanted in here.stems):
            return False
    return True


def _written(found: Found, first: int, last: int, entry: Entry) -> bool:
    """An abbreviation stands in capitals, and two letters do not count where everything around is in capitals."""
    raw = found.text[found.start(first) : found.end(last)]
    if not raw.isupper():
        return False
    if len(raw) > 2 or "." in raw:
        return True
    around = found.raw(first - 1), found.raw(last + 1)
    return not all(word.isupper() and len(word) > 1 for word in around if word) or not any(around)


def _joined(found: Found, number: int) -> bool:
    gap = found.gap(number)
    if len(gap) <= 3 and all(c in _LOOSE for c in gap):
        return True
    return gap.startswith(".") and len(gap) <= 2 and len(found.raw(number)) <= 3


def _hit(found: Found, number: int, size: int, code: str, kind: str, name: str) -> Hit:
    last = number + size - 1
    return Hit(first=number, last=last, start=found.start(number), end=found.end(last), code=code, kind=kind, name=name)
