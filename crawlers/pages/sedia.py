"""The search interface of the EU Funding & Tenders portal (SEDIA).

Shape: ``{"totalResults", "pageNumber", "pageSize", "results": [{"reference", "url", "summary", "metadata": {field: [strings]}}]}``.
Every metadata value is a list of strings; lists may be empty. Traps seen in recorded answers: mirror records (``DATASOURCE``
SEDIA_PRD_CENTRICITY) keep saying "open" years after their deadline; ``budgetOverview`` is JSON inside a string whose lines belong to
sibling topics; the same figure may be the pot of a whole call.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from crawlers.formats.paging import next_page
from crawlers.links import absolute
from crawlers.pages import _answer as answer
from crawlers.pages._budget import topic_amounts
from crawlers.pages._portal import CASCADE, STATUS, call_deadlines, hard_id, opening, programme_name, title_of
from crawlers.pages._times import instant_of
from crawlers.source import Source
from crawlers.states import standing
from store.model import Amount, Code, Follow, Notice, Page, Problem

PORTAL = "https://ec.europa.eu/info/funding-tenders/opportunities/portal/screen/opportunities/"
CLOSED = "31094503"
KNOWN_KINDS = {"0": "Tender", "1": "Grant", "2": "Calls for proposals", "8": "Cascade funding calls"}
DROPPED = frozenset({"SEDIA_FAQ", "SEDIA_PERSON", "SEDIA_NEWS"})
MIRROR = "SEDIA_PRD_CENTRICITY"


def parse(page: Page, source: Source) -> Iterator[Notice | Problem | Follow]:
    """Notices of kind call (tender for type 0); problems ``stale-mirror``, ``not-a-call``, ``missing-id``, ``missing-title``,
    ``bad-date``, ``bad-budget``, ``missing-rows``.
    """
    for found in answer.answers(page, source):
        if isinstance(found, Problem):
            yield found
            continue
        hits = answer.obj(found).get("results")
        if "metadata" in answer.obj(found):
            hits = [found]
        if not isinstance(hits, list):
            yield answer.problem(
                page, source, "missing-rows", "There is no list 'results': compare the answer with the last good one."
            )
            continue
        for hit in hits:
            yield from _hit(answer.obj(hit), page, source)
        yield from next_page(found, len(hits), page, source)


def _hit(hit: answer.Object, page: Page, source: Source) -> Iterator[Notice | Problem]:
    meta = answer.obj(hit.get("metadata"))
    source_id = answer.text(hit.get("reference")) or answer.text(meta.get("REFERENCE"))
    if not source_id:
        yield answer.problem(
            page, source, "missing-id", "A record without 'reference' was left out: compare the answer with the last good one."
        )
        return
    origin = answer.text(meta.get("DATASOURCE")) or answer.text(meta.get("datasource"))
    kind = answer.text(meta.get("type"))
    if origin in DROPPED or kind not in KNOWN_KINDS:
        yield answer.problem(
            page, source, "not-a-call", f"A record of {origin or 'no origin'} and type {kind or '-'} was left out.", source_id
        )
        return
    if origin == MIRROR:
        detail = "A mirror's record was left out: its state and dates are not kept up. The portal's own record of the call counts."
        yield answer.problem(page, source, "stale-mirror", detail, source_id)
        return
    title = title_of(kind, answer.line(meta.get("title")), answer.line(meta.get("callTitle")), answer.line(hit.get("summary")))
    if not title:
        yield answer.problem(page, source, "missing-title", "The record has no title: look at its page.", source_id)
        return
    written = answer.texts(meta.get("deadlineDate"))
    deadlines = call_deadlines(written, kind, _model(meta), source.timezone)
    if len(deadlines) < len(written):
        yield answer.problem(
            page, source, "bad-date", f"deadlineDate {'; '.join(written)[:80]!r} holds no ISO date: look at the page.", source_id
        )
    identifier = answer.text(meta.get("identifier"))
    amounts, fault = _amounts(meta, identifier)
    if fault:
        yield answer.problem(page, source, "bad-budget", fault, source_id)
    status = answer.text(meta.get("status"))
    text = answer.body(
        hit.get("summary"), meta.get("descriptionByte"), meta.get("description"), meta.get("callTitle"), meta.get("destination")
    )
    programmes = answer.texts(meta.get("frameworkProgramme"))
    yield Notice(
        source=source.name,
        source_id=source_id,
        kind="tender" if kind == "0" else "call",
        url=_url(hit, meta, kind, identifier, page),
        title=title,
        summary=answer.short(answer.body(meta.get("descriptionByte"), meta.get("description")) or answer.line(hit.get("summary"))),
        text="\n".join(filter(None, (text, ", ".join(answer.texts(meta.get("keywords")))))),
        language=answer.text(meta.get("language")) or answer.text(hit.get("language")) or "en",
        published=instant_of(answer.text(meta.get("es_SortDate")), source.timezone) if kind == "0" else None,
        opens=opening(answer.text(meta.get("startDate")), kind, source.timezone),
        deadlines=deadlines,
        organiser=answer.line(meta.get("caName")) or source.publisher,
        programme=programme_name(PROGRAMMES.get(programmes[0], "")) if programmes else "",
        amounts=amounts,
        status_word=STATUS.get(status, status),
        **standing(STATUS.get(status, status)),
        hard_ids=hard_id(kind, source_id, identifier),
        codes=tuple(_codes(meta, programmes)),
        raw=answer.kept(
            identifier=identifier,
            callIdentifier=meta.get("callIdentifier"),
            callccm2Id=meta.get("callccm2Id"),
            deadlineDate=meta.get("deadlineDate"),
            deadlineModel=meta.get("deadlineModel"),
            startDate=meta.get("startDate"),
            status=status,
            projectAcronym=meta.get("projectAcronym"),
            topicTitle=meta.get("title") if kind == CASCADE else None,
        ),
    )


def _model(meta: answer.Object) -> str:
    model = answer.text(meta.get("deadlineModel"))
    two_stage = "31094505" in answer.texts(meta.get("submissionProcedure")) or answer.text(meta.get("identifier")).lower().endswith(
        "two-stage"
    )
    return model or ("two-stage" if two_stage else "")


def _url(hit: answer.Object, meta: answer.Object, kind: str, identifier: str, page: Page) -> str:
    """The page a person can open: a topic's data address is brought to its screen."""
    given = absolute(answer.text(hit.get("url")) or answer.text(meta.get("url")), page.url)
    if kind == "1" and identifier and (not given or given.endswith(".json")):
        return absolute(f"{PORTAL}topic-details/{identifier}")
    return given or page.url


