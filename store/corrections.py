"""A curator's word over the golden record: corrected fields win over every crawl, and a source that changes beneath one is told.

Reads ``curation`` and writes only its ``conflict``; decisions themselves are made in ``store/curation.py``. Corrections of an
opportunity that was merged away hold for the one it went into.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType
from typing import Any

from sqlite_utils import Database

from store.changes.meaning import FIELD_TYPES, token
from store.codec import decode, iso, to_json
from store.golden import Golden
from store.model import CountryTag, Evidence, SectorTag, Tags

# what may be corrected: fields of the record, and the tags as lists of sector ids or of {"code", "role"}
RECORD_FIELDS = (
    "kind", "title", "summary", "text", "url", "language", "organiser", "programme", "eligibility", "opens", "deadlines", "starts",
    "ends", "place", "amounts", "documents", "codes", "cancelled", "over", "planned", "published",
)  # fmt: skip
TAG_FIELDS: Mapping[str, Any] = MappingProxyType({"sectors": tuple[str, ...], "countries": tuple[Mapping[str, str], ...]})
_IN_FORCE = (
    "select id, field, old, new, conflict from curation where action = 'correct' and undone_at is null and waits = 0 and opportunity in "
    "(select ? union select id from opportunity where merged_into = ?) order by id"
)


def in_force(db: Database, opportunity: int) -> dict[str, dict[str, Any]]:
    """The correction that holds for each corrected field: rows with id, old (what the sources said), new and conflict (JSON)."""
    rows = db.conn.execute(_IN_FORCE, [opportunity, opportunity]).fetchall()
    return {field: {"id": row, "old": old, "new": new, "conflict": conflict} for row, field, old, new, conflict in rows}


def apply(db: Database, opportunity: int, golden: Golden, *, now: datetime) -> Golden:
    """The golden record with the corrections in force laid over it; provenance of a corrected field is 0, and sources that
    disagree about it are no conflict any more, since a person has decided.

    When the sources now say something else than they said at the time of the correction, the correction still holds and its row
    gets the new value as ``conflict``; it is cleared when the sources agree with either again.
    """
    held = {field: row for field, row in in_force(db, opportunity).items() if field in RECORD_FIELDS}
    if not held:
        return golden
    values = {}
    for field, row in held.items():
        said = to_json(getattr(golden.record, field))
        known = {token(field, row["old"]), token(field, row["new"])}
        conflict = None if token(field, said) in known else said
        if conflict != row["conflict"]:
            db.conn.execute(
                "update curation set conflict = ?, conflict_at = ? where id = ?",
                [conflict, iso(now) if conflict else None, row["id"]],
            )
        values[field] = decode(FIELD_TYPES[field], json.loads(row["new"]))
    provenance = {**golden.provenance, **dict.fromkeys(values, 0)}
    conflicts = tuple(name for name in golden.conflicts if name not in values)
    return replace(golden, record=replace(golden.record, **values), provenance=provenance, conflicts=conflicts)


def over_tags(db: Database, opportunity: int, tags: Tags) -> Tags:
    """The tags with a curator's sectors or countries in place of those that were read; what both say keeps its evidence."""
    held = in_force(db, opportunity)
    proof = (Evidence(quote="", rule="curator"),)
    if "sectors" in held:
        read = {tag.id: tag for tag in tags.sectors}
        ids = dict.fromkeys(json.loads(held["sectors"]["new"]))
        tags = replace(tags, sectors=tuple(read.get(i) or SectorTag(id=i, score=1.0, evidence=proof) for i in ids))
    if "countries" in held:
        found = {(tag.code, tag.role): tag for tag in tags.countries}
        wanted = dict.fromkeys((item["code"], item["role"]) for item in json.loads(held["countries"]["new"]))
        tags = replace(
            tags,
            countries=tuple(
                found.get(pair) or CountryTag(code=pair[0], role=decode(str, pair[1]), score=1.0, evidence=proof) for pair in wanted
            ),
        )
    return tags


def decided(db: Database, opportunity: int) -> bool:
    """Whether a curator approved or hid this opportunity and it was not undone."""
    row = db.execute(
        "select 1 from curation where opportunity = ? and action in ('approve', 'hide') and undone_at is null and waits = 0 limit 1",
        [opportunity],
    ).fetchone()
    return row is not None
