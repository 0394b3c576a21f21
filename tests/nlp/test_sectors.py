"""Sectors of a text: evidence that stands where it says, negative contexts, structured codes, and input that nobody would write."""

from __future__ import annotations

from importlib import import_module

import pytest

from nlp.sectors import sector_ids, tag_sectors
from nlp.sectors.codes import check_crosswalks, cpv_sectors, programme_sectors
from nlp.sectors.fold import fold, fold_text
from nlp.sectors.matching import matcher
from store.model import Code
from tests.nlp.languages import OFFICIAL


def ids(text: str, lang: str = "en", *codes: Code) -> set[str]:
    return {tag.id for tag in tag_sectors(text, lang, codes)}


def test_taxonomy_has_its_twenty_seven_sectors() -> None:
    assert len(sector_ids()) == 27
    assert {"aerospace", "plastics", "smartcities", "water"} <= set(sector_ids())
    assert "nothing" not in sector_ids()


@pytest.mark.parametrize(
    ("text", "lang"),
    [
        ("Supply of hospital beds\nBeds for the surgical ward of the clinic", "en"),
        ("Straßenbauarbeiten\nErneuerung der Fahrbahn in Köln-Süd", "de"),
        ("Dostawa leków   onkologicznych\n\tdla szpitala", "pl"),
        ("Προμήθεια φαρμάκων\nγια το νοσοκομείο", "el"),
        ("Доставка на лекарствени продукти", "bg"),
        ("hospital\u00ad beds and me\u0301dicaments\u200b for  the clinic", "fr"),
    ],
)
def test_quotes_stand_at_their_offsets(text: str, lang: str) -> None:
    tags = tag_sectors(text, lang)
    assert tags
    for tag in tags:
        assert tag.evidence
        assert 0 < tag.score < 1
        for item in tag.evidence:
            assert item.quote == text[item.start : item.end]
            assert item.rule.startswith("word:")


@pytest.mark.parametrize(
    ("text", "has", "lacks"),
    [
        ("Mould fungus in damp flats: advice for tenants", set(), {"plastics"}),
        ("Injection moulds and tooling for car parts", {"plastics"}, set()),
        ("Plastic surgery clinics abroad", {"health"}, {"plastics"}),
        ("Textile recycling plants", {"textile", "environment"}, set()),
        ("Date palm growers and dried fruit", {"agrofood"}, set()),
        ("The date of the meeting has changed", set(), {"agrofood"}),
        ("A roadmap for the reform of administration", set(), {"construction"}),
        ("Team building for civil servants", set(), {"construction"}),
        ("Train the trainer course for adult educators", set(), {"rail"}),
        ("Data mining of court rulings", {"ict"}, {"metals"}),
        ("Wastewater treatment plant", {"water"}, set()),
        ("Liability insurance for vehicles", set(), {"automotive"}),
        ("Press release on human rights", set(), set(sector_ids())),
        ("", set(), set(sector_ids())),
    ],
)
def test_words_mean_what_their_company_makes_of_them(text: str, has: set[str], lacks: set[str]) -> None:
    found = ids(text)
    assert has <= found
    assert not lacks & found


def test_capitals_tell_a_word_from_a_pronoun() -> None:
    assert "ict" in ids("IT support for schools")
    assert "ict" not in ids("Please read it again")


def test_long_stems_are_found_inside_compounds() -> None:
    assert ids("Erneuerung der Abwasserpumpwerke", "de") >= {"water"}
    assert ids("Kunnallinen jätteenkuljetus", "fi") >= {"environment"}
    assert ids("Közvilágítás és villamosenergia-ellátás", "hu") & {"energy", "electronics"}


def test_unknown_language_reads_all_words() -> None:
    assert "construction" in ids("Straßenbauarbeiten an der Landstraße", "")
    assert "construction" in ids("Bygging av vei og asfaltering", "nb") | ids("Asfaltarbejder på vejen", "nb")
    assert ids("Supply of medicines", "xx-klingon") == ids("Supply of medicines", "xx-klingon")


def test_structured_codes_count_more_than_words() -> None:
    tags = tag_sectors("Framework agreement for the hospital", "en", [Code(scheme="cpv", value="45234100-7")])
    assert {tag.id for tag in tags[:2]} == {"construction", "rail"}
    assert tags[0].evidence[0].rule == "cpv:45234"
    assert (tags[0].evidence[0].start, tags[0].evidence[0].end) == (0, 0)
    assert ids("Lot 2", "en", Code(scheme="nace", value="13.2")) == {"textile"}
    assert ids("Lot 2", "en", Code(scheme="sector", value="water")) == {"water"}
    assert ids("Lot 2", "en", Code(scheme="nuts", value="PT16")) == set()


@pytest.mark.parametrize(
    ("value", "sectors"),
    [
        ("45000000", {"construction"}),
        ("45234100-7", {"construction", "rail"}),
        ("33140000", {"health"}),
        ("66510000", set()),
        ("50000000", set()),
        ("99999999", set()),
        ("", set()),
    ],
)
def test_cpv_by_longest_prefix(value: str, sectors: set[str]) -> None:
    assert set(cpv_sectors(value)) == sectors


