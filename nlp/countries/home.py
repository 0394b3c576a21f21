"""Towns too small for the world's list of cities: they count where the words around say that a place is meant.

Which countries a language is at home in, and the towns that a text in this language may name without a country: those of its own
countries from 15,000 people, in its own spelling, and those of the world from 100,000 (in English from 15,000).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache

from nlp.countries.fold import fold, words
from nlp.countries.places import PLACES, rows, script
from nlp.lexicon import load_toml, words_of

# Countries where a language is at home: an ambiguous city is looked for there first.
HOME: dict[str, tuple[str, ...]] = {
    "en": ("GB", "IE", "MT"), "de": ("DE", "AT", "CH", "LU", "LI"), "fr": ("FR", "BE", "LU", "CH"), "nl": ("NL", "BE"),
    "it": ("IT", "CH"), "es": ("ES",), "pt": ("PT",), "el": ("GR", "CY"), "sv": ("SE", "FI"), "fi": ("FI",), "da": ("DK",),
    "nb": ("NO",), "is": ("IS",), "ga": ("IE",), "mt": ("MT",), "pl": ("PL",), "cs": ("CZ",), "sk": ("SK",), "sl": ("SI",),
    "hr": ("HR", "BA"), "sr": ("RS", "ME", "BA"), "bg": ("BG",), "ro": ("RO", "MD"), "hu": ("HU",), "et": ("EE",), "lv": ("LV",),
    "lt": ("LT",), "uk": ("UA",), "tr": ("TR",), "mk": ("MK",), "sq": ("AL", "XK"), "ru": ("RU",),
}  # fmt: skip
# Home towns are read in the language's own script from their other names, because their first name is in Latin letters.
_OWN_SCRIPT = {"el": "greek", "bg": "cyrillic", "uk": "cyrillic", "ru": "cyrillic", "mk": "cyrillic"}
WORLD = 100_000
WORLD_ENGLISH = 15_000


@cache
def _plain() -> tuple[tuple[str, ...], ...]:
    """The folded words of the first name of each row of the list of cities, in its order."""
    return tuple(words(row["name"]) for row in rows())


@cache
def towns(lang: str) -> Mapping[tuple[str, ...], Mapping[str, int]]:
    """Folded words of a name -> country -> people, for the towns that a text in ``lang`` may name. Home towns hide those of the
    same name elsewhere, but in English, which is spoken nearly everywhere.
    """
    home, own = HOME.get(lang, ()), _OWN_SCRIPT.get(lang)
    smallest = WORLD_ENGLISH if lang == "en" else WORLD
    near: dict[tuple[str, ...], dict[str, int]] = {}
    far: dict[tuple[str, ...], dict[str, int]] = {}
    for row, plain in zip(rows(), _plain(), strict=True):
        country = row["countrycode"]
        at_home = country in home and lang != "en"
        if not at_home and row["population"] < smallest:
            continue
        names: Iterable[tuple[str, ...]] = ()
        if own is not None:
            names = {words(name, lang) for name in row["alternatenames"] if name[:1].isupper() and script(name) == own}
        elif row["name"][:1].isupper():
            names = (plain,)
        for name in names:
            if len("".join(name)) > 3:
                owners = (near if at_home else far).setdefault(name, {})
                owners[country] = owners.get(country, 0) + row["population"]
    return far | near


@cache
def _table() -> Mapping[str, Mapping[str, frozenset[str]]]:
    """``places/towns.toml``: key -> language -> folded words."""
    return {
        key: {lang: frozenset(fold(word, lang) for word in words_of(value)) for lang, value in table.items()}
        for key, table in load_toml(PLACES / "towns.toml").items()
    }


def before(lang: str) -> frozenset[str]:
    """The words after which a capital name is a place ("in", "near", "town")."""
    return _table()["before"].get(lang, frozenset())


def of(lang: str) -> frozenset[str]:
    """Those of them that stand in names of persons too ("de", "van")."""
    return _table()["of"].get(lang, frozenset())


def after(lang: str) -> frozenset[str]:
    """The words before which a name is a place ("kommune")."""
    return _table()["after"].get(lang, frozenset())


def company(lang: str) -> frozenset[str]:
    """The words that a joining word needs before it ("residents of"); empty: any word in small letters."""
    return _table()["company"].get(lang, frozenset())


def by_case(lang: str) -> bool:
    """Whether the form of a name alone tells a place."""
    return lang in _table()["by_case"]["languages"]


def names(lang: str) -> Iterator[tuple[str, ...]]:
    """The folded names of towns that are no other word of the language."""
    unfit = _table()["no_town"].get(lang, frozenset()) | _table()["no_town"]["all"]
    yield from (name for name in towns(lang) if len(name) > 1 or name[0] not in unfit)
