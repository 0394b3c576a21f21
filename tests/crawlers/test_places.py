"""Places in one line: country and city only where they are sure."""

from __future__ import annotations

import pytest

from crawlers.places import read_place


@pytest.mark.parametrize(
    ("line", "language", "city", "country"),
    [
        ("Leiria, PT", "en", "Leiria", "PT"),
        ("Messegelände, 60327 Frankfurt am Main, Deutschland", "de", "Frankfurt am Main", "DE"),
        ("Hall 4, Porto, Portugal", "en", "Porto", "PT"),
        ("Parc des expositions, 69680 Lyon, France", "fr", "Lyon", "FR"),
        ("The Hague, The Netherlands", "en", "The Hague", "NL"),
        ("Seoul, Republic of Korea", "en", "Seoul", "KR"),
        ("Denver, CO, USA", "en", "Denver", "US"),
        ("Denver, CO", "en", "", ""),
        ("Berlin, DE", "en", "Berlin", "DE"),
        ("Room 3, second floor", "en", "", ""),
        ("Main Street 12, Ireland", "en", "", "IE"),
        ("Somewhere", "en", "", ""),
    ],
)
def test_read(line: str, language: str, city: str, country: str) -> None:
    place = read_place(line, language)
    assert place is not None
    assert (place.name, place.city, place.country) == (line, city, country)


def test_online_and_nothing() -> None:
    assert read_place("  ") is None
    webinar = read_place("Online (Zoom)")
    assert webinar is not None
    assert webinar.online
