"""The schema of both files as each migration left it, written down when the migration landed: what files of earlier programs look like."""

from __future__ import annotations

import json
from pathlib import Path

from sqlite_utils import Database

FOLDER = Path(__file__).parent


def schema_of(db: Database) -> dict[str, str]:
    """Every table, index and trigger with its statement, but for what SQLite makes by itself."""
    virtual = [name for (name,) in db.execute("select name from sqlite_master where sql like 'create virtual table%'")]
    rows = db.execute(
        "select name, sql from sqlite_master where sql is not null and tbl_name != '_sqlite_migrations' order by rowid"
    )
    own = ("sqlite_", *(f"{v}_" for v in virtual))
    return {name: sql for name, sql in rows if not name.startswith(own)}


def states(migrations: str) -> list[tuple[str, dict[str, str]]]:
    """Each migration of a set that was written down, with the whole schema after it."""
    path, schema, out = FOLDER / f"{migrations}.jsonl", dict[str, str](), []
    for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else []:
        step = json.loads(line)
        schema = {name: sql for name, sql in schema.items() if name not in step["gone"]} | step["set"]
        out.append((step["migration"], dict(schema)))
    return out
