"""Releases in the Open Contracting Data Standard: the UK's Find a Tender service, and any publisher of release packages.

Shape: ``{"releases": [{ocid, id, date, tag[], buyer, parties[], tender{title, description, status, items[], value, tenderPeriod}}],
"links": {"next"}}`` (a package, a saved walk, or one record's release). Dates carry their offset. ``tender.status``: planning, planned,
active, cancelled, unsuccessful, complete, withdrawn (OCDS 1.1, code list tenderStatus).
"""

from __future__ import annotations

from collections.abc import Iterator

from crawlers.links import absolute
from crawlers.pages import _answer as answer
from crawlers.pages._codes import country_code, language_code
from crawlers.pages._times import instant_of, stamp, until_instant
from crawlers.source import Source
from store.model import Amount, Code, Deadline, Document, Follow, Notice, Page, Place, Problem

NOT_OPEN = frozenset({"complete", "unsuccessful", "withdrawn", "cancelled"})
# Release tags (OCDS 1.1, code list releaseTag) of what comes after the offers; a release may carry one of these beside "tender".
AFTERWARDS = frozenset(
    {"award", "awardUpdate", "contract", "contractUpdate", "contractAmendment", "contractTermination", "implementation"}
)
BEFOREHAND = frozenset({"planning", "planningUpdate"})


def parse(page: Page, source: Source) -> Iterator[Notice | Problem | Follow]:
    """Notices of kind tender and a Follow to the next package; problems ``missing-rows``, ``missing-id``, ``missing-title``, ``bad-date``."""
    for found in answer.answers(page, source):
        if isinstance(found, Problem):
            yield found
            continue
        releases = answer.obj(found).get("releases")
        if not isinstance(releases, list):
            yield answer.problem(
                page, source, "missing-rows", "There is no list 'releases': compare the answer with the last good one."
            )
            continue
        for release in releases:
            yield from _release(answer.obj(release), page, source)
        following = absolute(answer.text(answer.dig(found, "links", "next")), page.url)
        if following and releases:
            yield Follow(url=following)


def _release(release: answer.Object, page: Page, source: Source) -> Iterator[Notice | Problem]:
    source_id, ocid = answer.text(release.get("id")), answer.text(release.get("ocid"))
    tender = answer.obj(release.get("tender"))
    title = answer.line(tender.get("title")) or answer.line(release.get("title"))
    if not source_id and not ocid:
        yield answer.problem(page, source, "missing-id", "A release without 'id' and 'ocid' was left out.")
        return
    if not title:
        yield answer.problem(
            page, source, "missing-title", "The release has no tender title (awards alone have none).", source_id or ocid
        )
        return
    deadlines, fault = _deadlines(tender, source)
    if fault:
        yield answer.problem(page, source, "bad-date", f"tenderPeriod.endDate {fault[:40]!r} cannot be read.", source_id or ocid)
    status = answer.text(tender.get("status"))
    buyers = [
        answer.obj(party)
        for party in answer.rows(release.get("parties"))
        if "buyer" in answer.texts(answer.obj(party).get("roles"))
    ]
    description = answer.body(tender.get("description"))
    lots = [
        answer.body(answer.obj(lot).get("title"), answer.obj(lot).get("description")) for lot in answer.rows(tender.get("lots"))
    ]
    languages = answer.texts(answer.dig(tender, "submissionTerms", "languages"))
    tags = set(answer.texts(release.get("tag")))
    over = status in NOT_OPEN or (bool(tags) and tags <= AFTERWARDS)
    yield Notice(
        source=source.name,
        source_id=source_id or ocid,
        kind="tender",
        url=_url(source, source_id, page),
        title=title,
        summary=answer.short(description),
        text="\n".join(dict.fromkeys(filter(None, (title, description, *lots)))),
        language=language_code(answer.text(release.get("language"))) or (languages[0][:2] if languages else source.languages[0]),
        published=instant_of(answer.text(release.get("date")), source.timezone),
        deadlines=() if status in NOT_OPEN else deadlines,
        place=_place(buyers),
        organiser=answer.line(answer.dig(release, "buyer", "name"))
        or "; ".join(answer.line(buyer.get("name")) for buyer in buyers),
        amounts=tuple(_amounts(tender)),
        status_word=status,
        over=over,
        planned=not over and (status in {"planning", "planned"} or (bool(tags) and tags <= BEFOREHAND)),
        cancelled=status in {"cancelled", "withdrawn"},
        hard_ids=(f"ocds:{ocid.lower()}",) if ocid else (),
        codes=tuple(_codes(tender, buyers)),
        documents=tuple(
            Document(
                url=absolute(answer.text(answer.obj(document).get("url"))),
                title=answer.line(answer.obj(document).get("description")),
            )
            for document in answer.rows(tender.get("documents"))
            if absolute(answer.text(answer.obj(document).get("url")))
        ),
        raw=answer.kept(
            ocid=ocid,
            tag=release.get("tag"),
            endDate=answer.dig(tender, "tenderPeriod", "endDate"),
            status=status,
            method=tender.get("procurementMethodDetails"),
        ),
    )


