"""Which language a text is written in: an EU language or one of its neighbours, or "" for unknown.

py3langid knows them all but guesses boldly on a short title: what is no word is taken away before, a language whose alphabet lacks a
letter of the text is passed over, and where it is still unsure the answer is "".
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

LANGUAGES = (
    "bg", "cs", "da", "de", "el", "en", "es", "et", "fi", "fr", "ga", "hr", "hu", "it", "lt", "lv", "mt", "nl", "pl", "pt", "ro", "sk", "sl", "sv",
    "no", "is", "sr", "uk", "ru", "tr", "sq", "mk", "ca",
)  # fmt: skip

LONGEST = 4000
SURE = 0.2
# Tags, addresses, and whatever has a digit in it: reference numbers, identifiers of topics, models.
_NO_WORD = re.compile(r"<[^<>]{0,200}>|&#?\w{1,8};|\S*[\d@/\\]\S*")
# Letters that a language does not write, and letters of which its texts have at least one: near relatives are told apart by them.
_FOREIGN = {
    "mk": "ёщъьэыюяйђћіїєґ", "sr": "ёщъьэыюяйѓќѕіїєґ", "bg": "ёыэјљњђћџѓќѕіїєґ", "ru": "јљњђћџѓќѕіїєґ", "uk": "ёъыэјљњђћџѓќѕ",
    "no": "äößłőűğş", "da": "äößłőűğş", "sv": "æøßłőűğş", "cs": "ľĺŕôäöüł", "sk": "řěůöüł",
}  # fmt: skip
_OWN = {"mk": "ѓќѕљњџј"}


@lru_cache(maxsize=16)
def _identifier(languages: tuple[str, ...]) -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages([lang for lang in languages if lang in identifier.labels])
    return identifier


def identify(text: str, *, among: Sequence[str] = ()) -> str:
    """The ISO 639-1 code of the text's language; "" when it cannot be told. ``among`` limits the answer to some codes."""
    words = _NO_WORD.sub(" ", text[:LONGEST])
    if sum(character.isalpha() for character in words) < 3:
        return ""
    letters = set(words.lower())
    ranked = _identifier(tuple(sorted(among or LANGUAGES))).rank(words)
    able = [(lang, float(share)) for lang, share in ranked if _writes(lang, letters)] or list(ranked)
    lang, share = max(able, key=lambda one: one[1])
    return str(lang) if share > SURE * sum(one for _, one in able) else ""


def _writes(lang: str, letters: set[str]) -> bool:
    """Whether a text with these letters can be in ``lang``."""
    return letters.isdisjoint(_FOREIGN.get(lang, "")) and (lang not in _OWN or not letters.isdisjoint(_OWN[lang]))
