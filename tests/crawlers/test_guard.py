"""Which addresses are refused, in every spelling."""

from __future__ import annotations

import ipaddress
import json
import multiprocessing
import socket
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawlers import guard, process
from crawlers.checks import Rejected, check_name
from crawlers.errors import RefusedAddress
from crawlers.guard import check_address
from crawlers.links import absolute, canonical
from scheduler.crawling import job_of
from tests.crawlers.web import NOW, Answer, Web, declare, item, rss, settings_of


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/", "http://127.1/", "http://2130706433/", "http://0x7f000001/", "http://0177.0.0.1/", "http://0/", "http://0.0.0.0/",
        "http://10.1.2.3/", "http://172.16.0.1/", "http://192.168.1.1/", "http://169.254.169.254/", "http://100.64.0.1/", "http://192.0.2.1/",
        "http://224.0.0.1/", "http://255.255.255.255/", "http://[::1]/", "http://[::]/", "http://[fe80::1]/", "http://[fc00::1]/",
        "http://[::ffff:127.0.0.1]/", "http://[::ffff:a00:1]/", "http://[64:ff9b::7f00:1]/", "http://[2002:7f00:1::]/", "http://[::127.0.0.1]/",
        "http://localhost/", "http://localhost./", "http://LOCALHOST:8001/", "http://a.localhost/", "http://printer.local/", "http://db.internal/",
        "file:///etc/passwd", "ftp://example.org/", "gopher://example.org/", "https://example.org:22/", "https://example.org:25/", "http:///x", "",
        "http://example.org:99999/",
    ],
)  # fmt: skip
def test_refused(url: str) -> None:
    with pytest.raises(RefusedAddress):
        check_address(url)


@pytest.mark.parametrize(
    "url",
    ["https://example.org/", "http://8.8.8.8/", "http://[2606:4700::1111]/", "https://example.org:8443/x", "http://1e100.net/"],
)
def test_public(url: str) -> None:
    check_address(url)


def test_only_the_very_host_and_port_are_allowed() -> None:
    check_address("http://127.0.0.1:8010/x", {"127.0.0.1:8010"})
    for url in ("http://127.0.0.1:8011/", "http://127.0.0.2:8010/", "http://127.0.0.1/"):
        with pytest.raises(RefusedAddress):
            check_address(url, {"127.0.0.1:8010"})


@given(st.integers(min_value=0, max_value=2**32 - 1), st.sampled_from(["dotted", "decimal", "hex", "mapped", "nat64"]))
def test_no_private_address_passes_in_any_spelling(number: int, spelling: str) -> None:
    ip = ipaddress.IPv4Address(number)
    host = {
        "dotted": str(ip), "decimal": str(number), "hex": hex(number), "mapped": f"[::ffff:{ip}]", "nat64": f"[64:ff9b::{number >> 16:x}:{number & 0xFFFF:x}]",
    }[spelling]  # fmt: skip
    inside = not ip.is_global or ip.is_multicast or ip.is_reserved
    if inside:
        with pytest.raises(RefusedAddress):
            check_address(f"http://{host}/")
    else:
        check_address(f"http://{host}/")


@given(st.text(max_size=80))
def test_links_never_leave_http(text: str) -> None:
    found = absolute(text, "https://example.org/a/b")
    assert found == "" or found.startswith(("http://", "https://"))


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        " java\tscript:alert(1)",
        "data:text/html,x",
        "file:///x",
        "mailto:a@b.c",
        "#top",
        "https://user:pass@example.org/",
        "http://",
        "vbscript:x",
        "\x01javascript:x",
    ],
)
def test_links_refused(url: str) -> None:
    assert absolute(url, "https://example.org/") == ""


@pytest.mark.parametrize(
    "alias",
    [
        "http://www.example.org/call/1", "https://example.org/call/1/", "https://EXAMPLE.org:443/call/1#top", "https://example.org/call/1?utm_source=x&fbclid=1",
        "https://example.org/call/1/index.html", "https://example.org/call/1;jsessionid=ABC",
    ],
)  # fmt: skip
def test_aliases_are_one(alias: str) -> None:
    assert canonical(alias) == "https://example.org/call/1"


def test_what_tells_pages_apart_is_kept() -> None:
    assert len({canonical(f"https://example.org/{path}") for path in ("a", "b", "a?id=1", "a?id=2", "a/b")}) == 5


@pytest.mark.parametrize("name", ["../x", "a/b", "..", "", "x\n", "CON/aux", "fr_x\x00", "fr_" + "x" * 300, "-rf", "fr_é"])
def test_names_of_sources_are_no_paths(name: str) -> None:
    with pytest.raises(Rejected):
        check_name(name)


def _resolving(job: Any, answers: list[str], as_public: str) -> None:
    """A crawl in this (forked) process whose resolver gives these answers in turn, and where one address passes for a public one."""
    given = iter([*answers, *[answers[-1]] * 50])
    real = guard.check_ip
    socket.gethostbyname = lambda name: next(given)  # type: ignore[assignment]
    guard.check_ip = lambda address, host: None if address == as_public else real(address, host)  # type: ignore[assignment]
    process.crawl(job)


@pytest.mark.parametrize(
    ("answers", "reached"),
    [
        (["127.0.0.1"], False),
        (["10.0.0.1"], False),
        (["169.254.169.254"], False),
        (["127.0.0.2", "127.0.0.1"], False),  # public when it is checked, inside afterwards: the checked address is connected to
        (["127.0.0.2"], False),
    ],
)
def test_names_that_resolve_inside_or_rebind(tmp_path: Path, answers: list[str], reached: bool) -> None:
    inner = Web()  # listens on 127.0.0.1 alone
    inner.pages["/feed"] = Answer(body=rss(item(1)), headers={"Content-Type": "application/rss+xml"})
    source = declare(f"http://rebinding.example:{inner.port}/feed", "feed")
    settings = replace(settings_of(tmp_path, inner), allow_hosts="")
    out = tmp_path / "out.jsonl"
    child = multiprocessing.get_context("spawn").Process(
        target=_resolving, args=(job_of(settings, source, now=NOW, out=out), answers, "127.0.0.2")
    )
    child.start()
    child.join(60)
    inner.close()
    assert bool(inner.asked) == reached
    last = json.loads(out.read_text().splitlines()[-1])["run"]
    assert last["verdict"] in {"blocked", "broken"}
