"""One holder at a time for a named work on one store: a row of ``lease``, renewed while its holder lives.

A lease passes on when it runs out, and at once when its holder was a process of this machine that is no more (``store.processes``).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from sqlite_utils import Database

from scheduler.errors import LeaseHeld
from store.codec import iso, parse_iso
from store.database import writing
from store.processes import died_here, lives_here, this_process

LASTS = timedelta(seconds=120)


def take(private: Database, name: str, me: str, *, now: datetime, lasts: timedelta = LASTS) -> None:
    """Take or renew the lease ``name`` until ``now + lasts``. Raises LeaseHeld when another living holder has it."""
    with writing(private):
        row = private.execute("select holder, expires, taken from lease where name = ?", [name]).fetchone()
        if row is not None and row[0] != me and not _free(row[0], parse_iso(row[1]), now, lasts):
            raise LeaseHeld(_refusal(name, row[0], row[2]))
        private.execute(
            "insert into lease (name, holder, expires, taken) values (?, ?, ?, ?) on conflict (name) do update set "
            "expires = excluded.expires, taken = case when holder = excluded.holder then taken else excluded.taken end, "
            "holder = excluded.holder",
            [name, me, iso(now + lasts), iso(now)],
        )


def give_back(private: Database, name: str, me: str) -> None:
    """Let the lease go, if it is ours."""
    with writing(private):
        private.execute("delete from lease where name = ? and holder = ?", [name, me])


@contextmanager
def held(private: Database, name: str, *, now: datetime, lasts: timedelta = LASTS) -> Iterator[str]:
    """Hold the lease ``name`` during the block; gives the holder. Raises LeaseHeld."""
    me = this_process(name)
    take(private, name, me, now=now, lasts=lasts)
    try:
        yield me
    finally:
        give_back(private, name, me)


def _free(held_by: str, expires: datetime, now: datetime, lasts: timedelta) -> bool:
    """Whether a lease may be taken over: run out, from a clock far ahead of ours, or of a dead process of this machine."""
    if expires < now or expires > now + 2 * lasts:
        return not lives_here(held_by)
    return died_here(held_by)


def _refusal(name: str, held_by: str, taken: str) -> str:
    who = json.loads(held_by)
    return (
        f"Another {name} runs on this store: process {who['pid']} on {who['host']}, since {taken}. Stop it first, or wait until "
        "its lease runs out (two minutes after its end)."
    )
