"""What stands after a date or above it: used when no cue of its own leads to the date."""

from __future__ import annotations

import re

from nlp.deadlines.cues import CLAUSE, DECIDES, FOR, Cues
from nlp.deadlines.spans import Span
from nlp.deadlines.words import Cue

HEADING = 90
REACH = 70
_DATED = re.compile(r"(?:19|20)\d\d(?!\d)|\d[./-]\d")
_NAMED = re.compile(r"[^\W\d_]{3}[^\n]*:")
_LABEL = re.compile(r"[\s)]{0,2}(?:[-:=(,]|is(?!\w)|war(?!\w)|ist(?!\w)|es(?!\w)|est(?!\w)|e(?!\w)|ar(?!\w)|je(?!\w)|η(?!\w))\s?")


def cues_after(flat: str, cues: Cues, span: Span) -> list[Cue]:
    """The cues after the date in its own clause."""
    stop = min(span.ceiling, span.end + REACH)
    skip = 2 if flat[span.end : span.end + 2] == ", " else 0
    border = CLAUSE.search(flat, span.end + skip, stop)
    stop = border.start() if border else stop
    return [cue for cue in cues.within(span.end, stop) if cue.kinds & (DECIDES | {"veto"})]


def without_left(text: str, flat: str, cues: Cues, span: Span, until: bool) -> bool:
    """No cue between the neighbour on the left and the date: what follows decides, then the rest of the sentence, then a heading."""
    right = [cue for cue in cues.within(span.end, min(span.ceiling, span.end + REACH)) if cue.kinds & (DECIDES | {"veto"})]
    first = right[0] if right else None
    if first is not None and _LABEL.match(flat, span.end) and not until:
        line = {kind for cue in right if cue.start < span.sentence[1] and cue.start - span.end < 50 for kind in cue.kinds}
        if line & {"veto", "other"} and "deadline" not in line:
            return False
        if "veto" in {kind for cue in right for kind in cue.kinds} and first.start - span.end < 30:
            return False
        if first.kinds & FOR or ("submit" in first.kinds and span.sentence[1] - span.end < 34):
            return True
    if first is not None and "deadline" in first.kinds and first.start - span.end < 20 and span.ceiling == span.sentence[1]:
        return ";" not in flat[span.end : first.start]
    before = cues.within(span.sentence[0], span.floor)
    clause = cues_after(flat, cues, span)
    if until or span.ranged:
        if any("veto" in cue.kinds for cue in clause) and not any("deadline" in cue.kinds for cue in clause):
            return False
        if clause and clause[0].kinds & {"other", "veto"} and not clause[0].kinds & {"submit", "deadline"}:
            return False
        if until and any(cue.kinds & {"deadline", "submit", "extended"} for cue in before):
            return not any("veto" in cue.kinds for cue in before if cue.end > span.floor - 1)
        if clause and any(cue.kinds & {"submit", "deadline", "extended"} for cue in clause):
            return any(cue.kinds & {"submit", "deadline"} for cue in clause) or extends_call(cues, span)
    if _header_list(flat, cues, span, before):
        return True
    if span.floor == span.sentence[0] or until:
        heading = heading_of(text, cues, span)
        if heading is not None:
            return bool(heading.kinds & FOR) or (bool(heading.kinds & {"submit", "extended"}) and (until or span.ranged))
    return False


def _header_list(flat: str, cues: Cues, span: Span, before: list[Cue]) -> bool:
    """ "Deadlines: Part A 18 February; Part B 20 May": a deadline word with a colon heads the sentence, gaps are short."""
    if len(span.gap) > 40 or not before:
        return False
    return any("deadline" in cue.kinds and ":" in flat[cue.end : cue.end + 30] for cue in before) and not any(
        "other" in cue.kinds for cue in cues.within(span.floor, span.start)
    )


def heading_of(text: str, cues: Cues, span: Span) -> Cue | None:
    """The nearest cue of the short line above, or of the question before ("When is the deadline? 6 May")."""
    start = span.sentence[0]
    asked = text[max(0, start - 2) : start] == "? "
    if start == 0 or (text[start - 1] != "\n" and not asked):
        return None
    above = max(text.rfind("\n", 0, start - 1), text.rfind(". ", 0, start - 1)) + 1 if asked else text.rfind("\n", 0, start - 1) + 1
    if start - above > HEADING or (_DATED.search(text, above, start) and _NAMED.search(text, start, span.start)):
        return None
    found = [cue for cue in cues.within(above, start) if cue.kinds & (DECIDES | {"veto"})]
    if not found or any("veto" in cue.kinds for cue in found) or "other" in found[-1].kinds:
        return None
    return next((cue for cue in found if cue.kinds & FOR), found[-1])


def extends_call(cues: Cues, span: Span) -> bool:
    """ "... extended until": a deadline, unless the sentence says only that a programme, a law or a project goes on longer."""
    found = cues.within(*span.sentence)
    return any(cue.kinds & {"deadline", "submit"} for cue in found) or not any("event" in cue.kinds for cue in found)
