"""Invented pages of every source, read through its own parser and told in short forms that a person can write down."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

from crawlers.declare import load_sources
from crawlers.formats.detail import ROLE
from crawlers.progress import Progress
from crawlers.reading import read_page
from crawlers.source import Source
from crawlers.verdict import judge
from store.model import Code, Deadline, Follow, Moment, Notice, Page, Place, Problem

ROOT = Path(__file__).parents[2]
PAGES = ROOT / "tests" / "pages"
SOURCES = load_sources(ROOT / "crawlers" / "sources")


def names() -> list[str]:
    """The sources that have pages here."""
    return sorted(folder.name for folder in PAGES.iterdir() if folder.is_dir() and folder.name in SOURCES)


def expectation(name: str, file: str) -> dict[str, Any]:
    """What ``<file>.json`` beside the page expects; its ``page`` names the page where it is not ``<file>.<ext>``."""
    found: dict[str, Any] = json.loads((PAGES / name / f"{file}.json").read_text(encoding="utf-8"))
    return found


def page_of(name: str, file: str) -> Page:
    """The page that an expectation is about."""
    expected = expectation(name, file)
    folder = PAGES / name
    path = (
        folder / expected["page"]
        if "page" in expected
        else next(p for p in sorted(folder.glob(f"{file}.*")) if p.name != f"{file}.json")
    )
    at = datetime.fromisoformat(expected.get("fetched_at", "2026-10-01T06:00:00Z"))
    headers = {ROLE: "detail"} if expected.get("detail") else {}
    return Page(url=expected["url"], body=path.read_bytes(), fetched_at=at.astimezone(UTC), headers=MappingProxyType(headers))


def read(source: Source, page: Page) -> tuple[list[Notice], list[Problem], list[Follow]]:
    """Notices, problems and further requests of a page."""
    things = list(read_page(source, page))
    return (
        [thing for thing in things if isinstance(thing, Notice)],
        [thing for thing in things if isinstance(thing, Problem)],
        [thing for thing in things if isinstance(thing, Follow)],
    )


def told(notice: Notice) -> dict[str, Any]:
    """A notice in short forms; the keys are the notice's own."""
    return {
        "source_id": notice.source_id,
        "kind": notice.kind,
        "url": notice.url,
        "title": notice.title,
        "summary": notice.summary,
        "text": notice.text,
        "language": notice.language,
        "published": _instant(notice.published),
        "updated": _instant(notice.updated),
        "opens": _moment(notice.opens),
        "starts": _moment(notice.starts),
        "ends": _moment(notice.ends),
        "deadlines": [_deadline(deadline) for deadline in notice.deadlines],
        "flags": sorted({flag for deadline in notice.deadlines for flag in deadline.flags}),
        "place": _place(notice.place),
        "organiser": notice.organiser,
        "programme": notice.programme,
        "eligibility": notice.eligibility,
        "amounts": [_amount(amount.value, amount.minimum, amount.maximum, amount.currency) for amount in notice.amounts],
        "status_word": notice.status_word,
        "cancelled": notice.cancelled,
        "over": notice.over,
        "planned": notice.planned,
        "hard_ids": list(notice.hard_ids),
        "codes": [_code(code) for code in notice.codes],
        "documents": [document.url for document in notice.documents],
        "raw": dict(notice.raw),
    }


def _instant(at: datetime | None) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%MZ") if at else ""


def _moment(moment: Moment | None) -> str:
    return "" if moment is None else f"{moment.local:%Y-%m-%d{'T%H:%M' if moment.has_time else ''}}[{moment.zone}]"


def _deadline(deadline: Deadline) -> str:
    if deadline.local is None:
        return "rolling" if deadline.rolling else "none"
    stage = f" stage {deadline.stage}" if deadline.stage > 1 else ""
    cut_off = f" cut-off {deadline.cut_off}" if deadline.cut_off else ""
    return f"{deadline.local:%Y-%m-%d{'T%H:%M' if deadline.precision == 'minute' else ''}}[{deadline.zone}]{stage}{cut_off}"


def _place(place: Place | None) -> str:
    if place is None:
        return ""
    return ", ".join(filter(None, (place.name, place.city, place.country, "online" if place.online else "")))


def _amount(value: float | None, low: float | None, high: float | None, currency: str) -> str:
    if value is not None:
        return f"{currency} {value:.10g}"
    return f"{currency} {low if low is None else format(low, '.10g')}..{high if high is None else format(high, '.10g')}"


def _code(code: Code) -> str:
    return f"{code.scheme}:{code.value}{f'/{code.role}' if code.role else ''}"


def verdict_of(source: Source, notices: list[Notice], problems: list[Problem], follows: list[Follow]) -> str:
    """The verdict of a crawl that read this one page and nothing else."""
    progress = Progress(requests=1, pages=1)
    for notice in notices:
        progress.saw(notice)
    for problem in problems:
        progress.met(problem)
    progress.seen.update(follow.url for follow in follows if follow.role == "detail")
    return judge(source, progress, ()).verdict


def differences(source: Source, name: str, file: str = "good") -> list[str]:
    """How what the source reads differs from the expectation, one line a field; [] when all is as expected."""
    expected = expectation(name, file)
    notices, problems, follows = read(source, page_of(name, file))
    found = []
    if len(notices) != len(expected["notices"]):
        found.append(f"{len(notices)} notices instead of {len(expected['notices'])}")
    for number, (notice, wanted) in enumerate(zip(notices, expected["notices"], strict=False)):
        short = told(notice)
        found += [
            f"{number}.{key}: {differs(key, short[key], value)}" for key, value in wanted.items() if differs(key, short[key], value)
        ]
    causes = sorted(problem.cause for problem in problems)
    if causes != sorted(expected.get("problems", [])):
        found.append(f"problems {causes}")
    addresses = [follow.url for follow in follows]
    if "follows" in expected and addresses != expected["follows"]:
        found.append(f"follows {addresses}")
    return found


def differs(key: str, found: Any, wanted: Any) -> str:
    """What differs; codes and raw strings are asked for one by one, as others may stand beside them."""
    if key in {"codes", "hard_ids", "documents"} and isinstance(wanted, list):
        missing = [one for one in wanted if one not in found]
        return f"lacks {missing} in {found}" if missing else ""
    if key == "raw":
        return ", ".join(
            f"{name}: {found.get(name)!r} instead of {value!r}" for name, value in wanted.items() if found.get(name) != value
        )
    return "" if found == wanted else f"{found!r} instead of {wanted!r}"


def mutants(source: Source) -> list[tuple[str, Source]]:
    """The source without one of its declared selectors, for each of them."""
    found: list[tuple[str, Source]] = []
    if source.rows:
        found.append(("rows", replace(source, rows=_NOTHING[source.rows.startswith("/")])))
    for table in ("fields", "detail"):
        declared = getattr(source, table)
        for key in declared:
            rest = {name: value for name, value in declared.items() if name != key}
            found.append((f"{table}.{key}", replace(source, **{table: MappingProxyType(rest)})))
    if source.paging.next:
        found.append(
            ("paging.next", replace(source, paging=replace(source.paging, next=_NOTHING[source.paging.next.startswith("/")])))
        )
    if source.paging.total:
        found.append(("paging.total", replace(source, paging=replace(source.paging, total="/nothing-here"))))
    return found


_NOTHING = {False: "nothing-here", True: "/nothing-here"}
