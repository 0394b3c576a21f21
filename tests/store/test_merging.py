"""One record for one thing, whatever the order in which sources tell of it."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from store.merging.compare import compare
from store.merging.signature import keys, signature
from store.model import Notice
from store.notices import apply
from tests.store.merge_gold import notices
from tests.store.merge_score import NOW, keep, open_store_in_memory, partition, score

LABELLED = notices()
BY_THING = {label: [n for other, n in LABELLED if other == label] for label in ("topic-6", "fair-2-0-Graz", "sibling-4-0")}


def test_the_labelled_set_is_large_and_scores() -> None:
    shuffled = [n for _, n in LABELLED]
    random.Random(3).shuffle(shuffled)
    db = open_store_in_memory()
    keep(db, shuffled)
    result = score(LABELLED, partition(db))
    assert result.notices >= 3000
    assert result.things >= 1200
    assert result.precision >= 0.995
    assert result.recall >= 0.95


def test_two_hundred_orders_give_the_same_clusters() -> None:
    rng = random.Random(11)
    chosen = [n for _, n in notices(rounds=1)[:90]]
    outcomes = set()
    for _ in range(200):
        rng.shuffle(chosen)
        db = open_store_in_memory()
        keep(db, chosen, batch=rng.choice((7, 20, 90)))
        outcomes.add(partition(db))
    assert len(outcomes) == 1


@given(st.data())
@settings(max_examples=200, deadline=None)
def test_comparing_is_symmetric(data: st.DataObject) -> None:
    one = data.draw(st.sampled_from(LABELLED))[1]
    other = data.draw(st.sampled_from(LABELLED))[1]
    a, b = signature(one, one.url), signature(other, other.url)
    assert compare(a, b) == compare(b, a)


def call(source: str, title: str, **more: object) -> Notice:
    notice = Notice(
        source=source, source_id="1", kind="call", url=f"https://{source}.example/calls/one", title=title, text="Grants."
    )
    return replace(notice, **more)  # type: ignore[arg-type]


def outcome(one: Notice, other: Notice) -> str:
    return compare(signature(one, one.url), signature(other, other.url)).outcome


def test_news_about_a_call_is_related_not_merged() -> None:
    topic = call("eu_portal", "Recycling of technical textiles", hard_ids=("topic:prog-2027-01-02",))
    news = replace(topic, source="en_press", kind="news", title="New money for textiles", text="See PROG-2027-01-02.", hard_ids=())
    assert outcome(topic, news) == "related"
    db = open_store_in_memory()
    apply(db, None, [topic], now=NOW)
    apply(db, None, [news], now=NOW)
    assert len(partition(db)) == 2


def test_different_official_ids_are_never_one_even_with_one_title() -> None:
    one = call("eu_portal", "Recycling of technical textiles", hard_ids=("topic:prog-2027-01-02",))
    other = call("eu_other", "Recycling of technical textiles", hard_ids=("topic:prog-2027-01-03",), url=one.url)
    assert outcome(one, other) == "different"


def test_a_bridge_does_not_join_what_official_ids_keep_apart() -> None:
    first = call("eu_portal", "Recycling of technical textiles", hard_ids=("topic:prog-2027-01-02",))
    second = replace(first, source="eu_other", hard_ids=("topic:prog-2027-01-03",))
    bridge = replace(first, source="eu_mirror", hard_ids=())
    db = open_store_in_memory()
    for notice in (first, bridge, second):
        apply(db, None, [notice], now=NOW)
    homes = {source: home for home, source in db.execute("select opportunity, source from notice")}
    assert homes["eu_portal"] != homes["eu_other"]


def test_a_notice_that_becomes_another_thing_leaves() -> None:
    topic = call("eu_portal", "Recycling of technical textiles", hard_ids=("topic:prog-2027-01-02",))
    relay = call("fr_agence", "Recyclage des textiles", text="PROG-2027-01-02", url="https://fr.example/appels/un")
    db = open_store_in_memory()
    apply(db, None, [topic], now=NOW)
    apply(db, None, [relay], now=NOW)
    assert len(partition(db)) == 1
    apply(db, None, [replace(relay, title="Bois et meubles en montagne", text="Scieries.")], now=datetime(2026, 11, 22, tzinfo=UTC))
    assert len(partition(db)) == 2
    assert [row[0] for row in db.execute("select type from merge_decision order by id")][-1] == "split"
    types = {row[0] for row in db.execute("select type from change")}
    assert "split" in types


def test_two_opportunities_that_turn_out_one_are_merged_and_the_address_leads_on() -> None:
    relay = call("fr_agence", "Recyclage des textiles", text="Aides.", url="https://fr.example/appels/un")
    topic = call("eu_portal", "Recycling of technical textiles", hard_ids=("topic:prog-2027-01-02",))
    db = open_store_in_memory()
    apply(db, None, [relay], now=NOW)
    apply(db, None, [topic], now=NOW)
    assert len(partition(db)) == 2
    apply(db, None, [replace(relay, text="Aides. PROG-2027-01-02")], now=NOW)
    assert len(partition(db)) == 1
    onwards = db.execute("select count(*) from opportunity where merged_into is not null").fetchone()[0]
    assert onwards == 1


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Green harbour fund 2027", "Green harbour fund 2028", False),
        ("Green harbour fund for ports in Attica", "Green harbour fund for ports in Scania", False),
        ("Green harbour fund for small ports", "Green harbour fund for small ports | Funding Radar", True),
        ("GREEN HARBOUR FUND FOR SMALL PORTS", "Green Harbour Fund for Small Ports", True),
    ],
)
def test_titles_with_one_day_and_amount(one: str, other: str, same: bool) -> None:
    model = LABELLED[0][1]
    first = replace(call("aa_state", one), deadlines=model.deadlines, amounts=model.amounts)
    second = replace(first, source="eu_radar", title=other, url="https://radar.example/calls/two")
    assert (outcome(first, second) == "same") is same


def test_keys_do_not_grow_with_the_text() -> None:
    long = replace(LABELLED[0][1], text="word " * 100_000)
    assert len(keys(signature(long, long.url))) <= 20
