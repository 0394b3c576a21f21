"""From pairwise judgements to clusters. Pure; the same links give the same clusters in whatever order they arrive.

Links are taken strongest first (official ids, then points); a link that would bring two things together which their publishers
or a curator keep apart is left out. A curator's word goes before everything.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

ID_SCORE = 1000.0  # the score under which a link by official id, address or named id is kept
CURATED = 2000.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Link:
    """Two notices (row ids) judged to speak of one thing; ``score`` is ID_SCORE for a link by id, else points of likeness."""

    one: int
    other: int
    score: float
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Decisions:
    """A curator's standing decisions on pairs of notices: ``together`` and ``apart``, pairs in rising order of row id."""

    together: Collection[tuple[int, int]] = ()
    apart: Collection[tuple[int, int]] = ()


@dataclass(slots=True)
class _Group:
    members: set[int]
    identities: dict[str, set[str]]
    reasons: list[str] = field(default_factory=list)


def clusters(
    notices: Iterable[int],
    links: Iterable[Link],
    identities: Mapping[int, Collection[str]],
    names: Mapping[int, tuple[str, str]],
    decisions: Decisions,
) -> list[frozenset[int]]:
    """Partition ``notices``. ``identities`` are the official ids of each; ``names`` its (source, source id), which orders equal links."""
    group = {notice: _Group({notice}, _by_scheme(identities.get(notice, ()))) for notice in notices}
    apart = {frozenset(pair) for pair in decisions.apart}
    wanted = [Link(one=a, other=b, score=CURATED, reason="curator") for a, b in decisions.together]
    known = (link for link in [*wanted, *links] if link.one in group and link.other in group)
    for link in sorted(known, key=lambda link: (-link.score, tuple(sorted((names[link.one], names[link.other]))))):
        one, other = group[link.one], group[link.other]
        if one is other or _kept_apart(one, other, apart, curated=link.score >= CURATED):
            continue
        one.members |= other.members
        for scheme, values in other.identities.items():
            one.identities.setdefault(scheme, set()).update(values)
        for member in other.members:
            group[member] = one
    return sorted({frozenset(found.members) for found in group.values()}, key=min)


def _by_scheme(values: Collection[str]) -> dict[str, set[str]]:
    schemes: dict[str, set[str]] = {}
    for value in values:
        schemes.setdefault(value.split(":", 1)[0], set()).add(value)
    return schemes


def _kept_apart(one: _Group, other: _Group, apart: set[frozenset[int]], *, curated: bool) -> bool:
    if any(frozenset((a, b)) in apart for a in one.members for b in other.members):
        return True
    if curated:
        return False
    return any(not values & other.identities[scheme] for scheme, values in one.identities.items() if scheme in other.identities)
