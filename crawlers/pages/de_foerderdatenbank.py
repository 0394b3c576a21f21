"""Programme pages of the German funding database, ``https://www.foerderdatenbank.de/FDB/Content/DE/Foerderprogramm/….html``.

A definition list (``dl.document-info-fundingprogram``) holds the categories; a term may be missing. There is no deadline field: dates
stand in prose under "Rechtsgrundlage" and "Zusatzinfos", among dates of directives. The contact block is not read.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from parsel import Selector

from crawlers.clean import clean_line, text_of
from crawlers.decoding import html_of
from crawlers.errors import ParseError
from crawlers.links import absolute
from crawlers.pages._answer import kept, problem, short
from crawlers.source import Source
from nlp.deadlines import read_deadlines
from store.model import Code, Document, Follow, Notice, Page, Problem

SITE = "https://www.foerderdatenbank.de/"
PROGRAMME = "/FDB/Content/DE/Foerderprogramm/"
FACTS = "dl.document-info-fundingprogram"
SEPARATOR = ", "
_NO_WORD = re.compile(r"[^a-z0-9]+")


def parse(page: Page, source: Source) -> Iterator[Notice | Problem | Follow]:
    """Of a programme page, one notice of kind call; of a result list, a Follow a programme and one to the next list page.

    Problems ``not-html``, ``missing-rows``, ``missing-title``, ``unknown-label`` (a category that the label table does not hold).
    """
    try:
        root = html_of(page)
    except ParseError as error:
        yield problem(page, source, error.cause, error.detail)
        return
    if root.css(FACTS):
        yield from _programme(root, page, source)
        return
    cards = "div.card--fundingprogram a::attr(href)" if root.css("div.card--fundingprogram") else "a::attr(href)"
    links = [absolute(link, _base(root, page)) for link in root.css(cards).getall()]
    programmes = [link for link in dict.fromkeys(links) if link and PROGRAMME in link and link.partition("#")[0].endswith(".html")]
    if not programmes:
        yield problem(
            page, source, "missing-rows", "Neither a programme nor a list of programmes: the site may have refused the request."
        )
    for link in programmes:
        yield Follow(url=link.partition("#")[0], role="detail")
    for link in root.css("a.forward::attr(href), .pagination a[rel=next]::attr(href), a.forward.button::attr(href)").getall()[:1]:
        following = absolute(link, _base(root, page))
        if following and following != page.url:
            yield Follow(url=following)


def _base(root: Selector, page: Page) -> str:
    return absolute(root.css("base::attr(href)").get(""), page.url) or page.url


def _programme(root: Selector, page: Page, source: Source) -> Iterator[Notice | Problem]:
    url = absolute(root.css('link[rel="canonical"]::attr(href)').get(""), page.url) or page.url
    source_id = urlsplit(url).path.partition(PROGRAMME)[2].removesuffix(".html") or urlsplit(url).path.strip("/")
    title = clean_line(" ".join(text_of(node.root) for node in root.css("h1")[:1]))
    if not title:
        yield problem(page, source, "missing-title", "The programme page has no heading: its template may have changed.", source_id)
        return
    facts = _facts(root)
    read: dict[str, tuple[str, ...]] = {}
    for name in ("foerderart", "foerderbereich", "foerdergebiet", "foerderberechtigte"):
        read[name], unknown = labels(name, facts.get(name, ""))
        for word in unknown:
            yield problem(
                page, source, "unknown-label", f"{name} {word[:80]!r} is in no label table: add it to the table.", source_id
            )
    text = "\n".join(text_of(node.root) for node in root.css("div.content--main > div.content, article.content--tab-text"))
    text = "\n".join(dict.fromkeys(text.split("\n")))
    teaser = clean_line(root.css('meta[name="description"]::attr(content)').get(""))
    yield Notice(
        source=source.name,
        source_id=source_id,
        kind="call",
        url=url,
        title=title,
        summary=teaser
        or short(text.removeprefix("Kurzzusammenfassung\n").removeprefix("Kurztext\n").removeprefix("Rechtsgrundlage\n")),
        text="\n".join(filter(None, (title, text))),
        language="de",
        deadlines=read_deadlines(text, lang="de", zone=source.timezone),
        organiser=facts.get("foerdergeber", ""),
        programme=title,
        over=any(sentence in text.casefold() for sentence in _table()["over"]["says"]),
        eligibility=SEPARATOR.join(read["foerderberechtigte"]),
        hard_ids=(f"fdb:{source_id.lower()}",),
        codes=tuple(_codes(read, root)),
        documents=tuple(_documents(root, page)),
        raw=kept(**{name: facts.get(name, "") for name in ("foerderart", "foerderbereich", "foerdergebiet", "foerderberechtigte")}),
    )


def _facts(root: Selector) -> dict[str, str]:
    """Terms of the definition list, by their plain name ("foerderart"), with the text that follows each."""
    facts: dict[str, str] = {}
    for term in root.css(f"{FACTS} > dt"):
        value = term.xpath("following-sibling::*[1][self::dd]")
        if value:
            name = plain_name(clean_line(" ".join(term.css("::text").getall())))
            titles = value.css("p.card--title") if name == "foerdergeber" else None
            facts[name] = "; ".join(clean_line(" ".join(found.css("::text").getall())) for found in (titles or value))
    return facts


def plain_name(word: str) -> str:
    """A word in letters a-z and digits alone: the form in which labels and their codes are the same (``Bürgschaft``, ``buergschaft``)."""
    word = word.casefold().replace("ä", "ae").replace("ö", "oe").replace("ü", "ue").replace("ß", "ss")
    word = unicodedata.normalize("NFKD", word)
    return _NO_WORD.sub("", word)


@cache
def _table() -> dict[str, Any]:
    with Path(__file__).with_suffix(".toml").open("rb") as file:
        return tomllib.load(file)


@cache
def _known(name: str) -> dict[str, str]:
    known = {plain_name(label): label for label in _table()[name]}
    return known | {plain_name(code): label for code, label in _table()["codes"].items() if label in known.values()}


def labels(name: str, written: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The labels of one category in a list "A, B, C", longest known label first where a label holds the separator; then what is not
    known. A code is brought to its label.
    """
    found: list[str] = []
    unknown: list[str] = []
    parts = [part.strip() for part in written.split(SEPARATOR) if part.strip()]
    while parts:
        for length in range(min(3, len(parts)), 0, -1):
            label = _known(name).get(plain_name(SEPARATOR.join(parts[:length])))
            if label:
                found.append(label)
                break
        else:
            length = 1
            unknown.append(parts[0])
            found.append(parts[0])
        parts = parts[length:]
    return tuple(found), tuple(unknown)


def _codes(read: dict[str, tuple[str, ...]], root: Selector) -> Iterator[Code]:
    for label in read["foerderbereich"]:
        yield Code(scheme="sector", value=plain_name(label), label=label)
    for label in read["foerderart"]:
        yield Code(scheme="type", value=plain_name(label), label=label)
    yield Code(scheme="country", value="DE", role="eligible")
    for label in read["foerdergebiet"]:
        nuts = _table()["foerdergebiet"].get(label, "")
        if len(nuts) > 2:
            yield Code(scheme="nuts", value=nuts, label=label, role="eligible")
    for words in root.css('meta[name="keywords"]::attr(content)').getall()[:1]:
        for word in words.split():
            yield Code(scheme="keyword", value=word)


def _documents(root: Selector, page: Page) -> Iterator[Document]:
    seen = set()
    for link in root.css(f"{FACTS} a.link-external, div.content--main a.ExternalLink"):
        url = absolute(link.css("::attr(href)").get(""), page.url)
        if url and url not in seen:
            seen.add(url)
            yield Document(url=url, title=clean_line(" ".join(link.css("::text").getall())))
