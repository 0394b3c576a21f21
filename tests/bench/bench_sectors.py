"""Sectors alone: documents a second against spaCy's tokenizer and against PhraseMatcher with the same words; start-up and memory.

Texts as in ``texts.py``; both sides of a pair get the same ones in the same run. The whole pipeline is measured by ``tagging``.
"""

from __future__ import annotations

from collections.abc import Sequence

import spacy
from spacy.matcher import PhraseMatcher

from nlp.sectors import tag_sectors
from nlp.sectors.vocabulary import sectors
from tests.bench.texts import documents, paired, seconds, started

LANGUAGES = ("en", "de", "fr", "pl", "fi")
PAIRS = 5
STARTUP = """
from nlp.sectors import tag_sectors
tag_sectors("Supply of hospital beds", "en")
"""


def bench() -> list[tuple[str, float, str]]:
    """Rows of (name, ratio, explanation)."""
    blank = {lang: spacy.blank(lang) for lang in LANGUAGES}
    matchers = {}
    for lang, nlp in blank.items():
        matchers[lang] = PhraseMatcher(nlp.vocab, attr="LOWER")
        plain = spacy.blank(lang).tokenizer
        words = {w.text.strip("*") for sector in sectors().values() for w in sector.words if w.lang in (lang, "xx") and w.weight}
        matchers[lang].add("word", [plain(word) for word in sorted(words)])

    def ours(lang: str, texts: Sequence[str]) -> None:
        for text in texts:
            tag_sectors(text, lang)

    def tokens(lang: str, texts: Sequence[str]) -> None:
        for text in texts:
            blank[lang].make_doc(text)

    def phrases(lang: str, texts: Sequence[str]) -> None:
        for text in texts:
            matchers[lang](blank[lang].make_doc(text))

    for work in (ours, tokens, phrases):
        seconds(work, documents(1, 100, LANGUAGES))
    against_tokens = paired(ours, tokens, (documents(10 + n, 100, LANGUAGES) for n in range(PAIRS)))
    against_phrases = paired(ours, phrases, (documents(20 + n, 100, LANGUAGES) for n in range(PAIRS)))
    ready, megabytes = started(STARTUP)
    return [
        ("sectors against the tokenizer alone", *against_tokens),
        ("sectors against PhraseMatcher", *against_phrases),
        ("seconds from nothing to the first tag", ready, f"{megabytes:.0f} MB in all"),
    ]
