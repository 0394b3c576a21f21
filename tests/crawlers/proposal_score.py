"""How far a proposal for an unknown page agrees with what a person declared for it: ``python -m tests.crawlers.proposal_score``.

Every invented list page of the catalogue is given to ``propose`` as if nobody had declared it; the first proposal that reads is compared
with the page's expected notices: the rows, their titles, addresses, and the day that matters for their kind.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from crawlers.propose import Proposal, propose
from store.model import Page
from tests.crawlers.pages_support import SOURCES, expectation, names, page_of, told

DAYS = {"call": "deadlines", "tender": "deadlines", "fair": "starts", "event": "starts", "news": "published", "study": "published"}
FORMATS = ("feed", "ical", "jsonld", "json_api", "html_list")


@dataclass(frozen=True)
class Outcome:
    """What came of one page: each figure None when the page has nothing of it."""

    source: str
    form: str
    proposed: str
    titles: bool
    urls: bool
    days: bool | None


def outcomes() -> Iterator[Outcome]:
    """One outcome a source whose good page is a list with at least two notices."""
    for name in names():
        source, expected = SOURCES[name], expectation(name, "good")
        wanted = expected.get("notices", [])
        if source.format not in FORMATS or len(wanted) < 2 or expected.get("detail"):
            continue
        page = page_of(name, "good")
        given = Page(url=page.url, body=page.body, fetched_at=page.fetched_at)
        first = next((one for one in propose(given, kind=source.kind) if one.notices), None)
        yield _compared(name, source.format, first, wanted, DAYS[source.kind])


def _compared(name: str, form: str, first: Proposal | None, wanted: list[dict[str, Any]], day: str) -> Outcome:
    notices = [told(notice) for notice in first.notices] if first else []
    by_title = {one["title"]: one for one in notices}
    days = [
        (by_title.get(one["title"], {}).get(day), one[day]) for one in wanted if one.get(day) and one["title"] in by_title
    ]  # fmt: skip
    return Outcome(
        source=name,
        form=form,
        proposed=first.what if first else "nothing",
        titles={one["title"] for one in wanted} <= set(by_title),
        urls={one["url"] for one in wanted if "url" in one} <= {one["url"] for one in notices},
        days=all(_day(found) == _day(right) for found, right in days) if days else None,
    )


def _day(value: Any) -> str:
    return str(value[0] if isinstance(value, list) and value else value or "")[:10]


def main() -> None:
    """Print the pages that differ, then the rates."""
    figures: dict[str, list[bool]] = defaultdict(list)
    for one in outcomes():
        for figure, right in (("titles", one.titles), ("addresses", one.urls), ("days", one.days)):
            if right is not None:
                figures[f"{one.form} {figure}"].append(right)
        if not (one.titles and one.urls and one.days is not False):
            print(f"{one.source}: {one.proposed}; titles {one.titles}, addresses {one.urls}, days {one.days}")
    print("\n| format, figure | right | of |\n|---|---|---|")
    for figure, values in sorted(figures.items()):
        print(f"| {figure} | {sum(values)} | {len(values)} |")


if __name__ == "__main__":
    main()
