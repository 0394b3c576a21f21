"""The market study of a country and a sector holds what the store knows of it and nothing else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner
from lxml import html

from scheduler.commands.brief import brief
from store.brief.brief import build_brief
from store.brief.render import render
from store.database import open_store
from store.model import CountryTag, Deadline, Evidence, Moment, Notice, Place, SectorTag, Tags
from store.notices import apply
from store.tags import stale, write
from tests.store.merge_score import open_store_in_memory

NOW = datetime(2026, 11, 21, 8, tzinfo=UTC)


def evidence(quote: str) -> tuple[Evidence, ...]:
    return (Evidence(quote=quote, start=0, end=len(quote), rule="test"),)


def deadline(days: int) -> Deadline:
    at = NOW + timedelta(days=days)
    return Deadline(local=at.replace(tzinfo=None), zone="UTC", utc=at, precision="minute", zone_source="source")


NOTICES = [
    Notice(source="a_a", source_id="1", kind="call", url="https://a.example/1", title="Moulds <for> Mexico", deadlines=(deadline(20),)),
    Notice(source="a_a", source_id="2", kind="call", url="https://a.example/2", title="Closed moulds call", deadlines=(deadline(-20),)),
    Notice(
        source="a_a", source_id="3", kind="fair", url="https://a.example/3", title="SolarMex", place=Place(city="Puebla", country="MX"),
        starts=Moment(local=datetime(2027, 2, 1), zone="UTC", utc=datetime(2027, 2, 1, tzinfo=UTC)),
        ends=Moment(local=datetime(2027, 2, 3), zone="UTC", utc=datetime(2027, 2, 3, tzinfo=UTC)),
    ),
    Notice(source="a_a", source_id="4", kind="news", url="https://a.example/4", title="Duties fall", published=NOW - timedelta(days=3)),
]  # fmt: skip


def fill(db: object, sector: str = "plastics", country: str = "MX", role: str = "target") -> None:
    apply(db, None, NOTICES, now=NOW)  # type: ignore[arg-type]
    for task in stale(db, "v1"):  # type: ignore[arg-type]
        tags = Tags(
            lang="en",
            countries=(CountryTag(code=country, role=role, score=0.9, evidence=evidence("Mexico")),),  # type: ignore[arg-type]
            sectors=(SectorTag(id=sector, score=0.8, evidence=evidence("moulds")),),
            vocabulary="v1",
        )
        write(db, task["id"], tags, task["text_hash"], NOW)  # type: ignore[arg-type]


def titles(db: object, **wanted: object) -> list[str]:
    asked = {"country": "MX", "sector": "plastics", "codes": (), "now": NOW} | wanted
    study = build_brief(db, **asked)  # type: ignore[arg-type]
    return [row["title"] for section in study.sections for row in section.rows]


def test_open_things_are_in_and_closed_ones_out() -> None:
    db = open_store_in_memory()
    fill(db)
    assert titles(db) == ["Moulds <for> Mexico", "SolarMex", "Duties fall"]
    assert titles(db, sector="rail") == []
    assert titles(db, country="BR") == []
    assert titles(db, now=NOW + timedelta(days=200)) == []


def test_a_group_counts_where_it_may_apply_and_not_where_it_is_named() -> None:
    db = open_store_in_memory()
    fill(db, country="EU27", role="eligible")
    assert titles(db, country="PT", codes=("EU27",))
    other = open_store_in_memory()
    fill(other, country="EU27", role="mentioned")
    assert titles(other, country="PT", codes=("EU27",)) == []


def test_rendered_page_is_whole_and_escaped() -> None:
    db = open_store_in_memory()
    fill(db)
    page = render(build_brief(db, country="MX", sector="plastics", codes=("CELAC",), now=NOW), sector_label="Plastics")
    assert "Countries counted: CELAC, Mexico." in page
    assert "Cancelled ones are left out." in page
    assert ", MX" not in page
    tree = html.fromstring(page)
    assert tree.xpath("string(//h1)") == "Plastics in Mexico"
    assert "Moulds <for> Mexico" in [link.text for link in tree.xpath("//h3/a")]
    assert not tree.xpath("//script | //link | //img | //*[@src]")


def test_nothing_known_says_what_to_do() -> None:
    page = render(build_brief(open_store_in_memory(), country="MX", sector="rail", codes=(), now=NOW), sector_label="Railway")
    assert "add a source" in page


@pytest.mark.parametrize(("arguments", "said"), [(["XQ", "rail"], "not a country"), (["MX", "rails"], "Did you mean 'rail'")])
def test_wrong_words_are_answered_with_the_nearest(arguments: list[str], said: str) -> None:
    result = CliRunner().invoke(brief, arguments)
    assert result.exit_code == 2
    assert said in result.output


def test_the_command_writes_a_file(tmp_path: object) -> None:
    from pathlib import Path

    folder = Path(str(tmp_path))
    fill(open_store(folder / "clusterscout.db"))
    result = CliRunner().invoke(brief, ["MX", "plastics", "--db", str(folder / "clusterscout.db"), "--out", str(folder / "b.html")])
    assert result.exit_code == 0, result.output
    assert "SolarMex" in (folder / "b.html").read_text(encoding="utf-8")
