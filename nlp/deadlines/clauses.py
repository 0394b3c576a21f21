"""Where sentences begin and end, though dates and abbreviations are full of points."""

from __future__ import annotations

import re
from bisect import bisect_right

from nlp.deadlines.dates import Found
from nlp.deadlines.fold import Folded

_BORDER = re.compile(r"\n|(?<=[!?])\s|(?<=\.)\s|\s?[|•▪]\s?")
_ABBREVIATION = re.compile(
    r"(?:^|[\s(])(?:nr|no|n|art|abs|st|sr|dr|ing|prof|op|tel|str|cca|ca|bzw|max|min|incl|inkl|zb|sb|ods|pism|par|pkt|ust|lit|al|fig|vol|"
    r"approx|resp|aprox|num|kl|klo|godz|plkst|tj|tzn|napr|np|z\.b|[apμπ]\.[mμ]|[ir]\.n|b|e\.g|i\.e|c\.d|d\.d|n\.o|\d{1,2})\.$"
)

# "klo 12. Sopimuskausi": an hour at the end of a sentence, not the day of a date
_HOUR = re.compile(r"(?:^|\s)(?:klo|kl|kl\.|klokken|klockan|kello|ore|ora|godz\.|plkst\.|kell|saat|hod\.|uhr)\s\d{1,2}\.$")


def sentences(folded: Folded, dates: list[Found]) -> list[int]:
    """The starts of the sentences (the first is 0); a line break always begins one, and none begins inside a date."""
    starts = [0]
    spans = iter(dates)
    span = next(spans, None)
    last = 0
    text = folded.text
    for border in _BORDER.finditer(text):
        while span is not None and span.end < border.end():
            last = span.end
            span = next(spans, None)
        if span is not None and span.start < border.start() < span.end:
            continue
        if border.end() >= len(text) or (text[border.start() - 1 : border.start()] == "." and not _ends(folded, border)):
            continue
        if "|" in border.group() and last < starts[-1] and span is not None and span.start == border.end():
            continue  # "Deadline | 26 February 2027": the first date of a row belongs to the cell before it
        starts.append(border.end())
    return starts


def _ends(folded: Folded, border: re.Match[str]) -> bool:
    """Whether the point before a blank ends a sentence: a capital follows, and no abbreviation or ordinal stands before it."""
    if border.group() == "\n":
        return True
    before = folded.text[max(0, border.start() - 12) : border.start()]
    place, _ = folded.origin(border.end(), border.end() + 1)
    follows = folded.original[place : place + 1]
    if follows.isdigit():
        return re.search(r"(?:[^\W\d]{5}|\d{4})\.$", before) is not None
    if not follows.isupper() and follows not in '¿¡«"“„§':
        return False
    if re.search(r"(?:19|20)\d\d\.$", before) or re.search(r"\d\d[:.]\d\d\.$", before):
        return True
    return _ABBREVIATION.search(before) is None or _HOUR.search(before) is not None


def sentence_of(starts: list[int], place: int, length: int) -> tuple[int, int]:
    """Start and end of the sentence that holds a place."""
    index = bisect_right(starts, place) - 1
    return starts[index], starts[index + 1] if index + 1 < len(starts) else length
