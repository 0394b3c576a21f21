"""Laws of the deadline reader: offsets, no crash on any text, cost that grows with the text alone; and single dates of fields."""

from __future__ import annotations

import json
import sys
import tomllib
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from babel import Locale
from hypothesis import given, settings
from hypothesis import strategies as st

from nlp.deadlines import read_date, read_deadlines, words
from nlp.deadlines.fold import fold, fold_word
from nlp.deadlines.words import languages
from tests.nlp.deadline_score import GOLD

ROWS = [json.loads(line) for line in GOLD.read_text(encoding="utf-8").splitlines()]
PIECES = st.sampled_from(
    [
        "Deadline", "31.03.2026", "31 March 2026", "17:00", "CET", "Frist", "bis zum", "du 1er mars au", "2026-03-31T17:00Z", "12h00", "(",
        ")", "\n", " ", " ", ": ", "-", "midnight", "30 February 2026", "jeweils", "15. April", "24:00", "99.99.9999", "été", "İ", "ﬁ",
        "e\u0301", "\u00a0", "９", "stage 2", "UTC+99", "\x00", "31/12/9999", "AoE", "00:00", "30 días naturales desde la publicación",
    ]
)  # fmt: skip


def check(text: str, **how: Any) -> None:
    for one in read_deadlines(text, **how):
        assert one.quote == text[one.start : one.end]
        assert one.quote
        assert (one.local is None) == (one.utc is None) or "placeholder" in one.flags
        if one.utc is not None:
            assert one.utc.tzinfo is UTC
            assert one.local is not None
            assert one.local.tzinfo is None
        else:
            assert one.rolling or one.flags, "no instant without a reason"


@settings(max_examples=150, deadline=None)
@given(st.lists(PIECES, max_size=14).map("".join), st.sampled_from(sorted(languages())), st.booleans())
def test_any_mixture_is_read_with_right_offsets(text: str, lang: str, field: bool) -> None:
    check(text, lang=lang, zone="Europe/Brussels", field=field, published=date(2026, 1, 5))


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=200))
def test_no_text_breaks_the_reader(text: str) -> None:
    check(text, lang="", zone="")
    check(text, lang="en", zone="America/New_York", field=True)


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(ROWS), st.text(alphabet=" \u00a0\u2009\n", min_size=0, max_size=3), st.integers(0, 3))
def test_blanks_around_and_in_a_phrase_move_offsets_only(row: dict[str, Any], pad: str, times: int) -> None:
    published = date.fromisoformat(row["published"]) if row.get("published") else None
    how: dict[str, Any] = {
        "lang": row["lang"], "zone": row["zone"], "published": published,
        "day_first": row.get("day_first"), "field": bool(row.get("field")),
    }  # fmt: skip
    plain = read_deadlines(row["text"], **how)
    wide = pad + row["text"].replace(" ", " " * (1 + times)) + pad
    check(wide, **how)
    assert [(one.utc, one.stage, one.cut_off, one.flags) for one in read_deadlines(wide, **how)] == [
        (one.utc, one.stage, one.cut_off, one.flags) for one in plain
    ]


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=60))
def test_folding_keeps_the_way_back(text: str) -> None:
    folded = fold(text)
    assert len(folded.flat) == len(folded.text)
    for place in range(len(folded.text)):
        start, end = folded.origin(place, place + 1)
        assert 0 <= start < end <= len(text)
        assert fold(text[start:end]).text[:1] == folded.text[place] or folded.text[place] in " \n"


def steps(text: str) -> int:
    """Lines of Python run while reading: a measure of work that no clock disturbs."""
    count = 0

    def trace(frame: object, event: str, argument: object) -> Any:
        nonlocal count
        count += 1
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        read_deadlines(text, lang="en", zone="Europe/Brussels")
    finally:
        sys.settrace(before)
    return count


