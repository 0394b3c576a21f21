"""Dates as publishers write them in fields: machine forms are read here, prose by ``nlp.deadlines``. Nothing is guessed silently.

Zones: a value that carries an offset is an instant, told in the source's zone (``zone_source`` explicit). A value without one is
civil time in the source's zone (``zone_source`` source). Midnight to the second in a field is a date without a time: portals write
``T00:00:00.000+0000`` for it, and the day before it begins would be lost if it were taken as an instant.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from email.utils import parsedate_to_datetime
from zoneinfo import ZoneInfo

from crawlers.source import Source
from nlp.deadlines import read_date, read_deadlines, resolve
from nlp.deadlines.resolve import at_instant
from store.model import Deadline, Moment, ZoneSource

_ISO = re.compile(
    r"(?P<y>\d{4})-?(?P<m>\d{2})-?(?P<d>\d{2})(?:[T ](?P<H>\d{2}):?(?P<M>\d{2})(?::?(?P<S>\d{2})(?:[.,]\d+)?)?)?\s*(?P<z>Z|UTC|[+-]\d{2}:?\d{2})?"
)
_EPOCH = re.compile(r"-?\d{9,13}")
_RFC822 = re.compile(r"(?:[A-Za-z]{3,9},?\s*)?\d{1,2}\s+[A-Za-z]{3}\s+\d{4}\s+\d{1,2}:\d{2}.*")
_GMT_OFFSET = re.compile(r"(?:GMT|UTC)([+-])(\d{1,2})(?::?00)?$")
EARLIEST, LATEST = 1970, 2200


class Reading:
    """A date as read: civil ``local`` in ``zone``, whether it ``has_time``, and where the zone came from."""

    __slots__ = ("has_time", "local", "source", "zone")

    def __init__(self, local: datetime, zone: str, has_time: bool, source: ZoneSource) -> None:
        self.local = local
        self.zone = zone
        self.has_time = has_time
        self.source = source

    @property
    def utc(self) -> datetime:
        """The instant of ``local``; of the day's first second when there is no time."""
        return self.local.replace(tzinfo=ZoneInfo(self.zone)).astimezone(UTC)


def read_machine(text: str, source: Source) -> Reading | None:
    """``text`` in one of the source's ``date_formats`` (strptime), ISO 8601, RFC 822 or Unix time (seconds or milliseconds);
    None when it is in none of them or the date does not exist.
    """
    text = text.strip()
    for form in source.date_formats:
        try:
            found = datetime.strptime(text, form)  # noqa: DTZ007 - civil time; the zone is the source's
        except ValueError:
            continue
        has_time = any(mark in form for mark in ("%H", "%I", "%X", "%c"))
        if found.tzinfo is not None:
            return _instant(found, source, has_time=True)
        return Reading(found, source.timezone, has_time and found.time() != time(), "source")
    if match := _ISO.fullmatch(text):
        return _iso(match, source)
    if _EPOCH.fullmatch(text):
        seconds = int(text) / (1000 if len(text.lstrip("-")) > 10 else 1)
        return _instant(datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds), source, has_time=True)
    if _RFC822.fullmatch(text):
        try:
            return _instant(parsedate_to_datetime(_GMT_OFFSET.sub(_four_digits, text.replace(",", ", "))), source, has_time=True)
        except ValueError:
            return None
    return None


def _four_digits(match: re.Match[str]) -> str:
    return f"{match[1]}{int(match[2]):02d}00"


def read_field(text: str, source: Source, *, lang: str = "") -> Reading | None:
    """One date in a field, machine form first and prose after; None when nothing can be read."""
    machine = read_machine(text, source)
    if machine is not None:
        return machine
    moment = read_date(
        text,
        lang=lang or source.languages[0],
        zone=source.timezone,
        formats=source.date_formats,
        day_first=source.day_first,
    )
    return None if moment is None else Reading(moment.local, moment.zone, moment.has_time, "source")


def read_moment(text: str, source: Source, *, lang: str = "") -> Moment | None:
    """When something begins or ends, as a field says it; None when it cannot be read."""
    found = read_field(text, source, lang=lang)
    if found is None or not EARLIEST <= found.local.year <= LATEST:
        return None
    return Moment(local=found.local, zone=found.zone, utc=found.utc, has_time=found.has_time)


def read_instant(text: str, source: Source, *, lang: str = "") -> datetime | None:
    """When something was published or updated, in UTC (a date alone is its first second); None when it cannot be read."""
    found = read_field(text, source, lang=lang)
    return None if found is None or not EARLIEST <= found.local.year <= LATEST else found.utc


def read_field_deadlines(text: str, source: Source, *, lang: str = "", published: date | None = None) -> tuple[Deadline, ...]:
    """The deadlines that a deadline field states, in its order; () when it cannot be read. The field's text is each one's quote."""
    machine = read_machine(text, source)
    if machine is not None:
        return (deadline_at(machine, quote=text.strip(), published=published),)
    return read_deadlines(
        text,
        lang=lang or source.languages[0],
        zone=source.timezone,
        published=published,
        day_first=source.day_first,
        field=True,
    )


def deadline_at(
    reading: Reading, *, quote: str, published: date | None = None, stage: int = 1, cut_off: int | None = None
) -> Deadline:
    """A machine-read date as a Deadline, with the flags of ``nlp.deadlines.resolve``: a date alone is open until the last second
    of that local day.
    """
    if reading.source == "explicit":
        found = at_instant(reading.utc, zone=reading.zone, published=published)
        return replace(found, stage=stage, cut_off=cut_off, quote=quote, end=len(quote))
    return resolve(
        reading.local,
        zone=reading.zone,
        precision="minute" if reading.has_time else "day",
        zone_source=reading.source,
        stage=stage,
        cut_off=cut_off,
        published=published,
        quote=quote,
        end=len(quote),
    )


def moment_at(local: datetime, zone: str, *, has_time: bool) -> Moment:
    """A Moment from civil time in an IANA zone."""
    return Moment(local=local, zone=zone, utc=local.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC), has_time=has_time)


def _iso(match: re.Match[str], source: Source) -> Reading | None:
    part = match.groupdict()
    try:
        day = datetime(int(part["y"]), int(part["m"]), int(part["d"]))  # noqa: DTZ001 - civil date
        clock = time(int(part["H"] or 0), int(part["M"] or 0), int(part["S"] or 0))
    except ValueError:
        return None
    if not part["H"] or clock == time():
        return Reading(day, source.timezone, False, "source")
    local = datetime.combine(day, clock)
    zone = part["z"]
    if not zone:
        return Reading(local, source.timezone, True, "source")
    offset = timedelta(0) if zone in {"Z", "UTC"} else _offset(zone)
    return _instant((local - offset).replace(tzinfo=UTC), source, has_time=True)


def _offset(text: str) -> timedelta:
    digits = text[1:].replace(":", "")
    span = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return -span if text[0] == "-" else span


def _instant(found: datetime, source: Source, *, has_time: bool) -> Reading:
    if found.tzinfo is None:  # RFC 822 with "-0000": an instant in UTC whose local zone is unknown
        found = found.replace(tzinfo=UTC)
    local = found.astimezone(ZoneInfo(source.timezone)).replace(tzinfo=None)
    return Reading(local, source.timezone, has_time, "explicit")
