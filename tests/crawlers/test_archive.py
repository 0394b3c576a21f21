"""WARC: what is recorded and replayed gives the same notices, and a replay touches no network and says what it lacks."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from warcio.archiveiterator import ArchiveIterator

from crawlers.archive import Exchange, WarcIndex, WarcWriter, lacking_sentence
from crawlers.errors import ArchiveError
from scheduler.crawling import crawl_source, held_by, try_source
from tests.crawlers.web import NOW, Answer, Web, crawled, declare, item, rss, settings_of

LIST = 'rows = "li"\n[fields]\ntitle = "a"\nurl = "a::attr(href)"\n[detail]\ntext = "p"\n[paging]\nstyle = "next_link"\nnext = "a.n::attr(href)"\n'


def exchange(url: str, body: bytes, *, method: str = "GET", asked: bytes = b"", status: int = 200, day: int = 1) -> Exchange:
    return Exchange(
        method=method, url=url, asked=asked, asked_headers=[("Accept", "*/*")], status=status, headers=[("Content-Type", "text/plain")],
        body=body, at=datetime(2026, 11, day, 6, tzinfo=UTC),
    )  # fmt: skip


def written(path: Path, *exchanges: Exchange) -> Path:
    writer = WarcWriter(path, software="test")
    for one in exchanges:
        writer.write(one)
    return path


def test_recorded_and_replayed_give_the_same_notices(tmp_path: Path, web: Web) -> None:
    web.pages["/list"] = Answer(
        body=gzip.compress(b'<li><a href="/d1">One</a></li><a class="n" href="/list2">n</a>'), headers={"Content-Encoding": "gzip"}
    )
    web.pages["/list2"] = Answer(status=302, headers={"Location": "/list3"})
    web.pages["/list3"] = Answer(
        body='<li><a href="/d2">Zwei äöü</a></li>'.encode("latin-1"), headers={"Content-Type": "text/html; charset=latin-1"}
    )
    web.pages["/d1"] = [Answer(status=500), Answer(body=b"<p>One's text</p>")]
    web.pages["/d2"] = Answer(body=b"<p>Two's text</p>")
    source = declare(f"{web.base}/list", "html_list", LIST, kind="call")
    settings = settings_of(tmp_path, web)
    file = tmp_path / "r.warc.gz"
    live, things = try_source(settings, source, record=file, now=NOW)
    web.close()
    again, replayed = try_source(settings, source, replay=[file], now=NOW)
    assert live["verdict"] == again["verdict"] == "healthy"
    assert sorted(t["notice"]["title"] for t in replayed if "notice" in t) == ["One", "Zwei äöü"]
    assert sorted(map(json.dumps, things)) == sorted(map(json.dumps, replayed))


def test_a_replay_takes_the_archives_date(tmp_path: Path, web: Web) -> None:
    url = "https://calls.example.org/api"
    files = [
        written(
            tmp_path / f"{day}.warc.gz",
            exchange(url, json.dumps([{"id": 1, "t": f"Title of day {day}", "u": "/1"}]).encode(), day=day),
        )
        for day in (3, 5, 9)
    ]
    source = declare(url, "json_api", '[fields]\nid = "/id"\ntitle = "/t"\nurl = "/u"\n', kind="call")
    lines = [crawl_source(settings_of(tmp_path, web), source.name, source=source, replay=[file], now=NOW) for file in files]
    assert [(line["new"], line["changed"]) for line in lines] == [(1, 0), (0, 1), (0, 1)]
    assert web.asked == []
    from store.database import open_store

    db = open_store(tmp_path / "clusterscout.db")
    assert [row[0][:10] for row in db.execute("select started from run order by started")] == [
        "2026-11-03",
        "2026-11-05",
        "2026-11-09",
    ]
    assert db.execute("select first_seen, changed_at from notice").fetchone() == ("2026-11-03T06:00:00Z", "2026-11-09T06:00:00Z")
    db.close()


def test_what_the_archive_lacks_is_said(tmp_path: Path, web: Web) -> None:
    file = written(
        tmp_path / "x.warc.gz",
        exchange("https://example.org/list", b'<li><a href="/d1">One</a></li><a class="n" href="/list2">n</a>'),
    )
    source = declare("https://example.org/list", "html_list", LIST, kind="call")
    line, things = try_source(settings_of(tmp_path, web), source, replay=[file], now=NOW)
    problems = [t["problem"] for t in things if "problem" in t]
    assert {(p["cause"], p["url"]) for p in problems} == {
        ("not-in-archive", "https://example.org/d1"),
        ("not-in-archive", "https://example.org/list2"),
    }
    assert (line["verdict"], line["complete"]) == ("broken", False)


def test_a_post_is_matched_by_body_and_placeholders_by_address(tmp_path: Path) -> None:
    url = "https://example.org/api"
    file = written(
        tmp_path / "x.warc.gz",
        exchange(url, b"placeholder", method="POST", asked=b"{}"),
        exchange(url, b"page 2", method="POST", asked=b'{"page": 2}'),
    )
    index = WarcIndex([file])
    first, second = index.take("POST", url, b'{"page": 2}'), index.take("POST", url, b'{"page": 1}')
    assert (first and first.body, second and second.body) == (b"page 2", b"placeholder")
    assert index.take("POST", url, b'{"page": 3}') is None
    assert lacking_sentence(index.lacking).startswith("The archive lacks 1 request(s): POST https://example.org/api")


def test_answers_come_in_their_order_and_the_last_stays(tmp_path: Path) -> None:
    url = "https://example.org/x?b=2&a=1"
    index = WarcIndex([written(tmp_path / "x.warc.gz", exchange(url, b"no", status=500), exchange(url, b"yes"))])
    taken = [index.take("GET", "https://example.org/x?a=1&b=2", b"") for _ in range(3)]
    assert [(one.status, one.body) for one in taken if one] == [(500, b"no"), (200, b"yes"), (200, b"yes")]


def test_a_file_cut_short_keeps_its_whole_records(tmp_path: Path) -> None:
    file = written(tmp_path / "x.warc.gz", *[exchange(f"https://example.org/{n}", bytes([65 + n]) * 5_000) for n in range(4)])
    file.write_bytes(file.read_bytes()[:-30])
    index = WarcIndex([file])
    assert len(index.urls()) >= 3
    assert index.take("GET", "https://example.org/2", b"")


@pytest.mark.parametrize("content", [b"hello", b"five words on a line\n" * 9, bytes(range(256)) * 12])
def test_a_file_that_is_no_archive(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.warc.gz").write_bytes(content)
    with pytest.raises(ArchiveError, match="not a WARC file"):
        WarcIndex([tmp_path / "x.warc.gz"])


def test_the_files_are_readable_by_others(tmp_path: Path) -> None:
    file = written(
        tmp_path / "x.warc.gz",
        exchange("https://example.org/a b", b"body", method="POST", asked=b"q"),
        exchange("https://example.org/", b"", status=304),
    )
    with file.open("rb") as stream:
        records = [
            (r.rec_type, r.http_headers and r.http_headers.statusline, r.content_stream().read()) for r in ArchiveIterator(stream)
        ]
    assert [kind for kind, _, _ in records] == ["warcinfo", "request", "response", "request", "revisit"]
    assert records[1][2] == b"q"
    assert records[2][1:] == ("200 OK", b"body")
    assert records[4][1] == "304 Not Modified"


def test_every_crawl_is_archived_by_day(tmp_path: Path, web: Web) -> None:
    web.pages["/feed"] = Answer(body=rss(item(1)), headers={"Content-Type": "application/rss+xml", "ETag": '"1"'})
    source = declare(f"{web.base}/feed", "feed")
    crawled(tmp_path, web, source)
    crawled(tmp_path, web, source)
    file = tmp_path / "archive" / "2026-11-21" / "fr_test.warc.gz"
    with file.open("rb") as stream:
        kinds = [record.rec_type for record in ArchiveIterator(stream)]
    assert kinds.count("response") == 2  # robots.txt and the feed, once each
    assert kinds.count("revisit") == 1
    from store.database import open_store

    db = open_store(tmp_path / "clusterscout.db")
    assert db.execute("select archive from page_state where outcome = 'read'").fetchone() == ("2026-11-21/fr_test.warc.gz",)
    db.close()


def test_sources_that_an_archive_holds(tmp_path: Path) -> None:
    file = written(tmp_path / "x.warc.gz", exchange("https://a.example/feed", b""), exchange("https://b.example/p/17", b""))
    a, b, c = (
        declare(f"https://{letter}.example/feed", "feed", text, name=f"fr_{letter}")
        for letter, text in (("a", ""), ("b", 'page_prefix = "https://b.example/p/"\n'), ("c", ""))
    )
    assert held_by(WarcIndex([file]), [a, b, c]) == [a, b]
