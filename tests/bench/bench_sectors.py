"""Sectors: documents a second against spaCy's tokenizer alone and against PhraseMatcher with the same words; start-up and memory.

Texts are gold texts of one language, six a document of some 100 words, with one word in ten never seen before. CPU time, one process.
"""

from __future__ import annotations

import json
from pathlib import Path

import spacy
from spacy.matcher import PhraseMatcher

from nlp.sectors import tag_sectors
from nlp.sectors.vocabulary import sectors
from tests.bench.texts import LANGUAGES, mixed, rate, started

GOLD = Path(__file__).parent.parent / "gold" / "sectors.jsonl"
STARTUP = """
from nlp.sectors import tag_sectors
tag_sectors("Supply of hospital beds", "en")
"""


def documents(seed: int) -> list[tuple[str, str]]:
    """(language, text) pairs, the same for the same seed."""
    rows = [json.loads(line) for line in GOLD.read_text(encoding="utf-8").splitlines()]
    by_lang = {lang: [f"{row['title']}. {row['text']}" for row in rows if row["lang"] == lang] for lang in LANGUAGES}
    return mixed(seed, lambda chance, lang: [chance.choice(by_lang[lang]) for _ in range(8)])


def bench() -> list[tuple[str, float, str]]:
    """Rows of (name, ratio, explanation)."""
    blank = {lang: spacy.blank(lang) for lang in LANGUAGES}
    matchers = {}
    for lang, nlp in blank.items():
        matchers[lang] = PhraseMatcher(nlp.vocab, attr="LOWER")
        plain = spacy.blank(lang).tokenizer
        words = {w.text.strip("*") for sector in sectors().values() for w in sector.words if w.lang in (lang, "xx") and w.weight}
        matchers[lang].add("word", [plain(word) for word in sorted(words)])
    # Each measure has texts of its own: a tokenizer that met them before has their words in its cache.
    warm, texts, others, third = documents(1), documents(2), documents(3), documents(4)
    for lang, text in warm:
        tag_sectors(text, lang)
        matchers[lang](blank[lang](text))
    tokens = rate(lambda lang, text: blank[lang].make_doc(text), texts)
    ours = rate(lambda lang, text: tag_sectors(text, lang), others)
    phrases = rate(lambda lang, text: matchers[lang](blank[lang].make_doc(text)), third)
    seconds, megabytes = started(STARTUP)
    return [
        ("sectors against the tokenizer alone", ours / tokens, f"{ours:.0f} and {tokens:.0f} documents a second"),
        ("sectors against PhraseMatcher", ours / phrases, f"{ours:.0f} and {phrases:.0f} documents a second"),
        ("seconds from nothing to the first tag", seconds, f"{megabytes:.0f} MB in all"),
    ]
