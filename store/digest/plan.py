"""What an issue holds, before a single row is read for its lines. Pure: shelf, wishes, marks, ledger and changes in, keys out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from store.changes.meaning import token
from store.codec import iso
from store.digest.choose import SECTION_KINDS, Matched, Pick, Ranking, choose, closing
from store.digest.shelf import Shelf, positions
from store.status import CLOSING_DAYS

# How many lines a section shows before "n more"; what is tracked, and what is closing, is shown whatever the number.
SHOWN = {"changes": 25, "new": 12, "events": 10, "news": 12}
UNTOLD_TYPES = frozenset({"created", "merged", "split", "cosmetic"})


@dataclass(frozen=True, kw_only=True, slots=True)
class ChangeRow:
    """One row of ``change`` with the public key of its opportunity; ``at`` is a UTC text."""

    id: int
    key: str
    type: str
    field: str
    old: str | None
    new: str | None
    direction: str
    at: str
    material: int = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class NetChange:
    """What a period did to one field: from the first old value to the last new one (JSON texts)."""

    type: str
    field: str
    old: str | None
    new: str | None
    direction: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Marks:
    """What a reader said of single opportunities, by key: ``tracked``; ``dismissed`` since a UTC text; ``snoozed`` until one."""

    tracked: frozenset[str] = frozenset()
    dismissed: Mapping[str, str] = field(default_factory=dict)
    snoozed: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One line to come: its key, the wishes and grounds that chose it, the changes it tells, whether it is tracked, whether a snooze is over."""

    key: str
    wishes: tuple[int, ...] = ()
    grounds: tuple[str, ...] = ()
    changes: tuple[NetChange, ...] = ()
    tracked: bool = False
    back: bool = False
    brief: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """Sections in their order: ``shown`` entries and the keys of the ``rest``; ``told`` is what the ledger takes: (key, what)."""

    shown: Mapping[str, tuple[Entry, ...]]
    rest: Mapping[str, tuple[str, ...]]
    told: tuple[tuple[str, str], ...]


def plan(
    shelf: Shelf,
    found: Sequence[Matched],
    *,
    told: frozenset[tuple[str, str]],
    marks: Marks,
    changes: Iterable[ChangeRow],
    sections: Sequence[str],
    visible: int,
    now: datetime,
) -> Plan:
    """Choose what one reader's issue holds. Each untold thing is in exactly one section and in ``told``; reminders may repeat.

    ``told`` is the reader's ledger, keys already led through merges. ``changes`` are those after the reader's
    cursor, oldest first, of visible opportunities. A dismissed opportunity returns only with a change after the dismissal; a
    snoozed one with a change, or once its time has come.
    """
    shown: dict[str, list[Entry]] = {name: [] for name in sections}
    rest: dict[str, list[str]] = {name: [] for name in sections}
    ledger: dict[tuple[str, str], None] = {}
    known = frozenset(key for key, what in told if what == "new")
    moved = _net_changes(changes, known | marks.tracked | marks.dismissed.keys(), told, marks, ledger)
    asleep = {key for key, until in marks.snoozed.items() if until > iso(now)}
    hidden = asleep | marks.dismissed.keys()
    used: set[str] = set()

    if "tracked" in shown:
        reminders = _reminders(shelf, found, marks, hidden, visible, now)
        asked = _wishes_of(shelf, choose(shelf, found, among=shelf.at(reminders), now=now))
        for key in reminders:
            until = marks.snoozed.get(key, "")
            back = bool(until) and (key, f"back:{until}") not in told
            if key not in marks.tracked and not back:
                continue
            if back:
                ledger[key, f"back:{until}"] = None
            used.add(key)
            tracked, net = key in marks.tracked, moved.pop(key, ())
            shown["tracked"].append(Entry(key=key, changes=net, tracked=tracked, back=back, wishes=asked.get(key, ())))
    if "changes" in shown:
        asked = _wishes_of(shelf, choose(shelf, found, among=shelf.at(moved), now=now))
        for key, net in moved.items():
            used.add(key)
            if len(shown["changes"]) < SHOWN["changes"]:
                tracked, wishes = key in marks.tracked, asked.get(key, ())
                shown["changes"].append(Entry(key=key, changes=net, wishes=wishes, tracked=tracked))
            else:
                rest["changes"].append(key)
    free = visible & ~shelf.at(known | hidden | used)
    for name, kinds in SECTION_KINDS.items():
        if name not in shown:
            continue
        among = free & shelf.of("kind", kinds)
        ranking = choose(shelf, found, among=among, now=now)
        urgent = closing(shelf, among, now=now) if name == "new" else 0
        # While there is room a line is shown whole; past that what is closing is shown in brief, and the others are counted.
        forced = set(positions(urgent))
        for n, position in enumerate(ranking.order):
            if n < SHOWN[name] or position in forced:
                shown[name].append(_entry(shelf, ranking.pick(position), brief=n >= SHOWN[name]))
            else:
                rest[name].append(shelf.keys[position])
    for name in shown:
        for key in [*(entry.key for entry in shown[name]), *rest[name]]:
            if key not in known:
                ledger[key, "new"] = None
    return Plan(
        shown={name: tuple(entries) for name, entries in shown.items()},
        rest={name: tuple(keys) for name, keys in rest.items()},
        told=tuple(ledger),
    )


