"""One saved page through a source's parser, as JSON-ready mappings."""

from __future__ import annotations

import csv
import json
import logging
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from lxml import etree

from crawlers.errors import BodyTooLarge
from crawlers.formats import parser_of
from crawlers.formats.detail import ROLE
from crawlers.source import Source
from store.codec import to_json
from store.model import Follow, Notice, Page, Problem

logger = logging.getLogger(__name__)
# What a parser raises on input that nobody thought of.
PARSER_FAULTS = (
    ArithmeticError,
    AttributeError,
    BodyTooLarge,
    LookupError,
    MemoryError,
    RecursionError,
    TypeError,
    ValueError,
    csv.Error,
    etree.LxmlError,
)


def read_page(source: Source, page: Page) -> Iterator[Notice | Problem | Follow]:
    """What the source's parser makes of the page; a fault of the parser itself becomes a Problem and ends the page, never the run."""
    try:
        yield from parser_of(source)(page, source)
    except PARSER_FAULTS as error:
        logger.exception("the parser of %s failed on %s", source.name, page.url)
        cause = (
            "out-of-memory"
            if isinstance(error, MemoryError)
            else "too-large"
            if isinstance(error, BodyTooLarge)
            else "parser-failed"
        )
        yield Problem(source=source.name, url=page.url, cause=cause, detail=f"{type(error).__name__}: {error}"[:300])


def read_saved(source: Source, body: bytes, *, url: str, fetched_at: datetime, detail: bool = False) -> Iterator[dict[str, Any]]:
    """A mapping a notice, ``{"problem": ...}`` a problem, ``{"follow": ...}`` a further request that the page asks for.

    The page counts as a detail page when ``detail`` says so, or when its address begins with the source's ``page_prefix``.
    """
    detail = detail or bool(source.page_prefix and url.startswith(source.page_prefix) and url != source.url)
    headers = {ROLE: "detail"} if detail else {}
    page = Page(url=url or source.url, body=body, fetched_at=fetched_at, headers=headers)
    for thing in read_page(source, page):
        if isinstance(thing, Problem):
            yield {"problem": json.loads(to_json(thing))}
        elif isinstance(thing, Follow):
            yield {"follow": {"url": thing.url, "role": thing.role, "carry": dict(thing.carry)}}
        else:
            yield json.loads(to_json(thing))
