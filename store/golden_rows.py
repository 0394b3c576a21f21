"""Golden records as rows: founded, recomputed, and written only where they differ, with the changes that this tells.

The record's own columns of ``opportunity`` are written here alone; decisions (``review``, ``pinned``), tags, the clock's columns and
``merged_into`` belong to ``curation``, ``tags``, ``due`` and ``opportunities``. All runs inside the caller's transaction.
"""

from __future__ import annotations

import json
from base64 import b32encode
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from hashlib import blake2b
from typing import Any

from sqlite_utils import Database

from store import corrections, history, index
from store.changes import created, diff
from store.changes.damping import damp
from store.codec import iso, notice_from_json
from store.golden import Golden, Piece, build
from store.model import Change, Notice
from store.records import columns, first_record, record_of

_BATCH = 500


def found(db: Database, row: Mapping[str, Any], notice: Notice, *, now: datetime, run: str | None) -> int:
    """A new opportunity of one notice, with its first event; its id."""
    golden = build([Piece(id=row["id"], notice=notice, trust=row["trust"], withdrawn=row["withdrawn_at"] is not None)])
    values = columns(golden, now=now, review="pending" if row["publish"] == "review" else "published")
    values |= {
        "key": key_of(db, notice.source, notice.source_id),
        "first_seen": iso(now),
        "changed_at": iso(now),
    }
    names = ", ".join(values)
    binds = ", ".join(f":{name}" for name in values)
    opportunity = db.conn.execute(f"insert into opportunity ({names}) values ({binds})", values).lastrowid  # noqa: S608
    assert opportunity is not None
    db.execute("update notice set opportunity = ? where id = ?", [opportunity, row["id"]])
    first = created(first_record(golden.record, withdrawn=golden.withdrawn), now)
    history.append(db, opportunity, [first], notice=row["id"], run=run)
    return opportunity


def rebuild(
    db: Database,
    touched: Mapping[int, int | None] | Collection[int],
    *,
    now: datetime,
    run: str | None = None,
    by: str = "",
    joined: Collection[int] = (),
) -> None:
    """Recompute golden records from their notices and corrections, write what differs, and append the changes.

    ``touched`` maps an opportunity to the notice that caused it, when there is one. ``joined`` are those whose membership changed:
    a value that was missing there and is now known is no news to anybody.
    """
    causes = touched if isinstance(touched, Mapping) else dict.fromkeys(touched)
    for start in range(0, len(causes), _BATCH):
        ids = list(causes)[start : start + _BATCH]
        pieces = _pieces(db, ids)
        for row in list(db.query("select * from opportunity where id in (select value from json_each(?))", [json.dumps(ids)])):
            members = pieces.get(row["id"])
            if members:
                _write(db, row, members, now=now, run=run, notice=causes[row["id"]], by=by, joined=row["id"] in joined)
        index.refresh(db, ids)


def said(db: Database, opportunity: int) -> Notice:
    """The golden record as the sources say it, before any correction."""
    return build([piece for piece, _ in _pieces(db, [opportunity])[opportunity]]).record


def first_review(db: Database, opportunity: int) -> str:
    """The review state without any decision: ``pending`` when only sources that ask for a review know it, else ``published``."""
    free = db.execute("select 1 from notice where opportunity = ? and publish = 'auto' limit 1", [opportunity]).fetchone()
    return "published" if free else "pending"


def first_key(source: str, source_id: str, attempt: int = 0) -> str:
    """The public key that a founding notice gives: 12 letters and digits (a-z, 2-7); a later ``attempt`` gives another."""
    raw = blake2b(f"{source}\0{source_id}\0{attempt or ''}".encode(), digest_size=8).digest()
    return b32encode(raw).decode()[:12].lower()


def key_of(db: Database, source: str, source_id: str) -> str:
    """A free public key derived from the founding notice, stable for the opportunity's life."""
    for attempt in range(1000):
        key = first_key(source, source_id, attempt)
        if db.execute("select 1 from opportunity where key = ?", [key]).fetchone() is None:
            return key
    raise AssertionError("a thousand keys of one notice are taken")


def _write(
    db: Database,
    row: Mapping[str, Any],
    members: Sequence[tuple[Piece, str]],
    *,
    now: datetime,
    run: str | None,
    notice: int | None,
    by: str,
    joined: bool,
) -> None:
    """Bring one row up to date. A row that would not change is not written."""
    golden = corrections.apply(db, row["id"], build([piece for piece, _ in members]), now=now)
    changes = _changes(row, golden, now, joined=joined)
    review = row["review"]
    if review == "pending" and any(publish == "auto" for _, publish in members) and not corrections.decided(db, row["id"]):
        review = "published"
    fresh = columns(golden, now=now, review=review)
    fresh["language"] = fresh["language"] or row["language"]  # the tagger may have found the language that no source says
    differing = {name: value for name, value in fresh.items() if row[name] != value}
    if not differing:
        return
    if changes:
        changes = changes if by else damp(db, row["id"], changes, now=now)
        history.append(db, row["id"], changes, notice=notice, run=run, by=by)
    if any(change.material for change in changes):
        differing["changed_at"] = iso(now)
    sets = ", ".join(f"{name} = :{name}" for name in differing)
    db.conn.execute(f"update opportunity set {sets} where id = :id", {**differing, "id": row["id"]})  # noqa: S608


def _changes(row: Mapping[str, Any], golden: Golden, now: datetime, *, joined: bool) -> tuple[Change, ...]:
    old = record_of(row)
    return diff(old, golden.record, now, withdrawn=(bool(row["withdrawn"]), golden.withdrawn), joined=joined)


def _pieces(db: Database, ids: Sequence[int]) -> dict[int, list[tuple[Piece, str]]]:
    """The notices of each opportunity, with the publish rule of each."""
    out: dict[int, list[tuple[Piece, str]]] = defaultdict(list)
    for row in db.query(
        "select id, opportunity, payload, trust, publish, withdrawn_at from notice "
        "where opportunity in (select value from json_each(?))",
        [json.dumps(ids)],
    ):
        piece = Piece(
            id=row["id"],
            notice=notice_from_json(row["payload"]),
            trust=row["trust"],
            withdrawn=row["withdrawn_at"] is not None,
        )
        out[row["opportunity"]].append((piece, row["publish"]))
    return out
