"""Budgets of EU topics, which the portal tells as a map of a call's actions: one key lists sibling topics, so lines are matched."""

from __future__ import annotations

from crawlers.pages import _answer as answer
from store.model import Amount


def topic_lines(overview: object, identifier: str) -> tuple[answer.Object, ...]:
    """The lines of a ``budgetTopicActionMap`` whose ``action`` begins with the topic's identifier (then a blank or the end)."""
    found = []
    for lines in answer.obj(answer.obj(overview).get("budgetTopicActionMap")).values():
        for entry in answer.rows(lines):
            action = answer.text(answer.obj(entry).get("action"))
            if identifier and (action == identifier or action.casefold().startswith(identifier.casefold() + " ")):
                found.append(answer.obj(entry))
    return tuple(found)


def topic_amounts(overview: object, identifier: str) -> tuple[Amount, ...]:
    """The topic's budget (its years added up) and the contribution a project; a figure of 0 means that none is stated."""
    amounts: list[Amount] = []
    for entry in topic_lines(overview, identifier):
        years = answer.obj(entry.get("budgetYearMap"))
        total = sum(answer.number(year) or 0.0 for year in years.values())
        if total:
            amounts.append(Amount(value=total, currency="EUR", quote=f"budget {', '.join(sorted(years))}: {total:.0f} EUR"))
        least, most = answer.number(entry.get("minContribution")), answer.number(entry.get("maxContribution"))
        if least or most:
            amounts.append(Amount(minimum=least or None, maximum=most or None, currency="EUR", quote="contribution per project"))
    return tuple(dict.fromkeys(amounts))
