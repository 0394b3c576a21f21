"""Calls without a day: rolling, first come first served, until the funds are gone; and deadlines counted from publication."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from nlp.deadlines.cues import Cues
from nlp.deadlines.fold import Folded
from nlp.deadlines.words import Lexicon

FIELD_LENGTH = 80
SHORT = 200
PHRASE = 600
_LABEL = re.compile(r"\s?[:-]\s?\Z")
_ENDS = re.compile(r"\s?(?:[.;|\n]|\Z)")


@dataclass(frozen=True, slots=True)
class Open:
    """A phrase of an open call at ``start:end`` of folded text."""

    start: int
    end: int
    flags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Relative:
    """A deadline counted from publication; ``day`` is None when the day of publication is not known."""

    start: int
    end: int
    day: date | None
    flags: tuple[str, ...]


def open_phrase(folded: Folded, cues: Cues, *, field: bool) -> Open | None:
    """The first phrase that says the call has no fixed end; None when there is none."""
    flags: list[str] = []
    first: tuple[int, int] | None = None
    weak: tuple[int, int] | None = None
    for cue in cues.all:
        kinds = cue.kinds & {"rolling", "rolling_weak", "funds", "first_come"}
        if (field and len(folded.flat) <= FIELD_LENGTH) or _is_value(folded, cues, cue.start, cue.end):
            kinds |= cue.kinds & {"rolling_field"}
        if not kinds or (kinds == {"rolling"} and not field and not _about_call(folded, cues, cue.start, cue.end)):
            continue
        if kinds == {"rolling_weak"} and not field:
            if len(folded.flat) > PHRASE or not _of_receipt(folded, cues, cue.start, cue.end):
                continue
            if len(folded.flat) > SHORT:
                weak = weak or (cue.start, cue.end)
                continue
        first = first or (cue.start, cue.end)
        if "first_come" in kinds:
            flags.append("first_come")
        if "funds" in kinds:
            flags.append("while_funds_last")
    if first is None and weak is not None:
        first, flags = weak, ["inferred"]
    return Open(*first, tuple(sorted(set(flags)))) if first else None


def _of_receipt(folded: Folded, cues: Cues, start: int, end: int) -> bool:
    """Whether a word that says no more than "always" stands close to a word of handing in, in the same short sentence of a call."""
    first = max(folded.text.rfind("\n", 0, start), folded.text.rfind(". ", 0, start)) + 1
    stops = [place for place in (folded.text.find("\n", end), folded.text.find(". ", end)) if place >= 0]
    last = min([*stops, len(folded.text)])
    if last - first > 220:
        return False
    found = cues.within(max(first, start - 70), min(last, end + 60))
    return any(cue.kinds & {"submit", "deadline"} for cue in found) and not any("event" in cue.kinds for cue in found)


def _is_value(folded: Folded, cues: Cues, start: int, end: int) -> bool:
    """ "Deadline: ongoing": the word is all that a label of a deadline is followed by."""
    label = _LABEL.search(folded.flat, max(0, start - 4), start)
    if label is None or not _ENDS.match(folded.text, end):
        return False
    return any("deadline" in cue.kinds and cue.end == label.start() for cue in cues.within(max(0, start - 60), start))


def _about_call(folded: Folded, cues: Cues, start: int, end: int) -> bool:
    """Whether a word of handing in stands near, in the same line: "at any time" alone says nothing about a call."""
    first = max(folded.text.rfind("\n", 0, start) + 1, start - 120)
    line = folded.text.find("\n", end)
    last = min(len(folded.text) if line < 0 else line, end + 80)
    return len(folded.text) < 160 or any(cue.kinds & {"submit", "deadline"} for cue in cues.within(first, last))


@lru_cache(maxsize=64)
def _pattern(lexicon: Lexicon) -> re.Pattern[str]:
    numbers = "|".join(sorted((re.escape(word) for word in lexicon.numbers), key=lambda word: -len(word))) or "(?!)"
    units = "|".join(f"(?P<{kind}>{lexicon.alternation(kind)})" for kind in ("workdays", "days", "weeks", "month_units"))
    return re.compile(
        rf"(?<![\d.,/:\w])(?P<n>\d{{1,3}}|(?:{numbers})(?!\w))(?:\s\(\w{{1,20}}\))?\s(?P<unit>{units})"
        rf"(?P<anchor>[^.;:\n]{{0,70}}?(?:{lexicon.alternation('publication')}))?"
    )


def relative_deadlines(folded: Folded, lexicon: Lexicon, cues: Cues, *, published: date | None, field: bool) -> list[Relative]:
    """Deadlines such as "30 días naturales desde la publicación". Day one is the day after publication; working days leave out
    Saturdays and Sundays but know no holidays, so they are flagged ``estimated``.
    """
    found: list[Relative] = []
    for match in _pattern(lexicon).finditer(folded.text):
        near = cues.within(max(0, match.start() - 140), match.end() + 60)
        about = any(cue.kinds & {"deadline", "submit"} for cue in near)
        vetoed = any("veto" in cue.kinds for cue in near)
        if not ((match["anchor"] and (about or field)) or field) or vetoed:
            continue
        number = int(match["n"]) if match["n"].isdigit() else lexicon.numbers[match["n"]]
        if not 1 <= number <= 400:
            continue
        flags = ["relative"]
        if match["workdays"]:
            flags.append("estimated")
        day = None if published is None else _count(published, number, match)
        found.append(Relative(match.start(), match.end(), day, tuple(flags)))
    return found[:8]


def _count(published: date, number: int, match: re.Match[str]) -> date | None:
    try:
        if match["workdays"]:
            day = published
            while number:
                day += timedelta(days=1)
                number -= day.weekday() < 5
            return day
        if match["month_units"]:
            months = published.month - 1 + number
            year, month = published.year + months // 12, months % 12 + 1
            return date(year, month, min(published.day, monthrange(year, month)[1]))
        return published + timedelta(days=number * (7 if match["weeks"] else 1))
    except OverflowError:
        return None
