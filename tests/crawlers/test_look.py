"""The look before a crawl: what is unchanged ends there, anything else goes to a crawl with the answers that were had."""

from __future__ import annotations

import gzip
import itertools
import json
import os
import signal
import socket
import threading
import time
import zlib
from collections import Counter
from datetime import timedelta
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from crawlers import door, look
from crawlers.archive import WarcIndex
from crawlers.asking import Asked
from crawlers.door import Door
from crawlers.errors import BodyTooLarge, RefusedAddress
from crawlers.memory import READ
from crawlers.source import Source
from scheduler import children, crawling
from scheduler.crawling import crawl_many, job_of
from store import pages, runs
from store.database import open_store
from tests.crawlers.test_manners import rows
from tests.crawlers.web import NOW, Answer, Web, declare, item, rss, settings_of

FEED = {"Content-Type": "application/rss+xml"}
CHAIN = (
    'rows = "li"\n[fields]\ntitle = "a"\nurl = "a::attr(href)"\n[detail]\ntext = "p"\n'
    '[paging]\nstyle = "next_link"\nnext = "a.n::attr(href)"\n'
)
LATER = NOW + timedelta(hours=6)


def many(folder: Path, web: Web, *sources: Source, now: Any = NOW, **options: Any) -> dict[str, dict[str, Any]]:
    """The lines of ``crawl_many`` by source."""
    return {line["source"]: line for line in crawl_many(settings_of(folder, web, **options), sources, now=now)}


def page(text: str, tag: str = "") -> Answer:
    return Answer(body=text.encode(), headers={"Content-Type": "text/html", "ETag": f'"{tag or hash(text)}"'})


@pytest.fixture
def chain(web: Web) -> Source:
    """A list of two pages with a detail page each."""
    web.pages["/list"] = page('<ul><li><a href="/d1">One</a></li></ul><a class="n" href="/list2">next</a>')
    web.pages["/list2"] = page('<ul><li><a href="/d2">Two</a></li></ul>')
    web.pages["/d1"], web.pages["/d2"] = page("<p>Text one</p>"), page("<p>Text two</p>")
    return declare(f"{web.base}/list", "html_list", CHAIN, kind="call", name="fr_chain")


