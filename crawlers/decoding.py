"""Bytes to text and trees, with limits: the character set that is right rather than the one that is claimed, no XML entities,
no deep nesting.
"""

from __future__ import annotations

import gzip
import io
import json
import zlib
from typing import Any

from charset_normalizer import from_bytes
from lxml import etree, html
from parsel import Selector
from w3lib.encoding import html_body_declared_encoding, html_to_unicode, read_bom, resolve_encoding

from crawlers.errors import BodyTooLarge, ParseError
from crawlers.xml_mending import mended
from store.model import Page

MOST_BYTES = 30 * 1024 * 1024
# Parts of JSON, tags of XML and HTML: each becomes an object of some hundred bytes, so few bytes could fill the memory.
MOST_PARTS, MOST_TAGS = 2_500_000, 1_000_000
# What an undeclared body may be in; a guess needs so many bytes.
SINGLE_BYTE = ("cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1257", "koi8_r", "iso8859_2", "iso8859_7")
SHORTEST_GUESS = 60
HTML_BEGINNINGS = (b"<!doctype html", b"<html", b"<head", b"<body")


def text_of_page(page: Page) -> str:
    """The page's text: byte order mark, then the header's charset, then what the document declares, then UTF-8, then windows-1252;
    a declared charset that does not decode is not believed.
    """
    body = page.body
    mark, bom = read_bom(body)
    if mark is not None:
        return body[len(bom or b"") :].decode(mark, "replace")
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        pass
    declared = resolve_encoding(_header_charset(page))
    if declared is not None and declared != "utf-8":
        try:
            return body.decode(declared)
        except (UnicodeDecodeError, LookupError):
            pass
    return html_to_unicode(None, body, default_encoding="cp1252")[1] if declared_charset(body) else guessed(body)


def declared_charset(body: bytes) -> str:
    """The character set that the document declares of itself (XML declaration, meta element), "" when none is known by that name."""
    return html_body_declared_encoding(body) or ""


def guessed(body: bytes) -> str:
    """Text in a single-byte character set that nobody names: the likeliest by its letters, windows-1252 when none is."""
    best = from_bytes(body[:200_000], cp_isolation=[*SINGLE_BYTE], threshold=0.35).best()
    codec = best.encoding if best is not None and len(body) >= SHORTEST_GUESS else "cp1252"
    return body.decode(codec, "replace")


def _header_charset(page: Page) -> str:
    content_type = page.headers.get("content-type", "")
    _, found, charset = content_type.lower().partition("charset=")
    return charset.split(";")[0].strip(" \"'") if found else ""


def looks_like_html(body: bytes) -> bool:
    """Whether the first bytes (after marks and comments) open an HTML document."""
    head = body[:2048].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    while head.startswith(b"<!--") and b"-->" in head:
        head = head.partition(b"-->")[2].lstrip()
    if head.startswith(b"<?xml"):
        head = head.partition(b"?>")[2].lstrip()
    return head.startswith(HTML_BEGINNINGS)


def unzipped(body: bytes, most: int = MOST_BYTES) -> bytes:
    """``body``, opened if it is gzip; at most ``most`` bytes come out. A truncated stream raises ParseError ``truncated-gzip``, a
    bomb BodyTooLarge.
    """
    if body[:2] != b"\x1f\x8b":
        return body
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(body)) as stream:
            opened = stream.read(most + 1)
    except (EOFError, OSError, zlib.error) as error:
        raise ParseError("truncated-gzip", f"the gzip body is damaged or cut short ({error}); ask for it again") from error
    if len(opened) > most:
        raise BodyTooLarge(f"the body opens to more than {most} bytes")
    return opened


def json_of(page: Page) -> Any:
    """The page as JSON. Raises ParseError: ``html-instead`` for a web page, ``not-json``, ``too-deep``, ``truncated-gzip``."""
    body = unzipped(page.body)
    if looks_like_html(body):
        raise ParseError("html-instead", "a web page came where JSON was expected; open the address and see what it says")
    text = text_of_page(Page(url=page.url, body=body, fetched_at=page.fetched_at, headers=page.headers)).strip().lstrip("\ufeff")
    if not text:
        raise ParseError("empty-body", "the body is empty")
    if text.count(",") + text.count("[") + text.count("{") > MOST_PARTS:
        raise ParseError("too-large", f"the JSON has more than {MOST_PARTS} parts; ask for smaller pages")
    try:
        return json.loads(text, strict=False)
    except RecursionError as error:
        raise ParseError("too-deep", "JSON nested deeper than the parser goes is not read") from error
    except ValueError as error:
        raise ParseError("not-json", f"not JSON: {error}"[:300]) from error


def xml_of(body: bytes) -> etree._Element:
    """The root of an XML document, without entities, DTDs or external references. Raises ParseError ``xml-entities``, ``not-xml``,
    ``html-instead``.
    """
    body = unzipped(body).lstrip()
    if looks_like_html(body):
        raise ParseError("html-instead", "a web page came where XML was expected; open the address and see what it says")
    if b"<!ENTITY" in body[:100_000]:
        raise ParseError("xml-entities", "the document declares XML entities, which are refused")
    if body.count(b"<") > 2 * MOST_TAGS:
        raise ParseError("too-large", f"the document has more than {MOST_TAGS} elements")
    try:
        return etree.fromstring(body, _xml_parser())
    except (etree.XMLSyntaxError, ValueError):
        pass
    try:
        return etree.fromstring(mended(body), _xml_parser())
    except (etree.XMLSyntaxError, ValueError) as error:
        raise ParseError("not-xml", f"not XML: {error}"[:300]) from error


def xml_before_the_break(body: bytes) -> etree._Element | None:
    """The root of a document that ``xml_of`` could not read, with what stands before it breaks; None when that is nothing."""
    try:
        root: etree._Element | None = etree.fromstring(mended(unzipped(body)), _xml_parser(recover=True))
    except (etree.XMLSyntaxError, ValueError):
        return None
    return root


def _xml_parser(*, recover: bool = False) -> etree.XMLParser:
    return etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=recover)


def html_of(page: Page) -> Selector:
    """The page as a parsel Selector over HTML. Raises ParseError ``empty-body``, ``not-html`` (binary), ``truncated-gzip``."""
    body = unzipped(page.body)
    if not body.strip():
        raise ParseError("empty-body", "the body is empty")
    if body[:5] == b"%PDF-" or (b"\x00" in body[:1000] and read_bom(body)[0] is None):
        raise ParseError("not-html", "the body is not a web page")
    if body.count(b"<") > 2 * MOST_TAGS:
        raise ParseError("too-large", f"the page has more than {MOST_TAGS} elements")
    text = text_of_page(Page(url=page.url, body=body, fetched_at=page.fetched_at, headers=page.headers))
    parser = html.HTMLParser(encoding="utf-8", no_network=True, huge_tree=False)
    try:
        root = html.document_fromstring(text.replace("\x00", "").encode("utf-8", "replace"), parser=parser)
    except etree.ParserError as error:
        raise ParseError("empty-body", "the body holds no element of a web page") from error
    _take_in(root)
    return Selector(root=root, base_url=page.url)


def _take_in(root: etree._Element) -> None:
    """Bring what follows ``</html>`` into the tree: libxml2 makes a second root of it, and real pages put lists there."""
    body = root.find("body")
    for later in list(root.itersiblings(etree.Element)):
        for part in list(later):
            if body is None or part.tag == "head":
                continue
            if part.tag == "body":
                body.extend(list(part))
            else:
                body.append(part)
