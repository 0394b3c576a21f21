"""Formats on pages of our own in the shapes that real ones have."""

from __future__ import annotations

import gzip
import io
import json
from datetime import UTC, datetime

import pytest
from pypdf import PdfWriter

from crawlers.clean import clean_line, plain
from crawlers.formats import parser_of
from crawlers.source import Source
from store.model import Follow, Notice, Page, Problem
from tests.crawlers.web import NOW, declare, item, rss

URL = "https://www.example.org/list"


def read(source: Source, body: bytes, **headers: str) -> tuple[list[Notice], list[str], list[Follow]]:
    """(notices, causes of problems, requests) of one page."""
    things = list(parser_of(source)(Page(url=source.url, body=body, fetched_at=NOW, headers=headers), source))
    return (
        [t for t in things if isinstance(t, Notice)],
        [t.cause for t in things if isinstance(t, Problem)],
        [t for t in things if isinstance(t, Follow)],
    )


FEED = declare(URL, "feed")


def test_atom_with_relative_links_and_two_dates() -> None:
    body = b"""<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://base.example.org/x/"><title>T</title>
    <entry><id>urn:1</id><title type="html">A &amp;amp; B</title><link href="../call/1"/><published>2026-11-01T10:00:00+01:00</published>
    <updated>2026-11-05T10:00:00Z</updated><content type="html">&lt;p&gt;One&lt;/p&gt;&lt;p&gt;Two&lt;/p&gt;</content></entry></feed>"""
    notices, causes, _ = read(FEED, body)
    assert causes == []
    one = notices[0]
    assert (one.source_id, one.title, one.url, one.text) == ("urn:1", "A & B", "https://base.example.org/call/1", "One\nTwo")
    assert (one.published, one.updated) == (datetime(2026, 11, 1, 9, tzinfo=UTC), datetime(2026, 11, 5, 10, tzinfo=UTC))


def test_a_missing_guid_is_the_link_and_neither_is_a_problem() -> None:
    body = rss("<item><title>A</title><link>https://example.org/a?utm_source=rss</link></item>", "<item><title>B</title></item>")
    notices, causes, _ = read(FEED, body)
    assert [notice.source_id for notice in notices] == ["https://example.org/a"]
    assert causes == ["missing-id"]


@pytest.mark.parametrize("before", [b"<!-- a comment -->\n", b"\n\n  ", b"\xef\xbb\xbf", b"\xef\xbb\xbf<!-- one --><!-- two -->\n"])
def test_what_stands_before_the_declaration(before: bytes) -> None:
    assert len(read(FEED, before + rss(item(1)))[0]) == 1


@pytest.mark.parametrize(
    ("declared", "real", "header"),
    [
        ("ISO-8859-1", "iso-8859-1", ""),
        ("utf-8", "cp1252", ""),
        ("", "utf-8", ""),
        ("windows-1251", "windows-1251", "text/xml"),
        ("koi8-r", "koi8-r", "application/xml; charset=koi8-r"),
    ],
)
def test_encodings(declared: str, real: str, header: str) -> None:
    title = "Выставка" if real.startswith(("windows-1251", "koi8")) else "Förderung für Größe"
    head = f'<?xml version="1.0" encoding="{declared}"?>' if declared else '<?xml version="1.0"?>'
    body = f'{head}<rss version="2.0"><channel><title>x</title><item><guid>1</guid><link>https://e.org/1</link><title>{title}</title></item></channel></rss>'
    notices, _, _ = read(FEED, body.encode(real), **({"content-type": header} if header else {}))
    assert notices[0].title == title


def test_json_feed_and_what_is_none() -> None:
    document = {
        "version": "https://jsonfeed.org/version/1.1",
        "language": "de",
        "items": [{"id": 7, "url": "/a", "title": "T", "content_html": "<p>x</p>", "date_published": "2026-11-01T00:30:00Z"}],
    }
    notices, causes, _ = read(FEED, json.dumps(document).encode())
    assert (notices[0].source_id, notices[0].url, notices[0].language, causes) == ("7", "https://www.example.org/a", "de", [])
    assert read(FEED, b'{"version": "1", "items": []}')[1] == ["not-a-feed"]
    assert read(FEED, b"just a text")[1] == ["not-a-feed"]
    assert read(FEED, b"")[1] == ["empty-body"]
    assert read(FEED, rss())[1] == ["no-entries"]


