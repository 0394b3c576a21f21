"""Repairs from last good values: on 200 redesigns most are mended whole, and none is mended wrongly."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from crawlers.declare import source_from
from crawlers.diagnose import diagnose, repaired_toml
from crawlers.formats import parser_of
from crawlers.source import Source
from store.model import Notice, Page
from tests.crawlers.redesigns import GOOD_TOML, Thing, good_page, redesigned, things
from tests.crawlers.web import HEAD, NOW, declare

URL = "https://calls.example.org/list"
SEEDS = range(200)


def page(body: bytes, days: int = 0) -> Page:
    return Page(url=URL, body=body, fetched_at=NOW + timedelta(days=days))


def notices(source: Source, body: bytes) -> list[Notice]:
    return [thing for thing in parser_of(source)(page(body), source) if isinstance(thing, Notice)]


def right(notice: Notice, thing: Thing) -> bool:
    due = notice.deadlines[0].local if notice.deadlines else None
    return (
        notice.title == thing.title
        and notice.url == f"https://calls.example.org{thing.path}"
        and due is not None
        and due.date() == thing.due
        and notice.place is not None
        and notice.place.city == thing.city
        and notice.summary == thing.summary
    )


def test_two_hundred_redesigns() -> None:
    source = declare(URL, "html_list", GOOD_TOML, kind="call")
    restored, wrong, passed = 0, [], 0
    for seed in SEEDS:
        shown = things(seed)
        by_url = {f"https://calls.example.org{thing.path}": thing for thing in shown}
        today = redesigned(shown, seed)
        found = diagnose(source, page(good_page(shown)), page(today, 1))
        if found.mended is None:
            continue
        passed += 1
        given = [notice for notice in notices(found.mended.source, today) if notice.url in by_url]
        present = {url for url, thing in by_url.items() if thing.path.encode() in today}
        bad = [notice.title for notice in given if not right(notice, by_url[notice.url])]
        if bad:
            wrong.append((seed, bad))
        restored += not bad and {notice.url for notice in given} == present
    assert not wrong
    assert restored >= 0.6 * len(SEEDS), f"{restored} of {len(SEEDS)} restored, {passed} proposed"


def test_a_page_that_reads_as_before_is_left_alone() -> None:
    source = declare(URL, "html_list", GOOD_TOML, kind="call")
    shown = things(1)
    found = diagnose(source, page(good_page(shown)), page(good_page(shown[2:]), 1))
    assert (found.healthy, found.mended) == (True, None)


def test_a_wall_is_told_and_not_mended() -> None:
    source = declare(URL, "html_list", GOOD_TOML, kind="call")
    wall = b"<html><title>Just a moment...</title><body>Checking your browser</body></html>"
    found = diagnose(source, page(good_page(things(1))), page(wall, 1))
    assert found.mended is None
    assert any("human" in sentence for sentence in found.sentences)


def test_the_repaired_declaration_keeps_its_comments() -> None:
    text = HEAD.format(url=URL, form="html_list", kind="call") + "# how rows look\n" + GOOD_TOML
    source = declare(URL, "html_list", GOOD_TOML, kind="call")
    shown = things(3)
    seed = next(seed for seed in SEEDS if diagnose(source, page(good_page(shown)), page(redesigned(shown, seed), 1)).mended)
    mended = diagnose(source, page(good_page(shown)), page(redesigned(shown, seed), 1)).mended
    assert mended is not None
    again = repaired_toml(text, mended)
    assert "# how rows look" in again
    read = source_from(again, Path("fr_test.toml"))
    assert (read.rows, dict(read.fields)) == (mended.source.rows, dict(mended.source.fields))
