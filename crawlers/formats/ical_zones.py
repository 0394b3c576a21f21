"""IANA names of the zones that calendars call otherwise: Windows' names, Notes' names, Outlook's labels, makers' prefixes."""

from __future__ import annotations

import re
from functools import cache
from types import MappingProxyType
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

# IBM Notes, and abbreviations that mean one place in calendars of European publishers.
NAMES = MappingProxyType(
    {
        "western/central europe": "Europe/Berlin",
        "central europe": "Europe/Berlin",
        "western europe": "Europe/Lisbon",
        "eastern europe": "Europe/Bucharest",
        "romance": "Europe/Paris",
        "cet": "Europe/Brussels",
        "cest": "Europe/Brussels",
        "mez": "Europe/Berlin",
        "mesz": "Europe/Berlin",
        "wet": "Europe/Lisbon",
        "west": "Europe/Lisbon",
        "eet": "Europe/Helsinki",
        "eest": "Europe/Helsinki",
        "bst": "Europe/London",
        "gmt standard time": "Europe/London",
        "eastern": "America/New_York",
        "est": "America/New_York",
        "edt": "America/New_York",
        "central": "America/Chicago",
        "mountain": "America/Denver",
        "pacific": "America/Los_Angeles",
        "pst": "America/Los_Angeles",
        "pdt": "America/Los_Angeles",
    }
)
_PREFIX = re.compile(r"^\W*(?:\(?(?:UTC|GMT)\s*[+-]?\s*\d{0,2}[:.]?\d{0,2}\)?)", re.IGNORECASE)


def iana(label: str) -> str:
    """The IANA name of the zone that a TZID means; "" when that is not sure."""
    label = label.strip().strip('"').strip()
    if not label:
        return ""
    if label in available_timezones():
        return label
    if label in WINDOWS_TO_OLSON:
        return str(WINDOWS_TO_OLSON[label])
    if label.lower() in NAMES:
        return NAMES[label.lower()]
    parts = re.split(r"[/_ ]*/", label)  # /freeassociation.sourceforge.net/Tzfile/Europe/Berlin, custom_America/New_York
    for start in range(len(parts)):
        tail = "/".join(parts[start:])
        for name in (tail, tail.rpartition("_")[2] if "/" not in tail else tail.partition("_")[2]):
            if "/" in name and name in available_timezones():
                return name
    if _PREFIX.match(label):  # (UTC+01:00) Amsterdam, Berlin, Bern, Rome
        for city in _PREFIX.sub("", label).split(","):
            if name := _cities().get(city.strip().casefold(), ""):
                return name
    return ""


@cache
def _cities() -> dict[str, str]:
    """Folded city of an IANA name -> the name; cities that two zones share are left out."""
    found: dict[str, str] = {}
    double = set()
    for name in available_timezones():
        area, slash, rest = name.partition("/")
        if not slash or area in {"Etc", "posix", "right", "SystemV", "US", "Brazil", "Canada", "Mexico", "Chile"}:
            continue
        city = rest.rpartition("/")[2].replace("_", " ").casefold()
        if city in found:
            double.add(city)
        found[city] = name
    return {city: name for city, name in found.items() if city not in double} | {"bern": "Europe/Zurich"}


@cache
def known(name: str) -> ZoneInfo | None:
    """The zone of an IANA name; None for any other."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None
