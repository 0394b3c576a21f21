"""Decisions of curators outlive crawls, tell when the source changes beneath them, wait for a second person, can be undone."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlite_utils import Database

from store import curation, history, tags, waiting
from store.errors import NoSuchRow, NotAllowed, RecordUnreadable
from store.model import Evidence, SectorTag, Tags
from tests.store.conftest import Crawl
from tests.store.shapes import NOW, deadline, notice

CALL = replace(notice(0, kind="call"), title="As the source says")


def row(db: Database, opportunity: int = 1) -> dict[str, Any]:
    (found,) = db.query("select * from opportunity where id = ?", [opportunity])
    return found


def decide(db: Database, action: Any, **given: Any) -> int:
    return curation.curate(db, given.pop("opportunity", 1), action, by="ana@example.org", now=NOW + timedelta(hours=2), **given)


def test_a_corrected_field_wins_over_every_crawl_and_tells_a_conflict(db: Database, crawl: Crawl) -> None:
    crawl(0, [CALL])
    made = decide(db, "correct", field="title", value="As the curator says", reason="typo")
    assert row(db)["title"] == "As the curator says"
    assert json.loads(row(db)["provenance"])["title"] == 0
    crawl(1, [replace(CALL, text="Other text")])
    assert row(db)["title"] == "As the curator says"
    assert curation.audit(db, 1)[0]["conflict"] is None
    crawl(2, [replace(CALL, title="The source's new title")])
    assert row(db)["title"] == "As the curator says"
    assert json.loads(curation.audit(db, 1)[0]["conflict"]) == "The source's new title"
    assert curation.queue(db, now=NOW)[0]["why"][0] == "conflict"
    crawl(3, [replace(CALL, title="AS THE SOURCE says")])
    assert curation.audit(db, 1)[0]["conflict"] is None
    curation.undo(db, made, by="rui@example.org", now=NOW + timedelta(days=4))
    assert row(db)["title"] == "AS THE SOURCE says"


def test_a_corrected_deadline_is_told_once_by_the_curator_and_stands_in_the_history(db: Database, crawl: Crawl) -> None:
    crawl(0, [CALL])
    assert CALL.deadlines[0].local is not None
    right = (deadline(CALL.deadlines[0].local - timedelta(days=2), CALL.deadlines[0].zone),)
    decide(db, "correct", field="deadlines", value=right)
    told = [c for c in history.changes_of(db, row(db)["key"], material_only=True) if c["type"] == "deadline_moved"]
    assert [(c["direction"], c["by"]) for c in told] == [("earlier", "ana@example.org")]
    crawl(1, [replace(CALL, summary="Unrelated")])
    record = history.as_of(db, row(db)["key"], NOW + timedelta(days=2))
    assert record is not None
    assert record["deadlines"] == json.loads(row(db)["deadlines"])
    assert len(record["deadlines"]) == 1


def test_where_sources_disagree_a_correction_ends_the_doubt_until_it_is_undone(db: Database, crawl: Crawl) -> None:
    assert CALL.deadlines[0].local is not None
    later = (deadline(CALL.deadlines[0].local + timedelta(days=5), CALL.deadlines[0].zone),)
    crawl(0, [CALL])
    crawl(0, [replace(CALL, source="yy_twin", deadlines=later)], source="yy_twin")
    assert db.execute("select count(distinct opportunity) from notice").fetchone()[0] == 1
    before = row(db)
    assert "deadlines_conflict" in before["flags"]
    made = decide(db, "correct", field="deadlines", value=later)
    assert "deadlines_conflict" not in row(db)["flags"]
    assert row(db)["doubt"] < before["doubt"]
    curation.undo(db, made, by="rui@example.org", now=NOW + timedelta(days=1))
    assert row(db)["flags"] == before["flags"]


def test_undoing_the_later_of_two_corrections_brings_back_the_earlier(db: Database, crawl: Crawl) -> None:
    crawl(0, [CALL])
    decide(db, "correct", field="title", value="One")
    two = decide(db, "correct", field="title", value="Two")
    assert row(db)["title"] == "Two"
    curation.undo(db, two, by="ana@example.org", now=NOW)
    assert row(db)["title"] == "One"
    with pytest.raises(NotAllowed, match="already"):
        curation.undo(db, two, by="ana@example.org", now=NOW)


def test_approve_hide_and_pin_hold_and_can_be_undone(db: Database, crawl: Crawl) -> None:
    crawl(0, [CALL], publish="review")
    assert row(db)["review"] == "pending"
    assert [item["why"][0] for item in curation.queue(db, now=NOW)] == ["pending"]
    approved = decide(db, "approve")
    assert row(db)["review"] == "published"
    hidden = decide(db, "hide", reason="spam")
    pinned = decide(db, "pin")
    crawl(1, [replace(CALL, title="Changed")], publish="review")
    assert (row(db)["review"], row(db)["pinned"]) == ("hidden", 1)
    curation.undo(db, hidden, by="b", now=NOW)
    assert row(db)["review"] == "published"
    curation.undo(db, approved, by="b", now=NOW)
    curation.undo(db, pinned, by="b", now=NOW)
    assert (row(db)["review"], row(db)["pinned"]) == ("pending", 0)


def test_a_source_that_needs_no_review_publishes_what_waited(db: Database, crawl: Crawl) -> None:
    crawl(0, [CALL], publish="review")
    crawl(0, [replace(CALL, source="zz_other")], source="zz_other")
    assert row(db)["review"] == "published"


def test_four_eyes(db: Database, crawl: Crawl) -> None:
    crawl(0, [CALL])
    made = decide(db, "correct", field="title", value="Waits", four_eyes=True)
    assert row(db)["title"] == CALL.title
    assert curation.queue(db, now=NOW)[0]["why"][0] == "second"
    with pytest.raises(NotAllowed, match="your own"):
        curation.agree(db, made, by="ANA@example.org", now=NOW)
    curation.agree(db, made, by="rui@example.org", now=NOW)
    assert row(db)["title"] == "Waits"
    assert curation.audit(db, 1)[0]["second_by"] == "rui@example.org"
    with pytest.raises(NotAllowed, match="does not wait"):
        curation.agree(db, made, by="rui@example.org", now=NOW)


def test_corrected_sectors_survive_the_tagger(db: Database, crawl: Crawl) -> None:
    crawl(0, [CALL])
    read = Tags(lang="en", vocabulary="v1", sectors=(SectorTag(id="food", score=0.7, evidence=(Evidence(quote="x", rule="en"),)),))
    tags.write(db, 1, read, "h", NOW)
    made = decide(db, "correct", field="sectors", value=["textiles", "food"])
    assert json.loads(row(db)["sectors"]) == ["food", "textiles"]
    tags.write(db, 1, read, "h2", NOW)
    assert {t.id: t.evidence[0].rule for t in tags.read(db, 1).sectors} == {"food": "en", "textiles": "curator"}
    decide(db, "correct", field="countries", value=[{"code": "PT", "role": "venue"}])
    assert json.loads(row(db)["countries"]) == ["PT"]
    curation.undo(db, made, by="b", now=NOW)
    (task,) = tags.stale(db, "v1")
    tags.write(db, 1, read, task["text_hash"], NOW)
    assert json.loads(row(db)["sectors"]) == ["food"]


def test_a_correction_follows_what_was_merged_away(db: Database, crawl: Crawl) -> None:
    crawl(0, [CALL, notice(6, kind="call")])
    decide(db, "correct", opportunity=2, field="organiser", value="Said by a curator")
    decide(db, "merge", value=row(db, 2)["key"])
    crawl(1, [replace(CALL, text="Other"), notice(6, kind="call")])
    (left,) = db.query("select * from opportunity where merged_into is null")
    assert left["organiser"] == "Said by a curator"
    merge = next(r for r in curation.audit(db, 1) if r["action"] == "merge")
    assert json.loads(merge["old"]) == ["organiser"]
    crawl(2, [CALL, notice(6, kind="call"), notice(7, kind="call")])
    decide(db, "merge", opportunity=3, value=row(db, 2)["key"])  # named by the key of what was merged away
    assert db.execute("select count(*) from opportunity where merged_into is null").fetchone()[0] == 1


def test_merge_and_split_survive_crawls_and_are_undone(db: Database, crawl: Crawl) -> None:
    one, other = CALL, notice(6, kind="call")

    def homes() -> int:
        return int(db.execute("select count(distinct opportunity) from notice").fetchone()[0])

    crawl(0, [one, other])
    merged = decide(db, "merge", value=2)
    assert homes() == 1
    crawl(1, [replace(one, text="a"), replace(other, text="b")])
    assert homes() == 1
    curation.undo(db, merged, by="b", now=NOW + timedelta(days=1))
    assert homes() == 2
    twin = replace(one, source="yy_twin")
    crawl(2, [twin], source="yy_twin")
    assert homes() == 2
    home, twin_id = db.execute("select opportunity, id from notice where source = 'yy_twin'").fetchone()
    split = decide(db, "split", opportunity=home, value=twin_id)
    assert homes() == 3
    crawl(3, [replace(twin, text="changed")], source="yy_twin")
    crawl(3, [replace(one, text="changed too"), other])
    assert homes() == 3
    curation.undo(db, split, by="b", now=NOW + timedelta(days=4))
    assert homes() == 2


@pytest.mark.parametrize(
    ("action", "given", "error"),
    [
        ("explode", {}, NoSuchRow),
        ("correct", {"field": "key", "value": "x"}, NoSuchRow),
        ("correct", {"field": "deadlines", "value": "tomorrow"}, RecordUnreadable),
        ("correct", {"field": "countries", "value": [{"code": "PT", "role": "king"}]}, NoSuchRow),
        ("merge", {"value": "nokey"}, NoSuchRow),
        ("merge", {"value": 1}, NoSuchRow),
        ("merge", {"value": "1"}, NoSuchRow),
        ("apart", {"value": "nokey"}, NoSuchRow),
        ("split", {"value": 99}, NoSuchRow),
        ("approve", {"opportunity": 99}, NoSuchRow),
    ],
)
def test_a_decision_that_makes_no_sense_changes_nothing(
    db: Database, crawl: Crawl, action: str, given: dict[str, Any], error: type[Exception]
) -> None:
    crawl(0, [CALL])
    before = row(db)
    with pytest.raises(error):
        decide(db, action, **given)
    assert row(db) == before
    assert db.execute("select count(*) from curation").fetchone()[0] == 0


def test_the_queue_says_why_and_asks_about_what_may_be_told_twice(db: Database, crawl: Crawl) -> None:
    one = replace(
        CALL, title="Vouchers for digital tools in small tanneries", summary="Small tanneries apply for vouchers.", amounts=()
    )
    longer = "A round of vouchers for digital tools in small tanneries of the whole country"
    other = replace(
        one, source="yy_twin", source_id="t", url="https://other.example/t", hard_ids=(), title=longer, summary="", text=""
    )
    crawl(0, [one])
    crawl(0, [other], source="yy_twin")
    assert db.execute("select outcome from merge_link").fetchall() == [("maybe",)]
    rows = {r["key"]: r for r in curation.queue(db, now=NOW)}
    assert len(rows) == 2
    first, second = (rows[r["key"]] for r in db.query("select key from opportunity order by id"))
    assert (first["twin"], second["twin"]) == (second["key"], first["key"])
    assert {"twin", "bare"} <= set(second["why"])
    assert [t["key"] for t in waiting.twins(db, 1)] == [second["key"]]
    apart = decide(db, "apart", value=second["key"])
    assert "twin" not in {word for r in curation.queue(db, now=NOW) for word in r["why"]}
    assert waiting.twins(db, 1) == waiting.twins(db, 2) == []
    curation.undo(db, apart, by="b", now=NOW + timedelta(hours=3))
    assert [t["key"] for t in waiting.twins(db, 2)] == [first["key"]]
    decide(db, "approve", opportunity=2)
    assert second["key"] not in {r["key"] for r in curation.queue(db, now=NOW)}
    decide(db, "merge", value=2)
    assert db.execute("select count(*) from opportunity where merged_into is null").fetchone()[0] == 1
    assert "twin" not in {word for r in curation.queue(db, now=NOW) for word in r["why"]}


def test_a_source_that_came_later_than_the_others_is_looked_at(db: Database, crawl: Crawl) -> None:
    plain = replace(CALL, text="Said in full.", summary="Said.")
    crawl(0, [plain])
    crawl(30, [replace(plain, source="yy_new", source_id="n", url="https://new.example/n", title="Something else entirely", hard_ids=())], source="yy_new")  # fmt: skip
    assert [(r["source"], r["why"]) for r in curation.queue(db, now=NOW + timedelta(days=30)) if "source" in r["why"]] == [
        ("yy_new", ["source"])
    ]
