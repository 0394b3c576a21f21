"""In which role a country stands: told by the words before and after it in its sentence, as ``vocabulary/roles/roles.toml`` lists them."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from ahocorasick_rs import AhoCorasick, Implementation, MatchKind

from nlp.countries.matching import Hit
from nlp.lexicon import load_toml
from store.model import Kind, Role

ROLES = Path(__file__).parent.parent / "vocabulary" / "roles" / "roles.toml"
BEFORE = 70
AFTER = 40
_END = re.compile(r"[.!?;](?:\s|$)|\n")
_LIST = re.compile(
    r"^[\s,/&–-]*(?:\(?\s*(?:and|or|und|oder|sowie|et|ou|e|o|y|och|og|en|i|a|lub|oraz|ja|sekä|és|și|ir|un|и|і|та|й|και|in|ali|ili|agus|u|ve|eller|the|die|der|les|la|le|l['’]|os|as|der|dem|den|die|to|in|i|z|iz|de|d['’]|da|do|del|of|from|till|til|v|w|na|do)\s*){0,3}\s*$",
    re.IGNORECASE,
)


@dataclass(kw_only=True, slots=True)
class _Cues:
    """The cues of one side where they stand in a text, in order of the border that is next to a country."""

    spans: list[tuple[int, int, str]] = field(default_factory=list)
    borders: list[int] = field(default_factory=list)


@cache
def _automaton() -> tuple[AhoCorasick, tuple[tuple[bool, str], ...]]:
    """All cues, and of each whether it stands before a country, and its role; a phrase told for two roles keeps the first."""
    owners: dict[tuple[bool, str], str] = {}
    for role, table in load_toml(ROLES).items():
        for side in ("before", "after"):
            for phrase in table[side]:
                owners.setdefault((side == "before", phrase), role)
    automaton = AhoCorasick([phrase for _, phrase in owners], matchkind=MatchKind.Standard, implementation=Implementation.DFA)
    return automaton, tuple((ahead, role) for (ahead, _), role in owners.items())


def _cues(lowered: str) -> tuple[_Cues, _Cues]:
    """The cues of a text that stand between word borders: those for what follows in order of their ends, and those for what they follow
    in order of their beginnings; of several at one border the longest counts.
    """
    automaton, owners = _automaton()
    ahead, behind = _Cues(), _Cues()
    for which, start, end in automaton.find_matches_as_indexes(lowered, overlapping=True):
        if start and lowered[start - 1].isalnum() and lowered[start].isalnum():
            continue
        if end < len(lowered) and lowered[end].isalnum() and lowered[end - 1].isalnum():
            continue
        before, role = owners[which]
        (ahead if before else behind).spans.append((start, end, role))
    ahead.spans.sort(key=lambda cue: (cue[1], -cue[0]))
    behind.spans.sort(key=lambda cue: (cue[0], -cue[1]))
    ahead.borders = [end for _, end, _ in ahead.spans]
    behind.borders = [start for start, _, _ in behind.spans]
    return ahead, behind


def give_roles(text: str, hits: list[Hit], kind: Kind | None) -> None:
    """Set ``role`` and, where a cue told it, ``rule`` of every hit in order."""
    if not hits:
        return
    lowered = text.lower()
    if len(lowered) != len(text):  # a letter that grows when lowered would shift every offset after it
        lowered = "".join(c.lower() if len(c.lower()) == 1 else c for c in text)
    ahead, behind = _cues(lowered)
    previous: Hit | None = None
    for number, hit in enumerate(hits):
        if hit.role:
            previous = hit
            continue
        listed = previous is not None and previous.end <= hit.start and _LIST.match(text[previous.end : hit.start]) is not None
        floor = hits[number - 1].end if number else 0
        role, rule = _cued(lowered, hit, floor if not listed else hit.start, ahead, behind)
        if role:
            hit.role, hit.rule = role, rule
        elif listed and previous is not None and (previous.role not in ("", "mentioned") or previous.rule.startswith("cue:")):
            hit.role, hit.rule = previous.role, previous.rule
        previous = hit
    _backwards(text, hits)
    for hit in hits:
        if not hit.role:
            hit.role = _default(hit, kind)


def _cued(lowered: str, hit: Hit, floor: int, ahead: _Cues, behind: _Cues) -> tuple[str, str]:
    """The role that the nearest cue gives, and the rule that says so; "" when there is none."""
    nearest, distance = None, 0
    place = bisect_right(ahead.borders, hit.start) - 1
    if place >= 0:
        end = ahead.borders[place]
        if end >= max(floor, hit.start - BEFORE) and _one_sentence(lowered, end, hit.start):
            nearest, distance = ahead.spans[place], hit.start - end
    place = bisect_left(behind.borders, hit.end)
    if place < len(behind.borders):
        start = behind.borders[place]
        further = start - hit.end + 4  # a cue before a name is nearer than one after it
        if start <= hit.end + AFTER and (nearest is None or further < distance) and _one_sentence(lowered, hit.end, start):
            nearest = behind.spans[place]
    if nearest is None:
        return "", ""
    start, end, role = nearest
    return role, f"cue:{role}:{lowered[start:end]}"


def _one_sentence(lowered: str, start: int, end: int) -> bool:
    """Whether no sentence ends between; a label that ends in a colon speaks for the line under it."""
    between = lowered[start:end]
    if _END.search(between) is None:
        return True
    label = lowered[max(0, start - 1) : start + 1]
    return ":" in label and _END.search(between.lstrip(" :\n")) is None


def _backwards(text: str, hits: list[Hit]) -> None:
    """A cue after the last of a list speaks for the whole list ("Polish, Czech and Slovak companies can apply")."""
    for number in range(len(hits) - 2, -1, -1):
        hit, following = hits[number], hits[number + 1]
        if not hit.role and following.rule.startswith("cue:") and _LIST.match(text[hit.end : following.start] or "x"):
            hit.role, hit.rule = following.role, following.rule


def _default(hit: Hit, kind: Kind | None) -> Role:
    if kind in ("fair", "event") and hit.kind in ("city", "place", "town"):
        return "venue"
    if kind == "tender" and hit.kind in ("name", "place", "city", "town"):
        return "buyer"
    if kind == "study" and hit.kind == "name":
        return "target"
    return "mentioned"
