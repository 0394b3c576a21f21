"""Print the deadline reader's score on the golden file: ``python -m tests.nlp.deadline_score [--misses]``."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from nlp.deadlines.score import score_deadlines

GOLD = Path(__file__).parent.parent / "gold" / "deadlines.jsonl"


def main() -> None:
    report = score_deadlines(GOLD.read_text(encoding="utf-8").splitlines())
    print(json.dumps(report.as_dict(), ensure_ascii=False))
    if "--misses" in sys.argv:
        for miss in report.misses:
            print(f"\n{miss.id}: {miss.text}\n  expected {list(miss.expected)}\n  read     {list(miss.read)}")


if __name__ == "__main__":
    main()
