"""The cue words of a text, to be asked by place, and the words that lead to a date."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from nlp.deadlines.spans import Span
from nlp.deadlines.words import Cue, Lexicon

DECIDES = frozenset(
    {"deadline", "ends", "other", "submit", "extended", "previous", "stage1", "stage2", "full", "round", "documents"}
)
FOR = frozenset({"deadline", "stage1", "stage2", "full", "round"})
CLAUSE = re.compile(r"[,;(]|\s-\s")


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


@dataclass(frozen=True, slots=True)
class Tails:
    """Patterns for what stands right before or after a date."""

    until: re.Pattern[str]
    until_after: re.Pattern[str]
    until_end: re.Pattern[str]
    until_word: re.Pattern[str]
    issued: re.Pattern[str]
    after: re.Pattern[str]
    since: re.Pattern[str]
    was: re.Pattern[str]
    and_after: re.Pattern[str]


@lru_cache(maxsize=64)
def tails_of(lexicon: Lexicon) -> Tails:
    """Compiled once a lexicon."""
    weekdays = lexicon.alternation_of(set(lexicon.weekdays))
    filler = rf"(?:[\s,.:(]|{lexicon.alternation('link', 'end_of')}|{weekdays})*\Z"
    until = lexicon.alternation("until")
    post = "|".join(re.escape(word) for word in lexicon.words["until"] if word.startswith("-")) or "(?!)"
    return Tails(
        until=re.compile(rf"(?:{until}){filler}"),
        until_after=re.compile(rf"[\s.,]{{0,2}}(?:(?:{until})|(?:{post})(?!\w))"),
        until_word=re.compile(rf"(?:{lexicon.alternation_of({word for word in lexicon.words['until'] if len(word) > 3})})"),
        until_end=re.compile(rf"(?:{until})\Z"),
        issued=re.compile(rf"(?:{lexicon.alternation('issued')})[\s]?(?:(?:{weekdays})[\s,]*)?\Z"),
        after=re.compile(rf"(?:{lexicon.alternation('after')}){filler}"),
        since=re.compile(rf"(?:{lexicon.alternation('since')}){filler}"),
        and_after=re.compile(rf",?\s(?:{lexicon.alternation('and')})"),
        was=re.compile(rf"(?:{lexicon.alternation('was')}){filler}"),
    )


def leads_until(flat: str, tails: Tails, span: Span, lead: str) -> bool:
    """Whether a word like "until" leads to the date or follows it ("31.3. mennessä", "31-ig") or is its month ("detsembrini")."""
    if tails.until.search(lead) is not None or tails.until_after.match(flat, span.end) is not None:
        return True
    if tails.until_word.search(flat, span.found.start, span.found.end) is not None:
        return True
    return tails.until_end.search(flat, span.found.end, span.end) is not None
