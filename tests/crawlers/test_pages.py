"""Every source reads its invented pages: the good one field by field, the broken one with the verdict and problems that it deserves."""

from __future__ import annotations

import pytest

from tests.crawlers.pages_support import PAGES, SOURCES, differs, expectation, names, page_of, read, told, verdict_of
from tests.crawlers.selector_score import removed

GOOD = [(name, path.stem) for name in names() for path in sorted((PAGES / name).glob("good*.json"))]
BROKEN = [(name, path.stem) for name in names() for path in sorted((PAGES / name).glob("broken*.json"))]
FIELDS = [
    (name, file, number, key)
    for name, file in GOOD
    for number, notice in enumerate(expectation(name, file)["notices"])
    for key in notice
]


@pytest.mark.parametrize(("name", "file", "number", "key"), FIELDS, ids=[f"{n}-{f}-{i}-{k}" for n, f, i, k in FIELDS])
def test_each_field_of_the_good_page(name: str, file: str, number: int, key: str) -> None:
    """One failure a field."""
    notices, _, _ = read(SOURCES[name], page_of(name, file))
    assert number < len(notices), f"{len(notices)} notices were read"
    wanted = expectation(name, file)["notices"][number][key]
    assert not differs(key, told(notices[number])[key], wanted)


@pytest.mark.parametrize(("name", "file"), GOOD, ids=[f"{n}-{f}" for n, f in GOOD])
def test_nothing_more_and_nothing_less_than_the_good_page_holds(name: str, file: str) -> None:
    expected = expectation(name, file)
    notices, problems, follows = read(SOURCES[name], page_of(name, file))
    assert len(notices) == len(expected["notices"])
    assert sorted(problem.cause for problem in problems) == sorted(expected.get("problems", []))
    if "follows" in expected:
        assert [follow.url for follow in follows] == expected["follows"]
    ids = [notice.source_id for notice in notices]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize(("name", "file"), BROKEN, ids=[f"{n}-{f}" for n, f in BROKEN])
def test_the_broken_page_is_told(name: str, file: str) -> None:
    expected = expectation(name, file)
    notices, problems, follows = read(SOURCES[name], page_of(name, file))
    assert len(notices) == expected["notices"]
    causes = [problem.cause for problem in problems]
    if expected.get("problems_any"):
        assert causes
    else:
        assert {cause: causes.count(cause) for cause in causes} == expected["problems"]
    assert verdict_of(SOURCES[name], notices, problems, follows) == expected["verdict"]
    assert all(problem.source == name and problem.url and len(problem.detail) > 15 for problem in problems)


def test_every_source_has_its_pages() -> None:
    lacking = [
        name for name in SOURCES if not (PAGES / name / "good.json").is_file() or not (PAGES / name / "broken.json").is_file()
    ]
    assert lacking == []
    strange = [folder.name for folder in PAGES.iterdir() if folder.is_dir() and folder.name not in SOURCES]
    assert strange == []


def test_a_selector_that_is_removed_fails_a_page() -> None:
    """Selector mutation: at least 95 of 100 removed selectors change what the good pages of their source expect."""
    count, survivors = removed()
    assert count > 300
    assert len(survivors) <= 0.05 * count, survivors
