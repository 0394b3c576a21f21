"""PDF documents, above all market studies: title, publisher, date, language and text.

With ``rows`` the source's own address is a web page that lists documents: each row's ``fields.url`` is asked for and read.
"""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

from pypdf import PdfReader
from pypdf.errors import PyPdfError

from crawlers.clean import LONGEST_TEXT, clean_line, plain
from crawlers.decoding import looks_like_html, unzipped
from crawlers.errors import ParseError
from crawlers.fields import notice_from
from crawlers.formats import html_list
from crawlers.formats.detail import carried, is_detail
from crawlers.source import Source
from store.model import Follow, Notice, Page, Problem

MOST_PAGES = 80
DULL_TITLES = ("microsoft word", "untitled", "powerpoint", "layout 1", "print")
UNREADABLE = (
    PyPdfError,
    ValueError,
    KeyError,
    TypeError,
    IndexError,
    AttributeError,
    OverflowError,
    RecursionError,
    NotImplementedError,
)


def parse(page: Page, source: Source) -> Iterator[Notice | Problem | Follow]:
    """One notice a document; its address is its identity. A Problem ``not-a-pdf`` for anything else, ``no-text`` for a scan.

    A list page (``rows`` is declared and the page was not asked for as a row's own) gives the requests for its documents.
    """
    if source.rows and not is_detail(page):
        yield from html_list.parse(page, replace(source, detail=source.detail or {"url": ""}))
        return
    values: dict[str, list[str]] = carried(page)
    try:
        title, author, when, language, text = _read(page)
    except ParseError as error:
        yield Problem(source=source.name, url=page.url, cause=error.cause, detail=error.detail)
        return
    if not text:
        detail = "the document holds no text (a scan); it is kept by its title alone"
        yield Problem(source=source.name, url=page.url, cause="no-text", detail=detail)
    values.setdefault("url", [page.url])
    if not any(values.get("title", ())):
        values["title"] = [title]
    if not any(values.get("published", ())):
        values["published"] = [when]
    values["organiser"] = [author or source.publisher]
    values["language"] = [language]
    values["text"] = [text]
    yield from notice_from(source, page, values, url=page.url)


def _read(page: Page) -> tuple[str, str, str, str, str]:
    """(title, author, date, language, text), each "" when the document does not say."""
    body = unzipped(page.body)
    if looks_like_html(body):
        raise ParseError("not-a-pdf", "a web page came where a PDF was expected; open the address and see what it says")
    if b"%PDF-" not in body[:1024]:
        raise ParseError("not-a-pdf", "the body does not begin as a PDF does")
    logging.getLogger("pypdf").setLevel(logging.ERROR)
    try:
        reader = PdfReader(io.BytesIO(body), strict=False)
        if reader.is_encrypted and not reader.decrypt(""):
            raise ParseError("encrypted-pdf", "the document is locked with a password")
        info = reader.metadata
        pieces: list[str] = []
        length = 0
        for leaf in reader.pages[:MOST_PAGES]:
            pieces.append(leaf.extract_text())
            length += len(pieces[-1])
            if length > LONGEST_TEXT:
                break
        language = str(reader.root_object.get("/Lang") or "")
        author = clean_line(str(info.author or ""), 200) if info else ""
        title = clean_line(str(info.title or "")) if info else ""
        when = (info.creation_date if info else None) or (info.modification_date if info else None)
    except UNREADABLE as error:
        raise ParseError("bad-pdf", f"the PDF cannot be read: {clean_line(str(error), 200)}") from error
    text = plain("\n".join(pieces).replace("<", "‹"))
    if not title or title.lower().startswith(DULL_TITLES):
        title = next((line for line in text.split("\n") if len(line) > 8), "")[:200]
    return title, author, _iso(when), language, text


def _iso(when: datetime | None) -> str:
    if when is None:
        return ""
    return (when if when.tzinfo else when.replace(tzinfo=UTC)).isoformat()
