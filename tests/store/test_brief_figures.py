"""Figures, buyers, publishers and late changes of a brief, from notices in the shapes that statistical sources are read in."""

from __future__ import annotations

import json

import pytest
from lxml import html

from store.brief.brief import Brief, build_brief
from store.brief.figures import Series, series_of
from store.brief.render import render
from tests.store.brief_data import FIGURES, LABELS, NOW, ROWS, fill
from tests.store.merge_score import open_store_in_memory


@pytest.fixture(scope="module")
def study() -> Brief:
    db = open_store_in_memory()
    fill(db)
    return build_brief(db, country="MX", sector="plastics", codes=(), now=NOW)


def told(brief: Brief) -> dict[str, Series]:
    return {
        series.title.split(": ", 1)[0] + ("/" + series.title.rsplit(": ", 1)[1] if "Trade" in series.title else ""): series
        for series in brief.figures
    }


def test_each_shape_of_figures_is_a_series(study: Brief) -> None:
    found = told(study)
    assert list(found) == [
        "Output by branch",
        "Processing industry, value added (% of output)",
        "Spending on machines",
        "Trade of Mexico with the world/imports",
        "Trade of Mexico with the world/exports",
    ]
    share = found["Processing industry, value added (% of output)"]
    assert (share.period, share.value, share.share, share.change, share.since) == ("2025", 56.5, True, 7.5, "2020")
    money = found["Spending on machines"]
    assert (money.unit, money.period, money.value, money.since) == ("EUR", "2025", 13.0e9, "2020")
    assert money.change == pytest.approx(62.5)
    trade = found["Trade of Mexico with the world/imports"]
    assert (trade.unit, trade.period, len(trade.points), trade.since) == ("USD", "2024", 6, "2019")
    assert trade.change == pytest.approx(25.0)
    months = found["Output by branch"]
    assert (months.period, months.value, months.since) == ("2026-06", 117.0, "2025-06")
    assert months.title == "Output by branch: Rubber and plastic products"


def test_another_country_or_sector_takes_other_rows() -> None:
    row = {
        "title": "Output by branch", "url": "https://figures.example/4", "publisher": "Office", "unit": "", "labels": json.dumps(LABELS),
        "figures": json.dumps(ROWS), "codes": json.dumps([{"scheme": "country", "value": "BR", "label": "Brazil"}]),
        "sectors": json.dumps([{"sector": "agrofood", "evidence": [{"quote": "C10", "rule": "nace:10"}]}]),
    }  # fmt: skip
    (food,) = series_of(row, country="BR", sector="agrofood")
    assert (food.title, food.points[0]) == ("Output by branch: Food products", ("2025-01", 50.0))
    assert series_of(row, country="BR", sector="rail") == []
    assert series_of(row | {"codes": "[]"}, country="PT", sector="agrofood") == []


@pytest.mark.parametrize("figures", [[], {}, [{"geo": "MX", "value": 1.0}], {"about 2020": 1.0}, {"2020": {}}])
def test_figures_without_a_period_give_nothing(figures: object) -> None:
    row = {"title": "T", "url": "u", "publisher": "p", "unit": "", "labels": "{}", "figures": json.dumps(figures), "codes": "[]", "sectors": "[]"}  # fmt: skip
    assert series_of(row, country="MX", sector="plastics") == []


def test_what_is_over_or_only_planned_takes_no_offers(study: Brief) -> None:
    tenders = next(section for section in study.sections if section.name == "tenders")
    assert [row["title"] for row in tenders.rows] == ["Moulded crates, lot 1"]
    assert next(section for section in study.sections if section.name == "studies").rows == ()
    assert [(row["country"], row["n"]) for row in study.buyers] == [("MX", 1), ("US", 2)]


def test_publishers_and_late_changes(study: Brief) -> None:
    assert [(row["publisher"], row["n"]) for row in study.publishers] == [("xx_gazette", 4), ("Office of Invented Figures", 1)]
    assert [(row["type"], row["title"]) for row in study.changes] == [("deadline_moved", "Moulded crates, lot 1")]


def test_the_page_shows_them(study: Brief) -> None:
    tree = html.fromstring(render(study, sector_label="Plastics"))
    rows = {
        row.xpath("string(th/a)"): [" ".join(cell.text_content().split()) for cell in row.xpath("td")]
        for row in tree.xpath("//table[.//th='Series']/tbody/tr")
    }
    assert rows["Spending on machines: Mexico"][:3] == ["2025", "13 billion EUR", "+62.5 % since 2020"]
    assert rows["Processing industry, value added (% of output): Mexico"][2] == "+7.5 points since 2020"
    assert len(tree.xpath("//table//polyline")) == len(study.figures) == len(FIGURES) + 1
    headings = tree.xpath("//h2/text()")
    assert {"What changed lately", "Figures", "Open tenders by buyer's country", "Who publishes for this market"} <= set(headings)
    assert "deadline moved later" in tree.text_content()
    assert not tree.xpath("//script | //link | //img | //*[@src]")
