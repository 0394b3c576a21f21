"""Opening the two files. Nothing else in the program calls ``sqlite3.connect`` on them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlite_utils import Database, Migrations

from store import index
from store.errors import DatabaseUnusable, SchemaMismatch, explained
from store.migrations.private import private
from store.migrations.published import published

BUSY_SECONDS = 10.0
WRITER_CACHE_KIB = 32 * 1024  # a batch touches some ten thousand places of the trees that lists are read from
WAL_LIMIT = 64 * 1024 * 1024


def open_store(path: Path, *, migrate: bool = True) -> Database:
    """The published file, for writing: made if missing, migrated unless ``migrate`` is False.

    WAL, foreign keys on, busy timeout 10 s, synchronous normal. The connection may be used from another thread, by one at a time.
    Raises StoreError (busy, read-only, full, damaged, or a newer schema).
    """
    db = _open(path, published, migrate=migrate)
    with explained(path):
        db.execute(f"pragma cache_size={-WRITER_CACHE_KIB:d}")
        if migrate and not index.is_current(db):
            with writing(db):
                index.bring_up(db)
    return db


def open_private(path: Path, *, migrate: bool = True) -> Database:
    """The private file (members, mail), like ``open_store``; a new file is readable by its owner alone."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
    return _open(path, private, migrate=migrate)


def open_readonly(path: Path) -> Database:
    """Either file, for reading only; sees each committed write. Raises StoreError when there is no such file."""
    if not path.is_file():
        raise DatabaseUnusable(f"{path} is not there: run 'clusterscout db migrate' to make it.", path=path)
    with explained(path):
        connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=BUSY_SECONDS, check_same_thread=False)
        db = Database(connection)
        db.execute("pragma query_only=on")
        db.execute("select count(*) from sqlite_master").fetchone()
        return db


@contextmanager
def writing(db: Database) -> Iterator[Database]:
    """One transaction that takes the write lock at once, so that it waits its turn (10 s) instead of failing half-way.

    Within a transaction that is already open it is a savepoint of it. Commits at the end, rolls back on any exception.
    """
    if db.conn.in_transaction:
        with db.atomic():
            yield db
        return
    db.conn.execute("begin immediate")
    try:
        yield db
    except BaseException:
        db.rollback()
        raise
    try:
        db.conn.execute("commit")
    except BaseException:
        db.rollback()
        raise


def pending(db: Database, migrations: Migrations) -> list[str]:
    """Names of the migrations that the file still lacks, in order."""
    return [m.name for m in migrations.pending(db)]


def checkpoint(db: Database) -> tuple[int, int]:
    """Write the WAL back into the file and cut it, as far as readers allow: (pages in the WAL, pages written back).

    Waits for others at most a fifth of a second, since whoever writes waits meanwhile.
    """
    db.execute("pragma busy_timeout=200").fetchone()
    try:
        busy, log, done = db.execute("pragma wal_checkpoint(truncate)").fetchone()
    finally:
        db.execute(f"pragma busy_timeout={int(BUSY_SECONDS * 1000):d}").fetchone()
    return (int(log), int(done)) if not busy else (int(log), 0)


def _open(path: Path, migrations: Migrations, *, migrate: bool) -> Database:
    with explained(path):
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise DatabaseUnusable(
                f"The folder {path.parent} cannot be made ({error.strerror}): set CLUSTERSCOUT_DATA to one that can be written.",
                path=path,
            ) from error
        if path.is_dir():
            raise DatabaseUnusable(f"{path} is a folder: set CLUSTERSCOUT_DATA to the folder that should hold it.", path=path)
        db = Database(sqlite3.connect(path, timeout=BUSY_SECONDS, check_same_thread=False))
        db.execute("pragma foreign_keys=on")
        db.execute("pragma synchronous=normal")
        if db.execute("pragma journal_mode").fetchone()[0] != "wal":
            db.execute("pragma journal_mode=wal").fetchone()
        db.execute(f"pragma journal_size_limit={WAL_LIMIT:d}").fetchone()
        ours = {m.name for m in migrations.pending(Database(memory=True))}
        strange = sorted({m.name for m in migrations.applied(db)} - ours)
        if strange:
            raise SchemaMismatch(
                f"{path} was written by a newer clusterscout (it has {strange[-1]}): update the program, or restore an older backup.",
                path=path,
            )
        if migrate and migrations.pending(db):
            with writing(db):
                migrations.apply(db)
        return db
