"""What the benches of tagging share: mixed texts that hold new words, documents a second, the cost of a start."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any

LANGUAGES = ("en", "de", "fr", "pl", "fi")
DOCUMENTS = 400
_STARTUP = """
import time, resource
start = time.process_time()
{statements}
print(time.process_time() - start, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""


def mixed(seed: int, sentences: Callable[[random.Random, str], Sequence[str]]) -> list[tuple[str, str]]:
    """(language, text) pairs, the same for the same seed: ``sentences(chance, language)`` joined, each tenth word an invented one."""
    chance = random.Random(seed)
    found = []
    for number in range(DOCUMENTS):
        lang = LANGUAGES[number % len(LANGUAGES)]
        words = " ".join(sentences(chance, lang)).split(" ")
        for place in range(0, len(words), 10):
            words[place] = "".join(chance.choice("abdeiklmnorstuv") for _ in range(8))
        found.append((lang, " ".join(words)))
    return found


def rate(work: Callable[[str, str], Any], texts: Sequence[tuple[str, str]]) -> float:
    """Documents a second of CPU time."""
    start = time.process_time()
    for lang, text in texts:
        work(lang, text)
    return len(texts) / (time.process_time() - start)


def started(statements: str) -> tuple[float, float]:
    """Seconds of CPU time and MB that ``statements`` (lines of Python) take in a process of their own."""
    code = _STARTUP.format(statements=statements)
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    return float(said[0]), float(said[1])
