"""From words and codes found to scores that mean something: evidence summed by kind, set against the other sectors, calibrated.

The calibration (``calibration.toml``) is a logistic function of five plain figures, fitted by ``python -m nlp.sectors.fitting`` on texts
that count the more the less the vocabulary has learned from them. Tags below ``threshold`` are not given.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from nlp.lexicon import load_toml
from nlp.sectors.codes import CodeHit
from nlp.sectors.fold import Folded, fold
from nlp.sectors.matching import Hit
from nlp.sectors.vocabulary import FOLDER, NOTHING

# A first line as long as a title counts as the title.
LONGEST_TITLE = 400
TITLE = 1.9
# After so many characters a word counts half: what a text is about it says early.
HALF_LIFE = 900
CODE = 14.0
TOPIC = 10.0
# What a title names as the user or the place of what is bought counts so much of the rest.
PURPOSE = 0.35
# Languages that name a thing before what it belongs to ("guarding of museums"): in a title what follows the first word counts less.
HEAD_FIRST = frozenset({"bg", "cs", "el", "es", "fr", "hr", "it", "pl", "pt", "ro", "sk", "sl"})
LATER = 0.75
# A title that names a service of no sector first (in languages that put the head last also: last) tells with the rest where it is done
# ("cleaning of hospitals", "insurance of the port"): such words, by this weight, leave the sectors so much of their evidence.
DECISIVE = 5
OUTSIDE = 0.4
MOST_EVIDENCE = 8
FIGURES = ("strength", "share", "rank", "lead", "coded")
# Works on a network belong to both sectors: the first is not measured against the others.
TOGETHER = {"construction": ("rail", "water", "maritime"), "rail": ("construction",)}


@dataclass(slots=True)
class Case:
    """What speaks for one sector in one text."""

    words: float = 0.0
    codes: float = 0.0
    hits: list[tuple[float, Hit]] = field(default_factory=list)
    code_hits: list[CodeHit] = field(default_factory=list)

    @property
    def sum(self) -> float:
        """All evidence."""
        return self.words + self.codes


@dataclass(frozen=True, slots=True)
class Calibration:
    """The fitted function: ``score = 1 / (1 + exp(-(intercept + weights . figures)))``."""

    intercept: float
    weights: tuple[float, ...]
    threshold: float

    def score(self, figures: Sequence[float]) -> float:
        """The calibrated score of one sector's figures."""
        z = self.intercept + sum(w * f for w, f in zip(self.weights, figures, strict=True))
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, z))))


@cache
def calibration() -> Calibration:
    """The calibration that is shipped."""
    tables: Mapping[str, Any] = load_toml(FOLDER / "calibration.toml")
    return Calibration(
        intercept=float(tables["intercept"]),
        weights=tuple(float(tables["weights"][name]) for name in FIGURES),
        threshold=float(tables["threshold"]),
    )


@cache
def _purposes() -> Mapping[str, re.Pattern[str]]:
    """Language -> a pattern for the words of folded titles that begin a purpose."""
    listed: Mapping[str, Sequence[str]] = load_toml(FOLDER.parent / "purposes.toml")["words"]
    return {lang: re.compile(" (?:" + "|".join(re.escape(fold(word)) for word in words) + ") ") for lang, words in listed.items()}


def _purpose(folded: Folded, title_end: int, hits: Sequence[Hit], lang: str) -> int:
    """The place in ``folded.text`` from which the title tells what the goods are for; beyond the title when it does not."""
    if not title_end or lang not in _purposes():
        return len(folded.text)
    first = min((hit.end for hit in hits), default=len(folded.text))
    found = _purposes()[lang].search(folded.text, min(first, len(folded.text)))
    return found.start() if found else len(folded.text)


def _is_outside(folded: Folded, title_end: int, hits: Sequence[Hit], lang: str) -> bool:
    """Whether the head of the title is a service of no sector."""
    if not title_end:
        return False
    titled = [hit for hit in hits if folded.place(hit.start) < title_end]
    heads = titled[:1] if lang in HEAD_FIRST else titled[:1] + titled[-1:]
    return any(hit.word.sector == NOTHING and hit.word.weight >= DECISIVE for hit in heads)


def weigh(folded: Folded, text: str, hits: Sequence[Hit], coded: Sequence[CodeHit], lang: str = "") -> dict[str, Case]:
    """Sector -> what speaks for it; ``nothing`` among them."""
    newline = text.find("\n")
    title_end = newline if 0 < newline <= LONGEST_TITLE else 0
    purpose = _purpose(folded, title_end, hits, lang)
    head = min((hit.end for hit in hits), default=0)
    others = OUTSIDE if _is_outside(folded, title_end, hits, lang) else 1.0
    cases: dict[str, Case] = {}
    met: dict[tuple[str, str], tuple[float, int]] = {}
    for hit in hits:
        word, start, end = hit
        place = folded.place(start)
        if place >= title_end:
            factor = 1 / (1 + (place - title_end) / HALF_LIFE)
        elif start > purpose:
            factor = TITLE * PURPOSE
        else:
            factor = TITLE * LATER if lang in HEAD_FIRST and start >= head else TITLE
        if word.sector != NOTHING:
            factor *= others
        key = (word.sector, folded.text[start:end])
        best, times = met.get(key, (0.0, 0))
        worth = word.weight * factor
        gain = worth if not times else max(0.0, worth - best) + (0.2 * worth if times < 4 else 0.0)
        met[key] = (max(best, worth), times + 1)
        case = cases.get(word.sector)
        if case is None:
            case = cases[word.sector] = Case()
        case.words += gain
        if not times:
            case.hits.append((worth, hit))
    for code in coded:
        worth = TOPIC if code.rule.startswith("programme") else CODE
        for sector in code.sectors or (NOTHING,):
            case = cases.setdefault(sector, Case())
            case.codes = max(case.codes, worth)
            case.code_hits.append(code)
    return cases


def figures(cases: Mapping[str, Case]) -> dict[str, tuple[float, ...]]:
    """Sector -> the figures that the calibration reads, in the order of ``FIGURES``.

    A phrase that speaks for two sectors ("textile recycling") does not set them against each other.
    """
    found: dict[str, tuple[float, ...]] = {}
    sums = {name: case.sum for name, case in cases.items()}
    shared = _shared(cases)
    for name, own in sums.items():
        if name == NOTHING or not own:
            continue
        together = TOGETHER.get(name, ())
        spans = shared.get(name, {})
        rivals = [
            total - sum(worth for span, worth in shared[rival].items() if span in spans) if spans and rival in shared else total
            for rival, total in sums.items()
            if rival != name and rival not in together
        ]
        top = max((own, *rivals))
        share = own / (own + sum(rivals))
        found[name] = (math.log1p(own), share, own / top, float(own == top), float(cases[name].codes > 0))
    return found


def _shared(cases: Mapping[str, Case]) -> dict[str, dict[tuple[int, int], float]]:
    """Sector -> place -> worth, for the places that speak for several sectors."""
    owners: dict[tuple[int, int], int] = {}
    for case in cases.values():
        for _, hit in case.hits:
            span = hit.start, hit.end
            owners[span] = owners.get(span, 0) + 1
    found: dict[str, dict[tuple[int, int], float]] = {}
    if len(owners) < sum(owners.values()):
        for name, case in cases.items():
            for worth, hit in case.hits:
                if owners[hit.start, hit.end] > 1:
                    found.setdefault(name, {})[hit.start, hit.end] = worth
    return found
