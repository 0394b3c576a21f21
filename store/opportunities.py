"""The only writer of ``opportunity``: which notices are one thing (``store.merging`` says), and the golden record made of them.

Everything here runs inside the caller's transaction, or opens one.
"""

from __future__ import annotations

import json
from base64 import b32encode
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any

from sqlite_utils import Database

from store import corrections, history, index
from store.changes import created, diff
from store.changes.damping import damp
from store.codec import iso, notice_from_json
from store.database import writing
from store.golden import Golden, Piece, build
from store.merging.place import Part, place
from store.model import Change, ChangeType, Notice
from store.records import columns, record_json, record_of

_BATCH = 500


def merge(
    db: Database,
    notice_ids: Iterable[int],
    *,
    now: datetime,
    run: str | None = None,
    by: str = "",
    notices: Mapping[int, Notice] | None = None,
) -> set[int]:
    """Give each notice its opportunity and bring the golden records of all that are touched up to date; their ids.

    ``by`` names the curator whose decision asks for it. ``notices`` spares decoding payloads that the caller holds. Which notices are one thing is decided by ``store.merging`` from
    all that is stored, so the order of arrival plays no part; what that joins or parts is carried out here. One transaction.
    """
    ids = list(dict.fromkeys(notice_ids))
    with writing(db):
        held = {
            row["id"]: ((notices or {}).get(row["id"]) or notice_from_json(row["payload"]), row["canonical_url"])
            for row in _rows(db, ids)
        }
        return carry_out(db, place(db, held), causes=held, now=now, run=run)


def carry_out(
    db: Database, parts: Sequence[Part], *, causes: Collection[int], now: datetime, run: str | None = None, by: str = "auto"
) -> set[int]:
    """Make the opportunities follow a placement: found, join, merge and split, with a row and an event for each; the ids touched.

    ``causes`` are the notices that were read anew. An opportunity left without a notice points to the one that took them over.
    """
    founded: set[int] = set()
    joined: dict[int, int | None] = {}
    touched: dict[int, int | None] = {}
    for part in parts:
        homeless, old_homes = _homeless(db, part), sorted(set(part.moved.values()))
        if part.owner is None:
            owner = _found_or_revive(db, part, now=now, run=run)
            founded.add(owner)
            for home in old_homes:
                _decide(db, "split", home, owner, part, now=now, run=run, by=by)
        else:
            owner = part.owner
            touched.update((owner, row) for row in part.members if row in causes)
        for row in (*homeless, *part.moved):
            db.execute("update notice set opportunity = ? where id = ?", [owner, row])
        if part.owner is not None:
            joined.update(dict.fromkeys([owner] if homeless or part.moved else [], next(iter((*homeless, *part.moved)), None)))
            for home in old_homes:
                _decide(db, "merge", owner, home, part, now=now, run=run, by=by)
        elif len(part.members) > 1:
            joined[owner] = part.members[0]
        joined.update(dict.fromkeys(old_homes))
    emptied = _point_onwards(db, joined, parts, now=now, run=run)
    _keep_hard_ids(db, touched.keys() | joined.keys() | founded)
    causing = {**touched, **{home: row or touched.get(home) for home, row in joined.items()}}
    rebuild(db, {home: row for home, row in causing.items() if home not in emptied}, now=now, run=run, joined=joined)
    index.refresh(db, founded | emptied)
    return touched.keys() | joined.keys() | founded


def _homeless(db: Database, part: Part) -> list[int]:
    """Members that have no opportunity yet."""
    sql = "select id from notice where opportunity is null and id in (select value from json_each(?)) order by id"
    return [row[0] for row in db.execute(sql, [json.dumps(part.members)])]


def _found_or_revive(db: Database, part: Part, *, now: datetime, run: str | None) -> int:
    """An opportunity for a part that has none: the one that its first notice once founded, if that was merged away, else a new one."""
    row = next(iter(_rows(db, part.members[:1])))
    notice = notice_from_json(row["payload"])
    raw = first_key(notice.source, notice.source_id)
    old = db.execute("select id from opportunity where key = ? and merged_into is not null", [raw]).fetchone()
    if old is None:
        return _found(db, row, notice, now=now, run=run)
    db.execute("update opportunity set merged_into = null where id = ?", [old[0]])
    db.execute("update notice set opportunity = ? where id = ?", [old[0], row["id"]])
    return int(old[0])


