"""One TED notice as XML (``https://ted.europa.eu/en/notice/<number>/xml``), in eForms or in the older schema R2.0.9."""

from __future__ import annotations

from collections.abc import Iterator

from crawlers.pages import _ted_eforms, _ted_legacy, ted_search
from crawlers.pages._answer import problem
from crawlers.pages._xml import name, read_xml
from crawlers.source import Source
from store.model import Follow, Notice, Page, Problem


def parse(page: Page, source: Source) -> Iterator[Notice | Problem | Follow]:
    """One notice of kind tender a document. A search answer (JSON) leads to the XML of each notice that it lists."""
    if page.body.lstrip()[:1] == b"{":
        yield from ted_search.follow(page, source)
        return
    root, faults = read_xml(page, source)
    yield from faults
    if root is None or faults:
        return  # half a notice has lost its deadlines: nothing is better than that
    if name(root) == "TED_EXPORT":
        yield from _ted_legacy.read(root, page, source)
    elif name(root).endswith("Notice"):
        yield from _ted_eforms.read(root, page, source)
    else:
        yield problem(page, source, "missing-rows", f"A document <{name(root)}> is no TED notice: look at the address.")
