"""Polite and cheap: robots, delays, Retry-After, conditional requests, budgets, and what an unchanged second crawl writes."""

from __future__ import annotations

import itertools
import json
import time
from datetime import timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from crawlers.fetching import retry_after
from store.clock import utc_now
from store.database import open_store
from tests.crawlers.web import NOW, Answer, Web, crawled, declare, item, rss, tried

FEED = {"Content-Type": "application/rss+xml", "ETag": '"v1"'}
LIST = 'rows = "li"\n[fields]\ntitle = "a"\nurl = "a::attr(href)"\n'


def rows(folder: Path) -> dict[str, list[Any]]:
    db = open_store(folder / "clusterscout.db")
    tables = [t for t in db.table_names() if not t.startswith(("sqlite_", "_"))]
    found = {t: list(db.execute(f"select * from [{t}]")) for t in tables if "fts" not in t and t != "run"}
    db.close()
    return found


def test_an_unchanged_second_crawl_asks_with_conditions_and_writes_only_its_run(tmp_path: Path, web: Web) -> None:
    web.pages["/feed"] = Answer(body=rss(*[item(n) for n in range(30)]), headers=FEED)
    source = declare(f"{web.base}/feed", "feed")
    first = crawled(tmp_path, web, source)
    before = rows(tmp_path)
    second = crawled(tmp_path, web, source, now=NOW + timedelta(hours=6))
    assert (first["new"], second["not_modified"], second["unchanged"], second["requests"]) == (30, 1, 30, 1)
    assert second["verdict"] == "healthy"
    assert rows(tmp_path) == before


def test_the_same_bytes_are_not_parsed_again(tmp_path: Path, web: Web) -> None:
    web.pages["/feed"] = Answer(body=rss(*[item(n) for n in range(3)]), headers={"Content-Type": "application/rss+xml"})
    source = declare(f"{web.base}/feed", "feed")
    crawled(tmp_path, web, source)
    before = rows(tmp_path)
    second = crawled(tmp_path, web, source, now=NOW + timedelta(hours=1))
    assert (second["not_modified"], second["unchanged"], second["complete"]) == (0, 3, True)
    assert rows(tmp_path) == before
    db = open_store(tmp_path / "clusterscout.db")
    counts = json.loads(db.execute("select counts from run order by id desc").fetchone()[0])
    db.close()
    assert (counts["parsed"], counts["unchanged_pages"]) == (0, 1)


def test_a_changed_declaration_reads_the_page_again(tmp_path: Path, web: Web) -> None:
    web.pages["/list"] = Answer(
        body=b'<ul><li><a href="/1">One</a><b>Bold</b></li></ul>', headers={"Content-Type": "text/html", "ETag": '"1"'}
    )
    assert crawled(tmp_path, web, declare(f"{web.base}/list", "html_list", LIST))["new"] == 1
    again = crawled(tmp_path, web, declare(f"{web.base}/list", "html_list", LIST.replace('title = "a"', 'title = "b"')))
    assert (again["not_modified"], again["changed"]) == (0, 1)


def test_detail_pages_and_further_lists_are_remembered_behind_304(tmp_path: Path, web: Web) -> None:
    def page(text: str) -> Answer:
        return Answer(body=text.encode(), headers={"Content-Type": "text/html", "ETag": f'"{hash(text)}"'})

    web.pages["/list"] = page('<ul><li><a href="/d1">One</a></li></ul><a class="n" href="/list2">next</a>')
    web.pages["/list2"] = page('<ul><li><a href="/d2">Two</a></li></ul>')
    web.pages["/d1"], web.pages["/d2"] = page("<p>Text one</p>"), page("<p>Text two</p>")
    text = LIST + '[detail]\ntext = "p"\n[paging]\nstyle = "next_link"\nnext = "a.n::attr(href)"\n'
    source = declare(f"{web.base}/list", "html_list", text, kind="call")
    first, second = crawled(tmp_path, web, source), crawled(tmp_path, web, source)
    assert (first["notices"], first["new"], first["requests"]) == (2, 2, 5)
    assert (second["notices"], second["unchanged"], second["not_modified"], second["complete"]) == (2, 2, 4, True)
    web.pages["/d2"] = page("<p>Text two, corrected</p>")
    third = crawled(tmp_path, web, source)
    assert (third["changed"], third["unchanged"], third["not_modified"]) == (1, 1, 3)


def test_robots_forbid(tmp_path: Path, web: Web) -> None:
    web.pages["/robots.txt"] = Answer(body=b"User-agent: clusterscout\nDisallow: /private\n\nUser-agent: *\nDisallow: /\n")
    web.pages["/private/feed"] = web.pages["/feed"] = Answer(body=rss(item(1)), headers=FEED)
    line, _, problems = tried(tmp_path, web, declare(f"{web.base}/private/feed", "feed"))
    assert (line["verdict"], problems[0]["cause"], web.paths()) == ("blocked", "robots", [])
    assert tried(tmp_path, web, declare(f"{web.base}/feed", "feed"))[0]["verdict"] == "healthy"


