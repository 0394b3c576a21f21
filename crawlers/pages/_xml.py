"""XML answers of public bodies: strict where they are well-formed, patient where they are not, never with entities."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from crawlers.clean import clean_line, plain
from crawlers.decoding import unzipped
from crawlers.errors import ParseError
from crawlers.pages._answer import problem
from crawlers.source import Source
from crawlers.xml_mending import mended
from store.model import Page, Problem

Element = etree._Element


def read_xml(page: Page, source: Source) -> tuple[Element | None, tuple[Problem, ...]]:
    """The root element of a page and what was wrong with it. What ``xml_mending`` repairs and blanks before the declaration are
    mended in silence (the text is whole); a body with entity declarations or that is no XML gives None; one that breaks off gives
    what came before the break, and a Problem.
    """
    try:
        body = unzipped(page.body).lstrip(b"\xef\xbb\xbf \t\r\n")
    except ParseError as error:
        return None, (problem(page, source, error.cause, error.detail),)
    if b"<!ENTITY" in body:
        return None, (
            problem(
                page, source, "xml-entities", "The document declares entities, which are never expanded: look at what changed."
            ),
        )
    root = _strict(body)
    if root is None:
        root = _strict(mended(body))
    if root is not None:
        return root, ()
    if not body.startswith(b"<") or b"<html" in body[:500].lower():
        return None, (
            problem(page, source, "not-xml", "Expected an XML document and got something else: open the address and compare."),
        )
    try:
        root = etree.fromstring(mended(body), _parser(recover=True))
    except etree.XMLSyntaxError:
        root = None
    detail = "The document is not well-formed; what stands before the break was read. Ask for it again, then tell the publisher."
    return root, (problem(page, source, "broken-xml", detail),)


def _parser(*, recover: bool = False) -> etree.XMLParser:
    return etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
        recover=recover,
    )


def _strict(body: bytes) -> Element | None:
    try:
        return etree.fromstring(body, _parser())
    except (etree.XMLSyntaxError, ValueError):
        return None


def name(element: Element) -> str:
    """The element's name without its namespace."""
    return element.tag.rpartition("}")[2].rpartition(":")[2] if isinstance(element.tag, str) else ""


def every(element: Element, path: str) -> list[Element]:
    """All elements at ``path``, a chain of local names (``a/b``; a leading ``//`` looks at any depth); namespaces do not matter."""
    steps = [step for step in path.split("/") if step]
    query = "".join(f"/*[local-name()='{step}']" for step in steps)
    found = element.xpath(f"./{query}" if path.startswith("//") else f".{query}")
    return [node for node in found if isinstance(node, etree._Element)] if isinstance(found, list) else []


def one(element: Element, path: str) -> Element | None:
    """The first element at ``path`` (see ``every``), or None."""
    found = every(element, path)
    return found[0] if found else None


def words(element: Element | None) -> str:
    """All text inside an element as one clean line; "" for None."""
    return "" if element is None else clean_line(" ".join(_inner(element)))


def paragraphs(element: Element | None) -> str:
    """All text inside an element as plain text; child elements are paragraphs; markup inside the text is dropped; "" for None."""
    return "" if element is None else plain("\n".join(_inner(element)))


def value(element: Element, path: str) -> str:
    """The text at ``path`` as one clean line, "" when it is absent."""
    return words(one(element, path))


def values(element: Element, path: str) -> tuple[str, ...]:
    """All texts at ``path``, without empty ones and repetitions."""
    return tuple(dict.fromkeys(found for found in map(words, every(element, path)) if found))


def _inner(element: Element) -> Iterator[str]:
    return (str(part) for part in element.itertext())
