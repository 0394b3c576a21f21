"""How dear reading deadlines and amounts is, beside dateparser's search and one plain regular expression over the same texts."""

from __future__ import annotations

import json
import re
import warnings
from collections.abc import Callable
from pathlib import Path

from nlp.amounts import read_amounts
from nlp.deadlines import read_deadlines
from store.clock import monotonic

GOLD = Path(__file__).parent.parent / "gold" / "deadlines.jsonl"
PLAIN = re.compile(r"(\d{1,2})[./-](\d{1,2})[./-](\d{4})|(\d{1,2})\.?\s+\w+\s+(\d{4})")
LANGUAGES = ("en", "de", "fr", "es", "it", "pl")


def bench() -> list[tuple[str, float, str]]:
    """Ratios of times measured in one run on this machine."""
    rows = [json.loads(line) for line in GOLD.read_text(encoding="utf-8").splitlines()]
    rows = [row for row in rows if row["lang"] in LANGUAGES and not row.get("field")]
    few = rows[::12]
    page = "\n".join(row["text"] for row in rows if row["lang"] == "en") * 3

    def read(chosen: list[dict[str, str]]) -> None:
        for row in chosen:
            read_deadlines(row["text"], lang=row["lang"], zone=row["zone"])

    read(rows)
    ours_few, ours = _timed(lambda: read(few)), _timed(lambda: read(rows))
    theirs = _timed(lambda: _dateparser(few))
    regex = _timed(lambda: [PLAIN.findall(row["text"]) for row in rows])
    money = _timed(lambda: [read_amounts(row["text"], lang=row["lang"]) for row in rows])
    whole = _timed(lambda: read_deadlines(page, lang="en", zone="Europe/Brussels"))
    return [
        ("deadlines / dateparser.search", ours_few / theirs, f"{len(few)} phrases, each in its language"),
        (
            "deadlines / plain regex",
            ours / regex,
            f"{len(rows) / ours:,.0f} phrases a second; the regex finds digits and decides nothing",
        ),
        ("amounts / deadlines", money / ours, f"{len(rows) / money:,.0f} phrases a second"),
        (
            "a page / plain regex",
            whole / _timed(lambda: PLAIN.findall(page)),
            f"{len(page) / whole / 1000:,.0f} thousand characters a second",
        ),
    ]


def _dateparser(rows: list[dict[str, str]]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from dateparser.search import search_dates

        for row in rows:
            search_dates(row["text"], languages=[row["lang"]])


def _timed(work: Callable[[], object]) -> float:
    start = monotonic()
    work()
    return monotonic() - start
