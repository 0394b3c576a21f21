"""The lines of opportunities outside a mail: what stands behind "n more"."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from store.digest.compose import detail_of
from store.digest.shelf import statement
from store.digest.wording import Wording


@dataclass(frozen=True, kw_only=True, slots=True)
class Item:
    """One opportunity in words: its public key, title, language and facts."""

    key: str
    title: str
    language: str
    facts: tuple[str, ...]


def items_of(connection: sqlite3.Connection, keys: Sequence[str], *, cluster: str, words: Wording, now: datetime) -> list[Item]:
    """The opportunities of these public keys in their order, as far as a reader of ``cluster`` may see them now."""
    cursor = connection.execute(statement("details"), {"keys": json.dumps(list(keys))})
    names = [column[0] for column in cursor.description]
    rows = {row["key"]: row for row in (dict(zip(names, values, strict=True)) for values in cursor)}
    shown = [rows[key] for key in keys if key in rows and rows[key]["audience"] in ("", cluster)]
    return [
        Item(key=row["key"], title=row["title"], language=row["language"], facts=tuple(words.facts(detail_of(row, now))))
        for row in shown
    ]
