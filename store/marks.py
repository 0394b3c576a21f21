"""The only writer of ``mark``: what a member tracks, dismisses or snoozes."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal, get_args

from sqlite_utils import Database

from store.codec import iso
from store.database import writing
from store.errors import NoSuchRow

MarkKind = Literal["track", "dismiss", "snooze"]
MARK_KINDS: tuple[MarkKind, ...] = get_args(MarkKind)
SNOOZE = timedelta(days=14)


def put(private: Database, member: int, opportunity: str, kind: MarkKind, *, now: datetime, until: datetime | None = None) -> None:
    """Mark an opportunity (its public key). Tracking ends a dismissal and a snooze; dismissing ends the others.

    A snooze lasts to ``until`` (two weeks from ``now`` when None). Marking again keeps the first date, but for a snooze.
    """
    if kind == "snooze" and until is None:
        until = now + SNOOZE
    ended = {"track": ("dismiss", "snooze"), "dismiss": ("track", "snooze"), "snooze": ("dismiss",)}[kind]
    with writing(private):
        for other in ended:
            private.execute("delete from mark where member = ? and opportunity = ? and kind = ?", [member, opportunity, other])
        private.execute(
            "insert into mark (member, opportunity, kind, at, until) values (?, ?, ?, ?, ?) on conflict do update set until = "
            "excluded.until, at = case kind when 'snooze' then excluded.at else at end",
            [member, opportunity, kind, iso(now), iso(until) if until is not None and kind == "snooze" else None],
        )


def clear(private: Database, member: int, opportunity: str, kind: MarkKind) -> None:
    """Take a mark away. Raises NoSuchRow when there is none."""
    with writing(private):
        done = private.execute(
            "delete from mark where member = ? and opportunity = ? and kind = ?", [member, opportunity, kind]
        ).rowcount
    if not done:
        raise NoSuchRow(f"'{opportunity}' bears no mark '{kind}' of yours: reload the page.")


def of_member(private: Database, member: int) -> dict[MarkKind, dict[str, tuple[str, str | None]]]:
    """All marks of a member: kind -> key -> (since, until), UTC texts; ``until`` None but for a snooze."""
    out: dict[MarkKind, dict[str, tuple[str, str | None]]] = {kind: {} for kind in MARK_KINDS}
    for opportunity, kind, at, until in private.execute(
        "select opportunity, kind, at, until from mark where member = ? order by at, opportunity", [member]
    ):
        out[kind][opportunity] = (at, until)
    return out
