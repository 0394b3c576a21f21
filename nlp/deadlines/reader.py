"""Deadlines in running text and in deadline fields."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime

from nlp.deadlines.resolve import at_instant, resolve
from nlp.deadlines.zones import zone_info
from store.model import Deadline, Moment

_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?")
_NUMERIC = re.compile(r"\b(\d{1,2})[./](\d{1,2})[./](\d{4})\b(?:[^\d\n]{1,12}(\d{1,2})[:.h](\d{2}))?")


def read_deadlines(
    text: str, *, lang: str, zone: str, published: date | None = None, day_first: bool | None = None, field: bool = False
) -> tuple[Deadline, ...]:
    """The deadlines a text says, in the order of their dates."""
    found: list[Deadline] = []
    for match in _ISO.finditer(text):
        try:
            when = datetime.fromisoformat(match[0])
        except ValueError:
            continue
        given = at_instant(when, zone=zone, published=published) if when.tzinfo else resolve(
            when, zone=zone, precision="minute" if match[4] else "day", published=published)  # fmt: skip
        found.append(replace(given, quote=match[0], start=match.start(), end=match.end()))
    for match in _NUMERIC.finditer(text):
        first, second = int(match[1]), int(match[2])
        day, month = (second, first) if day_first is False else (first, second)
        try:
            when = datetime(int(match[3]), month, day, int(match[4] or 0), int(match[5] or 0))
        except ValueError:
            continue
        given = resolve(when, zone=zone, precision="minute" if match[4] else "day", published=published)
        found.append(replace(given, quote=match[0], start=match.start(), end=match.end()))
    return tuple(sorted(found, key=lambda one: one.utc or datetime.max.replace(tzinfo=UTC)))


def read_date(text: str, *, lang: str, zone: str, formats: tuple[str, ...] = (), day_first: bool | None = None) -> Moment | None:
    """One date or moment from a field (a fair's first day, a publication date); None when the text holds no date."""
    for one in formats:
        try:
            when = datetime.strptime(text.strip(), one)  # noqa: DTZ007 - civil time; the zone comes beside it
        except ValueError:
            continue
        return _moment(when.replace(tzinfo=None), zone, has_time=any(code in one for code in ("%H", "%I", "%M")))
    found = read_deadlines(text, lang=lang, zone=zone, day_first=day_first, field=True)
    dated = [one for one in found if one.local is not None]
    if not dated or dated[0].local is None:
        return None
    return _moment(dated[0].local, dated[0].zone, has_time=dated[0].precision == "minute")


def _moment(local: datetime, zone: str, *, has_time: bool) -> Moment:
    return Moment(local=local, zone=zone, utc=local.replace(tzinfo=zone_info(zone)).astimezone(UTC), has_time=has_time)
