"""Changes are told by meaning: the typed event for substance, nothing material for form."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from store.changes import diff
from store.model import Amount, Code, Deadline, Document, Notice, Place
from tests.store import mutations
from tests.store.shapes import NOW, deadline, moment, notice

BRUSSELS = "Europe/Brussels"
DAY = datetime(2027, 3, 10, 17)
CALL = Notice(
    source="s", source_id="1", kind="call", url="https://example.org/1", title="A call", deadlines=(deadline(DAY, BRUSSELS),)
)
FAIR = Notice(
    source="s", source_id="2", kind="fair", url="https://example.org/2", title="A fair", starts=moment(DAY, BRUSSELS),
    ends=moment(DAY + timedelta(days=2), BRUSSELS), place=Place(name="Kestrel Halls", city="Aveiro", country="PT"),
)  # fmt: skip


def material(old: Notice, new: Notice, now: datetime = NOW) -> list[tuple[str, str]]:
    return [(c.type, c.direction) for c in diff(old, new, now) if c.material]


@settings(max_examples=50)
@given(st.integers(0, 100_000))
def test_equal_notices_differ_in_nothing(seed: int) -> None:
    assert diff(notice(seed), notice(seed), NOW) == ()


@settings(max_examples=50)
@given(st.integers(0, 100_000), st.integers(0, 100_000))
def test_the_changes_laid_over_the_old_give_the_new(one: int, other: int) -> None:
    """Whatever differs has an event with the whole old and new value of its field."""
    old, new = notice(one), notice(other)
    from store.codec import plain

    record, wanted = plain(old), plain(new)
    for change in diff(old, new, NOW):
        assert record[change.field] == json.loads(change.old or "null") or change.type == "stage_added"
        record[change.field] = json.loads(change.new or "null")
    assert {k: v for k, v in record.items() if k not in ("raw", "updated")} == {
        k: v for k, v in wanted.items() if k not in ("raw", "updated")
    }


def test_the_harness_in_small() -> None:
    score = mutations.run(400, seed=11)
    assert score.recall >= 0.99, score.missed
    assert score.alarm <= 0.005, score.wrong


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(7, 12))
def test_the_harness_in_full(seed: int) -> None:
    score = mutations.run(mutations.FULL, seed=seed)
    assert score.recall >= 0.99, score.missed
    assert score.alarm <= 0.005, score.wrong


def with_deadlines(*deadlines: Deadline) -> Notice:
    return replace(CALL, deadlines=deadlines)


def at(days: float, *, precision: str = "minute", **facts: int) -> Deadline:
    return replace(deadline(DAY + timedelta(days=days), BRUSSELS, precision=precision), **facts)  # type: ignore[arg-type]


ROLLING = Deadline(local=None, zone=BRUSSELS, utc=None, precision="day", zone_source="source", rolling=True)
PAST = deadline(datetime(2026, 6, 1, 17), BRUSSELS)


@pytest.mark.parametrize(
    ("old", "new", "wanted"),
    [
        ((at(0),), (at(7),), [("deadline_moved", "later")]),
        ((at(0),), (at(-0.1),), [("deadline_moved", "earlier")]),
        ((at(0), at(90)), (at(0), at(60)), [("deadline_moved", "earlier")]),
        ((at(0),), (at(0), at(90)), [("stage_added", "")]),
        ((at(0), at(90)), (at(7), at(97), at(187)), [("deadline_moved", "later"), ("stage_added", "")]),
        ((at(0),), (ROLLING,), [("deadline_moved", "later")]),
        ((ROLLING,), (at(0),), [("deadline_moved", "earlier")]),
        ((), (at(0),), [("stage_added", "")]),
        ((at(0), at(90)), (at(0),), [("deadline_moved", "earlier")]),
        ((at(0, precision="day"),), (at(0),), [("deadline_moved", "earlier")]),
        ((PAST,), (at(0),), [("deadline_moved", "later")]),
        ((at(0),), (), []),  # silence
        ((at(0),), (at(0, precision="day"),), []),  # the time left out
        ((PAST, at(0)), (at(0),), []),  # a past cut-off no longer listed
        ((at(0),), (PAST, at(0)), []),  # a past cut-off listed
        ((at(0),), (at(0, stage=2),), []),
        ((at(0),), (replace(at(0), flags=("zone_label_conflict",), quote="17:00 CET"),), []),
        ((at(0), at(90)), (at(90), at(0)), []),
    ],
)
def test_deadlines(old: tuple[Deadline, ...], new: tuple[Deadline, ...], wanted: list[tuple[str, str]]) -> None:
    assert material(with_deadlines(*old), with_deadlines(*new)) == wanted


def test_a_placeholder_moves_nothing() -> None:
    far = replace(deadline(datetime(2099, 12, 31), BRUSSELS), flags=("placeholder",))
    assert material(with_deadlines(at(0)), with_deadlines(at(0), far)) == []


@pytest.mark.parametrize(
    ("old", "new", "wanted"),
    [
        ((Amount(value=5e5, currency="EUR"),), (Amount(value=6e5, currency="EUR"),), True),
        ((Amount(value=5e5, currency="EUR"),), (Amount(value=5e5, currency="USD"),), True),
        ((), (Amount(value=5e5, currency="EUR"),), True),
        ((Amount(value=5e5, currency="EUR"),), (), False),
        ((Amount(value=5e5, currency="EUR"),), (Amount(minimum=5e5, maximum=5e5, currency="EUR", quote="x"),), False),
        ((Amount(value=5e5, currency="EUR"),), (Amount(value=5e5),), False),
    ],
)
def test_money(old: tuple[Amount, ...], new: tuple[Amount, ...], *, wanted: bool) -> None:
    told = material(replace(CALL, amounts=old), replace(CALL, amounts=new))
    assert told == ([("budget_changed", "")] if wanted else [])


@pytest.mark.parametrize(
    ("old", "new", "wanted"),
    [
        ("Germany, France", "DE, FR", False),
        ("Deutschland und Frankreich", "France; Germany", False),
        ("SMEs; universities", "universities; SMEs", False),
        ("SMEs; universities", "SMEs; universities; cities", True),
        ("Only firms with fewer than 250 employees may apply.", "ONLY firms with fewer than&nbsp;250 employees may apply", False),
        ("Only firms with fewer than 250 employees may apply.", "Only firms with fewer than 500 employees may apply.", True),
        ("SMEs", "", False),
        ("- SMEs\n- Universities", "SMEs; Universities", False),
        ("SMEs but not universities", "universities but not SMEs", True),
    ],
)
def test_who_may_take_part(old: str, new: str, *, wanted: bool) -> None:
    told = material(replace(CALL, eligibility=old), replace(CALL, eligibility=new))
    assert told == ([("eligibility_changed", "")] if wanted else [])


def test_a_code_and_its_label_are_one() -> None:
    codes = (Code(scheme="type", value="12004", label="Research institute"),)
    old = replace(CALL, codes=codes, eligibility="12004; 12005")
    assert material(old, replace(old, eligibility="Research institute; 12005")) == []


@pytest.mark.parametrize(
    ("before", "after", "wanted"),
    [
        ("https://example.org/a.pdf", "http://www.example.org/a.pdf?utm_source=x#page=2", False),
        ("https://example.org/a.pdf?id=1&lang=en", "https://example.org/a.pdf?lang=en&id=1&sid=99", False),
        ("https://example.org/a%20b.pdf", "https://example.org/a b.pdf", False),
        ("https://example.org/doc?id=1", "https://example.org/doc?id=2", True),
        ("https://old.example.org/files/guide.pdf", "https://new.example.org/media/guide.pdf", False),
        ("https://example.org/2026-11/guide.pdf", "https://example.org/2026-12/guide.pdf", True),
    ],
)
def test_documents(before: str, after: str, *, wanted: bool) -> None:
    told = material(replace(CALL, documents=(Document(url=before),)), replace(CALL, documents=(Document(url=after),)))
    assert told == ([("document_changed", "")] if wanted else [])


@pytest.mark.parametrize(
    ("place", "wanted"),
    [
        (Place(name="KESTREL HALLS, Pavilion 2", city="Aveiro", country="PT"), False),
        (Place(city="Aveiro", country="PT"), False),
        (Place(name="Kestrel Halls", city="Aveiro (Portugal)", country="PT"), False),
        (None, False),
        (Place(name="Kestrel Halls", city="Porto", country="ES"), True),
        (Place(name="Hall North", city="Aveiro", country="PT"), True),
        (Place(online=True), True),
    ],
)
def test_venues(place: Place | None, *, wanted: bool) -> None:
    assert material(FAIR, replace(FAIR, place=place)) == ([("moved", "")] if wanted else [])


@pytest.mark.parametrize(("one", "other"), [("Munich", "München"), ("Vienna", "Wien"), ("Lisboa", "Lisbon"), ("Praha", "Prague")])
def test_two_names_of_one_city_are_one_venue(one: str, other: str) -> None:
    assert material(replace(FAIR, place=Place(city=one)), replace(FAIR, place=Place(city=other))) == []


def test_a_fair_that_moves_is_told_once_for_its_days() -> None:
    later = replace(FAIR, starts=moment(DAY + timedelta(days=7), BRUSSELS), ends=moment(DAY + timedelta(days=9), BRUSSELS))
    assert material(FAIR, later) == [("moved", "")]
    assert material(FAIR, replace(FAIR, ends=moment(DAY + timedelta(days=3), BRUSSELS))) == [("moved", "")]
    assert material(FAIR, replace(FAIR, starts=moment(DAY.replace(hour=9), BRUSSELS, has_time=True))) == []


def test_cancelled_and_back() -> None:
    off = replace(FAIR, cancelled=True)
    assert material(FAIR, off) == [("cancelled", "")]
    assert material(off, FAIR) == [("reinstated", "")]


def test_opened() -> None:
    planned = replace(CALL, opens=moment(datetime(2027, 1, 10), BRUSSELS), status_word="Forthcoming")
    assert material(planned, replace(planned, opens=moment(datetime(2026, 11, 20), BRUSSELS), status_word="Open")) == [
        ("opened", "")
    ]
    assert material(planned, replace(planned, status_word="Open")) == [("opened", "")]
    assert material(planned, replace(planned, opens=moment(datetime(2027, 1, 17), BRUSSELS))) == []


def test_what_a_joining_source_merely_adds_is_no_news() -> None:
    more = replace(
        CALL, amounts=(Amount(value=1.0, currency="EUR"),), eligibility="SMEs", documents=(Document(url="https://e.org/x"),)
    )
    assert [c for c in diff(CALL, more, NOW, joined=True) if c.material] == []
    assert len([c for c in diff(CALL, more, NOW) if c.material]) == 3
