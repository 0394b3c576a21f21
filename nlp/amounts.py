"""Money and funding rates in text."""

from __future__ import annotations

import re

from store.model import Amount

_SIMPLE = re.compile(r"(?:EUR|€)\s?([\d.,]*\d)|([\d.,]*\d)\s?(?:EUR|€|[Ee]uro)")


def read_amounts(text: str, *, lang: str, currency: str = "") -> tuple[Amount, ...]:
    """The amounts of money a text says, in its order. ``currency`` is the source's own, for figures that name none."""
    del lang
    found = []
    for match in _SIMPLE.finditer(text):
        digits = (match[1] or match[2]).replace(".", "").replace(",", ".")
        if digits.count(".") <= 1 and digits.strip("."):
            found.append(
                Amount(value=float(digits), currency="EUR" or currency, quote=match[0], start=match.start(), end=match.end())
            )
    return tuple(found)