@pytest.mark.parametrize(
    "piece",
    [
        "1.3.2026 ",
        "deadline 31 March 2026 17:00 CET ",
        "31 March ",
        "deadline ",
        "until ",
        "17:00 ",
        "(",
        "2026-",
        "30 days from ",
        "\n1 May 2026",
    ],
)
def test_work_grows_with_the_text_alone(piece: str) -> None:
    read_deadlines(piece, lang="en", zone="Europe/Brussels")
    small, large = (steps(piece * (size // len(piece))) for size in (2_000, 8_000))
    assert large <= 5.5 * small + 2_000


def test_two_megabytes_of_nonsense_are_read() -> None:
    assert read_deadlines("1" * 2_000_000, lang="en", zone="Europe/Brussels") == ()
    assert read_deadlines("a " * 1_000_000, lang="de", zone="Europe/Berlin") == ()


@pytest.mark.parametrize(
    ("text", "lang", "zone", "formats", "local", "has_time"),
    [
        ("12 mai 2026", "fr", "Europe/Paris", (), datetime(2026, 5, 12), False),
        ("12.05.2026 09:30", "de", "Europe/Berlin", (), datetime(2026, 5, 12, 9, 30), True),
        ("20260512", "en", "Europe/Brussels", ("%Y%m%d",), datetime(2026, 5, 12), False),
        ("2026-05-12T10:00:00Z", "en", "Europe/Brussels", (), datetime(2026, 5, 12, 12), True),
        (
            "Tue, 12 May 2026 08:00:00 +0000",
            "en",
            "Europe/Brussels",
            ("%a, %d %b %Y %H:%M:%S %z",),
            datetime(2026, 5, 12, 10),
            True,
        ),
        ("05/12/2026", "en", "America/New_York", (), datetime(2026, 5, 12), False),
    ],
)
def test_a_single_date(text: str, lang: str, zone: str, formats: tuple[str, ...], local: datetime, has_time: bool) -> None:
    moment = read_date(text, lang=lang, zone=zone, formats=formats)
    assert moment is not None
    assert (moment.local, moment.has_time, moment.zone) == (local, has_time, zone)
    assert moment.utc.astimezone(UTC) == moment.utc


def test_what_is_no_date_is_none() -> None:
    assert read_date("to be announced", lang="en", zone="Europe/Brussels") is None
    assert read_date("31 June 2026", lang="en", zone="Europe/Brussels") is None
    assert read_date("", lang="", zone="") is None


@pytest.mark.recorded
def test_recorded_pages_of_the_german_database(recorded: Path) -> None:
    from lxml import html

    folder = recorded / "funding-national" / "de-foerderdatenbank"
    labels = json.loads((folder / "_labels.json").read_text(encoding="utf-8"))

    def lines(name: str) -> str:
        root = html.fromstring((folder / name).read_bytes())
        for node in root.xpath("//script|//style"):
            node.drop_tree()
        return "\n".join(part.strip() for part in root.itertext() if part.strip())

    closed = read_deadlines(lines("details_single_desc_alt.html"), lang="de", zone="Europe/Berlin")
    assert [one.local.date().isoformat() for one in closed if one.local] == [
        labels["details_single_desc_alt.html"]["deadline"]["date"]
    ]
    yearly = read_deadlines(lines("detail_single_desc.html"), lang="de", zone="Europe/Berlin", published=date(2024, 11, 4))
    wanted = labels["detail_single_desc.html"]["deadline"]
    assert [one.local.date().isoformat() for one in yearly if one.local] == [
        wanted["exception"]["2024"],
        "2025-" + wanted["month_day"],
    ]
    assert "recurring" in yearly[1].flags
    for name in ("detail_fail_07_25.html", "detail_multi_desc.html"):
        assert read_deadlines(lines(name), lang="de", zone="Europe/Berlin") == ()


@pytest.mark.recorded
def test_the_recorded_portuguese_page(recorded: Path) -> None:
    text = (
        (recorded / "funding-national" / "pt-fundo-ambiental-aac-04-2026-excerpt.txt").read_text(encoding="utf-8").split("[gold")[0]
    )
    found = read_deadlines(text, lang="pt", zone="Europe/Lisbon")
    assert [one.utc for one in found] == [datetime(2026, 8, 18, 17, tzinfo=UTC)]


@pytest.mark.parametrize("lang", sorted(languages()))
def test_a_language_file_is_whole(lang: str) -> None:
    data = tomllib.loads((Path(words.__file__).parent.parent / "vocabulary" / "dates" / f"{lang}.toml").read_text(encoding="utf-8"))
    known = {*words.CUES, *words.LOCAL, "months", "weekdays", "numbers", "zone"}
    assert set(data) <= known, "a list of an unknown name is never read"
    assert {"months", "weekdays", "numbers", "zone", "deadline", "until", "submit", "other"} <= set(data)
    assert len(data["months"]) == 12
    assert len(data["weekdays"]) == 7
    ZoneInfo(data["zone"])
    for name in known & set(data) - {"months", "weekdays", "numbers", "zone"}:
        for word in data[name]:
            assert "*" not in word.strip("*"), f"{name}: a star stands only at an end of {word!r}"
            assert len(word.strip("*")) > 1 or name in words.LOCAL, f"{name}: {word!r} is too short to look for everywhere"


def test_month_names_agree_with_unicode() -> None:
    for lang in sorted(languages() - {"no"}):
        lexicon = words.lexicon_for(lang)
        locale = Locale.parse(lang)
        for width, context in (("wide", "format"), ("wide", "stand-alone")):
            for number, name in locale.months[context][width].items():
                assert lexicon.month(fold_word(name)) == number, (lang, name)
