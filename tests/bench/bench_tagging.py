"""Tagging: countries against the tokenizer alone and against spaCy's PhraseMatcher with the same names; start-up and memory.

Texts are sentences of the gold sets, three of countries and five of deadlines a document of about 90 words, with one word in ten never seen before, as
in real texts (a tokenizer that has every word in its cache is no yardstick). CPU time, one process.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import spacy
from spacy.matcher import PhraseMatcher

from nlp.countries import tag_countries
from nlp.countries.gazetteer import gazetteer
from nlp.pipeline import build_pipeline
from tests.bench.texts import LANGUAGES, mixed, rate, started

GOLD = Path(__file__).parent.parent / "gold"
STARTUP = """
from nlp.tagging import tag
tag("Open to companies from Germany.", "en")
"""


def documents(seed: int) -> list[tuple[str, str]]:
    """(language, text) pairs, the same for the same seed."""
    countries, others = (
        [json.loads(line) for line in (GOLD / name).read_text(encoding="utf-8").splitlines()]
        for name in ("countries.jsonl", "deadlines.jsonl")
    )
    by_lang = {lang: [row["text"] for row in countries if row["lang"] == lang] for lang in LANGUAGES}
    plain = {lang: [row["text"] for row in others if row["lang"] == lang] for lang in LANGUAGES}
    return mixed(
        seed, lambda chance, lang: [chance.choice(by_lang[lang]) for _ in range(3)] + [chance.choice(plain[lang]) for _ in range(5)]
    )


def phrase_matcher(lang: str) -> Callable[[str], Any]:
    """A PhraseMatcher over the names of the gazetteer, its patterns made with a tokenizer of its own."""
    nlp = spacy.blank(lang)
    second = spacy.blank(lang)
    matcher = PhraseMatcher(nlp.vocab, attr="LOWER")
    table = gazetteer(lang)
    names = {" ".join(entry.words) for entries in table.heads.values() for entry in entries} | set(table.cities.named)
    matcher.add("country", [nlp.make_doc(second.make_doc(name).text) for name in sorted(names)])
    return lambda text: matcher(nlp.make_doc(text))


def bench() -> list[tuple[str, float, str]]:
    """The rows of this bench."""
    pipelines = {lang: build_pipeline(lang) for lang in LANGUAGES}
    matchers = {lang: phrase_matcher(lang) for lang in LANGUAGES}
    for lang, text in documents(1):
        tag_countries(text, lang)
        pipelines[lang].make_doc(text)
    texts = documents(2)
    tokenizer = rate(lambda lang, text: pipelines[lang].make_doc(text), texts)
    texts = documents(3)
    both = rate(lambda lang, text: (pipelines[lang].make_doc(text), tag_countries(text, lang)), texts)
    texts = documents(4)
    matching = rate(lambda lang, text: matchers[lang](text), texts)
    seconds, megabytes = started(STARTUP)
    unit = texts[0][1] + " "
    small, large = (rate(lambda lang, text: tag_countries(text, lang), [("en", unit * times)] * 3) for times in (100, 1000))
    return [
        (
            "tokenizer with countries / tokenizer alone",
            both / tokenizer,
            f"{both:.0f} and {tokenizer:.0f} documents a second, aim 0.5",
        ),
        (
            "tokenizer with countries / PhraseMatcher with the same names",
            both / matching,
            f"{both:.0f} and {matching:.0f} documents a second",
        ),
        ("ready for the first text, seconds of CPU", seconds, "import, pipeline, gazetteer and one text, aim < 2"),
        ("memory when ready, MB", megabytes, "one language, aim < 600"),
        ("time for ten times the text, in tenths", small / large / 10, "1 = linear"),
    ]
