"""A page that is one article or notice: declared ``detail`` selectors first, then what the page says of itself (meta elements),
then the main text as trafilatura finds it.
"""

from __future__ import annotations

from collections.abc import Iterator

import trafilatura
from lxml import etree

from crawlers.decoding import html_of
from crawlers.errors import ParseError
from crawlers.fields import notice_from
from crawlers.formats.detail import carried
from crawlers.formats.selecting import select
from crawlers.source import Source
from store.model import Notice, Page, Problem

# Notice field -> selectors tried in turn when neither the row nor `detail` gave it.
SELF_DESCRIPTION = {
    "title": ('meta[property="og:title"]::attr(content)', "h1", "title"),
    "summary": ('meta[property="og:description"]::attr(content)', 'meta[name="description"]::attr(content)'),
    "published": (
        'meta[property="article:published_time"]::attr(content)',
        'meta[name="date"]::attr(content)',
        'meta[name="DC.date"]::attr(content)',
        "time[datetime]::attr(datetime)",
    ),
    "language": ("html::attr(lang)",),
    "organiser": ('meta[property="og:site_name"]::attr(content)',),
}


def parse_article(page: Page, source: Source) -> Iterator[Notice | Problem]:
    """The notice of one article page."""
    values = carried(page)
    url = (values.get("url") or [page.url])[0] or page.url
    try:
        root = html_of(page)
    except ParseError as error:
        yield Problem(source=source.name, url=page.url, cause=error.cause, detail=error.detail)
        if any(values.get("title", ())):
            yield from notice_from(source, page, values, url=url)
        return
    for name, selector in source.detail.items():
        values[name] = select(root, selector) or values.get(name, [])
    for name, selectors in SELF_DESCRIPTION.items():
        if not any(values.get(name, ())):
            values[name] = next(filter(None, (select(root, selector)[:1] for selector in selectors)), [])
    if not any(values.get("text", ())):
        values["text"] = [main_text(root.root)]
    yield from notice_from(source, page, values, url=url)


def main_text(root: etree._Element) -> str:
    """The main text of a page without menus and footers; "" when there is none."""
    return trafilatura.extract(root, include_comments=False, include_tables=True, favor_recall=True, deduplicate=False) or ""
