"""Which dates are deadlines: cue words before and after a date in its own clause decide, the nearest first."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

from nlp.deadlines.around import cues_after, extends_call, heading_of, without_left
from nlp.deadlines.cues import DECIDES, FOR, Cues, Tails, leads_until, tails_of
from nlp.deadlines.leading import (
    call_ends,
    ends_of_other,
    far,
    handed_in,
    in_brackets,
    is_issue_date,
    reported,
    submitted,
    superseded,
    term_of_other,
    vetoed,
)
from nlp.deadlines.spans import Span
from nlp.deadlines.tables import column_of
from nlp.deadlines.words import Lexicon

PHRASE = 600
BARE = 2
Verdict = Literal["cue", "inferred", ""]
_AGAINST = frozenset({"other", "veto", "previous", "documents", "reject"})
_HINTS = frozenset({"deadline", "submit", "extended", "stage1", "stage2", "full", "rolling", "funds", "first_come"})
_WORD = re.compile(r"[^\W\d_]{2,}")


def judge(text: str, flat: str, lexicon: Lexicon, cues: Cues, spans: Sequence[Span], *, field: bool) -> list[Verdict]:
    """For each span, whether it is a deadline: "cue" when words say so, "inferred" when only "until" does and nothing speaks
    against it, "" when not. ``text`` is the folded text with its line breaks.
    """
    tails = tails_of(lexicon)
    named = bool(lexicon.words["documents"])
    verdicts: list[Verdict] = []
    for span in spans:
        listed = bool(verdicts[-1]) if span.listed and verdicts else None
        column = None if field or "|" not in text else column_of(text, cues, span)
        if column is not None:
            verdicts.append("cue" if column else "")
        elif _is_deadline(text, flat, tails, cues, span, listed, named, field):
            doubtful = not field and (_loose(flat, cues, span) or ends_of_other(cues, span) or _was(flat, tails, span))
            verdicts.append("inferred" if doubtful else "cue")
        elif not field and len(flat) <= PHRASE and (_only_until(flat, tails, cues, span) or handed_in(flat, cues, span)):
            verdicts.append("inferred")
        else:
            verdicts.append("")
    if field and spans and not any(verdicts) and not cues.any("previous", 0, spans[-1].start):
        verdicts[-1] = "inferred"
    return verdicts if field else _doubts(flat, cues, spans, _newest(cues, spans, verdicts))


def _newest(cues: Cues, spans: Sequence[Span], verdicts: list[Verdict]) -> list[Verdict]:
    """ "1 October (extended to 11 October)": of two dates with only a word of extension between them, the first is out of date."""
    kept = list(verdicts)
    for index in range(len(spans) - 1):
        span, after = spans[index], spans[index + 1]
        if not (verdicts[index] and verdicts[index + 1]) or span.of != after.of or len(after.gap) > 60:
            continue
        between = cues.within(span.end, after.start)
        if any("extended" in cue.kinds for cue in between) and not any(cue.kinds & (FOR | {"submit", "ends"}) for cue in between):
            before = any("extended" in cue.kinds for cue in cues.within(span.floor, span.start))
            kept[index] = verdicts[index] if before else ""
    return kept


def _spoken_of(cues: Cues) -> bool:
    """Whether any word of the text speaks of calls, other than a verb that anything can do."""
    return any(cue.kinds & _HINTS and "verb" not in cue.kinds for cue in cues.all)


def _was(flat: str, tails: Tails, span: Span) -> bool:
    """ "The deadline was 30 September": told of the past."""
    return tails.was.search(flat, max(span.floor, span.start - 24), span.start) is not None


def _loose(flat: str, cues: Cues, span: Span) -> bool:
    """Whether only a word that many things can do ("the shop closes on", "is due on") leads to the date, and no word of calls stands by."""
    found = cues.within(*span.sentence)
    verb = next((cue for cue in found if "verb" in cue.kinds and cue.start < span.start), None)
    if verb is None or len(_WORD.findall(flat, span.sentence[0], verb.start)) < 1:
        return False
    return not any(cue.kinds & (FOR | {"submit", "extended"}) and "verb" not in cue.kinds for cue in found)


def _doubts(flat: str, cues: Cues, spans: Sequence[Span], verdicts: list[Verdict]) -> list[Verdict]:
    """Beside a date that a deadline word of its own leads to, one that has only a word of handing in, or nothing but what an earlier
    date left over, is told as "inferred".
    """
    strengths = [_strength(flat, cues, span) if verdict == "cue" else 0 for span, verdict in zip(spans, verdicts, strict=True)]
    for index in range(1, len(spans)):
        if spans[index].listed and verdicts[index] == "cue":
            strengths[index] = max(strengths[index], strengths[index - 1])
    best = max(strengths, default=0)
    many = sum(verdict == "cue" for verdict in verdicts) > 1
    told = {span.of for span, verdict in zip(spans, verdicts, strict=True) if verdict == "cue" and _of_bids(cues, span)}
    return [
        "inferred" if verdict == "cue" and many and (strength < min(best, 2) or _of_what(flat, cues, span, told)) else verdict
        for span, verdict, strength in zip(spans, verdicts, strengths, strict=True)
    ]


def _of_bids(cues: Cues, span: Span) -> bool:
    """Whether a day with an hour is told of bids or applications by name."""
    return span.clock is not None and any(
        "submit" in cue.kinds and "verb" not in cue.kinds for cue in cues.within(span.floor, span.start)
    )


def _of_what(flat: str, cues: Cues, span: Span, told: set[int]) -> bool:
    """Whether a date of a sentence of its own has a word for any deadline, no hour and no word for what is handed in, where another
    sentence (``told``) has both: it may be the day on which the work is done.
    """
    if not told or span.of in told or span.clock is not None:
        return False
    found = cues.within(*span.sentence)
    own = {kind for cue in found if "verb" not in cue.kinds for kind in cue.kinds}
    if len(found) == 1 and own == {"submit"} and found[0].start == span.of and flat[found[0].end : span.start].strip() == ":":
        return True  # "Call: 16 November"
    return not own & {"submit", "stage1", "stage2", "full", "round", "extended"}


def _strength(flat: str, cues: Cues, span: Span) -> int:
    """3: a word of deadlines or stages of its own leads to the date or follows it at once; 2: another word for it; 1: none."""
    own = {kind for cue in cues.within(span.floor, span.start) for kind in cue.kinds}
    own |= {kind for cue in cues.within(span.end, min(span.ceiling, span.end + 24)) for kind in cue.kinds}
    if own & FOR:
        return 3
    return 2 if own & {"submit", "ends", "extended", "reject"} else 1


def _only_until(flat: str, tails: Tails, cues: Cues, span: Span) -> bool:
    """ "... before 15 May 2026" in a short text in which no word speaks of anything but handing in."""
    lead = flat[max(span.floor, span.start - 60) : span.start]
    found = cues.within(*span.sentence)
    around = len(_WORD.findall(flat, span.sentence[0], span.start)) + len(_WORD.findall(flat, span.end, span.sentence[1]))
    if around > BARE and not any(cue.kinds & _HINTS for cue in cues.all):
        return False
    if any("event" in cue.kinds for cue in found) and not any(cue.kinds & {"deadline", "submit"} for cue in found):
        return False
    if any(cue.kinds & _AGAINST for cue in found) or tails.since.search(lead) or tails.after.search(lead):
        return False
    if leads_until(flat, tails, span, lead):
        return True
    ends = next((cue for cue in cues.within(span.floor, span.start) if "ends" in cue.kinds), None)
    return ends is not None and (_spoken_of(cues) or not _WORD.search(flat, span.sentence[0], ends.start))


def _is_deadline(text: str, flat: str, tails: Tails, cues: Cues, span: Span, listed: bool | None, named: bool, field: bool) -> bool:
    left = [cue for cue in cues.within(span.floor, span.start) if cue.kinds & (DECIDES | {"veto"})]
    lead = flat[max(span.floor, span.start - 60) : span.start]
    until = leads_until(flat, tails, span, lead)
    sentence, end = span.sentence
    if field:
        nearest = left[-1].kinds if left else frozenset()
        return not ({"other", "veto", "previous"} & nearest) or bool("deadline" in nearest) or until
    if not until and tails.after.search(lead):
        return cues.any("reject", sentence, end)
    if vetoed(flat, left, span) or (span.ranged and not until and in_brackets(flat, cues, span)):
        return False
    near = next((cue for cue in reversed(left)), None)
    if not until and not span.ranged and tails.since.search(lead):
        return near is not None and "deadline" in near.kinds and span.start - near.end < 16
    if tails.issued.search(lead) and not span.ranged and not tails.until.search(lead) and is_issue_date(left, near, span, named):
        return False
    if near is None:
        if listed is not None:
            return listed
        return without_left(text, flat, cues, span, until)
    if superseded(left, near):
        return False
    if "ends" in near.kinds and not near.kinds & (FOR | {"other"}):
        return call_ends(cues, span, near)
    if "term" in near.kinds and term_of_other(flat, near, left):
        return False
    hinted = until or ":" in flat[near.end : span.start] or cues.any("deadline", sentence, end) or cues.any("submit", sentence, end)
    if near.kinds == {"round"} and not hinted:
        return False
    if near.kinds & FOR and not (near.kinds & {"other", "previous"}):
        return not far(flat, near, span, until) and not reported(flat, cues, span)
    if "previous" in near.kinds or "documents" in near.kinds:
        return until and any("deadline" in cue.kinds or "submit" in cue.kinds for cue in left) and "previous" not in near.kinds
    if "extended" in near.kinds:
        return extends_call(cues, span)
    if (
        "other" in near.kinds
        and span.ranged
        and span.start - near.end < 12
        and tails.until_word.search(flat, span.start, span.found.start)
    ):
        heading = heading_of(text, cues, span) if span.floor == span.sentence[0] else None
        if any("deadline" in cue.kinds for cue in left) or (heading is not None and "deadline" in heading.kinds):
            return True
    if "other" in near.kinds and until and any("submit" in cue.kinds for cue in left):
        right = cues_after(flat, cues, span)
        if (right and "submit" in right[0].kinds) or ("event" in near.kinds and ":" in flat[near.end : span.start]):
            return True
    if "other" in near.kinds:
        return until and "submit" in near.kinds and "deadline" in near.kinds
    return submitted(flat, cues, span, near, left, until, joined=tails.and_after.match(flat, span.end) is not None)
