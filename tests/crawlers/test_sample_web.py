"""The invented web must have what real webs have; the rest of the tests lean on it."""

from __future__ import annotations

import io
import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import feedparser
import icalendar
import pypdf
import pytest

from crawlers.sample.content import load_shelf
from crawlers.sample.server import SITES, SampleWeb, item_count, start

NOW = datetime(2026, 11, 21, 8, tzinfo=UTC)


@pytest.fixture
def web() -> Iterator[SampleWeb]:
    with start(NOW) as running:
        yield running


def fetch(web: SampleWeb, path: str, **headers: str) -> bytes:
    request = urllib.request.Request(web.base + path, headers=headers)
    with urllib.request.urlopen(request) as answer:
        body = answer.read()
    assert isinstance(body, bytes)
    return body


def test_breadth() -> None:
    shelves = [load_shelf(name, today=NOW.date(), day=0) for name in SITES]
    assert item_count(NOW.date()) >= 200
    assert {shelf.kind for shelf in shelves} == {"call", "tender", "fair", "event", "news", "study"}
    assert {"en", "fr", "de", "es", "it", "pt", "pl", "nl"} <= {shelf.language for shelf in shelves}
    assert len(shelves) >= 12


def test_every_site_answers(web: SampleWeb) -> None:
    for site in SITES:
        assert fetch(web, f"/{site}")


def test_second_day_moves_a_deadline_cancels_a_fair_and_empties_a_source(web: SampleWeb) -> None:
    def due() -> str:
        found = [row for row in json.loads(fetch(web, "/eu_openfunds"))["results"] if row["identifier"] == "OPF-2027-TEX-01"]
        return str(found[0]["deadlines"][0])

    before = due()
    web.next_day()
    assert datetime.fromisoformat(due()) - datetime.fromisoformat(before) == timedelta(days=21)
    fairs = icalendar.Calendar.from_ical(fetch(web, "/eu_fairs"))
    assert [str(event["summary"]) for event in fairs.walk("VEVENT") if event["status"] == "CANCELLED"] == ["AgriTech Poznań"]
    assert feedparser.parse(fetch(web, "/ro_finantari")).entries == []


def test_one_call_stands_in_four_sources() -> None:
    carrying = [
        name
        for name in SITES
        for item in load_shelf(name, today=NOW.date(), day=0).items
        if "OPF-2027-TEX-01" in (item.id, item.topic)
    ]
    assert len(carrying) == 4


def test_a_page_fails_once(web: SampleWeb) -> None:
    with pytest.raises(urllib.error.HTTPError) as caught:
        fetch(web, "/it_bandi?page=2")
    with caught.value as error:
        assert error.code == 500
    assert b"entries" in fetch(web, "/it_bandi?page=2")


def test_unchanged_pages_answer_304(web: SampleWeb) -> None:
    with urllib.request.urlopen(web.base + "/fr_agence") as answer:
        etag = answer.headers["ETag"]
    with pytest.raises(urllib.error.HTTPError) as caught:
        fetch(web, "/fr_agence", **{"If-None-Match": etag})
    with caught.value as error:
        assert error.code == 304


def test_wrong_zone_label_and_two_stages() -> None:
    german = {item.id: item for item in load_shelf("de_foerderung", today=NOW.date(), day=0).items}
    assert "MESZ" in german["fb-202"].deadline_phrase()  # January is MEZ
    portal = {item.id: item for item in load_shelf("eu_openfunds", today=NOW.date(), day=0).items}
    assert portal["OPF-2027-MAT-03"].due2 is not None


def test_pdf_is_read_by_another_program(web: SampleWeb) -> None:
    reader = pypdf.PdfReader(io.BytesIO(fetch(web, "/eu_studies/study-mexico-plastics.pdf")))
    assert reader.metadata is not None
    assert reader.metadata.title == "Market study: plastics and moulds in Mexico"
    assert "Querétaro" in reader.pages[0].extract_text()
