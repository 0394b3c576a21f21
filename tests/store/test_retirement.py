"""What a source no longer lists is withdrawn slowly, never by a bad run, and comes back when it is listed again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlite_utils import Database

from store import notices, runs
from store.model import Kind, Verdict
from store.retirement import last_seen
from tests.store.conftest import Crawl
from tests.store.shapes import NOW, notice

KEPT = notice(600, kind="call")
GONE = notice(606, kind="call")
Told = Callable[..., list[str]]


def test_withdrawn_after_three_healthy_complete_runs_and_reinstated_on_return(db: Database, crawl: Crawl, told: Told) -> None:
    crawl(0, [KEPT, GONE])
    for day in (1, 2):
        crawl(day, [KEPT])
        assert told() == []
    crawl(3, [KEPT])
    assert told() == ["withdrawn"]
    assert db.execute("select count(*) from opportunity where withdrawn").fetchone()[0] == 1
    crawl(4, [KEPT, GONE])
    assert told() == ["withdrawn", "reinstated"]
    assert db.execute("select count(*) from opportunity where withdrawn").fetchone()[0] == 0


def test_a_notice_that_returns_in_time_starts_again_from_nought(db: Database, crawl: Crawl, told: Told) -> None:
    for day, listed in enumerate([[KEPT, GONE], [KEPT], [KEPT], [KEPT, GONE], [KEPT], [KEPT]]):
        crawl(day, listed)
    assert told() == []


@pytest.mark.parametrize("verdict", ["partial", "blocked", "broken", "empty-ok"])
def test_a_run_that_is_not_healthy_retires_nothing_and_publishes_what_it_found(
    db: Database, crawl: Crawl, told: Told, verdict: Verdict
) -> None:
    crawl(0, [KEPT, GONE])
    crawl(1, [KEPT])
    crawl(2, [KEPT])
    fresh = notice(612, kind="call")
    for day in range(3, 9):
        crawl(day, [fresh] if verdict != "empty-ok" else [], verdict=verdict, complete=verdict == "empty-ok")
    assert told() == []
    assert db.execute("select count(*) from opportunity").fetchone()[0] == (2 if verdict == "empty-ok" else 3)


def test_an_incomplete_page_chain_retires_nothing(db: Database, crawl: Crawl, told: Told) -> None:
    crawl(0, [KEPT, GONE])
    for day in range(1, 7):
        crawl(day, [KEPT], complete=False)
    assert told() == []


def test_a_source_that_lists_only_the_newest_retires_nothing(db: Database, crawl: Crawl, told: Told) -> None:
    crawl(0, [KEPT, GONE])
    for day in range(1, 7):
        crawl(day, [KEPT], retires=False)
    assert told() == []


@pytest.mark.parametrize("kind", ["fair", "news", "study"])
def test_an_unseen_fair_is_not_cancelled_nor_withdrawn(db: Database, crawl: Crawl, told: Told, kind: Kind) -> None:
    crawl(0, [KEPT, notice(700, kind=kind)])
    for day in range(1, 7):
        crawl(day, [KEPT])
    assert told() == []


def test_what_is_over_is_past_not_withdrawn(db: Database, crawl: Crawl, told: Told) -> None:
    crawl(0, [KEPT, GONE])
    for day in (900, 901, 902, 903, 904):
        crawl(day, [KEPT])
    assert told() == []


def test_one_call_of_two_sources_is_withdrawn_when_both_dropped_it(db: Database, crawl: Crawl, told: Told) -> None:
    mirror = replace(GONE, source="yy_mirror")
    crawl(0, [KEPT, GONE])
    crawl(0, [mirror], source="yy_mirror")
    for day in (1, 2, 3):
        crawl(day, [KEPT])
    assert told() == []
    for day in (4, 5, 6):
        crawl(day, [], source="yy_mirror")
    assert told() == ["withdrawn"]


def test_a_list_not_modified_counts_for_what_was_missing_already(db: Database, crawl: Crawl, told: Told) -> None:
    crawl(0, [KEPT, GONE])
    crawl(1, [KEPT])
    for day in (2, 3):
        run = runs.start_run(db, "crawl", "xx_example", now=NOW + timedelta(days=day))
        notices.finish_run(
            db, run, source="xx_example", seen_ids=None, retires=True, now=NOW + timedelta(days=day), verdict="healthy", complete=True,
            counts={},
        )  # fmt: skip
    assert told() == ["withdrawn"]
    assert db.execute("select count(*) from notice where missing_runs > 0").fetchone()[0] == 1


def test_last_seen_follows_from_the_runs(db: Database, crawl: Crawl) -> None:
    crawl(0, [KEPT, GONE])
    crawl(1, [KEPT])
    ids = {r["source_id"]: r["id"] for r in db.query("select id, source_id from notice")}
    assert last_seen(db, ids[KEPT.source_id]) == "2026-11-22T05:00:00Z"
    assert last_seen(db, ids[GONE.source_id]) == "2026-11-21T05:00:00Z"


def test_a_killed_run_is_closed_as_broken_at_the_next_start(db: Database) -> None:
    old = runs.start_run(db, "crawl", "a", now=NOW)
    young = runs.start_run(db, "crawl", "b", now=NOW + timedelta(minutes=29))
    runs.start_run(db, "crawl", "a", now=NOW + timedelta(minutes=31))
    rows = {r["id"]: r for r in db.query("select * from run")}
    assert (rows[old]["verdict"], rows[old]["complete"]) == ("broken", 0)
    assert "killed" in rows[old]["reasons"]
    assert rows[young]["ended"] is None
