"""Which language a text is written in: an EU language or one of its neighbours, or "" for unknown.

py3langid knows them all but guesses boldly on a short title; where it is unsure the answer is "".
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

LANGUAGES = (
    "bg", "cs", "da", "de", "el", "en", "es", "et", "fi", "fr", "ga", "hr", "hu", "it", "lt", "lv", "mt", "nl", "pl", "pt", "ro", "sk", "sl", "sv",
    "no", "is", "sr", "uk", "ru", "tr", "sq", "mk", "ca",
)  # fmt: skip


@lru_cache(maxsize=16)
def _identifier(languages: tuple[str, ...]) -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages([lang for lang in languages if lang in identifier.labels])
    return identifier


def identify(text: str, *, among: Sequence[str] = ()) -> str:
    """The ISO 639-1 code of the text's language; "" when it cannot be told. ``among`` limits the answer to some codes."""
    text = text[:4000]
    if sum(character.isalpha() for character in text) < 3:
        return ""
    lang, confidence = _identifier(tuple(sorted(among or LANGUAGES))).classify(text)
    return str(lang) if confidence > 0.2 else ""
