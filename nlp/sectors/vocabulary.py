"""The words of the sectors as data: one TOML file a sector, one word a line, its weight behind it.

``[words.<language>]`` holds words (``xx`` = in every language): weight 1 needs company, 2 is a good sign, 3 decides. A ``*`` before or
after a word, or after any word of a phrase, stands for more letters. A word in capitals (``AI``) counts only in capitals.
``[not.<language>]`` lists phrases that look like a word of the sector and are none. ``[against.<language>]`` names, for a word, the
company in which it means something else (``mould* = ["fungus"]``). The file ``nothing.toml`` holds what speaks for no sector.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from nlp.errors import VocabularyError
from nlp.lexicon import line_of, load_toml
from nlp.sectors.fold import fold

FOLDER = Path(__file__).parent.parent / "vocabulary" / "sectors"
NOTHING = "nothing"
EVERYWHERE = "xx"
HEAVIEST = 6
_NOT_SECTORS = frozenset({"calibration"})
# What is written as it is folded: most lines.
_FOLDED = re.compile(r"\*?[a-z0-9]+\*?(?: \*?[a-z0-9]+\*?)*")
_PLAIN = re.compile(r"\*?[^*]+\*?")
_SECTION = re.compile(r"\s*\[(\w+)(?:\.(\w+))?\]")


class Word(NamedTuple):
    """One line of a vocabulary. ``parts`` are its folded words with their ``*``; ``weight`` 0 only blocks what it covers."""

    text: str
    lang: str
    sector: str
    weight: float
    parts: tuple[str, ...]
    capitals: bool = False
    against: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sector:
    """One sector file: its names and its words in all languages."""

    id: str
    label: str
    ecosystem: str
    words: tuple[Word, ...]


@cache
def sectors(folder: Path = FOLDER) -> dict[str, Sector]:
    """Sector id -> sector, ``nothing`` among them. Raises ``VocabularyError`` for the first fault in the first faulty file."""
    return {path.stem: _read(path) for path in sorted(folder.glob("*.toml")) if path.stem not in _NOT_SECTORS}


def sector_ids() -> tuple[str, ...]:
    """The ids of the taxonomy, in order."""
    return tuple(name for name in sectors() if name != NOTHING)


def check(folder: Path = FOLDER) -> list[VocabularyError]:
    """Every fault of the sector files: unreadable, empty, told twice, no weight, a word in two sectors with the same weight 3."""
    faults: list[VocabularyError] = []
    decisive: dict[tuple[str, str], tuple[str, Path]] = {}
    for path in sorted(folder.glob("*.toml")):
        if path.stem in _NOT_SECTORS:
            continue
        try:
            sector = _read(path)
        except VocabularyError as error:
            faults.append(error)
            continue
        for word in sector.words:
            if word.weight < 4:
                continue
            key = (word.lang, " ".join(word.parts))
            if key in decisive and decisive[key][0] != sector.id:
                other = decisive[key][0]
                message = f"the word {word.text!r} decides here and in {other}.toml: give it less weight in one of them"
                faults.append(VocabularyError(message, path=path, line=line_of(path, word.text)))
            decisive[key] = (sector.id, path)
    return faults


def _read(path: Path) -> Sector:
    """One sector file as a value."""
    tables = load_toml(path)
    for key in tables:
        if key not in ("label", "ecosystem", "words", "not", "against"):
            message = f"the key {key!r} is unknown: write label, ecosystem, words, not or against"
            raise VocabularyError(message, path=path, line=line_of(path, key))
    against = {
        (lang, fold(word)): tuple(fold(item) for item in company)
        for lang, table in tables.get("against", {}).items()
        for word, company in table.items()
    }
    words: list[Word] = []
    seen: dict[tuple[str, str], str] = {}
    for lang, table in tables.get("words", {}).items():
        for text, weight in table.items():
            words.append(_word(path, text, lang, path.stem, weight, against, seen))
    for lang, listed in tables.get("not", {}).items():
        for text in listed:
            words.append(_word(path, text, lang, path.stem, 0.0, {}, seen))
    known = {(word.lang, _plain(word.parts)) for word in words} if against else set()
    for lang, text in against:
        if (lang, text) not in known:
            message = f"[against.{lang}] speaks of {text!r}, which is no word of [words.{lang}]: add it there or remove it here"
            raise VocabularyError(message, path=path, line=_line(path, lang, text))
    return Sector(
        id=path.stem, label=str(tables.get("label", path.stem)), ecosystem=str(tables.get("ecosystem", "")), words=tuple(words)
    )


def _line(path: Path, lang: str, text: str) -> int:
    """The 1-based line of the last standing of a word of ``lang`` in ``[words.<lang>]`` or ``[not]``; 0 when it is nowhere."""
    table = language = ""
    found = 0
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        section = _SECTION.match(line)
        if section:
            table, language = section.group(1), section.group(2) or ""
        elif table == "not" and line.startswith(f"{lang} ="):
            language = lang
        if language == lang and (f'"{text}"' in line or line.strip().startswith(f"{text} =")):
            found = number
    return found


def _plain(parts: tuple[str, ...]) -> str:
    """A word without its stars."""
    return " ".join(parts).replace("*", "")


def _parts(text: str) -> tuple[str, ...]:
    """The folded words of a line, each with its stars; () when one is empty or has a star inside."""
    pieces = re.sub(r"[-'’/_.]", " ", text).split()
    parts = tuple(("*" if part.startswith("*") else "") + fold(part) + ("*" if part.endswith("*") else "") for part in pieces)
    return parts if all(part.strip("*") for part in parts) and all(map(_PLAIN.fullmatch, pieces)) else ()


def _word(
    path: Path,
    text: str,
    lang: str,
    sector: str,
    weight: Any,
    against: dict[tuple[str, str], tuple[str, ...]],
    seen: dict[tuple[str, str], str],
) -> Word:
    """One line as a ``Word``; raises where it cannot be one."""
    parts = tuple(text.split(" ")) if _FOLDED.fullmatch(text) else _parts(text)
    if not parts:
        raise VocabularyError(
            f"the word {text!r} of {lang} is empty or has a * inside a word: mend it", path=path, line=line_of(path, text)
        )
    if not isinstance(weight, int | float) or isinstance(weight, bool) or not 0 <= weight <= HEAVIEST:
        raise VocabularyError(
            f"the weight of {text!r} must be a number from 0 to {HEAVIEST}", path=path, line=_line(path, lang, text)
        )
    key = (lang, " ".join(parts))
    if key in seen:
        raise VocabularyError(
            f"the word {text!r} stands twice in {lang} (as {seen[key]!r}): keep one", path=path, line=_line(path, lang, text)
        )
    seen[key] = text
    bare = text.strip("*")
    return Word(
        text=text,
        lang=lang,
        sector=sector,
        weight=float(weight),
        parts=parts,
        capitals=len(bare) > 1 and bare.isupper() and len(bare) <= 6,
        against=against.get((lang, _plain(parts)), ()),
    )
