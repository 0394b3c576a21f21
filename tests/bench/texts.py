"""What the benches of tagging share: documents of a realistic size and density, ratios in pairs, the cost of a start.

A document is 120 to 600 words of the gold sentences of one language, mixed so that a hundred words hold about three countries and ten
sector words, as in the recorded articles, calls and notices; every tenth word is an invented one, because a tokenizer that has every
word in its cache is no yardstick.
"""

from __future__ import annotations

import json
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

GOLD = Path(__file__).parent.parent / "gold"
# The languages with sentences of each kind; English twice, as in what is published for a whole continent.
LANGUAGES = (
    "en", "bg", "cs", "da", "de", "el", "en", "es", "et", "fi", "fr", "hr", "hu", "it", "lt", "lv", "nl", "pl", "pt", "ro", "sk", "sl", "sv",
)  # fmt: skip
# How many sentences come from which gold set.
MIX = {"deadlines": 12, "sectors": 2, "sectors_world": 3, "countries": 1, "countries_world": 1}
_STARTUP = """
import time
start = time.process_time()
{statements}
seconds = time.process_time() - start
peak = next(line for line in open("/proc/self/status") if line.startswith("VmHWM:"))
print(seconds, int(peak.split()[1]) / 1024)
"""


@cache
def sentences(name: str, lang: str) -> tuple[str, ...]:
    """The texts of one gold set in one language, each with its title."""
    rows = [json.loads(line) for line in (GOLD / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()]
    told = [(row.get("title") or "", row.get("text") or "") for row in rows if row["lang"] == lang]
    return tuple(". ".join(part.rstrip(".") for part in pair if part) + "." for pair in told)


def documents(seed: int, count: int = 230, languages: Sequence[str] = LANGUAGES) -> list[tuple[str, str]]:
    """(language, text) pairs, the same for the same seed."""
    chance = random.Random(seed)
    sets, weights = list(MIX), list(MIX.values())
    found = []
    for number in range(count):
        lang = languages[number % len(languages)]
        size = chance.randint(120, 600)
        words: list[str] = []
        while len(words) < size:
            words += chance.choice(sentences(chance.choices(sets, weights)[0], lang)).split(" ")
        for place in range(0, size, 10):
            words[place] = "".join(chance.choice("abdeiklmnorstuv") for _ in range(chance.randint(4, 11)))
        found.append((lang, " ".join(words[:size])))
    return found


def seconds(work: Callable[[str, Sequence[str]], Any], texts: Iterable[tuple[str, str]]) -> float:
    """CPU seconds of ``work(language, texts of that language)`` over all languages."""
    by_lang: dict[str, list[str]] = {}
    for lang, text in texts:
        by_lang.setdefault(lang, []).append(text)
    start = time.process_time()
    for lang, its in by_lang.items():
        work(lang, its)
    return time.process_time() - start


def paired(
    work: Callable[[str, Sequence[str]], Any],
    yardstick: Callable[[str, Sequence[str]], Any],
    texts: Iterable[Sequence[tuple[str, str]]],
) -> tuple[float, str]:
    """How fast ``work`` is, with the yardstick as 1: the median over pairs, each on texts that neither has seen; and what was measured."""
    ratios, rates = [], []
    for number, given in enumerate(texts):
        first, second = (work, yardstick) if number % 2 else (yardstick, work)
        one, other = seconds(first, given), seconds(second, given)
        ours, its = (one, other) if number % 2 else (other, one)
        ratios.append(its / ours)
        rates.append((len(given) / ours, len(given) / its))
    ours, its = (statistics.median(rate) for rate in zip(*rates, strict=True))
    return statistics.median(
        ratios
    ), f"{ours:.0f} and {its:.0f} documents a second of CPU, pairs {min(ratios):.2f} to {max(ratios):.2f}"


def started(statements: str) -> tuple[float, float]:
    """Seconds of CPU time and MB at the peak that ``statements`` (lines of Python) take in a process of their own (Linux)."""
    code = _STARTUP.format(statements=statements)
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    return float(said[0]), float(said[1])
