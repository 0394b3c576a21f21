"""CSS selectors made from elements: what ``propose`` and ``mend`` offer, the plainest first."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from lxml import etree
from parsel import Selector

from crawlers.formats.selecting import compiled

# Attributes that hold values a notice may be read from.
VALUE_ATTRIBUTES = (
    "href",
    "datetime",
    "content",
    "title",
    "value",
    "src",
    "data-date",
    "data-id",
    "data-url",
    "data-deadline",
    "aria-label",
    "id",
)
_NAME = re.compile(r"-?[A-Za-z_][A-Za-z0-9_-]*")
_MADE = re.compile(r"\d{3,}|[0-9a-f]{6,}|__|[A-Z0-9]{5,}$")


def classes(node: etree._Element) -> list[str]:
    """The classes of an element that a selector can name, those that look made by a machine last."""
    names = [name for name in (node.get("class") or "").split() if _NAME.fullmatch(name)]
    return sorted(dict.fromkeys(names), key=lambda name: bool(_MADE.search(name)))


def own_selectors(node: etree._Element) -> Iterator[str]:
    """Selectors of one element by itself: by meaning, by class, by tag."""
    tag = str(node.tag)
    if node.get("itemprop") and _NAME.fullmatch(node.get("itemprop") or ""):
        yield f'{tag}[itemprop="{node.get("itemprop")}"]'
    for name in classes(node):
        yield f"{tag}.{name}"
    if len(classes(node)) > 1:
        yield tag + "".join(f".{name}" for name in classes(node)[:3])
    for attribute in map(str, node.attrib):
        if attribute.startswith("data-") and _NAME.fullmatch(attribute):
            yield f"{tag}[{attribute}]"
    yield str(tag)


def selectors_within(node: etree._Element, root: etree._Element) -> Iterator[str]:
    """Selectors of ``node`` seen from ``root``: alone, below its parents, and by its place among its siblings."""
    if node is root:
        yield "self"
        return
    own = list(own_selectors(node))
    yield from own
    parent = node.getparent()
    steps = 0
    while parent is not None and parent is not root and steps < 3:
        for above in own_selectors(parent):
            for mine in own:
                yield f"{above} > {mine}" if steps == 0 else f"{above} {mine}"
        parent = parent.getparent()
        steps += 1
    above_node = node.getparent()
    if above_node is not None:
        place = 1 + sum(1 for sibling in node.itersiblings(preceding=True) if sibling.tag == node.tag)
        yield f"{node.tag}:nth-of-type({place})"
        if above_node is not root:
            for above in own_selectors(above_node):
                yield f"{above} > {node.tag}:nth-of-type({place})"


def common_selectors(nodes: Sequence[etree._Element]) -> list[str]:
    """Selectors that may name all of ``nodes`` (repeated blocks), the plainest first."""
    first = nodes[0]
    shared: list[str] = [name for name in classes(first) if all(name in classes(node) for node in nodes)]
    own: list[str] = [f"{first.tag}.{name}" for name in shared]
    if len(shared) > 1:
        own.append(str(first.tag) + "".join(f".{name}" for name in shared[:3]))
    own.append(str(first.tag))
    found = list(own)
    above: list[etree._Element | None] = [node.getparent() for node in nodes]
    link = " > "
    for _ in range(4):
        parents = [parent for parent in above if parent is not None]
        if len(parents) != len(above) or len({parent.tag for parent in parents}) != 1:
            break
        first_parent = parents[0]
        named = [
            f"{first_parent.tag}.{name}" for name in classes(first_parent) if all(name in classes(parent) for parent in parents)
        ]
        identity = first_parent.get("id") or ""
        if _NAME.fullmatch(identity) and all(parent is first_parent for parent in parents):
            named.insert(0, f"{first_parent.tag}#{identity}")
        found += [f"{parent}{link}{mine}" for parent in (*named, str(first_parent.tag)) for mine in own]
        above = [parent.getparent() for parent in parents]
        link = " "
    return list(dict.fromkeys(found))


def matched(root: Selector, css: str) -> list[etree._Element]:
    """The elements that ``css`` selects below ``root``."""
    return [node.root for node in root.xpath(compiled(css)) if isinstance(node.root, etree._Element)]
