"""Stage and cut-off numbers, and what several mentions of deadlines in one text mean together."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from nlp.deadlines.cues import Cues
from nlp.deadlines.spans import Span
from store.model import Deadline

FAR_FUTURE = datetime.max.replace(tzinfo=UTC)


_ASIDE = re.compile(r"\s?\([^()]{0,60}\)")
_STAGES = frozenset({"stage1", "stage2", "full"})


def stage_of(flat: str, cues: Cues, span: Span, *, staged: bool) -> int:
    """1 or 2 (1 when nothing is said): the nearest stage word before the date in its own part of the sentence, else one after it.
    ``staged``: the text speaks of a first stage somewhere, so that "full proposal" means the second.
    """
    for place in (span.end, span.found.end):
        aside = _ASIDE.match(flat, place, span.ceiling)
        inside = [cue for cue in cues.within(place, aside.end()) if cue.kinds & _STAGES] if aside else []
        if inside:
            return _second(inside[0].kinds, staged)
    theirs = _ASIDE.match(flat, span.floor, span.start) if span.floor > span.sentence[0] else None
    left = [cue for cue in cues.within(theirs.end() if theirs else span.floor, span.start) if cue.kinds & _STAGES]
    if left:
        return _second(left[-1].kinds, staged)
    stop = min(span.ceiling, span.end + 50)
    right = [cue for cue in cues.within(span.end, stop) if cue.kinds & _STAGES]
    if right and (flat[span.end : right[0].start].strip() in ("", "(", "-", ":", ",") or span.ceiling == span.sentence[1]):
        return _second(right[0].kinds, staged)
    return 1


def _second(kinds: frozenset[str], staged: bool) -> int:
    return 2 if "stage1" not in kinds and ("stage2" in kinds or staged) else 1


def settle(found: Sequence[Deadline]) -> tuple[Deadline, ...]:
    """Order by date, merge repeated mentions (a time tells more than a day, a flagged guess less than a plain date), and number the
    cut-offs where a stage has several.
    """
    merged: dict[tuple[object, ...], Deadline] = {}
    for one in sorted(
        found, key=lambda one: (one.precision == "day", "year_assumed" in one.flags, "ambiguous_order" in one.flags, one.start)
    ):
        key: tuple[object, ...]
        if one.local is None:
            key = ("none", one.stage, one.quote)
        else:
            key = (one.local.date(), one.stage)
            twin = merged.get(key)
            if twin is not None and one.precision == "minute" and twin.local != one.local:
                key = (one.local, one.stage)
        if key in merged:
            twin = merged[key]
            extra = tuple(
                flag for flag in one.flags if flag in ("extended", "while_funds_last", "recurring") and flag not in twin.flags
            )
            merged[key] = replace(twin, flags=(*twin.flags, *extra))
        else:
            merged[key] = one
    ordered = sorted(merged.values(), key=lambda one: (one.utc or FAR_FUTURE, one.stage, one.start))
    stages: dict[int, list[int]] = defaultdict(list)
    for index, one in enumerate(ordered):
        if not one.rolling:
            stages[one.stage].append(index)
    for indices in stages.values():
        if len(indices) > 1:
            for number, index in enumerate(indices, start=1):
                ordered[index] = replace(ordered[index], cut_off=number)
    return tuple(ordered)
