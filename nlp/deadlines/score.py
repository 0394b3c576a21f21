"""How well the reader meets a golden file: exact instants, and what was wrong without a flag."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from nlp.deadlines.reader import read_deadlines
from store.model import Deadline


@dataclass(frozen=True, slots=True)
class Miss:
    """One line that was not met: what was expected, what was read."""

    id: str
    text: str
    expected: tuple[str, ...]
    read: tuple[str, ...]
    flagged: bool


@dataclass(slots=True)
class Report:
    """Counts over a golden file. ``exact``: lines whose set of (instant, precision, stage, cut-off, rolling) was met.
    ``wrong_unflagged``: lines with an instant that was not expected and carries no flag. ``flags``: expected flags met and expected.
    """

    lines: int = 0
    exact: int = 0
    exact_utc: int = 0
    wrong_unflagged: int = 0
    flags_met: int = 0
    flags_expected: int = 0
    by_language: dict[str, list[int]] = field(default_factory=lambda: defaultdict(lambda: [0, 0]))
    misses: list[Miss] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """The figures, for one JSON line."""
        return {
            "lines": self.lines,
            "languages": len(self.by_language),
            "exact_utc": round(self.exact_utc / max(1, self.lines), 4),
            "exact_all": round(self.exact / max(1, self.lines), 4),
            "wrong_unflagged": round(self.wrong_unflagged / max(1, self.lines), 4),
            "flags": round(self.flags_met / self.flags_expected, 4) if self.flags_expected else 1.0,
            "by_language": {lang: f"{good}/{total}" for lang, (good, total) in sorted(self.by_language.items())},
        }


def score_deadlines(lines: Iterable[str]) -> Report:
    """Score JSON lines ``{"id","text","lang","zone","published"?,"day_first"?,"field"?,"expect":[{"utc","precision","stage"?,
    "cut_off"?,"rolling"?,"flags"?}]}``. Blank lines are skipped; raises ``KeyError`` or ``ValueError`` on a malformed one.
    """
    report = Report()
    for line in lines:
        if not line.strip():
            continue
        row = json.loads(line)
        published = date.fromisoformat(row["published"]) if row.get("published") else None
        read = read_deadlines(
            row["text"], lang=row["lang"], zone=row["zone"], published=published,
            day_first=row.get("day_first"), field=bool(row.get("field")),
        )  # fmt: skip
        _count(report, row, read)
    return report


def _key(instant: str | None, precision: str, rolling: bool) -> tuple[str, str]:
    return (instant or ("rolling" if rolling else "none"), precision)


def _utc(one: Deadline) -> str | None:
    return None if one.utc is None else one.utc.strftime("%Y-%m-%dT%H:%M:%SZ")


def _count(report: Report, row: dict[str, Any], read: tuple[Deadline, ...]) -> None:
    expected = row["expect"]
    wanted = sorted(_key(one["utc"], one["precision"], one.get("rolling", False)) for one in expected)
    got = sorted(_key(_utc(one), one.precision, one.rolling) for one in read)
    same = wanted == got
    whole = same and all(
        any(
            _key(_utc(one), one.precision, one.rolling) == _key(want["utc"], want["precision"], want.get("rolling", False))
            and one.stage == want.get("stage", 1)
            and one.cut_off == want.get("cut_off", one.cut_off if len(expected) == 1 else None)
            for one in read
        )
        for want in expected
    )
    wrong = any(_key(_utc(one), one.precision, one.rolling) not in wanted and not one.flags for one in read)
    missing = any(key not in got for key in wanted) and not any(one.flags for one in read)
    report.lines += 1
    report.exact_utc += same
    report.exact += whole
    report.wrong_unflagged += wrong
    tally = report.by_language[row["lang"]]
    tally[0] += same
    tally[1] += 1
    flags_lost = []
    for want in expected:
        key = _key(want["utc"], want["precision"], want.get("rolling", False))
        held = {flag for one in read if _key(_utc(one), one.precision, one.rolling) == key for flag in one.flags}
        for flag in want.get("flags", ()):
            report.flags_expected += 1
            report.flags_met += flag in held
            if flag not in held:
                flags_lost.append(flag)
    if not whole or flags_lost:
        report.misses.append(
            Miss(
                id=row["id"],
                text=row["text"],
                expected=tuple(f"{'/'.join(_key(one['utc'], one['precision'], one.get('rolling', False)))} s{one.get('stage', 1)} c{one.get('cut_off')} {one.get('flags', '')}" for one in expected),
                read=tuple(f"{'/'.join(_key(_utc(one), one.precision, one.rolling))} s{one.stage} c{one.cut_off} {one.flags} «{one.quote}»" for one in read),
                flagged=not (wrong or missing),
            )
        )  # fmt: skip
