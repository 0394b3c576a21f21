"""Whether two notices speak of one thing. Pure and symmetric: ``compare(a, b) == compare(b, a)``.

Order of proof: shared official id; one address; then title, days, money and words that agree and nothing that contradicts.
News about a call is related to it, never merged into it.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from rapidfuzz import fuzz

from store.merging.signature import Signature

Outcome = Literal["same", "related", "maybe", "different"]

SAME_AT = (
    4.5  # points; fitted on the labelled set (tests/store/merge_gold.py), where 4.0 merges next editions and 5.0 loses translations
)
MAYBE_AT = 3.0  # points; from here on a curator is asked, when titles agree as well

# Words that many fairs carry and that therefore name none; one a line.
GENERIC = frozenset((Path(__file__).parent / "generic_fair_words.txt").read_text(encoding="utf-8").split())


@dataclass(frozen=True, slots=True)
class Judgement:
    """The outcome of one comparison with its points (0 when an id decided) and the reason in words."""

    outcome: Outcome
    score: float
    reason: str


_DIFFERENT = Judgement("different", 0.0, "")


def compare(one: Signature, other: Signature) -> Judgement:
    """Judge two signatures. ``same`` merges them; ``related`` links a news item or study to what it speaks of; ``maybe``
    changes nothing and asks a curator."""
    if (one.kind == "news") != (other.kind == "news"):
        return _about(one, other) if one.kind == "news" else _about(other, one)
    if one.kind != other.kind:
        return _DIFFERENT
    shared = one.identities & other.identities
    if shared:
        return Judgement("same", 0.0, f"both carry {min(shared)}")
    if _conflicting_ids(one, other):
        return _DIFFERENT
    if one.source == other.source:
        return _DIFFERENT
    if one.url and one.url == other.url:
        return Judgement("same", 0.0, "one address")
    mentioned = _mentions(one, other) or _mentions(other, one)
    if mentioned and not _days_contradict(one, other):
        return Judgement("same", 0.0, f"one names the other's id {mentioned}")
    return _by_content(one, other)


def _conflicting_ids(one: Signature, other: Signature) -> bool:
    """Both carry an id of one scheme and none in common: two things by their publisher's own word."""
    schemes = {value.split(":", 1)[0] for value in one.identities} & {value.split(":", 1)[0] for value in other.identities}
    return bool(schemes)


def _mentions(one: Signature, other: Signature) -> str:
    """The single official id that ``one`` names in its words and ``other`` carries; empty when there is none."""
    if len(one.mentions) != 1:
        return ""
    (named,) = one.mentions
    return named if any(value.split(":", 1)[1] == named for value in other.identities) else ""


def _days_contradict(one: Signature, other: Signature) -> bool:
    return bool(one.days and other.days and not one.days & other.days)


def _about(news: Signature, thing: Signature) -> Judgement:
    """A news item against a thing: related when it names its id or its whole title."""
    carried = {value.split(":", 1)[1] for value in thing.identities}
    if news.mentions & carried:
        return Judgement("related", 0.0, f"names {min(news.mentions & carried)}")
    if len(thing.tokens) >= 4 and thing.tokens <= news.tokens:
        return Judgement("related", 0.0, "names it by title")
    return _DIFFERENT


def _by_content(one: Signature, other: Signature) -> Judgement:
    if one.years and other.years and not one.years & other.years:
        return _DIFFERENT
    if one.ordinals and other.ordinals and one.ordinals != other.ordinals:
        return _DIFFERENT
    if one.start is not None and other.start is not None and one.start != other.start:
        return _DIFFERENT
    if _days_contradict(one, other):
        return _DIFFERENT
    if one.kind == "news":
        return _same_story(one, other)
    if one.kind == "fair":
        return _same_fair(one, other)
    title, how = _title_points(one, other)
    points = title + _date_points(one, other) + _money_points(one, other) + _body_points(one, other)
    if one.city and other.city:
        points += 1.0 if one.city == other.city else -1.5
    if one.acronyms & other.acronyms and title < 2:
        points += 1.5
    if points >= SAME_AT and (title > 0 or points >= SAME_AT + 0.5):
        return Judgement("same", round(points, 2), how)
    if points >= MAYBE_AT and title >= 1.5:
        return Judgement("maybe", round(points, 2), how)
    return _DIFFERENT