def test_a_feed_field_that_holds_a_deadline() -> None:
    source = declare(URL, "feed", '[fields]\ndeadline = "closing_date"\n', kind="call")
    notices, _, _ = read(source, rss(item(1, extra="<closing_date>2027-02-01</closing_date>")))
    assert [deadline.utc for deadline in notices[0].deadlines] == [datetime(2027, 2, 1, 22, 59, 59, tzinfo=UTC)]


def test_a_date_ahead_of_the_clock_is_not_believed() -> None:
    body = rss(
        "<item><guid>1</guid><link>https://e.org/1</link><title>T</title><pubDate>Thu, 19 Nov 2037 10:00:00 GMT</pubDate></item>"
    )
    assert read(FEED, body)[0][0].published is None


def calendar(*lines: str) -> bytes:
    return "\r\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", *lines, "END:VCALENDAR", ""]).encode()


FAIR = declare(URL, "ical", kind="fair")


def test_calendar_days_zones_and_cancelled() -> None:
    body = calendar(
        "BEGIN:VEVENT", "UID:a", "SUMMARY:Fair", "DTSTART;VALUE=DATE:20270301", "DTEND;VALUE=DATE:20270304", "LOCATION:Hall 1\\, Porto", "END:VEVENT",
        "BEGIN:VEVENT", "UID:b", "SUMMARY:Talk", "DTSTART;TZID=Europe/Lisbon:20270601T100000", "DURATION:PT2H", "STATUS:CANCELLED", "END:VEVENT",
        "BEGIN:VEVENT", "UID:c", "SUMMARY:Zone", "DTSTART;TZID=Middle/Earth:20270601T100000", "END:VEVENT",
        "BEGIN:VEVENT", "UID:d", "SUMMARY:Utc", "DTSTART:20270601T100000Z", "END:VEVENT",
    )  # fmt: skip
    notices, causes, _ = read(FAIR, body)
    by = {notice.source_id: notice for notice in notices}
    assert by["a"].ends is not None
    assert (by["a"].ends.local, by["a"].ends.has_time, by["a"].place and by["a"].place.name) == (
        datetime(2027, 3, 3),
        False,
        "Hall 1, Porto",
    )
    assert by["b"].starts is not None
    assert by["b"].ends is not None
    assert (by["b"].starts.zone, by["b"].starts.utc.hour, by["b"].ends.utc.hour, by["b"].cancelled) == (
        "Europe/Lisbon",
        9,
        11,
        True,
    )
    assert by["c"].starts is not None
    assert (by["c"].starts.zone, causes) == ("Europe/Paris", ["unknown-zone"])
    assert by["d"].starts is not None
    assert (by["d"].starts.local.hour, by["d"].starts.zone) == (12, "Europe/Paris")


def test_a_repeated_event_is_its_occurrences() -> None:
    body = calendar(
        "BEGIN:VEVENT", "UID:r", "SUMMARY:Weekly", "DTSTART;TZID=Europe/Paris:20261102T090000", "RRULE:FREQ=WEEKLY;COUNT=6", "EXDATE;TZID=Europe/Paris:20261116T090000", "END:VEVENT",
        "BEGIN:VEVENT", "UID:r", "SUMMARY:Weekly, moved", "RECURRENCE-ID;TZID=Europe/Paris:20261123T090000", "DTSTART;TZID=Europe/Paris:20261124T150000", "END:VEVENT",
    )  # fmt: skip
    notices, causes, _ = read(FAIR, body)
    assert causes == []
    assert len(notices) == 5
    assert len({notice.source_id for notice in notices}) == 5
    moved = next(notice for notice in notices if "moved" in notice.title)
    assert moved.source_id == "r#20261123T090000"


def test_a_calendar_spoiled_by_its_zone_still_gives_its_events() -> None:
    body = calendar(
        "BEGIN:VTIMEZONE", "TZID:A", "TZID:B", "END:VTIMEZONE", "BEGIN:VEVENT", "UID:a", "SUMMARY:Fair", "DTSTART;VALUE=DATE:20270301", "END:VEVENT",
    )  # fmt: skip
    notices, causes, _ = read(FAIR, body)
    assert ([notice.title for notice in notices], causes) == (["Fair"], ["bad-line"])


EVENT = declare(URL, "jsonld", kind="event")


