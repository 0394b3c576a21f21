"""Read a vocabulary file: TOML whose leaves are words, each told once, with the line it stands on.

A duplicate, an empty word and a malformed file are errors that name file and line, so that a slip is mended where it was made.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from nlp.errors import VocabularyError

_LINE = re.compile(r"at line (\d+)")


def load_toml(path: Path) -> dict[str, Any]:
    """The tables of ``path`` as plain values.

    Raises ``VocabularyError`` with the line when it is not readable, not UTF-8 or not TOML (a key told twice is not TOML).
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise VocabularyError(f"cannot be read ({error.strerror}): check that the file is there", path=path) from error
    except UnicodeDecodeError as error:
        raise VocabularyError("is not UTF-8: save it again as UTF-8", path=path) from error
    except tomllib.TOMLDecodeError as error:
        found = _LINE.search(str(error))
        raise VocabularyError(f"is not valid TOML: {error}", path=path, line=int(found.group(1)) if found else 0) from error


def line_of(path: Path, word: str, *, nth: int = 1) -> int:
    """The 1-based line on which the ``nth`` standing of ``word`` is (as a quoted string or as a bare word), 0 when it is nowhere."""
    pattern = re.compile(r"(?<![\w-])" + re.escape(word) + r"(?![\w-])") if word else re.compile(r'""|"\s+"')
    seen = 0
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        for _ in pattern.finditer(line.split("#", 1)[0]):
            seen += 1
            if seen == nth:
                return number
    return 0


def words_of(value: Any) -> Iterator[str]:
    """The words of one entry: a list has one word an item, a plain string has words between commas."""
    if isinstance(value, str):
        yield from (part.strip() for part in value.split(","))
    else:
        for item in value:
            yield str(item).strip()


def load_words(path: Path, *, table: str | None = None, fold: Callable[[str], str] = str.casefold) -> Mapping[str, tuple[str, ...]]:
    """Entry -> its words, from ``table`` of the file (None: the top level, tables in it left out).

    Raises ``VocabularyError`` when a word is empty, stands twice in one entry, or stands in two entries (an ambiguous word);
    ``fold`` says when two words are the same.
    """
    tables = load_toml(path)
    entries = tables if table is None else tables.get(table, {})
    owner: dict[str, str] = {}
    found: dict[str, tuple[str, ...]] = {}
    for entry, value in entries.items():
        if isinstance(value, dict):
            continue
        words = tuple(words_of(value))
        for word in words:
            if not word:
                raise VocabularyError(
                    f"entry {entry!r} has an empty word: write a word or remove it", path=path, line=line_of(path, entry)
                )
            key = fold(word)
            if key in owner:
                place = line_of(path, word, nth=2) or line_of(path, word)
                what = "stands twice in" if owner[key] == entry else f"is ambiguous: it stands in {owner[key]!r} and in"
                raise VocabularyError(f"the word {word!r} {what} {entry!r}: keep one", path=path, line=place)
            owner[key] = entry
        found[entry] = words
    return found
