"""Everything the page of one opportunity shows, read for one reader: what they may not see is not there."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from store.codec import deadlines_from_json, parse_iso, to_json
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
    select c.id, c.type, c.field, c.old, c.new, c.direction, c.material, c.at, c.by, s.title as source from change c
    left join notice n on n.id = c.notice left join source s on s.name = n.source where c.opportunity = ? order by c.id desc limit 200
"""
# Of what was joined with it or parted from it, as far as everybody sees it.
_OTHERS = """
    select key, title from opportunity where key in (select value from json_each(?)) and embargo_cluster is null and review <> 'hidden'
"""
_CORRECTED = """
    select distinct field, new from curation where action = 'correct' and undone_at is null and waits = 0 and opportunity in
    (select ? union select id from opportunity where merged_into = ?)
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
        changes=_changes(connection, number),
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


def _changes(connection: sqlite3.Connection, opportunity: int) -> tuple[dict[str, Any], ...]:
    """The history, newest first. Each row says by ``joining`` ("merged", "split" or "") what else happened to the record at that
    moment; ``other`` is the title of the record that it was joined with or parted from, ``by_hand`` whether a correction says this.
    """
    rows = [{**row, "old": _value(row["old"]), "new": _value(row["new"])} for row in _rows(connection, _CHANGES, [opportunity])]
    joinings = {row["at"]: row["type"] for row in rows if row["type"] in ("merged", "split")}
    titles, corrected = {}, set()
    if joinings:
        keys = [row["new"].get("with") or row["new"].get("into") for row in rows if row["type"] in ("merged", "split")]
        titles = dict(connection.execute(_OTHERS, [json.dumps(keys)]))
        corrected = {(field, new) for field, new in connection.execute(_CORRECTED, [opportunity, opportunity])}
    for row in rows:
        apart = row["type"] in ("merged", "split")
        row["joining"] = "" if apart else joinings.get(row["at"], "")
        row["other"] = titles.get(row["new"].get("with") or row["new"].get("into"), "") if apart else ""
        row["by_hand"] = bool(row["joining"]) and (row["field"], to_json(row["new"])) in corrected
    return tuple(rows)


def _value(stored: str | None) -> Any:
    return json.loads(stored) if stored else None