def _same_story(one: Signature, other: Signature) -> Judgement:
    """Two news items are one only when title and day agree: the same release on two sites."""
    near = one.published is not None and other.published is not None and abs(one.published - other.published) <= 2
    if near and len(one.tokens) >= 4 and fuzz.ratio(one.title, other.title) >= 95:
        return Judgement("same", 4.5, "same headline within two days")
    return _DIFFERENT


def _same_fair(one: Signature, other: Signature) -> Judgement:
    """Fairs are one when they begin on one day in one town and share the words of a name, whatever follows the name."""
    if one.start is None or one.start != other.start or (one.city and other.city and one.city != other.city):
        return _DIFFERENT
    name = (one.tokens & other.tokens) - one.years
    if any(len(word) >= 4 and word not in GENERIC for word in name) or fuzz.ratio(one.title, other.title) >= 85:
        return Judgement("same", 5.0, "one name, day and town")
    return _DIFFERENT


def _title_points(one: Signature, other: Signature) -> tuple[float, str]:
    if not one.title or not other.title:
        return 0.0, ""
    if one.title == other.title:
        return (3.0, "same title") if len(one.tokens) >= 3 else (2.0, "same short title")
    if one.title == other.stem or other.title == one.stem:
        return 2.5, "same title but for a suffix"
    if _contradict(one.title, other.title):
        if one.language != other.language:
            return 0.5 * min(2, len(_stems(one) & _stems(other))), "days, money and numbers agree"
        return -0.5, "days, money and words agree"
    ratio = fuzz.ratio(one.title, other.title)
    if ratio >= 90:
        return 2.5, f"titles agree to {ratio:.0f} %"
    if ratio >= 85:
        return 1.5, f"titles agree to {ratio:.0f} %"
    contained = fuzz.token_set_ratio(one.title, other.title)
    if contained >= 95 and min(len(one.tokens), len(other.tokens)) >= 5:
        return 1.5, "one title contains the other"
    return 0.0, "days, money and numbers agree"


def _contradict(one: str, other: str) -> bool:
    """Each title has a word that the other has in no similar form: "in Attica" and "in Scania". Repeated words count each time."""
    mine, theirs = Counter(one.split()), Counter(other.split())
    mine, theirs = mine - theirs, theirs - mine
    return bool(
        any(not any(fuzz.ratio(word, rival) >= 75 for rival in theirs) for word in mine)
        and any(not any(fuzz.ratio(word, rival) >= 75 for rival in mine) for word in theirs)
    )


def _stems(sig: Signature) -> set[str]:
    """The first five letters of long words: what related languages share ("textil", "techn")."""
    return {word[:5] for word in sig.tokens if len(word) >= 6}


def _date_points(one: Signature, other: Signature) -> float:
    points = 0.0
    if one.minutes & other.minutes:
        points += 2.0
    elif one.days & other.days:
        points += 1.5
    if one.start is not None and one.start == other.start:
        points += 1.5
    return points


def _money_points(one: Signature, other: Signature) -> float:
    if not one.amounts or not other.amounts:
        return 0.0
    if one.amounts & other.amounts:
        return 1.5
    return -2.0


def _body_points(one: Signature, other: Signature) -> float:
    if not one.body or not other.body:
        return 0.0
    if one.language and other.language and one.language != other.language:
        shared = one.numbers & other.numbers
        return 1.5 if shared else -0.5
    likeness = fuzz.token_set_ratio(one.body, other.body)
    if likeness >= 85:
        return 1.5
    if likeness >= 65:
        return 0.5
    return -1.0 if likeness < 45 else 0.0
