"""The country gold set and the suite of traps: scores under their floors fail, and the corpora are pinned by digest."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from nlp.countries import tag_countries
from tests.nlp.languages import NEIGHBOURS, OFFICIAL

GOLD = Path(__file__).parent.parent / "gold"


def lines(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (GOLD / name).read_text(encoding="utf-8").splitlines()]


def f1(pairs: list[tuple[set[Any], set[Any]]]) -> float:
    right = sum(len(said & gold) for said, gold in pairs)
    return 2 * right / max(1, sum(len(said) + len(gold) for said, gold in pairs))


@pytest.fixture(scope="module")
def floors() -> dict[str, Any]:
    floors: dict[str, Any] = json.loads((GOLD / "floors_countries.json").read_text(encoding="utf-8"))
    return floors


@pytest.fixture(scope="module")
def said() -> list[tuple[dict[str, Any], set[tuple[str, str]]]]:
    return [(row, {(tag.code, tag.role) for tag in tag_countries(row["text"], row["lang"])}) for row in lines("countries.jsonl")]


@pytest.mark.parametrize("name", ["countries.jsonl", "countries_world.jsonl", "country_traps.jsonl"])
def test_corpus_is_pinned(name: str, floors: dict[str, Any]) -> None:
    digest = hashlib.sha256((GOLD / name).read_bytes()).hexdigest()
    assert digest == floors["digests"][name], "the corpus changed: measure again and pin the new digest with the new floors"


def test_gold_is_large_and_covers_every_language() -> None:
    rows = lines("countries.jsonl")
    assert len(rows) >= 500
    assert {row["lang"] for row in rows} >= {*OFFICIAL, *NEIGHBOURS}


def test_any_role_and_role_scores(said: list[tuple[dict[str, Any], set[tuple[str, str]]]], floors: dict[str, Any]) -> None:
    codes = [({code for code, _ in tags}, {c["code"] for c in row["countries"]}) for row, tags in said]
    roles = [(tags, {(c["code"], c["role"]) for c in row["countries"]}) for row, tags in said]
    assert f1(codes) >= floors["any_role"] >= 0.95
    assert f1(roles) >= floors["with_role"] >= 0.90


@pytest.mark.parametrize("lang", [*OFFICIAL, *NEIGHBOURS])
def test_each_language(lang: str, said: list[tuple[dict[str, Any], set[tuple[str, str]]]], floors: dict[str, Any]) -> None:
    pairs = [({code for code, _ in tags}, {c["code"] for c in row["countries"]}) for row, tags in said if row["lang"] == lang]
    assert f1(pairs) >= floors["language"]


def test_world(floors: dict[str, Any]) -> None:
    """Sentences as encyclopedias, news wires and local papers write them: peoples, adjectives, places, a fifth without any country."""
    rows = lines("countries_world.jsonl")
    given = [
        (row["lang"], {tag.code for tag in tag_countries(row["text"], row["lang"]) if len(tag.code) == 2}, set(row["countries"]))
        for row in rows
    ]
    assert f1([(said, gold) for _, said, gold in given]) >= floors["world"]
    for lang in [*OFFICIAL, *NEIGHBOURS]:
        pairs = [(said, gold) for language, said, gold in given if language == lang]
        assert len(pairs) >= 25
        assert f1(pairs) >= floors["world_language"], lang


def test_traps(floors: dict[str, Any]) -> None:
    rows = lines("country_traps.jsonl")
    assert len(rows) >= 400
    wrong = []
    for row in rows:
        codes = {tag.code for tag in tag_countries(row["text"], row["lang"])}
        if set(row["expect"]) - codes or set(row["forbid"]) & codes:
            wrong.append((row["id"], row["text"], sorted(codes)))
    assert len(wrong) / len(rows) <= floors["traps_wrong"] <= 0.02, wrong
