"""Each form of a filter, read by programs that we did not write."""

from __future__ import annotations

import csv
import io
import json
from datetime import timedelta

import feedparser
import icalendar
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from store import index
from store.database import open_store
from store.site.feeds.ical import _folded
from store.site.feeds.safe import one_line
from tests.store.site.conftest import Running

HOSTILE = "=cmd|'/c calc'!A1 <script>alert(1)</script> \u202etxt.exe\u202c \x07\x1b[31m & \"q\" 'a'"


def poison(running: Running) -> str:
    """Make one fair say the worst in every text; its key."""
    db = open_store(running.db)
    number, key = db.conn.execute(
        "select id, key from opportunity where kind = 'fair' and review = 'published' and cancelled = 0 limit 1"
    ).fetchone()
    columns = ("title", "summary", "organiser", "venue", "city", "programme")
    for column in columns:
        db.conn.execute(f"update opportunity set {column} = ? where id = ?", [HOSTILE, number])
    db.conn.execute(
        "update opportunity set url = 'javascript:alert(1)', documents = ? where id = ?",
        [json.dumps([{"url": "data:text/html,x", "title": HOSTILE}]), number],
    )
    index.refresh(db, [number])
    db.conn.commit()
    db.close()
    return str(key)


@pytest.mark.parametrize("query", ["", "?kind=fair", "?q=zzzznothing", "?sector=plastics&country=PT", "?status=any"])
async def test_atom_is_strict_xml_that_a_reader_reads(running: Running, query: str) -> None:
    poison(running)
    answer = await running.get("/feed.atom" + query)
    assert answer.headers["content-type"].startswith("application/atom+xml")
    root = etree.fromstring(answer.content, etree.XMLParser(resolve_entities=False))
    names = {"a": "http://www.w3.org/2005/Atom"}
    for required in ("id", "title", "updated"):
        assert len(root.xpath(f"a:{required}", namespaces=names)) == 1
        assert all(len(e.xpath(f"a:{required}", namespaces=names)) == 1 for e in root.xpath("a:entry", namespaces=names))
    ids = root.xpath("a:entry/a:id/text()", namespaces=names)
    assert len(ids) == len(set(ids))
    read = feedparser.parse(answer.content)
    assert not read.bozo
    assert len(read.entries) == len(ids)
    assert bool(ids) == ("zzzz" not in query)


async def test_a_cancelled_fair_leaves_a_tombstone(running: Running) -> None:
    answer = await running.get("/feed.atom?kind=fair")
    gone = etree.fromstring(answer.content).findall("{http://purl.org/atompub/tombstones/1.0}deleted-entry")
    assert len(gone) == 1
    item = next(i for i in (await running.get("/feed.json?status=cancelled")).json()["items"])
    assert gone[0].get("ref", "").endswith(item["key"])


@pytest.mark.parametrize("query", ["", "?kind=fair", "?q=zzzznothing", "?kind=call"])
async def test_icalendar_is_read_and_stays_the_same(running: Running, query: str) -> None:
    poison(running)
    answer = await running.get("/feed.ics" + query)
    assert answer.headers["content-type"].startswith("text/calendar")
    assert all(len(line) <= 75 for line in answer.content.split(b"\r\n"))
    calendar = icalendar.Calendar.from_ical(answer.content)
    events = list(calendar.walk("VEVENT"))
    uids = [str(e["UID"]) for e in events]
    assert len(uids) == len(set(uids))
    assert all(uid.endswith("@scout.example") for uid in uids)
    zones = {str(z["TZID"]) for z in calendar.walk("VTIMEZONE")}
    for event in events:
        start = event["DTSTART"]
        assert str(start.params.get("TZID", "")) in {"", *zones}
        if event["STATUS"] == "CONFIRMED":
            assert {a["TRIGGER"].dt for a in event.walk("VALARM")} == {timedelta(days=-14), timedelta(days=-3)}
        assert int(event["SEQUENCE"]) >= 1
    if query == "?kind=fair":
        assert any(e["STATUS"] == "CANCELLED" for e in events)
        assert all(not hasattr(e["DTSTART"].dt, "hour") for e in events if "days" in str(e["UID"]))
    again = await running.get("/feed.ics" + query, headers={"if-none-match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("query", ["", "?q=zzzznothing"])
async def test_json_feed_says_its_version_and_unique_ids(running: Running, query: str) -> None:
    key = poison(running)
    feed = (await running.get("/feed.jsonfeed" + query)).json()
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    ids = [item["id"] for item in feed["items"]]
    assert len(ids) == len(set(ids))
    assert all(item["content_text"] and item["url"] for item in feed["items"])
    assert not any(key in item["id"] and "external_url" in item for item in feed["items"])


async def test_csv_holds_the_whole_list_and_no_formula(running: Running) -> None:
    key = poison(running)
    total = (await running.get("/feed.json?status=any")).json()["total"]
    rows = list(csv.DictReader(io.StringIO((await running.get("/feed.csv?status=any")).text.lstrip("\ufeff"))))
    assert len(rows) == total
    worst = next(row for row in rows if row["key"] == key)
    assert worst["title"].startswith("'=")
    assert not any(value.startswith(("=", "+", "-", "@")) for row in rows for value in row.values())
    assert not any(c in worst["title"] for c in "\u202e\x07\x1b\n")
    empty = (await running.get("/feed.csv?q=zzzznothing")).text
    assert len(empty.strip().splitlines()) == 1


async def test_commongrants_gives_calls_in_its_shape(running: Running) -> None:
    answer = (await running.get("/feed.commongrants?size=10")).json()
    assert answer["status"] == 200
    assert len(answer["items"]) == 10
    for item in answer["items"]:
        assert {"id", "title", "status", "description", "funding", "keyDates", "createdAt", "lastModifiedAt"} <= item.keys()
        assert item["status"]["value"] in {"open", "closed", "forecasted", "custom"}
    following = (await running.get(answer["next"].removeprefix("https://scout.example"))).json()
    assert {i["id"] for i in following["items"]}.isdisjoint({i["id"] for i in answer["items"]})


async def test_hostile_text_is_harmless_on_pages(running: Running) -> None:
    key = poison(running)
    for path in (f"/opportunity/{key}", "/feed?kind=fair&size=100", "/map?view=world", "/calendar?month=2026-11", "/cluster"):
        page = (await running.get(path)).text
        assert "<script>alert" not in page
        assert "javascript:alert" not in page
        assert "data:text/html" not in page
        assert "\u202e" not in page


@given(st.text(max_size=400))
def test_a_content_line_is_cut_between_characters(text: str) -> None:
    line = one_line(text)
    folded = _folded(line)
    assert folded.removesuffix("\r\n").replace("\r\n ", "") == line
    assert all(len(part.encode()) <= 75 for part in folded.split("\r\n"))
