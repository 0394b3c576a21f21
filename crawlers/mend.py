"""New selectors for a changed template, found from the values that the last good page gave.

Each row of the good page is looked for on today's page by its values; the smallest blocks that hold one row's values each are the
new rows; inside them a selector is kept only if it reads the known value in every row that was found again. Nothing is guessed: a
field for which no such selector exists stays unmended, and what is proposed has been checked against every known value.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from lxml import etree
from parsel import Selector

from crawlers.clean import text_of
from crawlers.decoding import html_of
from crawlers.fields import READERS, Draft
from crawlers.formats.selecting import compiled, select
from crawlers.links import canonical, page_link
from crawlers.shapes import VALUE_ATTRIBUTES, common_selectors, matched, selectors_within
from crawlers.source import Source
from store.model import Page

LEAST_FOUND = 2
MOST_CANDIDATES = 60
Row = Mapping[str, Sequence[str]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Mended:
    """``source`` with its repaired selectors; ``known`` rows of the good page were found again on today's page, of ``good`` rows;
    ``lost`` are fields for which no selector reads the known values.
    """

    source: Source
    known: int
    good: int
    lost: tuple[str, ...]
    changed: Mapping[str, tuple[str, str]]


def rows_of(source: Source, page: Page) -> list[Row]:
    """The raw values of each row of a page, by the source's present selectors."""
    root = html_of(page)
    return [{name: select(row, css) for name, css in source.fields.items()} for row in root.xpath(compiled(source.rows))]


def mend(source: Source, good: Page, today: Page) -> Mended | None:
    """Repaired ``rows`` and ``fields`` of an html_list; None when fewer than two of its rows can be found again."""
    known = rows_of(source, good)
    root = html_of(today)
    anchors = _anchors(source, known, good, root, today)
    if len(anchors) < LEAST_FOUND:
        return None
    blocks = _blocks(anchors)
    if len(blocks) < LEAST_FOUND:
        return None
    best: Mended | None = None
    for rows_css, elements in _row_selectors(root, blocks):
        found = _mended(source, known, good, today, rows_css, elements)
        if found is not None and (best is None or (len(found.lost), -found.known) < (len(best.lost), -best.known)):
            best = found
        if best is not None and not best.lost:
            break
    return best


def reading(source: Source, page: Page, name: str, given: Sequence[str]) -> object:
    """What a field's strings are read as, in a form that can be compared: an address canonical, a date as its instant."""
    if not given:
        return None
    if name == "url":
        return canonical(page_link(given[0], page.url, source.options))
    draft = Draft(source=source, page=page, values={name: given})
    READERS[name](draft, name, given)
    if draft.problems:
        return None
    if "deadlines" in draft.found:
        return tuple((deadline.local, deadline.utc, deadline.rolling) for deadline in draft.found["deadlines"]) or None
    if draft.codes:
        return tuple(draft.codes)
    if draft.amounts:
        return tuple((amount.value, amount.minimum, amount.maximum) for amount in draft.amounts)
    value = draft.found.get(name) or str(draft.place or "")
    return " ".join(value.split()).casefold() or None if isinstance(value, str) else getattr(value, "utc", value)


def _anchors(source: Source, known: Sequence[Row], good: Page, root: Selector, today: Page) -> dict[int, list[etree._Element]]:
    """Row number -> elements of today's page that hold its address or its title, where these are of one row alone."""
    wanted: dict[tuple[str, object], int] = {}
    doubled: set[tuple[str, object]] = set()
    for number, row in enumerate(known):
        for name in ("url", "title", "id"):
            value = reading(source, good, name, row.get(name, ()))
            if value:
                if (name, value) in wanted:
                    doubled.add((name, value))
                wanted[name, value] = number
    found: dict[int, list[etree._Element]] = defaultdict(list)
    for node in root.root.iter():
        if not isinstance(node.tag, str):
            continue
        values: list[tuple[str, object]] = []
        if node.get("href"):
            values.append(("url", reading(source, today, "url", [node.get("href") or ""])))
        text = text_of(node) if len(node) <= 12 else ""
        if 3 <= len(text) <= 1_000:
            values.append(("title", reading(source, today, "title", [text])))
            values.append(("id", reading(source, today, "id", [text])))
        for value in values:
            if value in wanted and value not in doubled:
                found[wanted[value]].append(node)
    return dict(found)


