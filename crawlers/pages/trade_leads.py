"""Trade leads that the United States' trade portal gathered from other countries' platforms, in the shapes of their origins.

Australia (AusTender contract notices, CSV), Canada (Buy and Sell, CSV), the State Department (GeoJSON ``features``), the Millennium
Challenge accounts (RSS of dgMarket whose categories hold country, CPV codes and deadline), the federal business opportunities (``_leads_fbo``), USTDA (RSS with the deadline in prose, or
``nodes/node`` without any number) and the UK's Contracts Finder (``ArrayOfFullNotice``, which says UTF-16 and is UTF-8; or CSV).
Contacts are not read.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import time

from crawlers.clean import clean_line
from crawlers.dates import read_field_deadlines, read_instant
from crawlers.links import absolute
from crawlers.pages import _answer as answer
from crawlers.pages import _leads_csv, _leads_fbo
from crawlers.pages._answer import kept, problem, short
from crawlers.pages._codes import country_code, country_named, zone_of
from crawlers.pages._leads import amount, between, codes, lead
from crawlers.pages._times import formatted, instant_of, stamp, until
from crawlers.pages._xml import Element, every, name, one, paragraphs, read_xml, value, values, words
from crawlers.source import Source
from store.model import Deadline, Follow, Notice, Page, Problem


def parse(page: Page, source: Source) -> Iterator[Notice | Problem | Follow]:
    """Notices of kind tender; problems ``missing-rows``, ``missing-id``, ``missing-title``, ``bad-date``, ``unread-deadline``."""
    start = page.body.lstrip(b"\xef\xbb\xbf \r\n\t")[:1]
    if _leads_fbo.is_dump(page.body):
        yield from _leads_fbo.read(page, source)
    elif start == b"{":
        yield from _state(page, source)
    elif start == b"<":
        yield from _xml(page, source)
    else:
        yield from _leads_csv.read(page, source)


def _state(page: Page, source: Source) -> Iterator[Notice | Problem]:
    for found in answer.answers(page, source):
        if isinstance(found, Problem):
            yield found
            continue
        features = answer.obj(found).get("features")
        if not isinstance(features, list):
            yield problem(page, source, "missing-rows", "There is no list 'features': compare the answer with the last good one.")
            continue
        for feature in features:
            yield from _project(answer.obj(feature), page, source)


def _project(feature: answer.Object, page: Page, source: Source) -> Iterator[Notice | Problem]:
    fields = answer.obj(feature.get("properties"))
    number = answer.text(feature.get("id"))
    title = answer.line(fields.get("Project_Title"))
    country = country_named(answer.line(fields.get("Country")))
    tender = answer.text(fields.get("Tender_Date")).removesuffix("Z")
    at = stamp(tender)
    if tender and at is None:
        yield problem(page, source, "bad-date", f"Tender_Date {tender[:40]!r} cannot be read: the lead is kept without it.", number)
    description = answer.body(fields.get("Project_Description"))
    yield from lead(
        page,
        source,
        number,
        title,
        url=absolute(answer.text(fields.get("Link_To_Project"))) or absolute(answer.text(fields.get("Business_URL"))) or page.url,
        summary=short(description),
        text="\n".join(filter(None, (title, description, answer.line(fields.get("Keyword"))))),
        published=instant_of(answer.text(fields.get("Project_Announced")).removesuffix("Z"), "UTC"),
        deadlines=(until(at.local, zone_of(country, source.timezone), quote=tender),) if at else (),
        organiser=answer.line(fields.get("Borrowing_Entity")) or answer.line(fields.get("Implementing_Entity")),
        programme=answer.line(fields.get("Project_Funding_Source")) or answer.line(fields.get("Source")),
        amounts=amount(answer.text(fields.get("Project_Size")), "USD"),
        status_word=answer.line(fields.get("Status")),
        hard_ids=(f"stateleads:{number.lower()}",),
        codes=codes(
            ("country", country, "buyer"),
            ("sector", answer.line(fields.get("Sector")), None),
            *(("keyword", word.strip(), None) for word in answer.line(fields.get("Keyword")).split(";")),
        ),
        raw=kept(
            number=fields.get("Project_Number"),
            tender_date=tender,
            announced=fields.get("Project_Announced"),
            origin=fields.get("Source"),
        ),
    )


def _xml(page: Page, source: Source) -> Iterator[Notice | Problem]:
    root, faults = read_xml(page, source)
    yield from faults
    if root is None:
        return
    if name(root) == "ArrayOfFullNotice":
        for notice in every(root, "FullNotice/Notice"):
            yield from _contracts_finder(notice, page, source)
    elif name(root) == "rss":
        for item in every(root, "channel/item"):
            yield from _item(item, page, source)
    elif name(root) == "nodes":
        for node in every(root, "node"):
            yield from _node(node, page, source)
    else:
        yield problem(page, source, "missing-rows", f"A document <{name(root)}> is no known list of leads.")


def _contracts_finder(notice: Element, page: Page, source: Source) -> Iterator[Notice | Problem]:
    number, title = value(notice, "Id"), value(notice, "Title")
    written = value(notice, "DeadlineDate")
    at = stamp(written)
    if written and at is None:
        yield problem(page, source, "bad-date", f"DeadlineDate {written[:40]!r} cannot be read: look at the notice.", number)
    timed = at is not None and at.has_time and at.local.time() != time()
    description = paragraphs(one(notice, "Description"))
    yield from lead(
        page,
        source,
        number,
        title,
        url=f"https://www.contractsfinder.service.gov.uk/Notice/{number}",
        summary=short(description),
        text="\n".join(filter(None, (title, description, value(notice, "CPVDescription"), value(notice, "Sector")))),
        published=instant_of(value(notice, "PublishedDate"), source.timezone),
        updated=instant_of(value(notice, "LastNotifiableUpdate"), source.timezone),
        deadlines=(until(at.local, source.timezone, precision="minute" if timed else "day", quote=written),) if at else (),
        organiser=value(notice, "OrganisationName"),
        amounts=between(value(notice, "ValueLow"), value(notice, "ValueHigh"), "GBP"),
        status_word=value(notice, "Status"),
        hard_ids=(f"contractsfinder:{number.lower()}",),
        codes=codes(
            *(("cpv", code, None) for code in values(notice, "CpvCodes/string")),
            ("country", "GB", "buyer"),
            ("sector", value(notice, "Sector"), None),
            ("type", value(notice, "Type"), None),
        ),
        raw=kept(
            identifier=value(notice, "Identifier"),
            DeadlineDate=written,
            region=value(notice, "Region"),
            start=value(notice, "Start"),
            end=value(notice, "End"),
        ),
    )


def _item(item: Element, page: Page, source: Source) -> Iterator[Notice | Problem]:
    """An RSS item of dgMarket (categories) or of USTDA (prose); both name a ``guid``."""
    guid, title = value(item, "guid"), value(item, "title")
    categories = values(item, "category")
    description = paragraphs(one(item, "description"))
    country = next((country_code(found.removeprefix("country/")[:2]) for found in categories if found.startswith("country/")), "")
    country = country or country_named(title.partition(":")[0])
    dated = [found.removeprefix("deadline/") for found in categories if found.startswith("deadline/")]
    deadlines: tuple[Deadline, ...] = ()
    for written in dated:
        local = formatted(written, "%Y/%b/%d")
        if local is None:
            yield problem(page, source, "bad-date", f"The deadline {written[:40]!r} cannot be read: look at the lead.", guid)
        else:
            deadlines = (*deadlines, until(local, zone_of(country, source.timezone), quote=written))
    told = _after(description, "Proposal Deadline:")
    if told and not dated:
        deadlines = read_field_deadlines(told, source, lang="en")
        if not deadlines:
            yield problem(
                page, source, "unread-deadline", f"The deadline {told[:80]!r} is no date: read it and set it by hand.", guid
            )
    published = read_instant(_span(value(item, "pubDate"), item), source) if value(item, "pubDate") else None
    yield from lead(
        page,
        source,
        guid,
        title,
        url=absolute(value(item, "link"), page.url) or page.url,
        summary=short(description),
        text="\n".join(filter(None, (title, description))),
        published=published,
        deadlines=deadlines,
        organiser=description.removeprefix("Buyer:").strip() if description.startswith("Buyer:") else "",
        hard_ids=(f"{source.name.partition('_')[2]}:{guid.lower()}",) if "://" not in guid else (),
        codes=codes(
            *(("cpv", found.removeprefix("CPV/"), None) for found in categories if found.startswith("CPV/")),
            ("country", country, "buyer"),
            *(("type", found.removeprefix("type/"), None) for found in categories if found.startswith("type/")),
        ),
        raw=kept(deadline=dated or told, pubDate=_span(value(item, "pubDate"), item)),
    )


def _span(written: str, item: Element) -> str:
    """A publication date that a content system wrapped in an escaped ``<span content="…">``: its readable words."""
    return clean_line(words(one(item, "pubDate")) or written).removesuffix(" EDT").removesuffix(" EST")


def _after(text: str, label: str) -> str:
    for row in text.split("\n"):
        if row.startswith(label):
            return row.removeprefix(label).strip()
    return ""


def _node(node: Element, page: Page, source: Source) -> Iterator[Notice | Problem]:
    """A node of USTDA's export: it has no number and no address, so it cannot be told from another and is left out."""
    yield from lead(page, source, value(node, "Nid"), value(node, "Title"), url=page.url)