@pytest.fixture
def no_crawl(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the sources of which a crawl of their own is begun."""
    begun: list[str] = []
    real = crawling.in_subprocess

    def counted(job: Any) -> str:
        begun.append(job.source.name)
        return real(job)

    monkeypatch.setattr(crawling, "in_subprocess", counted)
    return begun


def test_unchanged_pages_begin_no_crawl(tmp_path: Path, web: Web, chain: Source, no_crawl: list[str]) -> None:
    first = many(tmp_path, web, chain)["fr_chain"]
    before, asked = rows(tmp_path), len(web.asked)
    second = many(tmp_path, web, chain, now=LATER)["fr_chain"]
    assert no_crawl == ["fr_chain"]
    assert (first["new"], first["verdict"]) == (2, "healthy")
    assert (second["verdict"], second["complete"], second["unchanged"], second["not_modified"]) == ("healthy", True, 2, 4)
    assert second["memory_mb"] < 400
    assert [path for _, path, _, _ in web.asked[asked:]] == ["/list", "/d1", "/list2", "/d2"]
    assert all("If-None-Match" in headers for _, _, headers, _ in web.asked[asked:])
    assert rows(tmp_path) == before
    db = open_store(tmp_path / "clusterscout.db")
    kept = runs.last_runs(db, source="fr_chain")
    db.close()
    assert [(run.verdict, run.complete, run.counts["unchanged_pages"], run.ended is not None) for run in kept] == [
        ("healthy", True, 4, True),
        ("healthy", True, 0, True),
    ]


def test_what_a_look_had_is_not_asked_for_again(tmp_path: Path, web: Web, chain: Source) -> None:
    many(tmp_path, web, chain)
    asked = len(web.asked)
    web.pages["/list2"] = page('<ul><li><a href="/d2">Two</a></li><li><a href="/d3">Three</a></li></ul>')
    web.pages["/d3"] = page("<p>Text three</p>")
    line = many(tmp_path, web, chain, now=LATER)["fr_chain"]
    assert (line["verdict"], line["complete"], line["new"], line["unchanged"], line["requests"]) == ("healthy", True, 1, 2, 5)
    assert Counter(path for _, path, _, _ in web.asked[asked:]) == Counter(["/list", "/d1", "/list2", "/d2", "/d3"])
    archived = WarcIndex([tmp_path / f"archive/{LATER:%Y-%m-%d}/fr_chain.warc.gz"], unchanged=True)
    assert sorted(url.removeprefix(web.base) for url in archived.urls()) == ["/d1", "/d2", "/d3", "/list", "/list2", "/robots.txt"]
    again = many(tmp_path, web, chain, now=LATER + timedelta(hours=1))["fr_chain"]
    assert (again["unchanged"], again["not_modified"]) == (3, 5)


@pytest.mark.parametrize("packed", [False, True])
def test_the_same_bytes_without_validators(tmp_path: Path, web: Web, no_crawl: list[str], packed: bool) -> None:
    body = rss(*[item(n) for n in range(5)])
    web.pages["/feed"] = Answer(body=gzip.compress(body), headers={**FEED, "Content-Encoding": "gzip"}) if packed else Answer(body=body, headers=FEED)  # fmt: skip
    source = declare(f"{web.base}/feed", "feed")
    many(tmp_path, web, source)
    line = many(tmp_path, web, source, now=LATER)["fr_test"]
    assert (line["unchanged"], line["not_modified"], len(no_crawl)) == (5, 0, 1)


def test_a_post_is_looked_at_by_its_body(tmp_path: Path, web: Web, no_crawl: list[str]) -> None:
    web.pages["/api"] = Answer(body=b'{"items": [{"id": 1, "t": "T", "u": "/1"}]}')
    text = 'rows = "/items"\n[ask]\nmethod = "POST"\n[ask.form]\nquery = \'{"a": 1}\'\n[fields]\nid = "/id"\ntitle = "/t"\nurl = "/u"\n'
    source = declare(f"{web.base}/api", "json_api", text)
    for hours in range(2):
        assert many(tmp_path, web, source, now=NOW + timedelta(hours=hours))["fr_test"]["verdict"] == "healthy"
    assert len(no_crawl) == 1
    assert web.asked[-1][3] == web.asked[-2][3]
    assert b'filename="query.json"' in web.asked[-1][3]


def test_robots_are_obeyed_and_asked_for_again(tmp_path: Path, web: Web, chain: Source, no_crawl: list[str]) -> None:
    web.pages["/robots.txt"] = Answer(body=b"User-agent: *\nAllow: /", headers={"ETag": '"r1"'})
    many(tmp_path, web, chain)
    day = many(tmp_path, web, chain, now=NOW + timedelta(hours=30))["fr_chain"]
    assert (len(no_crawl), day["requests"], [p for _, p, _, _ in web.asked].count("/robots.txt")) == (1, 5, 2)
    web.pages["/robots.txt"] = Answer(body=b"User-agent: *\nDisallow: /list", headers={"ETag": '"r2"'})
    asked = len(web.asked)
    line = many(tmp_path, web, chain, now=NOW + timedelta(hours=60))["fr_chain"]
    assert (line["verdict"], [path for _, path, _, _ in web.asked[asked:]]) == ("blocked", ["/robots.txt"])


def test_a_pause_that_is_asked_for_is_kept(tmp_path: Path, web: Web) -> None:
    times: list[float] = []
    web.pages["/feed"] = Answer(body=rss(item(1)), headers=FEED)
    source = declare(f"{web.base}/feed", "feed")
    many(tmp_path, web, source)

    def busy(handler: BaseHTTPRequestHandler) -> Answer:
        times.append(time.monotonic())
        return Answer(status=429, headers={"Retry-After": "1"}) if len(times) == 1 else Answer(body=rss(item(1)), headers=FEED)

    web.pages["/feed"] = busy
    assert many(tmp_path, web, source, now=LATER)["fr_test"]["verdict"] == "healthy"
    assert len(times) == 2
    assert times[1] - times[0] >= 0.9


def test_one_request_a_host_at_a_time_with_a_delay_over_all_sources(tmp_path: Path, web: Web) -> None:
    spans: list[tuple[float, float]] = []
    sources = [declare(f"{web.base}/feed{n}", "feed", name=f"fr_{n}") for n in range(4)]

    def slow(handler: BaseHTTPRequestHandler) -> Answer:
        began = time.monotonic()
        time.sleep(0.1)
        spans.append((began, time.monotonic()))
        return Answer(body=rss(item(1, title=handler.path)), headers=FEED)

    for n in range(4):
        web.pages[f"/feed{n}"] = slow
    for hours in range(2):  # crawls at first, then looks
        spans.clear()
        lines = many(tmp_path, web, *sources, now=NOW + timedelta(hours=hours), workers=4, request_delay=0.3)
        assert {line["verdict"] for line in lines.values()} == {"healthy"}
        assert len(spans) == 4
        assert min(later[0] - earlier[1] for earlier, later in itertools.pairwise(spans)) >= 0.25


def test_a_source_of_many_pages_or_beyond_the_budget_is_crawled(tmp_path: Path, web: Web, chain: Source) -> None:
    many(tmp_path, web, chain)
    job = job_of(settings_of(tmp_path, web), chain, now=LATER, db=tmp_path / "clusterscout.db")
    db = open_store(job.db or Path())
    states = pages.known(db, "fr_chain")
    db.close()
    assert len(look.chain(job, states) or []) == 4
    from dataclasses import replace

    assert look.chain(replace(job, budget=4), states) is None
    assert look.chain(job, {key: state for key, state in states.items() if "d2" not in key[1]}) is None
    assert look.chain(job, {key: replace(state, outcome=f"not {READ}") for key, state in states.items()}) is None


def _endless(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.end_headers()
    try:
        for _ in range(64):
            handler.wfile.write(b"x" * (1 << 20))
    except OSError:
        pass


def _dripping(handler: BaseHTTPRequestHandler) -> None:
    try:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
        for n in range(100):
            handler.wfile.write(f"X-{n}: ".encode())
            handler.wfile.flush()
            time.sleep(0.1)
    except OSError:
        pass


BOMB = zlib.compressobj(9, zlib.DEFLATED, 31)
ATTACKS = {
    "endless": Answer(write=_endless),
    "dripping": Answer(write=_dripping),
    "bomb": Answer(
        body=b"".join(BOMB.compress(b" " * (1 << 20)) for _ in range(100)) + BOMB.flush(), headers={"Content-Encoding": "gzip"}
    ),
    "no http": Answer(write=lambda handler: handler.wfile.write(b"\x00\xff\r\n\r\n") and None),
    "endless headers": Answer(write=lambda handler: handler.wfile.write(b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 200_000) and None),
    "inside": Answer(status=302, headers={"Location": "http://169.254.169.254/"}),
    "not asked for": Answer(status=304),
    "gone": Answer(status=404),
    "empty": Answer(body=b""),
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_attacks_on_a_look_end_in_a_verdict_and_lose_nothing(tmp_path: Path, web: Web, attack: str) -> None:
    web.pages["/feed"] = Answer(body=rss(item(1), item(2)), headers=FEED)
    web.pages["/good"] = Answer(body=rss(item(3)), headers=FEED)
    bad, good = declare(f"{web.base}/feed", "feed", name="fr_bad"), declare(f"{web.base}/good", "feed", name="fr_good")
    many(tmp_path, web, bad, good)
    web.pages["/feed"] = ATTACKS[attack]
    lines = many(tmp_path, web, bad, good, now=LATER, download_timeout=1)
    assert lines["fr_bad"]["verdict"] in {"broken", "blocked"}
    assert lines["fr_bad"]["memory_mb"] < 400
    assert (lines["fr_good"]["verdict"], lines["fr_good"]["unchanged"]) == ("healthy", 1)
    db = open_store(tmp_path / "clusterscout.db")
    assert db.execute("select count(*), sum(missing_runs), count(withdrawn_at) from notice").fetchone() == (3, 0, 0)
    db.close()


def test_a_look_that_is_killed_or_hangs_leaves_all_to_crawls(tmp_path: Path, web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    reached, release = threading.Event(), threading.Event()
    web.pages["/feed"] = Answer(body=rss(item(1)), headers=FEED)
    web.pages["/slow"] = Answer(body=rss(item(2)), headers=FEED)
    sources = [declare(f"{web.base}/{path}", "feed", name=f"fr_{path}") for path in ("feed", "slow")]
    many(tmp_path, web, *sources)

    def held(handler: BaseHTTPRequestHandler) -> Answer:
        if not reached.is_set():
            reached.set()
            release.wait(20)
        return Answer(body=rss(item(2)), headers=FEED)

    web.pages["/slow"] = held
    real = children.process.look

    def suicidal() -> None:
        assert reached.wait(20)
        child = next(one for one in children.multiprocessing.active_children() if one.name == "look")
        os.kill(child.pid or 0, signal.SIGKILL)
        release.set()

    assert real is children.process.look
    killer = threading.Thread(target=suicidal)
    killer.start()
    lines = many(tmp_path, web, *sources, now=LATER)
    killer.join()
    assert {name: (line["verdict"], line["unchanged"]) for name, line in lines.items()} == {
        "fr_feed": ("healthy", 1),
        "fr_slow": ("healthy", 1),
    }
    db = open_store(tmp_path / "clusterscout.db")
    assert db.execute("select count(*) from run where ended is null").fetchone()[0] == 0
    db.close()


def asked(url: str) -> Asked:
    return Asked(method="GET", url=url, body=b"", headers={})


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1:{port}/", "http://2130706433:{port}/", "http://localhost:{port}/", "file:///etc/passwd", "ftp://127.0.0.1/"],
)
def test_the_door_leads_to_public_hosts_alone(web: Web, url: str) -> None:
    with pytest.raises(RefusedAddress):
        Door(allowed=(), seconds=5).ask(asked(url.format(port=web.port)), {})
    assert web.asked == []


def test_a_name_is_resolved_once_and_its_very_address_is_connected_to(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that answers with a public address when it is checked and with an inner one when it is used (rebinding)."""
    answers = iter(["93.184.216.34", "127.0.0.1", "127.0.0.1"])
    connected: list[str] = []

    def resolve(host: str, port: int, *rest: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(answers), port))]

    def connect(address: tuple[str, int], timeout: float) -> socket.socket:
        connected.append(address[0])
        raise ConnectionRefusedError

    monkeypatch.setattr(door.socket, "getaddrinfo", resolve)
    monkeypatch.setattr(door.socket, "create_connection", connect)
    with pytest.raises(ConnectionRefusedError):
        Door(allowed=(), seconds=1).ask(asked(f"http://rebinding.example:{web.port}/"), {})
    with pytest.raises(RefusedAddress):
        Door(allowed=(), seconds=1).ask(asked(f"http://rebinding.example:{web.port}/"), {})
    assert connected == ["93.184.216.34"]


