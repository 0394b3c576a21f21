"""XML that publishers break in ways that leave no doubt: a wrong declared encoding, bare ampersands, HTML's names of characters, control
characters, prefixes that nobody declared.
"""

from __future__ import annotations

import html
import re

_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
_CDATA = re.compile(r"(<!\[CDATA\[.*?\]\]>|<!--.*?-->)", re.DOTALL)
_REFERENCE = re.compile(r"&(#[0-9]{1,7};|#[xX][0-9a-fA-F]{1,6};|[A-Za-z][A-Za-z0-9]{1,31};)?")
_OWN = frozenset({"amp;", "lt;", "gt;", "quot;", "apos;"})
_NOT_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_PREFIX = re.compile(r"</?([A-Za-z_][\w.-]*):|\s([A-Za-z_][\w.-]*):[\w.-]+\s*=")
_ROOT = re.compile(r"<([A-Za-z_][\w.:-]*)")


def re_encoded(body: bytes) -> str:
    """The document as text without its declaration, for one whose declaration lies about the encoding."""
    for encoding in ("utf-8-sig", "utf-16", "cp1252", "latin-1"):
        try:
            text = body.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "<" in text:
            return _DECLARATION.sub("", text, count=1)
    return body.decode("utf-8", "replace")


def mended(body: bytes) -> bytes:
    """The document in UTF-8 without its declaration, with what can be repaired without a doubt repaired. It may still be broken."""
    text = _NOT_XML.sub("", re_encoded(body)).lstrip()
    text = "".join(piece if piece.startswith("<!") else _REFERENCE.sub(_character, piece) for piece in _CDATA.split(text))
    used = {prefix for pair in _PREFIX.findall(_CDATA.sub("", text)) for prefix in pair if prefix} - {"xml", "xmlns"}
    missing = [prefix for prefix in sorted(used) if f"xmlns:{prefix}" not in text]
    if missing:
        declared = "".join(f' xmlns:{prefix}="urn:undeclared:{prefix}"' for prefix in missing[:20])
        text = _ROOT.sub(lambda match: match[0] + declared, text, count=1)
    return text.encode("utf-8", "replace")


def _character(match: re.Match[str]) -> str:
    name = match[1]
    if name is None:
        return "&amp;"
    if name in _OWN or name.startswith("#"):
        return match[0]
    found = html.unescape(match[0])
    return found if found != match[0] else f"&amp;{name}"
