"""Errors of the store. Each message is one sentence that says what to do next; the cause stays chained.

StoreError
├── DatabaseUnusable       the file cannot be opened, read or written as it is
│   ├── DatabaseBusy       another process holds the write lock longer than the busy timeout
│   ├── DatabaseReadOnly   no right to write the file or its folder
│   ├── DatabaseFull       the disk, or the allowed size, is used up
│   └── DatabaseDamaged    a page does not hold what it should, or the file is no database
├── SchemaMismatch         the file was written by another version of the program
├── RecordUnreadable       a stored JSON value is not of its declared type
├── NoSuchRow              a key, id or field that the caller named does not exist
├── NotAllowed             a decision that the rules refuse (a second pair of eyes that is the first)
├── ProfileUnusable        a profile with faults, all of them listed
└── LinkRefused            a signed link of a mail that was altered, or is too old
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class StoreError(Exception):
    """Root of all errors of the store. ``path`` is the file concerned, when there is one."""

    def __init__(self, message: str, *, path: Path | None = None) -> None:
        super().__init__(message)
        self.path = path


class DatabaseUnusable(StoreError):
    """The database file cannot be used as it is."""


class DatabaseBusy(DatabaseUnusable):
    """Another process keeps the file locked."""


class DatabaseReadOnly(DatabaseUnusable):
    """The file or its folder cannot be written."""


class DatabaseFull(DatabaseUnusable):
    """There is no room left."""


class DatabaseDamaged(DatabaseUnusable):
    """The file is no SQLite database, or a page of it is broken."""


class SchemaMismatch(StoreError):
    """The schema is older or newer than this program."""


class RecordUnreadable(StoreError):
    """A stored JSON value does not decode to its type."""


class NoSuchRow(StoreError):
    """The row that the caller named does not exist."""


class NotAllowed(StoreError):
    """The rules refuse this decision."""


class ProfileUnusable(StoreError):
    """A profile cannot be used as it is written."""


class LinkRefused(StoreError):
    """A signed link does not bear its signature, or is too old."""


def explain(error: sqlite3.Error, path: Path) -> StoreError:
    """The error of our tree for what SQLite said about the file ``path``."""
    text = str(error)
    low = text.lower()
    if "locked" in low or "busy" in low:
        return DatabaseBusy(
            f"{path} is busy ({text}): another clusterscout is writing; wait for it or stop it, then try again.", path=path
        )
    if "readonly" in low or "read-only" in low:
        return DatabaseReadOnly(
            f"{path} cannot be written ({text}): give this user the right to write the file and its folder.", path=path
        )
    if "full" in low or "disk i/o" in low:
        return DatabaseFull(
            f"{path} cannot grow ({text}): free space on its disk and start again; what is stored is safe.", path=path
        )
    if "malformed" in low or "not a database" in low or "corrupt" in low:
        return DatabaseDamaged(
            f"{path} is damaged ({text}): run 'clusterscout db status' to see which part, and restore the last backup with "
            "'clusterscout db restore'.",
            path=path,
        )
    if "unable to open" in low:
        return DatabaseUnusable(
            f"{path} cannot be opened ({text}): check CLUSTERSCOUT_DATA and the rights on its folder.", path=path
        )
    if "no such table" in low or "no such column" in low:
        return SchemaMismatch(f"{path} has another schema ({text}): run 'clusterscout db migrate'.", path=path)
    return StoreError(f"{path}: SQLite says '{text}'; run 'clusterscout doctor' to see what is wrong.", path=path)


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn what SQLite raises within the block into an error of our tree that names ``path``."""
    try:
        yield
    except (sqlite3.OperationalError, sqlite3.DatabaseError) as error:
        raise explain(error, path) from error
