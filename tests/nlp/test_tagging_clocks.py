"""A place that names a deadline's clock is not a country that the text concerns."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from nlp.tagging import tag, tag_subjects


@pytest.mark.parametrize(
    ("text", "lang", "codes"),
    [
        ("Deadline: 15 March 2027, 17:00 Brussels time.", "en", []),
        ("Open to applicants from Belgium. Deadline: 15 March 2027, 17:00 Brussels time.", "en", ["BE"]),
        ("Date limite : 15 mars 2027 à 12h00 (heure de Paris).", "fr", []),
        ("Prazo: 15 de março de 2027, 18:00 (hora de Lisboa). O evento realiza-se em Lisboa.", "pt", ["PT"]),
    ],
)
def test_clock(text: str, lang: str, codes: list[str]) -> None:
    assert [found.code for found in tag(text, lang).countries] == codes


def test_the_store_s_tags_are_the_same_as_those_of_the_whole_reading() -> None:
    gold = Path(__file__).parent.parent / "gold"
    files = [gold / name for name in ("countries.jsonl", "deadlines.jsonl")]
    lines = [json.loads(line) for file in files for line in file.read_text(encoding="utf-8").splitlines()]
    for row in lines[::11]:
        whole, kept = tag(row["text"], row["lang"]), tag_subjects(row["text"], row["lang"])
        assert (kept.countries, kept.sectors) == (whole.countries, whole.sectors), row["text"]
