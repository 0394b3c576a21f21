"""One blank spaCy pipeline a language with our components and no downloaded model, made once and kept."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from spacy.language import Language
from spacy.tokens import Doc
from spacy.util import get_lang_class

from nlp import components
from nlp.tokenizer import Tokenizer
from store.model import Code, Kind

# Languages whose tokenizer spaCy carries; every other text, Maltese too, goes through the language-neutral one.
LANGUAGES = frozenset(
    [
        "bg",
        "cs",
        "da",
        "de",
        "el",
        "en",
        "es",
        "et",
        "fi",
        "fr",
        "ga",
        "hr",
        "hu",
        "is",
        "it",
        "lt",
        "lv",
        "mk",
        "nb",
        "nl",
        "pl",
        "pt",
        "ro",
        "ru",
        "sk",
        "sl",
        "sq",
        "sr",
        "sv",
        "tr",
        "uk",
    ]
)


@cache
def build_pipeline(lang: str) -> Language:
    """The pipeline of ``lang`` (ISO 639-1; unknown or unsupported gives the neutral one). The same object for the same language."""
    language = get_lang_class(lang if lang in LANGUAGES else "xx")
    nlp = language(max_length=2**31 - 1, create_tokenizer=Tokenizer)
    nlp.add_pipe(components.COUNTRIES)
    nlp.add_pipe(components.SECTORS)
    return nlp


def run(text: str, lang: str, *, codes: Sequence[Code] = (), kind: Kind | None = None) -> Doc:
    """``text`` through the pipeline of ``lang``. The Doc stays inside nlp: callers take plain tags out of ``user_data``."""
    nlp = build_pipeline(lang if lang in LANGUAGES else "xx")
    doc = nlp.make_doc(text)
    doc.user_data[components.LANG] = lang
    doc.user_data[components.CODES] = tuple(codes)
    doc.user_data[components.KIND] = kind
    for _, component in nlp.pipeline:
        doc = component(doc)
    return doc
