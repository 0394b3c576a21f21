"""What a change of the deadlines means: moved (and which way), a stage that came, or only another form. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from store.changes.meaning import instant, is_rolling
from store.codec import to_json
from store.model import Change, ChangeType, Deadline


def deadline_changes(old: Sequence[Deadline], new: Sequence[Deadline], now: datetime) -> list[Change]:
    """Typed changes, at most one ``deadline_moved`` and one ``stage_added``; empty when the two lists mean the same.

    Not told: a cut-off that is over and no longer listed, a past date added, the time of day left out, a list that fell silent.
    ``direction`` follows the first deadline that moved: ``earlier`` is the one to hurry for. Leaving or gaining a rolling end
    counts as moving from or to the end of time.
    """
    gone, came = _unmatched(old, new)
    was_rolling, rolls = is_rolling(old), is_rolling(new)
    if not came and not rolls and not any(instant(d) for d in new):
        return []  # the publisher says nothing now: silence moves no deadline
    out: list[Change] = []
    direction = ""
    pairs = min(len(gone), len(came))
    if pairs:
        gone, came = _in_order(gone), _in_order(came)
        first, then = gone[0], came[0]
        direction = "later" if _at(then) > _at(first) else "earlier"
    elif came and was_rolling and not rolls:
        direction = "earlier"
    elif gone and rolls and not was_rolling:
        direction = "later"
    elif any(_at(d) > now for d in gone):
        direction = _by_what_is_left(old, new, now)
    elif was_rolling and not rolls and not came:
        direction = "earlier"
    if direction:
        out.append(_change("deadline_moved", old, new, now, direction))
    added = came[pairs:] if not (came and was_rolling and not rolls and not pairs) else []
    if any(_at(d) > now for d in added) or (rolls and not was_rolling and not direction):
        out.append(_change("stage_added", old, new, now, ""))
    return out


def _unmatched(old: Sequence[Deadline], new: Sequence[Deadline]) -> tuple[list[Deadline], list[Deadline]]:
    """The real deadlines of each side that the other does not have, after taking out those that lost only their time of day."""
    before = {at: d for d in old if (at := instant(d))}
    after = {at: d for d in new if (at := instant(d))}
    gone = [d for at, d in before.items() if at not in after]
    came = [d for at, d in after.items() if at not in before]
    for d in list(came):
        vague = next((g for g in gone if d.precision == "day" and g.precision == "minute" and _day(g) == _day(d)), None)
        if vague is not None:
            gone.remove(vague)
            came.remove(d)
    return gone, came


def _in_order(deadlines: list[Deadline]) -> list[Deadline]:
    return sorted(deadlines, key=_at)


def _by_what_is_left(old: Sequence[Deadline], new: Sequence[Deadline], now: datetime) -> str:
    """A coming deadline was taken out of a list: earlier when the list now ends sooner, later when the next one is further off."""
    before = sorted(_at(d) for d in old if instant(d))
    after = sorted(_at(d) for d in new if instant(d))
    if not after:
        return "later"
    if before[-1] > after[-1]:
        return "earlier"
    coming_before = next((at for at in before if at > now), None)
    coming_after = next((at for at in after if at > now), None)
    return "later" if coming_before and coming_after and coming_after > coming_before else "earlier"


def _at(deadline: Deadline) -> datetime:
    at = instant(deadline)
    assert at is not None, "only real deadlines come here"
    return at


def _day(deadline: Deadline) -> str:
    return deadline.local.date().isoformat() if deadline.local is not None else ""


def _change(kind: ChangeType, old: Sequence[Deadline], new: Sequence[Deadline], now: datetime, direction: str) -> Change:
    return Change(type=kind, field="deadlines", old=to_json(tuple(old)), new=to_json(tuple(new)), direction=direction, at=now)
