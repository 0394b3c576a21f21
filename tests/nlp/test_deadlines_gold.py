"""The golden files and the floors the readers must keep."""

from __future__ import annotations

import json

from nlp.deadlines import score_deadlines
from tests.nlp import amount_score, deadline_score


def test_the_gold_has_the_size_and_spread_it_claims() -> None:
    rows = [json.loads(line) for line in deadline_score.GOLD.read_text(encoding="utf-8").splitlines()]
    assert len(rows) >= 3200
    assert len({row["id"] for row in rows}) == len(rows)
    assert len({row["text"] for row in rows}) > 0.97 * len(rows)
    assert len({row["lang"] for row in rows}) >= 12
    assert sum(not row["expect"] for row in rows) >= 100, "distractors are half of the truth"


def test_deadlines_keep_their_floors() -> None:
    report = score_deadlines(deadline_score.GOLD.read_text(encoding="utf-8").splitlines())
    figures = report.as_dict()
    lost = "\n".join(f"{miss.id}: {miss.text!r} expected {miss.expected} read {miss.read}" for miss in report.misses[:10])
    assert figures["exact_utc"] >= 0.99, lost
    assert figures["exact_all"] >= 0.99, lost
    assert figures["wrong_unflagged"] <= 0.0015, lost
    assert figures["flags"] >= 0.99, lost


def test_amounts_keep_their_floor() -> None:
    good, total, misses = amount_score.score(amount_score.GOLD.read_text(encoding="utf-8").splitlines())
    assert total >= 260
    assert good / total >= 0.97, misses[:10]
