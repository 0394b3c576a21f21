"""The spaCy factories, registered by the entry points of ``pyproject.toml``. Nothing is read before a component is made.

``clusterscout_countries`` and ``clusterscout_sectors`` write plain tuples of tags into ``doc.user_data`` under their own name. The
language and the structured codes of a text come in through ``doc.user_data`` too (``clusterscout_lang``, ``clusterscout_codes``).
"""

from __future__ import annotations

from collections.abc import Callable

from spacy.language import Language
from spacy.tokens import Doc

from nlp.tokenizer import TEXT

COUNTRIES = "clusterscout_countries"
SECTORS = "clusterscout_sectors"
LANG = "clusterscout_lang"
CODES = "clusterscout_codes"
KIND = "clusterscout_kind"


@Language.factory(COUNTRIES)
def countries(nlp: Language, name: str) -> Callable[[Doc], Doc]:
    """Country tags of a text, into ``doc.user_data["clusterscout_countries"]``."""
    from nlp.countries import tag_countries

    def tag(doc: Doc) -> Doc:
        data = doc.user_data
        data[name] = tag_countries(_text(doc), data.get(LANG) or nlp.lang or "", codes=data.get(CODES, ()), kind=data.get(KIND))
        return doc

    return tag


@Language.factory(SECTORS)
def sectors(nlp: Language, name: str) -> Callable[[Doc], Doc]:
    """Sector tags of a text, into ``doc.user_data["clusterscout_sectors"]``."""
    from nlp.sectors import tag_sectors

    def tag(doc: Doc) -> Doc:
        data = doc.user_data
        data[name] = tag_sectors(_text(doc), data.get(LANG) or nlp.lang or "", data.get(CODES, ()))
        return doc

    return tag


def _text(doc: Doc) -> str:
    """The text of ``doc``, put together once when another tokenizer made it."""
    text = doc.user_data.get(TEXT)
    if text is None:
        text = doc.user_data[TEXT] = doc.text
    return str(text)
