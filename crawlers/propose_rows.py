"""Selectors for what stands in the rows of a repeated block: title, address, a date, a summary."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

from lxml import etree
from parsel import Selector

from crawlers.blocks import Block
from crawlers.clean import text_of
from crawlers.dates import read_field
from crawlers.links import absolute
from crawlers.shapes import matched, selectors_within
from crawlers.source import Source

# Words in classes, labels or beside a date that say what it is.
CUES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "deadline": (
            "deadline", "due", "clos", "until", "expir", "frist", "einreich", "schluss", "limite", "clôture", "cloture", "cierre", "plazo",
            "scaden", "chiusura", "termin", "sluit", "eindda", "prazo", "encerr", "határid", "hatarid", "uzáv", "uzav", "λήξ", "valab",
            "data-fim", "sista ansök", "søknadsfrist", "end-date", "enddate",
        ),
        "starts": ("start", "begin", "from", "when", "debut", "début", "inicio", "início", "inizio", "beginn", "event-date", "fecha", "datum"),
        "published": ("publi", "posted", "created", "submitted", "meta", "veröff", "veroeff", "datum", "pubdate"),
    }
)  # fmt: skip
MOST_ROWS = 0.75  # of the rows must agree on a selector


def row_fields(block: Block, source: Source, date_field: str, base: str) -> Iterator[tuple[str, str]]:
    """Selectors for title, url, a date and a summary inside the block's rows."""
    links = [_title_link(row, base) for row in block.rows]
    present = [(row, link) for row, link in zip(block.rows, links, strict=True) if link is not None]
    if not present:
        return
    css = _shared([link for _, link in present], [row for row, _ in present])
    if not css:
        return
    heading = _shared_heading(block.rows)
    yield "title", heading or css
    yield "url", f"{css}::attr(href)"
    dates = [(row, node) for row in block.rows if (node := _dated(row, source, date_field)) is not None]
    if len(dates) >= 0.6 * len(block.rows):
        date_css = _shared([node for _, node in dates], [row for row, _ in dates])
        if date_css:
            yield date_field, f"{date_css}::attr(datetime)" if dates[0][1].get("datetime") else date_css
    paragraphs = [
        (row, node) for row in block.rows if (node := next((p for p in row.iter("p") if len(text_of(p)) > 40), None)) is not None
    ]
    if len(paragraphs) >= 0.6 * len(block.rows):
        summary = _shared([node for _, node in paragraphs], [row for row, _ in paragraphs])
        if summary:
            yield "summary", summary


def _title_link(row: etree._Element, base: str) -> etree._Element | None:
    """The link with the longest text in a row, or the row itself when it is one; None without any."""
    links = [a for a in row.iter("a") if absolute(a.get("href") or "", base) and len(text_of(a)) >= 4]
    return max(links, key=lambda a: len(text_of(a)[:150]), default=None)


def _shared_heading(rows: Sequence[etree._Element]) -> str:
    """The heading that most rows have once."""
    for tag in ("h2", "h3", "h4", "h5"):
        if sum(len(list(row.iter(tag))) == 1 for row in rows) >= MOST_ROWS * len(rows):
            return tag
    return ""


def _dated(row: etree._Element, source: Source, field: str) -> etree._Element | None:
    """The element of a row that says the date meant: by the words that name it, else the last day for a deadline and the first
    date shown for anything else; None when no element says a date and nothing else.
    """
    found = []
    for node in row.iter(etree.Element):
        text = node.get("datetime") or text_of(node)
        if (node.tag == "time" or not len(node)) and 6 <= len(text) <= 40 and any(char.isdigit() for char in text):
            reading = read_field(text, source)
            if reading is not None:
                found.append((node, reading.local))
    named = [(node, at) for node, at in found if any(word in _names(node) for word in CUES[field])]
    strange = [words for other, words in CUES.items() if other != field]
    others = [(node, at) for node, at in found if not any(word in _names(node) for words in strange for word in words)]
    choice = named or others or found
    if not choice:
        return None
    return max(choice, key=lambda pair: pair[1])[0] if field == "deadline" else choice[0][0]


def _names(node: etree._Element) -> str:
    """What an element is called: its own and its parent's classes and labels, and the words just before it."""
    parent = node.getparent()
    before = node.getprevious()
    words = [node.get(name) or "" for name in ("class", "itemprop", "aria-label", "title", "id")]
    if parent is not None:
        words += [parent.get("class") or "", (parent.text or "")[-40:] if before is None else ""]
    if before is not None:
        words += [text_of(before)[-40:] if len(text_of(before)) <= 40 else "", (before.tail or "")[-40:]]
    return " ".join(words).lower()


def _shared(nodes: Sequence[etree._Element], rows: Sequence[etree._Element]) -> str:
    """A selector whose first match is the right node in most rows; "" when there is none."""
    for sample in range(min(3, len(nodes))):  # the first row may be the odd one
        for css in selectors_within(nodes[sample], rows[sample]):
            if sum(_first(row, css) is node for row, node in zip(rows, nodes, strict=True)) >= MOST_ROWS * len(rows):
                return css
    return ""


def _first(row: etree._Element, css: str) -> etree._Element | None:
    found = matched(Selector(root=row), css)
    return found[0] if found else None
