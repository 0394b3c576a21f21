"""Precision, recall and F1 of countries in each language: ``python -m tests.nlp.country_score [--misses] [FILE.jsonl ...]``.

Without a file it reads both gold files of countries. Groups ("EU27") are left out; a country counts in any role.
"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from pathlib import Path

from nlp.countries import tag_countries

GOLD = Path(__file__).parent.parent / "gold"


def main(arguments: list[str]) -> None:
    """Print the table, with ``--misses`` also each text whose countries are not those of the gold."""
    files = [Path(a) for a in arguments if not a.startswith("--")] or [GOLD / "countries.jsonl", GOLD / "countries_world.jsonl"]
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for row in (json.loads(line) for path in files for line in path.read_text(encoding="utf-8").splitlines()):
        text = f"{row['title']}\n{row['text']}" if row.get("title") else row["text"]
        told = {code if isinstance(code, str) else code["code"] for code in row["countries"]}
        gold = {code for code in told if len(code) == 2}
        said = {tag.code for tag in tag_countries(text, row["lang"]) if len(tag.code) == 2}
        for key in (row["lang"], "all"):
            for at, number in enumerate((len(said & gold), len(said), len(gold))):
                counts[key][at] += number
        if "--misses" in arguments and said != gold:
            print(row["id"], "lost", sorted(gold - said), "false", sorted(said - gold), text[:120])
    print(f"{'':4}{'P':>7}{'R':>7}{'F1':>7}{'countries':>11}")
    for lang, (right, said_n, gold_n) in sorted(counts.items()):
        precision, recall = right / max(1, said_n), right / max(1, gold_n)
        print(f"{lang:4}{precision:7.3f}{recall:7.3f}{2 * right / max(1, said_n + gold_n):7.3f}{gold_n:11}")


if __name__ == "__main__":
    main(sys.argv[1:])
