"""What the cue nearest before a date means: an end, a period of something else, an issue date, a word of handing in."""

from __future__ import annotations

import re

from nlp.deadlines.around import cues_after
from nlp.deadlines.cues import CLAUSE, DECIDES, FOR, Cues
from nlp.deadlines.spans import Span
from nlp.deadlines.words import Cue

_COMMA = re.compile(r",\s(?!\d)")


def call_ends(cues: Cues, span: Span, near: Cue) -> bool:
    """ "... ends on": a deadline when what ends is a call, a receipt or a period, told by the nearest cue before the verb; or by the
    first ("registration for the project ends on", see ``ends_of_other``).
    """
    before, own = _subjects(cues, span, near)
    if own and own[-1].start >= span.floor:
        last = own[-1].kinds
        return bool(last & (FOR | {"submit"}) and not last & {"veto", "event"}) or _of_project(own)
    if before and "event" in before[0].kinds:
        return False
    return any(cue.kinds & (FOR | {"submit"}) for cue in before) and not any("veto" in cue.kinds for cue in before)


def ends_of_other(cues: Cues, span: Span) -> bool:
    """Whether a call ends by its first word alone, the nearest being a project or a fair: a doubt."""
    left = [cue for cue in cues.within(span.floor, span.start) if cue.kinds & (DECIDES | {"veto"})]
    if not left or "ends" not in left[-1].kinds or left[-1].kinds & (FOR | {"other"}):
        return False
    return _of_project([cue for cue in _subjects(cues, span, left[-1])[1] if cue.start >= span.floor])


def _subjects(cues: Cues, span: Span, near: Cue) -> tuple[list[Cue], list[Cue]]:
    known = DECIDES | {"veto", "event"}
    before = [cue for cue in cues.within(span.sentence[0], near.start) if cue.kinds & known and "ends" not in cue.kinds]
    # A word right after the date before belongs to that date ("am 1.2. erschienen und endet am 1.3.").
    return before, [cue for cue in before if cue.start > span.floor + 2 or cue.start <= span.sentence[0] + 2]


def _of_project(own: list[Cue]) -> bool:
    """ "Rekrutacja do projektu": a word of handing in and, right after it, what one may be handed in for."""
    if len(own) != 2:
        return False
    first, last = own
    return first.kinds <= {"submit", "verb"} and bool(last.kinds & {"event", "other"}) and 0 < last.start - first.end < 12


def handed_in(flat: str, cues: Cues, span: Span) -> bool:
    """ "Anbud ska vara inkommet 2027-05-20, kl. 23.59": an hour right after words of handing in and nothing else; no more than a doubt."""
    left = [cue for cue in cues.within(span.sentence[0], span.start) if cue.kinds & (DECIDES | {"veto", "event"})]
    if span.clock is None or len(left) < 2 or any(not cue.kinds <= {"submit", "verb"} for cue in left):
        return False
    return span.floor == span.sentence[0] and not flat[left[-1].end : span.start].strip(" ,:")


def term_of_other(flat: str, near: Cue, left: list[Cue]) -> bool:
    """ "The contract has a term until ...": a word for any period, right after a word of something else."""
    before = next((cue for cue in reversed(left) if cue.end <= near.start), None)
    if before is None or "other" not in before.kinds or near.start - before.end > 24:
        return False
    return CLAUSE.search(flat, before.end, near.start) is None


def vetoed(flat: str, left: list[Cue], span: Span) -> bool:
    """A question, a report, a fee: not for handing in, unless a deadline cue stands well after it, or words of handing in follow in a
    part of the sentence of their own.
    """
    veto = next((cue for cue in reversed(left) if "veto" in cue.kinds), None)
    if veto is None:
        return False
    border = flat.rfind(";", veto.end, span.start)
    if border >= 0 and any(cue.start > border and cue.kinds & {"submit", "deadline"} for cue in left):
        return False
    return not any("deadline" in cue.kinds and cue.start - veto.end >= 20 for cue in left)


def superseded(left: list[Cue], near: Cue) -> bool:
    """ "... originally due to close on 31 March": a word for what was said before, right before the word that leads to the date."""
    return any("previous" in cue.kinds and 0 <= near.start - cue.end < 24 for cue in left)


def in_brackets(flat: str, cues: Cues, span: Span) -> bool:
    """ "the mission to Osaka (18-22 October 2027)": the days of a fair or a project in brackets right after it."""
    opened = flat.rfind("(", max(span.floor, span.start - 6), span.start)
    if opened < 0:
        return False
    named = [cue for cue in cues.within(max(span.floor, opened - 60), opened) if cue.kinds & (DECIDES | {"event"})]
    return bool(named) and "event" in named[-1].kinds and not named[-1].kinds & FOR


def is_issue_date(left: list[Cue], near: Cue | None, span: Span, named: bool) -> bool:
    """ "Richtlinie vom 4.11.2025", "Orden de 12 de noviembre": the day a document was issued. Where the language's word for it is
    also its word for "of", a kind of document must be named.
    """
    document = next((cue for cue in reversed(left) if "documents" in cue.kinds), None)
    deadline = next((cue for cue in reversed(left) if "deadline" in cue.kinds), None)
    if not named:
        return near is None or not ("deadline" in near.kinds and span.start - near.end < 12)
    return document is not None and (deadline is None or deadline.start < document.start)


def far(flat: str, near: Cue, span: Span, until: bool) -> bool:
    """A deadline word that stands far before the date without leading to it."""
    return span.start - near.end > 110 and not until and ":" not in flat[near.end : span.start]


def reported(flat: str, cues: Cues, span: Span) -> bool:
    """ "... have until 31 March to submit their final report": what follows at once in the clause is no handing in of a bid."""
    right = cues_after(flat, cues, span)
    return bool(right) and "veto" in right[-1].kinds and right[0].start - span.end < 8 and "deadline" not in right[0].kinds


def submitted(flat: str, cues: Cues, span: Span, near: Cue, left: list[Cue], until: bool, *, joined: bool) -> bool:
    """A word of handing in stands nearest on the left. ``joined``: "and" follows the date ("until 5 May and then opened")."""
    if not until and not span.ranged and _opening_of(flat, near, left):
        return False
    if any("deadline" in cue.kinds and near.start - cue.end < 60 for cue in left) and span.start - near.end < 60:
        return True
    end = span.sentence[1]
    labelled = span.start - near.end < 16 and ":" in flat[near.end : span.start]
    if not (until or span.ranged or labelled or (span.clock is not None and span.clock.midnight)):
        right = cues_after(flat, cues, span)
        return bool(right) and bool(right[0].kinds & {"deadline", "ends"}) and span.ceiling == end
    right = cues_after(flat, cues, span)
    if until and span.start - near.end < 24 and _COMMA.match(flat, span.end) and not (right and "veto" in right[0].kinds):
        return True
    other = bool(right) and bool(right[0].kinds & {"other", "veto"}) and "submit" not in right[0].kinds
    return not other or labelled or (until and joined)


def _opening_of(flat: str, near: Cue, left: list[Cue]) -> bool:
    """ "Start of the receipt of applications: ...": the word before the words of handing in names something else."""
    for cue in reversed(left):
        if cue.start >= near.start:
            continue
        if near.start - cue.end > 40 or CLAUSE.search(flat, cue.end, near.start) or "deadline" in cue.kinds:
            return False
        if cue.kinds & {"other", "previous"} and "submit" not in cue.kinds:
            return True
    return False