def _blocks(anchors: Mapping[int, Sequence[etree._Element]]) -> dict[int, list[etree._Element]]:
    """Row number -> blocks that may be the whole row, the largest that hold no other row's anchor, from the widest in."""
    owners: dict[etree._Element, set[int]] = defaultdict(set)
    for number, nodes in anchors.items():
        for node in nodes:
            for one in (node, *node.iterancestors()):
                owners[one].add(number)
    blocks: dict[int, list[etree._Element]] = {}
    for number, nodes in anchors.items():
        tops: Counter[etree._Element] = Counter()
        for node in nodes:
            top = node
            while (parent := top.getparent()) is not None and owners[parent] == {number}:
                top = parent
            tops[top] += 1
        if tops:
            blocks[number] = [top for top, _ in tops.most_common()]
    return blocks


def _row_selectors(
    root: Selector, blocks: Mapping[int, Sequence[etree._Element]]
) -> Iterator[tuple[str, dict[int, etree._Element]]]:
    """Selectors that name one block of each row, with the blocks: those whose blocks are alike, the least further elements first."""
    groups: dict[tuple[str, int], dict[int, etree._Element]] = defaultdict(dict)
    for number, tops in blocks.items():
        for top in tops:
            node: etree._Element | None = top
            for depth in range(4):  # a wrapper around each row may itself be the row, or the row may stand inside it
                if node is None:
                    break
                groups[str(node.tag), depth].setdefault(number, node)
                node = node[0] if len(node) == 1 and isinstance(node[0].tag, str) else None
    ranked = sorted(groups.values(), key=lambda group: -len(group))
    for group in ranked[:6]:
        if len(group) < max(LEAST_FOUND, 0.6 * len(blocks)):
            continue
        elements = list(group.values())
        wanted = set(elements)
        options: list[tuple[int, int, str]] = []
        for css in common_selectors(elements):
            named = matched(root, css)
            if wanted <= set(named):
                options.append((len(named) - len(wanted), len(options), css))
        for further, _, css in sorted(options)[:3]:
            if further <= len(wanted):
                yield css, group


def _mended(
    source: Source, known: Sequence[Row], good: Page, today: Page, rows_css: str, elements: Mapping[int, etree._Element]
) -> Mended | None:
    fields: dict[str, str] = {}
    lost: list[str] = []
    for name in source.fields:
        css = _field_selector(source, name, known, good, today, elements)
        if css is None:
            lost.append(name)
        else:
            fields[name] = css
    if "title" in lost or ("url" in source.fields and "url" in lost):
        return None
    repaired = replace(source, rows=rows_css, fields=MappingProxyType(fields))
    before = {"rows": source.rows, **{f"fields.{name}": css for name, css in source.fields.items()}}
    after = {"rows": rows_css, **{f"fields.{name}": css for name, css in fields.items()}}
    changed = {key: (old, after.get(key, "")) for key, old in before.items() if after.get(key) != old}
    return Mended(source=repaired, known=len(elements), good=len(known), lost=tuple(lost), changed=MappingProxyType(changed))


def _field_selector(
    source: Source, name: str, known: Sequence[Row], good: Page, today: Page, elements: Mapping[int, etree._Element]
) -> str | None:
    """A selector that reads the known value in every row that had one, and nothing in the others; None when there is none."""
    values = {number: reading(source, good, name, known[number].get(name, ())) for number in elements}
    having = [number for number, value in values.items() if value is not None]
    if not having:
        return source.fields[name]
    tried = 0
    seen: set[str] = set()
    for css in _candidates(source, name, values, having, today, elements):
        if css in seen:
            continue
        seen.add(css)
        tried += 1
        if all(reading(source, today, name, select(Selector(root=elements[number]), css)) == values[number] for number in elements):
            return css
        if tried >= MOST_CANDIDATES:
            break
    return None


def _candidates(
    source: Source,
    name: str,
    values: Mapping[int, object],
    having: Sequence[int],
    today: Page,
    elements: Mapping[int, etree._Element],
) -> Iterator[str]:
    """Selectors of the places in the first rows where the known value stands: elements, then attributes."""
    yield source.fields[name]
    for number in having[:2]:
        row = elements[number]
        places: list[tuple[int, int, etree._Element, str]] = []
        for node in row.iter(etree.Element):
            for attribute in VALUE_ATTRIBUTES:
                given = node.get(attribute)
                if given and reading(source, today, name, [given]) == values[number]:
                    rank = 0 if attribute in {"datetime", "href", "content"} else 2
                    places.append((rank, len(given), node, f"::attr({attribute})"))
            text = text_of(node)
            if text and reading(source, today, name, [text]) == values[number]:
                places.append((1, len(text), node, ""))
        places.sort(key=lambda place: place[:2])  # the smallest place that says it
        for _, _, node, suffix in places:
            for css in selectors_within(node, row):
                yield css + suffix
