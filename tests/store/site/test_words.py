"""The interface in six languages: nothing untranslated, numbers and dates in the reader's manner, the choice of language."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from babel.numbers import format_compact_currency, format_currency, format_decimal
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import UndefinedError
from markupsafe import Markup

from store import accounts
from store.database import open_private
from store.model import CHANGE_TYPES, KINDS, ROLES, STATUSES, VERDICTS
from store.search.filter import encoded
from store.site import words
from store.site.catalogues import missing
from store.site.manner import LANGUAGES, Manner, choose_language, translations
from store.site.render import environment
from store.site.telling import tell_changes
from tests.store.site.conftest import Running
from tests.store.site_data import NOW


@pytest.mark.parametrize("language", [code for code in LANGUAGES if code != "en"])
def test_every_text_is_translated(language: str) -> None:
    assert missing(language) == []


def test_everything_stored_has_words() -> None:
    assert set(KINDS) == set(words.KIND) == set(words.KINDS)
    assert set(STATUSES) <= set(words.STATUS)
    assert set(ROLES) == set(words.ROLE)
    assert set(CHANGE_TYPES) == set(words.CHANGE)
    assert set(VERDICTS) <= set(words.VERDICT)


@pytest.mark.parametrize(
    ("wished", "accepted", "chosen"),
    [
        ("fr", "de", "fr"),
        ("", "de-AT,de;q=0.9", "de"),
        ("", "pt-BR,pt;q=0.8", "pt"),
        ("", "sv,*;q=0.1", "en"),
        ("xx", "", "en"),
        ("", "!!;;,,--", "en"),
    ],
)
def test_language_follows_the_member_then_the_browser(wished: str, accepted: str, chosen: str) -> None:
    assert choose_language(wished, accepted) == chosen


def test_dates_numbers_and_money_are_in_the_readers_manner() -> None:
    english, german, french = (Manner(code, "Europe/Lisbon", NOW) for code in ("en", "de", "fr"))
    assert english.day("2026-12-01T23:30:00Z") == "1 Dec 2026"
    assert german.day("2026-12-01T23:30:00Z") == "01.12.2026"
    assert Manner("en", "Europe/Berlin", NOW).day("2026-12-01T23:30:00Z") == "2 Dec 2026"
    assert english.day_of("2026-10-06T22:00:00Z", "Europe/Brussels") == "7 Oct 2026"
    assert english.day_of("2026-10-06T22:30:00Z", "Europe/Brussels") == "6 Oct 2026"
    assert english.number(1234567) == "1,234,567"
    assert german.number(1234567) == "1.234.567"
    assert english.money(60_000, 60_000, "EUR") == "€60,000"
    assert german.money(None, 60_000, "EUR").replace("\xa0", " ") == "60.000 €"
    assert english.money(1.5, 2, "bananas") == "1.5 bananas – 2 bananas"
    assert english.money(None, None, "EUR") == ""
    assert french.relative("2026-11-29T07:30:00Z").replace("\xa0", " ") == "dans 6 jours"
    assert english.zone_label("Asia/Kolkata", "2026-11-29T07:30:00Z") == "Kolkata (UTC+5:30)"


@pytest.mark.parametrize(
    ("language", "word"), [("fr", "Salons"), ("de", "Messen"), ("es", "Ferias"), ("it", "Fiere"), ("pt", "Feiras")]
)
async def test_each_page_speaks_the_members_language(running: Running, language: str, word: str) -> None:
    private = open_private(running.private_db)
    number = accounts.member_by_email(private, "operator@moulds.example").id
    accounts.set_manner(private, number, language=language, zone="Europe/Rome")
    private.close()
    key = (await running.get("/feed.json")).json()["items"][0]["key"]
    paths = ("/feed", f"/opportunity/{key}", "/sources", "/calendar", "/map", "/sectors", "/sector/plastics", "/cluster", "/desk", f"/desk/{key}", "/operations", "/settings", "/digests", "/cluster/feeds")  # fmt: skip
    for path in paths:
        page = await running.get(path, "operator@moulds.example")
        assert page.status_code == 200, path
        assert f'<html lang="{language}">' in page.text
    assert word in (await running.get("/feed", "operator@moulds.example")).text
    assert word not in (await running.get("/feed", "")).text


def test_the_history_tells_a_change_of_form_only_where_a_reader_sees_it() -> None:
    m = Manner("de", "Europe/Lisbon", NOW)
    change = {"type": "cosmetic", "old": "a", "new": "b", "at": "2026-11-20T08:00:00Z", "material": 0, "by": "", "direction": ""}
    told = tell_changes([change | {"field": name} for name in ("hard_ids", "title", "codes", "url", "status_word")], m)
    assert [c.title for c in told] == ["Wortlaut geändert (Titel)"]


@pytest.mark.parametrize("language", LANGUAGES)
@given(value=st.integers(-(10**12), 10**12), currency=st.sampled_from(["EUR", "USD", "GBP", "CHF", "JPY", "XXX"]))
def test_numbers_and_whole_amounts_are_written_as_babel_writes_them(language: str, value: int, currency: str) -> None:
    m = Manner(language, "Europe/Brussels", NOW)
    assert m.number(value) == format_decimal(value, locale=m.locale)
    if 0 <= value < 1_000_000:
        pattern = m.locale.currency_formats["standard"].pattern.replace("0.00", "0")
        whole = format_currency(value, currency, pattern, locale=m.locale, currency_digits=False)
        assert m.money(float(value), None, currency) == whole


def test_a_translated_template_says_fixed_texts_and_keeps_those_with_values() -> None:
    template = environment("fr").from_string("{{ _('Feed') }} {{ _('opens %(day)s', day='<b>') }}")
    assert template.render() == translations("fr").gettext("Feed") + " " + translations("fr").gettext("opens %(day)s") % {
        "day": "&lt;b&gt;"
    }


@given(low=st.integers(1_000_000, 10**12), language=st.sampled_from(LANGUAGES))
def test_millions_are_written_as_babel_writes_them(low: int, language: str) -> None:
    told = Manner(language, "UTC", NOW).money(low, low, "EUR")
    assert told == format_compact_currency(low, "EUR", locale=Manner(language, "UTC", NOW).locale, fraction_digits=1)


@pytest.mark.parametrize(
    ("value", "printed"),
    [
        ("a1", "a1"),
        ('<b> & "co\'"', "&lt;b&gt; &amp; &quot;co&#x27;&quot;"),
        ("a\u202eb\x07c", "abc"),
        ("<" * 300, "&lt;" * 300),
        (Markup("<i>ours</i>"), "<i>ours</i>"),
        (7, "7"),
    ],
)
def test_a_template_prints_text_escaped_and_without_controls(value: object, printed: str) -> None:
    env = environment("en")
    assert env.from_string("{{ x }}").render(x=value) == printed
    assert env.from_string("{% macro m(y) %}{{ y }}{% endmacro %}{{ m(x) }}").render(x=value) == printed


def test_a_template_refuses_a_name_that_is_not_there() -> None:
    with pytest.raises(UndefinedError):
        environment("en").from_string("{{ nothing }}").render()


@given(st.lists(st.tuples(st.sampled_from(("q", "sector")), st.text())))
def test_addresses_are_encoded_as_the_library_encodes_them(pairs: list[tuple[str, str]]) -> None:
    clean = [(name, value.encode("utf-8", "replace").decode()) for name, value in pairs]
    assert encoded(clean) == urlencode(clean)


@pytest.mark.parametrize(
    ("agent", "told"),
    [
        (
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36",
            ("Chrome", "Linux"),
        ),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/150.0 Safari/537.36 Edg/150.0", ("Edge", "Windows")),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1 Version/19.0 Safari/604.1",
            ("Safari", "iPhone"),
        ),
        ("Mozilla/5.0 (Android 15; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0", ("Firefox", "Android")),
        ("curl/8.5", ("", "")),
        ("", ("", "")),
    ],
)
def test_a_browser_is_told_by_its_name(agent: str, told: tuple[str, str]) -> None:
    assert words.browser(agent) == told


def test_a_fair_is_to_come_and_news_are_simply_there() -> None:
    assert [words.status("fair", w) for w in ("open", "closing", "closed", "cancelled")] == ["To come", "Soon", "Over", "Cancelled"]
    assert [words.status("news", w) for w in ("open", "closed")] == ["", "Closed"]
    assert words.status("call", "open") == "Open"
