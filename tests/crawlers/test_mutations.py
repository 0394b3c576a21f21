"""Pages spoiled at random: no parser raises, none is silent, and each says what it did not understand."""

from __future__ import annotations

from random import Random
from types import MappingProxyType

import pytest

from crawlers.formats import MODULES
from crawlers.propose import propose
from crawlers.source import Source
from store.model import Page
from tests.crawlers.pages_support import SOURCES, names, page_of, read
from tests.crawlers.web import NOW

CHARSETS = ("utf-16", "cp1252", "latin1", "utf-16-le", "koi8-r", "utf-7")
SIGNS = (b'"', b"<", b">", b":", b",", b"/")


def mutated(body: bytes, random: Random) -> bytes:
    """``body`` cut, re-encoded, with parts dropped, shuffled, repeated or overwritten, by one of nine ways that ``random`` chooses."""
    if not body:
        return body
    way = random.randrange(9)
    here = random.randrange(len(body))
    there = random.randrange(here, min(len(body), here + 3_000))
    if way == 0:
        return body[:here]
    if way == 1:
        return body.decode("utf-8", "replace").encode(random.choice(CHARSETS), "replace")
    if way == 2:
        return body[:here] + body[there:]
    if way == 3:
        return body[there:] + body[here:there] + body[:here]
    if way == 4:
        spoiled = bytearray(body)
        for _ in range(20):
            spoiled[random.randrange(len(spoiled))] = random.randrange(256)
        return bytes(spoiled)
    if way == 5:
        return body.replace(b"20", random.choice([b"99", b"-1", b"", b"0000", b"\xd9\xa2\xd9\xa0"]))
    if way == 6:
        return body.replace(random.choice(SIGNS), random.choice([*SIGNS, b"\x00"]), random.randrange(1, 30))
    if way == 7:
        return random.choice([b"\xef\xbb\xbf", b"\x00", b" \n", b"\xff\xfe", b"<!-- x -->"]) + body
    return body[:there] + body[here:there] * 3 + body[there:]


def survives(source: Source, page: Page, seed: int) -> None:
    random = Random(f"{source.name}-{seed}")
    body = page.body
    for _ in range(random.choice([1, 1, 2])):
        body = mutated(body, random)
    notices, problems, follows = read(source, Page(url=page.url, body=body, fetched_at=page.fetched_at, headers=page.headers))
    assert notices or problems or follows, "silent"
    assert [problem.detail for problem in problems if problem.cause in {"parser-failed", "out-of-memory"}] == []


@pytest.mark.parametrize("name", names())
def test_a_spoiled_page_of_each_source(name: str) -> None:
    survives(SOURCES[name], page_of(name, "good"), 1)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(100, 140))
def test_many_spoiled_pages(seed: int) -> None:
    for name in names():
        survives(SOURCES[name], page_of(name, "good"), seed)


@pytest.mark.parametrize("seed", range(20))
def test_proposals_for_spoiled_pages(seed: int) -> None:
    random = Random(seed)
    page = page_of(random.choice(names()), "good")
    body = mutated(page.body, random)
    for proposal in propose(Page(url=page.url, body=body, fetched_at=NOW, headers=MappingProxyType({}))):
        assert proposal.toml


@pytest.mark.parametrize("form", sorted(MODULES))
@pytest.mark.parametrize(
    "body",
    [b"", b"\x00", b"\x00\x00\x00\x00", b"\xff\xfe", b"\xef\xbb\xbf", b"<", b"<html>", b"<html></html>", b"\x1f\x8b", b"%PDF-", b"{", b"[", b"null",
     b"BEGIN:VCALENDAR", b"BEGIN:VEVENT\r\nUID:1\r\nSUMMARY:x\r\nDTSTART:99241023T174997Z\r\nLAST-MODIFIED:99241023T174997Z\r\nEND:VEVENT",
     b"<rss><channel><item>", b"<urlset><x:url><loc>https://a.example</loc></x:url></urlset>", b"<!DOCTYPE html>\x00\x01\x02", b"<?xml version='1.0'?>"],
)  # fmt: skip
def test_bodies_that_are_hardly_there(form: str, body: bytes) -> None:
    source = Source(
        name="int_x", title="x", publisher="x", url="https://example.org/x", format=form, kind="news", country="INT",
        languages=("en",), timezone="UTC", rows="" if form != "html_list" else "li",
    )  # fmt: skip
    notices, problems, follows = read(source, Page(url=source.url, body=body, fetched_at=NOW, headers=MappingProxyType({})))
    assert [problem.detail for problem in problems if problem.cause == "parser-failed"] == []
    assert notices or problems or follows or (form == "json_api" and body == b"null")
