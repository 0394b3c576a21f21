"""Sectors of a text, each with the words or codes that prove it."""

from __future__ import annotations

from collections.abc import Sequence

from store.model import Code, SectorTag


def tag_sectors(text: str, lang: str, codes: Sequence[Code] = ()) -> tuple[SectorTag, ...]:
    """The sectors of ``text``."""
    return ()
