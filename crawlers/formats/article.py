"""A page that is one article or notice: declared ``detail`` selectors first, then what the page says of itself (JSON-LD, meta
elements), then the main text as trafilatura finds it and the date as htmldate does.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

import trafilatura
from htmldate import find_date
from lxml import etree
from parsel import Selector

from crawlers.decoding import html_of
from crawlers.errors import ParseError
from crawlers.fields import notice_from
from crawlers.formats.detail import carried
from crawlers.formats.jsonld import types, walk
from crawlers.formats.jsonld_text import repaired, scripts
from crawlers.formats.pointers import pointed, texts
from crawlers.formats.selecting import select
from crawlers.source import Source
from store.model import Notice, Page, Problem

DAY = timedelta(days=1)
ARTICLES = frozenset(
    [
        "Article",
        "NewsArticle",
        "ReportageNewsArticle",
        "AnalysisNewsArticle",
        "BackgroundNewsArticle",
        "OpinionNewsArticle",
        "ReviewNewsArticle",
        "BlogPosting",
        "LiveBlogPosting",
        "Report",
        "TechArticle",
        "ScholarlyArticle",
        "PressRelease",
    ]
)
# Notice field -> pointers into the page's own Article node.
IN_ARTICLE = {
    "title": "/headline /name",
    "summary": "/description",
    "published": "/datePublished",
    "updated": "/dateModified",
    "language": "/inLanguage /inLanguage/alternateName",
}
# Notice field -> selectors tried in turn when neither the row, `detail` nor the Article node gave it.
SELF_DESCRIPTION = {
    "title": ('meta[property="og:title"]::attr(content)', "h1", "title"),
    "summary": ('meta[property="og:description"]::attr(content)', 'meta[name="description"]::attr(content)'),
    "published": (
        'meta[property="article:published_time"]::attr(content)',
        'meta[itemprop="datePublished"]::attr(content)',
        'meta[name="date"]::attr(content)',
        'meta[name="DC.date"]::attr(content)',
        'meta[name="DC.date.issued"]::attr(content)',
        'meta[name="dcterms.date"]::attr(content)',
        'meta[name="dcterms.issued"]::attr(content)',
        'meta[name="dcterms.created"]::attr(content)',
        'meta[name="publish-date"]::attr(content)',
        'meta[name="pubdate"]::attr(content)',
        'meta[name="parsely-pub-date"]::attr(content)',
        'meta[name="sailthru.date"]::attr(content)',
        '[itemprop="datePublished"]::attr(datetime)',
        "article time[datetime]::attr(datetime)",
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
    article = _article(root)
    for name, pointer in IN_ARTICLE.items():
        if not any(values.get(name, ())):
            values[name] = texts(pointed(article, pointer))[:1]
    for name, selectors in SELF_DESCRIPTION.items():
        if not any(values.get(name, ())):
            values[name] = next(filter(None, (select(root, selector)[:1] for selector in selectors)), [])
    if not any(values.get("text", ())):
        values["text"] = [main_text(root.root) or "\n".join(texts(pointed(article, "/articleBody"))[:1])]
    if not any(values.get("published", ())):
        values["published"] = [_written_date(root.root, page)]
    yield from notice_from(source, page, values, url=url)


def main_text(root: etree._Element) -> str:
    """The main text of a page without menus and footers; "" when there is none."""
    return trafilatura.extract(root, include_comments=False, include_tables=True, deduplicate=False) or ""


def _article(root: Selector) -> Mapping[str, Any]:
    """The page's own Article node in JSON-LD: the first with a headline; empty when there is none that can be read."""
    for script in scripts(root):
        try:
            document = repaired(script)
        except (ValueError, RecursionError):
            continue  # an article's text and meta elements say the same
        for node in walk(document):
            if types(node) & ARTICLES and node.get("headline"):
                return node
    return {}


def _written_date(root: etree._Element, page: Page) -> str:
    """The day an article was published, ISO, from its address and markup alone; "" when they do not say."""
    return (
        find_date(
            root, original_date=True, extensive_search=False, outputformat="%Y-%m-%d", max_date=f"{page.fetched_at + DAY:%Y-%m-%d}"
        )
        or ""
    )
