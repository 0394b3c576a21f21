"""The only writer of ``curation``: what people decided about an opportunity. Every decision is a row, can be undone, and outlives
every later crawl.

The state of an opportunity follows from the decisions in force: the last of approve, embargo and hide, the last of pin and unpin, the last
correction of each field; undoing one brings back the one before it, or what the sources say.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal, get_args

from sqlite_utils import Database

from store import golden_rows, index, opportunities, tags
from store.changes.meaning import FIELD_TYPES
from store.codec import decode, iso, plain, to_json
from store.corrections import RECORD_FIELDS, TAG_FIELDS, decided, in_force
from store.database import writing
from store.errors import NoSuchRow, NotAllowed
from store.model import ROLES
from store.waiting import queue

Action = Literal["approve", "embargo", "hide", "pin", "unpin", "correct", "merge", "split", "apart"]
ACTIONS: tuple[Action, ...] = get_args(Action)
_SHOWING = ("approve", "embargo", "hide")
_PAIRING = ("merge", "split", "apart")


def curate(
    db: Database,
    opportunity_id: int,
    action: Action,
    *,
    field: str = "",
    value: Any = None,
    by: str,
    now: datetime,
    reason: str = "",
    four_eyes: bool = False,
) -> int:
    """Decide about an opportunity and return the id of the decision, which takes effect at once.

    ``correct`` needs ``field`` (``RECORD_FIELDS`` or ``TAG_FIELDS``) and ``value``: a value of the model (``tuple[Deadline, ...]``) or
    the plain JSON data of one; sectors are a list of ids, countries a list of ``{"code", "role"}``. ``merge`` and ``apart`` (they are not
    the same) take the key or id of the other opportunity as ``value``, ``split`` the row id of the notice that is a thing of its own. ``embargo`` approves for the one
    cluster whose id is ``value``, until somebody approves for all. With ``four_eyes`` the decision waits, without effect, until
    another person calls ``agree``.

    Raises NoSuchRow for an unknown opportunity, notice, action or field, RecordUnreadable for a value of the wrong shape, NotAllowed
    for an embargo on what all clusters see already.
    """
    if action not in ACTIONS:
        raise NoSuchRow(f"There is no action '{action}': choose one of {', '.join(ACTIONS)}.")
    with writing(db):
        row = _opportunity(db, opportunity_id)
        old, new = _values(db, row, action, field, value)
        curation = db.conn.execute(
            "insert into curation (opportunity, action, field, old, new, by, at, reason, waits) values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [opportunity_id, action, field, old, new, by, iso(now), reason, int(four_eyes)],
        ).lastrowid
        assert curation is not None
        if not four_eyes:
            _take_effect(db, opportunity_id, action, field, new, curation=curation, by=by, now=now)
    return curation


def agree(db: Database, curation_id: int, *, by: str, now: datetime) -> None:
    """A second person agrees with a decision that waits; it takes effect. Raises NotAllowed when it is the same person."""
    with writing(db):
        row = _curation(db, curation_id)
        if row["undone_at"] or not row["waits"]:
            raise NotAllowed(f"Decision {curation_id} does not wait for anybody: look at the list of decisions again.")
        if row["by"].casefold() == by.casefold():
            raise NotAllowed(f"Decision {curation_id} is your own: ask another manager to agree with it.")
        db.conn.execute("update curation set waits = 0, second_by = ?, second_at = ? where id = ?", [by, iso(now), curation_id])
        _take_effect(db, row["opportunity"], row["action"], row["field"], row["new"], curation=curation_id, by=by, now=now)


def undo(db: Database, curation_id: int, *, by: str, now: datetime) -> None:
    """Take a decision back: what held before it holds again. Raises NotAllowed when it is undone already."""
    with writing(db):
        row = _curation(db, curation_id)
        if row["undone_at"]:
            raise NotAllowed(f"Decision {curation_id} was taken back already, by {row['undone_by']}.")
        db.conn.execute("update curation set undone_at = ?, undone_by = ? where id = ?", [iso(now), by, curation_id])
        if row["waits"]:
            return
        if row["action"] in _PAIRING:
            db.conn.execute("update merge_pair set undone_at = ? where curation = ?", [iso(now), curation_id])
            _place_again(db, curation_id, now=now, by=by)
        elif row["action"] == "correct" and row["field"] in TAG_FIELDS:
            tags.forget(db, row["opportunity"])  # the tagger reads them anew
        else:
            _refresh_state(db, row["opportunity"], row["action"], by=by, now=now)


def audit(db: Database, opportunity_id: int) -> list[dict[str, Any]]:
    """Every decision about an opportunity, newest first, with ``in_force`` and ``waits`` as booleans."""
    rows = db.query("select * from curation where opportunity = ? order by id desc", [opportunity_id])
    return [{**r, "waits": bool(r["waits"]), "in_force": not r["undone_at"] and not r["waits"]} for r in rows]


def standing(db: Database, named: str | int) -> int | None:
    """The id of the opportunity with this key or id, or of the one that took it over; None for an unknown one."""
    sql = """
        with recursive w(id, heir) as (select id, merged_into from opportunity where id = :id or key = :key
            union select o.id, o.merged_into from w join opportunity o on o.id = w.heir)
        select id from w where heir is null
    """
    values = {"id": named, "key": None} if isinstance(named, int) else {"id": None, "key": named}
    row = db.execute(sql, values).fetchone()
    return int(row[0]) if row else None


def pins(connection: sqlite3.Connection, people: Sequence[str], *, most: int = 3) -> list[int]:
    """The opportunities (row ids) that any of these ``people`` (mail addresses of curators) pinned and that still are, the newest first."""
    sql = (
        "select c.opportunity from curation c join opportunity o on o.id = c.opportunity where c.action = 'pin' and c.undone_at is null"
        " and c.waits = 0 and o.pinned = 1 and o.merged_into is null and c.by in (select value from json_each(?))"
        " group by c.opportunity order by max(c.id) desc limit ?"
    )
    return [row[0] for row in connection.execute(sql, [json.dumps(list(people)), most])]


def _values(db: Database, row: dict[str, Any], action: str, field: str, value: Any) -> tuple[str | None, str | None]:
    """The JSON of what was and of what shall be, checked."""
    if action == "correct":
        if field in RECORD_FIELDS:
            said = golden_rows.said(db, row["id"])
            return to_json(getattr(said, field)), to_json(decode(FIELD_TYPES[field], plain(value)))
        if field in TAG_FIELDS:
            new = decode(TAG_FIELDS[field], plain(value))
            if field == "countries" and any(item.get("role") not in ROLES or not item.get("code") for item in new):
                raise NoSuchRow(f"A country needs a code and one of the roles {', '.join(ROLES)}.")
            return row[field], to_json(new)
        raise NoSuchRow(f"'{field}' cannot be corrected: choose one of {', '.join((*RECORD_FIELDS, *TAG_FIELDS))}.")
    if action in ("merge", "apart"):
        other = standing(db, value)
        if other is None or other == row["id"]:
            raise NoSuchRow(f"There is no other opportunity '{value}': copy the key from its page's address.")
        carried = sorted(in_force(db, other)) if action == "merge" else []
        return to_json(carried) if carried else None, to_json(other)
    if action == "split":
        if db.execute("select 1 from notice where id = ? and opportunity = ?", [value, row["id"]]).fetchone() is None:
            raise NoSuchRow(f"Notice {value} is not part of this opportunity: choose one that its page lists.")
        return None, to_json(int(value))
    if action == "embargo":
        if not value:
            raise NoSuchRow("You belong to no cluster: approve it for everybody, or ask a manager of the cluster.")
        if row["review"] == "published" and not row["embargo_cluster"]:
            raise NotAllowed("Every cluster sees this already: hide it, or leave it as it is.")
        return to_json(row["review"]), to_json(str(value))
    return to_json(row["review"] if action in ("approve", "hide") else bool(row["pinned"])), None


def _take_effect(
    db: Database, opportunity: int, action: str, field: str, new: str | None, *, curation: int, by: str, now: datetime
) -> None:
    if action in _PAIRING:
        _pair(db, opportunity, action, int(json.loads(new or "0")), curation=curation, by=by, now=now)
        _place_again(db, curation, now=now, by=by)
    elif action == "correct" and field in TAG_FIELDS:
        tags.rewrite(db, opportunity, now=now)
    else:
        _refresh_state(db, opportunity, action, by=by, now=now)


def _pair(db: Database, opportunity: int, action: str, value: int, *, curation: int, by: str, now: datetime) -> None:
    """The pairs of notices that the decision joins or parts."""
    own = _notices(db, opportunity)
    if action == "merge":
        pairs = [(a, b) for a in own[:1] for b in _notices(db, value)[:1]]
    elif action == "apart":
        pairs = [(a, b) for a in own for b in _notices(db, value)]
    else:
        pairs = [(value, other) for other in own if other != value]
    db.conn.executemany(
        "insert into merge_pair (one, other, wish, curation, by, at) values (?, ?, ?, ?, ?, ?)",
        [(min(p), max(p), "together" if action == "merge" else "apart", curation, by, iso(now)) for p in pairs],
    )


def _place_again(db: Database, curation: int, *, now: datetime, by: str) -> None:
    pairs = db.execute("select one, other from merge_pair where curation = ?", [curation]).fetchall()
    opportunities.merge(db, sorted({notice for pair in pairs for notice in pair}), now=now, by=by)


def _refresh_state(db: Database, opportunity: int, action: str, *, by: str, now: datetime) -> None:
    """Bring the row in line with the decisions in force."""
    if action == "correct":
        golden_rows.rebuild(db, [opportunity], now=now, by=by)
        return
    last = db.execute(
        "select action, new from curation where opportunity = ? and undone_at is null and waits = 0 "
        "and action in (select value from json_each(?)) order by id desc limit 1",
        [opportunity, json.dumps(_SHOWING if action in _SHOWING else ("pin", "unpin"))],
    ).fetchone()
    if action in ("pin", "unpin"):
        pinned = last is not None and last[0] == "pin"
        db.conn.execute("update opportunity set pinned = ? where id = ?", [int(pinned), opportunity])
    else:
        review = ("hidden" if last[0] == "hide" else "published") if last else golden_rows.first_review(db, opportunity)
        cluster = json.loads(last[1]) if last and last[0] == "embargo" else None
        db.conn.execute("update opportunity set review = ?, embargo_cluster = ? where id = ?", [review, cluster, opportunity])
    index.refresh(db, [opportunity])


def _notices(db: Database, opportunity: int) -> list[int]:
    return [row[0] for row in db.execute("select id from notice where opportunity = ? order by id", [opportunity])]


def _opportunity(db: Database, opportunity_id: int) -> dict[str, Any]:
    for row in db.query("select * from opportunity where id = ?", [opportunity_id]):
        return row
    raise NoSuchRow(f"There is no opportunity number {opportunity_id}: look it up by its key first.")


def _curation(db: Database, curation_id: int) -> dict[str, Any]:
    for row in db.query("select * from curation where id = ?", [curation_id]):
        return row
    raise NoSuchRow(f"There is no decision number {curation_id}: the page of the opportunity lists them.")


__all__ = ["ACTIONS", "Action", "agree", "audit", "curate", "decided", "queue", "standing", "undo"]
