"""When a reader's digest is due: a weekday and an hour on the clock of the reader's zone. Pure."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from store.profiles import WEEKDAYS

WEEK = timedelta(days=7)
# A boundary further ahead than this can only come from a clock that was wrong; it then no longer holds a digest back.
CLOCK_SLACK = timedelta(days=1)


def last_due(now: datetime, *, weekday: str, hour: int, zone: str) -> datetime:
    """The newest instant not after ``now`` (aware) at which ``weekday`` (``mon``..``sun``) ``hour``:00 struck in ``zone``.

    Each week has exactly one: an hour that the clock skips strikes when it would have (an hour later on the wall), an hour that
    comes twice strikes at its first.
    """
    tz = ZoneInfo(zone)
    local = now.astimezone(tz)
    day = local.date() - timedelta(days=(local.weekday() - WEEKDAYS.index(weekday)) % 7)
    due = _strike(day, hour, tz)
    return due if due <= now else _strike(day - WEEK, hour, tz)


def next_due(now: datetime, *, weekday: str, hour: int, zone: str) -> datetime:
    """The first instant after ``now`` at which the digest is due."""
    tz = ZoneInfo(zone)
    day = last_due(now, weekday=weekday, hour=hour, zone=zone).astimezone(tz).date()
    return _strike(day + WEEK, hour, tz)


def period(now: datetime, told_until: datetime, *, weekday: str, hour: int, zone: str) -> tuple[datetime, datetime] | None:
    """The half-open period [start, end) of the issue that is due at ``now``, or None when none is.

    ``told_until`` is the end of the last period told. Several weeks missed make one long period, so one mail. When the clock went
    back by more than a day (``told_until`` lies ahead of ``now``) the period is the last week: the ledger of what was told keeps
    things from being told twice.
    """
    end = last_due(now, weekday=weekday, hour=hour, zone=zone)
    if told_until > now + CLOCK_SLACK:
        return end - WEEK, end
    return (told_until, end) if told_until < end else None


def _strike(day: date, hour: int, tz: ZoneInfo) -> datetime:
    local = datetime.combine(day, time(hour), tzinfo=tz)
    return local.astimezone(UTC)