def _amounts(meta: answer.Object, identifier: str) -> tuple[tuple[Amount, ...], str]:
    overview = answer.text(meta.get("budgetOverview"))
    if overview:
        try:
            return topic_amounts(json.loads(overview), identifier), ""
        except ValueError:
            return (), "budgetOverview is no JSON: the call is kept without its budget."
    pot = answer.number(meta.get("budget"))
    return ((Amount(value=pot, currency="EUR", quote=f"budget {answer.text(meta.get('budget'))}"),) if pot else ()), ""


def _codes(meta: answer.Object, programmes: tuple[str, ...]) -> Iterator[Code]:
    for programme in programmes:
        yield Code(scheme="programme", value=programme, label=PROGRAMMES.get(programme, ""))
    for division in answer.texts(meta.get("programmeDivision")):
        yield Code(scheme="sector", value=division)
    for action in answer.texts(meta.get("typesOfAction")):
        yield Code(scheme="type", value=" ".join(action.split()))
    for word in answer.texts(meta.get("keywords")):
        yield Code(scheme="keyword", value=word)
    for cpv in answer.texts(meta.get("cpvCode")):
        yield Code(scheme="cpv", value=cpv.partition("-")[0])


# The portal's own numbers of its programmes, as its facet answer labels them.
PROGRAMMES = {
    "43108390": "Horizon Europe (HORIZON)",
    "43152860": "Digital Europe Programme (DIGITAL)",
    "44181033": "European Defence Fund (EDF)",
    "43252405": "Programme for the Environment and Climate Action (LIFE)",
    "43252476": "Single Market Programme (SMP)",
    "43251567": "Connecting Europe Facility (CEF)",
    "43251814": "Creative Europe Programme (CREA)",
    "43353764": "Erasmus+ (ERASMUS+)",
    "43251589": "Citizens, Equality, Rights and Values Programme (CERV)",
    "43298916": "Euratom Research and Training Programme (EURATOM)",
    "43252449": "Research Fund for Coal & Steel (RFCS)",
    "43254019": "European Social Fund Plus (ESF+)",
    "44416173": "Interregional Innovation Investments Instrument (I3)",
    "43089234": "Innovation Fund (INNOVFUND)",
    "43332642": "EU4Health Programme (EU4H)",
    "43298664": "Promotion of Agricultural Products (AGRIP)",
    "44773066": "Just Transition Mechanism (JTM)",
    "43637601": "Pilot Projects & Preparation Actions (PPPA)",
    "45876777": "Neighbourhood, Development and International Cooperation Instrument (NDICI)",
    "111111": "EU External Action - Prospect (RELEX-PROSPECT)",
    "31045243": "Horizon 2020 Framework Programme (H2020)",
    "31059643": "Competitiveness of Enterprises and SMEs (COSME)",
    "43251842": "Union Anti-fraud Programme (EUAF)",
    "43252368": "Internal Security Fund (ISF)",
    "43252386": "Justice Programme (JUST)",
    "43252433": "Programme for the Protection of the Euro against Counterfeiting (PERICLES IV)",
    "43252517": "Social Prerogative and Specific Competencies Lines (SOCPL)",
    "43253967": "Renewable Energy Financing Mechanism (RENEWFM)",
    "43254037": "European Solidarity Corps (ESC)",
    "43298203": "Union Civil Protection Mechanism (UCPM)",
    "43392145": "European Maritime, Fisheries and Aquaculture Fund (EMFAF)",
    "43697167": "European Parliament (EP)",
    "45532249": "EU Bodies and Agencies (EUBA)",
}
