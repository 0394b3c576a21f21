"""Selectors for what stands in the rows of a repeated block: title, address, a date, a summary."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lxml import etree
from parsel import Selector

from crawlers.blocks import Block
from crawlers.clean import text_of
from crawlers.dates import read_field
from crawlers.links import absolute
from crawlers.shapes import matched, selectors_within
from crawlers.source import Source

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
    dates = [(row, node) for row in block.rows if (node := _dated(row, source)) is not None]
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


def _dated(row: etree._Element, source: Source) -> etree._Element | None:
    """The first element of a row that says a date and nothing else; a time element before all."""
    stamp = next(row.iter("time"), None)
    if stamp is not None:
        return stamp
    for node in row.iter():
        if isinstance(node.tag, str) and not len(node):
            text = text_of(node)
            if 6 <= len(text) <= 40 and any(char.isdigit() for char in text) and read_field(text, source) is not None:
                return node
    return None


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
