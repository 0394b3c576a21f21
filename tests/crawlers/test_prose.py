"""A deadline told in prose alone is read; an API's silence is not filled from prose."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from crawlers.prose import complete
from crawlers.source import Source
from nlp.deadlines import read_deadlines
from store.model import Notice


def source(trust: str, kind: str = "call") -> Source:
    return Source(
        name="fr_essai", title="t", publisher="p", url="https://a.example/", format="feed", kind=kind, country="FR",  # type: ignore[arg-type]
        languages=("fr",), timezone="Europe/Paris", trust=trust,
    )  # fmt: skip


def notice(kind: str = "call") -> Notice:
    return Notice(
        source="fr_essai", source_id="1", kind=kind, url="https://a.example/1", title="Aide", language="fr",  # type: ignore[arg-type]
        text="Budget : 500 000 euros. Date limite de dépôt : 15 janvier 2027 à 12h00 (heure de Paris).", published=datetime(2026, 11, 1, tzinfo=UTC),
    )  # fmt: skip


def test_prose_gives_deadline_and_amount() -> None:
    read = complete(notice(), source("feed"))
    assert [d.utc for d in read.deadlines] == [datetime(2027, 1, 15, 11, tzinfo=UTC)]
    assert [a.value for a in read.amounts] == [500_000.0]


@pytest.mark.parametrize(("trust", "kind"), [("api", "call"), ("news", "news"), ("feed", "fair")])
def test_what_is_left_alone(trust: str, kind: str) -> None:
    assert complete(notice(kind), source(trust, kind)) == notice(kind)


def test_a_field_that_was_read_is_not_overwritten() -> None:
    known = read_deadlines("15 mars 2027", lang="fr", zone="Europe/Paris", field=True)
    given = Notice(
        source="a", source_id="1", kind="call", url="https://a.example/1", title="Aide", text=notice().text, deadlines=known
    )
    assert complete(given, source("feed")).deadlines == known
