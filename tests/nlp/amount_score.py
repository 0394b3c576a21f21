"""Print the amount reader's score on the golden file: ``python -m tests.nlp.amount_score [--misses]``."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from nlp.amounts import read_amounts

GOLD = Path(__file__).parent.parent / "gold" / "amounts.jsonl"
FIELDS = ("value", "minimum", "maximum", "rate", "currency")


def score(lines: list[str]) -> tuple[int, int, list[tuple[Any, Any]]]:
    """Lines met, lines, and the misses as (row, read)."""
    good, misses = 0, []
    rows = [json.loads(line) for line in lines]
    for row in rows:
        read = [
            {name: getattr(one, name) for name in FIELDS if getattr(one, name)}
            for one in read_amounts(row["text"], lang=row["lang"])
        ]
        if read == row["expect"]:
            good += 1
        else:
            misses.append((row, read))
    return good, len(rows), misses


def main() -> None:
    good, total, misses = score(GOLD.read_text(encoding="utf-8").splitlines())
    print(json.dumps({"lines": total, "exact": round(good / total, 4)}))
    if "--misses" in sys.argv:
        for row, read in misses:
            print(f"{row['id']}: {row['text']}\n  expected {row['expect']}\n  read     {read}")


if __name__ == "__main__":
    main()
