"""Fit the calibration of the sectors on gold texts of our own, and write it as data.

``python -m nlp.sectors.fitting tests/gold/sectors.jsonl tests/gold/sectors_world.jsonl`` prints what it fitted (on four fifths, measured
on the fifth that was left out, five times over) and writes ``vocabulary/sectors/calibration.toml`` from all of it.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression

from nlp.errors import VocabularyError
from nlp.scoring import read_gold
from nlp.sectors import read_cases
from nlp.sectors.ranking import FIGURES, Calibration, figures
from nlp.sectors.vocabulary import FOLDER
from store.model import Code

PARTS = 5
# Weak regularisation: five figures and a thousand examples need no more.
STRENGTH = 1.0
# Thresholds this close in F1 are equally good; the middle of them depends least on single texts.
PLATEAU = 0.008
Example = tuple[int, tuple[float, ...], bool]


def examples(rows: Sequence[Mapping[str, Any]]) -> tuple[list[Example], int]:
    """(text number, figures, right) of each sector found in the gold texts, and how many labels the gold asks for."""
    found: list[Example] = []
    asked = 0
    for number, row in enumerate(rows):
        gold, allowed = set(row["sectors"]), set(row.get("sectors_ok", ()))
        asked += len(gold)
        codes = [Code(scheme="programme", value=str(row["programme"]))] if row.get("programme") else []
        title = str(row.get("title", ""))
        text = f"{title}\n{row.get('text', '')}" if title else str(row.get("text", ""))
        for name, values in figures(read_cases(text, str(row.get("lang", "")), codes)[1]).items():
            if name in gold or name not in allowed:
                found.append((number, values, name in gold))
    return found, asked


def fit(found: Sequence[Example], asked: int) -> Calibration:
    """The logistic function through the examples, and the middle of the thresholds whose micro-F1 is all but the best."""
    figures_of = np.array([values for _, values, _ in found])
    right = np.array([is_right for _, _, is_right in found])
    model = LogisticRegression(C=STRENGTH, max_iter=1000).fit(figures_of, right)
    weights = tuple(float(w) for w in model.coef_[0])
    fitted = Calibration(intercept=float(model.intercept_[0]), weights=weights, threshold=0.5)
    reached = {step / 100: f1(fitted, found, asked, step / 100) for step in range(25, 71)}
    level = [threshold for threshold, f1 in reached.items() if f1 >= max(reached.values()) - PLATEAU]
    return Calibration(intercept=fitted.intercept, weights=weights, threshold=level[len(level) // 2])


def held_out(found: Sequence[Example], rows: Sequence[Mapping[str, Any]]) -> list[float]:
    """Micro-F1 on each fifth of the texts, fitted on the other four."""
    measured: list[float] = []
    for part in range(PARTS):
        seen = [example for example in found if example[0] % PARTS != part]
        left = [example for example in found if example[0] % PARTS == part]
        asked_seen = sum(len(row["sectors"]) for number, row in enumerate(rows) if number % PARTS != part)
        asked_left = sum(len(row["sectors"]) for number, row in enumerate(rows) if number % PARTS == part)
        fitted = fit(seen, asked_seen)
        measured.append(f1(fitted, left, asked_left, fitted.threshold))
    return measured


def as_toml(fitted: Calibration) -> str:
    """The calibration as its file."""
    told = [
        "# Written by `python -m nlp.sectors.fitting tests/gold/sectors.jsonl tests/gold/sectors_world.jsonl`.",
        f"intercept = {fitted.intercept:.3f}",
        f"threshold = {fitted.threshold:.2f}",
        "[weights]",
        *(f"{name} = {weight:.3f}" for name, weight in zip(FIGURES, fitted.weights, strict=True)),
    ]
    return "\n".join(told) + "\n"


def f1(fitted: Calibration, found: Sequence[Example], asked: int, threshold: float) -> float:
    """Micro-F1 when all above ``threshold`` is given."""
    given = [is_right for _, values, is_right in found if fitted.score(values) >= threshold]
    return 2 * sum(given) / (len(given) + asked) if given or asked else 1.0


def main(arguments: Sequence[str]) -> int:
    """Fit on the gold files named, print, write."""
    if not arguments:
        sys.stderr.write("Give gold files: python -m nlp.sectors.fitting tests/gold/sectors.jsonl tests/gold/sectors_world.jsonl\n")
        return 2
    rows = [row for name in arguments for row in read_gold(Path(name)) if "sectors" in row]
    try:
        found, asked = examples(rows)
    except VocabularyError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    fitted = fit(found, asked)
    told = " ".join(f"{value:.3f}" for value in held_out(found, rows))
    sys.stdout.write(f"{len(rows)} texts, {len(found)} candidates, micro-F1 on the fifths left out: {told}\n{as_toml(fitted)}")
    (FOLDER / "calibration.toml").write_text(as_toml(fitted), encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
