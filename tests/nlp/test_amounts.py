"""Laws of the amount reader, and cases that a golden line cannot hold."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlp.amounts import read_amounts

PIECES = st.sampled_from(
    [
        "EUR",
        " ",
        " ",
        "€",
        "1.234,56",
        "2-10",
        "million",
        "up to",
        "70 %",
        "bis",
        "zwischen",
        "und",
        "1 500",
        "$",
        "k",
        ".",
        "\n",
        "Mio.",
        "000",
    ]
)


@settings(max_examples=200, deadline=None)
@given(st.one_of(st.lists(PIECES, max_size=12).map("".join), st.text(max_size=120)), st.sampled_from(["en", "de", "fr", "pl", ""]))
def test_offsets_and_sanity(text: str, lang: str) -> None:
    for one in read_amounts(text, lang=lang):
        assert one.quote == text[one.start : one.end]
        said = [number for number in (one.value, one.minimum, one.maximum, one.rate) if number is not None]
        assert said
        assert all(number >= 0 for number in said)
        assert one.rate is None or (0 < one.rate <= 100 and not one.currency)
        assert one.rate is not None or one.currency
        if one.minimum is not None and one.maximum is not None:
            assert one.minimum <= one.maximum


@settings(max_examples=100, deadline=None)
@given(st.integers(min_value=1_000, max_value=99_999_999), st.sampled_from(["en", "de", "fr"]))
def test_a_number_survives_every_way_of_grouping_it(number: int, lang: str) -> None:
    for grouping in (",", ".", " ", "\u00a0", "'"):
        written = f"{number:,}".replace(",", grouping)
        (one,) = read_amounts(f"Budget: {written} EUR.", lang=lang)
        assert one.value == number


@pytest.mark.parametrize(
    ("text", "lang", "currency", "value", "code"),
    [
        ("$ 5 million", "en", "CAD", 5_000_000, "CAD"),
        ("$ 5 million", "en", "", 5_000_000, "USD"),
        ("2 mil. Kč", "cs", "", 2_000_000, "CZK"),
        ("2 mil euros", "es", "", 2_000, "EUR"),
        ("2500000", "en", "EUR", 2_500_000, "EUR"),
        ("10 000 kr", "sv", "", 10_000, "SEK"),
        ("10 000 kr", "en", "NOK", 10_000, "NOK"),
    ],
)
def test_language_and_source_decide_what_a_sign_means(text: str, lang: str, currency: str, value: float, code: str) -> None:
    (one,) = read_amounts(text, lang=lang, currency=currency)
    assert (one.value, one.currency) == (value, code)


def test_a_hostile_text_ends() -> None:
    assert len(read_amounts("€1," * 100_000, lang="en")) <= 10_000
    assert read_amounts("1" * 500_000, lang="en") == ()
