"""One topic of the EU Funding & Tenders portal: ``…/opportunities/data/topicDetails/<identifier lower case>.json``.

Shape: ``{"TopicDetails": {identifier, title, callIdentifier, actions: [{status, plannedOpeningDate, deadlineDates}],
budgetOverviewJSONItem: {budgetTopicActionMap}, conditions, description, …}}``; a list of such objects is read too. A search answer leads
to the details of its topics.
"""

from __future__ import annotations

from collections.abc import Iterator

from crawlers.formats.paging import next_page
from crawlers.pages import _answer as answer
from crawlers.pages._budget import topic_amounts, topic_lines
from crawlers.pages._portal import TOPIC, call_deadlines, opening, programme_name
from crawlers.pages.sedia import PORTAL
from crawlers.source import Source
from crawlers.states import standing
from store.model import Code, Deadline, Document, Follow, Notice, Page, Problem

DATA = "https://ec.europa.eu/info/funding-tenders/opportunities/data/topicDetails/"


def parse(page: Page, source: Source) -> Iterator[Notice | Problem | Follow]:
    """One notice of kind call a topic; its ``source_id`` is the topic's identifier. Problems ``missing-rows``, ``missing-id``."""
    for found in answer.answers(page, source):
        if isinstance(found, Problem):
            yield found
            continue
        if isinstance(answer.obj(found).get("results"), list):
            yield from _topics_of(answer.obj(found), page, source)
            continue
        topics = answer.rows(answer.obj(found).get("TopicDetails"))
        if not topics:
            yield answer.problem(
                page, source, "missing-rows", "There is no 'TopicDetails': compare the answer with the last good one."
            )
        for topic in topics:
            yield from _topic(answer.obj(topic), page, source)


def _topics_of(found: answer.Object, page: Page, source: Source) -> Iterator[Follow]:
    """Of a search answer, the request for the details of each topic; upper case in the address is answered with 404."""
    hits = answer.rows(found.get("results"))
    for hit in hits:
        identifier = answer.text(answer.dig(hit, "metadata", "identifier"))
        if identifier and answer.text(answer.dig(hit, "metadata", "type")) == TOPIC:
            yield Follow(url=f"{DATA}{identifier.lower()}.json", role="detail")
    yield from next_page(found, len(hits), page, source)


def _topic(topic: answer.Object, page: Page, source: Source) -> Iterator[Notice | Problem]:
    identifier = answer.text(topic.get("identifier"))
    if not identifier:
        yield answer.problem(page, source, "missing-id", "A topic without 'identifier' was left out: look at its page.")
        return
    overview = topic.get("budgetOverviewJSONItem")
    lines = topic_lines(overview, identifier)
    action = answer.obj(answer.dig(topic, "actions"))
    actions = [answer.obj(entry) for entry in answer.rows(topic.get("actions"))] or [answer.obj(entry) for entry in lines]
    action = actions[0] if actions else answer.NOTHING
    description, conditions = answer.body(topic.get("description")), answer.body(topic.get("conditions"))
    yield Notice(
        source=source.name,
        source_id=identifier,
        kind="call",
        url=f"{PORTAL}topic-details/{identifier}",
        # Trimmed records leave the title out; the identifier is what the portal itself shows then.
        title=answer.line(topic.get("title")) or identifier,
        summary=answer.short(description),
        text="\n".join(filter(None, (description, answer.body(topic.get("callTitle"))))),
        language="en",
        opens=opening(answer.text(action.get("plannedOpeningDate")), TOPIC, source.timezone),
        deadlines=tuple(_deadlines(actions, source)),
        organiser=source.publisher,
        programme=programme_name(answer.line(answer.dig(topic, "frameworkProgramme", "description"))),
        eligibility=conditions,
        amounts=topic_amounts(overview, identifier),
        status_word=answer.line(answer.dig(action, "status", "description") or action.get("status")),
        **standing(answer.line(answer.dig(action, "status", "description") or action.get("status"))),
        hard_ids=(f"topic:{identifier.lower()}",),
        codes=tuple(_codes(topic)),
        documents=tuple(
            Document(url=answer.text(answer.obj(link).get("url")), title=answer.line(answer.obj(link).get("title")))
            for link in answer.rows(topic.get("links"))
            if answer.text(answer.obj(link).get("url")).startswith("https://")
        ),
        raw=answer.kept(
            callIdentifier=topic.get("callIdentifier"),
            ccm2Id=topic.get("ccm2Id"),
            deadlineDates=action.get("deadlineDates"),
            deadlineModel=action.get("deadlineModel") or (lines[0].get("deadlineModel") if lines else None),
            expectedGrants=lines[0].get("expectedGrants") if lines else None,
            sme=topic.get("sme"),
        ),
    )


def _deadlines(actions: list[answer.Object], source: Source) -> Iterator[Deadline]:
    seen = set()
    for action in actions:
        model = answer.text(answer.dig(action, "submissionProcedure", "abbreviation")) or answer.text(action.get("deadlineModel"))
        for deadline in call_deadlines(answer.texts(action.get("deadlineDates")), TOPIC, model, source.timezone):
            if deadline.local not in seen:
                seen.add(deadline.local)
                yield deadline


def _codes(topic: answer.Object) -> Iterator[Code]:
    programme = answer.obj(topic.get("frameworkProgramme"))
    if answer.text(programme.get("id")):
        yield Code(scheme="programme", value=answer.text(programme.get("id")), label=answer.line(programme.get("description")))
    for division in answer.rows(topic.get("programmeDivision")):
        yield Code(
            scheme="sector",
            value=answer.text(answer.obj(division).get("id")),
            label=answer.line(answer.obj(division).get("description")),
        )
    for scheme, key in (("keyword", "tags"), ("keyword", "keywords")):
        for word in answer.texts(topic.get(key)):
            yield Code(scheme=scheme, value=word)
