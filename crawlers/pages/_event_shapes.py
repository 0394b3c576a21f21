"""The shapes in which United States agencies publish trade events, each read into the same plain strings (see ``trade_events``)."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterator
from dataclasses import dataclass

from crawlers.clean import clean_line
from crawlers.pages._codes import country_named
from crawlers.pages._times import formatted
from crawlers.pages._xml import Element, every, one, paragraphs, value, values
from store.model import Page

DATES = ("%m/%d/%Y", "%m/%d/%y", "%Y-%m-%d")
VENUES = range(1, 7)


@dataclass(frozen=True, kw_only=True, slots=True)
class Event:
    """One event as plain strings; ``places`` are (venue, city, state, country) as written."""

    id: str
    title: str
    kind: str = ""
    begins: str = ""
    ends: str = ""
    zone: str = ""
    text: str = ""
    cost: str = ""
    url: str = ""
    registration: str = ""
    cancelled: bool = False
    industries: tuple[str, ...] = ()
    places: tuple[tuple[str, str, str, str], ...] = ()


def ita(node: Element) -> Event:
    """An ``EVENTINFO`` of the Department of Commerce, with a ``STOP`` a place."""
    stops = tuple(
        (value(stop, "LOCATION"), value(stop, "CITY"), value(stop, "STATE"), value(stop, "COUNTRY")) for stop in every(node, "STOP")
    )
    website = next((site.get("URL", "") or value(site, "URL") for site in every(node, "WEBSITES/WEBSITE")), "")
    return Event(
        id=value(node, "EVENTID"),
        title=value(node, "EVENTNAME"),
        kind=value(node, "EVENTTYPE"),
        begins=value(node, "EVSTARTDT"),
        ends=value(node, "EVENDDT"),
        text=paragraphs(one(node, "DETAILDESC")),
        cost=value(node, "COST"),
        url="" if website.upper() in {"YES", "NO"} else website,
        registration=value(node, "REGISTRATIONLINK"),
        industries=values(node, "INDUSTRY"),
        places=stops,
    )


def exim(node: Element) -> Event:
    """An ``item`` of the Export-Import Bank. Without an end it lasts a day; a city may carry its country ("Bern | Switzerland")."""
    city, _, country = (part.strip() for part in value(node, "city").partition("|"))
    state = value(node, "state")
    if state and not country:
        # The field holds American states, and now and then a country; Georgia is the state.
        country = state if len(state) > 2 and state != "Georgia" and country_named(state) else "United States"
    return Event(
        id=value(node, "id"),
        title=value(node, "event_name"),
        begins=value(node, "start_date"),
        ends=value(node, "end_date") or value(node, "start_date"),
        text=paragraphs(one(node, "description")),
        url=value(node, "url"),
        registration=value(node, "registration_link"),
        places=(("", city, "" if country == state else state, country or value(node, "country")),),
    )


def sba(node: Element) -> Event:
    """An ``item`` of the Small Business Administration, whose identity is put together."""
    begins, _, ends = value(node, "event_date").partition(" to ")
    place = (value(node, "location_name"), value(node, "city"), value(node, "province"), value(node, "country"))
    given = value(node, "nid") or value(node, "id")
    composed = hashlib.sha256("|".join((value(node, "node_title"), *place, begins)).encode()).hexdigest()[:24]
    return Event(
        id=given or composed,
        title=value(node, "node_title"),
        kind=value(node, "event_type"),
        begins=_sba_time(begins),
        ends=_sba_time(ends, _sba_time(begins)) if ends else _sba_time(begins)[:10],
        zone=_US_ZONES.get(value(node, "time_zone").partition(" ")[0].casefold(), ""),
        text=paragraphs(one(node, "body")),
        cost=value(node, "fee"),
        url=value(node, "registration_website"),
        registration=value(node, "registration_website"),
        cancelled="cancel" in value(node, "event_cancelled").casefold()
        and value(node, "event_cancelled").casefold() != "not cancelled",
        industries=values(node, "industry"),
        places=(place,),
    )


_US_ZONES = {
    "eastern": "America/New_York",
    "central": "America/Chicago",
    "mountain": "America/Denver",
    "pacific": "America/Los_Angeles",
    "alaska": "America/Anchorage",
    "hawaii": "Pacific/Honolulu",
    "atlantic": "America/Puerto_Rico",
}


_WEEKDAYS = frozenset({"mon", "tue", "wed", "thu", "fri", "sat", "sun"})
_DAYS = ("%B %d %Y", "%b %d %Y", "%d %B %Y", "%m/%d/%Y", "%Y-%m-%d")
_CLOCKS = (" %I:%M%p", " %I:%M %p", " %H:%M", " %H:%M:%S", "")


def _sba_time(written: str, day: str = "") -> str:
    """ "Monday, October 14, 2013 - 9:00am" and the like as ISO; an hour alone belongs to ``day``; else the text itself."""
    text = " ".join(clean_line(written).replace(",", " ").replace(" - ", " ").split())
    first, _, rest = text.partition(" ")
    if first[:3].casefold() in _WEEKDAYS and rest:
        text = rest
    found = formatted(text, *(f"{date}{clock}" for date in _DAYS for clock in _CLOCKS))
    if found is None and day:
        found = formatted(f"{day[:10]} {text}", *(f"%Y-%m-%d{clock}" for clock in _CLOCKS if clock))
    return found.isoformat() if found else clean_line(written)


def ustda(page: Page) -> Iterator[Event]:
    """The rows of the Trade and Development Agency's CSV; none when the columns are others."""
    for encoding in ("utf-8-sig", "utf-16", "cp1252"):
        try:
            text = page.body.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        return
    lines = [line for line in text.splitlines() if not line.startswith('"Last updated')]
    for row in csv.DictReader(io.StringIO("\n".join(lines), newline=None)):
        cells = {
            clean_line(key or "").casefold().replace(" ", "_"): clean_line(cell or "")
            for key, cell in row.items()
            if isinstance(cell, str | None)
        }
        if not any(cells.values()) or "event_name" not in cells:
            continue
        yield Event(
            id=cells.get("id", ""),
            title=cells.get("event_name", ""),
            begins=cells.get("start_date", ""),
            ends=cells.get("end_date", ""),
            text=cells.get("description", ""),
            cost=cells.get("cost", ""),
            url=cells.get("url", ""),
            registration=cells.get("registration_link", ""),
            industries=tuple(filter(None, (cells.get("industry", ""),))),
            places=tuple(place for place in (_venue(cells, number) for number in VENUES) if any(place)),
        )


def _venue(cells: dict[str, str], number: int) -> tuple[str, str, str, str]:
    return tuple(cells.get(f"{part}{number}", "") for part in ("venue", "city", "state", "country"))  # type: ignore[return-value]
