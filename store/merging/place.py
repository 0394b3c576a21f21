"""Where notices belong: brings links up to date and says, for all that may have moved, which opportunity each is part of.

Reads and writes the merge tables only; ``store/opportunities.py`` carries the placement out.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlite_utils.db import Database

from store.merging.cluster import Decisions, clusters
from store.merging.links import component, refresh
from store.merging.signature import GROUP_SCHEMES
from store.model import Notice


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """Notices that are one thing. ``owner`` is the opportunity they keep, None when they need a new one; ``moved`` maps a member that
    leaves another opportunity to that opportunity; ``reason`` is the strongest proof that holds them together, "" for one alone.
    """

    members: tuple[int, ...]
    owner: int | None
    moved: Mapping[int, int]
    reason: str = ""
    score: float = 0.0


def place(db: Database, changed: Mapping[int, tuple[Notice, str]]) -> list[Part]:
    """Place ``changed`` notices (row id -> notice and canonical URL) and all whose company they change. Inside a transaction.

    Every opportunity is claimed by one part at most: by the part that holds its earliest notice.
    """
    return _placed(db, refresh(db, changed))


def replace(db: Database, notices: Collection[int]) -> list[Part]:
    """Place ``notices`` again after a curator's decision; links stay as they are."""
    return _placed(db, set(notices))


def _placed(db: Database, touched: set[int]) -> list[Part]:
    mates = _company(db, touched)
    reached, links = component(db, touched | mates)
    rows = _rows(db, reached)
    reached &= rows.keys()
    parts = clusters(
        reached,
        links,
        _identities(db, reached),
        {row: (source, source_id) for row, (_, source, source_id) in rows.items()},
        _decisions(db, reached),
    )
    claimed: set[int] = set()
    placed = []
    for members in parts:
        ordered = sorted(members)
        homes = [home for home in (rows[row][0] for row in ordered) if home is not None]
        owner = next((home for home in sorted(homes) if home not in claimed), None)
        if owner is not None:
            claimed.add(owner)
        best = max(
            (link for link in links if link.one in members and link.other in members), key=lambda link: link.score, default=None
        )
        placed.append(
            Part(
                members=tuple(ordered),
                owner=owner,
                moved={row: home for row in ordered if (home := rows[row][0]) is not None and home != owner},
                reason=best.reason if best else "",
                score=best.score if best else 0.0,
            )
        )
    return placed


def _company(db: Database, notices: Collection[int]) -> set[int]:
    """The notices that share an opportunity with any of ``notices``."""
    sql = """select id from notice where opportunity in
             (select opportunity from notice where id in (select value from json_each(?)) and opportunity is not null)"""
    return {row[0] for row in db.execute(sql, [json.dumps(sorted(notices))])}


def _rows(db: Database, notices: Collection[int]) -> dict[int, tuple[int | None, str, str]]:
    sql = "select id, opportunity, source, source_id from notice where id in (select value from json_each(?))"
    return {row[0]: (row[1], row[2], row[3]) for row in db.execute(sql, [json.dumps(sorted(notices))])}


def _identities(db: Database, notices: Collection[int]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    sql = "select notice, hard_id from notice_hard_id where notice in (select value from json_each(?))"
    for row, value in db.execute(sql, [json.dumps(sorted(notices))]):
        if value.split(":", 1)[0] not in GROUP_SCHEMES:
            found.setdefault(row, []).append(value)
    return found


def _decisions(db: Database, notices: Collection[int]) -> Decisions:
    sql = "select one, other, wish from merge_pair where undone_at is null and one in (select value from json_each(?))"
    rows = db.execute(sql, [json.dumps(sorted(notices))]).fetchall()
    return Decisions(
        together=[(one, other) for one, other, wish in rows if wish == "together"],
        apart=[(one, other) for one, other, wish in rows if wish == "apart"],
    )
