"""What is known beside the text, and what it decides: the order of day and month; and whether a weekday fits its day."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from nlp.deadlines.dates import Found
from nlp.deadlines.fold import Folded
from nlp.deadlines.spans import Span
from nlp.deadlines.words import Lexicon
from store.model import ZoneSource

AMERICAN = ("America/", "US/")


class Home:
    """What is known beside the text."""

    __slots__ = ("day_first", "lexicon", "published", "source", "zone")

    def __init__(self, zone: str, source: ZoneSource, lexicon: Lexicon, published: date | None, day_first: bool | None) -> None:
        self.zone = zone
        self.source = source
        self.lexicon = lexicon
        self.published = published
        self.day_first = day_first


def ordered(found: Found, home: Home, spans: Sequence[Span], flags: list[str]) -> Found:
    """Decide day and month of a numeric date that can be read both ways: the source, the other dates of the text, the language, the
    zone, in this order. Only English leaves it open.
    """
    if not found.swappable:
        return found
    month_first = home.day_first is False
    if home.day_first is None and "en" in home.lexicon.languages:
        shapes = {one.found.shape for one in spans if one.found.shape in ("day-first", "month-first") and not one.found.swappable}
        if len(shapes) == 1:
            month_first = shapes == {"month-first"}
        else:
            month_first = home.zone.startswith(AMERICAN)
            flags.append("ambiguous_order")
    return replace(found, day=found.month, month=found.day, swappable=False) if month_first else found


def assume_year(span: Span, home: Home, known: Sequence[tuple[int, date]]) -> bool:
    """Give a date without a year the first one on or after publication; when that is not known, the one that brings it nearest to the
    dated day that stands next to it (``known``: place and day). False when neither is known.
    """
    last = home.published
    beside = min((abs(place - span.start), day) for place, day in known)[1] if last is None and known else None
    if last is None and beside is None:
        return False
    base = (last or beside or date.min).year
    trials = [replace(span.found, year=year) for year in range(base - (last is None), base + 2)]
    days = [(one, day) for one in trials if (day := one.as_date()) is not None]
    if last is not None:
        days = [(one, day) for one, day in days if day >= last][:1]
    elif beside is not None:
        days.sort(key=lambda pair: abs(pair[1] - beside))
    if not days:
        return False
    span.found, span.year_assumed = days[0][0], True
    return True


def check_weekday(folded: Folded, lexicon: Lexicon, span: Span, day: date, flags: list[str]) -> None:
    """ "Monday 31 March 2026", which is a Tuesday: one of the two is wrong, so say it."""
    before = folded.flat[max(span.sentence[0], span.found.start - 24) : span.found.start]
    words = re.findall(r"[^\W\d_][\w-]*", before)
    if words and len(words[-1]) > 3:
        said = lexicon.weekday(words[-1])
        between = before[before.rfind(words[-1]) + len(words[-1]) :]
        if said is not None and said != day.weekday() and not span.ranged and not between.strip(" ,.("):
            flags.append("weekday_mismatch")
