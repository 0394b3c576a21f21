"""Status is never stored: it follows from the deadlines and now. ``store/index.py`` lays the same rule out in time for lists."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from store.model import Deadline, Kind, Moment, Status

CLOSING_DAYS = 14


def status_of(
    *,
    deadlines: Sequence[Deadline],
    opens: Moment | datetime | None,
    starts: Moment | datetime | None,
    ends: Moment | datetime | None,
    rolling: bool,
    cancelled: bool,
    withdrawn: bool,
    kind: Kind,
    now: datetime,
    over: bool = False,
    planned: bool = False,
) -> Status:
    """The status at ``now`` (aware), to the second; a deadline's own second still counts as open.

    With several deadlines the next one decides, so the status closes in on each stage once. A fair is open until its last day is
    over, whatever its registration says; an event follows its deadlines, and its dates when it has none. A bare datetime for
    ``starts``/``ends`` is an instant (``ends`` the last second). News and studies without dates are open.

    What its publisher says is ``over`` (awarded, closed) is closed, but for a deadline that is still to come: one lot may be awarded
    while another asks for offers. A fair goes by its days all the same. What is ``planned`` is forthcoming until a date says more.
    """
    now = now.astimezone(UTC).replace(microsecond=0)
    soon = now + timedelta(days=CLOSING_DAYS)
    if cancelled:
        return "cancelled"
    if withdrawn:
        return "withdrawn"
    first, last = _instant(starts), last_second(starts, ends)
    begin = _instant(opens)
    if begin is not None and begin > now and not over:
        return "forthcoming"
    if kind == "fair" and last is not None:
        return _by_dates(first, last, now, soon)
    dated = sorted(d.utc for d in deadlines if d.utc is not None)
    coming = [utc for utc in dated if utc >= now]
    if coming:
        return "closing" if coming[0] <= soon else "open"
    if over:
        return "closed"
    if rolling or any(d.rolling and d.utc is None for d in deadlines):
        return "rolling"
    if dated:
        return "closed"
    if last is not None:
        return _by_dates(first, last, now, soon)
    return "forthcoming" if planned and begin is None else "open"


def last_second(starts: Moment | datetime | None, ends: Moment | datetime | None) -> datetime | None:
    """The last UTC second of a fair or event: the end as said (its whole day when it has no time), else the day of its start.

    None when neither is known, or when the end is nothing but the start said badly (before it): then the start's day counts.
    """
    end = ends if ends is not None else starts
    begin = _instant(starts)
    if end is None:
        return None
    if isinstance(end, datetime):
        last = end.astimezone(UTC)
    elif end.has_time and ends is not None:
        last = end.utc
    else:
        zone = ZoneInfo(end.zone) if end.zone else UTC
        last = datetime.combine(end.local.date(), time(23, 59, 59), tzinfo=zone).astimezone(UTC)
    return last if begin is None or last >= begin else last_second(starts, None)


def _instant(moment: Moment | datetime | None) -> datetime | None:
    if moment is None or isinstance(moment, datetime):
        return moment
    return moment.utc


def _by_dates(first: datetime | None, last: datetime, now: datetime, soon: datetime) -> Status:
    if last < now:
        return "closed"
    return "closing" if first is not None and now <= first <= soon else "open"
