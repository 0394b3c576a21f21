"""Words of a text with their places, and the one spelling under which words are compared.

Comparing ignores case, accents, zero-width and combining characters. Serbian is compared in Latin letters, whichever script it is in.
"""

from __future__ import annotations

import re
import unicodedata

JOINERS = "\u0300-\u036f\u00ad\u200b-\u200f\u2060\ufeff"
# An abbreviation with dots, else a run of letters and digits (invisible characters inside it belong to it).
WORD = re.compile(rf"(?:[A-ZΑ-ΩА-Я]\.){{2,}}(?:[A-ZΑ-ΩА-Я](?!\w))?|[^\W_][{JOINERS}]*(?:[^\W_]+[{JOINERS}]*)*+")
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
    if phrase.isascii() and phrase.isalpha():
        return (phrase.lower(),)
    return tuple(fold(match.group(), lang) for match in WORD.finditer(phrase))
