"""RSS, Atom, RDF and JSON Feed. A guid is the identity, else the link; dates are the feed's own.

``fields`` may point a notice field at an entry's key (``deadline = "tender_deadline"``, a namespaced element as feedparser names
it); without it only title, link, texts and dates are read, and deadlines in prose are the tagger's business.
"""

from __future__ import annotations

import calendar
import json
import re
import warnings
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import feedparser
from lxml import html
from lxml.etree import ParserError

from crawlers.clean import clean_line
from crawlers.decoding import looks_like_html, unzipped
from crawlers.errors import ParseError
from crawlers.fields import notice_from
from crawlers.formats.detail import follow_detail, is_detail, parse_detail
from crawlers.formats.feed_bytes import breaks_off, readable
from crawlers.links import absolute
from crawlers.source import Source
from store.model import Follow, Notice, Page, Problem

MOST_ENTRIES = 5_000
NOT_THE_PAGE = frozenset({"enclosure", "self", "edit", "hub", "replies"})
ADDRESS = ("http://", "https://", "/")
_MAIL_AND_NAME = re.compile(r"\S+@\S+\s*\((.+)\)")
# Abbreviations that feedparser takes for UTC -> hours ahead of it.
HOURS = {"CET": 1, "CEST": 2, "MEZ": 1, "MESZ": 2, "WET": 0, "WEST": 1, "BST": 1, "EET": 2, "EEST": 3, "MSK": 3, "JST": 9, "KST": 9}
# Elements of the event modules, as feedparser names them -> notice field.
EVENT_ELEMENTS = {
    "ev_startdate": "starts",
    "xcal_dtstart": "starts",
    "ev_enddate": "ends",
    "xcal_dtend": "ends",
    "ev_location": "venue",
    "xcal_location": "venue",
    "ev_organizer": "organiser",
}


def parse(page: Page, source: Source) -> Iterator[Notice | Problem | Follow]:
    """A notice an entry; a Problem ``not-a-feed`` for anything else."""
    if is_detail(page):
        yield from parse_detail(page, source)
        return
    try:
        parsed = _parsed(page)
    except ParseError as error:
        yield Problem(source=source.name, url=page.url, cause=error.cause, detail=error.detail)
        return
    entries = parsed["entries"]
    if breaks_off(unzipped(page.body)):
        entries = entries[:-1]  # the last one may be half of itself
        detail = "the feed ends before its closing tag; its last entry is left out. Ask for it again"
        yield Problem(source=source.name, url=page.url, cause="cut-short", detail=detail)
    language = str(parsed["feed"].get("language") or "")
    if not entries:
        yield Problem(source=source.name, url=page.url, cause="no-entries", detail="the feed is readable but holds no entry")
    if len(entries) >= MOST_ENTRIES:
        detail = f"the first {MOST_ENTRIES} entries were read; the feed goes on"
        yield Problem(source=source.name, url=page.url, cause="too-many-entries", detail=detail)
    for number, entry in enumerate(entries[:MOST_ENTRIES]):
        yield from _entry(entry, number, page, source, language)


def _parsed(page: Page) -> Mapping[str, Any]:
    """``{"feed", "entries"}`` of the page. Raises ParseError."""
    body = unzipped(page.body)
    if not body.strip():
        raise ParseError("empty-body", "the body is empty where a feed was expected")
    if looks_like_html(body):
        raise ParseError("not-a-feed", "a web page came where a feed was expected; open the address and look for the new feed")
    if body.lstrip(b"\xef\xbb\xbf \r\n\t")[:1] == b"{":
        return _json_feed(body)
    body, content_type = readable(body, page)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # feedparser warns of its own fallbacks
        # Without the page's own address, which would be put before identities too; links are made absolute below.
        try:
            parsed = _parse(_cut(body), content_type)
        except UnicodeError:  # letters of two character sets in one feed
            parsed = _parse(_cut(body).decode("utf-8", "replace").encode(), "application/xml; charset=utf-8")
        except (TypeError, AttributeError, KeyError) as error:  # feedparser's own stumbling over broken elements
            raise ParseError("not-a-feed", f"the feed is too broken to be read: {error}"[:300]) from error
    if not parsed.get("version"):
        cause = parsed.get("bozo_exception")
        raise ParseError("not-a-feed", f"not RSS, Atom or RDF{f': {cause}' if cause else ''}"[:300])
    if not str(parsed.version).startswith("atom"):
        for entry in parsed.entries:  # Dublin Core knows one date, and feedparser calls it the update
            if "published" not in set(entry) and "updated" in set(entry):
                entry["published"], entry["published_parsed"] = entry["updated"], entry.get("updated_parsed")
                for key in ("updated", "updated_parsed"):
                    entry.pop(key, None)
    return {"feed": parsed.feed, "entries": parsed.entries}


