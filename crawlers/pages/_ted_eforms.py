"""TED notices in eForms (UBL 2.3, since October 2023). Business terms in comments are those of the eForms regulation's annex.

Names, telephones and electronic addresses of contact persons are not read: only organisations' names, towns and countries.
"""

from __future__ import annotations

from collections.abc import Iterator

from crawlers.links import absolute
from crawlers.pages._answer import kept, number, problem, short
from crawlers.pages._codes import country_code, language_code, zone_at
from crawlers.pages._ted import COMPETITIONS, address, buyer_deadline, distinct, form_of, number_of
from crawlers.pages._times import joined
from crawlers.pages._xml import Element, every, name, one, paragraphs, value, values, words
from crawlers.source import Source
from crawlers.states import standing
from store.model import Amount, Code, Deadline, Document, Notice, Page, Problem, Role

ROOTS = frozenset({"ContractNotice", "PriorInformationNotice", "ContractAwardNotice"})
# BT-131, BT-1311, BT-630: what ends, and in which stage of a procedure.
PERIODS = (
    ("ParticipationRequestReceptionPeriod", 1),
    ("InterestExpressionReceptionPeriod", 1),
    ("TenderSubmissionDeadlinePeriod", 2),
)


def read(root: Element, page: Page, source: Source) -> Iterator[Notice | Problem]:
    """The notice of one eForms document; problems ``not-a-tender``, ``missing-id``, ``missing-title``, ``bad-date``."""
    kind = value(root, "NoticeTypeCode")
    number_ = number_of(value(root, "//Publication/NoticePublicationID")) or number_of(page.url)
    uuid = value(root, "ID")
    source_id = number_ or uuid
    if name(root) not in ROOTS:
        yield problem(
            page,
            source,
            "not-a-tender",
            f"A {name(root)} ({kind or 'no type'}) registers a company and asks for nothing.",
            source_id,
        )
        return
    if not source_id:
        yield problem(page, source, "missing-id", "The notice has neither a publication number nor a notice id: look at its page.")
        return
    language = value(root, "NoticeLanguageCode")
    project = one(root, "ProcurementProject")
    title = _told(project, "Name", language) or next(
        filter(None, (_told(lot, "ProcurementProject/Name", language) for lot in _lots(root))), ""
    )
    if not title:
        yield problem(
            page, source, "missing-title", "Neither the procedure nor a lot has a name: the notice is not valid.", source_id
        )
        return
    buyers = _buyers(root)
    nuts = tuple(dict.fromkeys(found for buyer in buyers for found in values(buyer, "//PostalAddress/CountrySubentityCode")))
    countries = tuple(
        dict.fromkeys(filter(None, (country_code(value(buyer, "//PostalAddress/Country/IdentificationCode")) for buyer in buyers)))
    )
    zone = zone_at(nuts[0] if nuts else "", countries[0] if countries else "", source.timezone)
    deadlines, faults = _deadlines(root, zone)
    for fault in faults:
        yield problem(page, source, "bad-date", f"A deadline {fault[:60]!r} cannot be read: look at the notice.", source_id)
    description = _told(project, "Description", language)
    if project is None or not description:
        description = next(filter(None, (_told(lot, "ProcurementProject/Description", language) for lot in _lots(root))), "")
    lots = "\n".join(
        dict.fromkeys(
            found
            for lot in _lots(root)
            for found in (_told(lot, "ProcurementProject/Name", language), _told(lot, "ProcurementProject/Description", language))
            if found and found not in {title, description}
        )
    )
    published = joined(value(root, "//Publication/PublicationDate") or value(root, "IssueDate"), "")
    issued = joined(value(root, "IssueDate"), value(root, "IssueTime"))
    procedure = value(root, "ContractFolderID").lower()
    yield Notice(
        source=source.name,
        source_id=source_id,
        kind="tender",
        url=address(number_) if number_ else page.url,
        title=title,
        summary=short(description),
        text="\n".join(filter(None, (title, description, lots))),
        language=language_code(language),
        published=(issued.instant if issued else None) or (published.instant if published else None),
        deadlines=deadlines if kind in COMPETITIONS or kind.startswith("pin-rtl") else (),
        organiser="; ".join(dict.fromkeys(filter(None, (_told(buyer, "//PartyName/Name", language) for buyer in buyers)))),
        eligibility="",
        amounts=tuple(_amounts(root)),
        status_word=form_of(kind) or kind,
        **standing(form_of(kind)),
        cancelled=value(root, "//Changes//ReasonCode") == "cancel",
        hard_ids=tuple(filter(None, (number_ and f"ted:{number_}", procedure and f"procedure:{procedure}"))),
        codes=tuple(_codes(root, countries, nuts)),
        documents=tuple(_documents(root)),
        raw=kept(
            notice_id=uuid,
            notice_type=kind,
            subtype=value(root, "//NoticeSubType/SubTypeCode"),
            version=value(root, "VersionID"),
            issued=" ".join(filter(None, (value(root, "IssueDate"), value(root, "IssueTime")))),
            changes=value(root, "//Changes/ChangedNoticeIdentifier"),
            nature=value(root, "ProcurementProject/ProcurementTypeCode"),
            procedure=value(root, "TenderingProcess/ProcedureCode"),
        ),
    )


