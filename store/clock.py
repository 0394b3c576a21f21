"""The only place that reads a clock. Called at the edges (commands, jobs, spiders); everything else takes ``now``."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta


class _Pace:
    """How fast the program's time runs: as fast as everybody's, unless ``hurry`` was called."""

    times = 1.0
    since = datetime(1970, 1, 1, tzinfo=UTC)


def utc_now() -> datetime:
    """Now, aware, in UTC, to the microsecond."""
    now = datetime.now(UTC)
    return now if _Pace.times == 1.0 else _Pace.since + (now - _Pace.since) * _Pace.times


def monotonic() -> float:
    """Seconds on a clock that never goes back; only differences mean something."""
    return time.monotonic()


def hurry(times: float) -> None:
    """Let this process's time run ``times`` as fast from now on, so that a sample lives through weeks in minutes."""
    _Pace.since, _Pace.times = utc_now(), times


def passes_at(instant: datetime) -> datetime:
    """When, on everybody's clock, this process's time comes to an aware instant."""
    return instant if _Pace.times == 1.0 else _Pace.since + (instant - _Pace.since) / _Pace.times


def hours(wait: float) -> timedelta:
    """How long so many hours of this process's time take on everybody's clock."""
    return timedelta(hours=wait) / _Pace.times
