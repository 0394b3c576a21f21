"""What a text says of its deadlines elsewhere: their hour ("no later than 5 p.m. on the closing date"), two stages, an hour nobody claims."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import replace

from nlp.deadlines.cues import Cues
from nlp.deadlines.fold import Folded
from nlp.deadlines.labels import Clock
from nlp.deadlines.spans import Span
from nlp.deadlines.times import clock_alone
from nlp.deadlines.words import Lexicon
from store.model import Deadline

WIDTH = 400


def share_hour(folded: Folded, lexicon: Lexicon, cues: Cues, starts: Sequence[int], spans: Sequence[Span]) -> None:
    """Give each of ``spans`` (deadlines) without a time the one that a sentence without a date says of the closing day; nothing
    happens when sentences say different times.
    """
    bare = [span for span in spans if span.clock is None and not span.label]
    if not bare:
        return
    dated = {span.of for span in spans}
    said: list[Clock] = []
    for found in (cue for cue in cues.all if "apart" in cue.kinds):
        index = bisect_right(starts, found.start) - 1
        start, stop = starts[index], starts[index + 1] if index + 1 < len(starts) else len(folded.flat)
        clock = None
        if start not in dated:
            clock = clock_alone(folded, lexicon, max(start, found.start - WIDTH), min(stop, found.end + WIDTH))
        if clock is not None:
            said.append(clock)
        if len(said) > 8:
            break
    if said and len({(clock.hour, clock.minute, clock.label) for clock in said}) == 1:
        for span in bare:
            span.clock = said[0]


def unclaimed(folded: Folded, lexicon: Lexicon, span: Span) -> bool:
    """Whether a time of day stands in the clause of a day that was given none: it may be the deadline's."""
    if span.clock is not None or span.label:
        return False
    stop = folded.flat.find(";", span.end, span.ceiling)
    start = max(span.floor, span.start - 120)
    return any(
        clock_alone(folded, lexicon, first, last) is not None
        for first, last in ((start, span.start), (span.end, min(span.ceiling if stop < 0 else stop, span.end + 80)))
    )


def number_stages(cues: Cues, found: Sequence[Deadline]) -> list[Deadline]:
    """Two deadlines of a procedure that is called two-stage, none with a stage of its own: the later one is the second stage's."""
    dated = sorted((one for one in found if one.utc is not None and "inferred" not in one.flags), key=lambda one: str(one.utc))
    if len(dated) != 2 or len(found) != 2 or any(one.stage != 1 for one in found) or dated[0].utc == dated[1].utc:
        return list(found)
    if not any("two_stage" in cue.kinds for cue in cues.all):
        return list(found)
    return [replace(one, stage=2) if one is dated[1] else one for one in found]