def test_json_ld_graphs_arrays_repairs_and_virtual_places() -> None:
    script = """<!-- made by a plugin --> {"@context": "https://schema.org", "@graph": [
      {"@type": ["BusinessEvent", "Event"], "@id": "https://www.example.org/e/1#event", "name": "Brokerage", "startDate": "2027-04-01T09:00:00+02:00",
       "endDate": "2027-04-02", "location": {"@id": "#hall"}, "organizer": [{"name": "Cluster"}], "eventStatus": "https://schema.org/EventCancelled"},
      {"@id": "#hall", "@type": "Place", "name": "Hall", "address": {"addressLocality": "Lyon", "addressCountry": "FR"}},
      {"@type": "EducationEvent", "url": "/e/2", "name": "Webinar", "startDate": "2027-05-01", "location": [{"@type": "VirtualLocation", "url": "https://x.example"}],},
      {"@type": "Event", "name": "Nameless identity", "startDate": "2027-01-01"}]}"""
    body = f'<html><script type="application/ld+json">{script}</script><script type="application/ld+json">{{broken</script></html>'
    notices, causes, _ = read(EVENT, body.encode())
    first, second = notices
    assert first.place is not None
    assert (first.title, first.cancelled, first.organiser, first.place.city, first.place.country) == (
        "Brokerage",
        True,
        "Cluster",
        "Lyon",
        "FR",
    )
    assert second.place is not None
    assert (second.url, second.place.online) == ("https://www.example.org/e/2", True)
    assert sorted(causes) == ["bad-json-ld", "missing-id"]


def test_microdata_events() -> None:
    body = b"""<html><div itemscope itemtype="https://schema.org/ExhibitionEvent" itemid="https://www.example.org/m/1"><h1 itemprop="name">Mould fair</h1>
    <time itemprop="startDate" datetime="2027-06-01">1 June</time><div itemprop="location" itemscope itemtype="https://schema.org/Place">
    <span itemprop="name">Expo</span><div itemprop="address" itemscope itemtype="https://schema.org/PostalAddress"><span itemprop="addressLocality">Porto</span></div></div></div></html>"""
    notices, causes, _ = read(EVENT, body)
    assert causes == []
    assert notices[0].place is not None
    assert (notices[0].title, notices[0].place.city, notices[0].place.name) == ("Mould fair", "Porto", "Expo")


def test_sitemaps_of_all_kinds() -> None:
    source = declare(URL, "sitemap", '[options]\ncontains = "/news/"\n')
    index = b'<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><sitemap><loc>https://www.example.org/s1.xml</loc></sitemap></sitemapindex>'
    assert [follow.url for follow in read(source, index)[2]] == ["https://www.example.org/s1.xml"]
    plain_map = (
        b"<urlset><url><loc>https://www.example.org/news/1</loc></url><url><loc>https://www.example.org/about</loc></url></urlset>"
    )
    assert [(follow.url, follow.role) for follow in read(source, gzip.compress(plain_map))[2]] == [
        ("https://www.example.org/news/1", "detail")
    ]
    assert len(read(source, b"\xef\xbb\xbfhttps://www.example.org/news/1\nhttps://www.example.org/news/2\n")[2]) == 2
    news = b"""<urlset xmlns:n="http://www.google.com/schemas/sitemap-news/0.9"><url><loc>https://www.example.org/news/9</loc><n:news><n:publication>
    <n:name>Paper</n:name><n:language>en</n:language></n:publication><n:publication_date>2026-11-20T08:00:00Z</n:publication_date><n:title>Title</n:title></n:news></url></urlset>"""
    notices, causes, _ = read(source, news)
    assert (notices[0].title, notices[0].organiser, notices[0].published, causes) == (
        "Title",
        "Paper",
        datetime(2026, 11, 20, 8, tzinfo=UTC),
        [],
    )
    assert read(source, b"<html><body>no</body></html>")[1] == ["not-a-sitemap"]


def test_html_list_values_and_details() -> None:
    text = 'rows = "tr.r"\n[fields]\ntitle = "td a"\nurl = "td a::attr(href)"\ndeadline = "td.d"\ncpv = "td.c"\n[detail]\ntext = "main"\norganiser = ".org"\n[ids]\ntopic = "id"\n'
    source = declare(URL, "html_list", text.replace("cpv =", 'id = "td.i"\ncpv ='), kind="call")
    page = b'<table><tr class="r"><td class="i">HE-2027-1</td><td><a href="/c/1">Call one</a></td><td class="d">2027-03-01</td><td class="c">45000000</td></tr></table>'
    _, _, follows = read(source, page)
    assert (follows[0].url, follows[0].role) == ("https://www.example.org/c/1", "detail")
    from crawlers.formats.detail import detail_headers

    notices, causes, _ = read(
        source, b'<main>All about it <i>now</i></main><b class="org">Agency</b>', **detail_headers(follows[0])
    )
    one = notices[0]
    assert (one.source_id, one.title, one.text, one.organiser, one.hard_ids) == (
        "HE-2027-1",
        "Call one",
        "All about it now",
        "Agency",
        ("topic:he-2027-1",),
    )
    assert (one.deadlines[0].precision, one.codes[0].value, causes) == ("day", "45000000", [])
    assert read(source, b"<p>404</p>", **detail_headers(follows[0]))[1] == ["detail-lost"]


