"""Calls of the Interreg programmes as interreg.eu's own calls page asks for them (an Algolia index).

Shape: ``{"results": [{"hits": [{objectID, title, callStatus, callOpenDate, callDeadlineDate, callEligibleCountryNuts[], …}]}]}``.
``…T00:00:00Z`` is a date without a time. Names of regions and NUTS codes are parallel lists in the order of the page.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import time

from crawlers.links import absolute
from crawlers.pages import _answer as answer
from crawlers.pages._codes import country_code, country_named
from crawlers.pages._times import instant_of, moment, moment_of, stamp, until
from crawlers.source import Source
from crawlers.states import standing
from store.model import Code, Deadline, Document, Follow, Moment, Notice, Page, Problem

SITE = "https://www.interreg.eu/"


def parse(page: Page, source: Source) -> Iterator[Notice | Problem | Follow]:
    """Notices of kind call; problems ``missing-rows``, ``missing-id``, ``missing-title``, ``bad-date``."""
    for found in answer.answers(page, source):
        if isinstance(found, Problem):
            yield found
            continue
        results = answer.rows(answer.obj(found).get("results"))
        if not results:
            yield answer.problem(
                page, source, "missing-rows", "There is no 'results': the search key may have changed, read it from the calls page."
            )
        for result in results:
            for hit in answer.rows(answer.obj(result).get("hits")):
                yield from _hit(answer.obj(hit), page, source)


def _hit(hit: answer.Object, page: Page, source: Source) -> Iterator[Notice | Problem]:
    source_id = answer.text(hit.get("objectID"))
    title = answer.line(hit.get("title")) or answer.line(hit.get("nodeName"))
    if not source_id or not title:
        cause, what = ("missing-title", "title") if source_id else ("missing-id", "objectID")
        yield answer.problem(
            page, source, cause, f"A call without '{what}' was left out: compare the answer with the last good one.", source_id
        )
        return
    written = answer.text(hit.get("callDeadlineDate"))
    at = stamp(written)
    if written and at is None:
        yield answer.problem(
            page, source, "bad-date", f"callDeadlineDate {written[:40]!r} cannot be read: the call is kept without it.", source_id
        )
    deadline: tuple[Deadline, ...] = ()
    if at is not None:
        timed = at.has_time and at.local.time() != time()
        deadline = (until(at.local, source.timezone, precision="minute" if timed else "day", quote=written),)
    programmes = answer.texts(hit.get("associatedProgrammes"))
    description = answer.body(hit.get("callDescription"), hit.get("description"), hit.get("summary"))
    themes = answer.texts(hit.get("callThemes")) or answer.texts(hit.get("themes"))
    yield Notice(
        source=source.name,
        source_id=source_id,
        kind="call",
        url=absolute(answer.text(hit.get("contentUrl")), SITE) or page.url,
        title=title,
        summary=answer.short(description) or answer.short(". ".join((*programmes, *themes))),
        text="\n".join(
            filter(
                None,
                (title, description, ", ".join(programmes), ", ".join(themes), ", ".join(answer.texts(hit.get("targetAudience")))),
            )
        ),
        language="en",
        published=instant_of(answer.text(hit.get("createdDate")), "UTC"),
        updated=instant_of(answer.text(hit.get("updatedDate")), "UTC"),
        opens=_day(answer.text(hit.get("callOpenDate")), source.timezone),
        deadlines=deadline,
        organiser=programmes[0] if programmes else "",
        programme="; ".join(programmes),
        eligibility="; ".join(answer.texts(hit.get("targetAudience"))),
        status_word=answer.line(hit.get("callStatus")),
        **standing(answer.line(hit.get("callStatus"))),
        hard_ids=(f"interreg:{source_id.lower()}",),
        codes=tuple(_codes(hit, themes, programmes)),
        documents=tuple(Document(url=url, title="Call page") for url in [absolute(answer.text(hit.get("callExternalUrl")))] if url),
        raw=answer.kept(callOpenDate=hit.get("callOpenDate"), callDeadlineDate=written, callStatus=hit.get("callStatus")),
    )


def _day(written: str, zone: str) -> Moment | None:
    at = stamp(written)
    if at is None:
        return None
    return moment_of(written, zone) if at.local.time() != time() else moment(at.local, zone)


def _codes(hit: answer.Object, themes: tuple[str, ...], programmes: tuple[str, ...]) -> Iterator[Code]:
    countries = [country_code(code) for code in answer.texts(hit.get("callEligibleCountryNuts"))]
    names = answer.texts(hit.get("callEligibleCountryNames")) or answer.texts(hit.get("countries"))
    for country in dict.fromkeys(filter(None, countries or map(country_named, names))):
        yield Code(scheme="country", value=country, role="eligible")
    for region in answer.texts(hit.get("callEligibleRegionNuts")):
        yield Code(scheme="nuts", value=region, role="eligible")
    for theme in themes:
        yield Code(scheme="sector", value=theme)
    for programme in programmes:
        yield Code(scheme="programme", value=programme)