def _decide(db: Database, kind: str, opportunity: int, other: int, part: Part, *, now: datetime, run: str | None, by: str) -> None:
    """A row for a merge or split, and the event in both histories."""
    db.execute(
        "insert into merge_decision (type, opportunity, other, notice, reason, score, by, at) values (?, ?, ?, ?, ?, ?, ?, ?)",
        [kind, opportunity, other, next(iter(part.moved), None), part.reason, part.score, by, iso(now)],
    )
    keys = dict(db.execute("select id, key from opportunity where id in (?, ?)", [opportunity, other]).fetchall())
    type_: ChangeType = "merged" if kind == "merge" else "split"
    for mine, theirs in ((opportunity, other), (other, opportunity)):
        said = json.dumps({"with": keys.get(theirs, ""), "reason": part.reason}, ensure_ascii=False)
        change = Change(type=type_, field="notices", new=said, material=False, at=now)
        history.append(db, mine, [change], run=run, by="" if by == "auto" else by)


def _point_onwards(db: Database, candidates: Iterable[int], parts: Sequence[Part], *, now: datetime, run: str | None) -> set[int]:
    """Opportunities among ``candidates`` that hold no notice any more, each pointed to the one that took its notices."""
    empty = {
        home for home in candidates if db.execute("select 1 from notice where opportunity = ? limit 1", [home]).fetchone() is None
    }
    heirs = {home: part for part in parts for home in part.moved.values() if home in empty}
    for home, part in heirs.items():
        heir = db.execute("select opportunity from notice where id = ?", [part.members[0]]).fetchone()[0]
        db.execute("update opportunity set merged_into = ? where id = ?", [heir, home])
        key = db.execute("select key from opportunity where id = ?", [heir]).fetchone()[0]
        onwards = Change(type="merged", new=json.dumps({"into": key}), material=False, at=now)
        history.append(db, home, [onwards], run=run)
    return set(heirs)


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


def said(db: Database, opportunity: int) -> Notice:
    """The golden record as the sources say it, before any correction."""
    return build([piece for piece, _ in _pieces(db, [opportunity])[opportunity]]).record


def first_review(db: Database, opportunity: int) -> str:
    """The review state without any decision: ``pending`` when only sources that ask for a review know it, else ``published``."""
    free = db.execute("select 1 from notice where opportunity = ? and publish = 'auto' limit 1", [opportunity]).fetchone()
    return "published" if free else "pending"


def announce_openings(db: Database, *, now: datetime, run: str | None = None) -> int:
    """Append ``opened`` for what was forthcoming when it was found and opened within the last two weeks; how many."""
    with writing(db):
        rows = list(
            db.query(
                "select o.id, o.opens from opportunity o where o.opens between :lately and :now and o.opens > o.first_seen and o.merged_into is null "
                "and not o.cancelled and not o.withdrawn and not exists "
                "(select 1 from change c where c.opportunity = o.id and c.type = 'opened' and c.at >= o.opens)",
                {"now": iso(now), "lately": iso(now - timedelta(days=14))},
            )
        )
        for row in rows:
            history.append(db, row["id"], [Change(type="opened", new=json.dumps(row["opens"]), at=now)], run=run)
            db.execute("update opportunity set changed_at = ? where id = ?", [iso(now), row["id"]])
    return len(rows)


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


def _keep_hard_ids(db: Database, opportunities: Collection[int]) -> None:
    """The official ids by which an opportunity is found are those of its notices."""
    ids = json.dumps(sorted(opportunities))
    db.execute("delete from opportunity_hard_id where opportunity in (select value from json_each(?))", [ids])
    db.execute(
        "insert or ignore into opportunity_hard_id (hard_id, opportunity) select h.hard_id, n.opportunity from notice n "
        "join notice_hard_id h on h.notice = n.id where n.opportunity in (select value from json_each(?)) and n.kind not in ('news', 'study')",
        [ids],
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
        changes = changes if by else damp(db, row["id"], changes, now=now)
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
                "select id, opportunity, payload, canonical_url, trust, publish, withdrawn_at from notice "
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
