"""What an issue holds, before a single row is read for its lines. Pure: shelf, wishes, marks, ledger and changes in, keys out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from store.changes.meaning import token
from store.codec import iso
from store.digest.choose import SECTION_KINDS, Matched, Pick, choose, closing
from store.digest.shelf import Shelf, positions
from store.status import CLOSING_DAYS

# How many lines a section shows before "n more"; what is closing is shown whatever the number.
SHOWN = {"tracked": 40, "changes": 25, "new": 12, "events": 10, "news": 12}
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
        reasons = {shelf.keys[p.position]: p for p in choose(shelf, found, among=shelf.at(reminders), now=now)}
        for key in reminders:
            until = marks.snoozed.get(key, "")
            back = bool(until) and (key, f"back:{until}") not in told
            if key not in marks.tracked and not back:
                continue
            if back:
                ledger[key, f"back:{until}"] = None
            used.add(key)
            pick = reasons.get(key)
            tracked, wishes = key in marks.tracked, pick.wishes if pick else ()
            shown["tracked"].append(Entry(key=key, changes=moved.pop(key, ()), tracked=tracked, back=back, wishes=wishes))
    if "changes" in shown:
        reasons = {shelf.keys[p.position]: p for p in choose(shelf, found, among=shelf.at(moved), now=now)}
        for key, net in moved.items():
            used.add(key)
            wishes = reasons[key].wishes if key in reasons else ()
            _add(Entry(key=key, changes=net, wishes=wishes, tracked=key in marks.tracked), "changes", shown, rest)
    free = visible & ~shelf.at(known | hidden | used)
    for name, kinds in SECTION_KINDS.items():
        if name not in shown:
            continue
        among = free & shelf.of("kind", kinds)
        picks = choose(shelf, found, among=among, now=now)
        urgent = set(positions(closing(shelf, among, now=now))) if name == "new" else set()
        for pick in picks:
            _add(_entry(shelf, pick), name, shown, rest, force=pick.position in urgent)
    for name in shown:
        for key in [*(entry.key for entry in shown[name]), *rest[name]]:
            if key not in known:
                ledger[key, "new"] = None
    return Plan(
        shown={name: tuple(entries) for name, entries in shown.items()},
        rest={name: tuple(keys) for name, keys in rest.items()},
        told=tuple(ledger),
    )


def _entry(shelf: Shelf, pick: Pick) -> Entry:
    return Entry(key=shelf.keys[pick.position], wishes=pick.wishes, grounds=pick.grounds)


def _add(entry: Entry, name: str, shown: dict[str, list[Entry]], rest: dict[str, list[str]], *, force: bool = False) -> None:
    """Show the entry while there is room; past that, what is forced is shown in brief and the others are counted."""
    if len(shown[name]) < SHOWN[name]:
        shown[name].append(entry)
    elif force:
        shown[name].append(replace(entry, brief=True))
    else:
        rest[name].append(entry.key)


def _reminders(shelf: Shelf, found: Sequence[Matched], marks: Marks, hidden: set[str], visible: int, now: datetime) -> list[str]:
    """Tracked keys that are closing (in good time for the longest lead that was wished) and those whose snooze is over, by date."""
    days = max([CLOSING_DAYS, *(m.wish.lead_days for m in found)])
    tracked = closing(shelf, visible & shelf.at(marks.tracked - hidden), now=now, days=days)
    back = visible & shelf.at(key for key, until in marks.snoozed.items() if until <= iso(now) and key not in hidden)
    order = sorted(positions(tracked | back), key=lambda i: (shelf.dates[i], shelf.keys[i]))
    return [shelf.keys[i] for i in order]


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
