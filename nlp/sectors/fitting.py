"""Fit the calibration of the sectors on gold texts, and write it as data.

``python -m nlp.sectors.fitting tests/gold/sectors.jsonl=0.2 real.jsonl=3`` prints what it fitted (on four fifths, measured on the fifth
that was left out, five times over) and writes ``vocabulary/sectors/calibration.toml`` from all of it. The number after a file is the
weight of its texts, 1 when there is none: a vocabulary is right too often on the texts it was written for, so those should count little
beside texts that it has never met, or the scores promise too much.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression

from nlp.errors import NlpError
from nlp.scoring import read_gold
from nlp.sectors import read_cases
from nlp.sectors.ranking import FIGURES, Calibration, figures
from nlp.sectors.vocabulary import FOLDER
from store.model import Code

PARTS = 5
# Weak regularisation: five figures and a thousand examples need no more.
STRENGTH = 1.0
# Thresholds this close in F1 are equally good; the highest of them gives the fewest wrong tags.
PLATEAU = 0.002
Example = tuple[int, tuple[float, ...], bool, float]


def examples(rows: Sequence[Mapping[str, Any]]) -> tuple[list[Example], float]:
    """(text number, figures, right, weight) of each sector found in the gold texts, and the weight of all labels that the gold asks for.

    A row weighs what its ``weight`` says, 1 without one.
    """
    found: list[Example] = []
    for number, row in enumerate(rows):
        gold, allowed, weight = set(row["sectors"]), set(row.get("sectors_ok", ())), float(row.get("weight", 1.0))
        codes = [Code(scheme="programme", value=str(row["programme"]))] if row.get("programme") else []
        title = str(row.get("title", ""))
        text = f"{title}\n{row.get('text', '')}" if title else str(row.get("text", ""))
        for name, values in figures(read_cases(text, str(row.get("lang", "")), codes)[1]).items():
            if name in gold or name not in allowed:
                found.append((number, values, name in gold, weight))
    return found, asked(rows)


def asked(rows: Iterable[Mapping[str, Any]]) -> float:
    """The weight of all labels that the gold asks for."""
    return sum(len(row["sectors"]) * float(row.get("weight", 1.0)) for row in rows)


def fit(found: Sequence[Example], sought: float) -> Calibration:
    """The logistic function through the examples, and the highest of the thresholds whose micro-F1 is all but the best."""
    figures_of = np.array([values for _, values, _, _ in found])
    right = np.array([is_right for _, _, is_right, _ in found])
    model = LogisticRegression(C=STRENGTH, max_iter=1000).fit(figures_of, right, sample_weight=[weight for *_, weight in found])
    weights = tuple(float(w) for w in model.coef_[0])
    fitted = Calibration(intercept=float(model.intercept_[0]), weights=weights, threshold=0.5)
    reached = {step / 100: f1(fitted, found, sought, step / 100) for step in range(25, 71)}
    level = [threshold for threshold, reached_there in reached.items() if reached_there >= max(reached.values()) - PLATEAU]
    return Calibration(intercept=fitted.intercept, weights=weights, threshold=max(level))


def held_out(found: Sequence[Example], rows: Sequence[Mapping[str, Any]]) -> list[float]:
    """Micro-F1 on each fifth of the texts, fitted on the other four."""
    measured: list[float] = []
    for part in range(PARTS):
        seen = [example for example in found if example[0] % PARTS != part]
        left = [example for example in found if example[0] % PARTS == part]
        fitted = fit(seen, asked(row for number, row in enumerate(rows) if number % PARTS != part))
        measured.append(f1(fitted, left, asked(row for number, row in enumerate(rows) if number % PARTS == part), fitted.threshold))
    return measured


def as_toml(fitted: Calibration, files: Sequence[str]) -> str:
    """The calibration as its file, with the ``files`` it was fitted on."""
    told = [
        f"# Written by `python -m nlp.sectors.fitting {' '.join(files)}`.",
        f"intercept = {fitted.intercept:.3f}",
        f"threshold = {fitted.threshold:.2f}",
        "[weights]",
        *(f"{name} = {weight:.3f}" for name, weight in zip(FIGURES, fitted.weights, strict=True)),
    ]
    return "\n".join(told) + "\n"


def f1(fitted: Calibration, found: Sequence[Example], sought: float, threshold: float) -> float:
    """Micro-F1, by weight, when all above ``threshold`` is given."""
    given = [(is_right * weight, weight) for _, values, is_right, weight in found if fitted.score(values) >= threshold]
    total = sum(weight for _, weight in given) + sought
    return 2 * sum(right for right, _ in given) / total if total else 1.0


def weighted(argument: str) -> list[dict[str, Any]]:
    """The rows that speak of sectors of ``FILE`` or ``FILE=WEIGHT``."""
    path, _, weight = argument.partition("=")
    return [{**row, "weight": float(weight or 1.0)} for row in read_gold(Path(path)) if "sectors" in row]


def main(arguments: Sequence[str]) -> int:
    """Fit on the gold files named (``FILE`` or ``FILE=WEIGHT``), print, write."""
    if not arguments:
        sys.stderr.write(
            "Give gold files and their weights: python -m nlp.sectors.fitting tests/gold/sectors.jsonl=0.2 real.jsonl=3\n"
        )
        return 2
    try:
        rows = [row for argument in arguments for row in weighted(argument)]
        found, sought = examples(rows)
    except NlpError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    fitted = fit(found, sought)
    told = " ".join(f"{value:.3f}" for value in held_out(found, rows))
    sys.stdout.write(
        f"{len(rows)} texts, {len(found)} candidates, micro-F1 on the fifths left out: {told}\n{as_toml(fitted, arguments)}"
    )
    (FOLDER / "calibration.toml").write_text(as_toml(fitted, arguments), encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
