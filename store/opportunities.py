"""The only writer of ``opportunity``: which notices are one thing (``choose_cluster``), and the golden record made of them.

Everything here runs inside the caller's transaction, or opens one.
"""

from __future__ import annotations

import json
from base64 import b32encode
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from hashlib import blake2b
from typing import Any

from sqlite_utils import Database

from store import corrections, history, index
from store.changes import created, diff
from store.changes.damping import damp
from store.codec import iso, notice_from_json
from store.database import writing
from store.golden import Golden, Piece, build
from store.model import Change, Notice
from store.records import columns, record_json, record_of

GROUP_SCHEMES = ("call:", "programme:")  # ids of a group of things, which never make two notices one
_APART_KINDS = ("news", "study")  # they speak about a thing and are never merged into it
_BATCH = 500


def merge(
    db: Database,
    notice_ids: Iterable[int],
    *,
    now: datetime,
    run: str | None = None,
    notices: Mapping[int, Notice] | None = None,
) -> set[int]:
    """Give each notice its opportunity and bring the golden records of all that are touched up to date; their ids.

    ``notices`` spares decoding payloads that the caller holds. A notice keeps the opportunity it has; new ones are placed by
    ``choose_cluster`` or found one. One transaction.
    """
    ids = list(dict.fromkeys(notice_ids))
    with writing(db):
        touched: dict[int, int | None] = {}
        joined: set[int] = set()
        founded: set[int] = set()
        for row in _rows(db, ids):
            notice = (notices or {}).get(row["id"]) or notice_from_json(row["payload"])
            home = row["opportunity"]
            if home is None:
                home = choose_cluster(db, notice)
                if home is None:
                    founded.add(_found(db, row, notice, now=now, run=run))
                    continue
                db.execute("update notice set opportunity = ? where id = ?", [home, row["id"]])
                joined.add(home)
            _keep_hard_ids(db, home, notice)
            touched[home] = row["id"]
        founded -= touched.keys()
        rebuild(db, touched, now=now, run=run, joined=joined)
        if founded:
            index.refresh(db, founded)
        return set(touched) | founded


def choose_cluster(db: Database, notice: Notice) -> int | None:
    """The opportunity that a new notice belongs to, or None when it founds one: by official ids shared with what is stored."""
    ids = _identities(notice)
    if not ids:
        return None
    row = db.execute(
        "select min(opportunity) from opportunity_hard_id where hard_id in (select value from json_each(?))", [json.dumps(ids)]
    ).fetchone()
    return None if row[0] is None else int(row[0])


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


def advance_deadlines(db: Database, *, now: datetime) -> int:
    """Move ``next_deadline`` on where it has passed and a later one follows; how many moved. Call it at least hourly."""
    with writing(db):
        rows = list(
            db.query("select id, record, text from opportunity where next_deadline < ? and last_deadline is not null", [iso(now)])
        )
        for row in rows:
            deadlines = [iso(d.utc) for d in record_of(row).deadlines if d.utc is not None]
            coming = min((d for d in deadlines if d >= iso(now)), default=None)
            db.execute("update opportunity set next_deadline = ? where id = ?", [coming, row["id"]])
        index.refresh(db, [row["id"] for row in rows])
    return len(rows)


def announce_openings(db: Database, *, now: datetime, run: str | None = None) -> int:
    """Append ``opened`` for what was forthcoming when it was found and whose opening has come; how many."""
    with writing(db):
        rows = list(
            db.query(
                "select o.id, o.opens from opportunity o where o.opens <= :now and o.opens > o.first_seen and o.merged_into is null "
                "and not o.cancelled and not o.withdrawn and not exists "
                "(select 1 from change c where c.opportunity = o.id and c.type = 'opened' and c.at >= o.opens)",
                {"now": iso(now)},
            )
        )
        for row in rows:
            history.append(db, row["id"], [Change(type="opened", new=json.dumps(row["opens"]), at=now)], run=run)
            db.execute("update opportunity set changed_at = ? where id = ?", [iso(now), row["id"]])
    return len(rows)


def key_of(db: Database, source: str, source_id: str) -> str:
    """A free public key derived from the founding notice: 12 letters and digits (a-z, 2-7), stable for the opportunity's life."""
    for attempt in range(1000):
        raw = blake2b(f"{source}\0{source_id}\0{attempt or ''}".encode(), digest_size=8).digest()
        key = b32encode(raw).decode()[:12].lower()
        if db.execute("select 1 from opportunity where key = ?", [key]).fetchone() is None:
            return key
    raise AssertionError("a thousand keys of one notice are taken")


def _identities(notice: Notice) -> list[str]:
    if notice.kind in _APART_KINDS:
        return []
    return sorted({h for h in notice.hard_ids if not h.startswith(GROUP_SCHEMES)})


def _keep_hard_ids(db: Database, opportunity: int, notice: Notice) -> None:
    ids = _identities(notice)
    if ids:
        db.conn.executemany(
            "insert or ignore into opportunity_hard_id (hard_id, opportunity) values (?, ?)", [(h, opportunity) for h in ids]
        )


def _found(db: Database, row: Mapping[str, Any], notice: Notice, *, now: datetime, run: str | None) -> int:
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
    _keep_hard_ids(db, opportunity, notice)
    first = created(record_json(golden.record, withdrawn=golden.withdrawn), now)
    history.append(db, opportunity, [first], notice=row["id"], run=run)
    return opportunity


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
        changes = damp(db, row["id"], changes, now=now)
        history.append(db, row["id"], changes, notice=notice, run=run, by=by)
    if any(change.material for change in changes):
        differing["changed_at"] = iso(now)
    sets = ", ".join(f"{name} = :{name}" for name in differing)
    db.conn.execute(f"update opportunity set {sets} where id = :id", {**differing, "id": row["id"]})  # noqa: S608


def _changes(row: Mapping[str, Any], golden: Golden, now: datetime, *, joined: bool) -> tuple[Change, ...]:
    old = record_of(row)
    return diff(old, golden.record, now, withdrawn=(bool(row["withdrawn"]), golden.withdrawn), joined=joined)


def _rows(db: Database, ids: Sequence[int]) -> Iterable[dict[str, Any]]:
    for start in range(0, len(ids), _BATCH):
        yield from list(
            db.query(
                "select id, opportunity, payload, trust, publish, withdrawn_at from notice "
                "where id in (select value from json_each(?)) order by id",
                [json.dumps(ids[start : start + _BATCH])],
            )
        )


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
