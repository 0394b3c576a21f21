"""Civil time to instant: every half hour round every clock change of nine years in six zones, and what labels do."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from nlp.deadlines import resolve

ZONES = ("Europe/Brussels", "Europe/London", "Europe/Lisbon", "Europe/Athens", "America/New_York", "Australia/Sydney")
YEARS = range(2024, 2033)


def changes(zone: str) -> list[datetime]:
    """The civil days (noon) on which the zone's offset changes, found by asking the zone alone."""
    info = ZoneInfo(zone)
    days = []
    for year in YEARS:
        day = datetime(year, 1, 1)
        while day.year == year:
            following = day + timedelta(days=1)
            if day.replace(tzinfo=info).utcoffset() != following.replace(tzinfo=info).utcoffset():
                days.append(day)
            day = following
    return days


def half_hours(day: datetime) -> Iterator[datetime]:
    for step in range(-24, 72):
        yield day + timedelta(minutes=30 * step)


@pytest.mark.parametrize("zone", ZONES)
def test_every_half_hour_round_every_change(zone: str) -> None:
    info = ZoneInfo(zone)
    days = changes(zone)
    assert len(days) == 2 * len(YEARS)
    skipped = repeated = 0
    for day in days:
        before: datetime | None = None
        for local in half_hours(day):
            given = resolve(local, zone=zone)
            assert given.utc is not None
            offsets = [local.replace(tzinfo=info, fold=fold).utcoffset() for fold in (0, 1)]
            there_and_back = given.utc.astimezone(info).replace(tzinfo=None)
            assert offsets[0] is not None
            assert offsets[1] is not None
            if offsets[0] == offsets[1]:
                assert given.flags == ()
                assert there_and_back == local
            elif offsets[1] < offsets[0]:
                repeated += 1
                assert given.flags == ("ambiguous_time",)
                assert there_and_back == local
                assert given.utc == (local - offsets[0]).replace(tzinfo=UTC), "the first of the two hours"
            else:
                skipped += 1
                assert given.flags == ("nonexistent_time",)
                assert there_and_back == local + (offsets[1] - offsets[0]), "read with the offset before the gap"
                continue
            assert before is None or before < given.utc, "a later civil time is a later instant"
            before = given.utc
    assert (skipped, repeated) == (2 * len(YEARS), 2 * len(YEARS)), "two half hours a change"


@pytest.mark.parametrize("zone", ZONES)
def test_a_day_ends_at_its_last_second(zone: str) -> None:
    info = ZoneInfo(zone)
    for day in changes(zone):
        for shift in (-1, 0, 1):
            local = day + timedelta(days=shift)
            given = resolve(local + timedelta(hours=5), zone=zone, precision="day")
            assert given.utc is not None
            assert given.local == local
            assert given.utc.astimezone(info).replace(tzinfo=None) == local.replace(hour=23, minute=59, second=59)
            assert (given.utc + timedelta(seconds=1)).astimezone(info).date() == (local + timedelta(days=1)).date()
            assert given.flags == ()


@pytest.mark.parametrize(
    ("label", "zone", "local", "utc", "where", "flags"),
    [
        ("CET", "Europe/Brussels", datetime(2023, 4, 1, 18), "2023-04-01T16:00", "Europe/Brussels", ("zone_label_conflict",)),
        ("CEST", "Europe/Brussels", datetime(2023, 4, 1, 18), "2023-04-01T16:00", "Europe/Brussels", ()),
        ("CEST", "Europe/Madrid", datetime(2026, 1, 15, 12), "2026-01-15T11:00", "Europe/Madrid", ("zone_label_conflict",)),
        ("CET", "Europe/Lisbon", datetime(2026, 1, 15, 17), "2026-01-15T16:00", "Europe/Brussels", ()),
        ("GMT", "Europe/London", datetime(2026, 7, 1, 16), "2026-07-01T15:00", "Europe/London", ("zone_label_conflict",)),
        ("BST", "Europe/London", datetime(2026, 12, 1, 16), "2026-12-01T16:00", "Europe/London", ("zone_label_conflict",)),
        ("GMT", "Europe/Brussels", datetime(2026, 7, 1, 16), "2026-07-01T16:00", "Etc/UTC", ()),
        ("EST", "America/New_York", datetime(2026, 6, 1, 17), "2026-06-01T21:00", "America/New_York", ("zone_label_conflict",)),
        ("ET", "America/New_York", datetime(2026, 6, 1, 17), "2026-06-01T21:00", "America/New_York", ()),
        ("EDT", "Europe/Brussels", datetime(2026, 6, 1, 17), "2026-06-01T21:00", "America/New_York", ()),
        ("AoE", "Europe/Brussels", datetime(2026, 6, 1, 23, 59), "2026-06-02T11:59", "Etc/GMT+12", ()),
        ("UTC", "Europe/Brussels", datetime(2026, 6, 1, 12), "2026-06-01T12:00", "Etc/UTC", ()),
        ("GMT+2", "Europe/Brussels", datetime(2026, 6, 1, 12), "2026-06-01T10:00", "Europe/Brussels", ()),
        ("UTC+1", "Europe/Brussels", datetime(2026, 6, 1, 12), "2026-06-01T10:00", "Europe/Brussels", ("zone_label_conflict",)),
        ("UTC+5", "Europe/Brussels", datetime(2026, 6, 1, 12), "2026-06-01T07:00", "Etc/GMT-5", ()),
        ("Brussels", "Europe/Lisbon", datetime(2026, 6, 1, 17), "2026-06-01T15:00", "Europe/Brussels", ()),
        ("Narnia", "Europe/Lisbon", datetime(2026, 6, 1, 17), "2026-06-01T16:00", "Europe/Lisbon", ("unknown_zone_label",)),
    ],
)
def test_a_label_means_the_civil_time_of_its_family(
    label: str, zone: str, local: datetime, utc: str, where: str, flags: tuple[str, ...]
) -> None:
    given = resolve(local, zone=zone, label=label)
    assert given.utc == datetime.fromisoformat(utc).replace(tzinfo=UTC)
    assert given.zone == where
    assert given.flags == flags


def test_a_label_decides_the_repeated_hour() -> None:
    first = resolve(datetime(2026, 10, 25, 2, 30), zone="Europe/Brussels", label="CEST")
    second = resolve(datetime(2026, 10, 25, 2, 30), zone="Europe/Brussels", label="CET")
    assert first.utc == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert second.utc == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    assert first.flags == second.flags == ()


def test_what_cannot_be_meant_is_said() -> None:
    assert resolve(datetime(2099, 12, 31), zone="Europe/Brussels", precision="day").flags == ("placeholder",)
    assert resolve(datetime(1970, 1, 1), zone="Europe/Brussels", precision="day").flags == ("placeholder",)
    last = resolve(datetime(9999, 12, 31), zone="America/New_York", precision="day")
    assert last.flags == ("placeholder",)
    assert last.utc is None, "no instant beyond the calendar"
    early = resolve(datetime(2026, 1, 1), zone="Europe/Brussels", precision="day", published=date(2026, 2, 1))
    assert early.flags == ("before_publication",)
    assert resolve(datetime(2026, 1, 1), zone="").zone_source == "assumed"


def test_a_wrong_zone_or_an_aware_time_is_an_error() -> None:
    with pytest.raises((KeyError, ValueError)):
        resolve(datetime(2026, 1, 1), zone="Europe/Atlantis")
    with pytest.raises(ValueError, match="naive"):
        resolve(datetime(2026, 1, 1, tzinfo=UTC), zone="Europe/Brussels")
