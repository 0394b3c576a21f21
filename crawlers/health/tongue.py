"""In which language a run's notices are written, told by function words: cheap enough for every crawl, and only ever compared
with earlier runs of the same source. Pure.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

_WORD = re.compile(r"[^\W\d_]+")
_GARBLED = re.compile(
    "[\u00c2\u00c3\u00c4\u00c5\u00d0\u00d1][\u0080-\u00bf\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u2013-\u203a\u20ac\u2122]|\u00e2\u20ac|\ufffd"
)
LEAST_HITS = 12
CLEARLY = 1.3


@cache
def _words() -> Mapping[str, tuple[str, ...]]:
    """Each function word with the languages that have it."""
    declared = tomllib.loads((Path(__file__).parent / "function_words.toml").read_text(encoding="utf-8"))
    out: dict[str, list[str]] = {}
    for language, line in declared.items():
        for word in line.split():
            out.setdefault(word, []).append(language)
    return {word: tuple(languages) for word, languages in out.items()}


def main_language(texts: Iterable[str]) -> str:
    """The language (ISO 639-1) that most of ``texts`` are in; "" when too little is said or two are about equally likely.

    Neighbours that share most function words (no and da, hr and sr, cs and sk) are not told apart: the answer is "" or one of them.
    """
    known = _words()
    hits: Counter[str] = Counter()
    found = 0
    for text in texts:
        for word in _WORD.findall(text[:600].lower()):
            languages = known.get(word)
            if languages:
                found += 1
                for language in languages:
                    hits[language] += 1
        if found > 2_000:
            break
    best = hits.most_common(2)
    if not best or best[0][1] < LEAST_HITS:
        return ""
    if len(best) > 1 and best[0][1] < CLEARLY * best[1][1]:
        return ""
    return best[0][0]


def is_garbled(text: str) -> bool:
    """Whether ``text`` was decoded in the wrong character set: UTF-8 read as windows-1252 or Latin-1, or replacement characters."""
    return _GARBLED.search(text) is not None
