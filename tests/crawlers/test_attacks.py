"""Everything fetched is an enemy's: each test attacks over loopback. A problem row, a verdict, nothing lost, memory bounded."""

from __future__ import annotations

import gzip
import json
import socket
import time
import zlib
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from tests.crawlers.web import NOW, Answer, Web, crawled, declare, item, rss, settings_of, tried

XML = {"Content-Type": "application/rss+xml"}
HTML = {"Content-Type": "text/html"}


@pytest.fixture(autouse=True)
def memory_stays_small(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No crawl of this module takes 400 MB."""
    from scheduler import crawling

    told: list[int] = []
    real = crawling.line

    def watched(*arguments: Any, **options: Any) -> dict[str, Any]:
        made = real(*arguments, **options)
        told.append(made["memory_mb"])
        return made

    monkeypatch.setattr(crawling, "line", watched)
    yield
    assert told
    assert max(told) < 400


def causes(problems: list[dict[str, str]]) -> set[str]:
    return {problem["cause"] for problem in problems}


@pytest.mark.parametrize(
    "target",
    [
        "http://127.0.0.1:1/",
        "http://2130706433/",
        "http://0x7f.0.0.1/",
        "http://[::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://10.0.0.1/",
        "http://169.254.169.254/latest/meta-data/",
        "http://localhost/",
        "file:///etc/passwd",
        "ftp://example.org/x",
    ],
)
def test_redirects_never_lead_inside(tmp_path: Path, web: Web, target: str) -> None:
    web.pages["/feed"] = Answer(status=302, headers={"Location": target})
    line, notices, problems = tried(tmp_path, web, declare(f"{web.base}/feed", "feed"))
    assert (notices, line["verdict"]) == ([], "blocked" if "file" not in target and "ftp" not in target else line["verdict"])
    assert line["verdict"] in {"blocked", "broken"}
    assert problems
    assert "passwd" not in json.dumps(notices)


def test_a_second_loopback_server_is_not_asked(tmp_path: Path, web: Web) -> None:
    inner = Web()
    inner.pages["/secret"] = Answer(body=rss(item(1)), headers=XML)
    web.pages["/feed"] = Answer(status=301, headers={"Location": f"{inner.base}/secret"})
    line, _notices, problems = tried(tmp_path, web, declare(f"{web.base}/feed", "feed"))
    inner.close()
    assert inner.asked == []
    assert causes(problems) == {"refused-address"}
    assert line["verdict"] == "blocked"


def test_a_name_that_resolves_inside_is_refused(tmp_path: Path, web: Web) -> None:
    name = socket.gethostname()
    try:
        socket.gethostbyname(name)
    except OSError:
        pytest.skip("this machine's own name does not resolve")
    inner = Web()
    line, _, problems = tried(tmp_path, web, declare(f"http://{name}:{inner.port}/", "feed"))
    inner.close()
    assert inner.asked == []
    assert line["verdict"] == "blocked"
    assert "robots" in json.dumps(line) or causes(problems) == {"refused-address"}


def test_a_link_inside_is_not_followed(tmp_path: Path, web: Web) -> None:
    web.pages["/list"] = Answer(body=b'<ul><li><a href="http://169.254.169.254/x">A title</a></li></ul>', headers=HTML)
    text = 'rows = "li"\n[fields]\ntitle = "a"\nurl = "a::attr(href)"\n[detail]\ntext = "p"\n'
    line, _, problems = tried(tmp_path, web, declare(f"{web.base}/list", "html_list", text))
    assert causes(problems) == {"refused-address"}
    assert line["verdict"] == "blocked"


def test_html_where_a_feed_was(tmp_path: Path, web: Web) -> None:
    web.pages["/feed"] = [
        Answer(body=rss(item(1), item(2)), headers=XML),
        Answer(body=b"<!DOCTYPE html><html><body>Hello</body></html>", headers=HTML),
    ]
    source = declare(f"{web.base}/feed", "feed")
    first = crawled(tmp_path, web, source)
    second = crawled(tmp_path, web, source)
    assert (first["verdict"], first["new"]) == ("healthy", 2)
    assert (second["verdict"], second["notices"], second["problems"]) == ("broken", 0, 1)
    assert not second["complete"]


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_a_cut_compressed_body(tmp_path: Path, web: Web, encoding: str) -> None:
    whole = rss(*[item(n) for n in range(400)])
    packed = gzip.compress(whole) if encoding == "gzip" else zlib.compress(whole)
    web.pages["/feed"] = Answer(body=packed[: len(packed) // 2], headers={**XML, "Content-Encoding": encoding})
    line, notices, problems = tried(tmp_path, web, declare(f"{web.base}/feed", "feed"))
    assert (notices, causes(problems), line["verdict"]) == ([], {"truncated-gzip"}, "broken")


def test_a_cut_gzip_file(tmp_path: Path, web: Web) -> None:
    packed = gzip.compress(b"<urlset>" + b"<url><loc>https://example.org/</loc></url>" * 999 + b"</urlset>")
    web.pages["/map.gz"] = Answer(body=packed[:-20], headers={"Content-Type": "application/gzip"})
    line, _, problems = tried(tmp_path, web, declare(f"{web.base}/map.gz", "sitemap"))
    assert (causes(problems), line["verdict"]) == ({"truncated-gzip"}, "broken")


def bomb(kind: str) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31 if kind == "gzip" else 15)
    return b"".join(packer.compress(b" " * (1 << 20)) for _ in range(300)) + packer.flush()


@pytest.mark.parametrize("kind", ["gzip", "deflate"])
def test_a_decompression_bomb(tmp_path: Path, web: Web, kind: str) -> None:
    web.pages["/feed"] = Answer(body=bomb(kind), headers={**XML, "Content-Encoding": kind})
    line, _, problems = tried(tmp_path, web, declare(f"{web.base}/feed", "feed"))
    assert (causes(problems), line["verdict"]) == ({"too-large"}, "broken")


def test_a_gzip_bomb_as_a_file(tmp_path: Path, web: Web) -> None:
    web.pages["/map.gz"] = Answer(body=bomb("gzip"), headers={"Content-Type": "application/gzip"})
    line, _, problems = tried(tmp_path, web, declare(f"{web.base}/map.gz", "sitemap"))
    assert (causes(problems), line["verdict"]) == ({"too-large"}, "broken")


def _pour(handler: BaseHTTPRequestHandler, megabytes: int, *, say_length: bool) -> None:
    handler.send_response(200)
    handler.send_header("Content-Type", "text/html")
    if say_length:
        handler.send_header("Content-Length", str(megabytes << 20))
    handler.end_headers()
    try:
        for _ in range(megabytes):
            handler.wfile.write(b"x" * (1 << 20))
    except OSError:
        pass


@pytest.mark.parametrize("say_length", [True, False])
def test_a_body_without_measure(tmp_path: Path, web: Web, say_length: bool) -> None:
    web.pages["/feed"] = Answer(write=lambda handler: _pour(handler, 100, say_length=say_length))
    line, _, problems = tried(tmp_path, web, declare(f"{web.base}/feed", "feed"))
    assert (causes(problems), line["verdict"]) == ({"too-large"}, "broken")


def test_a_slow_drip_is_left(tmp_path: Path, web: Web) -> None:
    def drip(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        try:
            for _ in range(400):
                handler.wfile.write(b"<")
                handler.wfile.flush()
                time.sleep(0.05)
        except OSError:
            pass

    web.pages["/feed"] = Answer(write=drip)
    line, _, problems = tried(tmp_path, web, declare(f"{web.base}/feed", "feed"), download_timeout=1, crawl_limit=30)
    assert (causes(problems), line["verdict"]) == ({"timeout"}, "broken")


@pytest.mark.parametrize(
    "head",
    [
        '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>',
        '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE x SYSTEM "http://127.0.0.1:1/x.dtd" [<!ENTITY % p SYSTEM "http://127.0.0.1:1/y">%p;]>',
    ],
)
@pytest.mark.parametrize("form", ["feed", "sitemap"])
def test_xml_entities(tmp_path: Path, web: Web, head: str, form: str) -> None:
    web.pages["/feed"] = Answer(body=rss(item(1, title="&b;&e;"), head=head), headers=XML)
    line, notices, problems = tried(tmp_path, web, declare(f"{web.base}/feed", form))
    assert (notices, causes(problems), line["verdict"]) == ([], {"xml-entities"}, "broken")


def test_a_feed_of_a_million_entries(tmp_path: Path, web: Web) -> None:
    body = rss(*["<item><guid>a</guid></item>"] * 1_000_000)
    web.pages["/feed"] = Answer(body=body, headers=XML)
    line, _notices, problems = tried(tmp_path, web, declare(f"{web.base}/feed", "feed"))
    assert causes(problems) <= {"too-many-entries", "missing-title", "missing-url", "more-problems"}
    assert "too-many-entries" in causes(problems)
    assert line["verdict"] in {"partial", "broken"}
    assert len(problems) <= 502


def test_deep_json(tmp_path: Path, web: Web) -> None:
    web.pages["/api"] = Answer(body=b"[" * 500_000 + b"]" * 500_000, headers={"Content-Type": "application/json"})
    text = 'rows = "/items"\n[fields]\nid = "/id"\ntitle = "/t"\n'
    line, _, problems = tried(tmp_path, web, declare(f"{web.base}/api", "json_api", text))
    assert (causes(problems), line["verdict"]) == ({"too-deep"}, "broken")


def test_wide_json_does_not_eat_the_machine(tmp_path: Path, web: Web) -> None:
    web.pages["/api"] = Answer(body=b"[" + b"[]," * 9_500_000 + b"[]]", headers={"Content-Type": "application/json"})
    text = 'rows = "/items"\n[fields]\nid = "/id"\ntitle = "/t"\n'
    line, _, problems = tried(tmp_path, web, declare(f"{web.base}/api", "json_api", text))
    assert (causes(problems), line["verdict"]) == ({"too-large"}, "broken")


def test_wide_html(tmp_path: Path, web: Web) -> None:
    web.pages["/list"] = Answer(body=b"<b>" * 9_000_000, headers=HTML)
    text = 'rows = "li"\n[fields]\ntitle = "a"\nurl = "a::attr(href)"\n'
    line, _, problems = tried(tmp_path, web, declare(f"{web.base}/list", "html_list", text))
    assert (causes(problems), line["verdict"]) == ({"too-large"}, "broken")


def test_deep_html(tmp_path: Path, web: Web) -> None:
    web.pages["/list"] = Answer(body=b"<div>" * 200_000 + b"<li><a href=/x>T</a></li>", headers=HTML)
    text = 'rows = "li"\n[fields]\ntitle = "a"\nurl = "a::attr(href)"\n'
    line, notices, problems = tried(tmp_path, web, declare(f"{web.base}/list", "html_list", text))
    assert line["verdict"] in {"broken", "healthy"}
    assert notices or problems


def test_a_json_with_missing_fields(tmp_path: Path, web: Web) -> None:
    rows = [
        {"id": 1, "t": "One", "u": "/1"},
        {"id": 2, "u": "/2"},
        {"t": "Three", "u": "/3"},
        {"id": 4, "t": "Four", "u": "/4"},
        None,
        "x",
        7,
    ]
    web.pages["/api"] = Answer(body=json.dumps({"items": rows}).encode(), headers={"Content-Type": "application/json"})
    text = 'rows = "/items"\n[fields]\nid = "/id"\ntitle = "/t"\nurl = "/u"\n'
    line, notices, problems = tried(tmp_path, web, declare(f"{web.base}/api", "json_api", text))
    assert [notice["title"] for notice in notices] == ["One", "Three", "Four"]
    assert {"missing-title", "missing-url"} <= causes(problems)
    assert line["verdict"] == "partial"


def test_scripts_links_and_hidden_characters(tmp_path: Path, web: Web) -> None:
    nasty = "<![CDATA[A <script>alert(1)</script><img src=x onerror=alert(1)>title\u202e\u200b\u2066 here\x0b]]>"
    extra = (
        "<description><![CDATA[<p onclick='x()'>Text</p><iframe src='javascript:alert(1)'></iframe><a href='javascript:alert(2)'>l</a>]]></description>"
        "<enclosure url='javascript:alert(3)' type='x' length='1'/>"
    )
    bad = "<item><guid>b</guid><link>javascript:alert(1)</link><title>Bad link</title></item>"
    data = "<item><guid>c</guid><link>data:text/html,x</link><title>Data link</title></item>"
    body = rss(item(1, title=nasty.replace("\x0b", ""), extra=extra), bad, data)
    web.pages["/feed"] = Answer(body=body, headers=XML)
    _, notices, _ = tried(tmp_path, web, declare(f"{web.base}/feed", "feed"))
    dump = json.dumps(notices, ensure_ascii=False)
    assert notices[0]["title"] == "A title here"
    assert notices[0]["text"] == "Text\nl"
    for word in ("alert", "script", "onerror", "onclick", "iframe", "data:", "\u202e", "\u200b", "\u2066"):
        assert word not in dump
    assert all(notice["url"].startswith("http") for notice in notices)


def test_a_wrong_charset(tmp_path: Path, web: Web) -> None:
    body = '<ul><li><a href="/1">Förderaufruf für Kunststoff – Größe</a></li></ul>'.encode("cp1252")
    web.pages["/list"] = Answer(body=body, headers={"Content-Type": "text/html; charset=utf-8"})
    text = 'rows = "li"\n[fields]\ntitle = "a"\nurl = "a::attr(href)"\n'
    line, notices, _ = tried(tmp_path, web, declare(f"{web.base}/list", "html_list", text))
    assert notices[0]["title"] == "Förderaufruf für Kunststoff – Größe"
    assert line["verdict"] == "healthy"


def test_hostile_calendar_lines(tmp_path: Path, web: Web) -> None:
    lines = [
        "BEGIN:VCALENDAR", "VERSION:2.0", "BEGIN:VEVENT", "UID:../../etc/passwd", "DTSTART:20270101T100000Z",
        "SUMMARY:Fair <script>x</script>\\nBcc: all@example.org", "URL:javascript:alert(1)", "END:VEVENT",
        "BEGIN:VEVENT", "UID:forever", "DTSTART:20200101T000000Z", "RRULE:FREQ=SECONDLY", "SUMMARY:Every second", "END:VEVENT",
        "BEGIN:VEVENT", "UID:good", "DTSTART;VALUE=DATE:20270301", "DTEND;VALUE=DATE:20270304", "SUMMARY:Good fair", "END:VEVENT",
        "END:VCALENDAR",
    ]  # fmt: skip
    web.pages["/c.ics"] = Answer(body="\r\n".join(lines).encode(), headers={"Content-Type": "text/calendar"})
    line, notices, _ = tried(tmp_path, web, declare(f"{web.base}/c.ics", "ical", kind="fair"))
    assert "\n" not in notices[0]["title"]
    assert "script" not in notices[0]["title"]
    assert notices[0]["url"] == f"{web.base}/c.ics"
    good = next(notice for notice in notices if notice["source_id"] == "good")
    assert good["ends"]["local"].startswith("2027-03-03")
    assert len(notices) <= 62
    assert line["verdict"] in {"healthy", "partial"}


def test_headers_with_line_breaks_and_path_tricks(tmp_path: Path, web: Web) -> None:
    web.pages["/feed"] = Answer(body=rss(item(1), item(2, title="../../../etc/passwd")), headers={**XML, "ETag": '"../x"'})
    source = declare(f"{web.base}/feed", "feed")
    assert crawled(tmp_path, web, source)["verdict"] == "healthy"
    written = {path.relative_to(tmp_path).parts[0] for path in tmp_path.rglob("*")}
    assert written <= {"clusterscout.db", "clusterscout.db-wal", "clusterscout.db-shm", "archive"}


def test_nothing_is_lost_when_a_healthy_source_turns_bad(tmp_path: Path, web: Web) -> None:
    good = Answer(
        body=json.dumps([{"id": n, "t": f"T{n}", "u": f"/{n}"} for n in range(20)]).encode(),
        headers={"Content-Type": "application/json"},
    )
    web.pages["/api"] = [
        good,
        Answer(body=b"[]"),
        Answer(status=500),
        Answer(status=500),
        Answer(status=500),
        Answer(body=b"<html>captcha</html>"),
        good,
    ]
    source = declare(f"{web.base}/api", "json_api", '[fields]\nid = "/id"\ntitle = "/t"\nurl = "/u"\n', kind="call")
    verdicts = [crawled(tmp_path, web, source)["verdict"] for _ in range(5)]
    assert verdicts == ["healthy", "broken", "broken", "blocked", "healthy"]
    from store.database import open_store

    db = open_store(tmp_path / "clusterscout.db")
    assert db.execute("select count(*), sum(missing_runs), count(withdrawn_at) from notice").fetchone() == (20, 0, 0)
    db.close()


def test_a_crawl_over_its_time_is_killed_and_told(tmp_path: Path, web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    from scheduler import children, crawling

    monkeypatch.setattr(children, "GRACE", 0.5)
    web.pages["/feed"] = Answer(write=lambda handler: time.sleep(8))
    source = declare(f"{web.base}/feed", "feed")
    settings = settings_of(tmp_path, web, crawl_limit=1, download_timeout=0)  # no patience with an answer that is being waited for
    line = crawling.crawl_source(settings, source.name, source=source, now=NOW)
    assert line["verdict"] == "broken"
