"""XML that publishers break: what can be repaired without a doubt is read whole, what breaks off is read up to the break and told."""

from __future__ import annotations

import gzip
from types import MappingProxyType

import pytest
from lxml import etree

from crawlers.reading import read_page
from crawlers.source import Source
from crawlers.xml_mending import mended
from store.model import Follow, Notice, Page, Problem
from tests.crawlers.web import NOW

SOURCE = Source(
    name="int_x", title="x", publisher="x", url="https://example.org/sitemap.xml", format="sitemap", kind="news", country="INT",
    languages=("en",), timezone="Europe/Lisbon",
)  # fmt: skip


def sitemap(inside: str, attributes: str = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"') -> str:
    return f'<?xml version="1.0" encoding="UTF-8"?><urlset {attributes}>{inside}</urlset>'


def read(body: str | bytes) -> tuple[list[str], list[str], list[str]]:
    """Titles, addresses asked for, causes of problems."""
    raw = body if isinstance(body, bytes) else body.encode()
    things = list(read_page(SOURCE, Page(url=SOURCE.url, body=raw, fetched_at=NOW, headers=MappingProxyType({}))))
    return (
        [t.title for t in things if isinstance(t, Notice)],
        [t.url for t in things if isinstance(t, Follow)],
        [t.cause for t in things if isinstance(t, Problem)],
    )


@pytest.mark.parametrize(
    ("body", "url"),
    [
        (sitemap("<url><loc>https://example.org/a?x=1&y=2</loc></url>"), "https://example.org/a?x=1&y=2"),
        (sitemap("<url><loc>https://example.org/caf\xe9</loc></url>").encode("latin1"), "https://example.org/caf%C3%A9"),
        (sitemap("<url><loc>https://example.org/a</loc></url>").encode("utf-16"), "https://example.org/a"),
        ("\n\n " + sitemap("<url><loc>https://example.org/\x08a</loc></url>"), "https://example.org/a"),
        (sitemap("<url><loc>/a</loc></url>", ""), "https://example.org/a"),
        (gzip.compress(sitemap("<url><loc><![CDATA[https://example.org/a?b&c]]></loc></url>").encode()), "https://example.org/a?b&c"),
    ],
)  # fmt: skip
def test_addresses_of_broken_sitemaps(body: str | bytes, url: str) -> None:
    assert read(body) == ([], [url], [])


def test_a_prefix_that_nobody_declared() -> None:
    news = "<news:news><news:title>Two &amp; more&nbsp;news</news:title><news:publication_date>2026-01-01</news:publication_date></news:news>"
    assert read(sitemap(f"<url><loc>https://example.org/a</loc>{news}</url>")) == (["Two & more news"], [], [])


def test_what_stands_before_the_break_is_read_and_the_break_told() -> None:
    body = sitemap("<url><loc>https://example.org/a</loc></url><url><loc>https://example.org/b</loc></url>")[:-40]
    assert read(body) == ([], ["https://example.org/a"], ["cut-short"])


@pytest.mark.parametrize(
    ("written", "text"),
    [("R&D", "R&D"), ("&eacute;t&eacute; &amp; &#233;", "été & é"), ("&unknown;", "&unknown;"), ("<![CDATA[a & b]]>", "a & b"), ("a<!-- & -->b", "ab")],
)  # fmt: skip
def test_characters_come_out_as_they_were_meant(written: str, text: str) -> None:
    root = etree.fromstring(mended(f"<?xml version='1.0' encoding='utf-16'?><a>{written}</a>".encode()))
    assert etree.tostring(root, method="text", encoding="unicode") == text
