"""Files of every earlier program, built from schemas that were written down then, with a row in each table: opened, migrated, kept."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest
from sqlite_utils import Database, Migrations

from store import backup
from store.database import open_private, open_store, pending
from store.migrations.private import private
from store.migrations.published import published
from tests.store.schemas import schema_of, states

SETS = {"published": (published, open_store), "private": (private, open_private)}
CASES = [(name, n) for name in SETS for n in range(len(states(name)))]
# What a column holds where an instant would not do.
VALUES = {
    "kind": "call",
    "review": "published",
    "level": "person",
    "role": "member",
    "state": "sent",
    "language": "en",
    "zone": "UTC",
}
JSON = {"payload": "{}", "declared": "{}", "languages": "[]", "deadlines": "[]", "codes": "[]", "documents": "[]", "evidence": "[]"}


def filled(db: sqlite3.Connection, table: str) -> None:
    """One row with something in every column that asks for it."""
    columns: dict[str, Any] = {}
    for _, name, kind, needed, default, key in db.execute(f"pragma table_info({table})"):
        if (needed or key) and default is None:
            texts = VALUES | JSON
            columns[name] = {"integer": 1, "real": 1.0, "blob": b"x"}.get(kind.lower(), texts.get(name, "2026-11-21T05:00:00Z"))
    marks = ", ".join("?" * len(columns))
    db.execute(f"insert into {table} ({', '.join(columns)}) values ({marks})", list(columns.values()))


def old_file(path: Path, migrations: Migrations, n: int) -> dict[str, int]:
    """The file as the program of state ``n`` would have left it; the rows of each table."""
    known = states(migrations.name)
    db = Database(path)
    migrations.ensure_migrations_table(db)
    statements = sorted(known[n][1].items(), key=lambda item: "create trigger" in item[1].lower())
    for _, sql in statements:
        db.execute(sql)
    for name, _ in known[: n + 1]:
        db.table("_sqlite_migrations").insert({"migration_set": migrations.name, "name": name, "applied_at": "2026"})
    db.execute("pragma ignore_check_constraints = on")
    tables = [name for name, sql in known[n][1].items() if sql.lower().startswith("create table")]
    for table in tables:
        filled(db.conn, table)
    rows = {table: db.execute(f"select count(*) from {table}").fetchone()[0] for table in tables}
    db.conn.commit()
    db.close()
    return rows


@pytest.mark.parametrize(("name", "n"), CASES)
def test_a_file_of_an_earlier_program_is_brought_up_and_loses_nothing(tmp_path: Path, name: str, n: int) -> None:
    migrations, opener = SETS[name]
    path = tmp_path / "old.db"
    rows = old_file(path, migrations, n)
    new, fresh = opener(path), opener(tmp_path / "fresh.db")
    assert pending(new, migrations) == []
    assert schema_of(new) == schema_of(fresh)
    derived = {"listing", "find", "tally", "index_made", "index_log"}
    kept = {table: new.execute(f"select count(*) from {table}").fetchone()[0] for table in rows if table not in derived}
    assert kept == {table: number for table, number in rows.items() if table not in derived}
    assert backup.check(path) == ()
    new.close()
    fresh.close()


@pytest.mark.parametrize("name", sorted(SETS))
def test_no_migration_that_landed_was_edited(name: str) -> None:
    migrations, _ = SETS[name]
    db, known = Database(memory=True), states(name)
    names = [m.name for m in migrations.pending(db)]
    assert [state for state, _ in known] == names, "write the new one down: python -m tests.store.schemas"
    for (state, schema), following in zip(known, [*names[1:], None], strict=True):
        migrations.apply(db, stop_before=following)
        assert schema_of(db) == schema, f"{state} was edited after it landed"
