"""A filter is an address: ``/feed?kind=call&sector=plastics&country=PT&role=eligible``. Parsing never fails, it tells what it left out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import product
from typing import Any, NamedTuple
from urllib.parse import quote_plus

from store.model import KINDS, ROLES

SORTS = ("newest", "deadline", "relevance")
# What a reader may ask for; "live" is everything that can still be used, "any" is everything.
STATES = ("live", "forthcoming", "open", "closing", "rolling", "closed", "cancelled", "withdrawn", "any")
WINDOWS = (7, 14, 30, 90)
SIZES = (10, 25, 50, 100)
MOST_VALUES = 12
LONGEST_TEXT = 200

_NAME = {"sectors": "sector", "countries": "country", "kinds": "kind", "roles": "role", "languages": "lang", "sources": "source"}
_SHAPES = {
    "sectors": re.compile(r"[a-z][a-z0-9-]{0,39}"),
    "countries": re.compile(r"[A-Z]{2,12}(?:-[A-Z]{2,12})?[0-9]{0,4}"),
    "languages": re.compile(r"[a-z]{2,3}"),
    "sources": re.compile(r"[a-z0-9][a-z0-9_.-]{0,79}"),
}
_SINGLE = (
    ("status", "status", "live"),
    ("within", "within", None),
    ("text", "q", ""),
    ("budget", "budget", None),
    ("sort", "sort", "newest"),
)
_CURSOR = re.compile(r"[0-9TZ:.+-]{1,40}~[0-9]{1,18}")


class Filter(NamedTuple):
    """What a reader asks for. Empty tuples mean "any". ``within`` is days from now until the deadline; ``budget`` the least amount as
    published, whatever its currency; ``between`` two ISO instants for the next end (of pages, not of addresses); ``new`` only what came
    since the last visit; ``after`` a cursor that ``Page.next`` gave.
    ``ignored`` are the parts of the address that were not understood, as (name, value).
    """

    kinds: tuple[str, ...] = ()
    sectors: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    status: str = "live"
    within: int | None = None
    languages: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    text: str = ""
    budget: int | None = None
    new: bool = False
    sort: str = "newest"
    size: int = 25
    after: str = ""
    between: tuple[str, str] | None = None
    ignored: tuple[tuple[str, str], ...] = ()

    def but(self, **changes: Any) -> Filter:
        """This filter with some fields changed and back on its first page."""
        return self._replace(**{"after": "", "ignored": (), **changes})

    def toggled(self, name: str, value: str) -> Filter:
        """This filter with ``value`` added to the tuple field ``name``, or taken out of it."""
        held: tuple[str, ...] = getattr(self, name)
        return self.but(**{name: tuple(v for v in held if v != value) if value in held else (*held, value)})

    def pairs(self) -> list[tuple[str, str]]:
        """The filter as names and values of an address, in a fixed order, defaults left out."""
        out = [(_NAME[name], value) for name in _NAME for value in getattr(self, name)]
        for name, key, default in _SINGLE:
            if (value := getattr(self, name)) != default:
                out.append((key, str(value)))
        if self.new:
            out.append(("new", "1"))
        if self.size != 25:
            out.append(("size", str(self.size)))
        if self.after:
            out.append(("after", self.after))
        return out

    def adding(self, name: str) -> tuple[str, str]:
        """What stands before and after a further value of the tuple field ``name`` in the query of ``toggled(name, value)``."""
        names, first = list(_NAME), self.but()
        pairs = first.pairs()
        at = sum(len(getattr(first, other)) for other in names[: names.index(name) + 1])
        before, after = encoded(pairs[:at]), encoded(pairs[at:])
        return (before + "&" if before else "") + _NAME[name] + "=", "&" + after if after else ""

    def query(self) -> str:
        """The query string of ``pairs``, without a question mark; "" for the whole feed."""
        return encoded(self.pairs())

    @property
    def narrow(self) -> bool:
        """Whether anything but the order is asked for."""
        return self.but(sort="newest", size=25) != Filter()

    @property
    def is_plain(self) -> bool:
        """Whether the counts beside the list can be read from the tally: one sector and one country at the most, and nothing that
        the tally does not know.
        """
        return (
            len(self.sectors) <= 1
            and len(self.countries) <= 1
            and not (self.roles or self.languages or self.sources or self.text or self.budget or self.new or self.between)
        )


def encoded(pairs: Iterable[tuple[str, str]]) -> str:
    """Names (plain letters) and values as a query string, as ``urlencode`` writes it: a page of the feed has some two hundred of them."""
    return "&".join([f"{name}={quoted(value)}" for name, value in pairs])


quoted = lru_cache(maxsize=4096)(quote_plus)


def parse_filter(args: Mapping[str, Sequence[str]]) -> Filter:
    """The filter that an address's arguments ask for. Values that mean nothing are left out and told in ``ignored``."""
    ignored: list[tuple[str, str]] = []
    given: dict[str, Any] = {}
    known = {"kinds": KINDS, "roles": ROLES}
    for name, key in _NAME.items():
        values = [_clean(v) for v in args.get(key, ()) if v.strip()]
        if name == "countries":
            values = [v.upper() for v in values]
        good = [v for v in dict.fromkeys(values) if (v in known[name] if name in known else _SHAPES[name].fullmatch(v))]
        ignored += [(key, v) for v in values if v not in good]
        ignored += [(key, v) for v in good[MOST_VALUES:]]
        given[name] = tuple(good[:MOST_VALUES])
    given["text"] = _clean(" ".join(args.get("q", ())))[:LONGEST_TEXT]
    given["new"] = _one(args, "new") in ("1", "on", "true")
    for key, allowed in (("status", STATES), ("sort", SORTS)):
        _take(given, ignored, key, key, _one(args, key), allowed)
    for key, most in (("within", 3660), ("budget", 10**12), ("size", 100)):
        value = _one(args, key)
        if value:
            number = int(value) if value.isascii() and value.isdigit() and len(value) < 14 else 0
            if 0 < number <= most:
                given[key] = number
            else:
                ignored.append((key, value))
    cursor = _one(args, "after")
    if cursor and _CURSOR.fullmatch(cursor):
        given["after"] = cursor
    elif cursor:
        ignored.append(("after", cursor))
    if given.get("sort") == "relevance" and not given["text"]:
        given.pop("sort")
    return Filter(**given, ignored=tuple(ignored))


