"""Values survive JSON; instants sort as text."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.codec import compact, deadlines_from_json, iso, notice_from_json, parse_iso, to_json
from store.errors import RecordUnreadable
from store.notices import content_hash
from tests.store.shapes import notice

instants = st.datetimes(min_value=datetime(1900, 1, 1), max_value=datetime(2200, 1, 1)).map(
    lambda d: d.replace(microsecond=0, tzinfo=UTC)
)


@given(st.integers(0, 100_000))
def test_a_notice_survives_both_forms(seed: int) -> None:
    n = notice(seed)
    assert notice_from_json(to_json(n)) == n
    assert notice_from_json(compact(n)) == n
    assert deadlines_from_json(to_json(n.deadlines)) == n.deadlines


@given(instants, instants)
def test_instants_sort_as_their_texts(one: datetime, other: datetime) -> None:
    assert (iso(one) < iso(other)) == (one < other)
    assert parse_iso(iso(one)) == one


def test_an_instant_in_another_zone_is_the_same_text() -> None:
    there = datetime(2026, 11, 21, 7, tzinfo=timezone(timedelta(hours=2)))
    assert iso(there) == "2026-11-21T05:00:00Z"


def test_a_naive_instant_is_refused() -> None:
    with pytest.raises(ValueError, match="no zone"):
        iso(datetime(2026, 11, 21))
    with pytest.raises(ValueError, match="no offset"):
        parse_iso("2026-11-21T05:00:00")


@pytest.mark.parametrize("text", ["{", '{"title": 3}', "[]", '{"source":"a","deadlines":[{"utc":"soon"}]}'])
def test_a_stored_value_of_another_type_is_told(text: str) -> None:
    with pytest.raises(RecordUnreadable):
        notice_from_json(text)


def test_a_key_from_a_newer_program_is_passed_over() -> None:
    n = notice(6)
    assert notice_from_json(compact(n)[:-1] + ',"later_field":1}') == n


def test_the_hash_is_blind_to_order_and_stamp_but_not_to_words() -> None:
    from dataclasses import replace

    n = notice(0)
    assert content_hash(replace(n, documents=n.documents[::-1], codes=n.codes[::-1], updated=n.published)) == content_hash(n)
    assert content_hash(replace(n, title=n.title + "!")) != content_hash(n)
