"""Read and check the declarations: one TOML file a source, facts only. All faults of all files are told at once."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from crawlers.checks import CHECKS, REQUIRED, TABLES, Rejected, check_name
from crawlers.crosschecks import check_whole
from crawlers.errors import Fault, SourceErrors
from crawlers.source import Ask, Expect, Paging, Source

_BUILDERS = {"ask": Ask, "paging": Paging, "expect": Expect}


def load_sources(folder: Path) -> dict[str, Source]:
    """All declarations below ``folder`` (``**/*.toml``), by name in alphabetical order.

    Raises SourceErrors with every fault of every file: unknown keys and values (with the nearest valid one), wrong types, bad
    zones, selectors and pointers, missing keys, and names that stand in two files.
    """
    faults: list[Fault] = []
    found: dict[str, Source] = {}
    files = sorted(folder.rglob("*.toml"))
    if not folder.is_dir():
        raise SourceErrors(
            [Fault(file=str(folder), key="", message="there is no such folder of sources; see the setting 'sources'")]
        )
    for path in files:
        try:
            source = load_source(path)
        except SourceErrors as errors:
            faults.extend(errors.faults)
            continue
        found.setdefault(source.name, source)
    faults.extend(_duplicates(files))
    if faults:
        raise SourceErrors(faults)
    return dict(sorted(found.items()))


def load_source(path: Path) -> Source:
    """One declaration. Raises SourceErrors with all its faults."""
    return source_from(path.read_text(encoding="utf-8") if path.is_file() else None, path)


def source_from(text: str | None, path: Path) -> Source:
    """The source that ``text`` declares as the file ``path``, which need not exist. Raises SourceErrors."""
    file = path.name
    if text is None:
        raise SourceErrors([Fault(file=str(path), key="", message="there is no such file")])
    try:
        declared = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SourceErrors([Fault(file=file, key="", message=f"not TOML: {error}")]) from error
    faults: list[Fault] = []
    values = _read_table("", declared, file, faults)
    try:
        name = check_name(path.stem)
    except Rejected as error:
        faults.append(Fault(file=file, key="(file name)", message=str(error)))
        name = path.stem
    for key in REQUIRED:
        if key not in declared:
            faults.append(Fault(file=file, key=key, message="is required"))
    faults.extend(Fault(file=file, key=key, message=message, nearest=near) for key, message, near in check_whole(values))
    if faults:
        raise SourceErrors(faults)
    return Source(name=name, path=str(path), **values)


def _read_table(prefix: str, table: Mapping[str, Any], file: str, faults: list[Fault]) -> dict[str, Any]:
    """The checked values of one table; what is wrong goes to ``faults``."""
    values: dict[str, Any] = {}
    for key, given in table.items():
        dotted = f"{prefix}{key}"
        if not prefix and key in TABLES:
            if not isinstance(given, dict):
                faults.append(Fault(file=file, key=key, message=f"must be a table: [{key}]"))
                continue
            inner = _read_table(f"{key}.", given, file, faults)
            values[key] = _BUILDERS[key](**inner) if key in _BUILDERS else MappingProxyType(inner)
            continue
        check = CHECKS.get(dotted) or CHECKS.get(f"{prefix}*")
        if check is None:
            faults.append(Fault(file=file, key=dotted, message="unknown key", nearest=_nearest(dotted, [*CHECKS, *TABLES])))
            continue
        try:
            values[key] = check(key, given)
        except Rejected as error:
            faults.append(Fault(file=file, key=dotted, message=str(error), nearest=_nearest(error.value, error.valid)))
    return values


def _nearest(word: str, valid: Iterable[str]) -> str:
    """The valid word that looks most like ``word``; "" when none does."""
    choices = [one for one in valid if not one.endswith("*")]
    close = difflib.get_close_matches(word, choices, n=1, cutoff=0.5)
    if not close:
        folded = {one.casefold(): one for one in choices}
        close = [folded[one] for one in difflib.get_close_matches(word.casefold(), list(folded), n=1, cutoff=0.5)]
    return close[0] if close else ""


def _duplicates(files: list[Path]) -> list[Fault]:
    """Two files whose names are one name, apart from capitals and hyphens."""
    first: dict[str, Path] = {}
    faults = []
    for path in files:
        name = path.stem.lower().replace("-", "_")
        other = first.setdefault(name, path)
        if other is not path:
            faults.append(Fault(file=str(path), key="(file name)", message=f"the name '{name}' is taken by {other}; rename one"))
    return faults
