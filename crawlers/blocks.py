"""Repeated blocks in a page: the lists that a person would see, best first."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from lxml import etree
from parsel import Selector

from crawlers.clean import text_of
from crawlers.links import absolute, canonical
from crawlers.shapes import common_selectors, matched

MOST_ELEMENTS = 20_000
LEAST_ROWS, SURE_ROWS = 2, 3  # fewer than sure are a list only when each has a heading or a date, and a text
LEAST_BARE = 8  # rows that are a link and nothing else
TELLING = frozenset({"h2", "h3", "h4", "h5", "time"})
AWAY = frozenset({"nav", "header", "footer", "aside", "form", "select", "head", "script", "style"})
AWAY_WORDS = ("nav", "menu", "breadcrumb", "footer", "cookie", "social", "pagination", "pager", "share", "lang", "sidebar")


@dataclass(frozen=True, kw_only=True, slots=True)
class Block:
    """``rows`` are the elements that repeat, ``selector`` names exactly them, ``score`` tells how much they look like a list of things."""

    rows: tuple[etree._Element, ...]
    selector: str
    score: float


def repeated_blocks(root: Selector, base: str) -> list[Block]:
    """The repeated blocks of a page, best first: at least three siblings alike, each with a link of its own and a text."""
    groups: dict[tuple[object, str, str], list[etree._Element]] = defaultdict(list)
    for count, node in enumerate(root.root.iter()):
        if count > MOST_ELEMENTS:
            break
        parent = node.getparent()
        if isinstance(node.tag, str) and parent is not None and node.tag not in AWAY:
            groups[parent, node.tag, " ".join(sorted((node.get("class") or "").split())[:1])].append(node)
    blocks = []
    for rows in groups.values():
        if len(rows) < LEAST_ROWS or _away(rows[0]):
            continue
        score = _score(rows, base)
        if score <= 0:
            continue
        selector, named = naming(root, rows)
        if selector:
            blocks.append(Block(rows=tuple(named), selector=selector, score=score))
    blocks.sort(key=lambda block: -block.score)
    return blocks[:10]


def naming(root: Selector, rows: list[etree._Element]) -> tuple[str, list[etree._Element]]:
    """A selector that names ``rows`` and at most a fifth more (an advertisement in the list), with what it names; ("", []) when
    there is none.
    """
    wanted = set(rows)
    loose: tuple[str, list[etree._Element]] = ("", [])
    for css in common_selectors(rows):
        named = matched(root, css)
        if set(named) == wanted:
            return css, named
        if not loose[0] and wanted <= set(named) and len(named) <= 1.2 * len(rows):
            loose = (css, named)
    return loose


def _away(node: etree._Element) -> bool:
    for one in (node, *node.iterancestors()):
        name = f"{one.get('class') or ''} {one.get('id') or ''} {one.get('role') or ''}".lower()
        if one.tag in AWAY or any(word in name for word in AWAY_WORDS):
            return True
    return False


def _score(rows: list[etree._Element], base: str) -> float:
    """Rows with a link of their own, times how much they say; 0 for menus and galleries."""
    links: list[str] = []
    words = 0
    for row in rows:
        first = next((href for a in row.iter("a") if (href := absolute(a.get("href") or "", base))), "")
        if first and text_of(row):
            links.append(canonical(first))
            words += min(len(text_of(row)), 600)
    own = len(set(links))
    if own < LEAST_ROWS or own < 0.7 * len(rows):
        return 0.0
    if own < SURE_ROWS and not all(_telling(row) for row in rows):
        return 0.0
    mean = words / len(links)
    bare = sum(1 for row in rows if len(text_of(row)) - max((len(text_of(a)) for a in row.iter("a")), default=0) < 10) / len(rows)
    if bare > 0.8 and own < LEAST_BARE:  # a few links and nothing about them: further reading beside an article
        return 0.0
    dated = sum(1 for row in rows if next(row.iter("time"), None) is not None) / len(rows)
    headed = sum(1 for row in rows if any(next(row.iter(tag), None) is not None for tag in ("h2", "h3", "h4", "h5"))) / len(rows)
    return min(own, 40) ** 0.7 * (mean**0.5) * (1 + dated + headed) if mean >= 15 else 0.0


def _telling(row: etree._Element) -> bool:
    """Whether a row by itself looks like a thing in a list: a text, and a heading, a date or several cells."""
    cells = sum(node.tag == "td" for node in row) if row.tag == "tr" else 0
    return len(text_of(row)) >= 40 and (cells > 2 or any(node.tag in TELLING for node in row.iter()))
