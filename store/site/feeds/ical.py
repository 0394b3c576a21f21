"""iCalendar (RFC 5545): deadlines at the publisher's clock, fairs and events as whole days, alarms 14 and 3 days before.

The lines are written here, since a calendar of some hundred events is asked for at each visit of a program and the library takes a
third of a millisecond for each; zones come from the library, once. The tests read all of it with programs that we did not write.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from icalendar import Timezone

from store.search import Row
from store.site.feeds.items import Harvest, Removed, page_address
from store.site.feeds.safe import harmless, one_line
from store.site.manner import Manner, zone_or_utc
from store.site.telling import tell_row

ALARMS = (14, 3)
LINE = 75  # octets
_PART = re.compile(".{1,74}", re.DOTALL)
_OCTETS = re.compile(rb".{1,74}(?![\x80-\xbf])", re.DOTALL)  # what follows begins a character
_ALARMS = "".join(f"BEGIN:VALARM\r\nACTION:DISPLAY\r\n%(said)sTRIGGER:-P{days}D\r\nEND:VALARM\r\n" for days in ALARMS)


def write_ical(harvest: Harvest, versions: dict[int, int], *, address: str, host: str, title: str, m: Manner) -> bytes:
    """The calendar of everything that has a date. ``versions`` gives each opportunity's SEQUENCE by its id.

    What is cancelled or withdrawn stays as a cancelled event; what was taken back becomes one with nothing but UID and day.
    """
    zones: dict[str, None] = {}
    events: list[str] = []
    for row in (*harvest.rows, *harvest.gone):
        events += _events(row, versions.get(row.id, 0), zones, address=address, host=host, m=m)
    for removed in harvest.removed:
        events += _tombstones(removed, versions.get(removed.id, 0), host=host, m=m)
    head = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//clusterscout//opportunities//EN\r\nMETHOD:PUBLISH\r\n"
    head += _line("X-WR-CALNAME:", one_line(title)) + "REFRESH-INTERVAL;VALUE=DURATION:PT6H\r\n"
    return "".join((head, *(_timezone(zone) for zone in zones), *events, "END:VCALENDAR\r\n")).encode()


def _events(row: Row, sequence: int, zones: dict[str, None], *, address: str, host: str, m: Manner) -> list[str]:
    """The dated entries of one item: its next deadline, and the days of a fair or event. None of what has no date."""
    title = _text(one_line(row.title) or row.key)
    dated: list[tuple[str, str]] = []
    if row.deadline and row.deadline.get("local"):
        summary = _text(m.gettext("Deadline: %(title)s")) % {"title": title}
        dated.append((_deadline_uid(row.key, row.deadline, host), _start(row.deadline, zones) + _folded("SUMMARY:" + summary)))
    if row.kind in ("fair", "event") and row.starts_local:
        dated.append((f"{row.key}-days@{host}", _days(row, title, m)))
    if not dated:
        return []
    rest, stamp = _rest(row, title, address=address, m=m), _compact(row.changed_at)
    return [
        f"BEGIN:VEVENT\r\n{_folded('UID:' + uid)}SEQUENCE:{sequence}\r\nDTSTAMP:{stamp}\r\nLAST-MODIFIED:{stamp}\r\n{when}{rest}"
        for uid, when in dated
    ]


def _rest(row: Row, title: str, *, address: str, m: Manner) -> str:
    """What every entry of an item ends in: its page, what it is, and the alarms. ``title`` as a value of type TEXT."""
    page, over = page_address(address, row), row.status in ("cancelled", "withdrawn")
    told = "\\n\\n".join([_text(harmless(part)) for part in (tell_row(row, m), row.summary, page) if part])
    alarms = "" if over else _ALARMS % {"said": _folded("DESCRIPTION:" + title)}
    return (
        f"{_folded('URL:' + page)}{_folded('DESCRIPTION:' + told)}STATUS:{'CANCELLED' if over else 'CONFIRMED'}\r\n"
        f"TRANSP:TRANSPARENT\r\n{_categories(row.kind, row.sectors)}{alarms}END:VEVENT\r\n"
    )


@lru_cache(maxsize=1024)
def _categories(kind: str, sectors: tuple[str, ...]) -> str:
    return _folded("CATEGORIES:" + ",".join(_text(one_line(word)) for word in (kind, *sectors)))


def _tombstones(removed: Removed, sequence: int, *, host: str, m: Manner) -> Iterator[str]:
    """A cancelled event for each that a calendar may hold of what was taken back."""
    dated = [(_deadline_uid(removed.key, d, host), str(d["local"])[:10]) for d in removed.deadlines if d.get("local")]
    if removed.first:
        dated.append((f"{removed.key}-days@{host}", removed.first))
    for uid, day in dict(dated).items():
        yield (
            f"BEGIN:VEVENT\r\n{_folded('UID:' + uid)}SEQUENCE:{sequence}\r\nDTSTAMP:{_compact(removed.at)}\r\n"
            f"{_day('DTSTART', date.fromisoformat(day))}{_line('SUMMARY:', m.gettext('No longer listed'))}"
            "STATUS:CANCELLED\r\nTRANSP:TRANSPARENT\r\nEND:VEVENT\r\n"
        )


def _deadline_uid(key: str, deadline: Mapping[str, Any], host: str) -> str:
    return f"{key}-deadline-{deadline.get('stage') or 1}-{deadline.get('cut_off') or 0}@{host}"


def _start(deadline: Mapping[str, Any], zones: dict[str, None]) -> str:
    local = str(deadline["local"])
    if deadline.get("precision") != "minute":
        return f"DTSTART;VALUE=DATE:{_compact(local[:10])}\r\n"
    zone = zone_or_utc(str(deadline.get("zone") or "UTC")).key
    moment = _compact(local[:19])
    if zone == "UTC":
        return f"DTSTART:{moment}Z\r\n"
    zones[zone] = None
    return f"DTSTART;TZID={zone}:{moment}\r\n"


def _days(row: Row, title: str, m: Manner) -> str:
    """The days of a fair or event, its ``title`` (a value of type TEXT) and its place."""
    first = date.fromisoformat(row.starts_local[:10])
    last = date.fromisoformat((row.ends_local or row.starts_local)[:10])
    place = ", ".join(part for part in (row.venue, row.city, m.country(row.venue_country) if row.venue_country else "") if part)
    days = _day("DTSTART", first) + _day("DTEND", max(first, last) + timedelta(days=1))
    return days + _folded("SUMMARY:" + title) + (_line("LOCATION:", one_line(place)) if place else "")


def _day(name: str, day: date) -> str:
    return f"{name};VALUE=DATE:{day:%Y%m%d}\r\n"


def _compact(stored: str) -> str:
    """``20261121T050000Z`` of a stored instant or civil time."""
    return stored.replace("-", "").replace(":", "")


def _line(name: str, value: str) -> str:
    """The content line of a value of type TEXT, folded."""
    return _folded(name + _text(value))


def _text(value: str) -> str:
    """A value of type TEXT (3.3.11)."""
    if "\r" in value:
        value = value.replace("\r\n", "\n").replace("\r", "\n")
    return value.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")


def _folded(line: str) -> str:
    """A content line with its end, cut so that no part is longer than 75 octets, between characters (3.1)."""
    if line.isascii():
        return line + "\r\n" if len(line) <= LINE else "\r\n ".join(_PART.findall(line)) + "\r\n"
    return b"\r\n ".join(_OCTETS.findall(line.encode("utf-8", "replace"))).decode() + "\r\n"


@lru_cache(maxsize=128)
def _timezone(name: str) -> str:
    """The VTIMEZONE of an IANA zone."""
    text: str = Timezone.from_tzid(name).to_ical().decode()
    return text
