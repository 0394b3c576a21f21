"""The only writer of ``notice``: what each source says, kept by identity, written only where it differs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlite_utils import Database

from store import opportunities
from store.codec import compact, digest, iso, notice_from_json, storable, unordered
from store.database import writing
from store.folding import plain_url
from store.model import Notice
from store.retirement import Finished, finish_run

__all__ = ["Applied", "Finished", "apply", "content_hash", "finish_run", "of_source"]

BATCH = 500
_LISTS = ("hard_ids", "codes", "documents", "amounts")


@dataclass(frozen=True, kw_only=True, slots=True)
class Applied:
    """How many notices of a batch were new, changed or unchanged; a notice given twice counts once, by its last form."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0


def apply(
    db: Database,
    run_id: str | None,
    notices: Sequence[Notice],
    *,
    now: datetime,
    source_trust: str = "page",
    publish: str = "auto",
) -> Applied:
    """Keep notices, merge them into opportunities and record what changed. Applying the same again writes nothing.

    One transaction for each 500 notices: killed at any point, the store holds whole batches and the same call completes it.
    ``source_trust`` (api, feed, page, news) weighs the source in golden records; ``publish`` ``review`` lets what only such
    sources know wait for a curator. Raises StoreError's causes as sqlite3 errors; see ``store.errors.explained``.
    """
    new = changed = unchanged = 0
    for start in range(0, len(notices), BATCH):
        with writing(db):
            done = _apply(db, run_id, notices[start : start + BATCH], now=now, trust=source_trust, publish=publish)
        new, changed, unchanged = new + done.new, changed + done.changed, unchanged + done.unchanged
    return Applied(new=new, changed=changed, unchanged=unchanged)


def content_hash(notice: Notice) -> str:
    """The hash of what a notice says: blind to the order of lists and to the publisher's ``updated`` stamp."""
    return digest(unordered(notice, _LISTS, without=("updated",)))


def _apply(db: Database, run_id: str | None, notices: Sequence[Notice], *, now: datetime, trust: str, publish: str) -> Applied:
    given: dict[tuple[str, str], tuple[Notice, str]] = {}
    for notice in notices:
        clean, said = _weighed(notice)
        given[clean.source, clean.source_id] = (clean, said)
    if not given:
        return Applied()
    stored = _stored(db, given)
    at = iso(now)
    held: dict[int, Notice] = {}
    new = changed = unchanged = 0
    for identity, (notice, said) in given.items():
        row = stored.get(identity)
        if row is None:
            held[_insert(db, notice, said, at=at, run=run_id, trust=trust, publish=publish)] = notice
            new += 1
        elif row["content_hash"] != said or row["withdrawn_at"] is not None:
            _update(db, row["id"], notice, said, at=at, run=run_id, trust=trust, publish=publish)
            held[row["id"]] = notice
            changed += 1
        else:
            if row["missing_runs"]:
                db.execute("update notice set missing_runs = 0, last_seen = ? where id = ?", [at, row["id"]])
            unchanged += 1
    if held:
        opportunities.merge(db, held, now=now, run=run_id, notices=held)
    return Applied(new=new, changed=changed, unchanged=unchanged)


def _weighed(notice: Notice) -> tuple[Notice, str]:
    """The notice, without characters that SQLite cannot keep (NUL, halves of surrogate pairs), and its content hash."""
    said = unordered(notice, _LISTS, without=("updated",))
    if storable(said) != said:
        notice = notice_from_json(storable(compact(notice)))
        return notice, content_hash(notice)
    return notice, digest(said)


def _stored(db: Database, given: Iterable[tuple[str, str]]) -> dict[tuple[str, str], dict[str, Any]]:
    """The rows of these identities that exist already."""
    out: dict[tuple[str, str], dict[str, Any]] = {}
    sources: dict[str, list[str]] = {}
    for source, source_id in given:
        sources.setdefault(source, []).append(source_id)
    for source, ids in sources.items():
        for row in db.query(
            "select id, source_id, content_hash, missing_runs, withdrawn_at from notice "
            "where source = ? and source_id in (select value from json_each(?))",
            [source, json.dumps(ids)],
        ):
            out[source, row["source_id"]] = row
    return out


def _values(notice: Notice, said: str, *, at: str, run: str | None, trust: str, publish: str) -> dict[str, Any]:
    return {
        "kind": notice.kind,
        "url": notice.url,
        "canonical_url": plain_url(notice.url),
        "title": notice.title,
        "language": notice.language,
        "published": iso(notice.published) if notice.published else None,
        "payload": compact(notice),
        "content_hash": said,
        "last_seen": at,
        "changed_at": at,
        "run": run,
        "trust": trust,
        "publish": publish,
        "missing_runs": 0,
        "withdrawn_at": None,
    }


def _insert(db: Database, notice: Notice, said: str, *, at: str, run: str | None, trust: str, publish: str) -> int:
    values = _values(notice, said, at=at, run=run, trust=trust, publish=publish)
    values |= {"source": notice.source, "source_id": notice.source_id, "first_seen": at}
    names = ", ".join(values)
    binds = ", ".join(f":{name}" for name in values)
    row = db.conn.execute(f"insert into notice ({names}) values ({binds})", values).lastrowid  # noqa: S608
    assert row is not None
    _keep_ids(db, row, notice)
    return row


def _update(db: Database, row: int, notice: Notice, said: str, *, at: str, run: str | None, trust: str, publish: str) -> None:
    values = _values(notice, said, at=at, run=run, trust=trust, publish=publish)
    sets = ", ".join(f"{name} = :{name}" for name in values)
    db.conn.execute(f"update notice set {sets} where id = :id", {**values, "id": row})  # noqa: S608
    db.conn.execute("delete from notice_hard_id where notice = ?", [row])
    _keep_ids(db, row, notice)


def _keep_ids(db: Database, row: int, notice: Notice) -> None:
    if notice.hard_ids:
        db.conn.executemany(
            "insert or ignore into notice_hard_id (hard_id, notice) values (?, ?)", [(h, row) for h in notice.hard_ids]
        )


def of_source(db: Database, source: str) -> Iterator[dict[str, Any]]:
    """Identity rows of a source's notices: id, source_id, url, missing_runs, withdrawn_at, opportunity."""
    return db.query(
        "select id, source_id, url, missing_runs, withdrawn_at, opportunity from notice where source = ? order by source_id",
        [source],
    )
