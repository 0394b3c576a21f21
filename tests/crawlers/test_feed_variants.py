"""Feeds as the specifications and their breakers write them, each with what a careful reader would take from it."""

from __future__ import annotations

from types import MappingProxyType

import pytest

from crawlers.reading import read_page
from crawlers.source import Source
from store.model import Notice, Page, Problem
from tests.crawlers.web import NOW

SOURCE = Source(
    name="int_x", title="x", publisher="x", url="https://example.org/feed", format="feed", kind="news", country="INT",
    languages=("en",), timezone="Europe/Paris",
)  # fmt: skip


def read(body: bytes | str, headers: dict[str, str] | None = None) -> tuple[list[Notice], list[str]]:
    raw = body if isinstance(body, bytes) else body.encode()
    page = Page(url="https://example.org/feeds/feed", body=raw, fetched_at=NOW, headers=MappingProxyType(headers or {}))
    things = list(read_page(SOURCE, page))
    return [t for t in things if isinstance(t, Notice)], [t.cause for t in things if isinstance(t, Problem)]


def rss(item: str, attributes: str = "", head: str = '<?xml version="1.0" encoding="utf-8"?>') -> str:
    return f'{head}<rss version="2.0" {attributes}><channel><title>T</title><link>https://example.org/</link>{item}</channel></rss>'


def item(title: str, rest: str = "<link>https://example.org/a</link>") -> str:
    return f"<item><title>{title}</title>{rest}</item>"


@pytest.mark.parametrize(
    ("body", "title"),
    [
        (rss(item("<![CDATA[Call &amp; <b>Grant</b> 2026]]>")), "Call & Grant 2026"),
        (rss(item("Call &lt;b&gt;Grant&lt;/b&gt; &amp;amp; 5 &lt; 6")), "Call Grant & 5 < 6"),
        (rss(item("L&amp;#8217;appel &amp;eacute;t&amp;eacute;")), "L’appel été"),
        (rss(item("F&ouml;rderung &nbsp;caf&eacute; &euro; 5")), "Förderung café € 5"),
        (rss(item("R&D & Innovation")), "R&D & Innovation"),
        (rss(item("Foo\x08 bar")), "Foo bar"),
        ("\n<!-- made by hand -->\n" + rss(item("Foo")), "Foo"),
        (b"\xef\xbb\xbf\n " + rss(item("Förderung")).encode(), "Förderung"),
        (b"<br />\n<b>Warning</b>: in x.php on line 3\n" + rss(item("Foo")).encode(), "Foo"),
        (rss(item("Förderung")).replace("utf-8", "utf-16").encode("utf-16"), "Förderung"),
        (rss(item("Förderung")).replace("utf-8", "utf-16").encode("utf-16-le"), "Förderung"),
        (rss(item("Förderung Łódź"), head='<?xml version="1.0" encoding="iso-8859-1"?>'), "Förderung Łódź"),
        (rss(item("“Wort” – 5 €"), head='<?xml version="1.0" encoding="iso-8859-1"?>').encode("cp1252"), "“Wort” – 5 €"),
        (rss(item("Новости дня"), head='<?xml version="1.0" encoding="koi8-r"?>').encode("koi8-r"), "Новости дня"),
        (rss(item("Новости дня сегодня в Москве"), head='<?xml version="1.0"?>').encode("cp1251"), "Новости дня сегодня в Москве"),
        (rss(item("Café société générale"), head='<?xml version="1.0"?>').encode("latin1"), "Café société générale"),
        ("<RSS VERSION='2.0'><CHANNEL><ITEM><TITLE>Foo</TITLE><LINK>https://example.org/a</LINK></ITEM></CHANNEL></RSS>", "Foo"),
        (
            '<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY nbsp "&#160;">]>' + rss(item("One&nbsp;two"), head=""),
            "One two",
        ),
        (
            '<!DOCTYPE rss PUBLIC "-//Netscape Communications//DTD RSS 0.91//EN" "http://my.netscape.com/rss-0.91.dtd">'
            + rss(item("Foo"), head=""),
            "Foo",
        ),
    ],
)  # fmt: skip
def test_titles(body: bytes | str, title: str) -> None:
    notices, problems = read(body)
    assert ([notice.title for notice in notices], problems) == ([title], [])
    assert notices[0].url == "https://example.org/a"


@pytest.mark.parametrize(
    "inside", ['<!ENTITY a "b"><!ENTITY c "&a;&a;">', '<!ENTITY a SYSTEM "file:///etc/passwd">', "<!ENTITY % x 'y'>%x;"]
)
def test_entities_that_are_more_than_a_character_are_refused(inside: str) -> None:
    assert read(f"<!DOCTYPE rss [{inside}]>" + rss(item("&a;"), head="")) == ([], ["xml-entities"])


@pytest.mark.parametrize(
    ("written", "published"),
    [
        ("<pubDate>Di, 01 Sep 2026 10:00:00 +0200</pubDate>", "2026-09-01T08:00"),
        ("<pubDate>Tue, 1 Sept 2026 10:00:00 CEST</pubDate>", "2026-09-01T08:00"),
        ("<pubDate>Tue, 01 Sep 2026 10:00:00 MEZ</pubDate>", "2026-09-01T09:00"),
        ("<pubDate>01.09.2026 10:00</pubDate>", "2026-09-01T08:00"),
        ("<pubDate>1 septembre 2026</pubDate>", "2026-08-31T22:00"),
        ("<dc:date>2026-09-01T10:00:00+02:00</dc:date>", "2026-09-01T08:00"),
    ],
)  # fmt: skip
def test_dates_of_publication(written: str, published: str) -> None:
    [notice], _ = read(rss(item("x", f"<link>https://example.org/a</link>{written}")))
    assert notice.published is not None
    assert f"{notice.published:%Y-%m-%dT%H:%M}" == published
    assert notice.updated is None


