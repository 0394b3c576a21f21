"""One holder at a time for a named work on one store: a row of ``lease``, renewed while its holder lives.

A lease passes on when it runs out, and at once when its holder was a process of this machine that is no more (told by process id
and start time, so that a process id used again is not mistaken for the holder).
"""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from sqlite_utils import Database

from scheduler.errors import LeaseHeld
from store.codec import iso, parse_iso
from store.database import writing

LASTS = timedelta(seconds=120)


def holder(label: str = "") -> str:
    """This process as a holder: JSON with host, process id, the process's start and a label for what it does."""
    return json.dumps({"host": socket.gethostname(), "pid": os.getpid(), "start": _started(os.getpid()), "label": label})


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
    me = holder(name)
    take(private, name, me, now=now, lasts=lasts)
    try:
        yield me
    finally:
        give_back(private, name, me)


def _free(held_by: str, expires: datetime, now: datetime, lasts: timedelta) -> bool:
    """Whether a lease may be taken over: run out, from a clock far ahead of ours, or of a dead process of this machine."""
    if expires < now or expires > now + 2 * lasts:
        return not _lives_here(held_by)
    return _died_here(held_by)


def _lives_here(held_by: str) -> bool:
    who = json.loads(held_by)
    return who["host"] == socket.gethostname() and bool(who["start"]) and _started(who["pid"]) == who["start"]


def _died_here(held_by: str) -> bool:
    who = json.loads(held_by)
    return who["host"] == socket.gethostname() and bool(who["start"]) and _started(who["pid"]) != who["start"]


def _started(pid: int) -> str:
    """When a process began, in clock ticks since the machine started, with the machine's own start; "" when it is no more."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return ""
    fields = stat.rpartition(")")[2].split()
    # Field 22 of proc(5) is starttime; after the command's bracket it is the 20th. State Z is dead, only not yet fetched.
    return "" if fields[0] == "Z" else f"{boot}:{fields[19]}"


def _refusal(name: str, held_by: str, taken: str) -> str:
    who = json.loads(held_by)
    return (
        f"Another {name} runs on this store: process {who['pid']} on {who['host']}, since {taken}. Stop it first, or wait until "
        "its lease runs out (two minutes after its end)."
    )
