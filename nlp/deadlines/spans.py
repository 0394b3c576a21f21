"""From written dates to spans that stand for one day: ranges are joined (their end counts), times are attached, years are filled in."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from functools import lru_cache

from nlp.deadlines.clauses import sentence_of
from nlp.deadlines.dates import Found
from nlp.deadlines.fold import Folded
from nlp.deadlines.labels import Clock
from nlp.deadlines.times import clock_after, clock_alone, clock_before, label_after
from nlp.deadlines.words import Lexicon

WIDTH = 600
EACH = 32
_YEAR = re.compile(r"(?<![\d/.-])(20\d\d)(?![\d/]|-\d)")


@dataclass(slots=True)
class Span:
    """One date with all that belongs to it: ``start:end`` with time and zone; ``sentence`` its sentence's bounds (no farther than ``WIDTH``
    on either side), ``of`` where that sentence begins; ``floor`` and
    ``ceiling`` where its neighbours in the sentence end and begin. ``listed``: only glue stands between it and the span before.
    """

    found: Found
    start: int
    end: int
    sentence: tuple[int, int]
    of: int
    floor: int
    ceiling: int
    clock: Clock | None = None
    label: str = ""
    ranged: bool = False
    listed: bool = False
    year_assumed: bool = False
    headed: bool = False
    gap: str = ""
    flags: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Glue:
    to: re.Pattern[str]
    between: re.Pattern[str]
    between_and: re.Pattern[str]
    day: re.Pattern[str]
    day_between: re.Pattern[str]
    list: re.Pattern[str]
    staged: re.Pattern[str]
    numbered: re.Pattern[str]
    each: re.Pattern[str]
    endings: tuple[str, ...]


@lru_cache(maxsize=64)
def _glue(lexicon: Lexicon) -> _Glue:
    weekdays = lexicon.alternation_of(set(lexicon.weekdays))
    link = lexicon.alternation("link", "clock")
    to = lexicon.alternation("to")
    filler = rf"(?:[\s,.:(]|{link}|{weekdays})*"
    suffix = "|".join(re.escape(word) for word in lexicon.words["from"] if word.startswith("-")) or "(?!)"
    listed = lexicon.alternation("and", "link", "round", "each")
    staged = lexicon.alternation("stage1", "stage2", "full")
    return _Glue(
        to=re.compile(rf"[\s,.)]*(?:{suffix})?[\s,.)]*(?:(?:r|g|г|d|m|gada|roku)\.?\s)?(?:(?:{to})|-|(?<=ol)|(?<=ól)){filler}"),
        between=re.compile(rf"(?:{lexicon.alternation('between')})\s{filler}\Z"),
        between_and=re.compile(rf"[\s,.)]*(?:{lexicon.alternation('between_and')})\s{filler}"),
        day=re.compile(rf"(?<![\d.,/:])\d{{1,2}}(?:\.\d{{1,2}}\.?|\.|er|o|°|st|nd|rd|th)?\s?(?:{to}|-)\s?(?:{link}|\s)*\Z"),
        day_between=re.compile(
            rf"(?:{lexicon.alternation('between')})\s(?:{link}|{weekdays}|\s)*(?<!\d)\d{{1,2}}(?:\.|er|o|°|st|nd|rd|th)?"
            rf"\s(?:{lexicon.alternation('between_and')})\s(?:{link}|{weekdays}|\s)*\Z"
        ),
        list=re.compile(rf"(?:\s?\([^()\d]{{2,30}}\),\s)?(?:[\s,.;:/&()|-]|{listed}|{weekdays})*"),
        staged=re.compile(rf"(?:[\s,.;:/&()|-]|{listed}|{staged}|{weekdays})*"),
        numbered=re.compile(rf"(?:[\s,.;:/&()|\d-]|{listed}|{staged}|{lexicon.alternation('deadline')}|{weekdays})*"),
        each=re.compile(rf"(?:{lexicon.alternation('each')})"),
        endings=tuple(word[1:] for word in lexicon.words["from"] if word.startswith("*")) or ("\0",),
    )


def spans_of(folded: Folded, lexicon: Lexicon, dates: list[Found], starts: list[int]) -> list[Span]:
    """The spans of a text, in order."""
    glue = _glue(lexicon)
    flat = folded.flat
    spans: list[Span] = []
    for index, found in enumerate(dates):
        bounds = sentence_of(starts, found.start, len(flat))
        floor = max(bounds[0], spans[-1].end if spans else 0)
        ceiling = dates[index + 1].start if index + 1 < len(dates) else len(flat)
        near = (max(bounds[0], found.start - WIDTH), min(bounds[1], found.end + WIDTH))
        span = Span(found, found.start, found.end, near, bounds[0], floor, min(ceiling, bounds[1]))
        day = glue.day.search(flat, max(floor, found.start - 24), found.start)
        day = day or glue.day_between.search(flat, max(floor, found.start - 40), found.start)
        if day is not None and found.shape in ("worded", "day-first", "day-month"):
            span.start, span.ranged = day.start(), True
        _attach_clock(folded, lexicon, span, floor, min(ceiling, bounds[1] + 24, len(flat)), ceiling if ceiling < bounds[1] else 0)
        if spans and spans[-1].of == span.of:
            _join(flat, glue, spans, span)
        else:
            spans.append(span)
    for index, span in enumerate(spans):
        after = spans[index + 1] if index + 1 < len(spans) and spans[index + 1].of == span.of else None
        span.ceiling = after.start if after else span.sentence[1]
        before = spans[index - 1] if index and spans[index - 1].of == span.of else None
        span.floor = max(before.end if before else span.of, span.sentence[0])
        span.gap = flat[span.floor : span.start]
        span.listed = before is not None and not span.ranged and len(span.gap) < 60 and glue.list.fullmatch(span.gap) is not None
    _share_clocks(glue, spans, flat)
    _fill_years(flat, spans)
    return spans


def _attach_clock(folded: Folded, lexicon: Lexicon, span: Span, floor: int, ceiling: int, following: int) -> None:
    """``following`` is where the next date of the sentence begins, 0 when there is none."""
    found = span.found
    if found.clock is not None:
        hour, minute, second = found.clock
        span.clock = Clock(found.start, found.end, hour, minute, second)
        follow = label_after(folded, lexicon, span.end, ceiling) if not found.offset else ("", span.end)
        if follow[0]:
            span.clock = replace(span.clock, label=follow[0])
            span.end = follow[1]
        return
    before = clock_before(folded, lexicon, span.start, floor)
    if before is not None:
        span.clock, span.start = before, before.start
        return
    after = clock_after(folded, lexicon, span.end, ceiling)
    if after is not None and not (following and _of_next(folded, lexicon, span, after, following)):
        span.clock, span.end = after, after.end
        return
    apart = clock_alone(folded, lexicon, max(floor, span.start - 100), span.start)
    if apart is not None and not any(character in ".;" for character in folded.flat[apart.end : span.start]):
        span.clock = apart
        return
    span.label, span.end = label_after(folded, lexicon, span.end, ceiling)


def _of_next(folded: Folded, lexicon: Lexicon, span: Span, clock: Clock, start: int) -> bool:
    """ "from 5 January until 18:00 on 6 March": a time after "until" that leads to the next date is the next date's."""
    if not _until(lexicon).search(folded.flat, span.end, clock.start):
        return False
    following = clock_before(folded, lexicon, start, span.end)
    return following is not None and following.start == clock.start


