"""Two figures on selectors, printed by ``python -m tests.crawlers.selector_score``: how many removed ones a page of ours notices, and how
many of 200 synthetic redesigns the first proposal of ``sources doctor`` restores, wrongly or whole.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from crawlers.diagnose import diagnose
from crawlers.formats import parser_of
from crawlers.source import Source
from store.model import Notice, Page
from tests.crawlers.pages_support import PAGES, SOURCES, differences, mutants, names
from tests.crawlers.redesigns import GOOD_TOML, Thing, good_page, redesigned, things
from tests.crawlers.web import NOW, declare

URL = "https://calls.example.org/list"
SEEDS = range(200)


@dataclass
class Redesigns:
    """``restored`` whole, ``proposed`` at all, and the seeds and titles of wrong values."""

    restored: int = 0
    proposed: int = 0
    wrong: list[tuple[int, list[str]]] = field(default_factory=list)


def page(body: bytes, days: int = 0) -> Page:
    return Page(url=URL, body=body, fetched_at=NOW + timedelta(days=days))


def notices(source: Source, body: bytes) -> list[Notice]:
    return [thing for thing in parser_of(source)(page(body), source) if isinstance(thing, Notice)]


def right(notice: Notice, thing: Thing) -> bool:
    due = notice.deadlines[0].local if notice.deadlines else None
    return (
        notice.title == thing.title
        and notice.url == f"https://calls.example.org{thing.path}"
        and due is not None
        and due.date() == thing.due
        and notice.place is not None
        and notice.place.city == thing.city
        and notice.summary == thing.summary
    )


def redesigns(seeds: range = SEEDS) -> Redesigns:
    """What the first proposal makes of each redesign."""
    source = declare(URL, "html_list", GOOD_TOML, kind="call")
    score = Redesigns()
    for seed in seeds:
        shown = things(seed)
        by_url = {f"https://calls.example.org{thing.path}": thing for thing in shown}
        today = redesigned(shown, seed)
        found = diagnose(source, page(good_page(shown)), page(today, 1))
        if found.mended is None:
            continue
        score.proposed += 1
        given = [notice for notice in notices(found.mended.source, today) if notice.url in by_url]
        present = {url for url, thing in by_url.items() if thing.path.encode() in today}
        bad = [notice.title for notice in given if not right(notice, by_url[notice.url])]
        if bad:
            score.wrong.append((seed, bad))
        score.restored += not bad and {notice.url for notice in given} == present
    return score


def removed() -> tuple[int, list[str]]:
    """The number of declared selectors, and those whose removal no page of their source notices."""
    total, unnoticed = 0, []
    for name in names():
        files = sorted(file.stem for file in (PAGES / name).glob("good*.json"))
        for what, source in mutants(SOURCES[name]):
            total += 1
            if not any(differences(source, name, file) for file in files):
                unnoticed.append(f"{name} {what}")
    return total, unnoticed


def main() -> None:
    """Print both figures."""
    total, unnoticed = removed()
    print(f"selectors removed in turn: {total - len(unnoticed)} of {total} noticed ({(total - len(unnoticed)) / total:.1%})")
    for one in unnoticed:
        print(f"  not noticed: {one}")
    score = redesigns()
    print(f"redesigns: {score.restored} of {len(SEEDS)} restored whole, {score.proposed} proposed, {len(score.wrong)} wrong")


if __name__ == "__main__":
    main()
