"""Civil time, zone and label to one instant, with what was decided told in flags."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta, timezone

from nlp.deadlines.fold import fold_word
from nlp.deadlines.zones import Label, family_holds, fixed_zone, minutes_of, offset_minutes, place_zone, zone_info, zones
from store.model import Deadline, Precision, ZoneSource

ASSUMED_ZONE = "Europe/Brussels"
LAST_YEAR = 2090
FIRST_YEAR = 1971


def resolve(
    local: datetime,
    *,
    zone: str,
    label: str = "",
    precision: Precision = "minute",
    zone_source: ZoneSource = "source",
    stage: int = 1,
    cut_off: int | None = None,
    published: date | None = None,
    flags: tuple[str, ...] = (),
    quote: str = "",
    start: int = 0,
    end: int = 0,
) -> Deadline:
    """One civil time as a deadline.

    ``local`` is naive civil time; with precision ``day`` its time is dropped and ``utc`` is the last second of that local day.
    ``zone`` is the publisher's IANA zone ("" = unknown: Brussels is assumed and ``zone_source`` is ``assumed``). ``label`` is what the
    publisher printed after the time: "CET", "GMT+2", "Brussels", "AoE". A label of the publisher's own family means the publisher's
    civil time; if the calendar contradicts the label the flag is ``zone_label_conflict``. Flags also set here: ``nonexistent_time``
    (in the gap of spring: read with the offset before it, as RFC 5545 section 3.3.5 does), ``ambiguous_time`` (in the repeated
    hour of autumn: the first one), ``placeholder``, ``before_publication``, ``unknown_zone_label``.
    Raises ``KeyError`` or ``ValueError`` when ``zone`` is no IANA name.
    """
    if local.tzinfo is not None:
        raise ValueError("resolve() takes naive civil time; an aware datetime already has its instant.")
    found: list[str] = list(flags)
    if not zone:
        zone, zone_source = ASSUMED_ZONE, "assumed"
    if precision == "day":
        local = datetime.combine(local.date(), time())
    claimed: int | None = None
    if label:
        zone, zone_source, claimed = _of_label(label, local, zone, zone_source, found)
    moment = local if precision == "minute" else local.replace(hour=23, minute=59, second=59)
    utc, local = _instant(moment, local, zone, claimed, precision, found)
    if local.year >= LAST_YEAR or local.year < FIRST_YEAR:
        found.append("placeholder")
    if published is not None and local.date() < published:
        found.append("before_publication")
    return Deadline(
        local=local, zone=zone, utc=utc, precision=precision, zone_source=zone_source, stage=stage, cut_off=cut_off,
        flags=tuple(dict.fromkeys(found)), quote=quote, start=start, end=end,
    )  # fmt: skip


def at_instant(instant: datetime, *, zone: str, published: date | None = None, flags: tuple[str, ...] = ()) -> Deadline:
    """A deadline whose instant the publisher gave with an offset ("2026-03-31T15:00:00Z"), told in the civil time of ``zone``."""
    zone_source: ZoneSource = "explicit"
    zone = zone or "Etc/UTC"
    try:
        utc = instant.astimezone(UTC)
        local = utc.astimezone(zone_info(zone)).replace(tzinfo=None)
    except OverflowError:
        return replace(resolve(instant.replace(tzinfo=None), zone=zone, flags=flags), zone_source=zone_source)
    base = resolve(local, zone=zone, published=published, flags=flags)
    kept = tuple(flag for flag in base.flags if flag not in ("ambiguous_time", "nonexistent_time"))
    return replace(base, utc=utc, local=local, zone_source=zone_source, flags=kept)


def _of_label(
    label: str, local: datetime, zone: str, zone_source: ZoneSource, found: list[str]
) -> tuple[str, ZoneSource, int | None]:
    """Zone, its source and the offset the label claims (None when it claims none). Parts are divided by "/" or ","."""
    words = fold_word(label).strip(" ().,;")
    known = zones().labels
    if words in known:
        return _of_known(known[words], local, zone, found)
    minutes = offset_minutes(words)
    if minutes is not None:
        return _of_offset(minutes, local, zone, found)
    place = place_zone(words)
    if place:
        return place, "explicit", None
    found.append("unknown_zone_label")
    return zone, zone_source, None


def _of_known(label: Label, local: datetime, zone: str, found: list[str]) -> tuple[str, ZoneSource, int | None]:
    if family_holds(label.family, zone):
        civil = zone
    elif label.zone:
        civil = label.zone
    else:
        return fixed_zone(label.minutes or 0), "label", None
    if label.name == "gmt" and zone == "Europe/Lisbon" and not _claims(label.minutes, local, zone):
        return "Etc/UTC", "label", None
    if label.minutes is not None and not _claims(label.minutes, local, civil):
        found.append("zone_label_conflict")
    return civil, "label", label.minutes


def _of_offset(minutes: int, local: datetime, zone: str, found: list[str]) -> tuple[str, ZoneSource, int | None]:
    """A numeric offset: the publisher's zone when it fits; when it is its offset of the other season, a lie; else itself."""
    info = zone_info(zone)
    if _claims(minutes, local, zone):
        return zone, "label", minutes
    seasons = {minutes_of(datetime(local.year, month, 1, tzinfo=info).utcoffset()) for month in (1, 7)}
    fixed = fixed_zone(minutes)
    if minutes in seasons or not fixed:
        found.append("zone_label_conflict")
        return zone, "label", None
    return fixed, "label", None


def _claims(minutes: int | None, local: datetime, zone: str) -> bool:
    """Whether ``minutes`` is an offset that ``zone`` can have at that civil time (either one, in a repeated hour)."""
    info = zone_info(zone)
    return minutes in {minutes_of(local.replace(tzinfo=info, fold=fold).utcoffset()) for fold in (0, 1)}


def _instant(
    moment: datetime, local: datetime, zone: str, claimed: int | None, precision: Precision, found: list[str]
) -> tuple[datetime | None, datetime]:
    info = zone_info(zone)
    first, second = (moment.replace(tzinfo=info, fold=fold).utcoffset() for fold in (0, 1))
    offset = first
    if first != second and first is not None and second is not None:
        if second < first:  # the repeated hour of autumn
            if (claimed is not None and minutes_of(second) == claimed and minutes_of(first) != claimed) or precision == "day":
                offset = second
            elif claimed is None or minutes_of(first) != claimed:
                found.append("ambiguous_time")
        elif precision == "minute":
            found.append("nonexistent_time")
    try:
        return moment.replace(tzinfo=timezone(offset or timedelta())).astimezone(UTC), local
    except OverflowError:
        return None, local
