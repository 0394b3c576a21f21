"""Sitemaps: urlset, index, Google News, plain text, each also gzipped. A news entry is a notice; any other page is asked for."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from crawlers.decoding import text_of_page, unzipped, xml_before_the_break, xml_of
from crawlers.errors import BodyTooLarge, ParseError
from crawlers.fields import notice_from
from crawlers.formats.article import parse_article
from crawlers.formats.detail import follow_detail, is_detail
from crawlers.links import absolute, canonical
from crawlers.source import Source
from store.model import Follow, Notice, Page, Problem

MOST_ENTRIES = 50_000  # the protocol's own limit
MOST_PAGES = 500


def parse(page: Page, source: Source) -> Iterator[Notice | Problem | Follow]:
    """Notices of a news sitemap, requests for the pages of a plain one (``options.contains`` names a part that their addresses
    must have), requests for the members of an index.
    """
    if is_detail(page):
        yield from parse_article(page, source)
        return
    try:
        body = unzipped(page.body)
        if not body.lstrip(b"\xef\xbb\xbf\xff\xfe\x00 \r\n\t").startswith(b"<"):
            yield from _lines(text_of_page(Page(url=page.url, body=body, fetched_at=page.fetched_at)), page, source)
            return
        root = xml_of(body.lstrip(b"\xef\xbb\xbf"))
    except ParseError as error:
        broken = xml_before_the_break(page.body) if error.cause == "not-xml" else None
        if broken is not None and _local(broken) in {"urlset", "sitemapindex"} and len(broken) > 1:
            detail = f"the sitemap breaks off ({error.detail}); what stands before the break was read. Ask for it again"
            yield Problem(source=source.name, url=page.url, cause="cut-short", detail=detail[:300])
            del broken[-1]  # it may be half of itself
            yield from _read(broken, page, source)
            return
        cause = "not-a-sitemap" if error.cause == "html-instead" else error.cause
        yield Problem(source=source.name, url=page.url, cause=cause, detail=error.detail)
        return
    except BodyTooLarge as error:
        yield Problem(source=source.name, url=page.url, cause="too-large", detail=str(error))
        return
    yield from _read(root, page, source)


def _read(root: etree._Element, page: Page, source: Source) -> Iterator[Notice | Problem | Follow]:
    name = _local(root)
    if name == "sitemapindex":
        yield from _index(root, page, source)
    elif name == "urlset":
        yield from _urlset(root, page, source)
    else:
        detail = f"the root element is <{name}>, neither urlset nor sitemapindex"
        yield Problem(source=source.name, url=page.url, cause="not-a-sitemap", detail=detail)


def _index(root: etree._Element, page: Page, source: Source) -> Iterator[Problem | Follow]:
    """The members of an index. One whose address stands bare, without its ``loc``, is read all the same."""
    written = [_text(entry, "loc") or (entry.text or "").strip() for entry in _entries(root, "sitemap")]
    members = [url for url in (absolute(address, page.url) for address in written) if url]
    if not members:
        yield Problem(source=source.name, url=page.url, cause="no-entries", detail="the index is readable but names no sitemap")
    for url in members:
        if _wanted(url, source, "index_contains"):
            yield Follow(url=url)


def _local(node: etree._Element) -> str:
    """An element's name without namespace or prefix (a broken document may hold prefixes that nobody declared)."""
    return str(node.tag).rpartition("}")[2].rpartition(":")[2]


def _entries(root: etree._Element, name: str) -> list[etree._Element]:
    return [entry for entry in root if isinstance(entry.tag, str) and _local(entry) == name][:MOST_ENTRIES]


def _text(entry: etree._Element, name: str) -> str:
    """The text of the first descendant with that local name; "" when there is none."""
    for node in entry.iter():
        if isinstance(node.tag, str) and _local(node) == name:
            return (node.text or "").strip()
    return ""


def _wanted(url: str, source: Source, option: str) -> bool:
    parts = source.options.get(option, "").split()
    return not parts or any(part in url for part in parts)


def _urlset(root: etree._Element, page: Page, source: Source) -> Iterator[Notice | Problem | Follow]:
    entries = _entries(root, "url")
    if not entries:
        yield Problem(source=source.name, url=page.url, cause="no-entries", detail="the sitemap is readable but lists no page")
    pages = 0
    for entry in entries:
        written = _text(entry, "loc")
        url = absolute(written, page.url)
        if not url:
            yield Problem(
                source=source.name, url=page.url, cause="bad-link", detail=f"'{written[:200]}' is not an http or https address"
            )
            continue
        if not _wanted(url, source, "contains"):
            continue
        values = {
            "id": [canonical(url)],
            "url": [url],
            "title": [_news(entry, "title")],
            "published": [_news(entry, "publication_date")],
            "updated": [_text(entry, "lastmod")],
            "language": [_news(entry, "language")],
            "organiser": [_news(entry, "name")],
            "keyword": [word.strip() for word in _news(entry, "keywords").split(",")],
        }
        if values["title"][0] and not source.detail:
            yield from notice_from(source, page, values)
        elif pages < MOST_PAGES:
            pages += 1
            yield follow_detail(source, values, url)
        else:
            detail = f"more than {MOST_PAGES} pages; the first were asked for. Narrow it with options.contains"
            yield Problem(source=source.name, url=page.url, cause="too-many-entries", detail=detail)
            return


def _news(entry: etree._Element, name: str) -> str:
    """The text of an element of the entry's news block; "" without one."""
    for block in entry:
        if isinstance(block.tag, str) and _local(block) == "news":
            return _text(block, name)
    return ""


def _lines(text: str, page: Page, source: Source) -> Iterator[Problem | Follow]:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    links = [url for line in lines[:MOST_ENTRIES] if (url := absolute(line, "")) and _wanted(url, source, "contains")]
    if not links:
        yield Problem(source=source.name, url=page.url, cause="not-a-sitemap", detail="neither XML nor a list of addresses")
    for url in links[:MOST_PAGES]:
        yield follow_detail(source, {"id": [canonical(url)], "url": [url]}, url)
