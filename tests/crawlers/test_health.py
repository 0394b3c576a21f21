"""Health: faults are noticed and publish nothing wrong, healthy years raise no alarm, cadence follows publication."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from statistics import median

import pytest

from crawlers.cadence import next_due
from crawlers.health.seasons import easter, holiday, least_expected
from crawlers.health.shape import NEAR, apart, fingerprint
from crawlers.health.tongue import is_garbled, main_language
from crawlers.progress import Progress
from crawlers.verdict import TURNED_OVER, judge
from store import held, runs
from store.database import open_store
from store.model import Page, Run
from tests.crawlers import cadence_score, year_of_runs
from tests.crawlers.faults.driver import crawl
from tests.crawlers.faults.faults import FAULTS
from tests.crawlers.faults.matrix import Outcome, run, worst
from tests.crawlers.faults.network import over_the_wire
from tests.crawlers.faults.shapes import NOW, Answer, Manner, Shape, render, shapes, things
from tests.crawlers.web import declare


def all_good(outcomes: list[Outcome]) -> None:
    ill = [one for one in outcomes if one.fault.ill]
    assert sum(one.noticed for one in ill) >= 0.97 * len(ill), "\n".join(worst(outcomes))
    assert not [one for one in outcomes if one.gone or one.wrong or one.told], "\n".join(worst(outcomes))
    assert all(one.verdict == "healthy" for one in outcomes if not one.fault.ill), "\n".join(worst(outcomes))


@pytest.mark.parametrize("number", [0, 3, 4, 5])
def test_faults_on_a_few_sources(number: int) -> None:
    all_good(list(run([shapes()[number]], FAULTS)))


def test_faults_of_the_wire() -> None:
    found = list(over_the_wire(shapes()[0]))
    assert [(one.fault, one.verdict, one.reasons) for one in found if not one.good] == []
    said = {one.fault: (one.verdict, " ".join(one.reasons)) for one in found}
    assert said["expired certificate"][0] in {"broken", "blocked"}
    assert "certificate" in said["expired certificate"][1]
    assert said["changed robots.txt"][0] == said["429 with Retry-After as a date"][0] == "blocked"


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_all_faults_on_all_sources() -> None:
    assert len(FAULTS) >= 24
    all_good(list(run(shapes(42))))


def test_a_healthy_year_raises_hardly_an_alarm() -> None:
    years = [year_of_runs.live(number) for number in range(6)]
    assert sum(len(year.alarms) for year in years) <= len(years)
    assert sum(year.noticed for year in years) >= 0.85 * sum(year.tried for year in years)


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_forty_healthy_years() -> None:
    years = [year_of_runs.live(number) for number in range(42)]
    assert sum(len(year.alarms) for year in years) <= len(years)
    assert sum(year.noticed for year in years) >= 0.9 * sum(year.tried for year in years)


def test_polls_follow_publication() -> None:
    daily, learned = cadence_score.score(10, 45)
    assert median(learned.delays) <= 0.5 * median(daily.delays)
    assert learned.requests <= 0.7 * daily.requests


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_polls_follow_publication_of_three_hundred() -> None:
    daily, learned = cadence_score.score(300, 90)
    assert median(learned.delays) <= 0.25 * median(daily.delays)
    assert learned.requests <= 0.5 * daily.requests


def ran(number: int, *, hours: float = 24, new: int = 0, reasons: tuple[str, ...] = ()) -> Run:
    at = NOW + timedelta(hours=hours * number)
    verdict = "partial" if reasons else "healthy"
    return Run(id=str(number), stage="crawl", source="x", started=at, ended=at, verdict=verdict, complete=True, counts={"requests": 1, "notices": 20, "new": new}, reasons=reasons)  # fmt: skip


def test_the_next_poll_lies_within_the_declared_bounds() -> None:
    source = replace(declare("https://example.org/", "feed"), every=1440, every_bounds=(360, 2880))
    assert next_due([], source, NOW) == NOW
    for history in (
        [ran(0)],
        [ran(n) for n in range(20)],
        [ran(n, new=15) for n in range(20)],
        [ran(n, hours=3, new=9) for n in range(40)],
    ):
        last = history[-1].started
        assert last + timedelta(hours=6) <= next_due(history, source, last) <= last + timedelta(hours=48)


def test_a_feed_that_turned_over_is_told_and_polled_sooner() -> None:
    source = declare("https://example.org/", "feed")
    made = Progress(pages=1, parsed=20, seen={f"n{n}" for n in range(20)}, current=20, known=0)
    found = judge(source, made, [])
    assert found.verdict == "partial"
    assert found.reasons[0].startswith(TURNED_OVER)
    history = [ran(0), ran(1, reasons=found.reasons)]
    assert next_due(history, source, history[-1].started) == history[-1].started + timedelta(hours=12)
    assert judge(source, replace_known(made, 3), history).verdict == "healthy"


def replace_known(made: Progress, known: int) -> Progress:
    made.known = known
    return made


def test_seasons() -> None:
    assert [easter(year) for year in (2024, 2025, 2026, 2038)] == [
        date(2024, 3, 31),
        date(2025, 4, 20),
        date(2026, 4, 5),
        date(2038, 4, 25),
    ]
    assert holiday(date(2026, 12, 27))
    assert holiday(date(2026, 8, 14))
    assert not holiday(date(2026, 10, 14))
    steady = [(datetime(2026, 10, 20, tzinfo=UTC) - timedelta(days=n), 60 + n % 3) for n in range(40)]
    term = least_expected(steady, datetime(2026, 10, 21, tzinfo=UTC))
    yule = least_expected(steady, datetime(2026, 12, 27, tzinfo=UTC))
    assert term is not None
    assert yule is not None
    assert 30 < term[0] < 50
    assert yule[0] < 20
    assert least_expected(steady[:2], NOW) is None


def test_the_shape_of_a_page_knows_its_template_and_not_its_content() -> None:
    def shape_of(answer: Answer) -> int:
        return fingerprint(Page(url="https://site.example/", body=answer.body, fetched_at=NOW))

    source = shapes()[5]
    here, there = things(source), things(source, first=500, count=40)
    one, other = shape_of(render(source, here)[source.address(1)]), shape_of(render(source, there)[source.address(1)])
    redesign = shape_of(
        Answer(
            b"<html><body><main class=x><section><article class=card><h2><a>T</a></h2></article></section></main></body></html>",
            "text/html",
        )
    )
    assert apart(one, other) <= NEAR < apart(one, redesign)
    assert shape_of(Answer(b"%PDF-1.4 no tags", "application/pdf")) == 0


@pytest.mark.parametrize(
    ("text", "broken"),
    [
        ("Förderung für Größe", False),
        ("FÃ¶rderung", True),
        ("L\u2019Ã‰tat", True),
        ("It\u2019s fine", False),
        ("a\ufffdb", True),
        ("Ângela São", False),
    ],
)
def test_broken_letters(text: str, broken: bool) -> None:
    assert is_garbled(text) == broken


def test_languages_are_told_apart_and_too_little_is_not_told() -> None:
    source = shapes()[1]
    assert main_language(f"{one.title} {one.summary}" for one in things(source)) == "de"
    assert main_language(["Hannover Messe 2027"]) == ""


def days(shape: Shape, sites: list[Mapping[str, Answer]], db: Path) -> list[Run]:
    return [crawl(shape.source, site, db, NOW + timedelta(days=day)) for day, site in enumerate(sites)]


def test_held_values_wait_until_a_person_says_that_they_are_right(tmp_path: Path) -> None:
    shape, db = shapes()[4], tmp_path / "clusterscout.db"
    listed = things(shape)
    moved = [replace(one, due=one.due + timedelta(days=14)) for one in listed]
    good, changed = render(shape, listed), render(shape, moved)
    done = days(shape, [good, good, good, changed, changed], db)
    assert [one.verdict for one in done] == ["healthy", "healthy", "healthy", "partial", "partial"]
    assert "moved by the same +14 days" in done[-1].reasons[0]
    store = open_store(db)
    assert held.counts(store) == {shape.name: len(listed)}
    assert not store.execute("select count(*) from change where type = 'deadline_moved'").fetchone()[0]
    applied = held.release(store, shape.name, now=NOW + timedelta(days=5), source_trust="page")
    runs.accept(store, shape.name, now=NOW + timedelta(days=5))
    assert (applied.changed, held.counts(store)) == (len(listed), {})
    assert store.execute("select count(*) from change where type = 'deadline_moved' and material").fetchone()[0] == len(listed)
    store.close()
    assert crawl(shape.source, changed, db, NOW + timedelta(days=6)).verdict == "healthy"


def test_a_new_template_alone_is_a_note(tmp_path: Path) -> None:
    shape, db = replace(shapes()[5], size=200), tmp_path / "clusterscout.db"
    listed = things(shape)
    sites = [render(shape, [*listed[n:], *listed[:n]]) for n in range(4)]
    redesigned = {
        url: replace(answer, body=answer.body.replace(b"<nav><ul><li>", b"<header class=h><div class=top><form class=s><input></form></div></header><aside><b>x</b></aside><nav><ol><li>").replace(b"<body>", b"<body><main><section class=wide><article>"))
        for url, answer in render(shape, listed).items()
    }  # fmt: skip
    done = days(shape, [*sites, redesigned], db)
    assert done[-1].verdict == "healthy", done[-1].reasons
    store = open_store(db)
    assert runs.problem_urls(store, done[-1].id, cause="template-changed")
    store.close()
    lost = {
        url: replace(answer, body=answer.body.replace(b"<nav><ul><li>", b"<main class=m><section class=q><table><tr><td></td></tr></table></section></main><nav><ol><li>"))
        for url, answer in render(shape, listed, Manner(lacking=frozenset({"summary"}))).items()
    }  # fmt: skip
    sick = crawl(shape.source, lost, db, NOW + timedelta(days=6))
    assert sick.verdict == "partial"
    assert any("summary" in reason for reason in sick.reasons)


def test_rows_that_change_are_read_although_their_detail_pages_do_not(tmp_path: Path) -> None:
    shape, db = next(one for one in shapes() if one.detail), tmp_path / "clusterscout.db"
    listed = things(shape)
    later = [replace(listed[0], due=listed[0].due + timedelta(days=30)), *listed[1:]]
    done = days(shape, [render(shape, listed), render(shape, listed), render(shape, later)], db)
    assert [one.counts["changed"] for one in done] == [0, 0, 1]
    assert done[-1].counts["not_modified"] >= len(listed) - 1
