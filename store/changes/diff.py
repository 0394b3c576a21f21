"""What changed between two readings of one thing, told by meaning. Pure: no clock, no store.

Material: a deadline that moved or came, money, who may take part, a new document, date or venue of a fair or event, cancelled and
back, opened (also again, or after it was only planned), withdrawn and back. Cosmetic: white space, case, quotes, entities, the order of lists, a code in place of its label,
tracking parameters, another wording; and silence: a value the publisher no longer says is not a statement that it changed.
"""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime
from typing import Any

from rapidfuzz import fuzz
from rapidfuzz.utils import default_process

from store.changes import meaning
from store.changes.cities import one_city
from store.changes.deadlines import deadline_changes
from store.codec import to_json
from store.model import Change, ChangeType, Notice, Place

_SILENT = ("raw", "updated")
_SAME_VENUE = 90  # token_set_ratio; "Messe Example" and "Messe Example GmbH, Hall 3" are one place
_FORTHCOMING = frozenset({"forthcoming", "forecast", "forecasted", "planned", "upcoming", "31094501"})
_OPEN = frozenset({"open", "posted", "open for submission", "active", "31094502"})


def created(record: dict[str, Any], now: datetime) -> Change:
    """The first event of an opportunity: it carries the whole record."""
    return Change(type="created", new=to_json(record), at=now)


def diff(
    old: Notice, new: Notice, now: datetime, *, withdrawn: tuple[bool, bool] = (False, False), joined: bool = False
) -> tuple[Change, ...]:
    """The changes from ``old`` to ``new`` at ``now`` (aware): empty when they are equal, for each field that differs at least one.

    ``old`` and ``new`` of each change are the whole field as JSON, so that changes laid over a record give the next record.
    ``withdrawn`` is (before, after). ``joined`` says that another source joined: what it merely adds is not material.
    """
    differing = [f.name for f in fields(Notice) if f.name not in _SILENT and getattr(old, f.name) != getattr(new, f.name)]
    out: list[Change] = []
    for name in differing:
        out.extend(_told(name, old, new, now, joined=joined) or [_change("cosmetic", name, old, new, now, material=False)])
    if withdrawn[0] != withdrawn[1]:
        kind: ChangeType = "withdrawn" if withdrawn[1] else "reinstated"
        out.append(Change(type=kind, field="withdrawn", old=to_json(withdrawn[0]), new=to_json(withdrawn[1]), at=now))
    return tuple(out)


def _told(name: str, old: Notice, new: Notice, now: datetime, *, joined: bool) -> list[Change]:
    """The typed changes of one field; none when the difference is only of form."""
    if joined and not getattr(old, name):
        return []
    if name == "deadlines":
        return deadline_changes(old.deadlines, new.deadlines, now)
    if name == "cancelled":
        return [_change("cancelled" if new.cancelled else "reinstated", name, old, new, now)]
    if name == "amounts":
        before, after = meaning.money(old.amounts), meaning.money(new.amounts)
        return [] if not after or meaning.same_money(before, after) else [_change("budget_changed", name, old, new, now)]
    if name in ("eligibility", "codes"):
        return _eligibility(name, old, new, now)
    if name == "documents":
        return [_change("document_changed", name, old, new, now)] if meaning.added_documents(old.documents, new.documents) else []
    if name in ("over", "planned"):
        return [] if getattr(new, name) or new.over else [_change("opened", name, old, new, now)]
    if name in ("opens", "status_word"):
        return [_change("opened", name, old, new, now)] if _opened(name, old, new, now) else []
    if name in ("starts", "ends", "place") and new.kind in ("fair", "event"):
        return _moved(name, old, new, now)
    return []


def _eligibility(name: str, old: Notice, new: Notice, now: datetime) -> list[Change]:
    known = (*old.codes, *new.codes)
    if name == "codes":
        before, after = meaning.eligible("", old.codes), meaning.eligible("", new.codes)
    else:
        before, after = meaning.eligible(old.eligibility, (), known), meaning.eligible(new.eligibility, (), known)
        if meaning.wording(old.eligibility) == meaning.wording(new.eligibility):
            return []  # only the marks between the words differ
    return [_change("eligibility_changed", name, old, new, now)] if after and before != after else []


def _opened(name: str, old: Notice, new: Notice, now: datetime) -> bool:
    if name == "opens":
        return old.opens is not None and new.opens is not None and old.opens.utc > now >= new.opens.utc
    return old.status_word.casefold() in _FORTHCOMING and new.status_word.casefold() in _OPEN and old.opens == new.opens


def _moved(name: str, old: Notice, new: Notice, now: datetime) -> list[Change]:
    """A fair or event has another date or venue. A time added to a day, or a name said in full, is no move."""
    if name == "place":
        return [] if _same_place(old.place, new.place) else [_change("moved", name, old, new, now)]
    before, after = getattr(old, name), getattr(new, name)
    if after is None or (before is None and name == "ends"):
        return []
    if before is not None and before.local.date() == after.local.date() and not (before.has_time and after.has_time):
        return []
    if before is not None and meaning.day_and_time(before) == meaning.day_and_time(after):
        return []
    if name == "ends" and _shifted(old, new):
        return [_change("moved", name, old, new, now, material=False)]  # the start already tells it
    return [_change("moved", name, old, new, now)]


def _shifted(old: Notice, new: Notice) -> bool:
    return meaning.day_and_time(old.starts) != meaning.day_and_time(new.starts)


def _same_place(old: Place | None, new: Place | None) -> bool:
    """Whether two places may be one: nothing that both say contradicts, and online stays online."""
    if old is None or new is None:
        return True
    (name, city, country, online), (name2, city2, country2, online2) = meaning.venue(old), meaning.venue(new)
    if online != online2 and (online2 or name2 or city2):
        return False
    if country and country2 and country != country2:
        return False
    if city and city2 and not one_city(city, city2):
        return False
    return not name or not name2 or fuzz.token_set_ratio(name, name2, processor=default_process) >= _SAME_VENUE


def _change(kind: ChangeType, name: str, old: Notice, new: Notice, now: datetime, *, material: bool = True) -> Change:
    return Change(
        type=kind, field=name, old=to_json(getattr(old, name)), new=to_json(getattr(new, name)), material=material, at=now
    )
