"""In which role a country stands: told by the words before and after it in its sentence, as ``vocabulary/roles/roles.toml`` lists them."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
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


@dataclass(frozen=True, kw_only=True, slots=True)
class _Cue:
    """A cue where it stands in a text."""

    start: int
    end: int
    role: str


@cache
def _automaton(side: str) -> tuple[AhoCorasick, tuple[str, ...]]:
    """All cues of one side ("before" or "after") and the role of each; a phrase told for two roles keeps the first."""
    owners: dict[str, str] = {}
    for role, table in load_toml(ROLES).items():
        for phrase in table[side]:
            owners.setdefault(phrase, role)
    return AhoCorasick(list(owners), matchkind=MatchKind.Standard, implementation=Implementation.DFA), tuple(owners.values())


def _cues(lowered: str, side: str) -> list[_Cue]:
    """The cues of ``side`` in a text, each between word borders; in order of their ends ("before") or beginnings ("after")."""
    automaton, roles = _automaton(side)
    found = [
        _Cue(start=start, end=end, role=roles[which])
        for which, start, end in automaton.find_matches_as_indexes(lowered, overlapping=True)
        if not (start and lowered[start - 1].isalnum() and lowered[start].isalnum())
        and not (end < len(lowered) and lowered[end].isalnum() and lowered[end - 1].isalnum())
    ]
    found.sort(key=(lambda cue: (cue.end, -cue.start)) if side == "before" else (lambda cue: (cue.start, -cue.end)))
    return found


def give_roles(text: str, hits: list[Hit], kind: Kind | None) -> None:
    """Set ``role`` and, where a cue told it, ``rule`` of every hit in order."""
    if not hits:
        return
    lowered = text.lower()
    if len(lowered) != len(text):  # a letter that grows when lowered would shift every offset after it
        lowered = "".join(c.lower() if len(c.lower()) == 1 else c for c in text)
    ahead, behind = _cues(lowered, "before"), _cues(lowered, "after")
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


def _cued(lowered: str, hit: Hit, floor: int, ahead: list[_Cue], behind: list[_Cue]) -> tuple[str, str]:
    found: tuple[int, _Cue] | None = None
    place = bisect_right(ahead, hit.start, key=lambda cue: cue.end) - 1
    if place >= 0 and ahead[place].end >= max(floor, hit.start - BEFORE) and _one_sentence(lowered, ahead[place].end, hit.start):
        found = hit.start - ahead[place].end, ahead[place]
    place = bisect_left(behind, hit.end, key=lambda cue: cue.start)
    if place < len(behind) and behind[place].start <= hit.end + AFTER and _one_sentence(lowered, hit.end, behind[place].start):
        distance = behind[place].start - hit.end + 4  # a cue before a name is nearer than one after it
        if found is None or distance < found[0]:
            found = distance, behind[place]
    return (found[1].role, f"cue:{found[1].role}:{lowered[found[1].start : found[1].end]}") if found else ("", "")


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
