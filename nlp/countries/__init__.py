"""Countries and groups of countries in a text, each with a role and the phrase that proves it."""

from __future__ import annotations

from collections.abc import Sequence

from store.model import Code, CountryTag, Kind


def tag_countries(text: str, lang: str, *, codes: Sequence[Code] = (), kind: Kind | None = None) -> tuple[CountryTag, ...]:
    """The countries of ``text``."""
    return ()
