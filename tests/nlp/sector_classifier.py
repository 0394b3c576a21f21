"""Whether a trained text classifier beside the words would pay: ``python -m tests.nlp.sector_classifier [../shared/recorded]``.

Letters (three to five) and words of our gold train one logistic function a sector. Printed is micro-F1, for each fifth of the gold left
out in turn and for the sets from which no word was taken: of the words alone, of the classifier alone, and of both together by the best
of several mixtures, which is chosen on the very set and so flatters.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import FeatureUnion, Pipeline, make_pipeline

from nlp.scoring import read_gold
from nlp.sectors import sector_ids, tag_sectors
from nlp.sectors.fold import fold
from tests.nlp.sector_sets import Row, judged, labels, notices

GOLD = Path(__file__).parent.parent / "gold"
LEARNED = ("sectors.jsonl", "sectors_world.jsonl", "sectors_rounds.jsonl", "sectors_tenders.jsonl")
FIFTHS = 5
MIXTURES = tuple((part, least) for part in (0.1, 0.2, 0.3, 0.5) for least in (0.4, 0.45, 0.5))
CUTS = (0.2, 0.3, 0.4)


def gold_rows(name: str) -> list[Row]:
    """The texts of a gold file with their sectors."""
    return [
        Row(
            row["id"],
            row["lang"],
            f"{row['title']}\n{row['text']}" if row["title"] else row["text"],
            frozenset(row["sectors"]),
            frozenset(row.get("sectors_ok", ())),
        )
        for row in read_gold(GOLD / name)
    ]


def trained(rows: Sequence[Row]) -> Pipeline:
    """The classifier of the rows, from folded text to the likelihood of each sector."""
    letters = TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), min_df=3, sublinear_tf=True)
    words = TfidfVectorizer(min_df=2, sublinear_tf=True)
    model = make_pipeline(
        FeatureUnion([("letters", letters), ("words", words)]), OneVsRestClassifier(LogisticRegression(C=30, solver="liblinear"))
    )
    model.fit([fold(row.text) for row in rows], np.array([[name in row.gold for name in sector_ids()] for row in rows]))
    return model


def f1(rows: Sequence[Row], given: Iterable[set[str]]) -> float:
    """Micro-F1; what is acceptable beside the gold counts neither way."""
    right = told = asked = 0
    for row, tags in zip(rows, given, strict=True):
        counted = {tag for tag in tags if tag in row.gold or tag not in row.allowed}
        right += len(counted & row.gold)
        told += len(counted)
        asked += len(row.gold)
    return 2 * right / (told + asked)


def measured(title: str, model: Any, rows: Sequence[Row]) -> str:
    """One line of the table."""
    likely: NDArray[np.float64] = model.predict_proba([fold(row.text) for row in rows])
    words = [{tag.id: tag.score for tag in tag_sectors(row.text, row.lang)} for row in rows]
    names = sector_ids()

    def above(part: float, least: float) -> list[set[str]]:
        return [
            {
                name
                for name, p in zip(names, found, strict=True)
                if (1 - part) * said.get(name, 0.0) + part * p >= least * (1 - part)
            }
            for said, found in zip(words, likely, strict=True)
        ]

    alone = max(f1(rows, [{name for name, p in zip(names, found, strict=True) if p >= cut} for found in likely]) for cut in CUTS)
    both = max(f1(rows, above(part, least)) for part, least in MIXTURES)
    return f"{title:28}{len(rows):6d}{f1(rows, [set(said) for said in words]):8.3f}{alone:12.3f}{both:8.3f}\n"


def main(arguments: Sequence[str]) -> int:
    """Print the table."""
    sys.stdout.write(f"{'':28}{'texts':>6}{'words':>8}{'classifier':>12}{'both':>8}\n")
    learned = [row for name in LEARNED for row in gold_rows(name)]
    for fifth in range(FIFTHS):
        model = trained([row for number, row in enumerate(learned) if number % FIFTHS != fifth])
        sys.stdout.write(measured(f"gold, fifth {fifth + 1}", model, learned[fifth::FIFTHS]))
    model = trained(learned)
    sys.stdout.write(measured("hard notices", model, gold_rows("sectors_notices.jsonl")))
    sys.stdout.write(measured("held-out round", model, gold_rows("sectors_held_out.jsonl")))
    if arguments:
        recorded = Path(arguments[0])
        for title, rows in (
            ("recorded notices", notices(recorded)),
            ("nomenclature", labels(recorded)),
            ("calls", judged(recorded)),
        ):
            sys.stdout.write(measured(title, model, list(rows)))
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
