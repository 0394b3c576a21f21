"""The spelling under which sector words and texts are compared, and the way back to the publisher's own characters.

Case, accents and punctuation do not count. One character of a text becomes one character of the folded text, a blank where it is no
letter or digit; runs of blanks become one, invisible and combining characters go, and the place of each character left is kept.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache

import numpy as np
from numpy.typing import NDArray

# Letters that Unicode does not take apart; each must become one letter, or offsets would move.
_LETTERS = {"ß": "s", "ł": "l", "ø": "o", "đ": "d", "ð": "d", "ħ": "h", "ŧ": "t", "æ": "a", "œ": "o", "ı": "i", "ς": "σ", "þ": "t"}
_RANGES = ((0x20, 0x590), (0x1E00, 0x2100))
_INVISIBLE = re.compile("[\u0300-\u036f\u00ad\u200b-\u200f\u2060\ufeff]")
_BLANK = ord(" ")
_LEFT_OUT = 0
_PLANE = 0x10000


def _one(char: str) -> str:
    """The folded form of one character: a letter or digit in its plainest lower case, else a blank; "" for what is left out."""
    if _INVISIBLE.match(char):
        return ""
    low = char.lower()[:1]
    low = _LETTERS.get(low, low)
    base = unicodedata.normalize("NFKD", low)[:1]
    base = _LETTERS.get(base, base)
    return base if base.isalnum() else " "


_TABLE = {code: _one(chr(code)) for low, high in _RANGES for code in range(low, high)}
# Control characters, wide blanks, and halves of surrogate pairs that no matcher can read.
_TABLE |= {code: " " for code in (*range(0x20), 0x1680, 0x3000, 0xFF0C, *range(0xD800, 0xE000))}


@cache
def _table() -> NDArray[np.unsignedinteger]:
    """The folded form of every character of the basic plane by its number."""
    table = np.zeros(_PLANE, dtype="<u4")
    every = "".join(map(chr, range(_PLANE)))
    for run in re.finditer(r"[^\W_]+|[\W_]", every):
        low, high = run.span()
        table[low:high] = range(low, high) if high > low + 1 else _elsewhere(low)
    for code, plain in _TABLE.items():
        table[code] = ord(plain or "\0")
    return table


def _elsewhere(code: int) -> int:
    """The folded form of a character out of the ranges: letters stay, marks and invisible characters are left out."""
    char = chr(code)
    if char.isalnum():
        return code
    return _LEFT_OUT if unicodedata.category(char) in ("Mn", "Mc", "Me", "Cf") else _BLANK


class Folded:
    """A folded text with a blank on either side, and the way back to the text it was made of."""

    __slots__ = ("_places", "text")

    def __init__(self, text: str, places: NDArray[np.intp] | None) -> None:
        """``places`` are the original places of the characters of ``text`` between its first and last (None: one for one)."""
        self.text = text
        self._places = places

    def place(self, start: int) -> int:
        """Where the character ``start`` of ``text`` stands in the original text."""
        return start - 1 if self._places is None else self._places.item(start - 1)

    def original(self, start: int, end: int) -> tuple[int, int]:
        """The span of the original text for a span of ``text`` that begins and ends with a letter or digit."""
        return self.place(start), self.place(end - 1) + 1


def fold(word: str) -> str:
    """``word`` as it is compared: lower case, no accents, words apart by one blank."""
    return " ".join(unicodedata.normalize("NFC", word).translate(_TABLE).split())


def fold_text(text: str) -> Folded:
    """``text`` folded, with the way back to its offsets."""
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4")
    if not codes.size:
        return Folded("  ", None)
    if codes.max() < _PLANE:
        folded = _table()[codes]
    else:
        folded = np.array([_table()[code] if code < _PLANE else _elsewhere(code) for code in codes.tolist()], dtype="<u4")
    blank = folded == _BLANK
    keep = folded != _LEFT_OUT
    places: NDArray[np.intp] | None = None
    if not keep.all():
        places = keep.nonzero()[0]
        folded, blank = folded[places], blank[places]
    again = blank[1:] & blank[:-1]
    if again.any():
        once = np.concatenate(([True], ~again)).nonzero()[0]
        folded = folded[once]
        places = once if places is None else places[once]
    return Folded(f" {folded.tobytes().decode('utf-32-le')} ", places)
