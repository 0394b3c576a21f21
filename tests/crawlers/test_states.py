"""A state that no date tells is read where the publisher says it: over, or only planned."""

from __future__ import annotations

from dataclasses import replace

import pytest

from crawlers.fields import notice_from
from crawlers.states import standing
from store.model import Notice
from tests.crawlers.pages_support import SOURCES, page_of, read


@pytest.mark.parametrize(
    ("word", "over", "planned"),
    [
        ("Closed", True, False),
        ("Nabór zakończony.", True, False),
        ("Contract · Awarded", True, False),
        ("Fermé", True, False),
        ("Forthcoming", False, True),
        ("Opent binnenkort", False, True),
        ("Open", False, False),
        ("Closed-loop recycling", False, False),
        ("", False, False),
    ],
)
def test_words_for_states(word: str, over: bool, planned: bool) -> None:
    assert standing(word) == {"over": over, "planned": planned}


# source, its page, (what the page says, what it says instead), over, planned
SAID = [
    ("eu_ted_notices", "good", (b">cn-standard<", b">can-standard<"), True, False),
    ("eu_ted_notices", "good", (b">cn-standard<", b">can-modif<"), True, False),
    ("eu_ted_notices", "good", (b">cn-standard<", b">pin-only<"), False, True),
    ("eu_ted_notices", "good", (b"", b""), False, False),
    ("eu_ted_notices", "good-old", (b'TD_DOCUMENT_TYPE CODE="3"', b'TD_DOCUMENT_TYPE CODE="7"'), True, False),
    ("eu_ted_notices", "good-old", (b'TD_DOCUMENT_TYPE CODE="3"', b'TD_DOCUMENT_TYPE CODE="0"'), False, True),
    ("es_placsp", "good", (b">PUB<", b">ADJ<"), True, False),
    ("es_placsp", "good", (b">PUB<", b">RES<"), True, False),
    ("es_placsp", "good", (b">PUB<", b">PRE<"), False, True),
    ("es_bdns", "good", (b'"abierto": true', b'"abierto": false'), True, False),
    ("gb_find_a_tender", "good", (b'"active"', b'"complete"'), True, False),
    ("gb_find_a_tender", "good", (b'"active"', b'"planned"'), False, True),
    ("us_grants_gov", "good", (b'"posted"', b'"archived"'), True, False),
    ("de_foerderdatenbank", "good", (b"</p>", "</p><p>Eine Antragstellung ist nicht mehr möglich.</p>".encode()), True, False),
    ("de_foerderdatenbank", "good", (b"", b""), False, False),
    ("us_grants_gov", "good", (b'"posted"', b'"forecasted"'), False, True),
]


@pytest.mark.parametrize(("name", "file", "words", "over", "planned"), SAID)
def test_what_a_page_says(name: str, file: str, words: tuple[bytes, bytes], over: bool, planned: bool) -> None:
    page = page_of(name, file)
    assert words[0] in page.body
    notices, _, _ = read(SOURCES[name], replace(page, body=page.body.replace(*words) if words[0] else page.body))
    assert (notices[0].over, notices[0].planned) == (over, planned)


@pytest.mark.parametrize(("name", "number"), [("eu_ted_search", 1), ("pl_ezamowienia", 1), ("int_world_bank_procurement", 1)])
def test_results_and_awards_are_over(name: str, number: int) -> None:
    notices, _, _ = read(SOURCES[name], page_of(name, "good"))
    assert [notice.over for notice in notices] == [n == number for n in range(len(notices))]


@pytest.mark.parametrize(
    ("values", "over"), [({"status": ["Closed"]}, True), ({"over": ["yes"]}, True), ({"status": ["Open"]}, False)]
)
def test_a_declared_field_says_it(values: dict[str, list[str]], over: bool) -> None:
    source = next(iter(SOURCES.values()))
    fields = {"title": ["Moulds"], "url": ["https://a.example/1"], **values}
    (notice,) = notice_from(source, page_of("es_placsp", "good"), fields)
    assert isinstance(notice, Notice)
    assert notice.over == over
