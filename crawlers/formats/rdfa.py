"""schema.org in RDFa Lite 1.1 (``vocab``, ``prefix``, ``typeof``, ``property``, ``resource``) as the same nodes that JSON-LD gives."""

from __future__ import annotations

from typing import Any

from lxml import etree

from crawlers.clean import text_of

MOST_ITEMS, DEEPEST = 5_000, 8
SCHEMA = ("http://schema.org/", "https://schema.org/")


def items(root: etree._Element) -> list[dict[str, Any]]:
    """The top-level items of a page whose type is of schema.org, with nested items inside their properties."""
    found = []
    for node in root.iter(etree.Element):
        if node.get("typeof") and not node.get("property") and (kinds := _types(node)):
            found.append(_item(node, kinds, 0))
            if len(found) >= MOST_ITEMS:
                break
    return found


def _types(node: etree._Element) -> list[str]:
    """The node's types of schema.org by their bare names; [] when it has none."""
    return [bare for word in (node.get("typeof") or "").split() if (bare := _bare(word, node))]


def _bare(word: str, node: etree._Element) -> str:
    """The name of a term of schema.org as ``node`` may write it; "" for terms of other vocabularies."""
    if word.startswith(SCHEMA):
        return word.rpartition("/")[2]
    prefix, colon, name = word.partition(":")
    if not colon:
        vocabulary = next((value for one in (node, *node.iterancestors()) if (value := one.get("vocab")) is not None), "")
        return word if vocabulary.rstrip("/") + "/" in SCHEMA else ""
    if prefix == "schema":
        return name
    for one in (node, *node.iterancestors()):
        words = (one.get("prefix") or "").split()
        for declared, address in zip(words[::2], words[1::2], strict=False):
            if declared == f"{prefix}:":
                return name if address in SCHEMA else ""
        if (one.get(f"xmlns:{prefix}") or one.nsmap.get(prefix)) in SCHEMA:
            return name
    return ""


def _item(node: etree._Element, kinds: list[str], depth: int) -> dict[str, Any]:
    item: dict[str, Any] = {"@type": kinds}
    identity = node.get("resource") or node.get("about") or ""
    if identity:
        item["@id"] = identity
    stack = list(node.iterchildren(etree.Element, reversed=True))
    while stack:
        child = stack.pop()
        kinds_of_child = _types(child) if child.get("typeof") else []
        for word in (child.get("property") or "").split():
            if name := _bare(word, child):
                value = (_item(child, kinds_of_child, depth + 1) if depth < DEEPEST else "") if kinds_of_child else _value(child)
                item.setdefault(name, []).append(value)
        if not kinds_of_child:
            stack.extend(child.iterchildren(etree.Element, reversed=True))
    return {
        name: value[0] if name != "@type" and isinstance(value, list) and len(value) == 1 else value for name, value in item.items()
    }


def _value(node: etree._Element) -> str:
    """The value of a property, where its element keeps it (RDFa Lite 1.1, section 2)."""
    for attribute in ("content", "datetime", "resource", "href", "src"):
        if (value := node.get(attribute)) is not None:
            return str(value)
    return text_of(node)
