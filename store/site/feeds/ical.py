"""iCalendar (RFC 5545): deadlines at the publisher's clock, fairs and events as whole days, alarms 14 and 3 days before."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from icalendar import Alarm, Calendar, Event

from store.search import Row
from store.site.feeds.items import Harvest, Removed, page_address
from store.site.feeds.safe import harmless, one_line
from store.site.manner import Manner, instant_of, zone_or_utc
from store.site.telling import tell_row

ALARMS = (14, 3)


def write_ical(harvest: Harvest, versions: dict[int, int], *, address: str, host: str, title: str, m: Manner) -> bytes:
    """The calendar of everything that has a date. ``versions`` gives each opportunity's SEQUENCE by its id.

    What is cancelled or withdrawn stays as a cancelled event; what was taken back becomes one with nothing but UID and day.
    """
    calendar = Calendar()
    calendar.add("prodid", "-//clusterscout//opportunities//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", one_line(title))
    calendar.add("refresh-interval", timedelta(hours=6), parameters={"VALUE": "DURATION"})
    for row in (*harvest.rows, *harvest.gone):
        for event in events_of(row, versions.get(row.id, 0), address=address, host=host, m=m):
            calendar.add_component(event)
    for removed in harvest.removed:
        for event in _tombstones(removed, versions.get(removed.id, 0), host=host, m=m):
            calendar.add_component(event)
    calendar.add_missing_timezones()
    return bytes(calendar.to_ical())


def events_of(row: Row, sequence: int, *, address: str, host: str, m: Manner) -> list[Event]:
    """The dated entries of one item: its next deadline, and the days of a fair or event. None of what has no date."""
    out = []
    if row.deadline and row.deadline.get("local"):
        out.append(_deadline(row, row.deadline, sequence, address=address, host=host, m=m))
    if row.kind in ("fair", "event") and row.starts_local:
        out.append(_days(row, sequence, address=address, host=host, m=m))
    return out


def _tombstones(removed: Removed, sequence: int, *, host: str, m: Manner) -> list[Event]:
    """A cancelled event for each that a calendar may hold of what was taken back."""
    dated = [(_deadline_uid(removed.key, d, host), str(d["local"])[:10]) for d in removed.deadlines if d.get("local")]
    if removed.first:
        dated.append((f"{removed.key}-days@{host}", removed.first))
    out = []
    for uid, day in dict(dated).items():
        event = Event()
        event.add("uid", uid)
        event.add("sequence", sequence)
        event.add("dtstamp", instant_of(removed.at))
        event.add("dtstart", date.fromisoformat(day))
        event.add("summary", m.gettext("No longer listed"))
        event.add("status", "CANCELLED")
        event.add("transp", "TRANSPARENT")
        out.append(event)
    return out


def _deadline_uid(key: str, deadline: Mapping[str, Any], host: str) -> str:
    return f"{key}-deadline-{deadline.get('stage') or 1}-{deadline.get('cut_off') or 0}@{host}"


def _deadline(row: Row, deadline: dict[str, Any], sequence: int, *, address: str, host: str, m: Manner) -> Event:
    event = _event(row, _deadline_uid(row.key, deadline, host), sequence, address=address, m=m)
    local = datetime.fromisoformat(deadline["local"])
    if deadline.get("precision") == "minute":
        event.add("dtstart", local.replace(tzinfo=_zone(str(deadline.get("zone") or "UTC"))))
    else:
        event.add("dtstart", local.date())
    event.add("summary", one_line(m.gettext("Deadline: %(title)s") % {"title": one_line(row.title) or row.key}))
    if row.status not in ("cancelled", "withdrawn"):
        for days in ALARMS:
            event.add_component(_alarm(days, row))
    return event


def _days(row: Row, sequence: int, *, address: str, host: str, m: Manner) -> Event:
    event = _event(row, f"{row.key}-days@{host}", sequence, address=address, m=m)
    first = date.fromisoformat(row.starts_local[:10])
    last = date.fromisoformat((row.ends_local or row.starts_local)[:10])
    event.add("dtstart", first)
    event.add("dtend", max(first, last) + timedelta(days=1))
    event.add("summary", one_line(row.title) or row.key)
    place = ", ".join(part for part in (row.venue, row.city, m.country(row.venue_country) if row.venue_country else "") if part)
    if place:
        event.add("location", one_line(place))
    if row.status not in ("cancelled", "withdrawn"):
        for days in ALARMS:
            event.add_component(_alarm(days, row))
    return event


def _event(row: Row, uid: str, sequence: int, *, address: str, m: Manner) -> Event:
    event = Event()
    event.add("uid", uid)
    event.add("sequence", sequence)
    event.add("dtstamp", instant_of(row.changed_at))
    event.add("last-modified", instant_of(row.changed_at))
    event.add("url", page_address(address, row))
    event.add(
        "description", harmless("\n\n".join(part for part in (tell_row(row, m), row.summary, page_address(address, row)) if part))
    )
    event.add("status", "CANCELLED" if row.status in ("cancelled", "withdrawn") else "CONFIRMED")
    event.add("transp", "TRANSPARENT")
    event.add("categories", [row.kind, *row.sectors])
    return event


def _alarm(days: int, row: Row) -> Alarm:
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", one_line(row.title) or row.key)
    alarm.add("trigger", timedelta(days=-days))
    return alarm


def _zone(name: str) -> ZoneInfo:
    return zone_or_utc(name)
