"""The Spanish public procurement platform's syndication: Atom with CODICE inside each entry.

The folder's number (``ContractFolderID``) names the procedure at its body; the entry's ``id`` is unique. States: PRE (prior notice),
PUB (open), EV (being evaluated), ADJ (awarded), RES (resolved), ANUL (annulled). ``EndDate`` and ``EndTime`` carry no zone: Madrid (the
Canaries' bodies use their own clock). ``rel="next"`` leads to older pages. A bot page is HTML with status 200.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from crawlers.links import absolute
from crawlers.pages._answer import kept, number, problem, short
from crawlers.pages._codes import country_code, zone_at
from crawlers.pages._times import instant_of, joined, until
from crawlers.pages._xml import Element, every, name, one, paragraphs, read_xml, value, values, words
from crawlers.source import Source
from crawlers.states import standing
from store.model import Amount, Code, Deadline, Document, Follow, Notice, Page, Problem

STATES = {"PRE": "planning", "PUB": "open", "EV": "evaluation", "ADJ": "awarded", "RES": "resolved", "ANUL": "annulled"}
FOLDER = "ContractFolderStatus"


def parse(page: Page, source: Source) -> Iterator[Notice | Problem | Follow]:
    """Notices of kind tender and a Follow to the next page; problems ``not-xml``, ``missing-rows``, ``no-contract``, ``missing-id``, ``missing-title``,
    ``bad-date``. Tombstones (``deleted-entry``) become cancelled notices no more than awards do: they only vanish from the list.
    """
    root, faults = read_xml(page, source)
    yield from faults
    if root is None:
        return
    if name(root) != "feed":
        yield problem(page, source, "missing-rows", f"A document <{name(root)}> is no Atom feed: the platform may show a bot page.")
        return
    for entry in every(root, "entry"):
        yield from _entry(entry, page, source)
    for link in every(root, "link"):
        if link.get("rel") == "next":
            following = absolute(link.get("href", ""), page.url)
            if following and following != page.url:
                yield Follow(url=following)


def _entry(entry: Element, page: Page, source: Source) -> Iterator[Notice | Problem]:
    source_id = value(entry, "id")
    if not source_id:
        yield problem(page, source, "missing-id", "An entry without 'id' was left out: compare the feed with the last good one.")
        return
    folder = one(entry, FOLDER)
    title = value(entry, "title") or (value(folder, "ProcurementProject/Name") if folder is not None else "")
    if not title:
        yield problem(page, source, "missing-title", "The entry has neither title nor contract name: look at its page.", source_id)
        return
    link = one(entry, "link")
    url = absolute(link.get("href", "") if link is not None else "", page.url) or page.url
    if folder is None:
        yield problem(
            page, source, "no-contract", "The entry holds no ContractFolderStatus: only title and link were read.", source_id
        )
        yield Notice(
            source=source.name,
            source_id=source_id,
            kind="tender",
            url=url,
            title=title,
            language="es",
            summary=short(value(entry, "summary")),
        )
        return
    state = value(folder, "ContractFolderStatusCode")
    nuts = values(folder, "//RealizedLocation/CountrySubentityCode")
    zone = zone_at(nuts[0] if nuts else "", "ES", source.timezone)
    deadlines, fault = _deadlines(folder, zone)
    if fault:
        yield problem(page, source, "bad-date", f"The end {fault[:60]!r} cannot be read: look at the notice.", source_id)
    number_ = value(folder, "ContractFolderID")
    lots = [paragraphs(node) for node in every(folder, "ProcurementProjectLot/ProcurementProject/Name")]
    yield Notice(
        source=source.name,
        source_id=source_id,
        kind="tender",
        url=url,
        title=title,
        summary=short(value(entry, "summary")),
        text="\n".join(dict.fromkeys(filter(None, (title, value(folder, "ProcurementProject/Name"), *lots)))),
        language="es",
        published=_published(folder, source),
        updated=instant_of(value(entry, "updated"), source.timezone),
        deadlines=deadlines if state in {"PUB", "EV", ""} else (),
        organiser=value(folder, "LocatedContractingParty/Party/PartyName/Name"),
        amounts=tuple(_amounts(folder)),
        status_word=STATES.get(state, state),
        **standing(STATES.get(state, "")),
        cancelled=state == "ANUL",
        hard_ids=(f"placsp:{source_id.rstrip('/').rpartition('/')[2].lower()}",),
        codes=tuple(_codes(folder, nuts)),
        documents=tuple(_documents(folder, url)),
        raw=kept(
            ContractFolderID=number_,
            state=state,
            EndDate=value(folder, "//TenderSubmissionDeadlinePeriod/EndDate"),
            EndTime=value(folder, "//TenderSubmissionDeadlinePeriod/EndTime"),
            note=value(folder, "//TenderSubmissionDeadlinePeriod/Description"),
            notice_types=list(values(folder, "//ValidNoticeInfo/NoticeTypeCode")),
        ),
    )


def _published(folder: Element, source: Source) -> datetime | None:
    dates = sorted(values(folder, "//AdditionalPublicationDocumentReference/IssueDate"))
    return instant_of(dates[0], source.timezone) if dates else None


def _deadlines(folder: Element, zone: str) -> tuple[tuple[Deadline, ...], str]:
    period = one(folder, "TenderingProcess/TenderSubmissionDeadlinePeriod")
    stage_of = "tender"
    if period is None:
        period, stage_of = one(folder, "TenderingProcess/ParticipationRequestReceptionPeriod"), "request"
    if period is None or not value(period, "EndDate"):
        return (), ""
    written = " ".join(filter(None, (value(period, "EndDate"), value(period, "EndTime"))))
    at = joined(value(period, "EndDate"), value(period, "EndTime"))
    if at is None:
        return (), written
    flags = ("extended",) if "amplia" in value(period, "Description").casefold() else ()
    quote = written if stage_of == "tender" else f"{written} ({stage_of})"
    return (until(at.local, zone, precision="minute" if at.has_time else "day", flags=flags, quote=quote),), ""


def _amounts(folder: Element) -> Iterator[Amount]:
    for label, path in (
        ("estimated", "EstimatedOverallContractAmount"),
        ("with tax", "TotalAmount"),
        ("without tax", "TaxExclusiveAmount"),
    ):
        node = one(folder, f"ProcurementProject/BudgetAmount/{path}")
        exact = number(words(node)) if node is not None else None
        if node is not None and exact:
            yield Amount(value=exact, currency=node.get("currencyID", "EUR"), quote=f"{label} {words(node)}")


def _codes(folder: Element, nuts: tuple[str, ...]) -> Iterator[Code]:
    for cpv in values(folder, "//RequiredCommodityClassification/ItemClassificationCode"):
        yield Code(scheme="cpv", value=cpv.partition("-")[0])
    for region in nuts:
        yield Code(scheme="nuts", value=region, role="venue")
    country = country_code(value(folder, "LocatedContractingParty/Party/PostalAddress/Country/IdentificationCode")) or "ES"
    yield Code(scheme="country", value=country, role="buyer")
    kind = value(folder, "ProcurementProject/TypeCode")
    if kind:
        yield Code(scheme="type", value=kind)


def _documents(folder: Element, url: str) -> Iterator[Document]:
    for kind in ("LegalDocumentReference", "TechnicalDocumentReference", "AdditionalDocumentReference"):
        for reference in every(folder, kind):
            link = absolute(value(reference, "Attachment/ExternalReference/URI"), url)
            if link:
                yield Document(url=link, title=value(reference, "ID"))
