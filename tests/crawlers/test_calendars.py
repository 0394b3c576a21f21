"""Calendars as real programs write and break them, each with what a careful reader would take from it."""

from __future__ import annotations

import pytest

from crawlers.formats.ical_zones import iana
from crawlers.reading import read_page
from crawlers.source import Source
from store.model import Moment, Notice, Page, Problem
from tests.crawlers.web import NOW

SOURCE = Source(
    name="int_x", title="x", publisher="x", url="https://example.org/c.ics", format="ical", kind="event", country="INT",
    languages=("en",), timezone="Europe/Lisbon",
)  # fmt: skip


def calendar(*lines: str) -> str:
    return "\r\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", *lines, "END:VCALENDAR", ""])


def event(*lines: str) -> str:
    return calendar("BEGIN:VEVENT", "UID:u1", "SUMMARY:Fair", *lines, "END:VEVENT")


def read(body: str | bytes) -> tuple[list[Notice], list[str]]:
    raw = body if isinstance(body, bytes) else body.encode()
    things = list(read_page(SOURCE, Page(url=SOURCE.url, body=raw, fetched_at=NOW)))
    return [t for t in things if isinstance(t, Notice)], [t.cause for t in things if isinstance(t, Problem)]


def told(moment: Moment | None) -> str:
    return "" if moment is None else f"{moment.local:%Y-%m-%d{'T%H:%M' if moment.has_time else ''}} {moment.zone}"


@pytest.mark.parametrize(
    ("lines", "starts", "ends"),
    [
        (["DTSTART;TZID=W. Europe Standard Time:20270401T090000"], "2027-04-01T09:00 Europe/Berlin", ""),
        (['DTSTART;TZID="(UTC+01:00) Amsterdam, Berlin, Bern, Rome":20270401T090000'], "2027-04-01T09:00 Europe/Amsterdam", ""),
        (["DTSTART;TZID=/freeassociation.sourceforge.net/Europe/Berlin:20270401T090000"], "2027-04-01T09:00 Europe/Berlin", ""),
        (['DTSTART;TZID="Western/Central Europe":20270401T090000'], "2027-04-01T09:00 Europe/Berlin", ""),
        (["DTSTART:20270401T090000", "DURATION:PT2H"], "2027-04-01T09:00 Europe/Lisbon", "2027-04-01T11:00 Europe/Lisbon"),
        (["DTSTART:20270401T080000Z", "DTEND:20270401T090000Z"], "2027-04-01T09:00 Europe/Lisbon", "2027-04-01T10:00 Europe/Lisbon"),
        (["DTSTART;VALUE=DATE:20270401", "DTEND;VALUE=DATE:20270404"], "2027-04-01 Europe/Lisbon", "2027-04-03 Europe/Lisbon"),
        (["DTSTART:20270401", "DTEND:20270402"], "2027-04-01 Europe/Lisbon", "2027-04-01 Europe/Lisbon"),
        (["DTSTART;VALUE=DATE:20270401", "DURATION:P2D"], "2027-04-01 Europe/Lisbon", "2027-04-02 Europe/Lisbon"),
        (["DTSTART:20270401T080000Z", "DTEND:20270301T090000Z"], "2027-04-01T09:00 Europe/Lisbon", ""),
        (["DTSTART:2027-04-01T08:00:00Z"], "2027-04-01T09:00 Europe/Lisbon", ""),
        (["DTSTART:20270401T0900"], "2027-04-01T09:00 Europe/Lisbon", ""),
        (["DTSTART;;VALUE=DATE-TIME:20270401T090000"], "2027-04-01T09:00 Europe/Lisbon", ""),
    ],
)  # fmt: skip
def test_dates(lines: list[str], starts: str, ends: str) -> None:
    [notice], problems = read(event(*lines))
    assert (told(notice.starts), told(notice.ends), problems) == (starts, ends, [])


def test_a_custom_zone_is_told_by_its_name_only_where_the_clocks_agree() -> None:
    def zone(offset: str) -> list[str]:
        standard = ["BEGIN:STANDARD", "DTSTART:19700101T000000", f"TZOFFSETFROM:{offset}", f"TZOFFSETTO:{offset}", "END:STANDARD"]
        return ["BEGIN:VTIMEZONE", "TZID:my_Asia/Tokyo", *standard, "END:VTIMEZONE"]

    body = ["BEGIN:VEVENT", "UID:u", "SUMMARY:x", "DTSTART;TZID=my_Asia/Tokyo:20270401T090000", "END:VEVENT"]
    assert told(read(calendar(*zone("+0900"), *body))[0][0].starts) == "2027-04-01T09:00 Asia/Tokyo"
    assert told(read(calendar(*zone("+0500"), *body))[0][0].starts) == "2027-04-01T05:00 Europe/Lisbon"


