"""Repairs from last good values: on 200 redesigns most are mended whole, and none is mended wrongly."""

from __future__ import annotations

from pathlib import Path

from crawlers.declare import source_from
from crawlers.diagnose import diagnose, repaired_toml
from tests.crawlers.redesigns import GOOD_TOML, good_page, redesigned, things
from tests.crawlers.selector_score import SEEDS, URL, page, redesigns
from tests.crawlers.web import HEAD, declare


def test_two_hundred_redesigns() -> None:
    score = redesigns()
    assert score.wrong == []
    assert score.restored >= 0.6 * len(SEEDS), f"{score.restored} of {len(SEEDS)} restored, {score.proposed} proposed"


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
