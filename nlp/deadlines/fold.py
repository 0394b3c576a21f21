"""Text made easy to match: lower case, no accents, plain dashes and blanks, runs of blanks as one, with the way back to the original."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

_RUN = re.compile(r"[ \n]{2,}|[\u0300-\u036f\u00ad\u200b-\u200d\u2060\ufeff]+")
_DASHES = "‐‑‒–—―−﹣-"
_QUOTES = "’‘ʼ´`′"
_BLANKS = "\t\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"


def _fold_character(character: str) -> str:
    """One character for one character: its lower case base letter."""
    lower = character.lower()
    lower = lower[0] if lower else character
    base = unicodedata.normalize("NFD", lower)[0]
    return "σ" if base == "ς" else base


@lru_cache(maxsize=1)
def _table() -> dict[int, str]:
    blocks = (range(0x41, 0x5B), range(0xC0, 0x250), range(0x370, 0x530), range(0x1E00, 0x2000))
    table = {code: _fold_character(chr(code)) for block in blocks for code in block}
    table |= {ord(c): "-" for c in _DASHES} | {ord(c): "'" for c in _QUOTES} | {ord(c): " " for c in _BLANKS}
    table |= {ord(c): "\n" for c in "\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"}
    # full-width, Arabic, Persian, Devanagari
    table |= {zero + digit: str(digit) for zero in (0xFF10, 0x660, 0x6F0, 0x966) for digit in range(10)}
    table |= {
        ord("ł"): "l",
        ord("Ł"): "l",
        ord("ø"): "o",
        ord("Ø"): "o",
        ord("đ"): "d",
        ord("Đ"): "d",
        ord("º"): "o",
        ord("ª"): "a",
    }
    return table


def fold_word(word: str) -> str:
    """A word of the vocabulary in the form in which folded text carries it."""
    return fold(word).text


@dataclass(frozen=True, slots=True)
class Folded:
    """``text`` is folded and keeps line breaks; ``flat`` is the same with blanks for them. ``index[i]`` is the place of character
    ``i`` in the original; None when both count alike.
    """

    text: str
    flat: str
    index: list[int] | None
    length: int
    original: str

    def origin(self, start: int, end: int) -> tuple[int, int]:
        """The original offsets of ``text[start:end]``."""
        if self.index is None:
            return start, end
        if end <= start:
            place = self.index[start] if start < len(self.index) else self.length
            return place, place
        last = self.index[end] if end < len(self.index) else self.length
        # What was dropped after the last character (a second blank, a combining mark) belongs to nobody, but for marks.
        return self.index[start], last if last - self.index[end - 1] == 1 else self.index[end - 1] + 1


def fold(text: str) -> Folded:
    """Fold a text of any length in linear time."""
    plain = text.lower() if text.isascii() else text
    plain = plain.translate(_table()) if not plain.isascii() or "\r" in plain or "\t" in plain or "`" in plain else plain
    if not _RUN.search(plain):
        return Folded(plain, plain.replace("\n", " "), None, len(text), text)
    pieces: list[str] = []
    index: list[int] = []
    at = 0
    for run in _RUN.finditer(plain):
        pieces.append(plain[at : run.start()])
        index.extend(range(at, run.start()))
        if run.group()[0] in " \n":
            pieces.append("\n" if "\n" in run.group() else " ")
            index.append(run.start())
        at = run.end()
    pieces.append(plain[at:])
    index.extend(range(at, len(plain)))
    folded = "".join(pieces)
    return Folded(folded, folded.replace("\n", " "), index, len(text), text)
