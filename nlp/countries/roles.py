"""In which role a country stands: told by the words before and after it in its sentence, as ``vocabulary/roles/roles.toml`` lists them."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import cast

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


@cache
def _cues() -> tuple[tuple[str, re.Pattern[str], re.Pattern[str]], ...]:
    """Per role the pattern of its cues before and after; the whole table is compiled once."""
    return tuple((role, _any(table["before"]), _any(table["after"])) for role, table in load_toml(ROLES).items())


def _any(phrases: list[str]) -> re.Pattern[str]:
    longest_first = sorted(phrases, key=len, reverse=True)
    return re.compile("|".join(rf"(?<!\w){re.escape(phrase)}(?!\w)" for phrase in longest_first) or r"(?!)")


def give_roles(text: str, hits: list[Hit], kind: Kind | None) -> None:
    """Set ``role`` and, where a cue told it, ``rule`` of every hit in order."""
    lowered = text.lower()
    if len(lowered) != len(text):  # a letter that grows when lowered would shift every offset after it
        lowered = "".join(c.lower() if len(c.lower()) == 1 else c for c in text)
    previous: Hit | None = None
    for number, hit in enumerate(hits):
        if hit.role:
            previous = hit
            continue
        listed = previous is not None and previous.end <= hit.start and _LIST.match(text[previous.end : hit.start]) is not None
        floor = hits[number - 1].end if number else 0
        role, rule = _cued(lowered, hit, floor if not listed else hit.start)
        if role:
            hit.role, hit.rule = role, rule
        elif listed and previous is not None and previous.role not in ("", "mentioned"):
            hit.role, hit.rule = previous.role, previous.rule
        elif listed and previous is not None and previous.rule.startswith("cue:"):
            hit.role, hit.rule = previous.role, previous.rule
        previous = hit
    _backwards(text, hits)
    for hit in hits:
        if not hit.role:
            hit.role = _default(hit, kind)


def _cued(lowered: str, hit: Hit, floor: int) -> tuple[str, str]:
    start = max(floor, hit.start - BEFORE)
    before = lowered[start : hit.start]
    ends = [match.end() for match in _END.finditer(before)]
    # A label on its own line ("Venue:\nMilan") still speaks for what follows it.
    if ends and before[ends[-1] - 1] == "\n" and before[: ends[-1] - 1].rstrip().endswith(":"):
        ends.pop()
    sentence = before[ends[-1] :] if ends else before
    after = lowered[hit.end : hit.end + AFTER]
    stop = _END.search(after)
    after = after[: stop.start()] if stop else after
    best: tuple[int, str, str] | None = None
    for role, ahead, behind in _cues():
        for match in ahead.finditer(sentence):
            distance = len(sentence) - match.end()
            if best is None or distance < best[0]:
                best = (distance, role, match.group())
        found = behind.search(after)
        if found and (best is None or found.start() + 4 < best[0]):
            best = (found.start() + 4, role, found.group())
    return (best[1], f"cue:{best[1]}:{best[2]}") if best else ("", "")


def _backwards(text: str, hits: list[Hit]) -> None:
    """A cue after the last of a list speaks for the whole list ("Polish, Czech and Slovak companies can apply")."""
    for number in range(len(hits) - 2, -1, -1):
        hit, following = hits[number], hits[number + 1]
        if not hit.role and following.rule.startswith("cue:") and _LIST.match(text[hit.end : following.start] or "x"):
            hit.role, hit.rule = following.role, following.rule


def _default(hit: Hit, kind: Kind | None) -> Role:
    if kind in ("fair", "event") and hit.kind in ("city", "place"):
        return "venue"
    if kind == "tender" and hit.kind in ("name", "place", "city"):
        return "buyer"
    if kind == "study" and hit.kind == "name":
        return "target"
    return cast(Role, "mentioned")
