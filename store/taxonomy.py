"""The sectors by id, with their names for people (``taxonomy.toml``)."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

SECTORS: Mapping[str, str] = MappingProxyType(tomllib.loads((Path(__file__).parent / "taxonomy.toml").read_text(encoding="utf-8")))


def nearest_sector(word: str) -> str:
    """The sector id that looks most like ``word``, by id or by name."""
    names = {name.lower(): sector for sector, name in SECTORS.items()} | {sector: sector for sector in SECTORS}
    found = difflib.get_close_matches(word.lower(), names, n=1, cutoff=0.0)
    return names[found[0]]
