"""Which notices are one opportunity: what ``store.merging`` decides is carried out here, with a row and an event for each step.

Everything here runs inside the caller's transaction, or opens one.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlite_utils import Database

from store import golden_rows, history, index
from store.codec import iso, notice_from_json
from store.database import writing
from store.merging.place import Part, place
from store.model import Change, ChangeType, Notice

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

    Which notices are one thing is decided by ``store.merging`` from all that is stored, so the order of arrival plays no part; what
    that joins or parts is carried out here. ``by`` names the curator whose decision asks for it, ``notices`` spares decoding payloads
    that the caller holds. One transaction.
    """
    ids = list(dict.fromkeys(notice_ids))
    with writing(db):
        held = {
            row["id"]: ((notices or {}).get(row["id"]) or notice_from_json(row["payload"]), row["canonical_url"])
            for row in _rows(db, ids)
        }
        return carry_out(db, place(db, held), causes=held, now=now, run=run, by=by or "auto")


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
    golden_rows.rebuild(db, {home: row for home, row in causing.items() if home not in emptied}, now=now, run=run, joined=joined)
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
    raw = golden_rows.first_key(notice.source, notice.source_id)
    old = db.execute("select id from opportunity where key = ? and merged_into is not null", [raw]).fetchone()
    if old is None:
        return golden_rows.found(db, row, notice, now=now, run=run)
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


def _keep_hard_ids(db: Database, opportunities: Collection[int]) -> None:
    """The official ids by which an opportunity is found are those of its notices."""
    ids = json.dumps(sorted(opportunities))
    db.execute("delete from opportunity_hard_id where opportunity in (select value from json_each(?))", [ids])
    db.execute(
        "insert or ignore into opportunity_hard_id (hard_id, opportunity) select h.hard_id, n.opportunity from notice n "
        "join notice_hard_id h on h.notice = n.id where n.opportunity in (select value from json_each(?)) and n.kind not in ('news', 'study')",
        [ids],
    )


def _rows(db: Database, ids: Sequence[int]) -> Iterable[dict[str, Any]]:
    for start in range(0, len(ids), _BATCH):
        yield from list(
            db.query(
                "select id, opportunity, payload, canonical_url, trust, publish, withdrawn_at from notice "
                "where id in (select value from json_each(?)) order by id",
                [json.dumps(ids[start : start + _BATCH])],
            )
        )
