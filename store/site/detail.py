"""Everything the page of one opportunity shows, read for one reader: what they may not see is not there."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from store.codec import deadlines_from_json, parse_iso
from store.model import Status
from store.status import status_of

_VISIBLE = """
    select o.*, (select key from opportunity s where s.id = o.merged_into) as survivor from opportunity o
    where o.key = :key and (o.embargo_cluster is null or o.embargo_cluster = :cluster or :role = 'operator')
        and (o.review = 'published' or :role in ('manager', 'operator'))
"""
_TAGS = "select facet, value, role, score, evidence from tag where opportunity = ? order by facet desc, score desc, value, role"
_NOTICES = """
    select n.id, n.source, n.source_id, n.url, n.title, n.language, n.published, n.first_seen, n.last_seen, n.changed_at, n.withdrawn_at, n.missing_runs,
        json_extract(n.payload, '$.deadlines') as deadlines, s.title as source_title, s.publisher,
        (select max(started) from run r where r.source = n.source and r.stage = 'crawl' and r.complete = 1
            and r.verdict in ('healthy', 'empty-ok')) as last_good
    from notice n left join source s on s.name = n.source where n.opportunity = ? order by n.first_seen, n.id
"""
_CHANGES = """
    select id, type, field, old, new, direction, material, at, by from change where opportunity = ? order by id desc limit 200
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Tag:
    """A sector or a country in a role, with the phrases that prove it."""

    facet: str
    value: str
    role: str
    score: float
    quotes: tuple[str, ...]
    rules: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Detail:
    """One opportunity for its page. ``record`` holds the columns of ``opportunity`` with JSON columns decoded; ``notices`` and
    ``changes`` are rows (changes newest first, ``old`` and ``new`` decoded); a notice's ``deadlines`` are civil times.
    """

    record: Mapping[str, Any]
    status: Status
    tags: tuple[Tag, ...]
    notices: tuple[Mapping[str, Any], ...]
    changes: tuple[Mapping[str, Any], ...]


def find_detail(connection: sqlite3.Connection, key: str, actor: Mapping[str, Any], now: datetime) -> Detail | str | None:
    """The opportunity called ``key`` as ``actor`` may see it at ``now``; the key of the record that took it over; or None."""
    rows = _rows(connection, _VISIBLE, {"key": key, "cluster": actor.get("cluster", ""), "role": actor.get("role", "")})
    if not rows:
        return None
    record = rows[0]
    if record["survivor"]:
        return str(record["survivor"])
    deadlines = deadlines_from_json(record["deadlines"])
    for name in ("deadlines", "amounts", "documents", "codes", "flags", "provenance"):
        record[name] = json.loads(record[name])
    number = record["id"]
    status = status_of(
        deadlines=deadlines,
        opens=parse_iso(record["opens"]) if record["opens"] else None,
        starts=parse_iso(record["starts"]) if record["starts"] else None,
        ends=parse_iso(record["ends"]) if record["ends"] else None,
        rolling=bool(record["rolling"]),
        cancelled=bool(record["cancelled"]),
        withdrawn=bool(record["withdrawn"]),
        kind=record["kind"],
        over=bool(record["over"]),
        planned=bool(record["planned"]),
        now=now,
    )
    return Detail(
        record=record,
        status=status,
        tags=tuple(_tag(row) for row in _rows(connection, _TAGS, [number])),
        notices=tuple(_last_seen(row) for row in _rows(connection, _NOTICES, [number])),
        changes=tuple(_change(row) for row in _rows(connection, _CHANGES, [number])),
    )


def _rows(connection: sqlite3.Connection, sql: str, values: Any) -> list[dict[str, Any]]:
    cursor = connection.execute(sql, values)
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor]


def _tag(row: dict[str, Any]) -> Tag:
    evidence = json.loads(row["evidence"])
    quotes = dict.fromkeys(str(e.get("quote", "")) for e in evidence)
    rules = dict.fromkeys(str(e.get("rule", "")) for e in evidence)
    return Tag(
        facet=row["facet"],
        value=row["value"],
        role=row["role"],
        score=row["score"],
        quotes=tuple(q for q in quotes if q),
        rules=tuple(r for r in rules if r),
    )


def _last_seen(row: dict[str, Any]) -> dict[str, Any]:
    """The notice's row with the last time that its source still had it: unchanged rows are not written, so the last good run says it."""
    seen = row["last_seen"]
    if not row["withdrawn_at"] and not row["missing_runs"] and row["last_good"]:
        seen = max(seen, row["last_good"])
    said = [x["local"] for x in json.loads(row["deadlines"] or "[]") if x.get("local")]
    return {**row, "last_seen": seen, "deadlines": said}


def _change(row: dict[str, Any]) -> dict[str, Any]:
    return {**row, "old": json.loads(row["old"]) if row["old"] else None, "new": json.loads(row["new"]) if row["new"] else None}
