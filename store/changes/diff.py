"""What changed between two readings of one thing, told by meaning. Pure: no clock, no store."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from store.codec import to_json
from store.model import Change, Notice


def created(record: dict[str, Any], now: datetime) -> Change:
    """The first event of an opportunity: it carries the whole record."""
    return Change(type="created", new=to_json(record), at=now)


def diff(
    old: Notice, new: Notice, now: datetime, *, withdrawn: tuple[bool, bool] = (False, False), joined: bool = False
) -> tuple[Change, ...]:
    """The changes from ``old`` to ``new``."""
    return ()
