"""What a publisher's word for a state says that dates may not: it is over, or only planned. The words are data (``states.toml``)."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import TypedDict

_PARTS = re.compile(r"\s*[·|/()]\s*")


class Standing(TypedDict):
    """The two fields of a Notice that a state word gives."""

    over: bool
    planned: bool


def standing(*words: str) -> Standing:
    """Whether any of the ``words`` (a state as published; parts between ``·``, ``|``, ``/`` or in brackets count alone) says that
    it is over, or else planned. A word that is in no list says neither.
    """
    parts = {part.casefold().strip(" .!") for word in words for part in (word, *_PARTS.split(word))}
    over = not parts.isdisjoint(_words()["over"])
    return Standing(over=over, planned=not over and not parts.isdisjoint(_words()["planned"]))


@cache
def _words() -> dict[str, frozenset[str]]:
    with Path(__file__).with_suffix(".toml").open("rb") as file:
        return {name: frozenset(words) for name, words in tomllib.load(file).items()}