@pytest.mark.parametrize(("status", "verdict"), [(500, "blocked"), (503, "blocked"), (404, "healthy"), (403, "healthy")])
def test_robots_status(tmp_path: Path, web: Web, status: int, verdict: str) -> None:
    web.pages["/robots.txt"] = Answer(status=status, body=b"User-agent: *\nDisallow: /")
    web.pages["/feed"] = Answer(body=rss(item(1)), headers=FEED)
    assert tried(tmp_path, web, declare(f"{web.base}/feed", "feed"))[0]["verdict"] == verdict
    assert bool(web.paths()) == (verdict == "healthy")


def test_a_web_page_as_robots_forbids_nothing(tmp_path: Path, web: Web) -> None:
    web.pages["/robots.txt"] = Answer(body=b"<!doctype html><html><body>User-agent: *\nDisallow: /</body></html>")
    web.pages["/feed"] = Answer(body=rss(item(1)), headers=FEED)
    assert tried(tmp_path, web, declare(f"{web.base}/feed", "feed"))[0]["verdict"] == "healthy"


def test_robots_are_kept_for_a_day_and_read_again_after_it(tmp_path: Path, web: Web) -> None:
    web.pages["/robots.txt"] = Answer(body=b"User-agent: *\nAllow: /", headers={"ETag": '"r1"'})
    web.pages["/feed"] = Answer(body=rss(item(1)), headers=FEED)
    source = declare(f"{web.base}/feed", "feed")

    def asked() -> int:
        return sum(path == "/robots.txt" for _, path, _, _ in web.asked)

    crawled(tmp_path, web, source)
    crawled(tmp_path, web, source, now=NOW + timedelta(hours=3))
    assert asked() == 1
    web.pages["/robots.txt"] = Answer(body=b"User-agent: *\nDisallow: /feed", headers={"ETag": '"r2"'})
    line = crawled(tmp_path, web, source, now=NOW + timedelta(hours=30))
    assert (asked(), line["verdict"], line["notices"]) == (2, "blocked", 0)


def test_crawl_delay_is_kept(tmp_path: Path, web: Web) -> None:
    web.pages["/robots.txt"] = Answer(body=b"User-agent: *\nCrawl-delay: 0.6")
    times: list[float] = []

    def page(handler: BaseHTTPRequestHandler) -> Answer:
        times.append(time.monotonic())
        number = len(times)
        return Answer(body=f'<li><a href="/{number}">T{number}</a></li><a class="n" href="/list?p={number}">n</a>'.encode())

    web.pages["/list"] = page
    text = LIST + '[paging]\nstyle = "next_link"\nnext = "a.n::attr(href)"\nmost = 3\n'
    tried(tmp_path, web, declare(f"{web.base}/list", "html_list", text))
    gaps = [later - earlier for earlier, later in itertools.pairwise(times)]
    assert len(gaps) == 2
    assert min(gaps) >= 0.5


@pytest.mark.parametrize("form", ["seconds", "date"])
@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_is_waited_for(tmp_path: Path, web: Web, status: int, form: str) -> None:
    times: list[float] = []

    def page(handler: BaseHTTPRequestHandler) -> Answer:
        times.append(time.monotonic())
        if len(times) > 1:
            return Answer(body=rss(item(1)), headers=FEED)
        value = "1" if form == "seconds" else format_datetime(utc_now() + timedelta(seconds=2), usegmt=True)
        return Answer(status=status, headers={"Retry-After": value})

    web.pages["/feed"] = page
    line, notices, _ = tried(tmp_path, web, declare(f"{web.base}/feed", "feed"))
    assert (line["verdict"], len(notices), len(times)) == ("healthy", 1, 2)
    assert times[1] - times[0] >= 0.9


def test_a_long_retry_after_ends_the_run(tmp_path: Path, web: Web) -> None:
    web.pages["/feed"] = Answer(status=429, headers={"Retry-After": "86400"})
    line, _, problems = tried(tmp_path, web, declare(f"{web.base}/feed", "feed"))
    assert (line["verdict"], problems[0]["cause"], len(web.paths())) == ("blocked", "too-many-requests", 1)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120.0),
        (" 0 ", 0.0),
        ("Sat, 21 Nov 2026 06:01:00 GMT", 60.0),
        ("Sat, 21 Nov 2026 05:00:00 GMT", 0.0),
        ("soon", None),
        ("-5", None),
        ("", None),
    ],
)
def test_retry_after_in_both_forms(value: str, seconds: float | None) -> None:
    assert retry_after(value, NOW) == seconds


def test_the_budget_of_a_run(tmp_path: Path, web: Web) -> None:
    links = "".join(f'<li><a href="/d{n}">T{n}</a></li>' for n in range(20))
    web.pages["/list"] = Answer(body=links.encode())
    for n in range(20):
        web.pages[f"/d{n}"] = Answer(body=b"<p>text</p>")
    source = declare(f"{web.base}/list", "html_list", LIST + '[detail]\ntext = "p"\n')
    line, notices, problems = tried(tmp_path, web, source, request_budget=8)
    assert (line["requests"], line["verdict"], line["complete"]) == (8, "partial", False)
    assert len(notices) == 6
    assert {problem["cause"] for problem in problems} == {"budget"}


