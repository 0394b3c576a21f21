"""Print the deadline reader's score on the golden file: ``python -m tests.nlp.deadline_score [--misses]``.

The first line is the whole file, then one line for each ``batch`` of it. Every line of the file has been used to mend the reader, so these figures
are in-sample: they guard against loss.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from nlp.deadlines.score import score_deadlines

GOLD = Path(__file__).parent.parent / "gold" / "deadlines.jsonl"


def main() -> None:
    lines = GOLD.read_text(encoding="utf-8").splitlines()
    report = score_deadlines(lines)
    print(json.dumps({"batch": "all"} | report.as_dict(), ensure_ascii=False))
    batches: dict[str, list[str]] = {}
    for line in lines:
        batches.setdefault(json.loads(line).get("batch", "first"), []).append(line)
    for name, members in batches.items():
        figures = score_deadlines(members).as_dict()
        print(json.dumps({"batch": name} | {key: value for key, value in figures.items() if key != "by_language"}))
    if "--misses" in sys.argv:
        for miss in report.misses:
            print(f"\n{miss.id}: {miss.text}\n  expected {list(miss.expected)}\n  read     {list(miss.read)}")


if __name__ == "__main__":
    main()
