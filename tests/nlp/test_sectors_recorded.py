"""Sectors on real public texts that are not in the repository: floors under what ``tests.nlp.sector_sets`` measures."""

from __future__ import annotations

from pathlib import Path

import pytest

from nlp.sectors import sector_ids
from nlp.sectors.codes import cpv_sectors
from tests.nlp.sector_sets import CALLS, calls, crosswalk, divisions, judged, labels, measured, notices


@pytest.mark.recorded
def test_our_crosswalk_is_that_of_the_taxonomy(recorded: Path) -> None:
    table = crosswalk(recorded)
    assert len(table) > 300
    apart = {
        prefix: (cpv_sectors(prefix), entry)
        for prefix, entry in table.items()
        if set(cpv_sectors(prefix)) != set(entry["gold"] if entry else ())
    }
    assert apart == {}


@pytest.mark.recorded
def test_procurement_notices_in_their_own_languages(recorded: Path) -> None:
    report = measured(notices(recorded))
    assert report.overall.f1 >= 0.79
    assert report.none_texts >= 15
    assert report.none_right / report.none_texts >= 0.8
    assert report.bias <= 0.1


@pytest.mark.recorded
def test_labels_of_the_procurement_nomenclature(recorded: Path) -> None:
    report = measured(labels(recorded))
    assert len(report.by_lang) == 13
    assert report.overall.f1 >= 0.61
    assert min(count.f1 for count in report.by_lang.values()) >= 0.55


@pytest.mark.recorded
def test_calls_as_we_read_them(recorded: Path) -> None:
    hidden, shown = measured(judged(recorded)), measured(judged(recorded, hidden=False))
    assert hidden.texts == 230
    assert hidden.overall.f1 >= 0.87
    assert shown.overall.f1 >= 0.88
    assert hidden.none_right / hidden.none_texts >= 0.85
    assert hidden.bias <= 0.1


@pytest.mark.recorded
def test_calls_as_the_commission_files_them(recorded: Path) -> None:
    assert measured(divisions(recorded)).overall.f1 >= 0.82
    assert measured(calls(recorded)).overall.f1 >= 0.78
    assert measured(calls(recorded, hidden=False)).overall.f1 >= 0.86


def test_our_labels_of_calls_name_sectors_alone() -> None:
    head, *rows = (line.split("\t") for line in CALLS.read_text(encoding="utf-8").splitlines())
    assert head == ["topic", "sectors", "sectors_ok"]
    assert len({row[0] for row in rows}) == len(rows) == 230
    assert {name for row in rows for cell in row[1:] for name in cell.split()} <= set(sector_ids())
