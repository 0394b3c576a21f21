"""The market study of one country and one sector, built from the store. Pure: same store and now, same brief.

``codes`` are the country itself and the groups that it belongs to (the caller knows them); a group counts only where it says who
may apply, so that a call open to the Union is found for each member, while news about the Union is not news about each member.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlite_utils.db import Database

from store.codec import iso
from store.runs import coverage_sentence

FOLDER = Path(__file__).parent


@dataclass(frozen=True, kw_only=True, slots=True)
class Section:
    """One part of a brief: its title, what it holds, and its rows as the query named them."""

    name: str
    title: str
    description: str
    rows: tuple[dict[str, Any], ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Brief:
    """A market study. ``months`` is (month, {kind: count}) in rising order; ``coverage`` says how much was read."""

    country: str
    sector: str
    codes: tuple[str, ...]
    now: datetime
    sections: tuple[Section, ...]
    months: tuple[tuple[str, dict[str, int]], ...]
    figures: tuple[dict[str, Any], ...]
    coverage: str

    @property
    def empty(self) -> bool:
        """Whether nothing at all is known."""
        return not any(section.rows for section in self.sections) and not self.figures


def build_brief(db: Database, *, country: str, sector: str, codes: Sequence[str], now: datetime) -> Brief:
    """The brief of ``country`` (ISO alpha-2) and ``sector`` (taxonomy id) as of ``now`` (aware)."""
    binds = {
        "country": country,
        "sector": sector,
        "codes": json.dumps(sorted({country, *codes})),
        "now": iso(now),
        "since": iso(now - timedelta(days=90)),
        "year_ago": iso(now - timedelta(days=396)),
    }
    return Brief(
        country=country,
        sector=sector,
        codes=tuple(sorted({country, *codes})),
        now=now,
        sections=tuple(_section(db, path, binds) for path in sorted((FOLDER / "sections").glob("*.sql"))),
        months=_months(list(db.query((FOLDER / "activity.sql").read_text(encoding="utf-8"), _used("activity.sql", binds)))),
        figures=tuple(
            _figure(row) for row in db.query((FOLDER / "figures.sql").read_text(encoding="utf-8"), _used("figures.sql", binds))
        ),
        coverage=coverage_sentence(db, now=now),
    )


def _section(db: Database, path: Path, binds: dict[str, str]) -> Section:
    sql = path.read_text(encoding="utf-8")
    head = dict(line[3:].split(": ", 1) for line in sql.splitlines() if line.startswith("-- "))
    rows = tuple({**row, "roles": sorted(json.loads(row["roles"]))} for row in db.query(sql, _used(f"sections/{path.name}", binds)))
    return Section(name=path.stem.split("_", 1)[1], title=head["title"], description=head["description"], rows=rows)


def _used(name: str, binds: dict[str, str]) -> dict[str, str]:
    """The bindings that a query names."""
    sql = (FOLDER / name).read_text(encoding="utf-8")
    return {key: value for key, value in binds.items() if f":{key}" in sql}


def _months(rows: Sequence[dict[str, Any]]) -> tuple[tuple[str, dict[str, int]], ...]:
    found: dict[str, dict[str, int]] = {}
    for row in rows:
        found.setdefault(str(row["month"]), {})[str(row["kind"])] = int(row["n"])
    return tuple(sorted(found.items()))


def _figure(row: dict[str, Any]) -> dict[str, Any]:
    raw = json.loads(row["raw"])
    return {**row, **{key: raw.get(key, "") for key in ("indicator", "value", "unit", "year", "series")}}
