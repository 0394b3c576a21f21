"""Programs that we did not write keep the feeds: vdirsyncer subscribes to a private calendar; RFC 4287 and JSON Feed 1.1 by their rules."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta
from itertools import chain
from pathlib import Path

import icalendar
import jsonschema_rs
import pytest
import recurring_ical_events
from lxml import etree

from store import accounts
from store.curation import curate, undo
from store.database import open_private, open_store
from tests.store.site.conftest import Running, run_site, serving
from tests.store.site.test_feeds import poison
from tests.store.site_data import NOW

CONFIG = """
[general]
status_path = "{folder}/status"
[pair scout]
a = "there"
b = "here"
collections = null
conflict_resolution = "a wins"
partial_sync = "revert"
[storage there]
type = "http"
url = "{address}/private/{token}/feed.ics?{query}"
[storage here]
type = "filesystem"
path = "{folder}/calendar"
fileext = ".ics"
"""


class Subscriber:
    """vdirsyncer with one private address; ``sync`` asks once and gives the events it keeps by UID."""

    def __init__(self, folder: Path, address: str, token: str, query: str = "") -> None:
        self.folder = folder
        (folder / "calendar").mkdir(parents=True)
        (folder / "config").write_text(CONFIG.format(folder=folder, address=address, token=token, query=query))

    def run(self, command: str) -> subprocess.CompletedProcess[str]:
        program = Path(sys.executable).with_name("vdirsyncer")
        wanted = [str(program), "--config", str(self.folder / "config"), command, "scout"]
        return subprocess.run(wanted, capture_output=True, text=True, timeout=120, input="y\n", check=False)

    def sync(self) -> dict[str, icalendar.Event]:
        for command in ("discover", "sync"):
            done = self.run(command)
            assert done.returncode == 0, done.stderr
        kept = [icalendar.Calendar.from_ical(path.read_bytes()) for path in (self.folder / "calendar").glob("*.ics")]
        return {_name(event): event for event in chain.from_iterable(c.walk("VEVENT") for c in kept)}


def _name(event: icalendar.Event) -> tuple[str, bool]:
    """What an event is about, and whether it is days: vdirsyncer gives what it takes from the web UIDs of its own."""
    return str(event.get("URL", "")).rpartition("/")[2], "DTEND" in event


def test_a_calendar_program_subscribes_keeps_follows_and_is_shut_out_when_revoked(made_store: Path, tmp_path: Path) -> None:
    pytest.importorskip("vdirsyncer")
    (tmp_path / "site").mkdir()
    site = run_site(made_store, tmp_path / "site")
    private = open_private(site.private_db)
    owner = accounts.member_by_email(private, "member@moulds.example").id
    token = accounts.make_feed_token(private, owner, "calendar", now=NOW)
    db = open_store(site.db)
    with serving(site) as address:
        subscriber = Subscriber(tmp_path / "client", address, token, "kind=fair&kind=call")
        first = subscriber.sync()
        assert len(first) > 20
        whole = {name: e for name, e in first.items() if name[1] and e["STATUS"] == "CONFIRMED"}
        assert len(whole) > 10
        assert all(not hasattr(e["DTSTART"].dt, "hour") and e["DTEND"].dt > e["DTSTART"].dt for e in whole.values())
        assert subscriber.sync().keys() == first.keys()

        cancelled, taken_back = list(whole)[:2]
        for (key, _), decision in (
            (cancelled, {"action": "correct", "field": "cancelled", "value": True}),
            (taken_back, {"action": "hide"}),
        ):
            number = db.execute("select id from opportunity where key = ?", [key]).fetchone()[0]
            curate(db, number, **decision, by="manager@moulds.example", now=NOW)
        later = subscriber.sync()
        assert later[cancelled]["STATUS"] == "CANCELLED"
        assert int(later[cancelled]["SEQUENCE"]) > int(first[cancelled]["SEQUENCE"])
        assert not later[cancelled].walk("VALARM")
        assert taken_back not in later
        assert [str(e["SUMMARY"]) for e in later.values() if "URL" not in e] == ["No longer listed"]

        accounts.revoke_feed_token(private, owner, accounts.feed_tokens(private, owner)[0].id, now=NOW)
        assert subscriber.run("sync").returncode != 0
        assert len(list((subscriber.folder / "calendar").glob("*.ics"))) == len(later)  # what it holds it keeps
    private.close()
    db.close()


ATOM = "{http://www.w3.org/2005/Atom}"
RFC3339 = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$"
WEB = {"type": "string", "pattern": "^https?://"}
# JSON Feed 1.1 (https://www.jsonfeed.org/version/1.1/), its rules as a schema of our own; extensions begin with an underscore.
JSON_FEED = {
    "type": "object",
    "required": ["version", "title", "items"],
    "properties": {
        "version": {"const": "https://jsonfeed.org/version/1.1"},
        "title": {"type": "string", "minLength": 1},
        "home_page_url": WEB, "feed_url": WEB, "next_url": WEB, "icon": WEB, "favicon": WEB,
        "description": {"type": "string"}, "user_comment": {"type": "string"}, "language": {"type": "string"}, "expired": {"type": "boolean"},
        "authors": {"$ref": "#/$defs/authors"}, "items": {"type": "array", "items": {"$ref": "#/$defs/item"}},
    },
    "patternProperties": {"^_[a-z]": {"type": "object"}},
    "additionalProperties": False,
    "$defs": {
        "authors": {"type": "array", "items": {"type": "object", "minProperties": 1, "properties": {"name": {"type": "string"}, "url": WEB, "avatar": WEB}, "additionalProperties": False}},
        "item": {
            "type": "object",
            "required": ["id"],
            "anyOf": [{"required": ["content_text"]}, {"required": ["content_html"]}],
            "properties": {
                "id": {"type": "string", "minLength": 1}, "url": WEB, "external_url": WEB, "title": {"type": "string"}, "content_text": {"type": "string", "minLength": 1},
                "summary": {"type": "string"}, "date_published": {"type": "string", "pattern": RFC3339}, "date_modified": {"type": "string", "pattern": RFC3339},
                "authors": {"$ref": "#/$defs/authors"}, "tags": {"type": "array", "items": {"type": "string", "minLength": 1}}, "language": {"type": "string", "minLength": 2},
            },
            "patternProperties": {"^_[a-z]": {"type": "object"}},
            "additionalProperties": False,
        },
    },
}  # fmt: skip
QUERIES = ("", "?kind=fair", "?status=any", "?status=cancelled", "?q=zzzznothing", "?sector=plastics&country=PT&sort=deadline")


@pytest.mark.parametrize("query", QUERIES)
async def test_json_feed_keeps_the_rules_of_its_version(running: Running, query: str) -> None:
    poison(running)
    answer = await running.get("/feed.jsonfeed" + query)
    assert answer.headers["content-type"] == "application/feed+json; charset=utf-8"
    jsonschema_rs.validate(JSON_FEED, answer.json())


@pytest.mark.parametrize("query", QUERIES)
async def test_atom_keeps_the_rules_of_rfc_4287(running: Running, query: str) -> None:
    poison(running)
    feed = etree.fromstring((await running.get("/feed.atom" + query)).content)
    entries = feed.findall(f"{ATOM}entry")
    for element in (feed, *entries):
        for name in ("id", "title", "updated"):  # 4.1.1 and 4.1.2: exactly one of each
            assert len(element.findall(ATOM + name)) == 1
        assert element.findtext(f"{ATOM}id", "").startswith("tag:scout.example,2026:")  # 4.2.6: an IRI, the same for ever
        assert len(element.findall(f"{ATOM}author")) <= 1
    assert feed.find(f"{ATOM}author/{ATOM}name") is not None  # 4.1.1: the feed has one, so an entry needs none
    links = [(link.get("rel"), link.get("type")) for link in feed.findall(f"{ATOM}link")]
    assert len(links) == len(set(links))  # no two alternates of one type
    assert ("self", "application/atom+xml") in links
    for entry in entries:
        assert [link.get("rel") for link in entry.findall(f"{ATOM}link")] == ["alternate"]
        assert entry.find(f"{ATOM}content").get("type") == "text"
        assert all(c.get("term") for c in entry.findall(f"{ATOM}category"))
    for date in feed.iter(f"{ATOM}updated", f"{ATOM}published"):
        assert (
            icalendar.vDDDTypes.from_ical(date.text.replace("-", "").replace(":", "")).tzinfo is not None
        )  # 3.3: RFC 3339, in UTC


@pytest.mark.parametrize("query", QUERIES)
async def test_each_event_lands_on_its_day_in_a_calendar(running: Running, query: str) -> None:
    """recurring_ical_events, what many programs ask with: an event is found on the day it says, once."""
    calendar = icalendar.Calendar.from_ical((await running.get("/feed.ics" + query)).content)
    assert str(calendar["VERSION"]) == "2.0"
    assert calendar["PRODID"]
    for event in list(calendar.walk("VEVENT"))[::12]:
        assert event["DTSTAMP"].dt.utcoffset() == timedelta(0)
        start = event["DTSTART"].dt
        on_day = recurring_ical_events.of(calendar).at(start if not hasattr(start, "date") else start.date())
        assert [str(e["UID"]) for e in on_day].count(str(event["UID"])) == 1


async def test_what_was_taken_back_and_came_again_is_told_to_calendars_by_rising_numbers(running: Running) -> None:
    db = open_store(running.db)
    number, key = db.execute(
        "select id, key from opportunity where kind = 'fair' and review = 'published' and cancelled = 0 and withdrawn = 0 limit 1"
    ).fetchone()

    async def seen() -> tuple[str, int]:
        calendar = icalendar.Calendar.from_ical((await running.get("/feed.ics?kind=fair")).content)
        event = next(e for e in calendar.walk("VEVENT") if str(e["UID"]) == f"{key}-days@scout.example")
        assert ("No longer listed" in event["SUMMARY"]) == (event["STATUS"] == "CANCELLED")
        return str(event["STATUS"]), int(event["SEQUENCE"])

    told = [await seen()]
    hidden = curate(db, number, "hide", by="manager@moulds.example", now=NOW)
    told.append(await seen())
    undo(db, hidden, by="manager@moulds.example", now=NOW)
    told.append(await seen())
    assert [status for status, _ in told] == ["CONFIRMED", "CANCELLED", "CONFIRMED"]
    assert told[0][1] < told[1][1] < told[2][1]
    db.close()
