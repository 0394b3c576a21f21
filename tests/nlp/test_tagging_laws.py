"""What holds of tags for every text: the same whatever the process, and evidence that stands where it says."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlp.sectors.fold import fold_text
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
