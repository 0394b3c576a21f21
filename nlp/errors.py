"""Errors of nlp. Each message is one sentence that says what to do next; the cause stays chained.

NlpError
└── VocabularyError        a vocabulary file cannot be used as it is: file and line are said
"""

from __future__ import annotations

from pathlib import Path


class NlpError(Exception):
    """Root of all errors of nlp."""


class VocabularyError(NlpError):
    """A vocabulary file that cannot be used. ``path`` and ``line`` (1-based, 0 = the whole file) say where to mend it."""

    def __init__(self, message: str, *, path: Path, line: int = 0) -> None:
        super().__init__(f"{path.name}:{line}: {message}")
        self.path = path
        self.line = line
