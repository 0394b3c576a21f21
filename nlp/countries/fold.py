"""Words of a text with their places, and the one spelling under which words are compared.

Comparing ignores case, accents, zero-width and combining characters. Serbian is compared in Latin letters, whichever script it is in.
"""

from __future__ import annotations

import re
import unicodedata

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


# The plain way, for texts without invisible characters and dotted abbreviations: several times as quick.
_PLAIN = re.compile(r"[^\W_]+")
_NO_UNDERLINE = re.compile(r"\w+")
_RARE = re.compile(rf"[{_JOINERS}]|[A-ZΑ-ΩА-Я]\.[A-ZΑ-ΩА-Я]")


def split(text: str) -> list[re.Match[str]]:
    """The words of a text as matches."""
    if _RARE.search(text):
        return list(WORD.finditer(text))
    return list((_PLAIN if "_" in text else _NO_UNDERLINE).finditer(text))


def fold(word: str, lang: str = "") -> str:
    """``word`` in lower case without accents and invisible characters; for ``sr`` in Latin letters."""
    if word.isascii():
        folded = word.lower()
    else:
        plain = unicodedata.normalize("NFKD", word).lower().translate(_SPECIAL)
        folded = "".join(c for c in plain if unicodedata.category(c) not in ("Mn", "Cf"))
    if lang == "sr" and not folded.isascii():
        folded = folded.translate(_SERBIAN)
    return folded


def words(phrase: str, lang: str = "") -> tuple[str, ...]:
    """The folded words of a vocabulary phrase."""
    return tuple(fold(match.group(), lang) for match in WORD.finditer(phrase))
