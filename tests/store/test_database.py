"""Opening, migrating from any earlier schema, and several writers at once."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from store import notices
from store.database import checkpoint, open_private, open_readonly, open_store, pending, writing
from store.migrations.private import private
from store.migrations.published import published
from tests.store.shapes import NOW, notice


def test_settings_of_a_connection(tmp_path: Path) -> None:
    db = open_store(tmp_path / "deep" / "folder" / "clusterscout.db")
    assert db.execute("pragma journal_mode").fetchone()[0] == "wal"
    assert db.execute("pragma foreign_keys").fetchone()[0] == 1
    assert db.execute("pragma synchronous").fetchone()[0] == 1
    assert db.execute("pragma busy_timeout").fetchone()[0] == 10_000
    checkpoint(db)
    assert db.execute("pragma busy_timeout").fetchone()[0] == 10_000


def test_the_private_file_is_its_owners_alone(tmp_path: Path) -> None:
    open_private(tmp_path / "private.db").close()
    assert (tmp_path / "private.db").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("migrations", [published, private], ids=["published", "private"])
def test_every_earlier_schema_is_migrated(tmp_path: Path, migrations: object) -> None:
    assert migrations in (published, private)
    chosen, opener = (published, open_store) if migrations is published else (private, open_private)
    whole = opener(tmp_path / "whole.db")
    names = [m.name for m in chosen.applied(whole)]
    assert len(names) == len(set(names)) > 2
    for stop in names:
        path = tmp_path / f"{stop}.db"
        old = opener(path, migrate=False)
        chosen.apply(old, stop_before=stop)
        assert pending(old, chosen)[0] == stop
        old.close()
        new = opener(path)
        assert new.schema == whole.schema
        new.close()


def test_a_failed_block_leaves_nothing_and_nests(tmp_path: Path) -> None:
    db = open_store(tmp_path / "a.db")
    insert = "insert into run (id, stage, source, started) values (?, '', '', '')"

    def fail(name: str) -> None:
        with writing(db):
            db.execute(insert, [name])
            raise RuntimeError(name)

    with writing(db):
        db.execute(insert, ["kept"])
        with pytest.raises(RuntimeError):
            fail("inner")
    with pytest.raises(RuntimeError):
        fail("outer")
    assert db.execute("select id from run").fetchall() == [("kept",)]


def test_three_writers_and_a_reader_at_once(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    open_store(path).close()
    faults: list[BaseException] = []

    def write(source: str) -> None:
        try:
            db = open_store(path)
            for start in range(0, 120, 20):
                notices.apply(db, None, [notice(n, source=source) for n in range(start, start + 20)], now=NOW)
            db.close()
        except BaseException as error:
            faults.append(error)

    writers = [threading.Thread(target=write, args=(f"s{n}",)) for n in range(3)]
    for thread in writers:
        thread.start()
    reader = open_readonly(path)
    while any(thread.is_alive() for thread in writers):
        assert reader.execute("select count(*) from notice where opportunity is null").fetchone()[0] == 0
    assert faults == []
    assert reader.execute("select count(*) from notice").fetchone()[0] == 360
