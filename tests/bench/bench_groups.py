"""What it costs that a country also finds what a group may apply for: rows of ``find`` and the file, with and without the members."""

from __future__ import annotations

import tempfile
from pathlib import Path

from sqlite_utils import Database

from store import index
from store.database import open_store
from tests.bench.big_store import build

SIZE = 10_000
SHARES = (0.1, 0.25)
_OPEN_TO = "insert or ignore into tag values (?, 'country', ?, 'eligible', 0.9, '[]', 'bench')"


def bench() -> list[tuple[str, float, str]]:
    """Rows of (name, ratio, explanation): a share of the calls is open to EU27, every other of these to HORIZON as well."""
    out = []
    with tempfile.TemporaryDirectory() as folder:
        path = build(Path(folder) / "clusterscout.db", SIZE)
        db = open_store(path)
        calls = [row[0] for row in db.execute("select id from opportunity where kind = 'call' order by id").fetchall()]
        for share in SHARES:
            chosen = calls[: int(len(calls) * share)]
            db.conn.executemany(_OPEN_TO, [(call, "EU27") for call in chosen] + [(call, "HORIZON") for call in chosen[::2]])
            with_members = _measure(db, path)
            db.conn.execute("delete from find where country <> '' and opportunity in (select opportunity from tag where vocabulary = 'bench')"
                            " and not exists (select 1 from tag t where t.opportunity = find.opportunity and t.value = find.country)")  # fmt: skip
            plain = _measured(db, path)
            for n, what in enumerate(("rows of find", "bytes of the file")):
                told = f"{with_members[n]:,} and {plain[n]:,} with {share:.0%} of the calls open to groups"
                out.append((f"{what} with members / without", with_members[n] / plain[n], told))
    return out


def _measure(db: Database, path: Path) -> tuple[int, int]:
    index.rebuild(db)
    return _measured(db, path)


def _measured(db: Database, path: Path) -> tuple[int, int]:
    db.conn.commit()
    db.conn.execute("vacuum")
    db.conn.execute("pragma wal_checkpoint(truncate)")
    return int(db.execute("select count(*) from find").fetchone()[0]), path.stat().st_size
