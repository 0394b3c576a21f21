"""The measure itself: counts, micro and macro, acceptable labels, texts without a label, and the calibration table."""

from __future__ import annotations

from pathlib import Path

import pytest

from nlp.errors import NlpError
from nlp.scoring import Report, gold_labels, lines, measure, read_gold
from store.model import CountryTag, Evidence, SectorTag, Tags

PROOF = (Evidence(quote="x", rule="word:en:x"),)


def tags(**scores: float) -> Tags:
    return Tags(lang="en", sectors=tuple(SectorTag(id=name, score=score, evidence=PROOF) for name, score in scores.items()))


def test_precision_recall_and_f1() -> None:
    rows = [
        ({"id": "a", "lang": "en", "sectors": ["rail", "water"]}, tags(rail=0.9, ict=0.6)),
        ({"id": "b", "lang": "de", "sectors": []}, tags()),
        ({"id": "c", "lang": "de", "sectors": ["ict"], "sectors_ok": ["defence"]}, tags(ict=0.95, defence=0.7)),
        ({"id": "d", "countries": ["FR"]}, tags(rail=0.9)),
    ]
    report = measure(rows, "sectors")
    assert (report.overall.right, report.overall.wrong, report.overall.missed) == (2, 1, 1)
    assert report.overall.precision == report.overall.recall == report.overall.f1 == pytest.approx(2 / 3)
    assert report.macro == pytest.approx((1 + 0 + 2 / 3) / 3)
    assert (report.texts, report.none_texts, report.none_right) == (3, 1, 1)
    assert report.bins[9] == [2, 2]
    assert report.bins[6] == [1, 0]
    assert report.by_lang["de"].f1 == 1
    assert report.wrong == [("a", "given", "ict"), ("a", "missed", "water")]
    told = "\n".join(lines(report, worst=1))
    assert "a: given ict" in told
    assert "missed water" not in told


def test_roles_and_countries() -> None:
    found = Tags(lang="en", countries=(CountryTag(code="FR", role="venue", score=0.8, evidence=PROOF),))
    row = {"id": "a", "countries": [{"code": "FR", "role": "buyer"}]}
    assert measure([(row, found)], "countries").overall.f1 == 1
    assert measure([(row, found)], "roles").overall.f1 == 0


def test_deadlines_are_compared_by_instant() -> None:
    assert gold_labels({"expect": [{"utc": "2026-03-17T16:00:00Z"}, {"rolling": True}]}, "deadlines") == {"2026-03-17T16:00:00Z"}
    assert gold_labels({"sectors": []}, "deadlines") is None


def test_nothing_asked_and_nothing_said_is_right() -> None:
    assert Report().overall.f1 == Report().macro == 1


@pytest.mark.parametrize("bad", ["{", "[1]", '{"id": "x"}'])
def test_a_bad_gold_line_is_told(tmp_path: Path, bad: str) -> None:
    path = tmp_path / "gold.jsonl"
    path.write_text('{"text": "fine"}\n\n' + bad + "\n", encoding="utf-8")
    with pytest.raises(NlpError, match=r"gold\.jsonl:3"):
        read_gold(path)
