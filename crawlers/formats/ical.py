"""iCalendar (RFC 5545). An event is known by its UID, an occurrence of a repeated one by UID and RECURRENCE-ID.

Repeated events are expanded from 31 days before the fetch to 400 days after; an all-day DTEND is exclusive, so the last day is the
day before it; STATUS:CANCELLED is a cancelled notice, not a lost one. Unknown TZIDs fall back to the source's zone, with a Problem.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from types import MappingProxyType

import recurring_ical_events
from icalendar import Calendar, Event
from icalendar.timezone import tzp

from crawlers.clean import clean_line, plain
from crawlers.decoding import looks_like_html, text_of_page, unzipped
from crawlers.errors import ParseError
from crawlers.formats.ical_dates import dt_of, end_of, home, instant_of, moment_of
from crawlers.formats.ical_fields import only_link, organiser_of, raw, said
from crawlers.formats.ical_text import tidied
from crawlers.formats.ical_zones import iana
from crawlers.links import absolute
from crawlers.places import read_place
from crawlers.source import Source
from store.model import Code, Notice, Page, Problem

BACK, AHEAD = timedelta(days=31), timedelta(days=400)
MOST_EVENTS, MOST_OCCURRENCES = 20_000, 60
# How titles of what will not take place begin.
OFF = (
    "cancelled", "canceled", "abgesagt", "annulé", "annulée", "annullato", "annullata", "cancelado", "cancelada", "geannuleerd",
    "afgelast", "odwołan", "zrušen", "inställ", "aflyst", "avlyst", "peruttu",
)  # fmt: skip
UNREADABLE = (ValueError, KeyError, TypeError, IndexError, AttributeError, OverflowError, ArithmeticError, RecursionError)


def parse(page: Page, source: Source) -> Iterator[Notice | Problem]:
    """A notice an event, or an occurrence of it; a Problem for what cannot be read."""
    try:
        calendars = _calendars(page)
    except ParseError as error:
        yield Problem(source=source.name, url=page.url, cause=error.cause, detail=error.detail)
        return
    events = 0
    for calendar in calendars:
        for fault in getattr(calendar, "errors", ()):
            yield Problem(source=source.name, url=page.url, cause="bad-line", detail=clean_line(f"{fault[0]}: {fault[1]}", 300))
        found = [event for event in calendar.walk("VEVENT") if isinstance(event, Event)]
        events += len(found)
        if len(found) > MOST_EVENTS:
            detail = f"{len(found)} events; the first {MOST_EVENTS} were read"
            yield Problem(source=source.name, url=page.url, cause="too-many-entries", detail=detail)
        if str(calendar.get("METHOD") or "").strip().upper() == "CANCEL":  # RFC 5546, 3.2.5
            for event in found:
                event["STATUS"] = "CANCELLED"
        yield from _events(found[:MOST_EVENTS], page, source, iana(str(calendar.get("X-WR-TIMEZONE") or "")))
    if not events:
        inside = (
            ", ".join(sorted({part.name for calendar in calendars for part in calendar.subcomponents if part.name})) or "nothing"
        )
        detail = f"the calendar is readable but holds no event ({inside})"
        yield Problem(source=source.name, url=page.url, cause="no-events", detail=detail)


def _calendars(page: Page) -> list[Calendar]:
    body = unzipped(page.body)
    if looks_like_html(body):
        raise ParseError("not-a-calendar", "a web page came where a calendar was expected; open the address and see what it says")
    text = text_of_page(Page(url=page.url, body=body, fetched_at=page.fetched_at, headers=page.headers)).lstrip("\ufeff \r\n\t")
    if "BEGIN:" not in text[:5_000].upper():
        raise ParseError("not-a-calendar", "no BEGIN: line; this is not iCalendar")
    text, cut = tidied(text)
    tzp.use_default()  # or a zone of another calendar that bears the same TZID would be taken
    why = ""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            parts = Calendar.from_ical(text, multiple=True)
        except UNREADABLE as error:
            parts = [_salvaged(text)]
            why = str(error) or type(error).__name__
    if why:
        if not parts[0].subcomponents:
            raise ParseError("not-a-calendar", f"the calendar cannot be read: {why}"[:300])
        parts[0].errors.append(("VCALENDAR", f"its events were read one by one, because as a whole it cannot be: {why}"[:300]))
    calendars = []
    for part in parts:
        if part.name == "VCALENDAR":
            calendars.append(part)
        else:  # a bare VEVENT without a VCALENDAR around it
            whole = Calendar()
            whole.add_component(part)
            calendars.append(whole)
    if not calendars:
        raise ParseError("not-a-calendar", "no calendar in the file")
    if cut:
        calendars[-1].errors.append(("VCALENDAR", "it is cut short; the event that it breaks off in is left out. Ask for it again"))
    return calendars


def _salvaged(text: str) -> Calendar:
    """The events of a calendar that cannot be read as a whole (a broken zone or event spoils it), each read by itself."""
    calendar = Calendar()
    for block in text.replace("\r\n", "\n").split("BEGIN:VEVENT\n")[1:]:
        inside, end, _ = block.partition("\nEND:VEVENT")
        try:
            calendar.add_component(Event.from_ical(f"BEGIN:VEVENT\n{inside}\nEND:VEVENT\n"))
        except UNREADABLE as error:
            calendar.errors.append(("VEVENT", str(error) if end else "the event has no end"))
    return calendar


def _events(events: list[Event], page: Page, source: Source, zone: str) -> Iterator[Notice | Problem]:
    by_uid: dict[str, list[Event]] = {}
    declared = source
    for number, event in enumerate(events):
        uid = clean_line(said(event, "UID"), 500)
        link = absolute(said(event, "URL"), page.url)
        if not uid and not link:
            where = clean_line(said(event, "SUMMARY"), 80) or "without a summary"
            yield Problem(
                source=source.name, url=page.url, cause="missing-id", detail=f"event {number + 1} ({where}) has neither UID nor URL"
            )
            continue
        by_uid.setdefault(uid or link, []).append(event)
    for uid, group in by_uid.items():
        source = home(group[0], declared, zone)
        if any(event.get("RRULE") or event.get("RDATE") for event in group):
            yield from _repeated(uid, group, page, source)
            continue
        seen = set()
        for event in group:
            stamp = _stamp(event)
            identity = f"{uid}#{stamp}" if stamp else uid
            if identity in seen:
                continue
            seen.add(identity)
            yield from _event(_latest(group, stamp), identity, page, source)


def _latest(group: list[Event], stamp: str) -> Event:
    """Of several versions of one event the one with the highest SEQUENCE, the last of equals."""
    same = [event for event in group if _stamp(event) == stamp]
    return max(enumerate(same), key=lambda pair: (_sequence(pair[1]), pair[0]))[1]


def _sequence(event: Event) -> int:
    try:
        return int(str(event.get("SEQUENCE") or 0))
    except ValueError:
        return 0


def _stamp(event: Event) -> str:
    """RECURRENCE-ID as text, "" when the event is not one occurrence of a series."""
    value = event.get("RECURRENCE-ID")
    moment = dt_of(value)
    return moment.strftime("%Y%m%dT%H%M%S" if isinstance(moment, datetime) else "%Y%m%d") if isinstance(moment, date) else ""


def _unbounded(group: list[Event]) -> str:
    """Why a repetition would never end to unfold; "" for one that may be: not oftener than daily, and begun since 1970."""
    for event in group:
        rules = event.get("RRULE")
        for rule in rules if isinstance(rules, list) else [rules]:
            given = rule.get("FREQ", []) if isinstance(rule, dict) else []
            often = {str(one).upper() for one in given} & {"SECONDLY", "MINUTELY", "HOURLY"}
            if often:
                return f"it repeats {often.pop().lower()}"
        start = dt_of(event.get("DTSTART"))
        if isinstance(start, date) and start.year < 1970:
            return f"it begins in the year {start.year}"
    return ""


def _repeated(uid: str, group: list[Event], page: Page, source: Source) -> Iterator[Notice | Problem]:
    if why := _unbounded(group):
        detail = f"the repetition of {uid} is not unfolded ({why}); its first date is kept"
        yield Problem(source=source.name, url=page.url, cause="bad-recurrence", detail=detail, source_id=uid)
        yield from _event(group[0], uid, page, source)
        return
    series = Calendar()
    for event in group:
        series.add_component(event)
    start, stop = page.fetched_at - BACK, page.fetched_at + AHEAD
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            occurrences = []
            for occurrence in recurring_ical_events.of(series, skip_bad_series=False).between(start, stop):
                occurrences.append(occurrence)
                if len(occurrences) >= MOST_OCCURRENCES:
                    break
    except UNREADABLE as error:
        detail = f"the repetition of {uid} cannot be expanded ({clean_line(str(error), 200)}); its first date is kept"
        yield Problem(source=source.name, url=page.url, cause="bad-recurrence", detail=detail, source_id=uid)
        yield from _event(group[0], uid, page, source)
        return
    if not occurrences:  # over, or far ahead: the series itself is the notice
        yield from _event(group[0], uid, page, source)
    for occurrence in sorted(occurrences, key=_stamp):
        yield from _event(occurrence, f"{uid}#{_stamp(occurrence)}", page, source)


def _event(event: Event, identity: str, page: Page, source: Source) -> Iterator[Notice | Problem]:
    def problem(cause: str, detail: str) -> Problem:
        return Problem(source=source.name, url=page.url, cause=cause, detail=detail, source_id=identity)

    title = clean_line(said(event, "SUMMARY"))
    if not title:
        title = clean_line(said(event, "DESCRIPTION", "LOCATION"), 120)
    if not title:
        yield problem("missing-title", f"the event {identity} has no SUMMARY")
        return
    try:
        starts, wrong_zone = moment_of(event.get("DTSTART"), source)
    except UNREADABLE as error:
        yield problem("bad-date", f"the dates of '{title[:80]}' cannot be read: {clean_line(str(error), 200)}")
        return
    try:
        ends = end_of(event, starts, source)
    except UNREADABLE as error:
        yield problem("bad-date", f"the end of '{title[:80]}' cannot be read: {clean_line(str(error), 200)}; its beginning is kept")
        ends = None
    if ends is not None and starts is not None and ends.has_time and ends.utc == starts.utc:
        ends = None  # an end that nobody gave
    if starts is None:
        yield problem("missing-date", f"the event '{title[:80]}' has no DTSTART; it is kept without a date")
    if wrong_zone:
        yield problem("unknown-zone", f"TZID '{wrong_zone}' is not known; {source.timezone} was taken instead")
    status = clean_line(said(event, "STATUS"), 40)
    location = clean_line(said(event, "LOCATION"), 300)
    categories = event.get("CATEGORIES")
    words = [
        str(word) for part in (categories if isinstance(categories, list) else [categories]) for word in getattr(part, "cats", ())
    ]
    yield Notice(
        source=source.name,
        source_id=identity,
        kind=source.kind,
        url=absolute(said(event, "URL"), page.url) or only_link(event) or page.url,
        title=title,
        text=plain(said(event, "DESCRIPTION", "X-ALT-DESC")),
        language=source.languages[0] if len(source.languages) == 1 else "",
        updated=instant_of(event.get("LAST-MODIFIED")),
        starts=starts,
        ends=ends,
        place=read_place(location, source.languages[0]),
        organiser=organiser_of(event),
        status_word=status,
        cancelled=status.upper() in {"CANCELLED", "CANCELED"} or title.lower().lstrip("[(* ").startswith(OFF),
        codes=tuple(Code(scheme="keyword", value=clean_line(word, 100)) for word in words if word.strip()),
        raw=MappingProxyType(
            {name.lower(): raw(event, name) for name in ("DTSTART", "DTEND", "DURATION", "RRULE", "STATUS") if event.get(name)}
        ),
    )
