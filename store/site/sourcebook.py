"""What pages say of sources: their titles, and how each was read lately."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from store.codec import iso


def source_titles(connection: sqlite3.Connection) -> dict[str, str]:
    """The title of each source by its name."""
    titles: dict[str, str] = json.loads(connection.execute("select json_group_object(name, title) from source").fetchone()[0])
    return titles


@dataclass(frozen=True, kw_only=True, slots=True)
class Health:
    """One source, how its last run went, and the verdicts of its last runs (oldest first). ``state`` is a word of ``words.VERDICT``,
    ``publish`` is ``auto`` (at once) or ``review`` (when a manager has approved it).
    """

    name: str
    title: str
    publisher: str
    url: str
    kind: str
    country: str
    languages: tuple[str, ...]
    format: str
    every: int
    verified: bool
    blocked: str
    enabled: bool
    licence: str
    publish: str
    state: str
    last_run: str
    last_good: str
    reasons: tuple[str, ...]
    counts: dict[str, int]
    problems: int
    items: int
    history: tuple[str, ...]


_SOURCES = """
    select s.*, (select count(*) from notice n where n.source = s.name and n.withdrawn_at is null) as items,
        (select max(started) from run r where r.source = s.name and r.stage = 'crawl' and r.complete = 1
            and r.verdict in ('healthy', 'empty-ok')) as last_good,
        (select count(*) from problem p where p.source = s.name and p.at >= :since) as problems
    from source s order by s.title
"""
_RUNS = """
    select source, started, verdict, reasons, counts from (
        select *, row_number() over (partition by source order by started desc, id desc) as n
        from run where stage = 'crawl' and ended is not null and started >= :long_ago
    ) where n <= 14 order by source, n desc
"""


def health(connection: sqlite3.Connection, *, now: datetime) -> list[Health]:
    """Every declared source by title; problems counted over 30 days, runs over 90."""
    values = {"since": iso(now - timedelta(days=30)), "long_ago": iso(now - timedelta(days=90))}
    history: dict[str, list[tuple[Any, ...]]] = {}
    for run in connection.execute(_RUNS, values):
        history.setdefault(run[0], []).append(run)
    cursor = connection.execute(_SOURCES, values)
    names = [column[0] for column in cursor.description]
    return [_health(dict(zip(names, row, strict=True)), history) for row in cursor]


def _health(source: dict[str, Any], history: dict[str, list[tuple[Any, ...]]]) -> Health:
    past = history.get(source["name"], [])
    last = past[-1] if past else None
    state = "never" if last is None else last[2]
    if source["blocked"]:
        state = "blocked"
    elif not source["enabled"]:
        state = "disabled"
    return Health(
        **{
            name: source[name]
            for name in ("name", "title", "publisher", "url", "kind", "country", "format", "every", "licence", "publish")
        },
        blocked=source["blocked"],
        languages=tuple(json.loads(source["languages"])),
        verified=bool(source["verified"]),
        enabled=bool(source["enabled"]),
        state=state or "never",
        last_run=last[1] if last else "",
        last_good=source["last_good"] or "",
        reasons=tuple(json.loads(last[3])) if last else (),
        counts=json.loads(last[4]) if last else {},
        problems=source["problems"],
        items=source["items"],
        history=tuple(str(run[2] or "broken") for run in past),
    )