@pytest.mark.parametrize(
    ("label", "name"), [("CEST", "Europe/Brussels"), ("Some Private Zone", ""), ("(GMT+01.00) Lisbon", "Europe/Lisbon"), ("", "")]
)
def test_labels_of_zones(label: str, name: str) -> None:
    assert iana(label) == name


def test_a_floating_time_is_in_the_calendars_own_zone() -> None:
    body = ["BEGIN:VEVENT", "UID:u", "SUMMARY:x", "DTSTART:20270401T090000", "END:VEVENT"]
    assert told(read(calendar("X-WR-TIMEZONE:Europe/Berlin", *body))[0][0].starts) == "2027-04-01T09:00 Europe/Berlin"
    assert told(read(calendar("X-WR-TIMEZONE:UTC", *body))[0][0].starts) == "2027-04-01T09:00 Europe/Lisbon"


def test_what_cannot_be_read_of_an_event_does_not_lose_the_event() -> None:
    [notice], problems = read(event("DTSTART:20270401T080000Z", "DURATION:P999999999999999999W"))
    assert (told(notice.starts), notice.ends, problems) == ("2027-04-01T09:00 Europe/Lisbon", None, ["bad-date"])
    [notice], problems = read(event())
    assert (notice.title, notice.starts, problems) == ("Fair", None, ["missing-date"])


def test_lines_that_were_never_folded() -> None:
    [notice], problems = read(
        event("DTSTART:20270401T080000Z", "DESCRIPTION:First line", "second line, raw", "LOCATION:Hall 1, Porto, Portugal")
    )
    assert (notice.text, problems) == ("First line\nsecond line, raw", [])
    assert notice.place is not None
    assert (notice.place.city, notice.place.country) == ("Porto", "PT")


def test_a_calendar_that_breaks_off_gives_its_whole_events() -> None:
    whole = ["BEGIN:VEVENT", "UID:u1", "SUMMARY:Fair", "DTSTART:20270401T080000Z", "END:VEVENT"]
    notices, problems = read(calendar(*whole, "BEGIN:VEVENT", "UID:u2", "SUMMARY:Half of").removesuffix("END:VCALENDAR\r\n"))
    assert ([notice.source_id for notice in notices], problems) == (["u1"], ["bad-line"])
    assert read(calendar(*whole).removesuffix("END:VCALENDAR\r\n"))[1] == []


def test_series_exceptions_and_moved_days() -> None:
    rule = ["DTSTART;TZID=Europe/Lisbon:20270401T090000", "RRULE:FREQ=DAILY;COUNT=4", "EXDATE;TZID=Europe/Lisbon:20270402T090000"]
    series = ["BEGIN:VEVENT", "UID:u1", "SUMMARY:Fair", *rule, "END:VEVENT"]
    moved = [
        "BEGIN:VEVENT",
        "UID:u1",
        "RECURRENCE-ID;TZID=Europe/Lisbon:20270403T090000",
        "SUMMARY:Fair, later",
        "DTSTART;TZID=Europe/Lisbon:20270403T150000",
        "END:VEVENT",
    ]
    off = [
        "BEGIN:VEVENT",
        "UID:u1",
        "RECURRENCE-ID;TZID=Europe/Lisbon:20270404T090000",
        "SUMMARY:Fair",
        "STATUS:CANCELLED",
        "DTSTART;TZID=Europe/Lisbon:20270404T090000",
        "END:VEVENT",
    ]
    notices, problems = read(calendar(*series, *moved, *off))
    assert problems == []
    assert [(told(notice.starts)[5:16], notice.title, notice.cancelled, notice.ends) for notice in notices] == [
        ("04-01T09:00", "Fair", False, None),
        ("04-03T15:00", "Fair, later", False, None),
        ("04-04T09:00", "Fair", True, None),
    ]


@pytest.mark.parametrize("lines", [["METHOD:CANCEL"], ["X-TITLE"], ["STATUS:CANCELLED"]])
def test_what_is_called_off(lines: list[str]) -> None:
    body = event("DTSTART:20270401T080000Z", *(lines if lines == ["STATUS:CANCELLED"] else []))
    body = body.replace("VERSION:2.0", "VERSION:2.0\r\nMETHOD:CANCEL") if lines == ["METHOD:CANCEL"] else body
    body = body.replace("SUMMARY:Fair", "SUMMARY:[Abgesagt] Fair") if lines == ["X-TITLE"] else body
    assert read(body)[0][0].cancelled is True


def test_the_one_address_of_a_description_is_the_events_page() -> None:
    told_once = "DESCRIPTION:Join at https://zoom.us/j/1 and read https://example.org/fair."
    [notice], _ = read(event("DTSTART:20270401T080000Z", told_once))
    assert notice.url == "https://example.org/fair"
    [notice], _ = read(
        event("DTSTART:20270401T080000Z", "SUMMARY:Doubled title", "DESCRIPTION:https://a.example https://b.example")
    )
    assert (notice.url, notice.title) == (SOURCE.url, "Fair")
