"""Lists in web pages: ``rows`` selects the repeated block, ``fields`` what stands in it, ``paging.next`` the link to more."""

from __future__ import annotations

from collections.abc import Iterator

from parsel import Selector

from crawlers.decoding import html_of
from crawlers.errors import ParseError
from crawlers.fields import notice_from
from crawlers.formats.detail import follow_detail, is_detail, parse_detail
from crawlers.formats.paging import asked_again, position
from crawlers.formats.selecting import compiled, select
from crawlers.links import absolute, page_link
from crawlers.source import Source
from store.model import Follow, Notice, Page, Problem

MOST_ROWS = 5_000


def parse(page: Page, source: Source) -> Iterator[Notice | Problem | Follow]:
    """A notice a row, or a request for its detail page; then the next list page."""
    if is_detail(page):
        yield from parse_detail(page, source)
        return
    try:
        root = html_of(page)
    except ParseError as error:
        yield Problem(source=source.name, url=page.url, cause=error.cause, detail=error.detail)
        return
    rows = root.xpath(compiled(source.rows))
    if not rows and not select(root, source.options.get("empty", "") or "nothing-here"):
        detail = f"no row at '{source.rows}'; the page's template has changed, or it is another page. Try 'sources doctor'"
        yield Problem(source=source.name, url=page.url, cause="missing-rows", detail=detail)
    for row in rows[:MOST_ROWS]:
        yield from _row(row, page, source)
    yield from _next(root, len(rows), page, source)


def _row(row: Selector, page: Page, source: Source) -> Iterator[Notice | Problem | Follow]:
    values = {name: select(row, selector) for name, selector in source.fields.items()}
    link = page_link(values["url"][0], page.url, source.options) if values.get("url") else ""
    if source.detail and link:
        yield follow_detail(source, {**values, "url": [link]}, link)
    else:
        yield from notice_from(source, page, values, url="" if "url" in source.fields else page.url)


def _next(root: Selector, rows: int, page: Page, source: Source) -> Iterator[Follow]:
    style = source.paging.style
    if style == "next_link":
        for link in select(root, source.paging.next)[:1]:
            if (url := absolute(link, page.url)) and url != page.url:
                yield Follow(url=url)
    elif style in {"page", "offset"} and rows and rows >= source.paging.size:
        step = 1 if style == "page" else source.paging.size or rows
        yield asked_again(page, source, str(position(page, source) + step))