def _parse(body: bytes, content_type: str) -> Any:
    return feedparser.parse(body, response_headers={"content-type": content_type}, sanitize_html=False, resolve_relative_uris=True)


def _cut(body: bytes) -> bytes:
    """``body`` up to its 5,000th entry: a feed of a million entries would fill the memory before the first is read."""
    if body.count(b"<item") + body.count(b"<entry") <= MOST_ENTRIES:
        return body
    marker = b"</item>" if b"</item>" in body else b"</entry>"
    end = 0
    for _ in range(MOST_ENTRIES):
        found = body.find(marker, end)
        if found < 0:
            break
        end = found + len(marker)
    return body[:end] if end else body[: 8 * 1024 * 1024]


def _json_feed(body: bytes) -> Mapping[str, Any]:
    try:
        document = json.loads(body.decode("utf-8-sig", "replace"), strict=False)
    except (ValueError, RecursionError) as error:
        raise ParseError("not-a-feed", f"neither XML nor JSON: {error}"[:300]) from error
    version = str(document.get("version", "")) if isinstance(document, dict) else ""
    items = document.get("items") if isinstance(document, dict) else None
    if "jsonfeed" not in version or not isinstance(items, list):
        raise ParseError("not-a-feed", "JSON, but not JSON Feed (no jsonfeed.org version or no list of items)")
    entries = [_from_json(item, document) for item in items if isinstance(item, dict)]
    return {"feed": {"language": document.get("language")}, "entries": entries}


def _from_json(item: Mapping[str, Any], document: Mapping[str, Any]) -> dict[str, Any]:
    attachments = item.get("attachments")
    return {
        **{key: value for key, value in item.items() if isinstance(value, str | int | float)},
        "id": str(item.get("id") or ""),
        "link": str(item.get("url") or item.get("external_url") or ""),
        "title": item.get("title") or clean_line(str(item.get("content_text") or item.get("content_html") or ""), 120),
        "summary": item.get("summary") or "",
        "content": [{"value": item.get("content_html") or item.get("content_text") or ""}],
        "published": item.get("date_published") or "",
        "updated": item.get("date_modified") or "",
        "author": _json_author(item) or _json_author(document),
        "tags": [{"term": tag} for tag in item.get("tags") or () if isinstance(tag, str)],
        "language": item.get("language") or "",
        "enclosures": [
            {"href": one.get("url")} for one in attachments if isinstance(one, dict)
        ] if isinstance(attachments, list) else [],
    }  # fmt: skip


def _json_author(thing: Mapping[str, Any]) -> str:
    """The first author of an item, or of the whole feed (JSON Feed 1.1: ``authors``, 1.0: ``author``)."""
    authors = thing.get("authors")
    author = authors[0] if isinstance(authors, list) and authors else thing.get("author")
    return str(author.get("name") or "") if isinstance(author, dict) else ""


