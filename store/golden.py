"""The golden record: one value a field, each taken from the most trusted notice that says it. Pure.

Trust order: api > feed > page > news; within one rank by source and source id, so that the order of arrival plays no part. A
notice that its source withdrew speaks only when all are withdrawn.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from store.folding import plain_url
from store.model import EMPTY, Notice

TRUST = {"api": 0, "feed": 1, "page": 2, "news": 3}
FIELDS = tuple(f.name for f in fields(Notice) if f.name not in ("source", "source_id", "raw", "updated", "status_word"))
_UNITED: dict[str, Callable[[Any], Any]] = {
    "hard_ids": lambda value: value,
    "codes": lambda code: (code.scheme, code.value, code.role),
    "documents": lambda document: plain_url(document.url),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Piece:
    """A notice with what its weight depends on: its row id, its source's trust and whether its source withdrew it."""

    id: int
    notice: Notice
    trust: str = "page"
    withdrawn: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Golden:
    """The record as a Notice (``source`` and ``source_id`` of the leading one, no raw strings); ``provenance`` maps each field that
    has a value to the notice it came from; ``conflicts`` name fields on which trusted sources disagree.
    """

    record: Notice
    provenance: Mapping[str, int]
    withdrawn: bool
    conflicts: tuple[str, ...] = ()


def order(pieces: Sequence[Piece]) -> list[Piece]:
    """The pieces that speak, the most trusted first."""
    alive = [piece for piece in pieces if not piece.withdrawn] or list(pieces)
    return sorted(alive, key=lambda p: (p.notice.kind == "news", TRUST.get(p.trust, 2), p.notice.source, p.notice.source_id))


def build(pieces: Sequence[Piece]) -> Golden:
    """The golden record of at least one piece. Lists of ids, codes and documents are united; all else is one notice's word.

    It is planned only while no notice says more than a prior information does.
    """
    speaking = order(pieces)
    lead = speaking[0]
    withdrawn = all(piece.withdrawn for piece in pieces)
    if len(speaking) == 1:
        record = replace(lead.notice, raw=EMPTY, updated=None)
        return Golden(record=record, provenance={n: lead.id for n in FIELDS if getattr(record, n)}, withdrawn=withdrawn)
    values: dict[str, Any] = {}
    provenance: dict[str, int] = {}
    for name in FIELDS:
        if name in _UNITED:
            values[name], origin = _unite(speaking, name)
        elif name == "planned":
            values[name] = all(p.notice.planned for p in speaking if p.notice is lead.notice or p.notice.kind != "news")
            origin = lead if values[name] else None
        else:
            origin = next((piece for piece in speaking if getattr(piece.notice, name)), None)
            values[name] = getattr((origin or lead).notice, name)
        if origin is not None:
            provenance[name] = origin.id
    record = replace(lead.notice, raw=EMPTY, updated=None, **values)
    return Golden(record=record, provenance=provenance, withdrawn=withdrawn, conflicts=_conflicts(speaking))


def _unite(speaking: Sequence[Piece], name: str) -> tuple[tuple[Any, ...], Piece | None]:
    found: dict[Any, Any] = {}
    origin: Piece | None = None
    for piece in speaking:
        for item in getattr(piece.notice, name):
            origin = origin or piece
            found.setdefault(_UNITED[name](item), item)
    return tuple(found.values()), origin


def _conflicts(speaking: Sequence[Piece]) -> tuple[str, ...]:
    """Fields on which two notices say something different that matters: last deadline (by day) and cancellation."""
    out = []
    days = {
        max(d.utc for d in piece.notice.deadlines if d.utc is not None).date()
        for piece in speaking
        if piece.notice.kind != "news" and any(d.utc is not None for d in piece.notice.deadlines)
    }
    if len(days) > 1:
        out.append("deadlines")
    if len({piece.notice.cancelled for piece in speaking if piece.notice.kind != "news"}) > 1:
        out.append("cancelled")
    return tuple(out)
