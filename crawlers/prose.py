"""Deadlines and amounts that a publisher tells in prose alone, read for calls and tenders whose fields name none. Pure.

An API that names no deadline is taken at its word: its silence is an answer, and prose beside it speaks of other days.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from crawlers.source import Source
from nlp.amounts import read_amounts
from nlp.deadlines import read_deadlines
from store.model import Follow, Notice, Problem

LONGEST = 60_000


def completed(found: Iterator[Notice | Problem | Follow], source: Source) -> Iterator[Notice | Problem | Follow]:
    """What a parser found, each notice completed from its own words."""
    for one in found:
        yield complete(one, source) if isinstance(one, Notice) else one


def complete(notice: Notice, source: Source) -> Notice:
    """``notice`` with deadlines and amounts from its title and texts where it has none, and may have some."""
    if source.trust == "api" or notice.kind not in ("call", "tender"):
        return notice
    text = "\n".join(dict.fromkeys(part for part in (notice.title, notice.summary, notice.text) if part))[:LONGEST]
    lang = notice.language or source.languages[0]
    deadlines, amounts = notice.deadlines, notice.amounts
    if not deadlines:
        published = notice.published.date() if notice.published else None
        deadlines = read_deadlines(text, lang=lang, zone=source.timezone, published=published, day_first=source.day_first)
    if not amounts:
        amounts = read_amounts(text, lang=lang)
    if deadlines == notice.deadlines and amounts == notice.amounts:
        return notice
    return replace(notice, deadlines=deadlines, amounts=amounts)
