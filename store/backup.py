"""Copies of both files and the archive, taken while everything runs; going back to one; and whether a file is sound.

A backup is a folder ``clusterscout-<UTC>`` with ``clusterscout.db``, ``private.db``, ``archive/`` and ``manifest.json`` (size and
SHA-256 of each file). It appears under its name only when it is whole. It holds mail addresses and password hashes: keep it as
safely as the private file (its folder is readable by its owner alone).
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlite_utils import Migrations

from store.codec import iso
from store.database import BUSY_SECONDS, open_readonly, pending
from store.errors import DatabaseBusy, DatabaseDamaged, DatabaseFull, NoSuchRow, StoreError, explained

FILES = ("clusterscout.db", "private.db")
_PAGES = 2000
_TREE = re.compile(r"[Tt]ree (?:page )?(\d+)")


@dataclass(frozen=True, kw_only=True, slots=True)
class FileStatus:
    """The state of one database file. ``faults`` is empty when SQLite finds it sound; else sentences that name table and page."""

    path: Path
    bytes: int
    wal_bytes: int
    schema: str
    pending: tuple[str, ...]
    rows: dict[str, int]
    faults: tuple[str, ...]


def file_status(path: Path, migrations: Migrations) -> FileStatus:
    """Sizes, schema, rows a table and soundness of a file; nothing is written. Raises StoreError when it cannot be opened at all."""
    db = open_readonly(path)
    with closing(db.conn), explained(path):
        applied = [m.name for m in migrations.applied(db)]
        tables = [name for name in db.table_names() if not name.startswith(("sqlite_", "_sqlite", "opportunity_fts_"))]
        faults = check(path)
        wal = path.with_name(path.name + "-wal")
        return FileStatus(
            path=path,
            bytes=path.stat().st_size,
            wal_bytes=wal.stat().st_size if wal.exists() else 0,
            schema=applied[-1] if applied else "",
            pending=tuple(pending(db, migrations)),
            rows={} if faults else {name: db.table(name).count for name in tables},
            faults=faults,
        )


def check(path: Path) -> tuple[str, ...]:
    """What SQLite's quick check finds wrong, each fault with the table or index it lies in; empty when the file is sound."""
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=BUSY_SECONDS)) as connection:
            return _faults(connection)
    except sqlite3.DatabaseError as error:
        return (f"{path.name}: {error}",)


def _faults(connection: sqlite3.Connection) -> tuple[str, ...]:
    places = {
        root: f"{kind} {name}" for kind, name, root in connection.execute("select type, name, rootpage from sqlite_master") if root
    }
    try:
        found = [str(row[0]) for row in connection.execute("pragma quick_check(20)")]
    except sqlite3.DatabaseError:
        return tuple(
            fault for root, place in places.items() if place.startswith("table ") and (fault := _fault(connection, root, place))
        )
    return (
        () if found == ["ok"] else tuple(_named(line, places) for text in found for line in text.splitlines() if "***" not in line)
    )


def _fault(connection: sqlite3.Connection, root: int, place: str) -> str:
    """The fault of one table, for a file that is too damaged to be checked at once; "" when the table is sound."""
    try:
        (found,) = connection.execute(
            "select quick_check from pragma_quick_check(?) limit 1", [place.removeprefix("table ")]
        ).fetchone()
    except sqlite3.DatabaseError as error:
        return f"{place}: page {root}: {error}"
    return "" if found == "ok" else f"{place}: {found}"


def backup(
    data: Path, to: Path, *, now: datetime, archive: bool = True, progress: Callable[[str], None] = lambda line: None
) -> Path:
    """Copy both database files (SQLite's own backup, while others read and write) and the archive of pages from ``data`` into a new
    folder under ``to``; the folder. Each copy is checked before the backup takes its name.

    Raises StoreError when there is nothing to copy, no room, or a copy is not sound.
    """
    name = f"clusterscout-{iso(now).replace('-', '').replace(':', '')}"
    target, building = to / name, to / f".{name}.part"
    if target.exists():
        raise StoreError(f"{target} is there already: wait a second, or choose another folder.", path=target)
    present = [data / file for file in FILES if (data / file).is_file()]
    if not present:
        raise StoreError(f"{data} holds no database to copy: set CLUSTERSCOUT_DATA to the data folder.", path=data)
    try:
        shutil.rmtree(building, ignore_errors=True)
        building.mkdir(parents=True, mode=0o700)
        for source in present:
            progress(f"copying {source.name}")
            _copy_database(source, building / source.name)
        if archive and (data / "archive").is_dir():
            progress("copying the archive of pages")
            shutil.copytree(data / "archive", building / "archive")
        _write_manifest(building, now)
        building.rename(target)
    except OSError as error:
        raise DatabaseFull(
            f"The backup could not be written to {to} ({error.strerror}): choose a folder with room.", path=to
        ) from error
    finally:
        shutil.rmtree(building, ignore_errors=True)
    return target


