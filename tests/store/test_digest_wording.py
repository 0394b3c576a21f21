"""Every text of the mail exists in every language, with the same values in it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po
from jinja2.ext import babel_extract

import store.digest
from store.digest.catalogue import LOCALE, catalogue
from store.profiles import LANGUAGES
from store.taxonomy import SECTORS

DIGEST = Path(store.digest.__file__).parent
_VALUE = re.compile(r"%\((\w+)\)[sd]")


def texts() -> set[str | tuple[str, ...]]:
    """All that templates, code and taxonomy want to have translated."""
    found: list[object] = list(SECTORS.values())
    for path in DIGEST.glob("*.py"):
        found += [m for _, m, _, _ in extract_from_file("python", path, keywords={"N_": None, "ngettext": (1, 2)})]
    found += [m for _, m, _, _ in extract_from_file("python", DIGEST.parent / "runs.py", keywords={"say": None})]
    for path in (DIGEST / "templates").glob("*.j2"):
        with path.open("rb") as file:
            found += [m for _, _, m, _ in babel_extract(file, ["_", "ngettext"], [], {"trim_blocks": "true"})]
    plain = [tuple(p for p in m if p) if isinstance(m, tuple) else m for m in found]
    return {m[0] if isinstance(m, tuple) and len(m) == 1 else m for m in plain}  # type: ignore[misc]


@pytest.mark.parametrize("language", [language for language in LANGUAGES if language != "en"])
def test_a_catalogue_holds_exactly_the_texts_in_use(language: str) -> None:
    with (LOCALE / language / "LC_MESSAGES" / "digest.po").open("rb") as file:
        held = [message for message in read_po(file, locale=language) if message.id]
    ids = {tuple(m.id) if isinstance(m.id, tuple | list) else m.id for m in held}
    assert ids == texts()
    for message in held:
        assert not message.fuzzy
        strings = message.string if isinstance(message.string, tuple | list) else (message.string,)
        assert all(strings), message.id
        wanted = set(_VALUE.findall(message.id[-1] if isinstance(message.id, tuple | list) else message.id))
        assert all(set(_VALUE.findall(s)) <= wanted for s in strings), message.id
        assert set(_VALUE.findall(strings[-1])) == wanted, message.id


def test_the_right_plural_form_is_chosen() -> None:
    assert catalogue("fr").ngettext("%(n)d new", "%(n)d new", 0) == "%(n)d nouveau"
    assert catalogue("pt").ngettext("%(n)d new", "%(n)d new", 2) == "%(n)d novos"
    assert catalogue("en").ngettext("(one more later)", "(%(n)d more later)", 1) == "(one more later)"
    assert catalogue("xx").gettext("What changed") == "What changed"
