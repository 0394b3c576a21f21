"""Procurement notices of the World Bank, ``GET https://search.worldbank.org/api/v2/procnotices?format=json``.

Shape: ``{"total", "procnotices": [{id, notice_type, noticedate "11-Sep-2026", submission_deadline_date "…Z",
submission_deadline_time "16:00", project_ctry_code, bid_description, sector[], unspsc_classification[]}]}``. The hour is local to the
buyer; the Z behind the date is not true. Contract awards and general notices ask for no offer.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from crawlers.formats.paging import next_page
from crawlers.pages import _answer as answer
from crawlers.pages._codes import country_code, country_named, language_code, zone_of
from crawlers.pages._times import formatted, instant_of, joined, stamp, until
from crawlers.source import Source
from crawlers.states import standing
from store.model import Amount, Code, Deadline, Follow, Notice, Page, Problem

PAGE = "https://projects.worldbank.org/en/projects-operations/procurement-detail/"
CLOSED = frozenset({"contract award", "small contracts award", "general procurement notice"})


def parse(page: Page, source: Source) -> Iterator[Notice | Problem | Follow]:
    """Notices of kind tender; problems ``missing-rows``, ``missing-id``, ``missing-title``, ``bad-date``, ``unknown-country``."""
    for found in answer.answers(page, source):
        if isinstance(found, Problem):
            yield found
            continue
        notices = answer.obj(found).get("procnotices")
        if not isinstance(notices, list):
            yield answer.problem(
                page, source, "missing-rows", "There is no list 'procnotices': compare the answer with the last good one."
            )
            continue
        for notice in notices:
            yield from _notice(answer.obj(notice), page, source)
        yield from next_page(found, len(notices), page, source)


def _notice(notice: answer.Object, page: Page, source: Source) -> Iterator[Notice | Problem]:
    source_id = answer.text(notice.get("id"))
    if not source_id:
        yield answer.problem(page, source, "missing-id", "A notice without 'id' was left out: add the field to the query.")
        return
    title = (
        answer.line(notice.get("noticetitle"))
        or answer.line(notice.get("bid_description"))
        or answer.line(notice.get("project_name"))
    )
    if not title:
        yield answer.problem(
            page, source, "missing-title", "The notice has neither title nor description: look at its page.", source_id
        )
        return
    written_country = answer.text(notice.get("project_ctry_code"))
    country = country_code(written_country) or country_named(answer.line(notice.get("project_ctry_name")))
    if written_country and not country:
        detail = f"The country {written_country!r} is no ISO code: the notice is kept, its hour is read in {source.timezone}."
        yield answer.problem(page, source, "unknown-country", detail, source_id)
    kind = answer.line(notice.get("notice_type"))
    deadlines, fault = _deadlines(notice, zone_of(country, source.timezone))
    if fault:
        yield answer.problem(
            page, source, "bad-date", f"The deadline {fault[:60]!r} cannot be read: look at the notice.", source_id
        )
    project = answer.line(notice.get("project_name"))
    description = answer.body(notice.get("notice_text"), notice.get("bid_description"))
    yield Notice(
        source=source.name,
        source_id=source_id,
        kind="tender",
        url=f"{PAGE}{source_id}",
        title=title,
        summary=answer.short(description) if description != title else project,
        text="\n".join(dict.fromkeys(filter(None, (title, description, project)))),
        language=language_code(answer.text(notice.get("notice_lang_code")))
        or language_named(answer.line(notice.get("notice_lang_name"))),
        published=_published(notice),
        updated=instant_of(answer.text(notice.get("api_modified_date")), "UTC"),
        deadlines=() if kind.casefold() in CLOSED else deadlines,
        organiser=answer.line(notice.get("agency_name")) or answer.line(notice.get("contact_organization")),
        programme=project,
        amounts=tuple(_amounts(notice)),
        status_word=kind,
        **standing(kind),
        cancelled=answer.line(notice.get("notice_status")).casefold() in {"cancelled", "canceled"},
        hard_ids=(f"wb:{source_id.lower()}",),
        codes=tuple(_codes(notice, country)),
        raw=answer.kept(
            noticedate=notice.get("noticedate"),
            submission_deadline_date=notice.get("submission_deadline_date"),
            submission_deadline_time=notice.get("submission_deadline_time"),
            notice_type=kind,
            notice_status=notice.get("notice_status"),
            project_id=notice.get("project_id"),
            bid_reference_no=notice.get("bid_reference_no"),
            procurement_method=notice.get("procurement_method_name"),
        ),
    )


def language_named(name: str) -> str:
    """The code of a language that the Bank writes as a word."""
    return {"english": "en", "french": "fr", "spanish": "es", "portuguese": "pt", "russian": "ru"}.get(name.casefold(), "")


def _published(notice: answer.Object) -> datetime | None:
    written = answer.text(notice.get("noticedate"))
    local = formatted(written, "%d-%b-%Y")
    return instant_of(local.date().isoformat() if local else written, "UTC")


def _deadlines(notice: answer.Object, zone: str) -> tuple[tuple[Deadline, ...], str]:
    date, time = answer.text(notice.get("submission_deadline_date")), answer.text(notice.get("submission_deadline_time"))
    if not date:
        return (), ""
    quote = " ".join(filter(None, (date, time)))
    day = stamp(date)
    if day is None:
        day_ = formatted(date, "%d-%b-%Y", "%m/%d/%Y")
        day = stamp(day_.date().isoformat()) if day_ else None
    if day is None:
        return (), quote
    at = joined(day.local.date().isoformat(), time) if time else None
    if time and at is None:
        return (until(day.local, zone, flags=("unread_hour",), quote=quote),), quote
    return (until((at or day).local, zone, precision="minute" if at else "day", quote=quote),), ""


def _amounts(notice: answer.Object) -> Iterator[Amount]:
    exact = answer.number(notice.get("bid_estimate_amount"))
    if exact:
        currency = answer.text(notice.get("bid_currency_code"))
        yield Amount(value=exact, currency=currency, quote=f"{answer.text(notice.get('bid_estimate_amount'))} {currency}".strip())


def _codes(notice: answer.Object, country: str) -> Iterator[Code]:
    if country:
        yield Code(scheme="country", value=country, role="buyer")
    for sector in answer.rows(notice.get("sector")):
        yield Code(
            scheme="sector",
            value=answer.text(answer.obj(sector).get("sector_code")),
            label=answer.line(answer.obj(sector).get("sector_description")),
        )
    for entry in answer.rows(notice.get("unspsc_classification")):
        item = answer.obj(entry)
        if answer.text(item.get("proc_voc_id")):
            yield Code(scheme="unspsc", value=answer.text(item.get("proc_voc_id")), label=answer.line(item.get("proc_voc_title")))
    group = answer.line(notice.get("procurement_group_desc"))
    if group:
        yield Code(scheme="type", value=group)