def restore(folder: Path, data: Path, *, now: datetime, replace: bool = False, dry_run: bool = False) -> list[Path]:
    """Put the files of a backup into ``data``; the files restored. What is there is kept beside, as ``*.before-<UTC>``.

    Raises StoreError when the backup is not whole, when ``data`` holds files and ``replace`` is False, or while a file is in use.
    """
    manifest = verify(folder)
    files = [data / name for name in manifest["files"]]
    there = [data / name for name in FILES if (data / name).exists()]
    if there and not replace:
        raise StoreError(f"{there[0]} is there already: say --replace to put it aside and restore over it.", path=there[0])
    for path in there:
        _must_be_free(path)
    if dry_run:
        return files
    data.mkdir(parents=True, exist_ok=True)
    stamp = iso(now).replace("-", "").replace(":", "")
    for path in [*there, *([data / "archive"] if (data / "archive").exists() and (folder / "archive").exists() else [])]:
        aside = path.with_name(f"{path.name}.before-{stamp}")
        path.rename(aside)
        path.with_name(path.name + "-shm").unlink(missing_ok=True)
        if path.with_name(path.name + "-wal").exists():
            path.with_name(path.name + "-wal").rename(aside.with_name(aside.name + "-wal"))
    for name in manifest["files"]:
        (data / name).parent.mkdir(parents=True, exist_ok=True)
        partial = data / f"{name}.part"
        shutil.copyfile(folder / name, partial)
        if name == "private.db":
            partial.chmod(0o600)
        partial.rename(data / name)
    return files


def verify(folder: Path) -> dict[str, Any]:
    """The manifest of a backup whose files are all there and unchanged. Raises NoSuchRow (no backup) or DatabaseDamaged."""
    try:
        manifest: dict[str, Any] = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    except (OSError, json.JSONDecodeError) as error:
        raise NoSuchRow(
            f"{folder} is no backup (no readable manifest.json): give the folder 'db backup' printed.", path=folder
        ) from error
    for name, facts in manifest["files"].items():
        path = folder / name
        if not path.is_file() or _sha256(path) != facts["sha256"]:
            raise DatabaseDamaged(f"{path} is missing or altered since the backup was made: use another backup.", path=path)
    return manifest


def _copy_database(source: Path, target: Path) -> None:
    with explained(source), closing(open_readonly(source).conn) as old, closing(sqlite3.connect(target)) as new:
        old.backup(new, pages=_PAGES, sleep=0.01)
        new.execute("pragma journal_mode=delete")
    target.chmod(0o600)
    faults = check(target)
    if faults:
        raise DatabaseDamaged(
            f"The copy of {source} is not sound ({faults[0]}): the backup was dropped; restore an older one.", path=source
        )


def _write_manifest(folder: Path, now: datetime) -> None:
    files = {
        path.relative_to(folder).as_posix(): {"bytes": path.stat().st_size, "sha256": _sha256(path)}
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
    (folder / "manifest.json").write_text(json.dumps({"made": iso(now), "files": files}, indent=1), encoding="utf-8")


def _must_be_free(path: Path) -> None:
    """Raise DatabaseBusy while another process has the file open."""
    with explained(path), closing(sqlite3.connect(path, timeout=1.0)) as connection:
        try:
            connection.execute("pragma locking_mode=exclusive")
            connection.execute("begin exclusive")
            connection.execute("rollback")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error):
                raise
            raise DatabaseBusy(f"{path} is in use: stop 'clusterscout serve' first, then restore.", path=path) from error
        except sqlite3.DatabaseError:
            return  # damaged: nobody can use it, and going back is what it needs


def _named(line: str, roots: dict[int, str]) -> str:
    match = _TREE.search(line)
    place = roots.get(int(match.group(1))) if match else None
    return f"{place}: {line}" if place else line


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
