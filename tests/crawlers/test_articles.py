"""Single article pages: what the page says of itself in JSON-LD and meta elements, the text without what stands around it."""

from __future__ import annotations

from pathlib import Path
from types import MappingProxyType

import pytest

from crawlers.formats.detail import ROLE
from crawlers.reading import read_page
from crawlers.source import Source
from store.model import Notice, Page
from tests.crawlers.recorded_score import rates
from tests.crawlers.web import NOW

SOURCE = Source(
    name="int_x", title="x", publisher="x", url="https://example.org/s.xml", format="sitemap", kind="news", country="INT",
    languages=("en",), timezone="Europe/Paris",
)  # fmt: skip
TEXT = "".join(
    f"<p>Paragraph {n} tells at some length what the mould makers of the region decided in their yearly meeting.</p>"
    for n in range(5)
)


def article(head: str, url: str = "https://example.org/a", body: str = "") -> Notice:
    page = f"<html lang='fr'><head><title>T | Site</title>{head}</head><body><nav>Menu</nav>{body}<article><h1>Heading</h1>{TEXT}</article><footer>Imprint</footer></body></html>"
    [notice] = read_page(SOURCE, Page(url=url, body=page.encode(), fetched_at=NOW, headers=MappingProxyType({ROLE: "detail"})))
    assert isinstance(notice, Notice)
    return notice


def test_the_pages_own_article_node_goes_before_its_meta_elements() -> None:
    found = article(
        '<meta property="og:title" content="Short">'
        '<script type="application/ld+json">{"@graph": [{"@type": "WebSite", "name": "S"}, {"@type": ["NewsArticle"], "headline": "Long &amp; whole",'
        '"datePublished": "2026-09-01T10:00:00+02:00", "dateModified": "2026-09-02T10:00:00+02:00",}]}</script>'
    )
    assert (found.title, found.language) == ("Long & whole", "fr")
    assert (str(found.published), str(found.updated)) == ("2026-09-01 08:00:00+00:00", "2026-09-02 08:00:00+00:00")
    assert found.text.startswith(("Heading", "Paragraph 0"))
    assert "Imprint" not in found.text
    assert "Menu" not in found.text


@pytest.mark.parametrize(
    ("head", "url", "day"),
    [
        ('<meta name="dcterms.issued" content="2026-09-01">', "https://example.org/a", "2026-08-31"),
        ("", "https://example.org/2026/09/01/a", "2026-08-31"),
        ('<script type="application/ld+json">{"@type": "NewsArticle", broken</script>', "https://example.org/a", ""),
    ],
)
def test_dates_come_from_markup_or_are_not_told(head: str, url: str, day: str) -> None:
    canonical = f'<link rel="canonical" href="{url}">'
    found = article(head + canonical, url)
    assert str(found.published or "")[:10] == day
    assert found.title == "Heading"


@pytest.mark.recorded
def test_recorded_articles_agree_with_their_publishers(recorded: Path) -> None:
    found = rates("articles", recorded)
    assert found["body F1"][0] > 0.95
    assert found["published day"][0] > 0.9
    assert found["title"][0] > 0.9


@pytest.mark.recorded
def test_recorded_feeds_agree_with_another_reader(recorded: Path) -> None:
    found = rates("feeds", recorded)
    assert {field: rate for field, (rate, _) in found.items() if rate < 1} == {}
