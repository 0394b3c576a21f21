"""Words of a text with their places, and the one spelling under which words are compared.

Comparing ignores case, accents, zero-width and combining characters. Serbian is compared in Latin letters, whichever script it is in.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import cache
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

_JOINERS = "\u0300-\u036f\u00ad\u200b-\u200f\u2060\ufeff"
# An abbreviation with dots, else a run of letters and digits (invisible characters inside it belong to it).
WORD = re.compile(rf"(?:[A-ZΑ-ΩА-Я]\.){{2,}}(?:[A-ZΑ-ΩА-Я](?!\w))?|[^\W_][{_JOINERS}]*(?:[^\W_]+[{_JOINERS}]*)*+")
_SPECIAL = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h", "ß": "ss", "ŧ": "t", "ð": "d", "þ": "th", "ς": "σ"}
)
_SERBIAN = str.maketrans(
    dict(
        zip(
            "абвгдђежзијклљмнњопрстћуфхцчџшѓќѕ",
            [
                "a",
                "b",
                "v",
                "g",
                "d",
                "d",
                "e",
                "z",
                "z",
                "i",
                "j",
                "k",
                "l",
                "lj",
                "m",
                "n",
                "nj",
                "o",
                "p",
                "r",
                "s",
                "t",
                "c",
                "u",
                "f",
                "h",
                "c",
                "c",
                "dz",
                "s",
                "g",
                "k",
                "z",
            ],
            strict=True,
        )
    )
)


# What no plain split can take: abbreviations with dots, and (told by the table below) invisible characters inside words.
_DOTTED = re.compile(r"\.(?<=[A-ZΑ-ΩА-Я]\.)[A-ZΑ-ΩА-Я]")
_ANY = re.compile(f"({WORD.pattern})")
_BLANK = ord(" ")
_JOINER = 0
_PLANE = 0x10000


@cache
def _letters() -> NDArray[np.uint32]:
    """Each character of the basic plane by its number: letters and digits stay, joiners are marked, all else becomes a blank."""
    table = np.full(_PLANE, _BLANK, dtype="<u4")
    every = "".join(map(chr, range(_PLANE)))
    for kept in re.finditer(r"[^\W_]+", every):
        table[kept.start() : kept.end()] = range(kept.start(), kept.end())
    for joiner in re.finditer(f"[{_JOINERS}]", every):
        table[joiner.start()] = _JOINER
    return table


def split(text: str) -> tuple[Sequence[str], Sequence[int]]:
    """The words of a text, and where each begins and ends, in turn (of word ``n`` at ``2 * n`` and ``2 * n + 1``)."""
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4")
    if codes.size and codes.max() < _PLANE and not _DOTTED.search(text):
        plain = _letters().take(codes)
        if plain.min() != _JOINER:
            inside = np.zeros(codes.size + 2, dtype=bool)
            np.not_equal(plain, _BLANK, out=inside[1:-1])
            borders = (inside[1:] != inside[:-1]).nonzero()[0].tolist()
            return plain.tobytes().decode("utf-32-le").split(), borders
    pieces = _ANY.split(text)
    return pieces[1::2], list(accumulate(map(len, pieces)))


class _Folding(dict[int, str | int | None]):
    """A table for ``str.translate`` that learns each character when it meets it: letters of their own, marks and controls left out."""

    def __missing__(self, code: int) -> str | int | None:
        value: str | int | None = None if unicodedata.category(chr(code)) in ("Mn", "Cf") else code
        self[code] = value
        return value


_FOLDING = _Folding(_SPECIAL)


def fold(word: str, lang: str = "") -> str:
    """``word`` in lower case without accents and invisible characters; for ``sr`` in Latin letters."""
    folded = word.lower() if word.isascii() else unicodedata.normalize("NFKD", word).lower().translate(_FOLDING)
    if lang == "sr" and not folded.isascii():
        folded = folded.translate(_SERBIAN)
    return folded


def words(phrase: str, lang: str = "") -> tuple[str, ...]:
    """The folded words of a vocabulary phrase."""
    return tuple(fold(match.group(), lang) for match in WORD.finditer(phrase))
