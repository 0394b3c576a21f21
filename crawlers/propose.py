"""A declaration for a page that nobody declared yet: feeds, calendars, JSON-LD events, sitemaps and repeated blocks are looked for.

The page is read by the very parsers that would crawl it, so the preview is what a crawl would give.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from babel.core import get_global
from lxml import etree
from parsel import Selector

from crawlers.blocks import Block, repeated_blocks
from crawlers.checks import countries, languages
from crawlers.clean import clean_line, text_of
from crawlers.dates import read_field
from crawlers.declare import source_from
from crawlers.decoding import html_of, looks_like_html
from crawlers.errors import ParseError, SourceErrors
from crawlers.formats.selecting import select
from crawlers.links import absolute
from crawlers.reading import read_page
from crawlers.shapes import matched, selectors_within
from crawlers.source import Source
from nlp.languages import identify
from store.model import KINDS, Notice, Page

MOST_ROWS = 0.75  # of the rows must agree on a selector
FEED_TYPES = ("application/rss+xml", "application/atom+xml", "application/feed+json", "application/rdf+xml")
KIND_WORDS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("tender", ("tender", "procurement", "ausschreibung", "licitac", "appels d'offres", "bandi di gara", "przetarg", "aanbested")),
    ("call", ("call", "funding", "grant", "förder", "appel à projets", "convocatoria", "bando", "aviso", "nabór", "subsid")),
    ("fair", ("fair", "messe", "salon", "feria", "fiera", "targi", "beurs", "exhibition")),
    ("event", ("event", "conference", "veranstalt", "agenda", "eventos", "eventi", "wydarzen")),
    ("study", ("study", "report", "studie", "étude", "estudio", "rapport")),
)
DATE_FIELD = {
    "call": "deadline",
    "tender": "deadline",
    "fair": "starts",
    "event": "starts",
    "news": "published",
    "study": "published",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Proposal:
    """A declaration that reads: its name, its TOML text, what was found, and the first notices it gives (none when its address was
    not fetched).
    """

    name: str
    what: str
    toml: str
    url: str
    notices: tuple[Notice, ...] = ()


def propose(page: Page, *, name: str = "", kind: str = "") -> list[Proposal]:
    """Proposals for a page, best first; those found by links on it carry no notices until their address is fetched and proposed."""
    guess = _Guess(page, name, kind)
    found = [proposal for form in ("feed", "ical", "sitemap", "jsonld", "document") if (proposal := guess.tried(form))]
    if looks_like_html(page.body):
        found += [proposal for block in guess.blocks() if (proposal := guess.listed(block))]
        found.sort(key=lambda proposal: proposal.what.startswith("repeated"))
        found += guess.linked()
    return found


class _Guess:
    """What can be told of one page: its publisher's country, language and zone, and its lists."""

    def __init__(self, page: Page, name: str, kind: str) -> None:
        self.page = page
        self.host = urlsplit(page.url).hostname or "example.org"
        try:
            self.root: Selector | None = html_of(page) if looks_like_html(page.body) else None
        except ParseError:
            self.root = None
        text = text_of(self.root.root)[:5_000] if self.root is not None else ""
        self.title = clean_line(" ".join(self.root.css("title::text").getall()), 120) if self.root is not None else ""
        tld = self.host.rpartition(".")[2].upper().replace("UK", "GB")
        self.country = tld if tld in countries() else "EU"
        said = (self.root.css("html::attr(lang)").get() or "")[:2].lower() if self.root is not None else ""
        self.language = said if said in languages() else identify(text) or "en"
        zones = get_global("territory_zones").get(self.country) or ["Europe/Brussels"]
        self.zone = next((zone for zone in zones if zone.startswith("Europe/") and "Azores" not in zone), zones[0])
        self.kind = kind if kind in KINDS else _kind_of(f"{self.title} {page.url}".lower())
        self.guessed = kind not in KINDS
        self.name = name or _name_of(self.host, self.country)

    def head(self, url: str, form: str) -> str:
        lines = [
            f"title = {_quoted(self.title or self.host)}",
            f"publisher = {_quoted(self.host)}  # correct: who publishes this",
            f"url = {_quoted(url)}",
            f'format = "{form}"',
            f'kind = "{self.kind}"{"  # a guess" if self.guessed else ""}',
            f'country = "{self.country}"  # from the address; correct if wrong',
            f'languages = ["{self.language}"]',
            f'timezone = "{self.zone}"',
            'every = "1d"',
            "verified = false",
        ]
        return "\n".join(lines) + "\n"

    def tried(self, form: str) -> Proposal | None:
        """The page read as that format; None when it is not."""
        toml = self.head(self.page.url, form)
        notices = _read(self.source(toml), self.page)
        if not notices:
            return None
        toml += f"\n[expect]\nitems = [1, {max(50, 10 * len(notices))}]\n"
        return Proposal(name=self.name, what=form, toml=toml, url=self.page.url, notices=tuple(notices))

    def source(self, toml: str) -> Source:
        return source_from(toml, Path(f"{self.name}.toml"))

    def blocks(self) -> list[Block]:
        return repeated_blocks(self.root, self.page.url)[:3] if self.root is not None else []

    def listed(self, block: Block) -> Proposal | None:
        """A repeated block as an html_list; None when its rows give no title and link."""
        fields = dict(_fields(block, self.source(self.head(self.page.url, "feed")), DATE_FIELD[self.kind], self.page.url))
        if "title" not in fields or "url" not in fields:
            return None
        toml = self.head(self.page.url, "html_list") + f"rows = {_quoted(block.selector)}\n\n[fields]\n"
        toml += "".join(f"{name} = {_quoted(css)}\n" for name, css in fields.items())
        following = self._next_page()
        if following:
            toml += f'\n[paging]\nstyle = "next_link"\nnext = {_quoted(following)}\nmost = 20\n'
        toml += f"\n[expect]\nitems = [{max(1, len(block.rows) // 3)}, {max(50, 10 * len(block.rows))}]\n"
        try:
            notices = _read(self.source(toml), self.page)
        except SourceErrors:
            return None
        return (
            Proposal(name=self.name, what=f"repeated block {block.selector}", toml=toml, url=self.page.url, notices=tuple(notices))
            if notices
            else None
        )

    def _next_page(self) -> str:
        for css in ('a[rel="next"]::attr(href)', 'link[rel="next"]::attr(href)', "li.next a::attr(href)", "a.next::attr(href)"):
            if self.root is not None and select(self.root, css):
                return css
        return ""

    def linked(self) -> list[Proposal]:
        """Feeds and calendars that the page links to."""
        assert self.root is not None
        found: dict[str, str] = {}
        for link in self.root.css("link[rel~=alternate]"):
            if link.attrib.get("type", "").lower() in FEED_TYPES:
                found[absolute(link.attrib.get("href", ""), self.page.url)] = "feed"
            elif link.attrib.get("type", "").lower() == "text/calendar":
                found[absolute(link.attrib.get("href", ""), self.page.url)] = "ical"
        for href in self.root.css("a::attr(href)").getall():
            path = href.lower().partition("?")[0]
            if path.endswith(".ics") or href.lower().startswith("webcal:"):
                found.setdefault(absolute(re.sub(r"^webcal:", "https:", href, flags=re.IGNORECASE), self.page.url), "ical")
            elif path.endswith((".rss", "/rss", "/feed", "/feed/", "rss.xml", "atom.xml", ".atom")):
                found.setdefault(absolute(href, self.page.url), "feed")
            elif path.endswith("sitemap.xml"):
                found.setdefault(absolute(href, self.page.url), "sitemap")
        return [
            Proposal(name=self.name, what=f"{form} linked from the page", toml=self.head(url, form), url=url)
            for url, form in list(found.items())[:10]
            if url
        ]


def _read(source: Source, page: Page) -> list[Notice]:
    return [thing for thing in read_page(source, page) if isinstance(thing, Notice)]


def _fields(block: Block, source: Source, date_field: str, base: str) -> Iterator[tuple[str, str]]:
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


def _kind_of(text: str) -> str:
    return next((kind for kind, words in KIND_WORDS if any(word in text for word in words)), "news")


def _name_of(host: str, country: str) -> str:
    core = host.removeprefix("www.").rpartition(".")[0] or host
    slug = re.sub(r"[^a-z0-9]+", "_", core.lower()).strip("_") or "source"
    return f"{country[:2].lower()}_{slug}"


def _quoted(text: str) -> str:
    """A TOML string."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
