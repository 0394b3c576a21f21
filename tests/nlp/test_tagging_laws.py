"""What holds of tags for every text: the same whatever the process, and evidence that stands where it says."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlp.pipeline import build_pipeline
from nlp.sectors.fold import fold_text
from nlp.tagging import tag, tag_subjects
from store.model import Evidence, Tags
from tests.conftest import ROOT

# Words with several readings: a name and a people's name, a place and a name, two endings for one base.
READ = """
from nlp.countries import tag_countries
from nlp.sectors import tag_sectors
for lang, text in [
    ("sk", "Do programu sa môžu prihlásiť firmy z Česka a Rakúska; Česko"),
    ("lv", "Tirdzniecības misija uz Japānu pārtikas uzņēmumiem, Melnkalnē un Šrilankā"),
    ("da", "Israelerne gik i gade i Tel Aviv"),
    ("et", "Colombia ja Venezuelast Peruusse"),
    ("cs", "Česko, Praha: dodávka zdravotnických přístrojů pro Českou republiku"),
]:
    print(tag_countries(text, lang), tag_sectors(text, lang))
"""


def test_two_processes_give_the_same_tags() -> None:
    """Workers of one job must agree, whatever the seed of their hashes."""
    told = {
        subprocess.run(
            [sys.executable, "-c", READ], cwd=ROOT, env={"PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True
        ).stdout
        for seed in ("1", "7", "42")
    }
    assert len(told) == 1
    assert "JP" in told.pop()


ODD = st.text(
    st.one_of(
        st.sampled_from(list("ab zÅéßŁИ水א۵_-.'(),:/\n\t\x00\u00a0\u00ad\u0301\u200b\u200f\ufeff、🏥\ud800")),
        st.characters(),
    ),
    max_size=60,
)


@settings(max_examples=300)
@given(ODD)
def test_each_folded_letter_knows_its_place(text: str) -> None:
    folded = fold_text(text)
    assert folded.text[0] == folded.text[-1] == " "
    assert "  " not in folded.text.strip()
    seen = -1
    for place, letter in enumerate(folded.text):
        if letter != " ":
            start, end = folded.original(place, place + 1)
            assert end == start + 1
            assert start > seen
            assert fold_text(text[start]).text.strip() == letter
            seen = start


@pytest.mark.parametrize("text", ["beds🏥hospital", "beds、hospital", "beds\u2003hospital"])
def test_what_is_no_letter_parts_words(text: str) -> None:
    assert fold_text(text).text == " beds hospital "


# Real words among odd characters, so that there is something to prove.
SAID = st.lists(
    st.one_of(
        st.sampled_from(
            [
                *(
                    "Germany",
                    "GERMANY",
                    "Ger\u00admany",
                    "Ge\u0301rmany",
                    "(FR)",
                    "NUTS PT16",
                    "Deadline: 3 May 2027, 17:00 Brussels time",
                ),
                *(
                    "hospital beds",
                    "HOSPITAL",
                    "<b>wood</b>",
                    "&amp;",
                    "Китай",
                    "Ελλάδα",
                    "中国",
                    "المانيا",
                    "ישראל",
                    "EUR 2.5 million",
                ),
                *("Paris, Texas", "Jordan", "HORIZON-CL4-2027-SPACE-03-21", "polskich", "Straßenbau", "software\u200b", "ﬁnland"),
            ]
        ),
        ODD,
    ),
    max_size=8,
)
LANGS = ("", "en", "de", "pl", "zh", "ar", "zz", "EN_gb", "\x00", "not a language", "é")


def proofs(found: Tags) -> Iterator[Evidence]:
    for one in (*found.countries, *found.sectors):
        assert one.evidence
        yield from one.evidence


def without_halves(text: str) -> str:
    return "".join("\ufffd" if "\ud800" <= char <= "\udfff" else char for char in text)


@settings(max_examples=150, deadline=None)
@given(SAID, SAID, st.sampled_from(LANGS), st.sampled_from(["", " ", "\n"]))
def test_every_quote_stands_in_title_and_text(title_words: list[str], words: list[str], lang: str, between: str) -> None:
    title, text = between.join(title_words), between.join(words)
    found = tag(text, lang, title=title)
    whole = without_halves(f"{title}\n{text}" if title else text)
    for item in proofs(found):
        assert item.quote == whole[item.start : item.end]
        assert item.quote
    for deadline in found.deadlines:
        assert deadline.quote == whole[deadline.start : deadline.end]
    for amount in found.amounts:
        assert amount.quote in whole
    subjects = tag_subjects(text, lang, title=title)
    assert (subjects.countries, subjects.sectors, subjects.lang) == (found.countries, found.sectors, found.lang)


@pytest.mark.parametrize(
    ("text", "lang", "countries", "sectors"),
    [
        ("SUPPLY OF HOSPITAL BEDS TO CLINICS IN GERMANY AND SPAIN", "en", {"DE", "ES"}, {"health"}),
        ("<p>Supply of <b>hospital beds</b> to clinics in <i>Germany</i>&nbsp;and Spain</p>", "en", {"DE", "ES"}, {"health"}),
        ("Supply of hos\u00adpital be\u200bds to clinics in Ger\u00admany and Spa\u0301in", "en", {"DE", "ES"}, {"health"}),
        ("\x00Supply of hospital beds\x00 to clinics in Germany\x00 and Spain", "en", {"DE", "ES"}, {"health"}),
        ("\ud800Supply of hospital beds \udc00 to clinics in Germany and Spain\ud800", "en", {"DE", "ES"}, {"health"}),
        ("Supply of hospital beds to clinics in Germany and Spain", "no such language", {"DE", "ES"}, {"health"}),
        ("\u202eSupply of hospital beds\u202c (שלום) to clinics in Germany and Spain", "en", {"DE", "ES"}, {"health"}),
        ("المستشفيات في ألمانيا وإسبانيا", "ar", {"DE", "ES"}, set()),
        ("Supply of hospital beds, 德国 and Spain. Поставка в Германию.", "en", {"ES"}, {"health"}),
        ("", "en", set(), set()),
        (" \n\t\u200b", "", set(), set()),
        ("?!.,;:()[]{}<>", "de", set(), set()),
    ],
)
def test_bad_input_gives_sensible_tags(text: str, lang: str, countries: set[str], sectors: set[str]) -> None:
    found = tag(text, lang)
    assert {one.code for one in found.countries} == countries
    assert sectors <= {one.id for one in found.sectors}


STUFF = {
    "sentences": "Supply of hospital beds to clinics in Germany; Paris, Texas (FR). ",
    "no blanks": "GermanyWoodHospital",
    "capitals": "GERMANY AND FRANCE ",
    "initials": "U.S.A.",
    "codes": "FR,",
    "nuts": "NUTS FR1 ",
    "topics": "HORIZON-CL4-",
    "lines": "Contact: Germany\n",
    "persons": "Georgia Jordan Chad ",
    "marks": "e\u0301\u200b",
    "tags": "<p><a href='x'>Italy</a></p>&nbsp;",
    "emoji": "🏥",
    "blanks": " \n",
    "mixed": "Ge\u0301rmany Кита́й 中国 ",
}


def steps(work: Callable[[], Any]) -> int:
    """How many functions, ours and built in, are called; a measure of work that no other process disturbs."""
    count = 0

    def step(*_: Any) -> None:
        nonlocal count
        count += 1

    before = sys.getprofile()
    sys.setprofile(step)
    try:
        work()
    finally:
        sys.setprofile(before)
    return count


@pytest.mark.parametrize("stuff", STUFF.values(), ids=STUFF.keys())
def test_work_grows_with_the_length_alone(stuff: str) -> None:
    pipeline = build_pipeline("en")
    texts = [(stuff * (size // len(stuff) + 1))[:size] for size in (4_000, 8_000, 16_000)]
    pipeline(texts[-1])
    small, middle, large = (steps(lambda text=text: pipeline(text)) for text in texts)  # type: ignore[misc]
    assert middle <= 2.2 * small + 200
    assert large <= 2.2 * middle + 200


def test_two_megabytes_are_read() -> None:
    unit = "Supply of hospital beds to clinics in Germany. "
    text = unit * (2_000_000 // len(unit))
    data = build_pipeline("en")(text).user_data
    (country,) = data["clusterscout_countries"]
    assert country.code == "DE"
    assert "health" in {one.id for one in data["clusterscout_sectors"]}
