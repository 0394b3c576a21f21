"""A text as words, quickly: where each begins and ends, and in which bucket its beginning falls.

Nearly all words of a text begin nothing that a gazetteer knows. A word's first letters, folded, give the number of a bucket; a
gazetteer keeps one bit for each, so that a text's words are sieved in a few steps of numpy and few of them are ever looked up.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import accumulate
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nlp.countries.fold import JOINERS, WORD, fold

# How many letters of a word choose its bucket: as many as no ending of a language changes (``Inflection.shortest``).
FIRST = 3
# What no plain split can take: abbreviations with dots, and (told by the table below) invisible characters inside words.
_DOTTED = re.compile(r"\.(?<=[A-ZΑ-ΩА-Я]\.)[A-ZΑ-ΩА-Я]")
_ANY = re.compile(f"({WORD.pattern})")
_BLANK = ord(" ")
_JOINER = 0
_SEVERAL = 0
_PLANE = 0x10000
# Where the letters of the languages we read stand; a word that begins elsewhere is always looked up.
_FOLDED = ((0x20, 0x600), (0x1E00, 0x2000))


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a text; word ``n`` begins at ``borders[2 * n]`` and ends at ``borders[2 * n + 1]``. ``buckets`` has the bucket of each
    and ``pairs`` the numbers of those of two letters (None: not known, each must be looked at).
    """

    raws: Sequence[str]
    borders: Sequence[int]
    buckets: NDArray[np.intp] | None = None
    pairs: NDArray[np.intp] | None = None

    def short(self) -> int:
        """How many words are two capitals."""
        raws = self.raws
        two = [raws[number] for number in self.pairs.tolist()] if self.pairs is not None else [r for r in raws if len(r) == 2]
        return sum(map(str.isupper, two))

    def sieved(self, wanted: NDArray[np.bool_] | None) -> Iterable[int]:
        """The numbers of the words whose bucket is among those ``wanted`` (see ``buckets``; None: all)."""
        if wanted is None or self.buckets is None:
            return range(len(self.raws))
        found: list[int] = wanted.take(self.buckets).nonzero()[0].tolist()
        return found


def split(text: str) -> Words:
    """The words of ``text``."""
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4")
    if codes.size and codes.max() < _PLANE and not _DOTTED.search(text):
        places = codes.astype(np.intp)
        plain = _tables()[0].take(places)
        if plain.min() != _JOINER:
            inside = np.zeros(codes.size + 2, dtype=bool)
            np.not_equal(plain, _BLANK, out=inside[1:-1])
            borders = (inside[1:] != inside[:-1]).nonzero()[0]
            starts = borders[::2]
            return Words(
                raws=plain.tobytes().decode("utf-32-le").split(),
                borders=borders.tolist(),
                buckets=_buckets(places, starts),
                pairs=(borders[1::2] - starts == 2).nonzero()[0],
            )
    pieces = _ANY.split(text)
    return Words(raws=pieces[1::2], borders=list(accumulate(map(len, pieces))))


def sieve(small: Iterable[str], capital: Iterable[str]) -> NDArray[np.bool_]:
    """The buckets of words that begin with a small letter and with a capital, told by the folded letters with which they begin."""
    wanted = np.zeros(2 * _PLANE + 1, dtype=bool)
    wanted[-1] = True
    for beginnings, offset in ((small, 0), (capital, _PLANE)):
        for letters in {beginning[:FIRST] for beginning in beginnings}:
            wanted[_mixed(*map(ord, letters.ljust(FIRST))) + offset] = True
    return wanted


def _mixed(first: Any, second: Any, third: Any) -> Any:
    """The bucket of three letters by their numbers (or of arrays of them)."""
    return (first * (31 * 31) + second * 31 + third) % _PLANE


def _buckets(places: NDArray[np.intp], starts: NDArray[np.intp]) -> NDArray[np.intp]:
    """The bucket of each word; the last one of all where folding makes several letters out of one."""
    _, folded, capital = _tables()
    letters = np.full(places.size + FIRST - 1, _BLANK, dtype=np.intp)
    folded.take(places, out=letters[: places.size])
    first, second, third = letters[starts], letters[starts + 1], letters[starts + 2]
    third[second == _BLANK] = _BLANK
    found: NDArray[np.intp] = _mixed(first, second, third) + capital.take(places[starts])
    if not letters.all():
        found[(first == _SEVERAL) | (second == _SEVERAL) | (third == _SEVERAL)] = 2 * _PLANE
    return found


@cache
def _tables() -> tuple[NDArray[np.uint32], NDArray[np.intp], NDArray[np.intp]]:
    """By the number of a character: itself for a letter or digit, 0 for a joiner, else a blank; the letter that it folds to (0 where
    that is not one, or not worth knowing); and ``_PLANE`` for a capital, else 0.
    """
    every = "".join(map(chr, range(_PLANE)))
    letters = np.full(_PLANE, _BLANK, dtype="<u4")
    folded = np.full(_PLANE, _BLANK, dtype=np.intp)
    capital = np.zeros(_PLANE, dtype=np.intp)
    for run in re.finditer(r"[^\W_]+", every):
        letters[run.start() : run.end()] = range(run.start(), run.end())
        folded[run.start() : run.end()] = _SEVERAL
    for joiner in re.finditer(f"[{JOINERS}]", every):
        letters[joiner.start()] = _JOINER
    for low, high in _FOLDED:
        for char in filter(str.isalnum, every[low:high]):
            plain = fold(char)
            folded[ord(char)] = ord(plain) if len(plain) == 1 else _SEVERAL
            capital[ord(char)] = _PLANE if char.isupper() else 0
    return letters, folded, capital
