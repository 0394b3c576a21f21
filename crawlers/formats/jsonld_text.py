"""JSON-LD out of script elements, with the repairs that cannot change its meaning."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from typing import Any

from parsel import Selector

_TRAILING_COMMA = re.compile(r",(\s*[}\]])")
# A string, or a comment: comments go, strings stay whatever they hold.
_STRING_OR_COMMENT = re.compile(r'("(?:[^"\\]|\\.)*")|/\*.*?\*/|(?<!:)//[^\n]*', re.DOTALL)
_PREFIXED = re.compile(r'"(?:schema:|https?://schema\.org/)\w+"\s*:')
_SCRIPTS = '//script[contains(translate(@type, "LDJSON", "ldjson"), "ld+json")]/text()'
DEEPEST = 60


def scripts(root: Selector) -> list[str]:
    """The JSON-LD scripts of a page that are not empty, as written."""
    return [script for script in root.xpath(_SCRIPTS).getall() if script.strip()]


def repaired(script: str) -> Any:
    """The JSON of a script element; several documents one after the other are a list. Repaired are: comments, CDATA, line breaks
    in strings, trailing commas and semicolons, quotes written as entities. Raises ValueError, RecursionError.
    """
    text = script.strip().removesuffix(";")
    if text.startswith("<!--") and text.partition("-->")[2].lstrip()[:1] in {"{", "["}:
        text = text.partition("-->")[2]
    for opening, closing in (("<!--", "-->"), ("//<![CDATA[", "//]]>"), ("/*<![CDATA[*/", "/*]]>*/"), ("<![CDATA[", "]]>")):
        text = text.strip().removeprefix(opening).removesuffix(closing)
    document = _loaded(text)
    return _bare(document, 0) if _PREFIXED.search(text) else document


def _loaded(text: str) -> Any:
    first: ValueError | None = None
    for attempt in _attempts(text):
        try:
            return json.loads(attempt, strict=False)
        except ValueError as error:
            first = first or error
            if "Extra data" in str(error) and (documents := _several(attempt)):
                return documents
    raise first or ValueError("nothing to read")


def _attempts(text: str) -> Iterator[str]:
    yield text
    if text.lstrip()[1:12].lstrip().startswith(("&quot;", "&#34;")):
        text = html.unescape(text)
        yield text
    text = _TRAILING_COMMA.sub(r"\1", _STRING_OR_COMMENT.sub(lambda match: match[1] or " ", text))
    yield text.strip().removesuffix(";")


def _several(text: str) -> list[Any]:
    """Documents that stand one after the other; [] when one of them cannot be read."""
    decoder = json.JSONDecoder(strict=False)
    found: list[Any] = []
    rest = text.strip()
    while rest:
        try:
            document, end = decoder.raw_decode(rest)
        except ValueError:
            return []
        found.append(document)
        rest = rest[end:].lstrip(" \t\r\n,;")
    return found


def _bare(node: Any, depth: int) -> Any:
    """``node`` with its keys freed from schema.org's namespace."""
    if depth > DEEPEST:
        return node
    if isinstance(node, dict):
        return {re.sub(r"^(?:schema:|https?://schema\.org/)", "", str(key)): _bare(value, depth + 1) for key, value in node.items()}
    return [_bare(one, depth + 1) for one in node] if isinstance(node, list) else node
