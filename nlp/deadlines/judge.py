"""Which dates are deadlines: cue words before and after a date in its own clause decide, the nearest first."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from nlp.deadlines.spans import Span
from nlp.deadlines.words import Cue, Lexicon

HEADING = 90
REACH = 70
PHRASE = 600
BARE = 2
_LABEL = re.compile(r"[\s)]{0,2}(?:[-:=(,]|is(?!\w)|war(?!\w)|ist(?!\w)|es(?!\w)|est(?!\w)|e(?!\w)|ar(?!\w)|je(?!\w)|η(?!\w))\s?")
_COMMA = re.compile(r",\s(?!\d)")
_CLAUSE = re.compile(r"[,;(]")
_DECIDES = frozenset(
    {"deadline", "ends", "other", "submit", "extended", "previous", "stage1", "stage2", "full", "round", "documents"}
)
Verdict = Literal["cue", "inferred", ""]
_AGAINST = frozenset({"other", "veto", "previous", "documents", "reject"})
_HINTS = frozenset({"deadline", "submit", "extended", "stage1", "stage2", "full", "rolling", "funds", "first_come"})
_WORD = re.compile(r"[^\W\d_]{2,}")
_FOR = frozenset({"deadline", "stage1", "stage2", "full", "round"})


@dataclass(frozen=True, slots=True)
class _Tails:
    until: re.Pattern[str]
    until_after: re.Pattern[str]
    until_end: re.Pattern[str]
    until_word: re.Pattern[str]
    issued: re.Pattern[str]
    after: re.Pattern[str]
    since: re.Pattern[str]


@lru_cache(maxsize=64)
def _tails(lexicon: Lexicon) -> _Tails:
    weekdays = "|".join(sorted((re.escape(day) + r"(?!\w)" for day in lexicon.weekdays), key=lambda day: -len(day))) or "(?!)"
    filler = rf"(?:[\s,.:(]|{lexicon.alternation('link')}|{weekdays})*\Z"
    until = lexicon.alternation("until")
    post = "|".join(re.escape(word) for word in lexicon.words["until"] if word.startswith("-")) or "(?!)"
    return _Tails(
        until=re.compile(rf"(?:{until}){filler}"),
        until_after=re.compile(rf"[\s.,]{{0,2}}(?:(?:{until})|(?:{post})(?!\w))"),
        until_word=re.compile(rf"(?:{lexicon.alternation_of({word for word in lexicon.words['until'] if len(word) > 3})})"),
        until_end=re.compile(rf"(?:{until})\Z"),
        issued=re.compile(rf"(?:{lexicon.alternation('issued')})[\s]?(?:(?:{weekdays})[\s,]*)?\Z"),
        after=re.compile(rf"(?:{lexicon.alternation('after')}){filler}"),
        since=re.compile(rf"(?:{lexicon.alternation('since')}){filler}"),
    )


@dataclass(frozen=True, slots=True)
class Cues:
    """The cues of a text, to be asked by place."""

    all: Sequence[Cue]
    starts: Sequence[int]

    def within(self, start: int, end: int) -> list[Cue]:
        """The cues that begin in ``start:end``."""
        return list(self.all[bisect_left(self.starts, start) : bisect_left(self.starts, end)])

    def any(self, kind: str, start: int, end: int) -> bool:
        """Whether a cue of that list begins in ``start:end``."""
        return any(kind in cue.kinds for cue in self.within(start, end))


def _one_sense(cue: Cue) -> Cue:
    """A word that stands in several lists counts for the one that says most about handing in."""
    if "other" in cue.kinds and cue.kinds & {"deadline", "submit", "ends"}:
        return Cue(cue.start, cue.end, cue.kinds - {"other"})
    return cue


def cues_of(flat: str, lexicon: Lexicon) -> Cues:
    """All cues of folded, flat text."""
    found = [_one_sense(cue) for cue in lexicon.cues(flat)]
    return Cues(found, [cue.start for cue in found])


def judge(text: str, flat: str, lexicon: Lexicon, cues: Cues, spans: Sequence[Span], *, field: bool) -> list[Verdict]:
    """For each span, whether it is a deadline: "cue" when words say so, "inferred" when only "until" does and nothing speaks
    against it, "" when not. ``text`` is the folded text with its line breaks.
    """
    tails = _tails(lexicon)
    named = bool(lexicon.words["documents"])
    verdicts: list[Verdict] = []
    for span in spans:
        listed = bool(verdicts[-1]) if span.listed and verdicts else None
        if _is_deadline(text, flat, tails, cues, span, listed, named, field):
            verdicts.append("cue")
        elif not field and len(flat) <= PHRASE and _only_until(flat, tails, cues, span):
            verdicts.append("inferred")
        else:
            verdicts.append("")
    return verdicts if field else _doubts(flat, cues, spans, verdicts)


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
    return [
        "inferred" if verdict == "cue" and many and strength < min(best, 2) else verdict
        for verdict, strength in zip(verdicts, strengths, strict=True)
    ]


def _strength(flat: str, cues: Cues, span: Span) -> int:
    """3: a word of deadlines or stages of its own leads to the date or follows it at once; 2: another word for it; 1: none."""
    own = {kind for cue in cues.within(span.floor, span.start) for kind in cue.kinds}
    own |= {kind for cue in cues.within(span.end, min(span.ceiling, span.end + 24)) for kind in cue.kinds}
    if own & _FOR:
        return 3
    return 2 if own & {"submit", "ends", "extended", "reject"} else 1


def _only_until(flat: str, tails: _Tails, cues: Cues, span: Span) -> bool:
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
    return _until(flat, tails, span, lead) or any("ends" in cue.kinds for cue in cues.within(span.floor, span.start))


def _until(flat: str, tails: _Tails, span: Span, lead: str) -> bool:
    """Whether a word like "until" leads to the date or follows it ("31.3. mennessä", "31-ig")."""
    if tails.until.search(lead) is not None or tails.until_after.match(flat, span.end) is not None:
        return True
    return tails.until_end.search(flat, span.found.end, span.end) is not None


def _is_deadline(
    text: str, flat: str, tails: _Tails, cues: Cues, span: Span, listed: bool | None, named: bool, field: bool
) -> bool:
    left = [cue for cue in cues.within(span.floor, span.start) if cue.kinds & (_DECIDES | {"veto"})]
    lead = flat[max(span.floor, span.start - 60) : span.start]
    until = _until(flat, tails, span, lead)
    sentence, end = span.sentence
    if field:
        nearest = left[-1].kinds if left else frozenset()
        return not ({"other", "veto", "previous"} & nearest) or bool("deadline" in nearest) or until
    if not until and tails.after.search(lead):
        return cues.any("reject", sentence, end)
    if _vetoed(left):
        return False
    near = next((cue for cue in reversed(left)), None)
    if not until and not span.ranged and tails.since.search(lead):
        return near is not None and "deadline" in near.kinds and span.start - near.end < 16
    if tails.issued.search(lead) and not span.ranged and not tails.until.search(lead) and _is_issue_date(left, near, span, named):
        return False
    if near is None:
        if listed is not None:
            return listed
        return _without_left(text, flat, cues, span, until)
    if "ends" in near.kinds and not near.kinds & (_FOR | {"other"}):
        return _call_ends(cues, span, near)
    if "term" in near.kinds and _term_of_other(flat, near, left):
        return False
    if near.kinds == {"round"} and not (until or ":" in flat[near.end : span.start]):
        if not any(cue.kinds & {"deadline", "submit"} for cue in cues.within(sentence, end)):
            return False
    if near.kinds & _FOR and not (near.kinds & {"other", "previous"}):
        return not _far(flat, near, span, until)
    if "previous" in near.kinds or "documents" in near.kinds:
        return until and any("deadline" in cue.kinds or "submit" in cue.kinds for cue in left) and "previous" not in near.kinds
    if "extended" in near.kinds:
        return _extends_call(cues, span)
    if (
        "other" in near.kinds
        and span.ranged
        and span.start - near.end < 12
        and tails.until_word.search(flat, span.start, span.found.start)
    ):
        heading = _heading(text, cues, span) if span.floor == span.sentence[0] else None
        if any("deadline" in cue.kinds for cue in left) or (heading is not None and "deadline" in heading.kinds):
            return True
    if "other" in near.kinds and until and any("submit" in cue.kinds for cue in left):
        right = _right(flat, cues, span)
        if right and "submit" in right[0].kinds:
            return True
    if "other" in near.kinds:
        return until and "submit" in near.kinds and "deadline" in near.kinds
    return _submitted(flat, cues, span, near, left, until)


def _call_ends(cues: Cues, span: Span, near: Cue) -> bool:
    """ "... ends on": a deadline when what ends is a call, a receipt or a period, told by the nearest cue before the verb."""
    known = _DECIDES | {"veto", "event"}
    before = [cue for cue in cues.within(span.sentence[0], near.start) if cue.kinds & known and "ends" not in cue.kinds]
    # A word right after the date before belongs to that date ("am 1.2. erschienen und endet am 1.3.").
    own = [cue for cue in before if cue.start > span.floor + 2 or cue.start <= span.sentence[0] + 2]
    if own and own[-1].start >= span.floor:
        return bool(own[-1].kinds & (_FOR | {"submit"})) and not own[-1].kinds & {"veto", "event"}
    return any(cue.kinds & (_FOR | {"submit"}) for cue in before) and not any("veto" in cue.kinds for cue in before)


def _extends_call(cues: Cues, span: Span) -> bool:
    """ "... extended until": a deadline, unless the sentence says only that a programme, a law or a project goes on longer."""
    found = cues.within(*span.sentence)
    return any(cue.kinds & {"deadline", "submit"} for cue in found) or not any("event" in cue.kinds for cue in found)


def _term_of_other(flat: str, near: Cue, left: list[Cue]) -> bool:
    """ "The contract has a term until ...": a word for any period, right after a word of something else."""
    before = next((cue for cue in reversed(left) if cue.end <= near.start), None)
    if before is None or "other" not in before.kinds or near.start - before.end > 24:
        return False
    return _CLAUSE.search(flat, before.end, near.start) is None


def _vetoed(left: list[Cue]) -> bool:
    """A question, a report, a fee: not for handing in, unless a deadline cue stands well after it."""
    veto = next((cue for cue in reversed(left) if "veto" in cue.kinds), None)
    if veto is None:
        return False
    return not any("deadline" in cue.kinds and cue.start - veto.end >= 20 for cue in left)


def _is_issue_date(left: list[Cue], near: Cue | None, span: Span, named: bool) -> bool:
    """ "Richtlinie vom 4.11.2025", "Orden de 12 de noviembre": the day a document was issued. Where the language's word for it is
    also its word for "of", a kind of document must be named.
    """
    document = next((cue for cue in reversed(left) if "documents" in cue.kinds), None)
    deadline = next((cue for cue in reversed(left) if "deadline" in cue.kinds), None)
    if not named:
        return near is None or not ("deadline" in near.kinds and span.start - near.end < 12)
    return document is not None and (deadline is None or deadline.start < document.start)


def _far(flat: str, near: Cue, span: Span, until: bool) -> bool:
    """A deadline word that stands far before the date without leading to it."""
    return span.start - near.end > 110 and not until and ":" not in flat[near.end : span.start]


def _submitted(flat: str, cues: Cues, span: Span, near: Cue, left: list[Cue], until: bool) -> bool:
    """A word of handing in stands nearest on the left."""
    if not until and not span.ranged and _opening_of(flat, near, left):
        return False
    if any("deadline" in cue.kinds and near.start - cue.end < 60 for cue in left) and span.start - near.end < 60:
        return True
    end = span.sentence[1]
    labelled = span.start - near.end < 16 and ":" in flat[near.end : span.start]
    if not (until or span.ranged or labelled or (span.clock is not None and span.clock.midnight)):
        right = _right(flat, cues, span)
        return bool(right) and bool(right[0].kinds & {"deadline", "ends"}) and span.ceiling == end
    if until and span.start - near.end < 24 and _COMMA.match(flat, span.end):
        return True
    right = _right(flat, cues, span)
    return not (right and "other" in right[0].kinds and not labelled and "submit" not in right[0].kinds)


def _opening_of(flat: str, near: Cue, left: list[Cue]) -> bool:
    """ "Start of the receipt of applications: ...": the word before the words of handing in names something else."""
    for cue in reversed(left):
        if cue.start >= near.start:
            continue
        if near.start - cue.end > 40 or _CLAUSE.search(flat, cue.end, near.start) or "deadline" in cue.kinds:
            return False
        if cue.kinds & {"other", "previous"} and "submit" not in cue.kinds:
            return True
    return False


def _right(flat: str, cues: Cues, span: Span) -> list[Cue]:
    """The cues after the date in its own clause."""
    stop = min(span.ceiling, span.end + REACH)
    skip = 2 if flat[span.end : span.end + 2] == ", " else 0
    border = _CLAUSE.search(flat, span.end + skip, stop)
    stop = border.start() if border else stop
    return [cue for cue in cues.within(span.end, stop) if cue.kinds & (_DECIDES | {"veto"})]


def _without_left(text: str, flat: str, cues: Cues, span: Span, until: bool) -> bool:
    """No cue between the neighbour on the left and the date: what follows decides, then the rest of the sentence, then a heading."""
    right = [cue for cue in cues.within(span.end, min(span.ceiling, span.end + REACH)) if cue.kinds & (_DECIDES | {"veto"})]
    first = right[0] if right else None
    if first is not None and _LABEL.match(flat, span.end) and not until:
        line = {kind for cue in right if cue.start < span.sentence[1] and cue.start - span.end < 50 for kind in cue.kinds}
        if line & {"veto", "other"} and "deadline" not in line:
            return False
        if "veto" in {kind for cue in right for kind in cue.kinds} and first.start - span.end < 30:
            return False
        if first.kinds & _FOR or ("submit" in first.kinds and span.sentence[1] - span.end < 34):
            return True
    if first is not None and "deadline" in first.kinds and first.start - span.end < 20 and span.ceiling == span.sentence[1]:
        return True
    before = cues.within(span.sentence[0], span.floor)
    clause = _right(flat, cues, span)
    if until or span.ranged:
        if any("veto" in cue.kinds for cue in clause) and not any("deadline" in cue.kinds for cue in clause):
            return False
        if clause and clause[0].kinds & {"other", "veto"} and not clause[0].kinds & {"submit", "deadline"}:
            return False
        if until and any(cue.kinds & {"deadline", "submit", "extended"} for cue in before):
            return not any("veto" in cue.kinds for cue in before if cue.end > span.floor - 1)
        if clause and any(cue.kinds & {"submit", "deadline", "extended"} for cue in clause):
            return any(cue.kinds & {"submit", "deadline"} for cue in clause) or _extends_call(cues, span)
    if _header_list(flat, cues, span, before):
        return True
    if span.floor == span.sentence[0] or until:
        heading = _heading(text, cues, span)
        if heading is not None:
            return bool(heading.kinds & _FOR) or (bool(heading.kinds & {"submit", "extended"}) and (until or span.ranged))
    return False


def _header_list(flat: str, cues: Cues, span: Span, before: list[Cue]) -> bool:
    """ "Deadlines: Part A 18 February; Part B 20 May": a deadline word with a colon heads the sentence, gaps are short."""
    if len(span.gap) > 40 or not before:
        return False
    return any("deadline" in cue.kinds and ":" in flat[cue.end : cue.end + 30] for cue in before) and not any(
        "other" in cue.kinds for cue in cues.within(span.floor, span.start)
    )


def _heading(text: str, cues: Cues, span: Span) -> Cue | None:
    """The nearest cue of the short line above."""
    start = span.sentence[0]
    if start == 0 or text[start - 1] != "\n":
        return None
    above = text.rfind("\n", 0, start - 1) + 1
    if start - above > HEADING:
        return None
    found = [cue for cue in cues.within(above, start) if cue.kinds & (_DECIDES | {"veto"})]
    if not found or any("veto" in cue.kinds for cue in found) or "other" in found[-1].kinds:
        return None
    return next((cue for cue in found if cue.kinds & _FOR), found[-1])
