"""spaCy's tokenizer, in front of which each text is made readable; the same tokens sooner, and any text in linear time."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from spacy.language import Language
from spacy.tokenizer import Tokenizer as Inner
from spacy.tokens import Doc
from spacy.util import compile_infix_regex, compile_prefix_regex, compile_suffix_regex

# Where ``Doc.user_data`` has the text, so that no component puts it together again.
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


class Tokenizer:
    """The tokenizer of a language, which lays the text beside its tokens, and takes any text."""

    def __init__(self, nlp: Language) -> None:
        """spaCy's tokenizer with the rules of the language of ``nlp``.

        The rules for what begins, ends and parts a piece never fit in one of letters alone, and those for addresses need a dot: most
        pieces that spaCy has not met before are asked that first, and no regular expression after it.
        """
        rules = nlp.Defaults
        # every language that we read has them
        assert rules.prefixes
        assert rules.suffixes
        assert rules.infixes
        assert rules.url_match
        infixes = compile_infix_regex(rules.infixes).finditer
        address = rules.url_match
        self.inner = Inner(
            nlp.vocab,
            rules=rules.tokenizer_exceptions,
            prefix_search=_but_in_letters(compile_prefix_regex(rules.prefixes).search),
            suffix_search=_but_in_letters(compile_suffix_regex(rules.suffixes).search),
            infix_finditer=lambda piece: () if piece.isalpha() else infixes(piece),
            token_match=rules.token_match,
            url_match=lambda piece: address(piece) if "." in piece else None,
        )

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


def _but_in_letters(search: Callable[[str], Any]) -> Callable[[str], Any]:
    """``search``, which finds nothing in a piece of letters alone."""
    return lambda piece: None if piece.isalpha() else search(piece)


def _has_long_piece(text: str) -> bool:
    """Whether a piece of ``text`` is too long; it would fill half its length somewhere, which is told much quicker."""
    step = LONGEST_PIECE // 2
    filled = any(_BLANK.search(text, start, start + step) is None for start in range(0, len(text) - step + 1, step))
    return filled and _LONG_PIECE.search(text) is not None
