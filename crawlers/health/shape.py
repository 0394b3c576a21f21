"""The shape of a page as a number of 48 bits: pages of one template give near numbers, whatever their content. Pure.

A locality-sensitive hash (Charikar's simhash) over the kinds of nodes that a page has: an element with its class beneath its parent,
or the keys of a JSON answer. How often a kind occurs plays no part, so a longer list is the same shape.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import Any

from lxml import etree, html

from crawlers.decoding import json_of, unzipped
from crawlers.errors import BodyTooLarge, ParseError
from store.model import Page

BITS = 48
# Two draws of one template with other content differ in few bits, two templates in about half of them.
NEAR = 10
LONGEST = 150_000
MOST_KINDS = 2_000


def fingerprint(page: Page) -> int:
    """The shape of a page; 0 for a body without any (a document, an unreadable answer)."""
    try:
        body = unzipped(page.body)
        kinds = _of_json(page) if body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"[") else _of_markup(body[:LONGEST])
    except (ParseError, BodyTooLarge, etree.LxmlError, ValueError):
        return 0
    return _simhash(kinds)


def apart(one: int, other: int) -> int:
    """In how many bits two shapes differ."""
    return (one ^ other).bit_count()


def _of_markup(body: bytes) -> set[str]:
    if b"<" not in body[:2048]:
        return set()
    parser = html.HTMLParser(no_network=True, huge_tree=False, recover=True)
    root = html.document_fromstring(body, parser=parser)
    kinds: set[str] = set()
    for node in root.iter():
        if isinstance(node.tag, str):
            above = node.getparent()
            kinds.add(f"{_name(above) if above is not None else ''}>{_name(node)}")
            if len(kinds) >= MOST_KINDS:
                break
    return kinds


def _name(node: Any) -> str:
    return f"{node.tag}.{'.'.join(sorted(node.get('class', '').split())[:3])}"


def _of_json(page: Page) -> set[str]:
    kinds: set[str] = set()
    waiting: list[tuple[str, Any]] = [("", json_of(page))]
    while waiting and len(kinds) < MOST_KINDS:
        path, node = waiting.pop()
        if isinstance(node, dict):
            for key, value in list(node.items())[:100]:
                kinds.add(f"{path}/{key}")
                waiting.append((f"{path}/{key}", value))
        elif isinstance(node, list):
            waiting.extend((f"{path}/*", value) for value in node[:50])
    return kinds


def _simhash(kinds: set[str]) -> int:
    if not kinds:
        return 0
    votes = [0] * BITS
    for kind in kinds:
        number = int.from_bytes(blake2b(kind.encode("utf-8", "replace"), digest_size=BITS // 8).digest())
        for bit in range(BITS):
            votes[bit] += 1 if number >> bit & 1 else -1
    return sum(1 << bit for bit, vote in enumerate(votes) if vote > 0)
