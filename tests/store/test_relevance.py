"""What a reader's words find, and what stands first: phrases, beginnings, accents, the title before the text."""

from __future__ import annotations

import pytest
from sqlite_utils import Database

from store import index
from store.codec import iso
from store.database import open_store
from store.search import Filter, Viewer, counts, find
from tests.store.shapes import NOW

# key: title, summary, text. Written before the ranking was tried; every text says something of a mould or of what is near to it.
TEXTS = {
    "moulds": ("Injection moulds for recycled polymers", "A call for toolmakers.", "Grants for pilot lines."),
    "pilot": ("Pilot lines for circular plastics", "Grants for toolmakers who build injection moulds.", "Companies of all sizes."),
    "village": (
        "Renewal of village centres",
        "Squares, libraries and streets are renewed.",
        "Applicants describe roads, water, light and trees, the market hall and its roof, the school and its yard, and at the very end"
        " of a long list also a workshop where injection moulds were once made.",
    ),
    "apart": ("Moulds", "Injection of capital into young companies.", "Bread moulds are no subject."),
    "portuguese": ("Inovação em moldes de injeção", "Formação para operários da indústria.", "Candidaturas até março."),
    "polish": ("Formy wtryskowe z materiałów z odzysku", "Nabór wniosków dla małych firm.", ""),
    "german": ("Werkzeuge für den Spritzguss", "Förderung für Straßenbau und Werkzeugbau.", "Für Maßnahmen ab 2027."),
    "none": ("Cheese and dairy fair", "Producers meet buyers.", "Tastings each day."),
}


@pytest.fixture(scope="module")
def db(tmp_path_factory: pytest.TempPathFactory) -> Database:
    made = open_store(tmp_path_factory.mktemp("words") / "clusterscout.db")
    with made.conn:
        for number, (key, (title, summary, text)) in enumerate(TEXTS.items(), 1):
            made.conn.execute(
                "insert into opportunity (id, key, kind, title, summary, text, language, url, source, organiser, programme, eligibility,"
                " first_seen, changed_at) values (?, ?, 'call', ?, ?, ?, 'en', '', 'xx_s', '', '', '', ?, ?)",
                [number, key, title, summary, text, iso(NOW), iso(NOW)],
            )
        index.refresh(made, range(1, len(TEXTS) + 1))
    return made


def found(db: Database, words: str, sort: str = "relevance", status: str = "live") -> list[str]:
    f = Filter(text=words, sort=sort, status=status)
    rows = [row.key for row in find(db.conn, f, Viewer(), NOW).rows]
    assert counts(db.conn, f, Viewer(), NOW).total == len(rows)
    return rows


def test_the_title_goes_before_the_summary_and_that_before_the_end_of_a_long_text(db: Database) -> None:
    assert found(db, '"injection moulds"') == ["moulds", "pilot", "village"]
    assert found(db, "moulds")[:2] == ["apart", "moulds"]  # the shorter title says nothing else
    assert found(db, "moulds")[-1] == "village"


def test_words_need_not_stand_together_and_a_phrase_must(db: Database) -> None:
    assert set(found(db, "injection moulds")) == {"moulds", "pilot", "village", "apart"}
    assert "apart" not in found(db, '"injection moulds"')
    assert found(db, '"moulds injection"') == []


def test_each_further_word_narrows_and_a_minus_takes_away(db: Database) -> None:
    assert found(db, "injection moulds toolmakers recycled") == ["moulds"]
    assert set(found(db, "moulds -toolmakers")) == {"village", "apart"}
    assert found(db, 'moulds -"injection moulds"') == ["apart"]


@pytest.mark.parametrize(
    ("words", "key"),
    [
        ("inovacao", "portuguese"),
        ("INJECAO", "portuguese"),
        ("operarios", "portuguese"),
        ("formação", "portuguese"),
        ("formacao", "portuguese"),
        ("materialow", "polish"),
        ("strassenbau", "german"),
        ("Straßenbau", "german"),
        ("foerderung", ""),  # ways of writing without a keyboard for it are not guessed beyond that
        ("forderung", "german"),
        ("fur", "german"),
        ("wtrysk*", "polish"),
        ("inov*", "portuguese"),
        ("spritz*", "german"),
    ],
)
def test_accents_case_and_beginnings_are_folded(db: Database, words: str, key: str) -> None:
    assert found(db, words) == ([key] if key else [])


def test_every_order_finds_the_same(db: Database) -> None:
    for words in ("moulds", "injection", "grants"):
        assert len({frozenset(found(db, words, sort)) for sort in ("newest", "deadline", "relevance")}) == 1
        assert set(found(db, words)) == set(found(db, words, status="any"))
