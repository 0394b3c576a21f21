"""Dates of iCalendar properties as Moments: zones known and unknown, whole days, durations."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from icalendar import Event

from crawlers.dates import read_moment
from crawlers.formats.ical_zones import iana, known
from crawlers.source import Source
from store.model import Moment


def dt_of(value: Any) -> Any:
    """The date, datetime or timedelta of a property; None when it has none or is broken."""
    try:
        return getattr(value, "dt", None)
    except (AttributeError, ValueError):
        return None


def moment_of(value: Any, source: Source) -> tuple[Moment | None, str]:
    """The moment of a DTSTART-like property and the TZID that was not known, if any."""
    if isinstance(value, list):
        value = value[0] if value else None
    try:
        found = getattr(value, "dt", None)
    except (AttributeError, ValueError):  # a broken property keeps what was written
        moment = read_moment(str(value), source)
        if moment is None:
            raise
        return moment, ""
    if found is None:
        return None, ""
    tzid = str(value.params.get("TZID", "")) if hasattr(value, "params") else ""
    if not isinstance(found, datetime):
        return _at(datetime.combine(found, time()), source.timezone, False), ""
    if found.tzinfo is None:
        zone = iana(tzid)
        return _at(found, zone or source.timezone, True), "" if zone else tzid
    zone = _zone_name(found, tzid)
    if not zone:  # a custom VTIMEZONE: the instant is right, its civil time is told in the source's zone
        instant = found.astimezone(UTC)
        return _at(instant.astimezone(ZoneInfo(source.timezone)).replace(tzinfo=None), source.timezone, True), ""
    return _at(found.replace(tzinfo=None), zone, True), ""


def home(event: Event, source: Source, zone: str) -> Source:
    """``source``, in the calendar's own ``zone`` (X-WR-TIMEZONE) when the event's time names none; UTC there is but a default."""
    start = event.get("DTSTART")
    found = getattr(start, "__dict__", {}).get("dt")
    floats = isinstance(found, datetime) and found.tzinfo is None and "TZID" not in getattr(start, "params", {})
    return replace(source, timezone=zone) if floats and zone not in {"", "UTC", "Etc/UTC"} else source


def _zone_name(found: datetime, tzid: str) -> str:
    """An IANA name of the datetime's zone; "" for UTC (told in the source's zone) and for zones of the calendar's own making, unless
    their name means a zone whose clocks show the same at that instant.
    """
    key = str(getattr(found.tzinfo, "key", None) or tzid)
    if not key or key.upper() in {"UTC", "GMT", "Z"}:
        return ""
    name = iana(key)
    zone = known(name) if name else None
    return name if zone is not None and found.replace(tzinfo=zone).utcoffset() == found.utcoffset() else ""


def _at(local: datetime, zone: str, has_time: bool) -> Moment:
    return Moment(local=local, zone=zone, utc=local.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC), has_time=has_time)


def end_of(event: Event, starts: Moment | None, source: Source) -> Moment | None:
    """The last moment of an event, from DTEND or DURATION; of a whole-day event its last day. None when it says none, or one before
    its start.
    """
    end, _ = moment_of(event.get("DTEND"), source)
    if end is None and starts is not None and (duration := getattr(event.get("DURATION"), "dt", None)) is not None:
        if starts.has_time:
            end = _at(starts.local + duration, starts.zone, True)
        else:
            end = _at(starts.local + timedelta(days=max(duration.days, 1)), starts.zone, False)
    if end is None or starts is None:
        return end
    if not end.has_time and not starts.has_time:  # RFC 5545 3.6.1: DTEND is the first day after
        last = max(end.local - timedelta(days=1), starts.local)
        return _at(last, end.zone, False)
    return end if end.utc >= starts.utc else None


def instant_of(value: Any) -> datetime | None:
    """A date-time property as an instant in UTC (floating time is taken as UTC); None for anything else."""
    found = dt_of(value)
    if not isinstance(found, datetime):
        return None
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
