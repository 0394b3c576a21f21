"""grants.gov, ``POST https://api.grants.gov/v1/api/search2``: federal grants of the United States.

Shape: ``{"errorcode", "msg", "data": {"hitCount", "oppHits": [{id, number, title, agency, openDate, closeDate, oppStatus, cfdaList}]}}``.
Dates are MM/DD/YYYY; ``closeDate`` may be empty; titles carry HTML entities; an error answers 200 with ``errorcode`` above 0.
"""

from __future__ import annotations

from collections.abc import Iterator

from crawlers.formats.paging import next_page
from crawlers.pages import _answer as answer
from crawlers.pages._times import formatted, moment, until
from crawlers.source import Source
from crawlers.states import standing
from store.model import Code, Follow, Notice, Page, Problem

DATE = "%m/%d/%Y"
# "2076" and the like: an accepting programme without an end carries a date that nobody means.


def parse(page: Page, source: Source) -> Iterator[Notice | Problem | Follow]:
    """Notices of kind call; problems ``error-answer``, ``missing-rows``, ``missing-id``, ``missing-title``, ``bad-date``, ``incomplete``."""
    for found in answer.answers(page, source):
        if isinstance(found, Problem):
            yield found
            continue
        given = answer.obj(found)
        if answer.number(given.get("errorcode")) not in (None, 0.0):
            detail = f"The interface answered error {answer.text(given.get('errorcode'))}: {answer.line(given.get('msg'))[:120]}"
            yield answer.problem(page, source, "error-answer", detail)
            continue
        hits = answer.obj(given.get("data")).get("oppHits")
        if not isinstance(hits, list):
            yield answer.problem(
                page, source, "missing-rows", "There is no list 'data.oppHits': compare the answer with the last good one."
            )
            continue
        for hit in hits:
            yield from _hit(answer.obj(hit), page, source)
        yield from next_page(found, len(hits), page, source)


def _hit(hit: answer.Object, page: Page, source: Source) -> Iterator[Notice | Problem]:
    source_id, number = answer.text(hit.get("id")), answer.line(hit.get("number"))
    title = answer.line(hit.get("title"))
    if not source_id:
        yield answer.problem(
            page,
            source,
            "missing-id",
            "An opportunity without 'id' was left out: compare the answer with the last good one.",
            number,
        )
        return
    if not title:
        yield answer.problem(page, source, "missing-title", "The opportunity has no title: look at its page.", source_id)
        return
    closes, opens = answer.text(hit.get("closeDate")), answer.text(hit.get("openDate"))
    close, open_ = formatted(closes, DATE), formatted(opens, DATE)
    for written, read in ((closes, close), (opens, open_)):
        if written and read is None:
            yield answer.problem(
                page, source, "bad-date", f"{written[:40]!r} is not MM/DD/YYYY: the call is kept without it.", source_id
            )
    agency = answer.line(hit.get("agency"))
    yield Notice(
        source=source.name,
        source_id=source_id,
        kind="call",
        url=f"https://www.grants.gov/search-results-detail/{source_id}",
        title=title,
        text="\n".join(filter(None, (title, agency))),
        language="en",
        opens=moment(open_, source.timezone) if open_ else None,
        deadlines=(until(close, source.timezone, quote=closes),) if close else (),
        organiser=agency,
        programme=", ".join(answer.texts(hit.get("cfdaList"))),
        status_word=answer.line(hit.get("oppStatus")),
        **standing(answer.line(hit.get("oppStatus"))),
        hard_ids=(f"grantsgov:{number.lower()}",) if number else (),
        codes=tuple(_codes(hit)),
        raw=answer.kept(
            number=number, openDate=opens, closeDate=closes, docType=hit.get("docType"), agencyCode=hit.get("agencyCode")
        ),
    )


def _codes(hit: answer.Object) -> Iterator[Code]:
    for listing in answer.texts(hit.get("cfdaList")):
        yield Code(scheme="programme", value=listing, label="Assistance Listing")
    yield Code(scheme="country", value="US", role="eligible")
