"""Splitting quickly gives the words that the pattern of a word gives, and sieving loses none that a gazetteer knows."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlp.countries.fold import WORD
from nlp.countries.gazetteer import LANGUAGES, gazetteer
from nlp.countries.splitting import split
from tests.conftest import ROOT

ODD = st.text(
    st.one_of(
        st.sampled_from(list("ab zÅéßæŁИ水א۵_-.'(),:/\n\t\x00\u00a0\u00ad\u0301\u200b\ufeff、🏥\ud800ABU.S.²½Ⅷ①ǅ\u2028\x85")),
        st.characters(),
    ),
    max_size=40,
)


@settings(max_examples=400)
@given(ODD)
def test_words_are_those_of_the_pattern(text: str) -> None:
    words = split(text)
    found = list(WORD.finditer(text))
    assert list(words.raws) == [match.group() for match in found]
    assert list(words.borders)[: 2 * len(found)] == [border for match in found for border in match.span()]
    assert words.short() == sum(len(raw) == 2 and raw.isupper() for raw in words.raws)


@pytest.mark.parametrize("lang", sorted(LANGUAGES))
def test_no_word_with_which_a_name_may_begin_is_sieved_out(lang: str) -> None:
    table = gazetteer(lang)
    gold = (ROOT / "tests/gold/countries_world.jsonl").read_text(encoding="utf-8").splitlines()
    texts = [row["text"] for row in map(json.loads, gold) if row["lang"] == lang]
    names = [name for kept in (table.heads, table.stems, table.cities.named) for name in list(kept)[:3000]]
    seen = 0
    for text in [*texts, " ".join(names), " ".join(map(str.title, names)), " ".join(map(str.upper, names))]:
        words = split(text)
        sieved = {words.raws[number] for number in words.sieved(table.wanted)}
        known = {raw for raw in words.raws if table.memory[raw] is not None}
        assert known <= sieved
        seen += len(known)
    assert seen > 100
