"""What a field means, apart from how it is written: two values with one meaning differ only in form. Pure."""

from __future__ import annotations

import functools
import json
import re
import typing
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from babel import Locale

from store.codec import decode, digest, iso
from store.folding import folded, plain_url
from store.model import Amount, Code, Deadline, Document, Moment, Notice, Place

UNREAL = frozenset({"placeholder", "impossible_date"})
_LANGUAGES = ("en", "fr", "de", "es", "it", "pt", "pl", "nl")
_ITEMS = re.compile(r"[;,|/•·]+| and | und | et | y | e | ed | i | oraz | en | & ")
_WORD = re.compile(r"\w+(?:[.,]\d+)*")
FIELD_TYPES: dict[str, Any] = typing.get_type_hints(Notice)
_LONG_ITEM = 6  # words; a longer piece is prose, not an item of a list
_MINUTE = timedelta(minutes=1)


def instant(deadline: Deadline) -> datetime | None:
    """The instant a deadline means, to the minute; None for a rolling or impossible one. 23:59, 23:59:59 and 24:00 are one."""
    if deadline.utc is None or UNREAL & set(deadline.flags):
        return None
    utc = deadline.utc.replace(second=0, microsecond=0)
    last_minute = deadline.precision == "day" or (deadline.local is not None and deadline.local.minute == 59)
    return utc + _MINUTE if last_minute else utc


def is_rolling(deadlines: Iterable[Deadline]) -> bool:
    """Whether any of them has no date because it never closes."""
    return any(d.rolling and d.utc is None for d in deadlines)


def money(amounts: Iterable[Amount]) -> frozenset[tuple[Any, ...]]:
    """What amounts say: (least, most, currency, rate) each; the order, quotes and one-value ranges play no part."""
    out = set()
    for a in amounts:
        low, high = (a.value, a.value) if a.value is not None else (a.minimum, a.maximum)
        if low is not None or high is not None or a.rate is not None:
            out.add((_money(low), _money(high), a.currency, _money(a.rate)))
    return frozenset(out)


def same_money(one: frozenset[tuple[Any, ...]], other: frozenset[tuple[Any, ...]]) -> bool:
    """Whether two budgets agree; a side that names no currency agrees with any."""
    if one == other:
        return True
    if {c for _, _, c, _ in one} == {""} or {c for _, _, c, _ in other} == {""}:
        return {(low, high, rate) for low, high, _, rate in one} == {(low, high, rate) for low, high, _, rate in other}
    return False


def eligible(text: str, codes: Iterable[Code] = (), dictionary: Iterable[Code] = ()) -> frozenset[str]:
    """Who may take part, as a set: the items of a list (countries as codes, labels of known codes as their values), or the words of
    prose in their order as one item; and the codes whose role is ``eligible``.
    """
    labels = {folded(code.label): folded(code.value) for code in dictionary if code.label}
    low = folded(text)
    pieces = [piece for piece in map(folded, _ITEMS.split(low)) if piece]
    if any(len(piece.split()) > _LONG_ITEM for piece in pieces):
        items = {" ".join(_WORD.findall(low))}
    else:
        items = {labels.get(piece) or country(piece) or " ".join(_WORD.findall(piece)) for piece in pieces}
    marked = {f"{c.scheme}={country(folded(c.value)) or folded(c.value)}" for c in codes if c.role == "eligible"}
    return frozenset((items | marked) - {""})


def documents(items: Iterable[Document]) -> frozenset[str]:
    """The addresses of documents, without what does not change which document it is."""
    return frozenset(plain_url(d.url) for d in items)


def added_documents(old: Iterable[Document], new: Iterable[Document]) -> frozenset[str]:
    """The addresses of documents that are new. The same file under the same title on another host is the publisher's move, not a
    new document; on the same host another folder is (uploads of a corrected file land in the folder of the month).
    """
    known = {plain_url(d.url) for d in old}
    places = {(folded(d.title), *_place(plain_url(d.url))) for d in old}
    added = set()
    for d in new:
        url, title = plain_url(d.url), folded(d.title)
        host, file = _place(url)
        if url not in known and not any(t == title and f == file and file and h != host for t, h, f in places):
            added.add(url)
    return frozenset(added)


def wording(text: str) -> tuple[str, ...]:
    """The folded words and numbers of a text in their order, without the marks between them."""
    return tuple(_WORD.findall(folded(text)))


def day_and_time(moment: Moment | None) -> str:
    """When something begins or ends, for comparing: the civil day, and the instant when a time of day is said."""
    if moment is None:
        return ""
    return iso(moment.utc)[:16] if moment.has_time else moment.local.date().isoformat()


def venue(place: Place | None) -> tuple[str, str, str, bool]:
    """Name, city, country and whether online, folded."""
    if place is None:
        return ("", "", "", False)
    return (folded(place.name), folded(place.city), place.country.upper(), place.online)


def token(field: str, value: str | None) -> str:
    """A hash of what the JSON ``value`` of a record's ``field`` means: equal for values that differ only in form."""
    data = json.loads(value) if value is not None else None
    if data is None or field not in FIELD_TYPES:
        return digest(repr(data))
    read = decode(FIELD_TYPES[field], data)
    meaning: Any = read
    if field == "deadlines":
        meaning = (sorted(iso(i) for d in read if (i := instant(d))), is_rolling(read))
    elif field == "amounts":
        meaning = sorted(map(repr, money(read)))
    elif field == "eligibility":
        meaning = sorted(eligible(read))
    elif field == "codes":
        meaning = sorted(eligible("", read))
    elif field == "documents":
        meaning = sorted(documents(read))
    elif field in ("starts", "ends", "opens"):
        meaning = day_and_time(read)
    elif field == "place":
        meaning = venue(read)
    elif isinstance(read, str):
        meaning = folded(read)
    return digest(repr(meaning))


def country(name: str) -> str:
    """The ISO code (folded) of a folded country name or code in one of the common languages, "" when it is none."""
    return _countries().get(name, "")


@functools.cache
def _countries() -> dict[str, str]:
    found: dict[str, str] = {}
    for language in _LANGUAGES:
        for code, name in Locale.parse(language).territories.items():
            if len(code) == 2 and code.isalpha():
                found.setdefault(folded(str(name)), code.casefold())
                found.setdefault(code.casefold(), code.casefold())
    return found


def _place(url: str) -> tuple[str, str]:
    """Host and file name of a plain address."""
    host, _, path = url.partition("?")[0].partition("/")
    return host, path.rpartition("/")[2]


def _money(value: float | None) -> float | None:
    return None if value is None else round(float(value), 2)
