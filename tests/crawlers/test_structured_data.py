"""Events in JSON-LD, microdata and RDFa as real pages write and break them."""

from __future__ import annotations

import pytest

from crawlers.reading import read_page
from crawlers.source import Source
from store.model import Notice, Page, Problem
from tests.crawlers.web import NOW

SOURCE = Source(
    name="int_x", title="x", publisher="x", url="https://example.org/e", format="jsonld", kind="event", country="INT",
    languages=("en",), timezone="Europe/Lisbon",
)  # fmt: skip
BASE = '"@type":"Event","name":"Fair","startDate":"2027-04-01T09:00:00+01:00","url":"https://example.org/e/1"'
ID = "https://example.org/e/1"


def read(body: str) -> tuple[list[Notice], list[str]]:
    things = list(read_page(SOURCE, Page(url="https://example.org/e/page", body=body.encode(), fetched_at=NOW)))
    return [t for t in things if isinstance(t, Notice)], [t.cause for t in things if isinstance(t, Problem)]


def script(inside: str) -> tuple[list[Notice], list[str]]:
    return read(f'<html><body><script type="application/ld+json">{inside}</script></body></html>')


@pytest.mark.parametrize(
    "inside",
    [
        f"{{{BASE}}}",
        f"[{{{BASE}}}]",
        f"{{{BASE}}};",
        f'{{/* made by hand */ {BASE}, // a note\n "keywords": "a//b, c",}}',
        f"<!-- {{{BASE}}} -->",
        f"//<![CDATA[\n{{{BASE}}}\n//]]>",
        "{" + BASE.replace('"', "&quot;") + "}",
        f'{{{BASE},"description":"line\nbreak"}}',
        f'{{"@graph":[{{"@type":"WebPage"}},{{{BASE}}}]}}',
        f'{{"@type":"ItemList","itemListElement":[{{"@type":"ListItem","position":1,"item":{{{BASE}}}}}]}}',
        f'{{"@type":"MusicGroup","event":[{{{BASE}}}]}}',
        f'{{{BASE},"superEvent":{{"@type":"EventSeries","name":"Series"}}}}',
        f'{{{BASE},"subEvent":[{{"@type":"Event","name":"Workshop","startDate":"2027-04-01T10:00"}}]}}',
        "{" + BASE.replace('"name"', '"schema:name"').replace('"startDate"', '"https://schema.org/startDate"') + "}",
    ],
)  # fmt: skip
def test_one_event_however_it_is_written(inside: str) -> None:
    [notice], problems = script(inside)
    assert problems == []
    assert (notice.source_id, notice.title) == (ID, "Fair")
    assert notice.starts is not None
    assert f"{notice.starts.local:%Y-%m-%dT%H:%M}" == "2027-04-01T09:00"


def test_two_documents_in_one_script() -> None:
    notices, problems = script(f"{{{BASE}}}{{{BASE.replace('/e/1', '/e/2')}}}")
    assert ([notice.source_id for notice in notices], problems) == ([ID, "https://example.org/e/2"], [])


@pytest.mark.parametrize("kind", ["Application/LD+JSON", "application/ld+json; charset=utf-8"])
def test_the_type_of_a_script_is_read_without_case(kind: str) -> None:
    assert len(read(f"<html><script type='{kind}'>{{{BASE}}}</script></html>")[0]) == 1


@pytest.mark.parametrize(
    ("rest", "place"),
    [
        ('"location":"Exponor, 4450 Porto, Portugal"', ("Exponor, 4450 Porto, Portugal", "Porto", "PT", False)),
        ('"location":{"@type":"Place","name":"Hall 4","address":"Rua X 1, 4000 Porto, Portugal"}',
         ("Hall 4, Rua X 1, 4000 Porto, Portugal", "Porto", "PT", False)),
        ('"location":{"@type":"Place","name":"ExCeL","address":{"addressLocality":"London","addressCountry":"UK"}}', ("ExCeL", "London", "GB", False)),
        ('"location":{"@type":"Place","name":"Hall","address":{"addressLocality":"Wien","addressCountry":{"@type":"Country","name":"Austria"}}}',
         ("Hall", "Wien", "AT", False)),
        ('"location":{"@type":"VirtualLocation","url":"https://v.example"}', ("", "", "", True)),
        ('"eventAttendanceMode":"https://schema.org/OnlineEventAttendanceMode"', ("", "", "", True)),
        ('"location":[{"@type":"VirtualLocation"},{"@type":"Place","name":"Hall"}]', ("Hall", "", "", False)),
    ],
)  # fmt: skip
def test_places(rest: str, place: tuple[str, str, str, bool]) -> None:
    [notice], _ = script(f"{{{BASE},{rest}}}")
    assert notice.place is not None
    assert (notice.place.name, notice.place.city, notice.place.country, notice.place.online) == place


@pytest.mark.parametrize(
    ("status", "cancelled"), [("https://schema.org/EventCancelled", True), ("EventPostponed", False), ("EventRescheduled", False)]
)
def test_states(status: str, cancelled: bool) -> None:
    [notice], _ = script(f'{{{BASE},"eventStatus":"{status}"}}')
    assert (notice.cancelled, notice.status_word) == (cancelled, status.rpartition("/")[2])


def test_without_identity_the_only_event_is_its_page_and_several_are_their_offers() -> None:
    nameless = '{"@type":"Event","name":"%s","startDate":"2027-04-01"%s}'
    [notice], problems = script(nameless % ("A", ""))
    assert ((notice.source_id, problems)) == ("https://example.org/e/page", [])
    offer = ',"offers":[{"url":"https://tickets.example/%s"}]'
    notices, problems = script(f"[{nameless % ('A', offer % 1)},{nameless % ('B', offer % 2)}]")
    assert ([notice.source_id for notice in notices], problems) == (["https://tickets.example/1", "https://tickets.example/2"], [])
    assert script(f"[{nameless % ('A', offer % 1)},{nameless % ('B', offer % 1)}]") == ([], ["missing-id", "missing-id"])


RDFA = """<html><body vocab="https://schema.org/"><div typeof="Event" resource="https://example.org/e/7"><span property="name">Fair</span>
 <meta property="startDate" content="2027-04-01"><div property="location" typeof="Place"><span property="name">Hall</span>
 <div property="address" typeof="PostalAddress"><span property="addressLocality">Porto</span><span property="addressCountry">PT</span></div>
 </div></div></body></html>"""
PREFIXED = """<html><body prefix="s: http://schema.org/"><div typeof="s:ExhibitionEvent" about="/e/7"><h1 property="s:name">Fair</h1>
 <time property="s:startDate" datetime="2027-04-01">1 Apr</time></div><p typeof="foaf:Person">x</p></body></html>"""
ITEMREF = """<html><body><div itemscope itemtype="https://schema.org/Event" itemref="when"><span itemprop="name">Fair</span>
 <a itemprop="url" href="7">more</a></div><p id="when"><time itemprop="startDate" datetime="2027-04-01">x</time></p></body></html>"""


@pytest.mark.parametrize("body", [RDFA, PREFIXED, ITEMREF])
def test_rdfa_and_microdata(body: str) -> None:
    [notice], problems = read(body)
    assert ((notice.source_id, notice.title), problems) == (("https://example.org/e/7", "Fair"), [])
    assert notice.starts is not None
    assert (f"{notice.starts.local:%Y-%m-%d}", notice.starts.has_time) == ("2027-04-01", False)
