"""Structured codes to sectors: CPV by longest prefix, NACE and HS by longest prefix, EU topics by the shape of their identifier."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path

from nlp.errors import VocabularyError
from nlp.lexicon import line_of, load_toml
from nlp.sectors.vocabulary import sector_ids
from store.model import Code

FOLDER = Path(__file__).parent.parent / "vocabulary"
# A topic identifier: capitals, then pieces joined by hyphens, at least one piece with a digit or two further pieces.
# What must not stand before it is looked at after the first letter, for which the engine then searches quickly.
TOPIC = re.compile(r"[A-Z](?<![\w-].)[A-Z0-9]{1,15}(?:-[A-Za-z0-9.+_]{1,40}){1,12}(?![\w-])")
# What every topic identifier has, and most texts have not: told much quicker.
_HYPHEN = re.compile(r"-(?<=[A-Z0-9]-)[A-Za-z0-9.+_]")
_DIGITS = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class CodeHit:
    """Sectors that a code speaks for; ``start:end`` is its place in the text, 0:0 for a field. ``rule`` names table and line."""

    sectors: tuple[str, ...]
    quote: str
    start: int
    end: int
    rule: str


def cpv_sectors(value: str) -> tuple[str, ...]:
    """The sectors of a CPV code (check digit allowed) by the longest prefix listed; () when it is outside the taxonomy or unknown."""
    return _longest_prefix(_table("cpv"), value)[1]


def code_hits(codes: Sequence[Code], text: str) -> list[CodeHit]:
    """What the structured codes say, and the topic identifiers that stand in ``text``."""
    hits = [hit for code in codes for hit in _field(code)]
    for match in TOPIC.finditer(text) if _HYPHEN.search(text) else ():
        found = programme_sectors(match.group())
        if found is not None:
            hits.append(CodeHit(found[1], match.group(), match.start(), match.end(), f"programme:{found[0]}"))
    return hits


def programme_sectors(identifier: str) -> tuple[str, tuple[str, ...]] | None:
    """(hook, sectors) of a topic identifier by the first fitting hook; sectors may be (): the programme speaks for none. None: no hook."""
    if "-" not in identifier:
        return None
    upper = identifier.upper()
    for hook, sectors in _programmes():
        if fnmatchcase(upper, hook):
            return hook, sectors
    return None


@cache
def _programmes() -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The hooks in the order of the file: the first that fits wins."""
    path = FOLDER / "programmes.toml"
    listed: Mapping[str, Sequence[str]] = load_toml(path).get("topics", {})
    return tuple((hook.upper(), _checked(path, hook, sectors)) for hook, sectors in listed.items())


@cache
def _table(scheme: str) -> Mapping[str, tuple[str, ...]]:
    """Prefix -> sectors of one scheme. Raises ``VocabularyError`` for a sector that does not exist."""
    path = FOLDER / f"{scheme}.toml"
    listed: Mapping[str, Sequence[str]] = load_toml(path).get("prefixes", {})
    return {prefix: _checked(path, prefix, sectors) for prefix, sectors in listed.items()}


def check_crosswalks() -> None:
    """Read all crosswalk files. Raises ``VocabularyError`` for the first fault."""
    for scheme in ("cpv", "nace", "hs"):
        _table(scheme)
    _programmes()


def _checked(path: Path, key: str, sectors: Iterable[str]) -> tuple[str, ...]:
    """The sectors of one line, if they exist."""
    for sector in sectors:
        if sector not in sector_ids():
            raise VocabularyError(f"{key!r} names the unknown sector {sector!r}", path=path, line=line_of(path, key))
    return tuple(sectors)


def _field(code: Code) -> list[CodeHit]:
    """What one structured code says."""
    if code.scheme in ("cpv", "nace", "hs"):
        prefix, sectors = _longest_prefix(_table(code.scheme), code.value)
        return [CodeHit(sectors, code.value, 0, 0, f"{code.scheme}:{prefix}")] if prefix else []
    if code.scheme == "programme":
        found = programme_sectors(code.value)
        return [CodeHit(found[1], code.value, 0, 0, f"programme:{found[0]}")] if found else []
    if code.scheme == "sector" and code.value in sector_ids():
        return [CodeHit((code.value,), code.value, 0, 0, "sector")]
    return []


def _longest_prefix(table: Mapping[str, tuple[str, ...]], value: str) -> tuple[str, tuple[str, ...]]:
    """The longest prefix of the digits of ``value`` that is in the table, with its sectors; ("", ()) when none is."""
    digits = "".join(_DIGITS.findall(value.split("-")[0]))
    for length in range(len(digits), 0, -1):
        if digits[:length] in table:
            return digits[:length], table[digits[:length]]
    return "", ()
