"""What the desk shows of two items that may be one thing, and what a curator is told before they are merged."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlite_utils import Database

from store import curation
from store.corrections import in_force
from store.site import words
from store.site.correcting import LABELS
from store.site.manner import Manner
from store.site.telling import tell_value
from store.waiting import twins

Kept = tuple[tuple[str, str], ...]  # (field, its corrected value as JSON)
_ALLOWED = """
    select id from opportunity where key = :key and (embargo_cluster is null or embargo_cluster = :cluster or :role = 'operator')
"""
_NAMED = """
    select title from opportunity where id = :id and (embargo_cluster is null or embargo_cluster = :cluster or :role = 'operator')
"""


@dataclass(frozen=True, slots=True)
class Pairing:
    """``twins`` are rows of ``waiting.twins`` that the curator may see, each with its ``kept``; ``kept`` is what was corrected here."""

    twins: tuple[Mapping[str, Any], ...] = ()
    kept: Kept = ()


def allowed(db: Database, key: str, actor: Mapping[str, Any]) -> int | None:
    """The id of the item called ``key`` when this curator may decide about it."""
    row = db.execute(_ALLOWED, {"key": key, "cluster": actor["cluster"], "role": actor["role"]}).fetchone()
    return int(row[0]) if row else None


def pairing(db: Database, opportunity: int, actor: Mapping[str, Any]) -> Pairing:
    """What may be the same as ``opportunity``, with the corrections that merging would carry over."""
    alike = [t for t in twins(db, opportunity) if t["audience"] in ("", actor["cluster"]) or actor["role"] == "operator"]
    return Pairing(tuple({**t, "kept": kept(db, t["id"], opportunity)} for t in alike), kept(db, opportunity))


def kept(db: Database, opportunity: int, other: int | None = None) -> Kept:
    """The corrections of ``opportunity`` that hold for it and ``other`` once they are one: of two for a field the later one."""
    rival = in_force(db, other) if other is not None else {}
    return tuple(
        (field, row["new"]) for field, row in in_force(db, opportunity).items() if rival.get(field, {"id": 0})["id"] < row["id"]
    )


def tell_kept(kept: Sequence[tuple[str, str]], m: Manner) -> str:
    """Corrected fields in words: ``Deadline (12 Dec 2026), Sectors``."""
    return ", ".join(_told(field, value, m) for field, value in kept)


def _told(field: str, value: str, m: Manner) -> str:
    name = m.gettext(LABELS.get(field) or words.FIELD.get(field) or field)
    said = tell_value(value, m) if field not in ("sectors", "countries", "cancelled", "text") else "–"
    return name if said == "–" else f"{name} ({said[:80]})"


def named_audit(db: Database, opportunity: int, actor: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The decisions about an item, newest first, each with ``other`` (the title of the item it joined or kept apart, as far as the
    curator may see it) and ``carried`` (the corrected fields that came with it).
    """
    out = []
    for row in curation.audit(db, opportunity):
        other, carried = None, []
        if row["action"] in ("merge", "apart") and row["new"]:
            values = {"id": json.loads(row["new"]), "cluster": actor["cluster"], "role": actor["role"]}
            other = db.execute(_NAMED, values).fetchone()
            carried = json.loads(row["old"] or "[]")
        out.append({**row, "other": other[0] if other else "", "carried": carried})
    return out
