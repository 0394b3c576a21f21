"""Verdicts: pure, from declared bounds, from what healthy runs taught, and from whether all pages were read."""

from __future__ import annotations

from typing import Any

import pytest

from crawlers.progress import Progress
from crawlers.verdict import judge
from store.model import Run
from tests.crawlers.web import NOW, declare

SOURCE = declare("https://example.org/", "feed", "[expect]\nitems = [5, 50]\nfields = { deadline = 0.5 }\n")


def progress(count: int = 10, **options: Any) -> Progress:
    made = Progress(pages=1, requests=1, parsed=count, seen={str(n) for n in range(count)})
    made.fields.update({"deadlines": count, "summary": count})
    for name, value in options.items():
        setattr(made, name, value)
    return made


def runs(*counts: int, fill: int = 100) -> list[Run]:
    return [
        Run(
            id=str(n),
            stage="crawl",
            source="x",
            started=NOW,
            ended=NOW,
            verdict="healthy",
            complete=True,
            counts={"notices": count, "fill:summary": fill},
        )
        for n, count in enumerate(counts)
    ]


def test_healthy() -> None:
    found = judge(SOURCE, progress(), runs(10, 11, 9))
    assert (found.verdict, found.complete, found.reasons) == ("healthy", True, ())


@pytest.mark.parametrize(
    ("made", "verdict", "word"),
    [
        (progress(3), "partial", "fewer than the 5"),
        (progress(60), "partial", "more than the 50"),
        (progress(fields={"summary": 10}), "partial", "'deadline' in 0%"),
        (progress(0), "broken", "empty"),
        (progress(0, pages=0, lost=["timeout: x"]), "broken", "timeout"),
        (progress(0, pages=0, blocked=["robots: x"]), "blocked", "robots"),
        (progress(lost=["http-error: 500"]), "partial", "http-error"),
        (progress(cut=["paging-loop: x"]), "partial", "paging-loop"),
        (progress(lost_details=["not-found: x"]), "partial", "not-found"),
        (progress(doubled=5), "partial", "twice"),
    ],
)
def test_reasons(made: Progress, verdict: str, word: str) -> None:
    made.fields = type(Progress().fields)(made.fields)
    found = judge(SOURCE, made, [])
    assert (found.verdict, word in " ".join(found.reasons)) == (verdict, True)
    assert not (found.complete and (made.lost or made.cut or made.lost_details))


def test_problems_by_their_share() -> None:
    made = progress(10)
    made.problems.update({"bad-date": 2})
    assert judge(SOURCE, made, []).verdict == "healthy"
    made.problems.update({"bad-date": 2})
    assert judge(SOURCE, made, []).verdict == "partial"


def test_history_teaches_counts_and_fields() -> None:
    assert judge(SOURCE, progress(8), runs(40, 42, 39)).verdict == "partial"
    assert judge(SOURCE, progress(8), runs(40, 42)).verdict == "healthy"
    half = progress(10)
    half.fields["summary"] = 4
    assert "'summary' in 40 %" in " ".join(judge(SOURCE, half, runs(10, 10, 10)).reasons)


def test_an_empty_list_that_is_expected() -> None:
    quiet = declare("https://example.org/", "feed", "[expect]\nempty_ok = true\n")
    assert judge(quiet, progress(0), []).verdict == "empty-ok"
    failing = progress(0)
    failing.problems.update({"not-a-feed": 1})
    assert judge(quiet, failing, []).verdict == "broken"
