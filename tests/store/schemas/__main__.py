"""``python -m tests.store.schemas``: write down the schema after each migration that has none written down yet, for ever."""

from __future__ import annotations

import json

from sqlite_utils import Database, Migrations

from store.migrations.private import private
from store.migrations.published import published
from tests.store.schemas import FOLDER, schema_of, states


def main() -> None:
    """Append what is missing; what stands there is never changed."""
    for migrations in (published, private):
        path = FOLDER / f"{migrations.name}.jsonl"
        known = states(migrations.name)
        before = known[-1][1] if known else {}
        with path.open("a", encoding="utf-8") as file:
            for name in [m.name for m in migrations.pending(Database(memory=True))][len(known) :]:
                after = schema_after(migrations, name)
                changed = {k: v for k, v in after.items() if before.get(k) != v}
                line = {"migration": name, "set": changed, "gone": sorted(before.keys() - after.keys())}
                file.write(json.dumps(line) + "\n")
                before = after


def schema_after(migrations: Migrations, name: str) -> dict[str, str]:
    """The schema once ``name`` is applied."""
    db = Database(memory=True)
    names = [m.name for m in migrations.pending(db)]
    following = names[names.index(name) + 1 :]
    migrations.apply(db, stop_before=following[0] if following else None)
    return schema_of(db)


if __name__ == "__main__":
    main()
