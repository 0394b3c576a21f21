"""What holds for every page module whatever a publisher sends: no exception, problems that name their page, notices that are whole."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from typing import Any

import pytest

from crawlers.source import Source
from store.model import KINDS, Notice, Page, Problem
from tests.crawlers.pages_support import PAGES, SOURCES, names, page_of, read

MODULES = [name for name in names() if SOURCES[name].format.startswith("page:")]
STRANGE: list[Any] = [
    None,
    "",
    0,
    -1,
    1e308,
    True,
    [],
    {},
    [None],
    [[]],
    [{}],
    "2026-02-30",
    "T00:00:00",
    "é\u202e\x00",
    {"a": {"b": []}},
    ["x", 1],
]
ROUNDS = 60


def _twisted(value: Any, rng: random.Random) -> Any:
    """``value`` with one node of it replaced by something strange, or taken away."""
    if isinstance(value, dict) and value and rng.random() < 0.85:
        key = rng.choice(list(value))
        if rng.random() < 0.2:
            return {name: one for name, one in value.items() if name != key}
        return {**value, key: _twisted(value[key], rng)}
    if isinstance(value, list) and value and rng.random() < 0.85:
        place = rng.randrange(len(value))
        return [*value[:place], _twisted(value[place], rng), *value[place + 1 :]]
    return rng.choice(STRANGE)


def _bodies(page: Page, rng: random.Random) -> list[bytes]:
    """Damaged forms of a page: for JSON one node changed, for all cut, doubled and with bytes flipped."""
    found = [page.body[: rng.randrange(len(page.body) + 1)] for _ in range(ROUNDS // 6)]
    for _ in range(ROUNDS // 6):
        place = rng.randrange(len(page.body))
        found.append(page.body[:place] + bytes([rng.randrange(256)]) + page.body[place + 1 :])
    found += [b"", b"null", b"[]", b"{}", b"[[[[", page.body * 2, b"\xff\xfe" + page.body, b"<html></html>", b"<a/>"]
    try:
        document = json.loads(page.body)
    except ValueError:
        return found
    return found + [json.dumps(_twisted(document, rng)).encode() for _ in range(ROUNDS)]


def _whole(thing: Notice | Problem, source: Source) -> None:
    assert thing.source == source.name
    if isinstance(thing, Problem):
        assert thing.cause
        assert thing.detail
        return
    assert thing.source_id
    assert thing.title == " ".join(thing.title.split())
    assert thing.title
    assert thing.kind in KINDS
    assert thing.url.startswith(("http://", "https://"))
    for deadline in thing.deadlines:
        assert (deadline.local is None) == (deadline.utc is None)
        assert deadline.local is not None or deadline.rolling or deadline.flags
    for moment in (thing.opens, thing.starts, thing.ends):
        assert moment is None or moment.utc.tzinfo is not None
    for country in (code for code in thing.codes if code.scheme == "country"):
        assert len(country.value) in {2, 4}
        assert country.value == country.value.upper()
    assert all(isinstance(value, str) for value in thing.raw.values())


@pytest.mark.parametrize("name", MODULES)
def test_no_page_makes_a_module_raise(name: str) -> None:
    rng = random.Random(name)
    source = SOURCES[name]
    for path in sorted((PAGES / name).glob("good*.json")):
        page = page_of(name, path.stem)
        for body in _bodies(page, rng):
            notices, problems, _ = read(source, replace(page, body=body))
            for thing in [*notices, *problems]:
                _whole(thing, source)


@pytest.mark.parametrize("name", names())
def test_the_same_page_gives_the_same_notices(name: str) -> None:
    source = SOURCES[name]
    for path in sorted((PAGES / name).glob("good*.json")):
        page = page_of(name, path.stem)
        assert read(source, page) == read(source, page)


@pytest.mark.parametrize("name", names())
def test_no_contact_of_a_person_stands_in_a_page_of_ours(name: str) -> None:
    for path in (PAGES / name).iterdir():
        assert b"mailto:" not in path.read_bytes()
        assert b"@example" not in path.read_bytes()