def test_who_we_are_stands_in_every_request(tmp_path: Path, web: Web) -> None:
    web.pages["/feed"] = Answer(body=rss(item(1)), headers=FEED)
    tried(tmp_path, web, declare(f"{web.base}/feed", "feed"), contact="crawler@example.org")
    assert [headers["User-Agent"] for _, _, headers, _ in web.asked] == ["clusterscout/0.1 (+crawler@example.org)"] * 2


def test_a_page_that_fails_once_is_asked_again(tmp_path: Path, web: Web) -> None:
    web.pages["/feed"] = [Answer(status=500), Answer(body=rss(item(1)), headers=FEED)]
    assert tried(tmp_path, web, declare(f"{web.base}/feed", "feed"))[0]["verdict"] == "healthy"


def test_paging_that_turns_in_a_circle(tmp_path: Path, web: Web) -> None:
    web.pages["/list"] = Answer(body=b'<li><a href="/1">One</a></li><a class="n" href="/list?p=2">n</a>')
    web.pages["/list?p=2"] = Answer(body=b'<li><a href="/2">Two</a></li><a class="n" href="/list">n</a>')
    text = LIST + '[paging]\nstyle = "next_link"\nnext = "a.n::attr(href)"\n'
    line, notices, problems = tried(tmp_path, web, declare(f"{web.base}/list", "html_list", text))
    assert (len(notices), line["verdict"], line["complete"], problems[0]["cause"]) == (2, "partial", False, "paging-loop")


def test_page_two_answers_500(tmp_path: Path, web: Web) -> None:
    body = [{"id": n, "t": f"T{n}", "u": f"/{n}"} for n in range(10)]
    web.pages["/api?page=2"] = Answer(status=500)
    web.pages["/api"] = Answer(body=json.dumps({"total": 20, "items": body}).encode())
    text = 'rows = "/items"\n[fields]\nid = "/id"\ntitle = "/t"\nurl = "/u"\n[paging]\nstyle = "page"\nparameter = "page"\nsize = 10\ntotal = "/total"\n'
    line, notices, _ = tried(tmp_path, web, declare(f"{web.base}/api", "json_api", text))
    assert (len(notices), line["verdict"], line["complete"]) == (10, "partial", False)


def test_a_post_api_pages_in_its_body(tmp_path: Path, web: Web) -> None:
    def page(handler: BaseHTTPRequestHandler) -> Answer:
        asked = json.loads(web.asked[-1][3])
        start = (asked["paging"]["page"] - 1) * 2
        items = [{"id": n, "t": f"T{n}", "u": f"/{n}"} for n in range(start, min(start + 2, 5))]
        return Answer(body=json.dumps({"items": items}).encode())

    web.pages["/api"] = page
    text = (
        'rows = "/items"\n[ask]\nmethod = "POST"\nbody = \'{"q": "*", "paging": {"page": 1}}\'\n[fields]\nid = "/id"\ntitle = "/t"\nurl = "/u"\n'
        '[paging]\nstyle = "page"\nparameter = "paging.page"\nsize = 2\n'
    )
    line, notices, _ = tried(tmp_path, web, declare(f"{web.base}/api", "json_api", text))
    assert ([notice["title"] for notice in notices], line["verdict"]) == (["T0", "T1", "T2", "T3", "T4"], "healthy")


def test_a_form_of_json_files(tmp_path: Path, web: Web) -> None:
    web.pages["/api"] = Answer(body=b'{"items": [{"id": 1, "t": "T", "u": "/1"}]}')
    text = 'rows = "/items"\n[ask]\nmethod = "POST"\n[ask.form]\nquery = \'{"a": 1}\'\nlanguages = \'["en"]\'\n[fields]\nid = "/id"\ntitle = "/t"\nurl = "/u"\n'
    tried(tmp_path, web, declare(f"{web.base}/api", "json_api", text))
    body = web.asked[-1][3].decode()
    assert body.count("Content-Type: application/json") == 2
    assert 'name="query"; filename="query.json"' in body


def test_a_token_leads_on(tmp_path: Path, web: Web) -> None:
    web.pages["/api?cursor=abc"] = Answer(body=b'{"items": [{"id": 2, "t": "B", "u": "/2"}], "next": null}')
    web.pages["/api"] = Answer(body=b'{"items": [{"id": 1, "t": "A", "u": "/1"}], "next": "abc"}')
    text = 'rows = "/items"\n[fields]\nid = "/id"\ntitle = "/t"\nurl = "/u"\n[paging]\nstyle = "token"\nparameter = "cursor"\nnext = "/next"\n'
    line, notices, _ = tried(tmp_path, web, declare(f"{web.base}/api", "json_api", text))
    assert (len(notices), line["verdict"]) == (2, "healthy")
