"""Deadlines in running text and in deadline fields: the whole line from text to ``Deadline`` values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta, timezone

from nlp.deadlines.apart import number_stages, share_hour, unclaimed
from nlp.deadlines.clauses import sentences
from nlp.deadlines.cues import Cues, cues_of
from nlp.deadlines.dates import Found, find_dates
from nlp.deadlines.fold import Folded, fold
from nlp.deadlines.home import Home, assume_year, check_weekday, ordered
from nlp.deadlines.judge import judge
from nlp.deadlines.open_ended import Relative, open_phrase, relative_deadlines
from nlp.deadlines.resolve import at_instant, resolve
from nlp.deadlines.spans import Span, spans_of
from nlp.deadlines.stages import settle, stage_of
from nlp.deadlines.words import lexicon_for
from nlp.deadlines.zones import offset_minutes, place_zone, zone_info
from store.model import Deadline, Moment

LONGEST = 2_000_000


def read_deadlines(
    text: str,
    *,
    lang: str,
    zone: str,
    published: date | None = None,
    day_first: bool | None = None,
    field: bool = False,
) -> tuple[Deadline, ...]:
    """The deadlines a text says, in the order of their instants (those without a day last).

    ``lang`` is ISO 639-1 ("" = unknown). ``zone`` is the publisher's IANA zone; when "" the language's home is assumed and
    ``zone_source`` says so. ``published`` anchors relative deadlines and dates without a year (without it these go by the dated day next to them). ``day_first`` decides the order of
    "03/04/2026"; None lets language and zone decide, with the flag ``ambiguous_order`` where both readings were possible in English.
    ``field=True``: the text is the whole value of a deadline field, so no cue word is needed.
    Flags: those of ``resolve``, and ``ambiguous_order``, ``impossible_date`` (kept without an instant), ``weekday_mismatch``,
    ``year_assumed``, ``recurring`` (the next occurrence; no instant when ``published`` is unknown), ``relative``, ``estimated``
    (working days without holidays), ``extended``, ``end_of_day`` (24:00 and midnight: ``local`` is 00:00 of the next day),
    ``while_funds_last``, ``first_come``, ``inferred`` (a short text with no more than a word like "until"; an hour beside the day that may be its own).
    Every ``quote`` is ``text[start:end]``. Text beyond 2,000,000 characters, or beyond its 3,000th date, is not read. Raises ``KeyError`` or ``ValueError`` when
    ``zone`` is no IANA name.
    """
    lexicon = lexicon_for(lang)
    folded = fold(text[:LONGEST])
    home = Home(zone or lexicon.zone, "source" if zone else "assumed", lexicon, published, day_first)
    zone_info(home.zone)
    dates = find_dates(folded.flat, lexicon, field=field)
    cues = cues_of(folded.flat, lexicon)
    found = _dated(folded, home, cues, dates, field=field) if dates else []
    if not found:
        found = [
            _relative(folded, home, one) for one in relative_deadlines(folded, lexicon, cues, published=published, field=field)
        ]
    phrase = open_phrase(folded, cues, field=field)
    if phrase is not None:
        if found:
            extra = tuple(flag for flag in phrase.flags if flag != "inferred")
            found = [replace(one, flags=(*one.flags, *extra)) for one in found]
        elif not (field and dates):
            start, end = folded.origin(phrase.start, phrase.end)
            found = [
                Deadline(
                    local=None, zone=home.zone, utc=None, precision="day", zone_source=home.source, rolling=True,
                    flags=phrase.flags, quote=text[start:end], start=start, end=end,
                )
            ]  # fmt: skip
    return settle(found)


def read_date(text: str, *, lang: str, zone: str, formats: Sequence[str] = (), day_first: bool | None = None) -> Moment | None:
    """One date or moment from a field (a fair's first day, a publication date); None when the text holds no possible date.

    ``formats`` are ``strptime`` formats tried first, on the whole text; those without a year are not allowed. ``zone`` is the
    publisher's IANA zone ("" = the language's home).
    """
    for one in formats:
        try:
            when = datetime.strptime(text.strip(), one)  # noqa: DTZ007 - civil time; the zone stands beside it
        except ValueError:
            continue
        has_time = any(code in one for code in ("%H", "%I", "%M", "%X", "%c"))
        if when.tzinfo is not None:
            return _moment(at_instant(when, zone=zone), has_time=has_time)
        return _moment(resolve(when, zone=zone or lexicon_for(lang).zone), has_time=has_time)
    lexicon = lexicon_for(lang)
    folded = fold(text[:LONGEST])
    home = Home(zone or lexicon.zone, "source", lexicon, None, day_first)
    dates = find_dates(folded.flat, lexicon, field=True)
    spans = spans_of(folded, lexicon, dates, sentences(folded, dates))
    for span in spans:
        if span.found.year and span.found.as_date() is not None:
            given = _read(folded, home, span, [span])
            return _moment(given, has_time=given.precision == "minute") if given.utc is not None else None
    return None


def _moment(given: Deadline, *, has_time: bool) -> Moment | None:
    if given.local is None:
        return None
    local = given.local if has_time else datetime.combine(given.local.date(), time())
    try:
        utc = given.utc if has_time and given.utc else local.replace(tzinfo=zone_info(given.zone)).astimezone(UTC)
    except OverflowError:
        return None
    return Moment(local=local, zone=given.zone, utc=utc, has_time=has_time)


def _dated(folded: Folded, home: Home, cues: Cues, dates: list[Found], *, field: bool) -> list[Deadline]:
    starts = sentences(folded, dates)
    spans = spans_of(folded, home.lexicon, dates, starts)
    verdicts = judge(folded.text, folded.flat, home.lexicon, cues, spans, field=field)
    if not field:
        share_hour(folded, home.lexicon, cues, starts, [span for span, verdict in zip(spans, verdicts, strict=True) if verdict])
    found: list[Deadline] = []
    staged = any("stage1" in cue.kinds for cue in cues.all)
    known = [(span.start, day) for span in spans if span.found.year and (day := span.found.as_date()) is not None]
    for span, verdict in zip(spans, verdicts, strict=True):
        if not verdict:
            continue
        if verdict == "inferred" or (not field and unclaimed(folded, home.lexicon, span)):
            span.flags.append("inferred")
        every = cues.any("every", *span.sentence)
        if every and span.headed:
            span.found = replace(span.found, year=0)
        recurring = every and not span.found.year
        if not span.found.year and not assume_year(span, home, known) and not recurring:
            continue
        if recurring:
            span.flags.append("recurring")
        elif span.year_assumed:
            span.flags.append("year_assumed")
        line = folded.text.rfind("\n", max(0, span.sentence[0] - 60), span.sentence[0]) + 1
        if cues.any("extended", max(line, span.sentence[0] - 60), span.sentence[1]):
            span.flags.append("extended")
        found.append(replace(_read(folded, home, span, spans), stage=stage_of(folded.flat, cues, span, staged=staged)))
    return number_stages(cues, found)


def _read(folded: Folded, home: Home, span: Span, spans: Sequence[Span]) -> Deadline:
    """One span as a deadline (stage 1, not numbered)."""
    start, end = folded.origin(span.start, span.end)
    quote = folded.original[start:end]
    flags = list(span.flags)
    found = ordered(span.found, home, spans, flags)
    day = found.as_date() if found.year else None
    if day is None:
        flags += [] if not found.year else ["impossible_date"]
        return Deadline(
            local=None, zone=home.zone, utc=None, precision="day", zone_source=home.source, flags=tuple(flags),
            quote=quote, start=start, end=end,
        )  # fmt: skip
    check_weekday(folded, home.lexicon, span, day, flags)
    clock = span.clock
    if found.offset and found.clock is not None and not (found.clock == (0, 0, 0) and _is_utc(found.offset)):
        given = at_instant(_with_offset(day, found), zone=home.zone, published=home.published, flags=tuple(flags))
        return replace(given, quote=quote, start=start, end=end)
    if clock is None or (found.clock == (0, 0, 0) and found.shape == "iso" and not clock.label):
        return resolve(
            datetime.combine(day, time()), zone=home.zone, label=span.label, precision="day", zone_source=home.source,
            published=home.published, flags=tuple(flags), quote=quote, start=start, end=end,
        )  # fmt: skip
    local = datetime.combine(day, time(clock.hour % 24, clock.minute, clock.second))
    if clock.hour == 24:
        flags.append("end_of_day")
        local = local + timedelta(days=1) if day < date.max else local
    label, zone, source = clock.label, home.zone, home.source
    if "|" in label:
        place, label = label.split("|")
        zone, source = place_zone(place), "explicit"
        given = resolve(local, zone=zone, label=label, zone_source=source, published=home.published, flags=tuple(flags))
        if given.zone != zone:
            given = resolve(local, zone=zone, zone_source=source, published=home.published, flags=(*flags, "zone_label_conflict"))
        return replace(given, zone_source="explicit", quote=quote, start=start, end=end)
    return resolve(
        local, zone=zone, label=label, zone_source=source, published=home.published, flags=tuple(flags),
        quote=quote, start=start, end=end,
    )  # fmt: skip


def _is_utc(offset: str) -> bool:
    return offset == "z" or offset_minutes(offset) == 0


def _with_offset(day: date, found: Found) -> datetime:
    hour, minute, second = found.clock or (0, 0, 0)
    minutes = 0 if found.offset == "z" else offset_minutes(found.offset) or 0
    extra, hour = divmod(hour, 24)
    local = datetime.combine(day, time(hour, min(minute, 59), min(second, 59)), tzinfo=timezone(timedelta(minutes=minutes)))
    return local + timedelta(days=extra) if extra and day < date.max else local


def _relative(folded: Folded, home: Home, one: Relative) -> Deadline:
    start, end = folded.origin(one.start, one.end)
    quote = folded.original[start:end]
    if one.day is None:
        return Deadline(
            local=None,
            zone=home.zone,
            utc=None,
            precision="day",
            zone_source=home.source,
            flags=one.flags,
            quote=quote,
            start=start,
            end=end,
        )
    return resolve(
        datetime.combine(one.day, time()), zone=home.zone, precision="day", zone_source=home.source, flags=one.flags,
        quote=quote, start=start, end=end,
    )  # fmt: skip