def _lots(root: Element) -> list[Element]:
    return every(root, "ProcurementProjectLot")


def _told(element: Element | None, path: str, language: str) -> str:
    """The text at ``path`` in the notice's language; a notice in several languages repeats its elements with ``languageID``."""
    found = every(element, path) if element is not None else []
    for node in found:
        if node.get("languageID") in {language, None} and words(node):
            return words(node) if path.endswith("Name") else paragraphs(node)
    return next((words(node) for node in found if words(node)), "")


def _buyers(root: Element) -> list[Element]:
    """The companies behind the buyers' organisation numbers (``ORG-0001``)."""
    wanted = {found for party in every(root, "ContractingParty/Party") for found in values(party, "PartyIdentification/ID")}
    companies = every(root, "//Organizations/Organization/Company")
    return [company for company in companies if wanted & set(values(company, "PartyIdentification/ID"))]


def _deadlines(root: Element, zone: str) -> tuple[tuple[Deadline, ...], list[str]]:
    found: list[Deadline] = []
    faults: list[str] = []
    both = all(
        every(root, f"//{period}/EndDate") for period in ("ParticipationRequestReceptionPeriod", "TenderSubmissionDeadlinePeriod")
    )
    for lot in [*_lots(root), root]:
        for period, stage in PERIODS:
            for node in every(lot, f"//{period}") if lot is not root else every(root, f"TenderingProcess/{period}"):
                written = " ".join(filter(None, (value(node, "EndDate"), value(node, "EndTime"))))
                if not written:
                    continue
                at = joined(value(node, "EndDate"), value(node, "EndTime"))
                if at is None:
                    faults.append(written)
                else:
                    found.append(buyer_deadline(at, zone, quote=written, stage=stage if both else 1))
    return distinct(found), faults


def _amounts(root: Element) -> Iterator[Amount]:
    """BT-27 (estimated value) of the procedure, else of each lot; BT-161 (value of the result)."""
    estimated = every(root, "ProcurementProject/RequestedTenderTotal/EstimatedOverallContractAmount")
    if not estimated:
        estimated = every(root, "ProcurementProjectLot/ProcurementProject/RequestedTenderTotal/EstimatedOverallContractAmount")
    for label, nodes in (("estimated value", estimated), ("value of the result", every(root, "//NoticeResult/TotalAmount"))):
        for node in nodes:
            exact = number(words(node))
            if exact:
                yield Amount(value=exact, currency=node.get("currencyID", ""), quote=f"{label} {words(node)}")


def _codes(root: Element, countries: tuple[str, ...], nuts: tuple[str, ...]) -> Iterator[Code]:
    cpv = [
        words(node)
        for path in (
            "//MainCommodityClassification/ItemClassificationCode",
            "//AdditionalCommodityClassification/ItemClassificationCode",
        )
        for node in every(root, path)
        if node.get("listName", "cpv") == "cpv"
    ]
    for code in dict.fromkeys(filter(None, cpv)):
        yield Code(scheme="cpv", value=code.partition("-")[0])
    for region in nuts:
        yield Code(scheme="nuts", value=region, role="buyer")
    for country in countries:
        yield Code(scheme="country", value=country, role="buyer")
    # BT-5071 and BT-5141: where the contract is carried out.
    venue: Role = "venue"
    for region in values(root, "//RealizedLocation/Address/CountrySubentityCode"):
        yield Code(scheme="nuts", value=region, role=venue)
    places = (country_code(found) for found in values(root, "//RealizedLocation/Address/Country/IdentificationCode"))
    for country in dict.fromkeys(filter(None, places)):
        yield Code(scheme="country", value=country, role=venue)
    nature = value(root, "ProcurementProject/ProcurementTypeCode")
    if nature:
        yield Code(scheme="type", value=nature)


def _documents(root: Element) -> Iterator[Document]:
    seen = set()
    for path, title in (
        ("//CallForTendersDocumentReference/Attachment/ExternalReference/URI", "Procurement documents"),
        ("//TenderRecipientParty/EndpointID", "Submission"),
    ):
        for found in values(root, path):
            url = absolute(found)
            if url and url not in seen:
                seen.add(url)
                yield Document(url=url, title=title)
