"""Which countries a group holds (``groups.toml``): the one place from which digests, briefs and lists know it."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from store.model import ROLES

ROLE_BITS: dict[str, int] = {role: 1 << n for n, role in enumerate(ROLES)}
_FILE = Path(__file__).with_suffix(".toml")


@cache
def groups() -> dict[str, frozenset[str]]:
    """Each group of countries with its members (ISO codes)."""
    data = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    return {name: frozenset(members) for name, members in data.items()}


@cache
def groups_of(code: str) -> tuple[str, ...]:
    """The groups that hold the country ``code``."""
    return tuple(name for name, held in groups().items() if code in held)


@cache
def codes_that_meet(code: str) -> tuple[str, ...]:
    """The tag codes that meet a wish for ``code``: itself, the groups that hold it, and a group's own members."""
    return (code, *groups_of(code), *sorted(groups().get(code, ())))


def reach(countries: Mapping[str, int]) -> dict[str, int]:
    """Tagged codes with the bits of their roles (``ROLE_BITS``), and each member of a group that may apply as eligible itself.

    A group in any other role stands for no single member: news about the Union is not news about each of its countries.
    """
    found = dict(countries)
    for code, roles in countries.items():
        if roles & ROLE_BITS["eligible"]:
            for member in sorted(groups().get(code, ())):
                found[member] = found.get(member, 0) | ROLE_BITS["eligible"]
    return found