@pytest.mark.parametrize(
    ("topic", "sectors"),
    [
        ("HORIZON-CL4-2027-SPACE-03-21", ("aerospace",)),
        ("horizon-cl5-2026-02-d3-11", ("energy",)),
        ("EDF-2026-RA-AIR-A4R", ("defence",)),
        ("HORIZON-MSCA-2027-PF-01", ()),
        ("ERASMUS-SPORT-2026-SCP", ("sport",)),
        ("ERASMUS-EDU-2026-PI", ()),
    ],
)
def test_topic_hooks(topic: str, sectors: tuple[str, ...]) -> None:
    found = programme_sectors(topic)
    assert found is not None
    assert found[1] == sectors
    assert programme_sectors("COVID-19") is None
    assert programme_sectors("plain") is None


def test_a_topic_in_the_text_is_evidence_with_its_place() -> None:
    text = "Open now: HORIZON-HLTH-2027-TOOL-05 (two stages)"
    tags = tag_sectors(text, "en")
    assert [tag.id for tag in tags] == ["health"]
    assert tags[0].evidence[0].quote == text[tags[0].evidence[0].start : tags[0].evidence[0].end] == "HORIZON-HLTH-2027-TOOL-05"


def test_crosswalks_name_only_sectors_that_exist() -> None:
    check_crosswalks()


@pytest.mark.parametrize(
    "text",
    [
        " ",
        "\n\n\n",
        "\x00\x01",
        "a" * 300_000,
        "hospital " * 200_000,
        "ﬁre brigade ﷽ 医院 مستشفى בית חולים",
        "<div><b>hospital</b> &amp; beds</div>",
        "HOSPITAL BEDS AND IT EQUIPMENT",
        "e\u0301" * 5000,
        "\u200b" * 5000 + "hospital beds",
        "İstanbul ŞIŞLI hospital",
        "\ud800 hospital",
        "-" * 5000,
        "HORIZON-" * 3000,
    ],
)
def test_any_text_is_read(text: str) -> None:
    for lang in ("en", "de", "", "zz"):
        for tag in tag_sectors(text, lang):
            for item in tag.evidence:
                assert item.quote == text[item.start : item.end]


def test_folding_keeps_the_way_back() -> None:
    assert fold("  Straßen-Bau'n ") == "strasen bau n"
    text = "A\u0301 b\u00ad\u200bc   Ærø"
    folded = fold_text(text)
    assert folded.text == " a bc aro "
    start = folded.text.index("bc")
    begin, end = folded.original(start, start + 2)
    assert text[begin:end] == "b\u00ad\u200bc"


def test_same_text_same_tags() -> None:
    text = "Software for hospitals and railways\nwith solar panels"
    assert tag_sectors(text, "en") == tag_sectors(text, "en")


@pytest.mark.parametrize("lang", ["en", "de", ""])
def test_a_word_of_another_language_does_not_fire_inside_a_word(lang: str) -> None:
    assert not tag_sectors("The matter was debated for hours", lang)


# Words of spaCy's lists that are nouns of a sector in the first place ("mine", "taxi", "roads").
NOUNS = {"mine", "täksi", "facciate", "giacche", "kelias", "kelių", "činkšt", "tar", "kúže", "laget"}


@pytest.mark.parametrize("lang", [*(lang for lang in OFFICIAL if lang != "mt"), "nb"])
def test_the_commonest_words_of_a_language_say_no_sector(lang: str) -> None:
    words = import_module(f"spacy.lang.{lang}.stop_words").STOP_WORDS - NOUNS
    found = {word: hit.word.sector for word in words for hit in matcher(lang).find(fold_text(word), word) if hit.word.weight >= 1}
    assert found == {}


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("sv", "Genomförandet sker både i staden och i ett län som vi ska läsa om."),
        ("da", "Opgaven løses både på hverdage og i weekenden, som aftalen lader dem, og mine krav tages med."),
        ("fr", "Ce service est rendu en ville, mais pas or les jours, et elle tente."),
        ("cs", "Smlouva může být v tomto stavu pořád platná."),
        ("pl", "Umowa trwa jeden miesiąc, a wykonawca miał rok."),
    ],
)
def test_words_that_lose_their_accents_are_not_taken_for_others(lang: str, text: str) -> None:
    assert ids(text, lang) == set()


def test_a_short_sentence_of_a_company_gets_its_sector() -> None:
    found = {tag.id for tag in tag_sectors("We build battery management software for electric scooters", "en")}
    assert found & {"energy", "automotive", "ict"}


@pytest.mark.parametrize(
    ("lang", "title", "sector"),
    [
        ("hr", "Nabava goriva za službena vozila", "energy"),
        ("cs", "Ostraha objektů muzea", "defence"),
        ("pt", "Aquisição de géneros alimentares para refeitórios escolares", "agrofood"),
    ],
)
def test_what_is_bought_comes_before_who_it_is_for(lang: str, title: str, sector: str) -> None:
    assert [tag.id for tag in tag_sectors(title + "\n", lang)] == [sector]


def test_works_on_a_network_have_both_sectors() -> None:
    found = {tag.id for tag in tag_sectors("Izgradnja vodovodne mreže i kanalizacije\n", "hr")}
    assert found == {"construction", "water"}
