"""schema.org microdata (HTML Living Standard, section 5) as the same nodes that JSON-LD gives."""

from __future__ import annotations

from typing import Any

from lxml import etree

from crawlers.clean import text_of

MOST_ITEMS = 5_000
LINKS = {
    "a": "href",
    "area": "href",
    "link": "href",
    "img": "src",
    "audio": "src",
    "video": "src",
    "iframe": "src",
    "object": "data",
}


def items(root: etree._Element) -> list[dict[str, Any]]:
    """The top-level items of a page whose type is of schema.org, with nested items inside their properties."""
    found = []
    for node in root.iter(etree.Element):
        if "itemscope" in node.attrib and "itemprop" not in node.attrib and "schema.org" in (node.get("itemtype") or ""):
            found.append(_item(node, 0))
            if len(found) >= MOST_ITEMS:
                break
    return found


def _item(node: etree._Element, depth: int) -> dict[str, Any]:
    item: dict[str, Any] = {"@type": [one.rpartition("/")[2] for one in (node.get("itemtype") or "").split()]}
    if node.get("itemid"):
        item["@id"] = node.get("itemid")
    stack = _children(node)
    for name in (node.get("itemref") or "").split()[:20]:
        referred = node.getroottree().getroot().xpath("//*[@id=$name]", name=name)
        if (
            isinstance(referred, list)
            and referred
            and isinstance(referred[0], etree._Element)
            and node not in referred[0].iterancestors()
        ):
            stack.insert(0, referred[0])
    while stack:
        child = stack.pop()
        nested = "itemscope" in child.attrib
        names = (child.get("itemprop") or "").split()
        if names:
            value = (_item(child, depth + 1) if depth < 8 else "") if nested else _value(child)
            for name in names:
                item.setdefault(name, []).append(value)
        if not nested:
            stack.extend(_children(child))
    return {
        name: value[0] if name != "@type" and isinstance(value, list) and len(value) == 1 else value for name, value in item.items()
    }


def _children(node: etree._Element) -> list[etree._Element]:
    """Child elements, the last first."""
    return list(node.iterchildren(etree.Element, reversed=True))


def _value(node: etree._Element) -> str:
    """The value of a property, where its element keeps it."""
    tag = str(node.tag)
    if node.get("content") is not None:
        return node.get("content") or ""
    if tag == "time" and node.get("datetime"):
        return node.get("datetime") or ""
    if tag in LINKS:
        return node.get(LINKS[tag]) or ""
    if tag in {"data", "meter"}:
        return node.get("value") or ""
    return text_of(node)
