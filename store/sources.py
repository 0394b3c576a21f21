"""The only writer of ``source``: the declared facts, so that readers of the published file can see them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from sqlite_utils import Database

from store import index
from store.database import writing

COLUMNS = (
    "name", "title", "publisher", "url", "format", "kind", "country", "languages", "timezone", "every", "licence", "terms", "robots",
    "official_feed", "verified", "verified_how", "enabled", "blocked", "publish", "trust",
)  # fmt: skip


def keep(db: Database, declared: Iterable[Mapping[str, Any]]) -> int:
    """Store the facts of all declared sources (mappings with ``COLUMNS``; further keys stand in ``declared`` as JSON), and disable
    those that are declared no more. What has not changed is not written. The number of rows written.
    """
    rows = []
    for facts in declared:
        values = {name: _cell(facts[name]) for name in COLUMNS}
        rows.append({**values, "declared": json.dumps(facts, sort_keys=True, default=str)})
    names = (*COLUMNS, "declared")
    sets = ", ".join(f"{name} = excluded.{name}" for name in names[1:])
    with writing(db):
        before = db.conn.total_changes
        homes = dict(db.execute("select name, country from source").fetchall())
        db.conn.executemany(
            f"insert into source ({', '.join(names)}) values ({', '.join(':' + name for name in names)}) "  # noqa: S608
            f"on conflict (name) do update set {sets} where (source.declared, source.enabled) is not (excluded.declared, excluded.enabled)",
            rows,
        )
        db.execute(
            "update source set enabled = 0 where enabled = 1 and name not in (select value from json_each(?))",
            [json.dumps([row["name"] for row in rows])],
        )
        written = db.conn.total_changes - before
        _list_again(db, homes)
        return written


def _list_again(db: Database, homes: Mapping[str, str]) -> None:
    """Bring the lists up to date where a publisher's home (``homes``, before) is another now: its silent calls count for that."""
    moved = [name for name, country in db.execute("select name, country from source") if name in homes and homes[name] != country]
    if moved:
        sql = "select id from opportunity where source in (select value from json_each(?))"
        index.refresh(db, [row[0] for row in db.execute(sql, [json.dumps(moved)])])


def _cell(value: Any) -> Any:
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, (tuple, list)):
        return json.dumps(list(value))
    return value
