"""The market study of one country and one sector, built from the store. Pure: same store and now, same brief.

``codes`` are the country itself and the groups that it belongs to (``store.groups``); a group counts only where it says who
may apply, so that a call open to the Union is found for each member, while news about the Union is not news about each member.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from sqlite_utils.db import Database

from store.brief.figures import Series, series_of
from store.codec import iso
from store.groups import ROLE_BITS
from store.runs import coverage_sentence

FOLDER = Path(__file__).parent
MOST = 25  # findings of a section
MOST_SERIES = 24


@dataclass(frozen=True, kw_only=True, slots=True)
class Section:
    """One part of a brief: its title, what it holds, the word for its number, and its rows as ``list.sql`` names them (``MOST`` at most)."""

    name: str
    title: str
    description: str
    tile: str
    rows: tuple[dict[str, Any], ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Brief:
    """A market study. ``months`` is (month, {kind: count}), thirteen in rising order, or none; ``changes``, ``publishers`` and ``buyers`` are rows of the
    queries of those names; ``coverage`` says how much was read.
    """

    country: str
    sector: str
    codes: tuple[str, ...]
    now: datetime
    sections: tuple[Section, ...]
    changes: tuple[dict[str, Any], ...]
    months: tuple[tuple[str, dict[str, int]], ...]
    figures: tuple[Series, ...]
    publishers: tuple[dict[str, Any], ...]
    buyers: tuple[dict[str, Any], ...]
    coverage: str

    @property
    def empty(self) -> bool:
        """Whether nothing at all is known."""
        return not any(section.rows for section in self.sections) and not self.figures


def build_brief(db: Database, *, country: str, sector: str, codes: Sequence[str], now: datetime) -> Brief:
    """The brief of ``country`` (ISO alpha-2) and ``sector`` (taxonomy id) as of ``now`` (aware)."""
    held = tuple(sorted({country, *codes}))
    binds: dict[str, Any] = {
        "country": country,
        "sector": sector,
        "codes": json.dumps(held),
        "now": iso(now),
        "since": iso(now - timedelta(days=90)),
        "year_ago": iso(now - timedelta(days=396)),
        "month_ago": iso(now - timedelta(days=30)),
        "buyer": ROLE_BITS["buyer"],
        "most": MOST,
    }
    sections = tuple(_section(db, name, told, binds) for name, told in _sections().items())
    keys = [row["key"] for section in sections for row in section.rows]
    figures = [found for row in _rows(db, "figures", binds) for found in series_of(row, country=country, sector=sector)]
    return Brief(
        country=country,
        sector=sector,
        codes=held,
        now=now,
        sections=sections,
        changes=_rows(db, "changes", binds | {"keys": json.dumps(keys)}),
        months=_months(_rows(db, "activity", binds), now),
        figures=tuple(figures[:MOST_SERIES]),
        publishers=tuple({**row, "kinds": json.loads(row["kinds"])} for row in _rows(db, "publishers", binds)),
        buyers=_rows(db, "buyers", binds),
        coverage=coverage_sentence(db, now=now),
    )


@cache
def _sections() -> dict[str, dict[str, Any]]:
    return tomllib.loads((FOLDER / "sections.toml").read_text(encoding="utf-8"))


@cache
def _statement(name: str) -> str:
    return (FOLDER / f"{name}.sql").read_text(encoding="utf-8")


def _rows(db: Database, name: str, binds: dict[str, Any]) -> tuple[dict[str, Any], ...]:
    """The rows of ``<name>.sql`` with the bindings that it names."""
    sql = _statement(name)
    return tuple(db.query(sql, {key: value for key, value in binds.items() if f":{key}" in sql}))


def _section(db: Database, name: str, told: dict[str, Any], binds: dict[str, Any]) -> Section:
    found = _rows(db, "list", binds | {"kinds": json.dumps(told["kinds"]), "only": told["only"], "sort": told["sort"]})
    rows = tuple({**row, "roles": sorted(json.loads(row["roles"]))} for row in found)
    return Section(name=name, title=told["title"], description=told["description"], tile=told["tile"], rows=rows)


def _months(rows: Sequence[dict[str, Any]], now: datetime) -> tuple[tuple[str, dict[str, int]], ...]:
    """The last thirteen months in order, also those of which nothing is known; () when nothing is known of any."""
    last = now.year * 12 + now.month - 1
    found: dict[str, dict[str, int]] = {f"{n // 12}-{n % 12 + 1:02d}": {} for n in range(last - 12, last + 1)}
    for row in rows:
        if row["month"] in found:
            found[row["month"]][str(row["kind"])] = int(row["n"])
    return tuple(found.items()) if any(found.values()) else ()