def _url(source: Source, source_id: str, page: Page) -> str:
    prefix = source.options.get("url_prefix", "")
    return absolute(f"{prefix}{source_id}") if prefix and source_id else page.url


def _deadlines(tender: answer.Object, source: Source) -> tuple[tuple[Deadline, ...], str]:
    """The end of the time for tenders, else for expressions of interest; the end of enquiries is no deadline for offers."""
    for stage, key in (("tender", "tenderPeriod"), ("interest", "expressionOfInterestDeadline")):
        written = answer.text(answer.dig(tender, key, "endDate")) or (answer.text(tender.get(key)) if stage == "interest" else "")
        if written:
            at = stamp(written)
            return ((until_instant(at, source.timezone, quote=written),), "") if at else ((), written)
    return (), ""


def _place(buyers: list[answer.Object]) -> Place | None:
    for buyer in buyers:
        address = answer.obj(buyer.get("address"))
        if answer.line(address.get("locality")):
            return Place(city=answer.line(address.get("locality")), country=country_code(answer.text(address.get("country"))))
    return None


def _amounts(tender: answer.Object) -> Iterator[Amount]:
    value = answer.obj(tender.get("value"))
    exact, currency = answer.number(value.get("amount")), answer.text(value.get("currency"))
    if exact:
        yield Amount(value=exact, currency=currency, quote=f"{answer.text(value.get('amount'))} {currency}")
    least, most = answer.number(answer.dig(tender, "minValue", "amount")), answer.number(answer.dig(tender, "maxValue", "amount"))
    if least or most:
        yield Amount(
            minimum=least, maximum=most, currency=answer.text(answer.dig(tender, "maxValue", "currency")) or currency, quote="range"
        )


def _codes(tender: answer.Object, buyers: list[answer.Object]) -> Iterator[Code]:
    seen: set[Code] = set()
    found: list[Code] = []
    main = answer.rows(tender.get("classification"))
    items = [answer.obj(item) for item in answer.rows(tender.get("items"))]
    for item in items:
        main = (*main, *answer.rows(item.get("classification")), *answer.rows(item.get("additionalClassifications")))
    for entry in main:
        if answer.text(answer.obj(entry).get("scheme")).upper() == "CPV" and answer.text(answer.obj(entry).get("id")):
            found.append(
                Code(
                    scheme="cpv",
                    value=answer.text(answer.obj(entry).get("id")).partition("-")[0],
                    label=answer.line(answer.obj(entry).get("description")),
                )
            )
    for buyer in buyers:
        address = answer.obj(buyer.get("address"))
        found.append(Code(scheme="country", value=country_code(answer.text(address.get("country"))), role="buyer"))
        found.append(Code(scheme="nuts", value=answer.text(address.get("region")), role="buyer"))
    for item in items:
        for address_ in answer.rows(item.get("deliveryAddresses")) or answer.rows(item.get("deliveryAddress")):
            place = answer.obj(address_)
            found.append(Code(scheme="country", value=country_code(answer.text(place.get("country"))), role="venue"))
            found.append(Code(scheme="nuts", value=answer.text(place.get("region")), role="venue"))
    for category in (tender.get("mainProcurementCategory"), *answer.texts(tender.get("additionalProcurementCategories"))):
        found.append(Code(scheme="type", value=answer.text(category)))
    for code in found:
        # "UK" stands for the whole country in the region field: it is no region.
        if code.value and code not in seen and not (code.scheme == "nuts" and len(code.value) < 3):
            seen.add(code)
            yield code
