"""Marking texts for the catalogues of translations."""

from __future__ import annotations


def N_(text: str) -> str:
    """Mark a text for the catalogues without translating it here; it is translated where it is shown."""
    return text
