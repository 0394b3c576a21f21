"""Indicators of the World Bank, ``GET https://api.worldbank.org/v2/country/{iso}/indicator/{code}?format=json&per_page=500``.

Shape: ``[{"page", "pages", "total", "lastupdated"}, [{"indicator": {id, value}, "country": {id, value}, "countryiso3code", "date",
"value"}]]``; the newest years are often null. An error answers ``[{"message": [{"value"}]}]`` with status 200. Each country and
indicator becomes one notice of kind study; ``raw["figures"]`` is JSON: ``{"<year>": number}`` without nulls.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from crawlers.formats.paging import asked_again
from crawlers.pages import _answer as answer
from crawlers.pages._codes import country_code
from crawlers.pages._times import instant_of
from crawlers.source import Source
from store.model import Code, Follow, Notice, Page, Problem

PAGE = "https://data.worldbank.org/indicator/"


def parse(page: Page, source: Source) -> Iterator[Notice | Problem | Follow]:
    """Notices of kind study and a Follow to the next page; problems ``error-answer``, ``missing-rows``, ``no-figures``."""
    for found in answer.answers(page, source):
        if isinstance(found, Problem):
            yield found
            continue
        parts = found if isinstance(found, list) else []
        meta = answer.obj(parts[0]) if parts else answer.NOTHING
        if meta.get("message"):
            yield answer.problem(
                page, source, "error-answer", f"The interface says: {answer.line(answer.dig(meta, 'message', 'value'))[:160]}"
            )
            continue
        if len(parts) < 2 or not isinstance(parts[1], list):
            yield answer.problem(page, source, "missing-rows", "Expected [meta, rows]: compare the answer with the last good one.")
            continue
        yield from _series([answer.obj(row) for row in parts[1]], answer.text(meta.get("lastupdated")), page, source)
        number, pages = answer.number(meta.get("page")) or 1, answer.number(meta.get("pages")) or 1
        if number < pages and source.paging.style == "page":
            yield asked_again(page, source, str(int(number) + 1))


def _series(rows: list[answer.Object], updated: str, page: Page, source: Source) -> Iterator[Notice | Problem]:
    series: dict[tuple[str, str], list[answer.Object]] = {}
    for row in rows:
        key = (
            answer.text(answer.dig(row, "indicator", "id")),
            answer.text(row.get("countryiso3code")) or answer.text(answer.dig(row, "country", "id")),
        )
        series.setdefault(key, []).append(row)
    for (indicator, country), found in series.items():
        figures = {answer.text(row.get("date")): value for row in found if (value := answer.number(row.get("value"))) is not None}
        source_id = f"{indicator}:{country}"
        if not indicator or not country:
            yield answer.problem(page, source, "missing-id", "A row without indicator or country was left out.", source_id)
            continue
        if not figures:
            yield answer.problem(
                page, source, "no-figures", f"All {len(found)} years are empty: the series has not begun.", source_id
            )
            continue
        name, place = answer.line(answer.dig(found[0], "indicator", "value")), answer.line(answer.dig(found[0], "country", "value"))
        newest = max(figures)
        code = country_code(answer.text(answer.dig(found[0], "country", "id"))) or country_code(country)
        yield Notice(
            source=source.name,
            source_id=source_id,
            kind="study",
            url=f"{PAGE}{indicator}?locations={code or country}",
            title=": ".join((name or indicator, place or country)),
            summary=f"{newest}: {figures[newest]:g}; {len(figures)} of {len(found)} years have a figure",
            text=f"{name}\n{place}",
            language="en",
            updated=instant_of(updated, "UTC"),
            organiser=source.publisher,
            hard_ids=(f"wbindicator:{source_id.lower()}",),
            codes=(Code(scheme="country", value=code, label=place, role="target"),) if code else (),
            raw={
                "figures": json.dumps(dict(sorted(figures.items()))),
                **answer.kept(indicator=indicator, unit=found[0].get("unit"), updated=updated),
            },
        )
