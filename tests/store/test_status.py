"""Status follows from deadlines and now, and flips once a stage."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlite_utils import Database

from store import due, notices
from store.codec import deadlines_from_json, iso
from store.model import Deadline
from store.status import last_second, status_of
from tests.store.shapes import NOW, deadline, moment, notice

D = datetime(2026, 12, 20, 17)


def status(now: datetime, **given: Any) -> str:
    facts: dict[str, Any] = {
        "deadlines": (), "opens": None, "starts": None, "ends": None, "rolling": False, "cancelled": False, "withdrawn": False,
        "kind": "call",
    }  # fmt: skip
    return status_of(**(facts | given), now=now)


def test_a_call_opens_closes_in_and_closes() -> None:
    facts = {"deadlines": (deadline(D, "Europe/Brussels"),), "opens": moment(D - timedelta(days=40), "Europe/Brussels")}
    at = D.replace(tzinfo=UTC) - timedelta(hours=1)
    assert [status(at + timedelta(days=d), **facts) for d in (-50, -20, -14, -1, 0)] == [
        "forthcoming", "open", "closing", "closing", "closing",
    ]  # fmt: skip
    assert status(at + timedelta(seconds=1), **facts) == "closed"


def test_a_day_is_open_until_its_local_end() -> None:
    new_york = (deadline(D, "America/New_York", precision="day"),)
    assert status(datetime(2026, 12, 21, 4, 59, 59, 900_000, tzinfo=UTC), deadlines=new_york) == "closing"
    assert status(datetime(2026, 12, 21, 5, 0, 0, tzinfo=UTC), deadlines=new_york) == "closed"


def test_cancelled_withdrawn_rolling_and_undated() -> None:
    rolling = Deadline(local=None, zone="Europe/Paris", utc=None, precision="day", zone_source="source", rolling=True)
    assert status(NOW, cancelled=True, withdrawn=True) == "cancelled"
    assert status(NOW, withdrawn=True, deadlines=(rolling,)) == "withdrawn"
    assert status(NOW, deadlines=(rolling,)) == "rolling"
    assert status(NOW) == "open"
    assert status(NOW, kind="news") == "open"


def test_a_fair_is_open_until_its_last_day_is_over() -> None:
    days = {"starts": moment(D, "Europe/Lisbon"), "ends": moment(D + timedelta(days=2), "Europe/Lisbon"), "kind": "fair"}
    registration = (deadline(D - timedelta(days=20), "Europe/Lisbon"),)
    assert status(datetime(2026, 12, 22, 23, 59, 59, tzinfo=UTC), deadlines=registration, **days) == "open"
    assert status(datetime(2026, 12, 23, tzinfo=UTC), **days) == "closed"
    assert status(datetime(2026, 12, 19, tzinfo=UTC), **days) == "closing"


def test_an_end_before_the_start_counts_as_the_day_of_the_start() -> None:
    assert last_second(moment(D, "UTC"), moment(D - timedelta(days=5), "UTC")) == datetime(2026, 12, 20, 23, 59, 59, tzinfo=UTC)


def test_over_is_closed_but_for_a_deadline_to_come_and_planned_is_forthcoming() -> None:
    coming = (deadline(D, "Europe/Brussels"),)
    before = D.replace(tzinfo=UTC) - timedelta(days=30)
    assert status(NOW, over=True) == "closed"
    assert status(NOW, over=True, rolling=True) == "closed"
    assert status(NOW, over=True, opens=moment(D, "UTC")) == "closed"
    assert status(before, over=True, deadlines=coming) == "open"
    assert status(before + timedelta(days=60), over=True, deadlines=coming) == "closed"
    assert status(NOW, over=True, cancelled=True) == "cancelled"
    assert status(NOW, over=True, withdrawn=True) == "withdrawn"
    fair = {"starts": moment(D, "Europe/Lisbon"), "ends": moment(D, "Europe/Lisbon"), "kind": "fair"}
    assert status(before, over=True, **fair) == "open"
    assert status(before, over=True, **{**fair, "kind": "event"}) == "closed"
    assert status(NOW, planned=True) == "forthcoming"
    assert status(before, planned=True, deadlines=coming) == "open"
    assert status(NOW, planned=True, over=True) == "closed"
    assert status(NOW, planned=True, opens=moment(datetime(2026, 11, 1), "UTC")) == "open"


def test_an_award_closes_a_tender_and_a_prior_information_opens_with_its_call(db: Database) -> None:
    plan = replace(notice(1, kind="tender"), deadlines=(), opens=None, planned=True, hard_ids=("procedure:x",))
    call = replace(notice(2, kind="tender"), opens=None, hard_ids=("procedure:x",))
    award = replace(notice(3, kind="tender"), deadlines=(), opens=None, over=True, hard_ids=("procedure:x",))

    def told() -> list[str]:
        row = next(iter(db.query("select * from opportunity where merged_into is null")))
        facts = {"over": bool(row["over"]), "planned": bool(row["planned"])}
        held = {"kind": row["kind"], "deadlines": deadlines_from_json(row["deadlines"])}
        return [status(at, **held, **facts) for at in (NOW, NOW + timedelta(days=400))]

    notices.apply(db, None, [plan], now=NOW)
    assert told() == ["forthcoming", "forthcoming"]
    notices.apply(db, None, [call], now=NOW + timedelta(days=1))
    assert told() == ["open", "closed"]
    assert [r[0] for r in db.execute("select type from change where field = 'planned' and material")] == ["opened"]
    notices.apply(db, None, [award], now=NOW + timedelta(days=2))
    assert told() == ["open", "closed"]
    assert not db.execute("select 1 from change where field = 'over' and material").fetchall()


@settings(max_examples=60)
@given(st.lists(st.integers(1, 400), min_size=1, max_size=5, unique=True), st.sampled_from(["Europe/Brussels", "Asia/Kolkata"]))
def test_status_flips_once_a_stage(days: list[int], zone: str) -> None:
    """Between two stages it goes open -> closing at most once, and after the last it is closed for good."""
    stages = tuple(deadline(NOW.replace(tzinfo=None) + timedelta(days=d), zone, precision="day") for d in sorted(days))
    ends = [NOW, *(d.utc for d in stages if d.utc), NOW + timedelta(days=500)]
    for n, (start, end) in enumerate(pairwise(ends)):
        span = [
            start + timedelta(seconds=1),
            *(start + timedelta(hours=h) for h in range(1, int((end - start).total_seconds() // 3600), 7)),
        ]
        seen = [status(t, deadlines=stages) for t in span if t <= end]
        flips = [pair for pair in pairwise(seen) if pair[0] != pair[1]]
        if n < len(stages):
            assert flips in ([], [("open", "closing")])
        else:
            assert set(seen) == {"closed"}


def test_the_next_deadline_moves_on_as_cut_offs_pass(db: Database) -> None:
    cut_offs = tuple(deadline(D + timedelta(days=30 * n), "Europe/Brussels", precision="day", cut_off=n + 1) for n in range(3))
    notices.apply(db, None, [replace(notice(0, kind="call"), deadlines=cut_offs)], now=NOW)
    for day in range(0, 120, 3):
        now = NOW + timedelta(days=day)
        due.advance_deadlines(db, now=now)
        coming = [iso(d.utc) for d in cut_offs if d.utc and d.utc >= now]
        assert db.execute("select next_deadline from opportunity").fetchone()[0] == (coming[0] if coming else None)
    assert due.advance_deadlines(db, now=now) == 0
