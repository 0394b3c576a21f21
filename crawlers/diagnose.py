"""Why a source is broken: its last good page beside today's, in sentences, and a repaired declaration when one holds."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from crawlers.clean import clean_line
from crawlers.decoding import looks_like_html
from crawlers.errors import CrawlError
from crawlers.mend import Mended, mend
from crawlers.reading import read_page
from crawlers.soft_errors import soft_error
from crawlers.source import Source
from store.model import Notice, Page, Problem

MOST_REASONS = 5


@dataclass(frozen=True, kw_only=True, slots=True)
class Diagnosis:
    """``sentences`` for a person; ``healthy`` when today's page reads as the good one did; ``mended`` when new selectors hold."""

    sentences: tuple[str, ...]
    healthy: bool
    mended: Mended | None = None


def diagnose(source: Source, good: Page, today: Page) -> Diagnosis:
    """Compare two pages of one source. Repairs are proposed for html_list only; elsewhere the sentences say what differs."""
    then, _ = _things(source, good)
    now, problems = _things(source, today)
    said = [f"The last good page ({good.fetched_at:%Y-%m-%d %H:%M} UTC) gave {len(then)} notices; today's gives {len(now)}."]
    wall = soft_error(today)
    if wall is not None and not now:
        said.append(f"Today's page is not the list: {wall.detail}. Selectors cannot mend that.")
        return Diagnosis(sentences=tuple(said), healthy=False)
    for (cause, detail), count in Counter((p.cause, p.detail) for p in problems).most_common(MOST_REASONS):
        said.append(f"{count} x {cause}: {clean_line(detail, 200)}.")
    said += _fields_lost(then, now)
    ids = {notice.source_id for notice in then}
    kept = sum(notice.source_id in ids for notice in now)
    if now and then and kept >= 0.5 * min(len(then), len(now)) and len(said) == 1:
        return Diagnosis(sentences=(*said, "Nothing is wrong with the page: its notices read as before."), healthy=True)
    if now and not kept:
        said.append("None of the identities of the good page stands on today's: the publisher's ids or addresses may have changed.")
    if source.format != "html_list":
        if source.format in {"feed", "ical", "sitemap", "json_api"} and looks_like_html(today.body):
            said.append(f"A web page came where {source.format} was declared: look on it for the new address ('sources new').")
        return Diagnosis(sentences=tuple(said), healthy=False)
    try:
        mended = mend(source, good, today)
    except CrawlError as error:
        said.append(f"Today's page cannot be read: {error}.")
        mended = None
    if mended is None:
        said.append("The rows of the good page are not found again on today's; propose the page anew with 'sources new'.")
        return Diagnosis(sentences=tuple(said), healthy=False)
    said.append(f"{mended.known} of {mended.good} rows of the good page were found again.")
    said += [
        f"{key}: '{old}' -> '{new}'." if new else f"{key}: '{old}' finds nothing any more."
        for key, (old, new) in mended.changed.items()
    ]
    if mended.lost:
        said.append(f"No selector reads the known values of {', '.join(mended.lost)}; this is no whole repair.")
        return Diagnosis(sentences=tuple(said), healthy=False)
    said.append("The repaired selectors read every known value of the rows found again.")
    return Diagnosis(sentences=tuple(said), healthy=False, mended=mended)


def _things(source: Source, page: Page) -> tuple[list[Notice], list[Problem]]:
    notices: list[Notice] = []
    problems: list[Problem] = []
    for thing in read_page(source, page):
        if isinstance(thing, Notice):
            notices.append(thing)
        elif isinstance(thing, Problem):
            problems.append(thing)
    return notices, problems


def _fields_lost(then: list[Notice], now: list[Notice]) -> list[str]:
    """Sentences on fields that most notices of the good page carried and few of today's do."""
    said = []
    for name in ("summary", "text", "published", "deadlines", "starts", "ends", "place", "organiser", "amounts", "codes"):
        before = sum(bool(getattr(notice, name)) for notice in then) / max(len(then), 1)
        after = sum(bool(getattr(notice, name)) for notice in now) / max(len(now), 1)
        if now and before >= 0.5 and after < 0.6 * before:
            said.append(f"'{name}' stood in {before:.0%} of the notices and stands in {after:.0%} today.")
    return said


def repaired_toml(text: str, mended: Mended) -> str:
    """The declaration ``text`` with the changed selectors in place; comments and order stay."""
    lines = text.splitlines()
    table = ""
    for number, line in enumerate(lines):
        stripped = line.strip()
        if stripped.startswith("[") and stripped.endswith("]"):
            table = stripped.strip("[]") + "."
        key = table + stripped.partition("=")[0].strip()
        if key in mended.changed and mended.changed[key][1]:
            new = mended.changed[key][1].replace("\\", "\\\\").replace('"', '\\"')
            lines[number] = f'{line.partition("=")[0].rstrip()} = "{new}"'
    return "\n".join(lines) + "\n"
