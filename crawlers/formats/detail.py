"""Detail pages: what a list row said is carried along, and the page's own fields are read over it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import quote, unquote

from crawlers.decoding import html_of
from crawlers.errors import ParseError
from crawlers.fields import notice_from
from crawlers.formats.selecting import select
from crawlers.source import Source
from store.model import Follow, Notice, Page, Problem

CARRY = "x-carry-"
ROLE = "x-role"
SEPARATOR = "\x1f"
LONGEST_CARRIED = 20_000


def follow_detail(source: Source, values: Mapping[str, Sequence[str]], url: str) -> Follow:
    """The request for a row's own page, with all that the row said."""
    carry = {name: SEPARATOR.join(given)[:LONGEST_CARRIED] for name, given in values.items() if any(given)}
    return Follow(url=url, role="detail", carry=carry)


def detail_headers(follow: Follow) -> dict[str, str]:
    """The page headers that tell a parser that this is a detail page and what its row said; values are percent-encoded."""
    return {ROLE: follow.role, **{CARRY + name: quote(value) for name, value in follow.carry.items()}}


def is_detail(page: Page) -> bool:
    """Whether the page was asked for as a detail page."""
    return page.headers.get(ROLE) == "detail"


def carried(page: Page) -> dict[str, list[str]]:
    """What the row of this detail page said: field name -> values."""
    return {
        name.removeprefix(CARRY): unquote(value).split(SEPARATOR) for name, value in page.headers.items() if name.startswith(CARRY)
    }


def parse_detail(page: Page, source: Source) -> Iterator[Notice | Problem]:
    """The notice of a detail page: carried values, overwritten by each ``detail`` selector that finds something."""
    values: dict[str, list[str]] = carried(page)
    row_url = (values.get("url") or [page.url])[0] or page.url
    try:
        root = html_of(page)
    except ParseError as error:
        yield Problem(source=source.name, url=page.url, cause=error.cause, detail=error.detail)
        if values:
            yield from notice_from(source, page, values, url=row_url)
        return
    lost = []
    for name, selector in source.detail.items():
        found = select(root, selector)
        if found:
            values[name] = found
        else:
            lost.append(name)
    if source.detail and len(lost) == len(source.detail):
        detail = f"none of the detail selectors ({', '.join(lost)}) found anything; the page's template has changed or it is another page"
        yield Problem(source=source.name, url=page.url, cause="detail-lost", detail=detail)
        if not values:
            return
    yield from notice_from(source, page, values, url=row_url)
