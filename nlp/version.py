"""Which vocabulary tags were made with, told without reading it."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

VOCABULARY = Path(__file__).parent / "vocabulary"


@cache
def vocabulary_version() -> str:
    """Twelve hexadecimal digits over every vocabulary file: another vocabulary, another version."""
    digest = hashlib.sha256()
    for path in sorted(VOCABULARY.rglob("*")):
        if path.is_file():
            digest.update(path.relative_to(VOCABULARY).as_posix().encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()[:12]
