"""More attacks over loopback: every encoding, every format, every field, every name; memory bounded as in ``test_attacks``."""

from __future__ import annotations

import gzip
import json
import re
import zlib
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import brotli
import pytest
from backports import zstd

from crawlers.fields import READERS
from tests.crawlers.test_attacks import HTML, XML, _pour, bomb, causes, memory_stays_small
from tests.crawlers.web import NOW, Answer, Web, crawled, declare, item, rss, tried

__all__ = ["memory_stays_small"]
ROWS = 'rows = "/items"\n[fields]\nid = "/id"\ntitle = "/t"\nurl = "/u"\n'
JSON = {"Content-Type": "application/json"}


def packed(encoding: str, megabytes: int) -> bytes:
    """So many megabytes of spaces under a content encoding."""
    if encoding == "br":
        made = brotli.Compressor(quality=5)
        return b"".join(made.process(b" " * (1 << 20)) for _ in range(megabytes)) + made.finish()
    if encoding == "zstd":
        stream = zstd.ZstdCompressor()
        return b"".join(stream.compress(b" " * (1 << 20)) for _ in range(megabytes)) + stream.flush()
    return bomb(encoding)


@pytest.mark.parametrize("encoding", ["br", "zstd"])
def test_bombs_of_newer_encodings(tmp_path: Path, web: Web, encoding: str) -> None:
    web.pages["/feed"] = Answer(body=packed(encoding, 300), headers={**XML, "Content-Encoding": encoding})
    line, _, problems = tried(tmp_path, web, declare(f"{web.base}/feed", "feed"))
    assert (causes(problems), line["verdict"]) == ({"too-large"}, "broken")


def test_a_bomb_within_a_bomb(tmp_path: Path, web: Web) -> None:
    web.pages["/feed"] = Answer(body=gzip.compress(bomb("gzip")), headers={**XML, "Content-Encoding": "gzip, gzip"})
    line, _, problems = tried(tmp_path, web, declare(f"{web.base}/feed", "feed"))
    assert (causes(problems), line["verdict"]) == ({"too-large"}, "broken")


