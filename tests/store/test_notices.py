"""Keeping notices: written only where they differ, merged by official ids, with a history from which any day can be rebuilt."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlite_utils import Database

from store import history, notices, runs, tags
from store.codec import notice_from_json
from store.database import writing
from store.errors import NoSuchRow
from store.model import CountryTag, Document, Evidence, Notice, Place, SectorTag, Tags
from store.records import record_json, record_of
from tests.store import mutations
from tests.store.conftest import Crawl
from tests.store.shapes import NOW, deadline, moment, notice

MANY = [notice(seed) for seed in range(60)]


def dump(db: Database, *but: str) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table but those named."""
    names = [n for n in db.table_names() if n not in but and not n.startswith(("sqlite_", "opportunity_fts"))]
    return {name: sorted(db.execute(f"select * from [{name}]").fetchall(), key=repr) for name in names}


def only(db: Database) -> dict[str, Any]:
    (row,) = db.query("select * from opportunity where merged_into is null")
    return row


def test_a_second_crawl_with_nothing_new_writes_no_row_but_the_runs(db: Database, crawl: Crawl) -> None:
    assert crawl(0, MANY) == notices.Applied(new=60, changed=0, unchanged=0)
    before = dump(db, "run")
    assert crawl(1, MANY[::-1]) == notices.Applied(new=0, changed=0, unchanged=60)
    assert dump(db, "run") == before
    assert db.execute("select count(*) from run").fetchone()[0] == 2


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.integers(0, 40), max_size=12))
def test_applying_twice_is_applying_once(db: Database, seeds: list[int]) -> None:
    listed = [notice(seed) for seed in seeds]
    notices.apply(db, None, listed, now=NOW)
    once = dump(db)
    again = notices.apply(db, None, listed, now=NOW + timedelta(days=1))
    assert (again.new, again.changed) == (0, 0)
    assert dump(db) == once


def test_a_notice_given_twice_in_a_batch_counts_by_its_last_form(db: Database) -> None:
    first = notice(0)
    done = notices.apply(db, None, [first, replace(first, title="The last form")], now=NOW)
    assert done.new == 1
    assert only(db)["title"] == "The last form"


def test_the_payload_is_the_notice(db: Database) -> None:
    notices.apply(db, None, MANY, now=NOW)
    stored = {(r["source"], r["source_id"]): notice_from_json(r["payload"]) for r in db.query("select * from notice")}
    assert stored == {(n.source, n.source_id): n for n in MANY}


def test_two_sources_of_one_call_are_one_record_by_trust(db: Database) -> None:
    own = replace(
        notice(0, kind="call"), source="xx_page", hard_ids=("topic:t-1",), organiser="A page's organiser", summary="Only here"
    )
    api = replace(
        own, source="xx_api", source_id="T-1", title="The official title", summary="", organiser="",
        deadlines=(deadline(own.deadlines[0].local + timedelta(days=3), own.deadlines[0].zone),),  # type: ignore[operator]
    )  # fmt: skip
    notices.apply(db, None, [own], now=NOW, source_trust="page")
    key = only(db)["key"]
    notices.apply(db, None, [api], now=NOW + timedelta(hours=1), source_trust="api")
    row = only(db)
    assert (row["key"], row["title"], row["summary"], row["organiser"]) == (
        key,
        "The official title",
        "Only here",
        "A page's organiser",
    )
    rows = {r["source"]: r["id"] for r in db.query("select id, source from notice")}
    provenance = json.loads(row["provenance"])
    assert provenance["title"] == rows["xx_api"]
    assert provenance["summary"] == rows["xx_page"]
    assert "deadlines_conflict" in json.loads(row["flags"])
    assert row["doubt"] > 0