def _one(args: Mapping[str, Sequence[str]], key: str) -> str:
    values = args.get(key, ())
    return _clean(values[-1]) if values else ""


def _clean(value: str) -> str:
    """``value`` without control characters and lone surrogates, spaces folded."""
    kept = "".join(c if c.isprintable() and not "\ud800" <= c <= "\udfff" else " " for c in value)
    return " ".join(kept.split())


def _take(given: dict[str, Any], ignored: list[tuple[str, str]], name: str, key: str, value: str, allowed: Iterable[str]) -> None:
    if value in allowed:
        given[name] = value
    elif value:
        ignored.append((key, value))


_WORD = re.compile(r'(-?)(?:"([^"]*)"?|(\S+))')
_LETTER = re.compile(r"\w")
_MOST_PLACES = 3


def _spellings(raw: str) -> list[str]:
    """How words may be written that a reader typed on a keyboard without ``ł`` and ``ß``, which no folding of accents takes apart."""
    places = [n for n, letter in enumerate(raw) if letter in "lL"]
    ways = {raw: None}
    if len(places) <= _MOST_PLACES:
        for letters in product("lł", repeat=len(places)):
            way = list(raw)
            for n, letter in zip(places, letters, strict=True):
                way[n] = letter if letter == "ł" else way[n]
            ways["".join(way)] = None
    return [*ways, *(way.replace("ss", "ß") for way in list(ways) if "ss" in way)]


def match_expression(text: str, tokens: Sequence[Sequence[str]]) -> str:
    """The FTS5 expression for a reader's words and for tag tokens (each inner sequence: any of them). "" when there is nothing to match.

    Words are all needed; ``"a phrase"`` stays together, ``begin*`` matches beginnings, ``-word`` must not occur. Nothing that a reader
    types is read as an operator of FTS5, and their words never match our tag tokens.
    """
    wanted: list[str] = []
    unwanted: list[str] = []
    for minus, phrase, word in _WORD.findall(text):
        raw = phrase or word
        if not any(_LETTER.match(c) and c != "_" for c in raw):
            continue
        star = "*" if word.endswith("*") else ""
        quoted = " OR ".join(f'"{way}"{star}' for way in _spellings(raw.rstrip("*").replace('"', " ").strip("'")))
        (unwanted if minus else wanted).append(f"({quoted})" if " OR " in quoted else quoted)
    if not wanted:
        return ""
    expression = "{title summary text} : (" + " AND ".join(wanted) + ")"
    for some in tokens:
        expression += " AND {tags} : (" + " OR ".join(f'"{token}"' for token in some) + ")"
    for quoted in unwanted:
        expression = f"({expression}) NOT ({{title summary text}} : {quoted})"
    return expression
