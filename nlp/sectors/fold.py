"""The spelling under which sector words and texts are compared, and the way back to the publisher's own characters.

Case, accents and punctuation do not count; one character of a text becomes one character of the folded text, so that offsets stay.
Only where a text carries invisible or combining characters or runs of blanks is a table of offsets made.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

# Letters that Unicode does not take apart; each must become one letter, or offsets would move.
_LETTERS = {"ß": "s", "ł": "l", "ø": "o", "đ": "d", "ð": "d", "ħ": "h", "ŧ": "t", "æ": "a", "œ": "o", "ı": "i", "ς": "σ", "þ": "t"}
_RANGES = ((0x20, 0x590), (0x1E00, 0x2100))
_INVISIBLE = "\u0300-\u036f\u00ad\u200b-\u200f\u2060\ufeff"
_UNEVEN = re.compile(rf"[{_INVISIBLE}]|[ ]{{2,}}")


def _one(char: str) -> str:
    """The folded form of one character: a letter or digit in its plainest lower case, else a blank."""
    if re.match(rf"[{_INVISIBLE}]", char):
        return char
    low = char.lower()[:1]
    low = _LETTERS.get(low, low)
    base = unicodedata.normalize("NFKD", low)[:1]
    base = _LETTERS.get(base, base)
    return base if base.isalnum() else " "


_TABLE = {code: _one(chr(code)) for low, high in _RANGES for code in range(low, high)}
# Control characters, wide blanks, and halves of surrogate pairs that no matcher can read.
_TABLE |= {code: " " for code in (*range(0x20), 0x3000, 0xFF0C, *range(0xD800, 0xE000))}


@dataclass(frozen=True, slots=True)
class Folded:
    """A folded text with a blank on either side; ``offsets`` gives the original place of each character (None: place + 1)."""

    text: str
    offsets: tuple[int, ...] | None

    def original(self, start: int, end: int) -> tuple[int, int]:
        """The span of the original text for a span of ``text``."""
        if self.offsets is None:
            return start - 1, end - 1
        return self.offsets[start], self.offsets[end - 1] + 1


def fold(word: str) -> str:
    """``word`` as it is compared: lower case, no accents, words apart by one blank."""
    return " ".join(re.sub(rf"[{_INVISIBLE}]", "", unicodedata.normalize("NFC", word).translate(_TABLE)).split())


def fold_text(text: str) -> Folded:
    """``text`` folded, with the way back to its offsets."""
    plain = text.translate(_TABLE)
    if not _UNEVEN.search(plain):
        return Folded(f" {plain} ", None)
    chars: list[str] = [" "]
    offsets: list[int] = [0]
    for place, char in enumerate(plain):
        if char == " " and chars[-1] == " ":
            continue
        if char == " " or char.isalnum():
            chars.append(char)
            offsets.append(place)
    chars.append(" ")
    offsets.append(len(text))
    return Folded("".join(chars), tuple(offsets))
