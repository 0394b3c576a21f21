"""The only writer of ``note``: what a cluster writes to itself about an opportunity. Nobody outside the cluster ever reads it."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import datetime

from sqlite_utils import Database

from store.codec import iso
from store.database import writing
from store.errors import NoSuchRow, NotAllowed

LONGEST = 4000


@dataclass(frozen=True, kw_only=True, slots=True)
class Note:
    """One note: ``by`` is the writer's name ("" when the account is gone), ``member`` their id or None, ``opportunity`` a public key."""

    id: int
    opportunity: str
    text: str
    at: str
    by: str
    member: int | None


def add_note(private: Database, cluster: str, member: int, opportunity: str, text: str, *, now: datetime) -> int:
    """Keep a note of a cluster and return its id. Raises NotAllowed for an empty or too long one, or somebody without a cluster."""
    text = text.strip()
    if not cluster:
        raise NotAllowed("Notes belong to a cluster: ask the operator to put your account into one.")
    if not text or len(text) > LONGEST:
        raise NotAllowed(f"A note has between 1 and {LONGEST} characters.")
    with writing(private):
        row = private.execute(
            "insert into note (cluster, member, opportunity, text, at) values (?, ?, ?, ?, ?)",
            [cluster, member, opportunity, text, iso(now)],
        )
        return int(row.lastrowid or 0)


def remove_note(private: Database, id: int, *, cluster: str, member: int, manager: bool, now: datetime) -> None:
    """Take a note back: its writer may, and a manager of the cluster. Raises NoSuchRow for any other."""
    with writing(private):
        done = private.execute(
            "update note set deleted_at = ? where id = ? and cluster = ? and deleted_at is null and (member = ? or ?)",
            [iso(now), id, cluster, member, int(manager)],
        ).rowcount
    if not done:
        raise NoSuchRow("There is no such note of yours: load the page again.")


def notes_of(connection: sqlite3.Connection, cluster: str, opportunity: str = "", limit: int = 200) -> list[Note]:
    """The cluster's notes, newest first; of one opportunity when its key is given. Reads only."""
    rows = connection.execute(
        "select n.id, n.opportunity, n.text, n.at, coalesce(nullif(m.name, ''), m.email, ''), n.member from note n"
        " left join member m on m.id = n.member where n.cluster = ? and (? = '' or n.opportunity = ?) and n.deleted_at is null"
        " order by n.at desc, n.id desc limit ?",
        [cluster, opportunity, opportunity, limit],
    )
    return [Note(id=r[0], opportunity=r[1], text=r[2], at=r[3], by=r[4], member=r[5]) for r in rows] if cluster else []
