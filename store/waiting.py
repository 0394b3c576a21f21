"""What needs a person's eye, the most doubtful first, and why. Reads only."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from store.codec import iso
from store.records import NOT_READ

# A sector that is less sure than this is worth a look.
SURE = 0.55
NEW_SOURCE = timedelta(days=14)
MONTH = timedelta(days=30)
# What each further reason adds to the doubt that the record itself shows.
_ADDS = {"twin": 0.25, "weak": 0.15, "source": 0.1}


def queue(db: Database, *, now: datetime, limit: int = 50, cluster: str = "") -> list[dict[str, Any]]:
    """What a curator should look at: id, key, title, kind, source, doubt, review, next_deadline, twin (key of what may be the same
    thing, or None) and ``why``: words of ``second conflict pending differ deadline undated zone bare twin weak source``.

    What waits for a second person comes first, then what a source contradicts, then what waits for approval, then by doubt.
    """
    values = {
        "now": iso(now), "month": iso(now - MONTH), "fortnight": iso(now - NEW_SOURCE), "sure": SURE, "cluster": cluster,
    }  # fmt: skip
    found = [row for row in map(_row, db.query(_statement(), values)) if row["why"]]
    found.sort(
        key=lambda r: (
            *(word not in r["why"] for word in ("second", "conflict", "pending")),
            -r["doubt"],
            r["next_deadline"] or "9",
            r["id"],
        )
    )
    return found[:limit]


def twins(db: Database, opportunity: int) -> list[dict[str, Any]]:
    """The other opportunities that may be the same thing as ``opportunity``, and of which nobody has decided: id, key, title, source,
    next_deadline, starts_local, audience (a cluster, or "" for all) and the reason in words.
    """
    sql = (
        "select distinct b.id, b.key, b.title, b.source, b.next_deadline, b.starts_local, coalesce(b.embargo_cluster, '') as audience, l.reason"
        " from notice n join merge_link l on n.id in (l.one, l.other) and l.outcome = 'maybe'"
        " join notice p on p.id = l.one + l.other - n.id join opportunity b on b.id = p.opportunity"
        " where n.opportunity = ? and b.id <> n.opportunity and b.review <> 'hidden'"
        " and not exists (select 1 from merge_pair q where q.one = l.one and q.other = l.other and q.undone_at is null)"
        " order by l.score desc limit 5"
    )
    return list(db.query(sql, [opportunity]))


def _row(row: dict[str, Any]) -> dict[str, Any]:
    flags = set(json.loads(row["flags"]))
    quiet = bool(row["seen"])
    why = [word for word in ("second", "conflict", "pending") if row[word]]
    told = {
        "differ": bool(flags & {"deadlines_conflict", "cancelled_conflict"}),
        "deadline": bool(flags & set(NOT_READ)),
        "undated": row["undated"],
        "zone": row["assumed"],
        "bare": row["bare"],
        "twin": row["twin"],
        "weak": row["score"] is not None and row["score"] < SURE,
        "source": row["fresh_source"],
    }
    why += [word for word, holds in told.items() if holds and not quiet]
    doubt = min(1.0, row["doubt"] + sum(_ADDS[word] for word in _ADDS if word in why))
    kept = ("id", "key", "title", "kind", "source", "review", "next_deadline", "twin")
    return {**{name: row[name] for name in kept}, "doubt": round(doubt, 2), "why": why}


@cache
def _statement() -> str:
    return Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")
