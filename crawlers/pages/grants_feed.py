"""The daily collection of open and forthcoming EU calls, normalised from the Funding & Tenders portal's search interface.

Shape: ``{"generatedAt", "source": {"reportedTotalResults", "storedResults"}, "grants": [{id, identifier, title, …}]}``. The list is
known to be incomplete on some days (paging at its origin loses records), so a call that is missing says nothing about its state.
"""

from __future__ import annotations

from collections.abc import Iterator

from crawlers.links import absolute
from crawlers.pages import _answer as answer
from crawlers.pages._portal import CASCADE, EXTERNAL, call_deadline, hard_id, opening, programme_code, programme_name, title_of
from crawlers.source import Source
from crawlers.states import standing
from store.model import Amount, Code, Follow, Notice, Page, Problem

# A list much shorter than the portal's own count is a broken walk of its pages.
_FEWEST_CALLS_PER_REPORTED = 0.5


def parse(page: Page, source: Source) -> Iterator[Notice | Problem | Follow]:
    """Notices of kind call, one a grant; problems ``missing-rows``, ``missing-id``, ``missing-title``, ``bad-date``, ``incomplete``."""
    for found in answer.answers(page, source):
        if isinstance(found, Problem):
            yield found
            continue
        grants = answer.obj(found).get("grants")
        if not isinstance(grants, list):
            yield answer.problem(
                page, source, "missing-rows", "There is no list 'grants': compare the answer with the last good one."
            )
            continue
        reported = answer.number(answer.dig(found, "source", "reportedTotalResults")) or 0
        if len(grants) < reported * _FEWEST_CALLS_PER_REPORTED:
            yield answer.problem(
                page,
                source,
                "incomplete",
                f"{len(grants)} of {reported:.0f} reported calls are in the list: wait for the next day.",
            )
        for grant in grants:
            yield from _grant(answer.obj(grant), page, source)


def _grant(grant: answer.Object, page: Page, source: Source) -> Iterator[Notice | Problem]:
    source_id = answer.text(grant.get("id"))
    if not source_id:
        yield answer.problem(
            page, source, "missing-id", "A grant without 'id' was left out: compare the answer with the last good one."
        )
        return
    kind = answer.text(answer.dig(grant, "kind", "id"))
    title = title_of(kind, answer.line(grant.get("title")), answer.line(grant.get("callTitle")), answer.line(grant.get("summary")))
    if not title:
        yield answer.problem(page, source, "missing-title", "The grant has no title: look at its page.", source_id)
        return
    written = answer.text(grant.get("deadlineDate"))
    deadline = call_deadline(written, kind, source.timezone)
    if deadline is None and written:
        yield answer.problem(
            page, source, "bad-date", f"deadlineDate {written[:60]!r} is no ISO date: the call is kept without it.", source_id
        )
    text = answer.body(
        grant.get("summary"), grant.get("abstract"), grant.get("callTitle"), grant.get("destination"), grant.get("actionType")
    )
    programmes = answer.rows(grant.get("frameworkProgrammes"))
    identifier = answer.text(grant.get("identifier"))
    yield Notice(
        source=source.name,
        source_id=source_id,
        kind="call",
        url=absolute(answer.text(grant.get("url")), page.url) or page.url,
        title=title,
        summary=answer.short(answer.body(grant.get("abstract") or grant.get("summary"))),
        text=text,
        # The feed asks for English records; a call for external action keeps its delegation's language all the same.
        language="" if kind == EXTERNAL else "en",
        opens=opening(answer.text(grant.get("startDate")), kind, source.timezone),
        deadlines=() if deadline is None else (deadline,),
        organiser=source.publisher,
        programme=programme_name(answer.line(answer.obj(programmes[0]).get("label"))) if programmes else "",
        amounts=tuple(_amounts(answer.obj(grant.get("budget")))),
        status_word=answer.line(answer.dig(grant, "status", "label")),
        **standing(answer.line(answer.dig(grant, "status", "label"))),
        hard_ids=hard_id(kind, source_id, identifier),
        codes=tuple(_codes(grant)),
        raw=answer.kept(
            identifier=identifier,
            callIdentifier=grant.get("callIdentifier"),
            deadlineDate=written,
            startDate=grant.get("startDate"),
            deadlineModel=grant.get("deadlineModel"),
            status=answer.dig(grant, "status", "id"),
            kind=answer.dig(grant, "kind", "label"),
            actionType=grant.get("actionType"),
            topicTitle=grant.get("title") if kind == CASCADE else None,
        ),
    )


def _amounts(budget: answer.Object) -> Iterator[Amount]:
    total = answer.number(budget.get("totalBudgetEur"))
    if total:
        yield Amount(value=total, currency="EUR", quote=f"total budget {answer.text(budget.get('totalBudgetEur'))} EUR")
    least, most = answer.number(budget.get("minContributionEur")), answer.number(budget.get("maxContributionEur"))
    if least or most:
        yield Amount(minimum=least or None, maximum=most or None, currency="EUR", quote="contribution per project")


def _codes(grant: answer.Object) -> Iterator[Code]:
    for programme in answer.rows(grant.get("frameworkProgrammes")):
        yield programme_code("programme", answer.obj(programme))
    for division in answer.rows(grant.get("programmeDivisions")):
        yield programme_code("sector", answer.obj(division))
    action = answer.line(grant.get("actionType"))
    if action:
        yield Code(scheme="type", value=action)