@pytest.mark.parametrize("encoding", ["br", "zstd"])
def test_cut_bodies_of_newer_encodings(tmp_path: Path, web: Web, encoding: str) -> None:
    whole = rss(*[item(n) for n in range(400)])
    body = brotli.compress(whole) if encoding == "br" else zstd.compress(whole)
    web.pages["/feed"] = Answer(body=body[: len(body) // 2], headers={**XML, "Content-Encoding": encoding})
    line, notices, problems = tried(tmp_path, web, declare(f"{web.base}/feed", "feed"))
    assert (notices, causes(problems), line["verdict"]) == ([], {"truncated-gzip"}, "broken")


@pytest.mark.parametrize("encoding", ["gzip", ""])
def test_a_body_without_end(tmp_path: Path, web: Web, encoding: str) -> None:
    """The server sends until we hang up: spaces, or a gzip stream of them."""

    def pour(handler: BaseHTTPRequestHandler) -> None:
        if not encoding:
            _pour(handler, 1 << 20, say_length=False)
            return
        handler.send_response(200)
        handler.send_header("Content-Encoding", "gzip")
        handler.end_headers()
        stream = zlib.compressobj(0, zlib.DEFLATED, 31)
        try:
            while True:
                handler.wfile.write(stream.compress(b" " * (1 << 20)))
        except OSError:
            pass

    web.pages["/feed"] = Answer(write=pour)
    line, _, problems = tried(tmp_path, web, declare(f"{web.base}/feed", "feed"))
    assert (causes(problems), line["verdict"]) == ({"too-large"}, "broken")


MANY = {
    "sitemap": b"<urlset>" + b"<url><loc>https://a.example/</loc></url>" * 500_000 + b"</urlset>",
    "ical": b"BEGIN:VCALENDAR\r\n" + b"BEGIN:VEVENT\r\nEND:VEVENT\r\n" * 1_000_000 + b"END:VCALENDAR\r\n",
    "json_api": b'{"items":[' + b"{}," * 999_999 + b"{}]}",
    "jsonld": b"<html><script type='application/ld+json'>[" + b'{"@type":"Event"},' * 999_999 + b"{}]</script></html>",
    "html_list": b"<ul>" + b"<li><a href=x>t</a>" * 400_000 + b"</ul>",
}


@pytest.mark.parametrize("form", MANY)
def test_a_million_entries_of_each_format(tmp_path: Path, web: Web, form: str) -> None:
    web.pages["/list"] = Answer(body=MANY[form], headers=HTML if form in {"jsonld", "html_list"} else XML)
    text = {"json_api": ROWS, "html_list": 'rows = "li"\n[fields]\ntitle = "a"\nurl = "a::attr(href)"\n'}.get(form, "")
    line, notices, problems = tried(tmp_path, web, declare(f"{web.base}/list", form, text))
    assert len(notices) <= 50_000
    assert len(problems) <= 502
    assert line["verdict"] in {"partial", "broken", "empty-ok"}


NASTY = (
    'Good <script>alert(1)</script><img src=x onerror="alert(2)"><svg/onload=alert(3)>\u202e\u2066\u200b\u0000\u001b[31m\u0085 end'
)
LINKS = ["javascript:alert(1)", " JaVa\tScript:alert(1)", "data:text/html,<script>", "vbscript:x", "file:///etc/passwd", "//user:pw@h.example/", "http://127.0.0.1/"]  # fmt: skip


def strings(value: Any) -> Iterator[str]:
    """All texts of a JSON value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from strings(one)
    elif isinstance(value, list):
        for one in value:
            yield from strings(one)


def harmless(notices: list[dict[str, Any]], *, links: bool = True) -> None:
    assert notices
    for text in (text for notice in notices for text in strings(notice)):
        assert not re.search(r"alert|<script|<img|<svg|onerror|onload", text), text
        assert not re.search(r"[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b\u202a-\u202e\u2066-\u2069]", text), ascii(text)
        assert not links or not re.match(r"\s*(javascript|data|vbscript|file):", text, re.IGNORECASE), text


@pytest.mark.parametrize("form", ["json_api", "html_list"])
def test_scripts_and_hidden_characters_in_every_field(tmp_path: Path, web: Web, form: str) -> None:
    names = [name for name in READERS if name not in {"url", "document"}]
    if form == "json_api":
        row = {name: NASTY for name in names} | {"url": "/good", "document": ["/a.pdf", *LINKS]}
        body, headers, rows = json.dumps({"items": [row]}).encode(), JSON, "/items"
        fields = {name: f"/{name}" for name in [*names, "url", "document"]} | {"document": "/document/*"}
    else:
        from html import escape

        plain = NASTY.replace("\u0000", "")  # a page with NUL is refused as a whole
        cells = "".join(f"<td class={name}>{escape(plain)}</td>" for name in names)
        cells += "".join(f"<td class={name}>{plain}</td>" for name in names)
        body, headers, rows = f"<table><tr><td><a href=/good>x</a></td>{cells}</tr></table>".encode(), HTML, "tr"
        fields = {name: f".{name}" for name in names} | {"url": "a::attr(href)"}
    text = f'rows = "{rows}"\n[fields]\n' + "".join(f"{name} = {json.dumps(where)}\n" for name, where in fields.items())
    web.pages["/list"] = Answer(body=body, headers=headers)
    line, notices, _ = tried(tmp_path, web, declare(f"{web.base}/list", form, text, kind="call"))
    harmless(notices)
    assert notices[0]["url"] == f"{web.base}/good"
    assert [one["url"] for one in notices[0]["documents"]] == (
        [f"{web.base}/a.pdf", "http://127.0.0.1/"] if form == "json_api" else []
    )
    assert line["verdict"] in {"healthy", "partial"}


def test_scripts_and_hidden_characters_in_every_part_of_a_feed_a_calendar_and_json_ld(tmp_path: Path, web: Web) -> None:
    nasty = NASTY.replace("\u0000", "").replace("\u001b", "")
    cdata = f"<![CDATA[{nasty}]]>"
    parts = "".join(
        f"<{tag}>{cdata}</{tag}>" for tag in ("title", "description", "author", "category", "pubDate", "comments", "source")
    )
    entry = f"<item><guid>g</guid><link>/good</link>{parts}<enclosure url='javascript:alert(1)' type='x' length='1'/></item>"
    bad = "".join(
        f"<item><guid>{n}</guid><title>T{n}</title><link>{link.replace('<', '&lt;')}</link></item>" for n, link in enumerate(LINKS)
    )
    web.pages["/feed"] = Answer(body=rss(entry, bad), headers=XML)
    harmless(tried(tmp_path, web, declare(f"{web.base}/feed", "feed"))[1])
    event = ["BEGIN:VEVENT", "UID:u" + nasty, "DTSTART:20270101T100000Z"]
    event += [f"{name}:{nasty}" for name in ("SUMMARY", "DESCRIPTION", "LOCATION", "ORGANIZER", "CATEGORIES", "STATUS", "COMMENT")]
    event += ["URL:javascript:alert(1)", "ATTACH:data:text/html,x", "END:VEVENT"]
    lines = "\r\n".join(["BEGIN:VCALENDAR", *event, "END:VCALENDAR"])
    web.pages["/c.ics"] = Answer(body=lines.encode(), headers={"Content-Type": "text/calendar"})
    harmless(tried(tmp_path, web, declare(f"{web.base}/c.ics", "ical", kind="fair"))[1])
    event_ld = {
        "@context": "https://schema.org",
        "@type": "Event",
        "@id": "x",
        "startDate": "2027-01-01",
        "url": "javascript:alert(1)",
    }
    event_ld |= {
        "name": NASTY,
        "description": NASTY,
        "location": {"@type": "Place", "name": NASTY, "address": NASTY},
        "organizer": {"name": NASTY},
    }
    document = json.dumps(event_ld).replace("</", "<\\/")
    web.pages["/e"] = Answer(body=f"<html><script type='application/ld+json'>{document}</script></html>".encode(), headers=HTML)
    harmless(tried(tmp_path, web, declare(f"{web.base}/e", "jsonld", kind="event"))[1])


def test_links_that_lead_nowhere_good_are_not_followed(tmp_path: Path, web: Web) -> None:
    links = "".join(f'<li><a href="{link.replace("<", "&lt;")}">T{n}</a></li>' for n, link in enumerate(LINKS[:6]))
    web.pages["/list"] = Answer(body=f'<ul>{links}</ul><a class="n" href="file:///etc/passwd">n</a>'.encode(), headers=HTML)
    text = 'rows = "li"\n[fields]\ntitle = "a"\nurl = "a::attr(href)"\n[detail]\ntext = "p"\n[paging]\nstyle = "next_link"\nnext = "a.n::attr(href)"\n'
    _, notices, problems = tried(tmp_path, web, declare(f"{web.base}/list", "html_list", text))
    assert notices == []
    assert "missing-url" in causes(problems) or "bad-link" in causes(problems)
    assert web.paths() == ["/list"]


def test_validators_with_line_breaks_inject_nothing(tmp_path: Path, web: Web) -> None:
    """Header values folded over lines, with bytes that are no text: what we send back is one line, or nothing."""

    def folded(handler: BaseHTTPRequestHandler) -> None:
        body = rss(item(1))
        handler.wfile.write(
            b'HTTP/1.1 200 OK\r\nETag: "a\r\n X-Injected: yes\xff\x01"\r\nLast-Modified: x\r\n\ty\r\nContent-Length: %d\r\n\r\n'
            % len(body)
        )
        handler.wfile.write(body)
        handler.close_connection = True

    web.pages["/feed"] = Answer(write=folded)
    source = declare(f"{web.base}/feed", "feed")
    for hours in range(3):
        assert crawled(tmp_path, web, source, now=NOW + timedelta(hours=hours))["verdict"] in {"healthy", "broken"}
    for _, _, headers, _ in web.asked:
        assert "X-Injected" not in headers
        assert set(headers) <= {
            "Accept",
            "Accept-Language",
            "Accept-Encoding",
            "User-Agent",
            "Host",
            "If-None-Match",
            "If-Modified-Since",
        }
