"""Machine-written dates and times: ISO 8601 as interfaces write it, and civil times in the publisher's zone.

Free text goes through ``crawlers.dates``; what is read here has a known form, and a value of another form gives None.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from store.model import Deadline, Moment, Precision, ZoneSource

_ISO = re.compile(
    r"(?P<date>\d{4}-\d{2}-\d{2})(?:[T ]\s*(?P<time>\d{2}:\d{2}(?::\d{2})?)(?:[.,]\d+)?)?\s*(?P<offset>Z|[+-]\d{2}:?\d{2})?",
    re.IGNORECASE,
)
_CLOCK = re.compile(r"(?P<time>\d{1,2}:\d{2}(?::\d{2})?)(?:[.,]\d+)?\s*(?P<offset>Z|[+-]\d{2}:?\d{2})?", re.IGNORECASE)
# A year so far away means "no end", as in a grant that "closes" in 2076.
PLACEHOLDER_YEAR = 2060


@dataclass(frozen=True, kw_only=True, slots=True)
class Stamp:
    """A date as written: naive civil ``local`` (00:00 without a time), the ``offset`` that stands beside it, or None."""

    local: datetime
    has_time: bool
    offset: timedelta | None

    @property
    def instant(self) -> datetime | None:
        """The UTC instant, when an offset is written."""
        return None if self.offset is None else self.local.replace(tzinfo=timezone(self.offset)).astimezone(UTC)


def stamp(text: str) -> Stamp | None:
    """``2026-09-15``, ``2026-09-15T17:00:00.000+0000``, ``2026-10-20+02:00``, ``2026-09-17T09:59:30.5103917Z``; else None."""
    found = _ISO.fullmatch(text.strip())
    if not found:
        return None
    clock = found["time"] or "00:00"
    try:
        local = datetime.fromisoformat(f"{found['date']}T{clock}")
    except ValueError:
        return None
    return Stamp(local=local, has_time=found["time"] is not None, offset=_offset(found["offset"]))


def formatted(text: str, *formats: str) -> datetime | None:
    """The first of the ``strptime`` formats that reads the whole text, as naive civil time; None when none does."""
    for form in formats:
        try:
            return datetime.strptime(text.strip(), form)  # noqa: DTZ007  civil time, its zone stands in the source
        except ValueError:
            continue
    return None


def joined(date: str, time: str) -> Stamp | None:
    """A date and a time that a publisher gives apart (``2026-10-20+02:00`` and ``12:00:00+02:00``); the time's offset wins."""
    day = stamp(date)
    clock = _CLOCK.fullmatch(time.strip()) if time.strip() else None
    if day is None or (time.strip() and clock is None):
        return None
    if clock is None:
        return Stamp(local=day.local.replace(hour=0, minute=0, second=0), has_time=False, offset=day.offset)
    hours, minutes, *seconds = (int(part) for part in clock["time"].split(":"))
    if hours > 23 or minutes > 59:
        return None
    local = day.local.replace(hour=hours, minute=minutes, second=min(seconds[0], 59) if seconds else 0)
    return Stamp(local=local, has_time=True, offset=_offset(clock["offset"]) if clock["offset"] else day.offset)


def moment(local: datetime, zone: str, *, has_time: bool = False) -> Moment:
    """A civil time in ``zone``; without a time, the whole local day from its first second."""
    if not has_time:
        local = local.replace(hour=0, minute=0, second=0)
    return Moment(local=local, zone=zone, utc=_utc(local, zone), has_time=has_time)


def moment_of(text: str, zone: str) -> Moment | None:
    """A moment from an ISO text: an offset counts when a time stands with it, and is turned into civil time of ``zone``."""
    found = stamp(text)
    if found is None:
        return None
    if found.instant is None or not found.has_time:
        return moment(found.local, zone, has_time=found.has_time)
    return moment(found.instant.astimezone(ZoneInfo(zone)).replace(tzinfo=None), zone, has_time=True)


def instant_of(text: str, zone: str) -> datetime | None:
    """When something was published: the UTC instant of an ISO text, read in ``zone`` where no offset is written; else None."""
    found = stamp(text)
    if found is None:
        return None
    return found.instant or _utc(found.local, zone)


def until(
    local: datetime,
    zone: str,
    *,
    precision: Precision = "day",
    zone_source: ZoneSource = "source",
    flags: tuple[str, ...] = (),
    quote: str = "",
    stage: int = 1,
    cut_off: int | None = None,
) -> Deadline:
    """A deadline at civil ``local`` of ``zone``: to the minute (a time shown to the minute lasts until its first second), or the
    whole day, whose last second is ``utc``.
    """
    if local.year >= PLACEHOLDER_YEAR:
        flags = (*flags, "placeholder")
    if precision == "day":
        local = local.replace(hour=0, minute=0, second=0, microsecond=0)
        utc = _utc(local.replace(hour=23, minute=59, second=59), zone)
    else:
        utc = _utc(local, zone)
    return Deadline(
        local=local,
        zone=zone,
        utc=utc,
        precision=precision,
        zone_source=zone_source,
        stage=stage,
        cut_off=cut_off,
        flags=flags,
        quote=quote,
    )


def until_instant(at: Stamp, zone: str, *, flags: tuple[str, ...] = (), quote: str = "", stage: int = 1) -> Deadline:
    """A deadline whose offset is written: that instant, told in civil time of ``zone``; without a time, that local day."""
    if at.instant is None or not at.has_time:
        return until(at.local, zone, precision="minute" if at.has_time else "day", flags=flags, quote=quote, stage=stage)
    local = at.instant.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    return until(local, zone, precision="minute", zone_source="explicit", flags=flags, quote=quote, stage=stage)


def rolling(zone: str, *, quote: str = "", flags: tuple[str, ...] = ()) -> Deadline:
    """No date: open until the publisher closes it."""
    return Deadline(local=None, zone=zone, utc=None, precision="day", zone_source="source", rolling=True, flags=flags, quote=quote)


def _offset(text: str | None) -> timedelta | None:
    if text is None:
        return None
    if text in "zZ":
        return timedelta(0)
    digits = text[1:].replace(":", "")
    hours = timedelta(hours=min(int(digits[:2]), 14), minutes=min(int(digits[2:]), 59))
    return -hours if text[0] == "-" else hours


def _utc(local: datetime, zone: str) -> datetime:
    return local.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
