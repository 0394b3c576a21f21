"""Copies taken while somebody writes, a way back, damage that is named, and clear sentences for what an operator can mend."""

from __future__ import annotations

import json
import resource
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from store import backup, database, notices
from store.database import open_private, open_readonly, open_store
from store.errors import (
    DatabaseBusy,
    DatabaseDamaged,
    DatabaseFull,
    DatabaseReadOnly,
    DatabaseUnusable,
    NoSuchRow,
    SchemaMismatch,
    StoreError,
    explained,
)
from store.migrations.published import published
from tests.conftest import ROOT
from tests.store.shapes import NOW, notice


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder with both files and an archived page."""
    folder = tmp_path / "data"
    store = open_store(folder / "clusterscout.db")
    notices.apply(store, None, [notice(n) for n in range(30)], now=NOW)
    store.close()
    open_private(folder / "private.db").close()
    (folder / "archive" / "2026").mkdir(parents=True)
    (folder / "archive" / "2026" / "pages.warc.gz").write_bytes(b"not really")
    return folder


@pytest.fixture
def writer(data: Path) -> Iterator[None]:
    """Somebody who writes all the while."""
    stop = threading.Event()

    def write() -> None:
        store = open_store(data / "clusterscout.db")
        for n in range(100, 100_000):
            notices.apply(store, None, [notice(n)], now=NOW)
            if stop.is_set():
                break
        store.close()

    thread = threading.Thread(target=write)
    thread.start()
    yield
    stop.set()
    thread.join()


@pytest.mark.usefixtures("writer")
def test_a_backup_taken_while_somebody_writes_is_whole(data: Path, tmp_path: Path) -> None:
    made = backup.backup(data, tmp_path / "safe", now=NOW)
    assert made.name == "clusterscout-20261121T050000Z"
    assert backup.check(made / "clusterscout.db") == ()
    assert sorted(backup.verify(made)["files"]) == ["archive/2026/pages.warc.gz", "clusterscout.db", "private.db"]
    assert (made / "private.db").stat().st_mode & 0o077 == 0
    copy = open_readonly(made / "clusterscout.db")
    assert copy.execute("select count(*) from notice").fetchone()[0] >= 30
    assert copy.execute("select count(*) from notice where opportunity is null").fetchone()[0] == 0


def test_restoring_goes_back_and_keeps_what_was_there(data: Path, tmp_path: Path) -> None:
    made = backup.backup(data, tmp_path / "safe", now=NOW)
    store = open_store(data / "clusterscout.db")
    notices.apply(store, None, [notice(99)], now=NOW)
    store.close()
    with pytest.raises(StoreError, match="--replace"):
        backup.restore(made, data, now=NOW)
    assert backup.restore(made, data, now=NOW, replace=True, dry_run=True)
    backup.restore(made, data, now=NOW + timedelta(hours=1), replace=True)
    with open_readonly(data / "clusterscout.db").conn as back:
        assert back.execute("select count(*) from notice").fetchone()[0] == 30
    aside = open_readonly(data / "clusterscout.db.before-20261121T060000Z")
    assert aside.execute("select count(*) from notice").fetchone()[0] == 31
    assert (data / "archive" / "2026" / "pages.warc.gz").read_bytes() == b"not really"


def test_restoring_under_a_running_program_is_refused(data: Path, tmp_path: Path) -> None:
    made = backup.backup(data, tmp_path / "safe", now=NOW)
    running = open_readonly(data / "clusterscout.db")
    running.execute("select count(*) from notice").fetchall()
    with pytest.raises(DatabaseBusy, match="stop 'clusterscout serve'"):
        backup.restore(made, data, now=NOW, replace=True)
    running.close()


def test_an_altered_or_incomplete_backup_is_refused(data: Path, tmp_path: Path) -> None:
    made = backup.backup(data, tmp_path / "safe", now=NOW)
    with (made / "private.db").open("r+b") as file:
        file.seek(5000)
        file.write(b"x")
    with pytest.raises(DatabaseDamaged, match="another backup"):
        backup.restore(made, tmp_path / "new", now=NOW)
    with pytest.raises(NoSuchRow, match="no backup"):
        backup.restore(tmp_path, tmp_path / "new", now=NOW)
    with pytest.raises(StoreError, match="holds no database"):
        backup.backup(tmp_path / "nowhere", tmp_path / "elsewhere", now=NOW)


def damage(path: Path, table: str) -> None:
    """Overwrite the root page of a table."""
    connection = sqlite3.connect(path)
    connection.execute("pragma wal_checkpoint(truncate)")
    (page,) = connection.execute("select rootpage from sqlite_master where name = ?", [table]).fetchone()
    (size,) = connection.execute("pragma page_size").fetchone()
    connection.close()
    with path.open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(b"\xff" * size)


@pytest.mark.parametrize("table", ["notice", "change", "tag"])
def test_a_broken_page_is_found_and_its_table_named(data: Path, table: str) -> None:
    path = data / "clusterscout.db"
    assert backup.file_status(path, published).faults == ()
    damage(path, table)
    faults = backup.check(path)
    assert faults
    assert all(fault.startswith(f"table {table}:") for fault in faults), faults
    assert backup.file_status(path, published).faults == faults
    with pytest.raises(DatabaseDamaged, match=r"damaged|not sound"):
        backup.backup(data, data / "safe", now=NOW)
    assert list((data / "safe").iterdir()) == []


def test_what_is_no_database_is_told(tmp_path: Path) -> None:
    (tmp_path / "clusterscout.db").write_text("hello " * 1000)
    with pytest.raises(DatabaseDamaged, match="not a database"):
        open_store(tmp_path / "clusterscout.db")
    (tmp_path / "folder.db").mkdir()
    with pytest.raises(DatabaseUnusable, match="is a folder"):
        open_store(tmp_path / "folder.db")
    with pytest.raises(DatabaseUnusable, match="not there"):
        open_readonly(tmp_path / "missing.db")


def test_a_busy_file_is_told(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "BUSY_SECONDS", 0.05)
    path = data / "clusterscout.db"
    one, other = open_store(path), open_store(path)
    one.conn.execute("begin immediate")
    with pytest.raises(DatabaseBusy, match="another clusterscout is writing"), explained(path):
        notices.apply(other, None, [notice(500)], now=NOW)
    one.conn.execute("rollback")
    assert notices.apply(other, None, [notice(500)], now=NOW).new == 1


def test_a_read_only_file_is_told(data: Path) -> None:
    path = data / "clusterscout.db"
    with pytest.raises(DatabaseReadOnly, match="right to write"), explained(path):
        notices.apply(open_readonly(path), None, [notice(500)], now=NOW)


def test_a_full_database_is_told_and_nothing_is_lost(data: Path) -> None:
    path = data / "clusterscout.db"
    store = open_store(path)
    store.execute(f"pragma max_page_count={store.execute('pragma page_count').fetchone()[0]}").fetchone()
    with pytest.raises(DatabaseFull, match="free space"), explained(path):
        notices.apply(store, None, [notice(n) for n in range(1000, 1400)], now=NOW)
    store.close()
    again = open_store(path)
    assert again.execute("select count(*) from notice").fetchone()[0] == 30
    assert notices.apply(again, None, [notice(1000)], now=NOW).new == 1


def test_a_full_disk_is_told(data: Path) -> None:
    """A process that may not write files beyond a size sees what a full disk shows."""
    limit = (data / "clusterscout.db").stat().st_size + 20_000
    code = (
        "import sys; from pathlib import Path; from store import notices; from store.database import open_store\n"
        "from store.errors import StoreError, explained; from tests.store.shapes import NOW, notice\n"
        "path = Path(sys.argv[1])\n"
        "try:\n"
        "    with explained(path): notices.apply(open_store(path), None, [notice(n) for n in range(2000, 2500)], now=NOW)\n"
        "except StoreError as error: print(type(error).__name__, error)"
    )

    def small_disk() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    found = subprocess.run(
        [sys.executable, "-c", f"import signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n{code}", str(data / "clusterscout.db")],
        cwd=ROOT, capture_output=True, text=True, check=False, preexec_fn=small_disk,
    )  # fmt: skip
    assert found.stdout.startswith("DatabaseFull"), found
    assert backup.check(data / "clusterscout.db") == ()


def test_a_file_of_a_newer_program_is_left_alone(data: Path) -> None:
    path = data / "clusterscout.db"
    store = open_store(path)
    store.table("_sqlite_migrations").insert({"migration_set": "published", "name": "m999_future", "applied_at": "2030"})
    store.close()
    with pytest.raises(SchemaMismatch, match="newer clusterscout"):
        open_store(path)


def test_two_programs_may_open_a_new_file_at_once(tmp_path: Path) -> None:
    code = "import sys; from pathlib import Path; from store.database import open_store; open_store(Path(sys.argv[1]))"
    many = [subprocess.Popen([sys.executable, "-c", code, str(tmp_path / "new.db")], cwd=ROOT) for _ in range(4)]
    assert [process.wait(timeout=60) for process in many] == [0, 0, 0, 0]
    names = json.dumps(sorted(m.name for m in published.applied(open_readonly(tmp_path / "new.db"))))
    assert json.loads(names) == sorted(set(json.loads(names)))
