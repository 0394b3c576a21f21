"""Tables written as lines with "|" between cells: the head of a column tells what the dates below it are."""

from __future__ import annotations

import re

from nlp.deadlines.cues import DECIDES, FOR, Cues
from nlp.deadlines.spans import Span
from nlp.deadlines.words import Cue

ROWS = 40
WIDEST = 2000
_BORDER = re.compile(r"\s?\|\s?")
_DATED = re.compile(r"\d[./-]\d|(?:19|20)\d\d(?!\d)")


def column_of(text: str, cues: Cues, span: Span) -> bool | None:
    """Whether the head of the date's column names deadlines; None when the date stands in no table, or in one whose head names none.
    ``text`` is the folded text with its line breaks.
    """
    start = text.rfind("\n", max(0, span.found.start - WIDEST), span.found.start) + 1
    number = text.count("|", start, span.found.start)
    stop = text.find("\n", span.found.end)
    cells = text.count("|", start, stop if stop >= 0 else min(len(text), span.found.end + WIDEST))
    if not cells:
        return None
    for _ in range(ROWS):
        end = start - 1
        if end <= 0:
            return None
        start = text.rfind("\n", max(0, end - WIDEST), end) + 1
        if text.count("|", start, end) != cells:
            return None
        if not _DATED.search(text, start, end):
            heads = _heads(text, cues, start, end)
            if any(_names(head) for head in heads):
                return _names(heads[number])
    return None


def _heads(text: str, cues: Cues, start: int, end: int) -> list[list[Cue]]:
    borders = [(match.start(), match.end()) for match in _BORDER.finditer(text, start, end)]
    begins, ends = [start, *(border[1] for border in borders)], [*(border[0] for border in borders), end]
    return [[cue for cue in cues.within(*cell) if cue.kinds & (DECIDES | {"veto"})] for cell in zip(begins, ends, strict=True)]


def _names(head: list[Cue]) -> bool:
    """Whether the words of a cell name a deadline and nothing else."""
    return any(cue.kinds & (FOR | {"ends"}) for cue in head) and not any(cue.kinds & {"veto", "other", "previous"} for cue in head)
