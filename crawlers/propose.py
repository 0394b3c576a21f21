"""A declaration for a page that nobody declared yet: feeds, calendars, JSON-LD events, sitemaps and repeated blocks are looked for.

The page is read by the very parsers that would crawl it, so the preview is what a crawl would give.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import unquote, urlsplit

from babel.core import get_global
from parsel import Selector

from crawlers.blocks import Block, repeated_blocks
from crawlers.checks import countries, languages
from crawlers.clean import clean_line, text_of
from crawlers.declare import source_from
from crawlers.decoding import html_of, json_of, looks_like_html, text_of_page, unzipped
from crawlers.errors import BodyTooLarge, ParseError, SourceErrors
from crawlers.formats import PAGE, parser_of
from crawlers.formats.selecting import select
from crawlers.links import absolute
from crawlers.propose_json import json_lists, kind_of
from crawlers.propose_rows import row_fields
from crawlers.reading import PARSER_FAULTS, read_page
from crawlers.source import Source
from nlp.languages import identify
from store.model import KINDS, Follow, Notice, Page, Problem

FEED_TYPES = ("application/rss+xml", "application/atom+xml", "application/feed+json", "application/rdf+xml")
KIND_WORDS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("tender", ("tender", "procurement", "ausschreibung", "licitac", "appels d'offres", "bandi di gara", "przetarg", "aanbested")),
    ("call", ("call", "funding", "grant", "förder", "appel à projets", "convocatoria", "bando", "aviso", "nabór", "subsid")),
    ("fair", ("fair", "messe", "salon", "feria", "fiera", "targi", "beurs", "exhibition")),
    ("event", ("event", "conference", "veranstalt", "agenda", "eventos", "eventi", "wydarzen")),
    ("study", ("study", "report", "studie", "étude", "estudio", "rapport")),
)
# Parts of a path that tell nothing of what a page lists.
DULL_PARTS = frozenset(
    ["index", "default", "home", "start", "en_us", "en_gb", "public", "pages", "page", "content", "web", "site", "portal"]
)
_NUMERIC = re.compile(r"(?<![\d/.-])(\d{1,2})[/-](\d{1,2})[/-](?:19|20)?\d{2}(?![\d/-])")
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
    not fetched). ``asks``: how many further pages it asks for, as a sitemap does for each of its pages.
    """

    name: str
    what: str
    toml: str
    url: str
    notices: tuple[Notice, ...] = ()
    asks: int = 0


