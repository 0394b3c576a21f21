"""A place that names a deadline's clock is not a country that the text concerns."""

from __future__ import annotations

import pytest

from nlp.tagging import tag


@pytest.mark.parametrize(
    ("text", "lang", "codes"),
    [
        ("Deadline: 15 March 2027, 17:00 Brussels time.", "en", []),
        ("Open to applicants from Belgium. Deadline: 15 March 2027, 17:00 Brussels time.", "en", ["BE"]),
        ("Date limite : 15 mars 2027 à 12h00 (heure de Paris).", "fr", []),
        ("Prazo: 15 de março de 2027, 18:00 (hora de Lisboa). O evento realiza-se em Lisboa.", "pt", ["PT"]),
    ],
)
def test_clock(text: str, lang: str, codes: list[str]) -> None:
    assert [found.code for found in tag(text, lang).countries] == codes
