"""The bytes of XML feeds, brought to what a parser reads: character sets, what stands before the declaration, document types, bare
ampersands.
"""

from __future__ import annotations

import re

from crawlers.decoding import declared_charset, guessed
from crawlers.errors import ParseError
from store.model import Page

_BEFORE_XML = re.compile(rb"\A(?:\xef\xbb\xbf|\s|<!--.*?-->)*(?=<\?xml)", re.DOTALL)
_DOCTYPE = re.compile(rb"<!DOCTYPE[^>\[]*(?:\[(?P<inside>.*?)\]\s*)?>", re.IGNORECASE | re.DOTALL)
# An entity that is one character or plain words, or a standard set of characters: leaving it out changes nothing but its letters.
_HARMLESS = re.compile(
    rb"""<!ENTITY\s+(?:[\w.-]+\s+(?:"(?:[^"&%<]|&\#\w+;)*"|'(?:[^'&%<]|&\#\w+;)*')|%\s*HTML\w+\s+PUBLIC\s[^>]*)\s*>|%HTML\w+;|<!--.*?-->|\s+""",
    re.DOTALL,
)
_BARE = re.compile(rb"&(?!#\d{1,7};|#[xX][0-9a-fA-F]{1,6};|\w{2,32};)")
_CDATA = re.compile(rb"(<!\[CDATA\[.*?\]\]>)", re.DOTALL)


def readable(body: bytes, page: Page) -> tuple[bytes, str]:
    """``body`` and the content type to read it with. Raises ParseError ``xml-entities`` for a document type that declares more than
    characters.
    """
    content_type = page.headers.get("content-type") or "application/xml"
    if body[:2] in {b"\xff\xfe", b"\xfe\xff"} or b"\x00" in body[:64]:
        body = re.sub(rb"\A\s*<\?xml[^>]*\?>", b"", _wide(body).encode("utf-8", "replace"))
        content_type = "application/xml; charset=utf-8"
    elif not _is_utf8(body) and not declared_charset(body) and "charset=" not in content_type.lower():
        body = guessed(body).encode("utf-8")
        content_type = "application/xml; charset=utf-8"
    body = _BEFORE_XML.sub(b"", body, count=1)
    doctype = _DOCTYPE.search(body[:200_000])
    if doctype is None and b"<!ENTITY" in body[:200_000].upper():
        raise ParseError("xml-entities", "the feed declares XML entities, which are refused")
    if doctype is not None:
        if _HARMLESS.sub(b"", doctype["inside"] or b""):
            raise ParseError("xml-entities", "the feed declares XML entities, which are refused")
        body = body[: doctype.start()] + body[doctype.end() :]
    return b"".join(
        piece if piece.startswith(b"<![CDATA[") else _BARE.sub(b"&amp;", piece) for piece in _CDATA.split(body)
    ), content_type


def breaks_off(body: bytes) -> bool:
    """Whether an XML feed lacks the end of its root."""
    if b"\x00" in body[:64]:
        body = _wide(body).encode("utf-8", "replace")
    end = body[-4096:].lower()
    return (
        b">" in end
        and b"}" not in end[-8:]
        and not any(tag in end for tag in (b"</rss", b"</feed", b"</rdf", b":rdf>", b":feed>", b"</channel"))
    )


def _wide(body: bytes) -> str:
    """UTF-16 or UTF-32 as text, by its mark or its first zero bytes."""
    if body[:4] in {b"\xff\xfe\x00\x00", b"\x00\x00\xfe\xff"}:
        return body.decode("utf-32", "replace")
    if body[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        return body.decode("utf-16", "replace")
    return body.decode("utf-16-be" if body[:1] == b"\x00" else "utf-16-le", "replace")


def _is_utf8(body: bytes) -> bool:
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
