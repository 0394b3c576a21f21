"""In which role a country stands: told by the words before and after it in its sentence, as ``vocabulary/roles/roles.toml`` lists them."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
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
# A single word after a name speaks for it only from near by ("the Polish manufacturer").
NEAR = 20
AROUND = 90
# How far from a name its cues may begin or end.
WINDOW = 160
SIDES = ("before", "after", "around")
# A point after a number of one or two digits is a day's ("am 7. Mai in Eindhoven").
_END = re.compile(r"(?:(?<!\b\d)(?<!\b\d\d)\.|[!?;])(?:\s|$)|\n")
_LIST = re.compile(
    r"^(?:\s?(?:member states?|associated countr\w+|mitgliedst\w+|états membres|état membre|estados? miembros?|stat[oi] membr[oi]|estados?-membros?))?[\s,/&–-]*(?:\(?\s*(?:and|or|und|oder|sowie|et|ou|e|o|y|och|og|en|i|a|lub|oraz|ja|sekä|és|și|ir|un|и|і|та|й|και|in|ali|ili|agus|u|ve|eller|the|die|der|les|la|le|l['’]|os|as|der|dem|den|die|to|in|i|z|iz|de|d['’]|da|do|del|of|from|till|til|v|w|na|do)\s*){0,3}\s*$",
    re.IGNORECASE,
)


@dataclass(kw_only=True, slots=True)
class _Cues:
    """The cues of one side where they stand in a text, in order of the border that is next to a country."""

    spans: list[tuple[int, int, str]] = field(default_factory=list)
    borders: list[int] = field(default_factory=list)


@cache
def _automaton() -> tuple[AhoCorasick, tuple[tuple[str, str, bool], ...]]:
    """All cues, and of each its side, its role, and whether any letters may follow ("messe*"); a phrase told for two roles keeps the first."""
    owners: dict[tuple[str, str], str] = {}
    for role, table in load_toml(ROLES).items():
        for side in SIDES:
            for phrase in table.get(side, ()):
                owners.setdefault((side, phrase), role)
    phrases = [phrase.removesuffix("*") for _, phrase in owners]
    automaton = AhoCorasick(phrases, matchkind=MatchKind.Standard, implementation=Implementation.ContiguousNFA)
    return automaton, tuple((side, role, phrase[-1] == "*") for (side, phrase), role in owners.items())


def _matches(automaton: AhoCorasick, lowered: str, hits: list[Hit]) -> Iterator[tuple[int, int, int]]:
    """The places of cues in the neighbourhoods of the hits, each once."""
    stop = 0
    number = 0
    while number < len(hits):
        start = max(stop, hits[number].start - WINDOW)
        stop = hits[number].end + WINDOW
        while number < len(hits) and hits[number].start - WINDOW <= stop:
            stop = max(stop, hits[number].end + WINDOW)
            number += 1
        for which, first, last in automaton.find_matches_as_indexes(lowered[start:stop], overlapping=True):
            yield which, first + start, last + start


def _cues(lowered: str, hits: list[Hit]) -> dict[str, _Cues]:
    """The cues of a text that stand between word borders, a side each: those for what follows and those for either side in order of their
    ends, those for what they follow in order of their beginnings; of several at one border the longest counts.
    """
    automaton, owners = _automaton()
    sides = {side: _Cues() for side in SIDES}
    for which, start, end in _matches(automaton, lowered, hits):
        if start and lowered[start - 1].isalnum() and lowered[start].isalnum():
            continue
        side, role, stem = owners[which]
        if end < len(lowered) and lowered[end].isalnum() and lowered[end - 1].isalnum():
            if not stem:
                continue
            while end < len(lowered) and lowered[end].isalnum() and end - start < BEFORE:
                end += 1
        sides[side].spans.append((start, end, role))
    for side, cues in sides.items():
        cues.spans.sort(key=(lambda cue: (cue[0], -cue[1])) if side == "after" else (lambda cue: (cue[1], -cue[0])))
        cues.borders = [start if side == "after" else end for start, end, _ in cues.spans]
    return sides


def give_roles(text: str, lowered: str, hits: list[Hit], kind: Kind | None) -> None:
    """Set ``role`` and, where a cue told it, ``rule`` of every hit in order; ``lowered`` is ``text.lower()``."""
    if not hits:
        return
    if len(lowered) != len(text):  # a letter that grows when lowered would shift every offset after it
        lowered = "".join(c.lower() if len(c.lower()) == 1 else c for c in text)
    sides = _cues(lowered, hits)
    previous: Hit | None = None
    for number, hit in enumerate(hits):
        if hit.role:
            previous = hit
            continue
        listed = previous is not None and previous.end <= hit.start and _LIST.match(text[previous.end : hit.start]) is not None
        floor = hits[number - 1].end if number else 0
        role, rule = _cued(lowered, hit, floor if not listed else hit.start, sides["before"], sides["after"])
        if not role and not listed:
            role, rule = _around(lowered, hit, sides["around"])
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
        people = ahead.spans[place][2] == "venue" and hit.kind in ("adjective", "people")  # "the Italian stand at the fair in ..."
        if end >= max(floor, hit.start - BEFORE) and not people and _one_sentence(lowered, end, hit.start):
            nearest, distance = ahead.spans[place], hit.start - end
    place = bisect_left(behind.borders, hit.end)
    if place < len(behind.borders):
        start = behind.borders[place]
        further = start - hit.end + 4  # a cue before a name is nearer than one after it
        reach = AFTER if " " in lowered[start : behind.spans[place][1]] else NEAR
        if start <= hit.end + reach and (nearest is None or further < distance) and _one_sentence(lowered, hit.end, start):
            nearest = behind.spans[place]
    if nearest is None:
        return "", ""
    start, end, role = nearest
    return role, f"cue:{role}:{lowered[start:end]}"


def _around(lowered: str, hit: Hit, cues: _Cues) -> tuple[str, str]:
    """The role that the nearest cue on either side gives, in the same sentence; "" when there is none."""
    place = bisect_right(cues.borders, hit.start)
    near: list[tuple[int, tuple[int, int, str]]] = []
    for start, end, role in cues.spans[max(0, place - 1) : place + 2]:
        first, last = (end, hit.start) if end <= hit.start else (hit.end, start)
        people = hit.kind in ("adjective", "people")
        fits = people if role == "partner" else not people or role != "venue"  # "an Italian firm seeks", but "India seeks talks"
        if 0 <= last - first <= AROUND and fits and _one_sentence(lowered, first, last):
            near.append((last - first, (start, end, role)))
    if not near:
        return "", ""
    start, end, role = min(near)[1]
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
