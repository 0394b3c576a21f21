"""A source as declared: the facts of one TOML file. Types here; ``load_sources`` reads and checks them (see ``declare.py``)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from store.model import Kind, Publish

_EMPTY: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, kw_only=True, slots=True)
class Expect:
    """Declared bounds of a healthy run: ``items`` = fewest and most notices; ``fields`` = field name to the least share (0..1) of
    notices that carry it; ``empty_ok`` = a run with no item is normal.
    """

    items: tuple[int, int] = (1, 100_000)
    fields: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    empty_ok: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Ask:
    """How the first page is asked for. ``body`` is sent as it stands; ``form`` parts, when given, make a multipart body."""

    method: str = "GET"
    body: str = ""
    headers: Mapping[str, str] = field(default_factory=lambda: _EMPTY)
    form: Mapping[str, str] = field(default_factory=lambda: _EMPTY)


@dataclass(frozen=True, kw_only=True, slots=True)
class Paging:
    """How further pages are found. ``style``: none, next_link (``next`` is a selector or pointer), page, offset, token.

    ``parameter`` is the query parameter, or the JSON body key, that carries the page, offset or token; ``size`` items a page;
    ``total`` points at the number of all items; ``most`` pages are read at the most, and reading stops there as incomplete.
    """

    style: str = "none"
    parameter: str = ""
    first: int = 1
    size: int = 0
    next: str = ""
    total: str = ""
    most: int = 50


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """One place that publishes. ``name`` is the file name without ``.toml``: ``<country>_<publisher>``.

    ``rows`` selects the repeated block (CSS for html_list, JSON pointer for json_api); ``fields`` maps notice fields to a selector
    relative to it; ``detail`` maps notice fields to selectors on the detail page (html_list only). ``ids`` maps a hard-id scheme to
    the field that carries it. ``every`` is the poll interval in minutes, bounded by ``every_bounds``. ``trust`` orders
    golden-record values: api > feed > page > news. ``robots`` is "obey"; ``blocked`` holds the reason why it is not asked at all.
    ``lists_all`` says whether its list holds all that is current, so that absence means something; None leaves it to the format
    (feeds, sitemaps and documents show the newest alone). ``more`` are further start addresses of the same shape. ``page_prefix`` is how the addresses of its single pages begin: a page
    that is saved or archived is known by it to be a detail page of this source.
    """

    name: str
    title: str
    publisher: str
    url: str
    format: str
    kind: Kind
    country: str
    languages: tuple[str, ...]
    timezone: str
    every: int = 1440
    every_bounds: tuple[int, int] = (60, 10_080)
    licence: str = ""
    terms: str = ""
    robots: str = "obey"
    official_feed: bool = False
    verified: bool = False
    verified_how: str = ""
    enabled: bool = True
    blocked: str = ""
    publish: Publish = "auto"
    trust: str = "page"
    date_formats: tuple[str, ...] = ()
    day_first: bool = True
    rows: str = ""
    fields: Mapping[str, str] = field(default_factory=lambda: _EMPTY)
    detail: Mapping[str, str] = field(default_factory=lambda: _EMPTY)
    ids: Mapping[str, str] = field(default_factory=lambda: _EMPTY)
    ask: Ask = field(default_factory=Ask)
    paging: Paging = field(default_factory=Paging)
    expect: Expect = field(default_factory=Expect)
    options: Mapping[str, str] = field(default_factory=lambda: _EMPTY)
    more: tuple[str, ...] = ()
    lists_all: bool | None = None
    page_prefix: str = ""
    path: str = ""