def propose(page: Page, *, name: str = "", kind: str = "", catalogue: Iterable[Source] = ()) -> list[Proposal]:
    """Proposals for a page, best first; those found by links on it carry no notices until their address is fetched and proposed.

    ``catalogue``: sources whose page modules are tried on an answer that no regular format reads.
    """
    try:
        page = replace(page, body=unzipped(page.body))
    except (ParseError, BodyTooLarge):
        return []
    guess = _Guess(page, name, kind)
    found = [proposal for form in ("feed", "ical", "sitemap", "jsonld", "document") if (proposal := guess.tried(form))]
    if not found and not looks_like_html(page.body):
        found = [*guess.moduled(catalogue), *guess.lists_of_json()]
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
        spoken = (self.root.css("html::attr(lang)").get() or "") if self.root is not None else ""
        said, region = spoken[:2].lower(), spoken[3:5].upper()
        told = [code for code in (tld, region) if code in countries()]
        self.country = (
            told[0] if told and not (told[0] == region and said == "en") else "EU"
        )  # "en-US" is what editors write by default
        self.language = said if said in languages() else identify(text) or "en"
        zones = get_global("territory_zones").get(self.country) or ["Europe/Brussels"]
        self.zone = next((zone for zone in zones if zone.startswith("Europe/") and "Azores" not in zone), zones[0])
        self.kind = kind if kind in KINDS else _kind_of(f"{self.title} {page.url}".lower())
        self.guessed = kind not in KINDS
        self.name = name or _name_of(self.host, self.country, urlsplit(page.url).path)
        self.month_first = _month_first(text_of_page(page)[:200_000] if self.root is None else text)

    def head(self, url: str, form: str) -> str:
        lines = [
            f"title = {_quoted(self.title or self.host)}",
            f"publisher = {_quoted(self.host)}  # correct: who publishes this",
            f"url = {_quoted(url)}",
            f'format = "{form}"',
            f'kind = "{self.kind}"{"  # a guess" if self.guessed else ""}',
            f'country = "{self.country}"  # from the address; correct if wrong',
            f'languages = ["{self.language}"]',
            f'timezone = "{self.zone}"  # from the country; the hour of every deadline hangs on it',
            'every = "1d"',
            "verified = false",
        ]
        if self.month_first:
            lines.append("day_first = false  # as its own dates show")
        return "\n".join(lines) + "\n"

    def tried(self, form: str) -> Proposal | None:
        """The page read as that format; None when it is not."""
        toml = self.head(self.page.url, form)
        notices, asks, _ = _read(self.source(toml), self.page)
        if not notices and not (form == "sitemap" and asks):
            return None
        toml += f"\n[expect]\nitems = [1, {max(50, 10 * (len(notices) + asks))}]\n"
        return Proposal(name=self.name, what=form, toml=toml, url=self.page.url, notices=tuple(notices), asks=asks)

    def moduled(self, catalogue: Iterable[Source]) -> list[Proposal]:
        """The answer read by a page module that a source of the catalogue names; the module that makes the most of it."""
        found: dict[str, tuple[int, Source, list[Notice]]] = {}
        for known in catalogue:
            if not known.format.startswith(PAGE) or known.format in found:
                continue
            try:
                things = list(parser_of(known)(replace(self.page, url=known.url), known))
            except PARSER_FAULTS:
                continue  # another interface's answer
            notices = [thing for thing in things if isinstance(thing, Notice)]
            if notices and sum(isinstance(thing, Problem) for thing in things) <= len(notices):
                found[known.format] = (len(notices), known, notices)
        proposals = []
        for _, known, notices in sorted(found.values(), key=lambda one: -one[0])[:2]:
            toml = self.head(self.page.url, known.format).replace(f'kind = "{self.kind}"', f'kind = "{known.kind}"')
            what = f"{known.format}, as {known.name} of the catalogue names it"
            proposals.append(Proposal(name=self.name, what=what, toml=toml, url=self.page.url, notices=tuple(notices)))
        return proposals

    def lists_of_json(self) -> list[Proposal]:
        """Lists of a JSON answer as json_api sources."""
        try:
            document = json_of(self.page)
        except ParseError:
            return []
        if self.guessed and self.kind == "news":
            self.kind = kind_of(document, self.source(self.head(self.page.url, "feed")), self.page.url)
        proposals = []
        for one in json_lists(document, self.source(self.head(self.page.url, "feed")), self.page.url)[:2]:
            toml = self.head(self.page.url, "json_api") + f"rows = {_quoted(one.rows)}\n\n[fields]\n"
            toml += "".join(f"{name} = {_quoted(pointer)}\n" for name, pointer in one.fields.items())
            toml += f"\n[expect]\nitems = [{max(1, one.count // 3)}, {max(50, 10 * one.count)}]\n"
            try:
                notices, _, _ = _read(self.source(toml), self.page)
            except SourceErrors:
                continue
            what = f"list of {one.count} in JSON at '{one.rows}'"
            if notices:
                proposals.append(Proposal(name=self.name, what=what, toml=toml, url=self.page.url, notices=tuple(notices)))
        return proposals

    def source(self, toml: str) -> Source:
        return source_from(toml, Path(f"{self.name}.toml"))

    def blocks(self) -> list[Block]:
        return repeated_blocks(self.root, self.page.url)[:3] if self.root is not None else []

    def listed(self, block: Block) -> Proposal | None:
        """A repeated block as an html_list; None when its rows give no title and link."""
        fields = dict(row_fields(block, self.source(self.head(self.page.url, "feed")), DATE_FIELD[self.kind], self.page.url))
        if "title" not in fields or "url" not in fields:
            return None
        toml = self.head(self.page.url, "html_list") + f"rows = {_quoted(block.selector)}\n\n[fields]\n"
        toml += "".join(f"{name} = {_quoted(css)}\n" for name, css in fields.items())
        following = self._next_page()
        if following:
            toml += f'\n[paging]\nstyle = "next_link"\nnext = {_quoted(following)}\nmost = 20\n'
        toml += f"\n[expect]\nitems = [{max(1, len(block.rows) // 3)}, {max(50, 10 * len(block.rows))}]\n"
        try:
            notices, _, _ = _read(self.source(toml), self.page)
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
        if self.root is None:
            return []
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


def _read(source: Source, page: Page) -> tuple[list[Notice], int, int]:
    """Notices, the number of further requests and that of problems."""
    things = list(read_page(source, page))
    notices = [thing for thing in things if isinstance(thing, Notice)]
    asks = sum(isinstance(thing, Follow) for thing in things)
    return notices, asks, len(things) - len(notices) - asks


def _kind_of(text: str) -> str:
    return next((kind for kind, words in KIND_WORDS if any(word in text for word in words)), "news")


def _month_first(text: str) -> bool:
    """Whether numeric dates in a text put the month first: some second number is no month, and no first number is a day alone."""
    pairs = [(int(first), int(second)) for first, second in _NUMERIC.findall(text)]
    return any(second > 12 for _, second in pairs) and not any(first > 12 for first, _ in pairs)


def _name_of(host: str, country: str, path: str) -> str:
    """``<country>_<host>``, and the last telling part of the path, so that two pages of one host are two sources."""
    core = host.removeprefix("www.").rpartition(".")[0] or host
    parts = [re.sub(r"[^a-z0-9]+", "_", unquote(part).lower().partition(".")[0]).strip("_") for part in path.split("/")]
    telling = [part for part in parts if len(part) > 2 and part not in DULL_PARTS and not part.isdigit()]
    slug = re.sub(r"[^a-z0-9]+", "_", core.lower()).strip("_") or "source"
    return "_".join([country[:2].lower(), slug, *(part[:30].strip("_") for part in telling[-1:])])


def _quoted(text: str) -> str:
    """A TOML string."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