def test_a_group_id_and_news_do_not_merge(db: Database) -> None:
    call = replace(notice(0, kind="call"), hard_ids=("call:horizon-2027", "topic:a"))
    sibling = replace(notice(6, kind="call"), hard_ids=("call:horizon-2027", "topic:b"))
    news = replace(notice(4, kind="news"), hard_ids=("topic:a",))
    notices.apply(db, None, [call, sibling, news], now=NOW)
    assert db.execute("select count(*) from opportunity where merged_into is null").fetchone()[0] == 3


@pytest.mark.parametrize("seed", range(8))
def test_the_record_as_of_any_day_is_rebuilt_from_events_alone(db: Database, crawl: Crawl, seed: int) -> None:
    """Thirty days of random mutations: what was published each day comes back from its events."""
    import random

    rng = random.Random(seed)
    every = [*mutations.COSMETIC, *mutations.MATERIAL]
    current = notice(rng.randrange(10_000))
    published: list[dict[str, Any]] = []
    for day in range(30):
        crawl(day, [current])
        row = only(db)
        published.append(record_json(record_of(row), withdrawn=bool(row["withdrawn"])))
        current = rng.choice(every)(current, rng) or current
    key = only(db)["key"]
    for day, wanted in enumerate(published):
        assert history.as_of(db, key, NOW + timedelta(days=day, hours=1)) == wanted
    assert history.as_of(db, key, NOW - timedelta(seconds=1)) is None


def test_an_unknown_key_is_told(db: Database) -> None:
    with pytest.raises(NoSuchRow, match="copy the key"):
        history.as_of(db, "nothing", NOW)


def test_flapping_makes_one_material_event(db: Database, crawl: Crawl, told: Callable[..., list[str]]) -> None:
    a = notice(0, kind="call")
    for field, b in {
        "deadlines": replace(a, deadlines=(deadline(a.deadlines[0].local + timedelta(days=9), a.deadlines[0].zone),)),  # type: ignore[operator]
        "amounts": replace(a, amounts=a.amounts[:1]),
        "eligibility": replace(a, eligibility="Nobody but museums"),
        "documents": replace(a, documents=(Document(url="https://docs.example.org/new.pdf"),)),
        "cancelled": replace(a, cancelled=True),
    }.items():
        source_id = f"flap-{field}"
        for n in range(9):
            crawl(n * 0.5, [replace((a, b)[n % 2], source_id=source_id, hard_ids=())], retires=False)
        assert len(told()) == 1, (field, told())
        db.execute("delete from change where type != 'created'")


def test_a_value_that_stays_after_flapping_is_told_once(db: Database, crawl: Crawl) -> None:
    a = notice(0, kind="call")
    a = replace(a, deadlines=a.deadlines[:1])
    b = replace(a, deadlines=(deadline(a.deadlines[0].local + timedelta(days=9), a.deadlines[0].zone),))  # type: ignore[operator]
    for day, n in enumerate([a, b, a, a, a, a, a, a]):
        crawl(day, [n])
    rows = list(db.query("select type, direction from change where material = 1 and type != 'created' order by id"))
    assert [(r["type"], r["direction"]) for r in rows] == [("deadline_moved", "later"), ("deadline_moved", "earlier")]
    assert db.execute("select count(*) from flapping").fetchone()[0] == 0


def test_a_third_value_is_told_at_once_and_a_return_after_weeks_too(
    db: Database, crawl: Crawl, told: Callable[..., list[str]]
) -> None:
    a = notice(0, kind="call")
    values = {"a": "SMEs", "b": "SMEs; cities", "c": "Universities"}
    for day, which in ((0, "a"), (1, "b"), (2, "a"), (3, "c"), (30, "a")):
        crawl(day, [replace(a, eligibility=values[which])])
    assert told() == ["eligibility_changed"] * 3


def test_opened_is_told_when_its_day_comes(db: Database, crawl: Crawl, told: Callable[..., list[str]]) -> None:
    n = replace(notice(0, kind="call"), opens=moment((NOW + timedelta(days=5)).replace(tzinfo=None), "UTC"))
    for day in range(9):
        crawl(day, [n])
    assert told() == ["opened"]