def test_connections_are_kept_and_one_that_was_closed_is_opened_again(web: Web) -> None:
    web.pages["/a"] = Answer(body=b"a" * 100_000)
    handler = web._server.RequestHandlerClass
    handler.protocol_version = "HTTP/1.1"  # type: ignore[attr-defined]
    opened: list[int] = []
    real = door._to

    def counted(host: str, port: int, seconds: float, *, trusted: bool) -> socket.socket:
        opened.append(port)
        return real(host, port, seconds, trusted=trusted)

    gate = Door(allowed=[f"127.0.0.1:{web.port}"], seconds=5)
    door._to, kept = counted, door._to
    try:
        for _ in range(3):
            assert gate.ask(asked(f"{web.base}/a"), {}).body == b"a" * 100_000
        assert len(opened) == 1
        next(iter(gate._open.values())).sock.shutdown(socket.SHUT_RDWR)
        assert gate.ask(asked(f"{web.base}/a"), {}).status == 200
        assert len(opened) == 2
    finally:
        door._to = kept
        gate.close()


def test_a_body_beyond_measure_is_not_taken(web: Web) -> None:
    web.pages["/endless"] = Answer(write=_endless)
    with pytest.raises(BodyTooLarge):
        Door(allowed=[f"127.0.0.1:{web.port}"], seconds=20).ask(asked(f"{web.base}/endless"), {})


def test_what_a_process_says_of_a_look_is_json(tmp_path: Path, web: Web, chain: Source) -> None:
    many(tmp_path, web, chain)
    settings = settings_of(tmp_path, web)
    with children.spool() as folder:
        told = list(children.looks([job_of(settings, chain, now=LATER, db=settings.db)], folder, seconds=30))
    assert json.loads(json.dumps(told))[0]["verdict"] == "healthy"
