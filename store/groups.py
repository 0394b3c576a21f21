"""Which countries a group holds (``groups.toml``): the one place from which digests, briefs and lists know it."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

from store.model import ROLES

ROLE_BITS: dict[str, int] = {role: 1 << n for n, role in enumerate(ROLES)}
# Beside the roles: a call that does not say who may apply counts as open to where its publisher is at home. Nothing proves it, so it
# narrows lists and digests, and is shown as no tag.
HOME = 1 << len(ROLES)
# Publishers that stand for no single country, and the groups that their silent calls count for.
_AT_HOME = {"": (), "EU": ("EU27",), "INT": ("EU27", "HORIZON")}
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


def homes_of(kind: str, publisher: str, roles: Iterable[int]) -> tuple[str, ...]:
    """Where an opportunity counts as open to without words: the country or groups of its publisher (an ISO code, ``EU``,
    ``INT`` or "" when it is not known) for a call none of whose countries (their ``roles``) may apply by its text; else none.
    """
    if kind != "call" or any(bits & ROLE_BITS["eligible"] for bits in roles):
        return ()
    return _AT_HOME.get(publisher, (publisher,))


def reach(countries: Mapping[str, int]) -> dict[str, int]:
    """Listed codes with the bits of their roles (``ROLE_BITS``), and each member of a group that may apply as eligible itself;
    ``HOME`` counts as may apply. A group in any other role stands for no single member: news about the Union is not news about
    each of its countries.
    """
    eligible = ROLE_BITS["eligible"]
    found = {code: roles & ~HOME | (eligible if roles & HOME else 0) for code, roles in countries.items()}
    for code, roles in countries.items():
        if roles & (eligible | HOME):
            for member in sorted(groups().get(code, ())):
                found[member] = found.get(member, 0) | eligible
    return found
