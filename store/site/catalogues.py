"""The texts of the interface, gathered from templates and modules, for the catalogues in ``locale/``."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from store.site.manner import FOLDER
from store.taxonomy import SECTORS

_METHODS = [("**.py", "python"), ("templates/**.html", "jinja2.ext:babel_extract")]
_OPTIONS = {"templates/**.html": {"newstyle_gettext": "true", "trimmed": "false"}}
_KEYWORDS = {"_": None, "gettext": None, "N_": None, "ngettext": (1, 2)}


def messages() -> Iterator[str | tuple[str, ...]]:
    """Every text to translate once: a string, or (singular, plural)."""
    seen: dict[str | tuple[str, ...], None] = dict.fromkeys(SECTORS.values())
    for _, _, message, _, _ in extract_from_dir(str(Path(__file__).parent), _METHODS, _OPTIONS, _KEYWORDS):
        key = tuple(message) if isinstance(message, list | tuple) else message
        if key:
            seen.setdefault(key)
    yield from seen


def missing(language: str) -> list[str | tuple[str, ...]]:
    """The texts that the catalogue of a language does not translate."""
    with io.BytesIO((FOLDER / f"{language}.po").read_bytes()) as file:
        catalogue = read_po(file, locale=language)
    done = {message.id for message in catalogue if message.id and all(_strings(message.string))}
    return [m for m in messages() if m not in done]


def _strings(value: str | list[str] | tuple[str, ...] | None) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value or ("",))
