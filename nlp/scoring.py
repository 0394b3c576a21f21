"""Measure tags against gold: precision, recall and F1 a label, a language and overall, micro and macro, and a calibration table.

A gold line is a JSON object with ``id``, ``title``, ``text``, ``lang`` and one of ``sectors`` (ids; ``sectors_ok`` = acceptable, neither
asked for nor wrong), ``countries`` (``FR``, or ``{"code", "role"}``), ``deadlines`` or ``expect`` (``{"utc"}``).
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from nlp.errors import NlpError
from store.model import Tags

Field = Literal["sectors", "countries", "roles", "deadlines"]
FIELDS: tuple[Field, ...] = ("sectors", "countries", "roles", "deadlines")
BINS = 10
# So many confusions are worth a line each at the end of a table.
CONFUSIONS = 10


@dataclass(slots=True)
class Count:
    """Right, wrong and missed."""

    right: int = 0
    wrong: int = 0
    missed: int = 0

    @property
    def precision(self) -> float:
        """Of what was said, how much is right; 1 when nothing was said."""
        return self.right / (self.right + self.wrong) if self.right + self.wrong else 1.0

    @property
    def recall(self) -> float:
        """Of what should be said, how much was; 1 when nothing was to be said."""
        return self.right / (self.right + self.missed) if self.right + self.missed else 1.0

    @property
    def f1(self) -> float:
        """The harmonic mean; 1 when nothing was said and nothing was to be said."""
        total = 2 * self.right + self.wrong + self.missed
        return 2 * self.right / total if total else 1.0


@dataclass(slots=True)
class Report:
    """The measure of one gold file.

    ``bins`` holds, for each tenth of score, how many tags were given and how many were right, ``sums`` the scores of that tenth added up.
    ``confused`` counts the pairs (label missed, label given instead of it) of one text; "" stands for none.
    """

    texts: int = 0
    overall: Count = field(default_factory=Count)
    by_label: dict[str, Count] = field(default_factory=dict)
    by_lang: dict[str, Count] = field(default_factory=dict)
    none_texts: int = 0
    none_right: int = 0
    bins: list[list[int]] = field(default_factory=lambda: [[0, 0] for _ in range(BINS)])
    sums: list[float] = field(default_factory=lambda: [0.0] * BINS)
    wrong: list[tuple[str, str, str]] = field(default_factory=list)
    confused: Counter[tuple[str, str]] = field(default_factory=Counter)

    @property
    def bias(self) -> float:
        """How far the scores are from what they promise: the mean distance of mean score and share right, weighted by tags."""
        told = sum(given for given, _ in self.bins)
        apart = sum(abs(total - right) for total, (_, right) in zip(self.sums, self.bins, strict=True))
        return apart / told if told else 0.0

    @property
    def macro(self) -> float:
        """Mean F1 of the labels that the gold asks for."""
        asked = [count.f1 for count in self.by_label.values() if count.right + count.missed]
        return sum(asked) / len(asked) if asked else 1.0

    def add(self, name: str, lang: str, gold: frozenset[str], allowed: frozenset[str], given: Mapping[str, float]) -> None:
        """Count one text: ``gold`` labels, ``allowed`` beside them, ``given`` labels with their scores."""
        self.texts += 1
        if not gold:
            self.none_texts += 1
            self.none_right += not given.keys() - allowed
        of_lang = self.by_lang.setdefault(lang or "?", Count())
        missed, extra = sorted(gold - given.keys()) or [""], sorted(given.keys() - gold - allowed) or [""]
        self.confused.update((left, put) for left in missed for put in extra if left or put)
        for label in sorted(gold | given.keys()):
            if label in allowed and label not in gold:
                continue
            of_label = self.by_label.setdefault(label, Count())
            right = label in gold and label in given
            for count in (self.overall, of_lang, of_label):
                count.right += right
                count.wrong += label not in gold
                count.missed += label not in given
            if label in given:
                number = min(BINS - 1, int(given[label] * BINS))
                self.bins[number][0] += 1
                self.bins[number][1] += right
                self.sums[number] += given[label]
            if not right:
                self.wrong.append((name, "given" if label in given else "missed", label))


def read_gold(path: Path) -> list[dict[str, Any]]:
    """The lines of a gold file. Raises NlpError naming file and line for one that is not a JSON object with a text."""
    rows: list[dict[str, Any]] = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError as error:
            raise NlpError(f"{path.name}:{number}: is not JSON ({error}): mend or remove the line.") from error
        if not isinstance(row, dict) or not (row.get("text") or row.get("title")):
            raise NlpError(f"{path.name}:{number}: needs a text or a title: add it or remove the line.")
        rows.append(row)
    return rows


def gold_labels(row: Mapping[str, Any], asked: Field) -> frozenset[str] | None:
    """What the gold line asks for in ``asked``; None when it does not speak of it."""
    if asked == "deadlines":
        listed = row.get("deadlines", row.get("expect"))
        return None if listed is None else frozenset(str(item["utc"]) for item in listed if item.get("utc"))
    listed = row.get("sectors" if asked == "sectors" else "countries")
    if listed is None:
        return None
    if asked == "roles":
        return frozenset(f"{item['code']}:{item['role']}" for item in listed if isinstance(item, dict) and item.get("role"))
    return frozenset(str(item["code"]) if isinstance(item, dict) else str(item) for item in listed)


def given_labels(tags: Tags, asked: Field) -> dict[str, float]:
    """What ``tags`` say in ``asked``, with scores."""
    if asked == "sectors":
        return {tag.id: tag.score for tag in tags.sectors}
    if asked == "deadlines":
        return {d.utc.strftime("%Y-%m-%dT%H:%M:%SZ"): 1.0 for d in tags.deadlines if d.utc is not None}
    found: dict[str, float] = {}
    for tag in tags.countries:
        label = f"{tag.code}:{tag.role}" if asked == "roles" else tag.code
        found[label] = max(tag.score, found.get(label, 0.0))
    return found


def measure(rows: Iterable[tuple[Mapping[str, Any], Tags]], asked: Field) -> Report:
    """The report over gold lines with their tags; lines that do not speak of the field are passed over."""
    report = Report()
    for row, tags in rows:
        gold = gold_labels(row, asked)
        if gold is None:
            continue
        allowed = frozenset(str(item) for item in row.get(f"{asked}_ok", ()))
        name, lang = str(row.get("id", "")), str(row.get("lang") or tags.lang)
        report.add(name, lang, gold, allowed, given_labels(tags, asked))
    return report


def lines(report: Report, *, worst: int = 0) -> Sequence[str]:
    """The report as a table for a terminal; ``worst`` mistakes are listed at the end."""
    head = f"{'':14}{'right':>7}{'wrong':>7}{'missed':>8}{'precision':>11}{'recall':>8}{'F1':>7}"
    told = [head]
    for title, counts in (("", report.by_label), ("by language", report.by_lang)):
        if title:
            told += ["", title]
        told += [_row(name, count) for name, count in sorted(counts.items())]
    told += ["", _row("micro", report.overall), f"{'macro F1':14}{report.macro:48.3f}"]
    told.append(f"{report.texts} texts; {report.none_right} of {report.none_texts} texts without a label got none")
    told += ["", *reliability(report), "", *confusions(report)]
    told += [f"{name}: {how} {label}" for name, how, label in report.wrong[:worst]]
    return told


def reliability(report: Report) -> Sequence[str]:
    """What scores promise and what they keep: for each tenth of score the tags given, their mean score and the share that is right."""
    told = [f"{'score':14}{'given':>7}{'right':>7}{'mean score':>12}{'share right':>13}"]
    for tenth, (given, right) in enumerate(report.bins):
        if given:
            span = f"{tenth / BINS:.1f} to {(tenth + 1) / BINS:.1f}"
            told.append(f"{span:14}{given:7d}{right:7d}{report.sums[tenth] / given:12.2f}{right / given:13.2f}")
    return [*told, f"{'apart':14}{report.bias:26.3f}"]


def confusions(report: Report) -> Sequence[str]:
    """The commonest pairs of a label that was missed and one that was given in its place."""
    told = [f"{'missed':14}{'given':14}{'texts':>7}"]
    ranked = sorted(report.confused.items(), key=lambda item: (-item[1], item[0]))[:CONFUSIONS]
    return [*told, *(f"{left or '(none)':14}{put or '(none)':14}{times:7d}" for (left, put), times in ranked)]


def _row(name: str, count: Count) -> str:
    """One line of the table."""
    return f"{name:14}{count.right:7d}{count.wrong:7d}{count.missed:8d}{count.precision:11.3f}{count.recall:8.3f}{count.f1:7.3f}"