def _entry(shelf: Shelf, pick: Pick, *, brief: bool) -> Entry:
    return Entry(key=shelf.keys[pick.position], wishes=pick.wishes, grounds=pick.grounds, brief=brief)


def _wishes_of(shelf: Shelf, ranking: Ranking) -> dict[str, tuple[int, ...]]:
    return {shelf.keys[position]: ranking.pick(position).wishes for position in ranking.order}


def _reminders(shelf: Shelf, found: Sequence[Matched], marks: Marks, hidden: set[str], visible: int, now: datetime) -> list[str]:
    """Tracked keys that are closing (in good time for the longest lead that was wished) and those whose snooze is over, by date."""
    days = max([CLOSING_DAYS, *(m.wish.lead_days for m in found)])
    tracked = closing(shelf, visible & shelf.at(marks.tracked - hidden), now=now, days=days)
    back = visible & shelf.at(key for key, until in marks.snoozed.items() if until <= iso(now) and key not in hidden)
    return [shelf.keys[i] for i in positions(tracked | back)]


def _net_changes(
    changes: Iterable[ChangeRow],
    concerned: frozenset[str] | set[str],
    told: frozenset[tuple[str, str]],
    marks: Marks,
    ledger: dict[tuple[str, str], None],
) -> dict[str, tuple[NetChange, ...]]:
    """By key the net change of each field; a field that came back to where it was is told to nobody, yet entered in the ledger."""
    fields: dict[str, dict[str, list[ChangeRow]]] = {}
    for row in changes:
        if row.key not in concerned or row.type in UNTOLD_TYPES or (row.key, f"change:{row.id}") in told:
            continue
        if row.material:
            ledger[row.key, f"change:{row.id}"] = None
        if row.at > marks.dismissed.get(row.key, ""):
            fields.setdefault(row.key, {}).setdefault(row.field, []).append(row)
    net: dict[str, tuple[NetChange, ...]] = {}
    for key, by_field in fields.items():
        told_of = [
            _net(rows)
            for name, rows in by_field.items()
            if any(row.material for row in rows) and token(name, rows[0].old) != token(name, rows[-1].new)
        ]
        if told_of:
            net[key] = tuple(told_of)
    return net


def _net(rows: Sequence[ChangeRow]) -> NetChange:
    first, last = rows[0], rows[-1]
    kind = next((row.type for row in reversed(rows) if row.type == "deadline_moved"), last.type)
    direction = next((row.direction for row in reversed(rows) if row.direction), "")
    return NetChange(type=kind, field=last.field, old=first.old, new=last.new, direction=direction)
