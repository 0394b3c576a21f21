"""Interface texts of the mail in six languages: gettext catalogues (``store/locale/<lang>/LC_MESSAGES/digest.po``) read as they are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from gettext import c2py
from pathlib import Path

from babel.messages.pofile import read_po

LOCALE = Path(__file__).parent.parent / "locale"
DOMAIN = "digest"


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The texts of one language. What a catalogue lacks is said in English."""

    language: str
    single: Mapping[str, str]
    several: Mapping[str, tuple[str, ...]]
    plural: Callable[[int], int]

    def gettext(self, text: str) -> str:
        """The translation of an English text."""
        return self.single.get(text) or text

    def ngettext(self, one: str, many: str, n: int) -> str:
        """The translation of an English text for ``n`` things."""
        forms = self.several.get(one)
        if forms and all(forms):
            return forms[self.plural(n)]
        return one if n == 1 else many


@cache
def catalogue(language: str) -> Catalogue:
    """The catalogue of a language (ISO 639-1); English for a language that has none."""
    path = LOCALE / language / "LC_MESSAGES" / f"{DOMAIN}.po"
    if not path.is_file():
        return Catalogue("en", {}, {}, c2py("n != 1"))
    with path.open("rb") as file:
        read = read_po(file, locale=language)
    single = {m.id: m.string for m in read if m.id and isinstance(m.id, str) and isinstance(m.string, str)}
    several = {
        m.id[0]: tuple(m.string) for m in read if m.id and isinstance(m.id, tuple | list) and isinstance(m.string, tuple | list)
    }
    return Catalogue(language, single, several, c2py(read.plural_expr))
