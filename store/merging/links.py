"""The rows behind merging: a signature and its keys for each notice, and the links that comparisons found.

Cost a notice does not grow with the store: about seven keys are looked up by index, and a key shared by very many names nothing.
"""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import fields
from typing import Any

from sqlite_utils.db import Database

from store.codec import notice_from_json
from store.merging.cluster import ID_SCORE, Link
from store.merging.compare import compare
from store.merging.signature import Signature, keys, signature
from store.model import Notice

CROWD = 60  # a soft key shared by more notices than this names no thing (measured: 25 at most in the labelled set)
_SETS = frozenset(f.name for f in fields(Signature) if str(f.type).startswith("frozenset"))


def refresh(db: Database, changed: Mapping[int, tuple[Notice, str]]) -> set[int]:
    """Bring keys, signatures and links up to date for ``changed`` (row id -> notice and canonical URL), inside the caller's transaction.

    Returns the ids of all notices whose cluster may differ now: the changed ones, and those linked to them before or after.
    """
    ids = json.dumps(list(changed))
    made = {row: signature(notice, url) for row, (notice, url) in changed.items()}
    touched = set(changed)
    for one, other in db.execute(
        "select one, other from merge_link where one in (select value from json_each(:ids)) or other in (select value from json_each(:ids))",
        {"ids": ids},
    ):
        touched |= {one, other}
    db.execute("delete from merge_link where one in (select value from json_each(?))", [ids])
    db.execute("delete from merge_link where other in (select value from json_each(?))", [ids])
    db.execute("delete from merge_key where notice in (select value from json_each(?))", [ids])
    own = {row: keys(sig) for row, sig in made.items()}
    connection = db.conn
    connection.executemany(
        "insert into merge_key (key, notice) values (?, ?)", [(key, row) for row, found in own.items() for key in sorted(found)]
    )
    connection.executemany(
        "insert into merge_signature (notice, signature) values (?, ?) on conflict (notice) do update set signature = excluded.signature",
        [(row, _dump(sig)) for row, sig in made.items()],
    )
    found = _compare(db, made, own)
    connection.executemany(
        "insert or replace into merge_link (one, other, outcome, score, reason) values (?, ?, ?, ?, ?)",
        [(one, other, outcome, score, reason) for one, other, outcome, score, reason in found],
    )
    return touched | {row for one, other, outcome, _, _ in found if outcome == "same" for row in (one, other)}


def forget(db: Database, notices: Iterable[int]) -> None:
    """Drop keys, signature and links of notices that no longer exist."""
    ids = json.dumps(list(notices))
    db.execute(
        "delete from merge_link where one in (select value from json_each(:ids)) or other in (select value from json_each(:ids))",
        {"ids": ids},
    )
    db.execute("delete from merge_key where notice in (select value from json_each(?))", [ids])
    db.execute("delete from merge_signature where notice in (select value from json_each(?))", [ids])


def links_of(db: Database, notices: Collection[int]) -> list[Link]:
    """The links of sameness that touch any of ``notices``."""
    sql = """select one, other, score, reason from merge_link where outcome = 'same'
             and (one in (select value from json_each(:ids)) or other in (select value from json_each(:ids)))"""
    return [
        Link(one=a, other=b, score=score, reason=reason)
        for a, b, score, reason in db.execute(sql, {"ids": json.dumps(list(notices))})
    ]


def component(db: Database, notices: Collection[int]) -> tuple[set[int], list[Link]]:
    """All notices reachable from ``notices`` over links of sameness, with those links."""
    reached, links, frontier = set(notices), {}, set(notices)
    while frontier:
        found = links_of(db, frontier)
        links.update({(link.one, link.other): link for link in found})
        frontier = {row for link in found for row in (link.one, link.other)} - reached
        reached |= frontier
    return reached, list(links.values())


def related(connection: sqlite3.Connection, notices: Collection[int]) -> list[tuple[int, int, str]]:
    """(notice, other notice, reason) of news and studies linked to what they speak of, for any of ``notices``."""
    sql = """select one, other, reason from merge_link where outcome = 'related'
             and (one in (select value from json_each(:ids)) or other in (select value from json_each(:ids)))"""
    return [(a, b, reason) for a, b, reason in connection.execute(sql, {"ids": json.dumps(list(notices))})]


def rebuild(db: Database, batch: int = 1000) -> None:
    """Make all keys, signatures and links anew from the notices."""
    for table in ("merge_key", "merge_signature", "merge_link"):
        db.table(table).delete_where()
    rows = db.execute("select id, payload, canonical_url from notice order by id").fetchall()
    for first in range(0, len(rows), batch):
        with db.atomic():
            refresh(db, {row: (notice_from_json(payload), url) for row, payload, url in rows[first : first + batch]})


def _compare(
    db: Database, made: Mapping[int, Signature], own: Mapping[int, frozenset[str]]
) -> list[tuple[int, int, str, float, str]]:
    blocks: dict[str, list[int]] = defaultdict(list)
    wanted = sorted(set().union(*own.values())) if own else []
    for key, row in db.execute(
        "select key, notice from merge_key where key in (select value from json_each(?))", [json.dumps(wanted)]
    ):
        blocks[key].append(row)
    pairs = {
        (min(row, other), max(row, other))
        for row, found in own.items()
        for key in found
        if len(blocks[key]) <= CROWD or key.startswith("h:")
        for other in blocks[key]
        if other != row
    }
    known = {row: sig for row, sig in made.items()} | _load(db, {row for pair in pairs for row in pair} - made.keys())
    results: list[tuple[int, int, str, float, str]] = []
    for one, other in sorted(pairs):
        judged = compare(known[one], known[other])
        if judged.outcome != "different":
            results.append((one, other, judged.outcome, judged.score or ID_SCORE, judged.reason))
    return results


def _dump(sig: Signature) -> str:
    return json.dumps(
        {f.name: sorted(value) if isinstance(value := getattr(sig, f.name), frozenset) else value for f in fields(sig)},
        ensure_ascii=False,
    )


def _load(db: Database, rows: Collection[int]) -> dict[int, Signature]:
    sql = "select notice, signature from merge_signature where notice in (select value from json_each(?))"
    return {row: _signature(text) for row, text in db.execute(sql, [json.dumps(sorted(rows))])}


def _signature(text: str) -> Signature:
    values: dict[str, Any] = {name: frozenset(value) if name in _SETS else value for name, value in json.loads(text).items()}
    return Signature(**values)
