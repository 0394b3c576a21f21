"""JSON answers: ``rows`` is a pointer to the list, ``fields`` are pointers seen from a row, paging is declared by its style."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from crawlers.decoding import json_of
from crawlers.errors import ParseError
from crawlers.fields import READERS, notice_from
from crawlers.formats.paging import next_page
from crawlers.formats.pointers import children, key_of, pointed, texts
from crawlers.source import Source
from store.model import Follow, Notice, Page, Problem

MOST_ROWS = 50_000


def parse(page: Page, source: Source) -> Iterator[Notice | Problem | Follow]:
    """Notices of one JSON answer, then the request for the next page, if the declared paging says that there is one."""
    try:
        document = json_of(page)
    except ParseError as error:
        yield Problem(source=source.name, url=page.url, cause=error.cause, detail=error.detail)
        return
    if (complaint := _complaint(document, source)) is not None:
        yield Problem(source=source.name, url=page.url, cause="error-answer", detail=complaint)
        return
    rows = _rows(document, source.rows)
    if rows is None:
        detail = f"no list at rows = '{source.rows}'; the answer has {_outline(document)}"
        yield Problem(source=source.name, url=page.url, cause="missing-rows", detail=detail)
        return
    if len(rows) > MOST_ROWS:
        detail = f"{len(rows)} rows in one answer; the first {MOST_ROWS} were read. Ask for smaller pages"
        yield Problem(source=source.name, url=page.url, cause="too-many-entries", detail=detail)
    for row in rows[:MOST_ROWS]:
        yield from _notice(row, page, source)
    yield from next_page(document, len(rows), page, source)


def _notice(row: Any, page: Page, source: Source) -> Iterator[Notice | Problem]:
    values = {name: texts(pointed(row, pointer)) for name, pointer in source.fields.items() if name in READERS}
    yield from notice_from(source, page, values, url="" if "url" in source.fields else page.url)


def _rows(document: Any, pointer: str) -> list[Any] | None:
    """The list at ``pointer``; an object there is its values' list; None when there is neither."""
    if "*" in pointer:
        return pointed(document, pointer)
    node = document
    for step in pointer.split("/")[1:]:
        below = children(node, key_of(step))
        if not below:
            return None
        node = below[0]
    if isinstance(node, list):
        return node
    return list(node.values()) if isinstance(node, dict) and pointer else None


def _complaint(document: Any, source: Source) -> str | None:
    """What an answer says when it is an error in spite of its status 200: the declared ``error`` pointer with a value but 0."""
    pointer = source.options.get("error")
    said = [value for value in pointed(document, pointer) if value not in (0, "0", None, "", False)] if pointer else []
    return f"the answer says {json.dumps(said[0])[:300]} at {pointer}" if said else None


def _outline(document: Any) -> str:
    if isinstance(document, dict):
        return "the keys " + ", ".join(list(map(str, document))[:12])
    return f"a {type(document).__name__}"
