"""English company news that names no place: dollars and cents of an incorporated company are those of the United States."""

from __future__ import annotations

import re

from store.model import Evidence

_COMPANY = re.compile(r"\b(?:Inc|INC|Corp|CORP)\b")
_MONEY = re.compile(r"\b(?:dlrs|cts|DLRS|CTS)\b|\bdlr\b|\bSEC filing\b|\bForm 10-[KQ]\b|\bAMEX\b|\bNASDAQ\b")
LOOKED_AT = 5_000


def listed_company(text: str, lang: str) -> tuple[str, Evidence] | None:
    """("US", evidence) when ``text`` reports the figures of an incorporated company in dollars and cents; None otherwise."""
    if lang != "en":
        return None
    start = text[:LOOKED_AT]
    money = _MONEY.search(start)
    company = _COMPANY.search(start)
    if money is None or (company is None and not re.search(r"\b(?:Shr|Qtly|Oper|Net) ", start)):
        return None
    found = company or money
    return "US", Evidence(quote=found.group(), start=found.start(), end=found.end(), rule="finance:us")
