"""The Polish public procurement bulletin's board (ezamowienia.gov.pl).

Shape: a list of notices: noticeNumber "2026/BZP 00442989/01", orderObject, cpvCode "45212200-8 (label, with commas),45212222-8 (…)",
submittingOffersDate (UTC with Z), noticeType, tenderId "ocds-…", organizationName. Contractors of results are not read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from crawlers.formats.paging import next_page
from crawlers.pages import _answer as answer
from crawlers.pages._codes import country_code
from crawlers.pages._times import instant_of, stamp, until_instant
from crawlers.source import Source
from crawlers.states import standing
from store.model import Code, Deadline, Follow, Notice, Page, Place, Problem

NOTICE = "https://ezamowienia.gov.pl/mo-client-board/bzp/notice-details/id/"
# Labels hold commas and brackets of their own: a code is eight digits and a check digit, its label reaches to the next code.
_CPV = re.compile(r"(\d{8})-\d\s*(?:\((.*?)\))?(?=,\s*\d{8}-\d|$)")
OPEN = frozenset({"ContractNotice", "CompetitionNotice", "ConcessionNotice", "NoticeUpdateNotice", "SmallContractNotice"})
KINDS = {
    "TenderResultNotice": "result",
    "ContractNotice": "competition",
    "NoticeUpdateNotice": "change",
    "AgreementIntentionNotice": "planning",
}


def parse(page: Page, source: Source) -> Iterator[Notice | Problem | Follow]:
    """Notices of kind tender; problems ``missing-rows``, ``missing-id``, ``missing-title``, ``bad-date``, ``unread-cpv``."""
    for found in answer.answers(page, source):
        if isinstance(found, Problem):
            yield found
            continue
        notices = found if isinstance(found, list) else answer.obj(found).get("items") or answer.obj(found).get("content")
        if not isinstance(notices, list):
            yield answer.problem(
                page, source, "missing-rows", "There is no list of notices: compare the answer with the last good one."
            )
            continue
        for notice in notices:
            yield from _notice(answer.obj(notice), page, source)
        yield from next_page(found, len(notices), page, source)


def _notice(notice: answer.Object, page: Page, source: Source) -> Iterator[Notice | Problem]:
    source_id = answer.text(notice.get("noticeNumber")) or answer.text(notice.get("objectId"))
    title = answer.line(notice.get("orderObject"))
    if not source_id or not title:
        cause, what = ("missing-title", "orderObject") if source_id else ("missing-id", "noticeNumber")
        yield answer.problem(
            page, source, cause, f"A notice without '{what}' was left out: compare the answer with the last good one.", source_id
        )
        return
    written = answer.text(notice.get("submittingOffersDate"))
    at = stamp(written)
    if written and at is None:
        yield answer.problem(
            page, source, "bad-date", f"submittingOffersDate {written[:40]!r} cannot be read: look at the notice.", source_id
        )
    kind = answer.text(notice.get("noticeType"))
    deadlines: tuple[Deadline, ...] = (
        (until_instant(at, source.timezone, quote=written),) if at and KINDS.get(kind) != "result" else ()
    )
    cpv = answer.text(notice.get("cpvCode"))
    codes = list(cpv_codes(cpv))
    if cpv and not codes:
        yield answer.problem(
            page, source, "unread-cpv", f"cpvCode {cpv[:80]!r} holds no code: the notice is kept without.", source_id
        )
    object_id, tender = answer.text(notice.get("objectId")), answer.text(notice.get("tenderId"))
    city = answer.line(notice.get("organizationCity"))
    yield Notice(
        source=source.name,
        source_id=source_id,
        kind="tender",
        url=f"{NOTICE}{object_id}" if object_id else page.url,
        title=title,
        text="\n".join(filter(None, (title, ", ".join(code.label for code in codes)))),
        language="pl",
        published=instant_of(answer.text(notice.get("publicationDate")), source.timezone),
        deadlines=deadlines,
        place=Place(city=city, country=country_code(answer.text(notice.get("organizationCountry")))) if city else None,
        organiser=answer.line(notice.get("organizationName")),
        status_word=KINDS.get(kind, kind),
        **standing(KINDS.get(kind, "")),
        cancelled=answer.text(notice.get("procedureResult")) == "uniewaznienie",
        hard_ids=tuple(filter(None, (f"bzp:{source_id.lower().replace(' ', '-')}", tender and f"ocds:{tender.lower()}"))),
        codes=(
            *codes,
            Code(scheme="country", value=country_code(answer.text(notice.get("organizationCountry"))) or "PL", role="buyer"),
            *(
                [Code(scheme="nuts", value=answer.text(notice.get("organizationProvince")), role="buyer")]
                if answer.text(notice.get("organizationProvince"))
                else []
            ),
            *([Code(scheme="type", value=answer.text(notice.get("orderType")))] if answer.text(notice.get("orderType")) else []),
        ),
        raw=answer.kept(
            noticeType=kind,
            submittingOffersDate=written,
            publicationDate=notice.get("publicationDate"),
            procedureResult=notice.get("procedureResult"),
            bzpNumber=notice.get("bzpNumber"),
        ),
    )


def cpv_codes(written: str) -> Iterator[Code]:
    """CPV codes and labels from "45212200-8 (label, with commas),45212222-8 (…)"."""
    for found in _CPV.finditer(written):
        yield Code(scheme="cpv", value=found[1], label=answer.line(found[2] or ""))