def test_one_date_of_dublin_core_is_the_publication_in_rdf() -> None:
    body = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
      xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="https://example.org"><title>T</title></channel>
      <item rdf:about="https://example.org/a"><title>One</title><link>https://example.org/a</link>
      <dc:date>2026-09-01T00:00:00+02:00</dc:date><dc:subject>Energy</dc:subject><dc:creator>Jo Doe</dc:creator></item></rdf:RDF>"""
    [notice], problems = read(body)
    assert problems == []
    assert (notice.organiser, [code.value for code in notice.codes]) == ("Jo Doe", ["Energy"])
    assert notice.published is not None


def test_atom_with_bases_names_and_labels() -> None:
    body = """<feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://other.org/x/" xml:lang="es"><title>T</title>
      <entry xml:base="y/"><title type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">A <b>b</b></div></title>
      <link rel="self" href="self.xml"/><link rel="edit" href="e"/><link href="page.html"/><id>t3_plain</id>
      <updated>2026-09-01T08:00:00Z</updated><author><name>Jo</name><email>jo@x.org</email></author>
      <category term="a" label="Label A"/></entry>
      <entry><title>B</title><id>urn:uuid:1</id><updated>2026-09-01T08:00:00Z</updated>
      <content type="text/html" src="https://example.org/full.html"/></entry></feed>"""
    (first, second), problems = read(body)
    assert problems == []
    assert (first.title, first.url, first.organiser, first.language) == ("A b", "https://other.org/x/y/page.html", "Jo", "es")
    assert [code.value for code in first.codes] == ["Label A"]
    assert (second.source_id, second.url) == ("urn:uuid:1", "https://example.org/full.html")


def test_identities_stay_as_the_publisher_wrote_them() -> None:
    (first, second), _ = read(
        rss(
            item("x", "<guid>t3_abc</guid><link>/x</link>")
            + item("y", '<guid isPermaLink="false">v1</guid><enclosure url="/v.mp4"/>')
        )
    )
    assert (first.source_id, first.url) == ("t3_abc", "https://example.org/x")
    assert (second.source_id, second.url) == ("v1", "https://example.org/v.mp4")


def test_an_entry_without_link_is_known_by_the_one_address_in_its_text() -> None:
    one = "<description>&lt;a href='/doc.pdf'&gt;here&lt;/a&gt;</description>"
    two = "<description>&lt;a href='/a'&gt;a&lt;/a&gt; &lt;a href='/b'&gt;b&lt;/a&gt;</description>"
    [notice], problems = read(rss(item("x", one) + item("y", two)))
    assert (notice.source_id, notice.url) == ("https://example.org/doc.pdf", "https://example.org/doc.pdf")
    assert problems == ["missing-id"]


def test_mail_addresses_are_not_taken_for_names() -> None:
    authors = ["jo@x.industries (Jo Doe)", "jo@x.org", "Jo Doe"]
    notices, _ = read(rss("".join(item("x", f"<link>/{n}</link><author>{a}</author>") for n, a in enumerate(authors))))
    assert [notice.organiser for notice in notices] == ["Jo Doe", "", "Jo Doe"]


def test_event_modules_give_dates_and_places() -> None:
    rest = "<link>/a</link><ev:startdate>2026-10-01T09:00:00+02:00</ev:startdate><ev:enddate>2026-10-02</ev:enddate><ev:location>Porto</ev:location>"
    [notice], problems = read(rss(item("x", rest), 'xmlns:ev="http://purl.org/rss/1.0/modules/event/"'))
    assert problems == []
    assert notice.starts is not None
    assert notice.ends is not None
    assert (f"{notice.starts.local:%d.%m. %H}", f"{notice.ends.local:%d.%m.}") == ("01.10. 09", "02.10.")


def test_json_feed_of_both_versions() -> None:
    body = """{"version": "https://jsonfeed.org/version/1", "author": {"name": "Feed Author"}, "items": [
      {"id": 5, "url": "/a", "title": "T&amp;A", "date_published": "2026-09-01T10:00:00+02:00", "attachments": [{"url": "/x.pdf"}]},
      {"id": "https://example.org/b", "content_text": "no title here", "authors": [{"name": "Own Author"}]}, "junk"]}"""
    (first, second), problems = read(body)
    assert problems == []
    assert (first.source_id, first.title, first.organiser) == ("5", "T&A", "Feed Author")
    assert [document.url for document in first.documents] == ["https://example.org/x.pdf"]
    assert (second.url, second.title, second.organiser) == ("https://example.org/b", "no title here", "Own Author")


def test_a_cut_feed_gives_its_whole_entries() -> None:
    notices, problems = read(rss(item("One") + item("Two", "<link>https://example.org/b</link>"))[:-40])
    assert ([notice.title for notice in notices], problems) == (["One"], ["cut-short"])
