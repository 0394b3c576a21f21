"""Our tokenizer gives the tokens of spaCy's own, in every language."""

from __future__ import annotations

import json

import pytest
import spacy
from hypothesis import given, settings
from hypothesis import strategies as st

from nlp.pipeline import LANGUAGES, build_pipeline
from tests.conftest import ROOT

# What rules of tokenizers look for, beside letters of each script that we read.
PIECE = st.text(
    st.one_of(
        st.sampled_from(list("abkmMWzßÅéłſǅŁИжґΩςάǆªºʼn水あ가א۵०²½Ⅷ①0129.,:;'’-–/@%$€₽(«»\"&+=_~…°#!?¿")),
        st.characters(categories=["L", "M", "N", "P", "S"]),
    ),
    max_size=12,
)
WORDS = [
    "km",
    "kg",
    "can't",
    "dont",
    "isnt",
    "Inc.",
    "z.B.",
    "l'eau",
    "d’État",
    "24/7",
    "https://a.example/b?c=1",
    "a@b.example",
    "x.y",
    "U.S.",
    "GmbH",
]


@pytest.mark.parametrize("lang", sorted(LANGUAGES | {"xx"}))
def test_tokens_are_those_of_spacy(lang: str) -> None:
    ours, plain = build_pipeline(lang).tokenizer, spacy.blank(lang).tokenizer

    @settings(max_examples=40, deadline=None)
    @given(st.lists(st.one_of(PIECE, st.sampled_from(WORDS)), max_size=8).map(" ".join))
    def same(text: str) -> None:
        assert [token.text_with_ws for token in ours(text)] == [token.text_with_ws for token in plain(text)]

    same()
    gold = (ROOT / "tests/gold/sectors_world.jsonl").read_text(encoding="utf-8").splitlines()
    for text in [row["text"] for row in map(json.loads, gold) if row["lang"] == lang][:200]:
        assert [token.text for token in ours(text)] == [token.text for token in plain(text)]


@pytest.mark.parametrize("lang", sorted(LANGUAGES | {"xx"}))
def test_no_rule_fits_in_letters_alone(lang: str) -> None:
    """Why letters alone need not be asked: no letter of the basic plane is a prefix, a suffix or an infix, wherever it stands."""
    plain = spacy.blank(lang).tokenizer
    letters = [char for char in map(chr, range(0x2000)) if char.isalpha()]
    for piece in (*letters, *(f"a{char}" for char in letters), *(f"A{char}a" for char in letters)):
        assert plain.prefix_search(piece) is None
        assert plain.suffix_search(piece) is None
        assert not list(plain.infix_finditer(piece))
