"""The whole pipeline (countries and sectors as registered components) against a pipeline with spaCy's own tokenizer alone.

Both go through ``nlp.pipe`` over the same texts in the same run; texts as in ``texts.py``. Then against spaCy's PhraseMatcher with
the same names, cities and sector words; start-up; memory with every language loaded; and whether time grows with the length alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import spacy
from spacy.language import Language
from spacy.matcher import PhraseMatcher

from nlp import components
from nlp.countries.gazetteer import gazetteer
from nlp.pipeline import build_pipeline
from nlp.sectors.vocabulary import sectors
from nlp.tokenizer import Tokenizer
from tests.bench.texts import LANGUAGES, documents, paired, seconds, started

PAIRS = 9
# Patterns of a PhraseMatcher take seconds a language to make: these stand for the others.
MATCHED = ("en", "de", "fr", "pl", "fi")
STARTUP = """
from nlp.tagging import tag
tag("Open to companies from Germany.", "en")
"""
EVERYTHING = """
from nlp.tagging import tag
from nlp.pipeline import LANGUAGES
for lang in sorted(LANGUAGES) + ["mt", ""]:
    tag("Open to companies from Germany.", lang)
"""


def through(pipelines: dict[str, Language], lang: str, texts: Sequence[str]) -> None:
    """``texts`` through ``nlp.pipe`` of their language."""
    for _ in pipelines[lang].pipe(texts):
        pass


def without_components(lang: str) -> Language:
    """The pipeline before it has a component."""
    nlp = spacy.blank(lang)
    nlp.tokenizer = Tokenizer(nlp)
    return nlp


def part(lang: str, component: str) -> Language:
    """The pipeline with one of its components alone."""
    nlp = without_components(lang)
    nlp.add_pipe(component)
    return nlp


def phrase_matcher(lang: str) -> Callable[[str], Any]:
    """A PhraseMatcher over the names and sector words of ``lang``, its patterns made with a tokenizer of its own."""
    nlp = spacy.blank(lang)
    second = spacy.blank(lang)
    matcher = PhraseMatcher(nlp.vocab, attr="LOWER")
    table = gazetteer(lang)
    entries = [entry for kept in (table.heads, table.phrases) for found in kept.values() for entry in found]
    names = {" ".join(entry.words) for entry in entries} | set(table.cities.named)
    words = {w.text.replace("*", "") for sector in sectors().values() for w in sector.words if w.lang in (lang, "xx")}
    matcher.add("tag", [nlp.make_doc(second.make_doc(name).text) for name in sorted(names | words)])
    return lambda text: matcher(nlp.make_doc(text))


def bench() -> list[tuple[str, float, str]]:
    """The rows of this bench."""
    used = sorted(set(LANGUAGES))
    whole = {lang: build_pipeline(lang) for lang in used}
    alone = {lang: spacy.blank(lang) for lang in used}
    tokens = {lang: without_components(lang) for lang in used}
    parts = {name: {lang: part(lang, name) for lang in used} for name in (components.COUNTRIES, components.SECTORS)}
    matchers = {lang: phrase_matcher(lang) for lang in MATCHED}
    warm = documents(1)
    for pipelines in (whole, alone, tokens, *parts.values()):
        seconds(partial(through, pipelines), warm)
    density = _density(whole, warm)
    ratio, told = paired(partial(through, whole), partial(through, alone), (documents(10 + n) for n in range(PAIRS)))
    rows = [("countries and sectors / tokenizer alone", ratio, f"{told}, aim 0.5; texts of {density}")]
    ratio, told = paired(partial(through, tokens), partial(through, alone), (documents(20 + n) for n in range(3)))
    rows.append(("our tokenizer alone / spaCy's, which gives the same tokens", ratio, told))
    for place, (name, pipelines) in enumerate(parts.items()):
        ratio, told = paired(
            partial(through, pipelines), partial(through, alone), (documents(30 + 10 * place + n) for n in range(3))
        )
        rows.append((f"{name} / tokenizer alone", ratio, told))

    def matched(lang: str, texts: Sequence[str]) -> None:
        for text in texts:
            matchers[lang](text)

    seconds(matched, documents(2, 50, MATCHED))
    ratio, told = paired(partial(through, whole), matched, (documents(50 + n, 100, MATCHED) for n in range(3)))
    rows.append(("countries and sectors / PhraseMatcher with the same words", ratio, told))
    ready, first = started(STARTUP)
    everything, all_of_it = started(EVERYTHING)
    rows += [
        (
            "ready for the first text, seconds of CPU",
            ready,
            f"import, pipeline, vocabulary and one English text, {first:.0f} MB; aim < 2",
        ),
        ("memory with every language, MB", all_of_it, f"loaded in {everything:.1f} s of CPU; aim < 600"),
    ]
    unit = "".join(text + " " for lang, text in documents(3, 46) if lang == "en")
    small, large = (seconds(partial(through, whole), [("en", (unit * 100)[:size])]) for size in (20_000, 2_000_000))
    rows.append(("time of 2 MB / 100 times that of 20 kB", large / small / 100, "1 when time grows with the length alone"))
    return rows


def _density(pipelines: dict[str, Language], texts: Sequence[tuple[str, str]]) -> str:
    """How many pieces of evidence the tags of ``texts`` have in a hundred words."""
    found = {components.COUNTRIES: 0, components.SECTORS: 0}
    for lang, text in texts:
        data = pipelines[lang](text).user_data
        for name in found:
            found[name] += sum(len(tag.evidence) for tag in data[name])
    words = sum(len(text.split()) for _, text in texts)
    said = " and ".join(f"{100 * count / words:.1f}" for count in found.values())
    return f"{words / len(texts):.0f} words, {said} proofs of countries and sectors in a hundred"