def test_tags_are_stale_until_written_and_again_when_text_or_vocabulary_changes(db: Database) -> None:
    n = notice(0)
    notices.apply(db, None, [n], now=NOW)
    (task,) = tags.stale(db, "v1")
    assert task["title"] == n.title
    assert n.text in task["text"]
    made = Tags(
        lang="en", vocabulary="v1", sectors=(SectorTag(id="plastics-moulds", score=0.9, evidence=(Evidence(quote="moulds", rule="en"),)),),
        countries=(CountryTag(code="PT", role="eligible", score=1.0, evidence=()),),
    )  # fmt: skip
    with writing(db):
        tags.write(db, task["id"], made, task["text_hash"], NOW)
    assert tags.stale(db, "v1") == []
    assert len(tags.stale(db, "v2")) == 1
    assert tags.read(db, task["id"]).sectors == made.sectors
    notices.apply(db, None, [replace(n, deadlines=())], now=NOW)
    assert tags.stale(db, "v1") == []
    notices.apply(db, None, [replace(n, text="Another text")], now=NOW)
    assert len(tags.stale(db, "v1")) == 1


def test_the_country_of_a_venue_is_tagged_though_no_word_names_it_and_again_when_it_moves(db: Database) -> None:
    n = replace(
        notice(0, kind="fair"), title="SolarMex", summary="", text="", codes=(), place=Place(city="Querétaro", country="MX")
    )
    for day, country in enumerate(("MX", "PT")):
        notices.apply(db, None, [replace(n, place=Place(city="Leiria" if day else "Querétaro", country=country))], now=NOW)
        (task,) = tags.stale(db, "v1")
        (code,) = task["codes"]
        assert (code.scheme, code.value, code.role) == ("country", country, "venue")
        tags.write(db, task["id"], Tags(lang="en", vocabulary="v1"), task["text_hash"], NOW)
        assert tags.stale(db, "v1") == []
    notices.apply(db, None, [replace(n, source_id="call", kind="call")], now=NOW)
    (task,) = tags.stale(db, "v1")
    assert task["codes"] == ()  # who may apply is not told by an address


def test_runs_are_kept_with_their_verdicts_and_say_what_was_read(db: Database, crawl: Crawl) -> None:
    rows = [
        ("s1", 1, ""), ("s2", 1, ""), ("s3", 1, "asked not to"), ("s4", 0, ""),
    ]  # fmt: skip
    for name, enabled, blocked in rows:
        db.execute(
            "insert into source values (:n, :n, '', '', 'feed', 'news', 'PT', '[]', 'UTC', 60, '', '', 'obey', 0, 0, '', :e, :b, 'auto', "
            "'feed', '{}')",
            {"n": name, "e": enabled, "b": blocked},
        )
    crawl(0, [], source="s1")
    crawl(0, [], source="s2", verdict="broken", complete=False)

    def spell(at: datetime) -> str:
        return f"{at.day} {at:%b %Y}"

    said = runs.coverage_sentence(db, now=NOW + timedelta(days=1))
    assert said == f"1 of 2 sources fully read since {spell(NOW - timedelta(days=7))}; s2 never read completely."
    later = runs.coverage_sentence(db, now=NOW + timedelta(days=30))
    assert f"; s1 last read completely on {spell(NOW)}; s2 never read completely." in later
    assert runs.latest_by_source(db)["s2"].verdict == "broken"
    assert [r.source for r in runs.last_runs(db, source="s1")] == ["s1"]


def test_empty_and_hostile_strings_are_kept_as_they_are(db: Database) -> None:
    odd = Notice(source="xx'; drop table notice; --", source_id="\u0000\n<script>", kind="news", url="", title="’\U0001f600\u202e")
    notices.apply(db, None, [odd], now=NOW)
    assert notices.apply(db, None, [odd], now=NOW).unchanged == 1
    assert only(db)["title"] == odd.title
