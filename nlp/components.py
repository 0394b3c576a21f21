"""The spaCy factories, registered by the entry points of ``pyproject.toml``. Nothing is read before a component is made.

``clusterscout_countries`` and ``clusterscout_sectors`` write plain tuples of tags into ``doc.user_data`` under their own name. The
language and the structured codes of a text come in through ``doc.user_data`` too (``clusterscout_lang``, ``clusterscout_codes``).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from spacy.language import Language
from spacy.tokens import Doc

COUNTRIES = "clusterscout_countries"
SECTORS = "clusterscout_sectors"
LANG = "clusterscout_lang"
CODES = "clusterscout_codes"
KIND = "clusterscout_kind"
TEXT = "clusterscout_text"

# spaCy's tokenizer tries its rules on every piece between blanks; a piece or a text beyond these is split plainly instead, so that
# time stays linear in the length.
LONGEST_PIECE = 400
LONGEST_TEXT = 200_000
_LONG_PIECE = re.compile(rf"\S{{{LONGEST_PIECE}}}")
_BLANK = re.compile(r"\s")
_PLAIN = re.compile(r"\w{1,64}|[^\w\s]{1,16}|\s+")
_HALVES = re.compile("[\ud800-\udfff]")


def readable(text: str) -> str:
    """``text`` with each half of a surrogate pair replaced by U+FFFD, which nothing else here could take; offsets stay."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return _HALVES.sub("\ufffd", text)
    return text


def _has_long_piece(text: str) -> bool:
    """Whether a piece of ``text`` is too long; it would fill half its length somewhere, which is told much quicker."""
    step = LONGEST_PIECE // 2
    filled = any(_BLANK.search(text, start, start + step) is None for start in range(0, len(text) - step + 1, step))
    return filled and _LONG_PIECE.search(text) is not None


class Tokenizer:
    """spaCy's tokenizer, which lays the text beside its tokens so that no component puts it together again, and takes any text."""

    def __init__(self, inner: Callable[[str], Doc]) -> None:
        """``inner`` is the tokenizer of a language."""
        self.inner = inner

    def __call__(self, text: str) -> Doc:
        """The tokens of ``text``; one that is long or has no blanks is split at word borders alone."""
        text = readable(text)
        if len(text) > LONGEST_TEXT or _has_long_piece(text):
            words = _PLAIN.findall(text)
            doc = Doc(self.vocab, words=words, spaces=[False] * len(words))
        else:
            doc = self.inner(text)
        doc.user_data[TEXT] = text
        return doc

    def __getattr__(self, name: str) -> Any:
        """Whatever else spaCy asks of a tokenizer (its vocabulary, its exceptions, its bytes)."""
        return getattr(self.inner, name)


@Language.factory(COUNTRIES)
def countries(nlp: Language, name: str) -> Callable[[Doc], Doc]:
    """Country tags of a text, into ``doc.user_data["clusterscout_countries"]``."""
    from nlp.countries import tag_countries

    def tag(doc: Doc) -> Doc:
        data = doc.user_data
        data[name] = tag_countries(_text(doc), data.get(LANG) or nlp.lang or "", codes=data.get(CODES, ()), kind=data.get(KIND))
        return doc

    return tag


@Language.factory(SECTORS)
def sectors(nlp: Language, name: str) -> Callable[[Doc], Doc]:
    """Sector tags of a text, into ``doc.user_data["clusterscout_sectors"]``."""
    from nlp.sectors import tag_sectors

    def tag(doc: Doc) -> Doc:
        data = doc.user_data
        data[name] = tag_sectors(_text(doc), data.get(LANG) or nlp.lang or "", data.get(CODES, ()))
        return doc

    return tag


def _text(doc: Doc) -> str:
    """The text of ``doc``, put together once when another tokenizer made it."""
    text = doc.user_data.get(TEXT)
    if text is None:
        text = doc.user_data[TEXT] = doc.text
    return str(text)