def _entry(entry: Mapping[str, Any], number: int, page: Page, source: Source, language: str) -> Iterator[Notice | Problem | Follow]:
    link = _link(entry, page.url)
    values: dict[str, list[str]] = {
        "id": [str(entry.get("id") or "") or _enclosure(entry)],
        "url": [link],
        "title": [str(entry.get("title") or "")],
        "summary": [str(entry.get("summary") or "")],
        "text": _texts(entry),
        "published": [_date(entry, "published", page.fetched_at)],
        "updated": [_date(entry, "updated", page.fetched_at)],
        "language": [str(entry.get("language") or language)],
        "organiser": [_author(entry)],
        "keyword": [str(tag.get("label") or tag.get("term") or "") for tag in entry.get("tags") or ()],
        "document": [str(enclosure.get("href") or "") for enclosure in entry.get("enclosures") or ()],
    }
    if not values["title"][0].strip():
        values["title"] = [clean_line(str(entry.get("summary") or "") or " ".join(values["text"]), 120)]
    for key, name in EVENT_ELEMENTS.items():
        if key in entry:
            values.setdefault(name, [str(entry[key] or "")])
    for name, key in source.fields.items():
        given = _named(entry, key)
        if given:
            values[name] = given
    if not link and values["id"][0].startswith(ADDRESS):  # a guid that is an address is the entry's page
        values["url"] = [absolute(values["id"][0], page.url)]
    if not values["url"][0]:
        values["url"] = [absolute(_enclosure(entry), page.url) or _only_link(values["text"], page.url) or page.url]
        if not values["id"][0] and values["url"] == [page.url]:
            where = f"entry {number + 1} ({clean_line(values['title'][0], 80) or 'without a title'}) has neither guid nor link"
            yield Problem(source=source.name, url=page.url, cause="missing-id", detail=where)
            return
    if source.detail and link:
        yield follow_detail(source, values, link)
        return
    yield from notice_from(source, page, values)


def _link(entry: Mapping[str, Any], base: str) -> str:
    """The address of an entry's own page, absolute; "" when it names none. An identity that is no address is not taken for one."""
    links = [str(link["href"]) for link in entry.get("links") or () if link.get("href") and link.get("rel") not in NOT_THE_PAGE]
    elsewhere = [str(part["src"]) for part in entry.get("content") or () if part.get("src")]  # Atom 4.1.3.2
    first = str(entry.get("link") or "")
    if first == entry.get("id") and not first.startswith(ADDRESS):  # feedparser's own stand-in
        first = ""
    return next(filter(None, (absolute(one, base) for one in (first, *links, *elsewhere))), "")


def _author(entry: Mapping[str, Any]) -> str:
    """Who wrote an entry: the name without the mail address that RSS puts before it; "" when there is but the address."""
    written = str(entry.get("author") or "").strip()
    if match := _MAIL_AND_NAME.fullmatch(written):
        return match[1]
    name = str((entry.get("author_detail") or {}).get("name") or written)
    return "" if "@" in name else name


def _only_link(texts: Sequence[str], base: str) -> str:
    """The one address that the text of an entry links to; "" when it links to several or none."""
    try:
        found = {absolute(str(a.get("href") or ""), base) for text in texts if "<" in text for a in html.fromstring(text).iter("a")}
    except (ParserError, ValueError):
        return ""
    found.discard("")
    return found.pop() if len(found) == 1 else ""


def _enclosure(entry: Mapping[str, Any]) -> str:
    for key in ("enclosures", "media_content"):
        for item in entry.get(key) or ():
            if item.get("href") or item.get("url"):
                return str(item.get("href") or item.get("url"))
    return ""


def _texts(entry: Mapping[str, Any]) -> list[str]:
    contents = [str(part.get("value") or "") for part in entry.get("content") or ()]
    return [text for text in contents if text] or [str(entry.get("summary") or "")]


def _named(entry: Mapping[str, Any], key: str) -> list[str]:
    value = entry.get(key)
    if isinstance(value, list):
        return [
            str(part.get("term") or part.get("value") or part.get("href") or "") if isinstance(part, Mapping) else str(part)
            for part in value
        ]
    return [str(value)] if value else []


def _date(entry: Mapping[str, Any], name: str, fetched_at: datetime) -> str:
    """The date as feedparser read it, ISO in UTC, else as written. A date more than a day ahead of the fetch is a wrong clock: ""."""
    given = set(entry)  # feedparser would answer "updated" with "published", which is another thing
    read = entry[f"{name}_parsed"] if f"{name}_parsed" in given else None
    if not read:
        return str(entry[name] or "") if name in given else ""
    try:
        instant = datetime.fromtimestamp(calendar.timegm(read), UTC)
    except (ValueError, OverflowError, OSError):
        return ""
    zone = str(entry.get(name) or "").rpartition(" ")[2].strip("() ").upper()
    instant -= timedelta(hours=HOURS.get(zone, 0))
    if instant > fetched_at + timedelta(days=1) or instant.year < 1990:
        return ""
    return instant.isoformat()
