"""Properties of an event as text: what it says, who organises it, where more is told."""

from __future__ import annotations

import re

from icalendar import Event

from crawlers.clean import clean_line
from crawlers.links import absolute

ROOMS = ("zoom.us", "teams.microsoft", "teams.live", "meet.google", "webex.com", "gotomeet", "whereby.com")
_LINK = re.compile(r"https?://[^\s<>\"'\\]+")


def said(event: Event, *names: str) -> str:
    """The text of the first of these properties that has one; of a property that stands twice, the first."""
    for name in names:
        value = event.get(name)
        if text := str((value[0] if value else "") if isinstance(value, list) else value or ""):
            return text
    return ""


def only_link(event: Event) -> str:
    """The one address in the description that is no meeting room; "" for none or several."""
    found = {absolute(link.rstrip(".,;)")) for link in _LINK.findall(said(event, "DESCRIPTION"))} - {""}
    pages = [link for link in found if not any(room in link for room in ROOMS)]
    return pages[0] if len(pages) == 1 else ""


def raw(event: Event, name: str) -> str:
    """A property as the calendar writes it, with its zone; of several the first."""
    value = event.get(name)
    if isinstance(value, list):
        value = value[0]
    written = value.to_ical() if hasattr(value, "to_ical") else str(value).encode()
    zone = value.params.get("TZID", "") if hasattr(value, "params") else ""
    return clean_line(
        (written.decode("utf-8", "replace") if isinstance(written, bytes) else str(written)) + (f" {zone}" if zone else ""), 200
    )


def organiser_of(event: Event) -> str:
    """The organiser's common name; "" when only an address is given."""
    organiser = event.get("ORGANIZER")
    name = getattr(organiser, "params", {}).get("CN") if organiser is not None else None
    return clean_line(str(name or ""), 200)
