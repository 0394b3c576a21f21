"""Sample sources that are web pages: lists with detail pages, JSON-LD events, and PDF market studies."""

from __future__ import annotations

import json
from datetime import datetime, time, timedelta
from html import escape
from zoneinfo import ZoneInfo

from crawlers.sample.content import Item, Shelf

PAGE_SIZE = 6


def _document(title: str, language: str, body: str, head: str = "") -> bytes:
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8"><title>{escape(title)}</title>{head}</head>'
        f"<body><header><nav><a href='/'>Start</a></nav></header><main>{body}</main><footer>© sample web</footer></body></html>"
    ).encode()


def html_list(shelf: Shelf, base: str, page: int) -> bytes:
    """Page ``page`` (from 1) of a list, six rows each, with a link to the next one."""
    first = (page - 1) * PAGE_SIZE
    rows = "".join(
        f'<li class="entry" data-id="{item.id}"><h3><a href="/{shelf.source}/{item.id}?utm_campaign=list">{escape(item.title)}</a></h3>'
        f'<p class="teaser">{escape(item.text)}</p></li>'
        for item in shelf.items[first : first + PAGE_SIZE]
    )
    more = (
        f'<a rel="next" class="next" href="/{shelf.source}?page={page + 1}">»</a>' if first + PAGE_SIZE < len(shelf.items) else ""
    )
    return _document(shelf.source, shelf.language, f'<ul class="entries">{rows}</ul>{more}')


def detail(shelf: Shelf, item: Item) -> bytes:
    """The page of one item: facts in a definition list, the deadline as the publisher words it."""
    facts = [
        ("deadline", item.deadline_phrase()),
        ("budget", f"{item.budget:,} EUR".replace(",", ".") if item.budget else ""),
        ("area", item.area),
        ("published", item.published.isoformat()),
    ]
    listed = "".join(f'<dt>{name}</dt><dd class="{name}">{escape(value)}</dd>' for name, value in facts if value)
    body = f'<article id="{item.id}"><h1>{escape(item.title)}</h1><div class="body"><p>{escape(item.text)}</p></div><dl>{listed}</dl></article>'
    return _document(item.title, shelf.language, body)


def jsonld(shelf: Shelf, base: str) -> bytes:
    """One page that carries all its events as schema.org Event in JSON-LD."""
    graph = [_event(item, shelf, base) for item in shelf.items]
    data = json.dumps({"@context": "https://schema.org", "@graph": graph}, ensure_ascii=False)
    names = "".join(f"<li>{escape(item.title)}</li>" for item in shelf.items)
    return _document(shelf.source, shelf.language, f"<ul>{names}</ul>", f'<script type="application/ld+json">{data}</script>')


def _event(item: Item, shelf: Shelf, base: str) -> dict[str, object]:
    assert item.start is not None
    if item.at:
        begin = datetime.combine(item.start, time.fromisoformat(item.at), ZoneInfo(item.zone))
        start, end = begin.isoformat(), (begin + timedelta(hours=6)).isoformat()
    else:
        start, end = item.start.isoformat(), (item.start + timedelta(days=item.days - 1)).isoformat()
    place: dict[str, object] = (
        {"@type": "VirtualLocation", "url": f"{base}/{shelf.source}/{item.id}"}
        if item.online
        else {
            "@type": "Place",
            "name": item.city,
            "address": {"@type": "PostalAddress", "addressLocality": item.city, "addressCountry": item.country},
        }
    )
    return {
        "@type": "ExhibitionEvent" if shelf.kind == "fair" else "BusinessEvent",
        "@id": f"{base}/{shelf.source}/{item.id}",
        "name": item.title,
        "description": item.text,
        "startDate": start,
        "endDate": end,
        "eventStatus": "https://schema.org/EventCancelled" if item.cancelled else "https://schema.org/EventScheduled",
        "location": place,
        "url": f"{base}/{shelf.source}/{item.id}",
        "inLanguage": item.language,
    }


def pdf_list(shelf: Shelf, base: str) -> bytes:
    """A page of links to PDF documents."""
    rows = "".join(
        f'<li><a class="document" href="/{shelf.source}/{item.id}.pdf">{escape(item.title)}</a></li>' for item in shelf.items
    )
    return _document(shelf.source, shelf.language, f"<ul>{rows}</ul>")


def pdf(item: Item) -> bytes:
    """A one-page PDF 1.4 with title, author and creation date in its information dictionary and Latin-1 text on the page."""
    words, lines, line = item.text.split(), [item.title, ""], ""
    for word in words:
        if len(line) + len(word) > 80:
            lines.append(line)
            line = ""
        line = f"{line} {word}".strip()
    shown = b" ".join(b"(" + _latin(text) + b") Tj T*" for text in [*lines, line])
    stream = b"BT /F1 11 Tf 14 TL 56 780 Td " + shown + b" ET"
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R /Lang (en) >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        b"<< /Title (%s) /Author (Sample market desk) /CreationDate (D:%s) >>"
        % (_latin(item.title), item.published.strftime("%Y%m%d100000Z").encode()),
    ]
    out, offsets = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    trailer = b"trailer\n<< /Size %d /Root 1 0 R /Info 6 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, len(out))
    return out + b"xref\n0 %d\n0000000000 65535 f \n%s%s" % (len(objects) + 1, table, trailer)


def _latin(text: str) -> bytes:
    return text.encode("cp1252", "replace").replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")