@lru_cache(maxsize=64)
def _until(lexicon: Lexicon) -> re.Pattern[str]:
    """Words that lead to the end of a range, without those that are the first word of "at" ("a las 10:00")."""
    clocks = lexicon.words["clock"]
    words = {
        word
        for kind in ("to", "until")
        for word in lexicon.words[kind]
        if len(word) > 2 or word == "-" or not any(clock.startswith(f"{word} ") for clock in clocks)
    }
    return re.compile(rf"(?:{lexicon.alternation_of(words)})")


def _join(flat: str, glue: _Glue, spans: list[Span], span: Span) -> None:
    """Append a span, or let it end the range that the last one begins."""
    last = spans[-1]
    gap = flat[last.end : span.start]
    lead = flat[max(last.sentence[0], last.start - 24) : last.start]
    joined = len(gap) < 40 and (
        glue.to.fullmatch(gap) is not None
        or (not gap.strip() and last.found.shape == "worded" and flat[last.start : last.end].endswith(glue.endings))
        or (glue.between_and.fullmatch(gap) is not None and glue.between.search(lead) is not None)
    )
    if joined and not last.ranged:
        if not span.found.year and last.found.year:
            later = (span.found.month, span.found.day) >= (last.found.month, last.found.day)
            span.found = replace(span.found, year=last.found.year + (not later))
        span.start, span.ranged = last.start, True
        spans[-1] = span
    else:
        spans.append(span)


def _share_clocks(glue: _Glue, spans: list[Span], flat: str) -> None:
    """ "15 March and 15 June 2026 at 17:00": the time after the last of a list holds for all; so does one beside "both". Where it may hold only for
    the last ("cut-off 1: 15 March; cut-off 2: 15 June, 17:00") the others are told as "inferred".
    """
    for index in range(len(spans) - 1, 0, -1):
        span, before = spans[index], spans[index - 1]
        if span.clock is None or before.clock is not None or span.of != before.of or before.ranged:
            continue
        behind = span.clock.start > span.found.end
        each = glue.each.search(flat, span.found.end, min(span.clock.end + EACH, span.sentence[1])) if behind else None
        between = flat[span.found.end : max(span.found.end, span.clock.start)].strip()
        aside = (
            between.startswith("(")
            and (between == "(" or glue.staged.fullmatch(between) is not None)
            and len(span.gap) < 60
            and glue.staged.fullmatch(span.gap)
        )
        if (span.listed and behind) or each is not None or aside:
            before.clock = span.clock
        elif behind and len(span.gap) < 60 and glue.numbered.fullmatch(span.gap):
            before.flags.append("inferred")


def _fill_years(flat: str, spans: list[Span]) -> None:
    """A date without a year takes that of the next in its list or range, of the one before, or of a year that heads the sentence."""
    for index in range(len(spans) - 1, -1, -1):
        span = spans[index]
        if span.found.year:
            continue
        after = spans[index + 1] if index + 1 < len(spans) else None
        if after is not None and after.of == span.of and after.found.year and (after.listed or len(after.gap) < 24):
            span.found = replace(span.found, year=after.found.year)
    for index, span in enumerate(spans):
        if span.found.year:
            continue
        before = spans[index - 1] if index else None
        if before is not None and before.of == span.of and before.found.year and span.listed:
            earlier = (span.found.month, span.found.day) < (before.found.month, before.found.day)
            span.found = replace(span.found, year=before.found.year + earlier)
            continue
        heads = _YEAR.findall(flat, max(span.sentence[0], span.start - 160), span.start)
        if heads:
            span.found, span.headed = replace(span.found, year=int(heads[-1])), True