def test_what_follows_the_end_of_the_page_is_read() -> None:
    text = 'rows = "li"\n[fields]\ntitle = "a"\nurl = "a::attr(href)"\n[paging]\nstyle = "next_link"\nnext = "a.n::attr(href)"\n'
    body = b'<html><body><li><a href="/1">One</a></li></body></html><!-- x --><li><a href="/2">Two</a></li>\n<a class="n" href="?p=2">n</a>'
    notices, causes, follows = read(declare(URL, "html_list", text), body)
    assert ([notice.title for notice in notices], causes, [follow.url for follow in follows]) == (
        ["One", "Two"],
        [],
        [f"{URL}?p=2"],
    )


def test_pointers_into_lists_and_error_answers() -> None:
    text = 'rows = "/hits/*/doc"\n[fields]\nid = "/n"\ntitle = "/names/0/v /title"\nurl = "/u"\neligible_country = "/where/*/code"\n[options]\nerror = "/errorcode"\nurl_prefix = "https://e.org/x?id="\n'
    source = declare(URL, "json_api", text, kind="call")
    hits = [
        {"doc": {"n": 1, "names": [{"v": "A"}], "u": "17", "where": [{"code": "PT"}, {"code": "ES"}]}},
        {"doc": {"n": 2, "title": "B", "u": "18"}},
    ]
    notices, causes, _ = read(source, json.dumps({"hits": hits, "errorcode": 0}).encode())
    assert [(notice.title, notice.url) for notice in notices] == [("A", "https://e.org/x?id=17"), ("B", "https://e.org/x?id=18")]
    assert ([code.value for code in notices[0].codes], causes) == (["PT", "ES"], [])
    assert read(source, b'{"errorcode": 7}')[1] == ["error-answer"]
    assert read(source, b"<!doctype html><html></html>")[1] == ["html-instead"]


def test_a_pdf_is_told_by_its_facts() -> None:
    writer = PdfWriter()
    writer.add_blank_page(100, 100)
    writer.add_metadata({"/Title": "Market study: plastics", "/Author": "Agency", "/CreationDate": "D:20261001120000Z"})
    buffer = io.BytesIO()
    writer.write(buffer)
    source = declare("https://www.example.org/study.pdf", "document", kind="study")
    notices, causes, _ = read(source, buffer.getvalue())
    assert (notices[0].title, notices[0].organiser, notices[0].published, causes) == (
        "Market study: plastics",
        "Agency",
        datetime(2026, 10, 1, 12, tzinfo=UTC),
        ["no-text"],
    )
    assert read(source, b"%PDF-1.4 broken")[1] == ["bad-pdf"]


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<p>One</p><p>Two<br>Three</p>", "One\nTwo\nThree"),
        ("<script>x</script>a<style>y</style>b", "ab"),
        ("5 < 6 & 7 > 3", "5 < 6 & 7 > 3"),
        ("&lt;b&gt;bold&lt;/b&gt; &amp;amp; more", "bold & more"),
        ("a\u202eb\u200bc\x00d\u2066e", "abcde"),
        ("e\u0301", "é"),
    ],
)
def test_plain(markup: str, text: str) -> None:
    assert plain(markup) == text


def test_clean_line_is_one_line_and_short() -> None:
    assert clean_line("a\r\nBcc: x\n\n b") == "a Bcc: x b"
    assert len(clean_line("x" * 5_000)) == 1_000


@pytest.mark.parametrize(
    ("member", "followed"),
    [("<loc>https://a.example/one.xml</loc>", 1), ("\nhttps://a.example/one.xml\n", 1), ("<lastmod>2026-01-01</lastmod>", 0)],
)
def test_an_index_of_sitemaps_is_followed_or_explained(member: str, followed: int) -> None:
    body = f'<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><sitemap>{member}</sitemap></sitemapindex>'
    _, causes, requests = read(declare(URL, "sitemap"), body.encode())
    assert (len(requests), causes) == (followed, [] if followed else ["no-entries"])
