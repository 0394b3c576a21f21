"""Text from markup: everything fetched is an enemy's, so what leaves here is plain text without tags or invisible characters."""

from __future__ import annotations

import html
import unicodedata

from lxml import etree

LONGEST_TEXT = 200_000
LONGEST_LINE = 1_000
BLOCKS = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "br",
        "dd",
        "details",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "li",
        "main",
        "nav",
        "ol",
        "option",
        "p",
        "pre",
        "section",
        "summary",
        "table",
        "tbody",
        "td",
        "th",
        "thead",
        "tr",
        "ul",
    ]
)
SILENT = frozenset(
    [
        "script",
        "style",
        "noscript",
        "template",
        "iframe",
        "object",
        "embed",
        "svg",
        "math",
        "head",
        "title",
        "textarea",
        "select",
        "button",
    ]
)
# Bidirectional overrides and isolates, zero-width characters, the byte order mark, line/paragraph separators of other systems.
_INVISIBLE = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F, 0x061C, 0x200B, 0x2060, 0xFEFF, 0xAD])
_CONTROLS: dict[int, str | None] = {
    c: None for c in [*range(0x20), *range(0x7F, 0xA0), *range(0xFFF9, 0xFFFC), *range(0xD800, 0xE000)]
}
_CONTROLS |= {0x09: " ", 0x0A: "\n", 0x0D: "\n", 0x0B: "\n", 0x0C: "\n", 0x85: "\n", 0x2028: "\n", 0x2029: "\n"}
_CONTROLS |= dict.fromkeys(range(0xE0000, 0xE0080))
_CONTROLS |= {c: None for c in _INVISIBLE}


def strip_controls(text: str) -> str:
    """``text`` without control, bidirectional and zero-width characters, tag characters and lone surrogates; breaks become \\n."""
    return text.translate(_CONTROLS)


def clean_line(text: str, longest: int = LONGEST_LINE) -> str:
    """One line of plain text from plain text or markup: tags dropped, entities resolved, runs of space made one, NFC, at most
    ``longest`` characters (cut at the end, with an ellipsis).
    """
    line = " ".join(plain(text).split())
    return line if len(line) <= longest else line[: longest - 1].rstrip() + "…"


def plain(markup: str) -> str:
    """The readable text of ``markup`` (HTML or plain text): scripts, styles and forms' controls dropped, one line a block, no blank
    lines, NFC, at most 200,000 characters. "" when nothing readable is left.
    """
    text = strip_controls(markup[: LONGEST_TEXT * 5])
    if "<" in text:
        text = _text_of(text)
    if "&" in text:
        text = strip_controls(html.unescape(text))
        if "<" in text and _looks_like_markup(text):  # markup that had been escaped once more, as feeds do
            text = _text_of(text)
    return _tidy(unicodedata.normalize("NFC", text))[:LONGEST_TEXT]


def text_of(node: etree._Element) -> str:
    """The readable text of an lxml element, with the rules of ``plain``."""
    return _tidy(unicodedata.normalize("NFC", strip_controls("".join(_pieces(node)))))[:LONGEST_TEXT]


def _looks_like_markup(text: str) -> bool:
    start = text.find("<")
    while start >= 0:
        following = text[start + 1 : start + 2]
        if (following.isascii() and following.isalpha()) or following in {"/", "!"}:
            return True
        start = text.find("<", start + 1)
    return False


def _text_of(text: str) -> str:
    if not _looks_like_markup(text):
        return text
    parser = etree.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True)
    try:
        root = etree.fromstring(f"<div>{text}</div>".encode("utf-8", "replace"), parser)
    except etree.ParserError:
        return ""
    return "" if root is None else "".join(_pieces(root))


def _pieces(root: etree._Element) -> list[str]:
    """Text in document order; a silent element's own text is dropped, its tail is kept."""
    pieces: list[str] = []
    silent = 0
    for event, node in etree.iterwalk(root, events=("start", "end", "comment", "pi")):
        tag = node.tag if isinstance(node.tag, str) else ""
        if event == "start":
            silent += tag in SILENT
            if tag in BLOCKS:
                pieces.append("\n")
            if not silent and node.text:
                pieces.append(node.text)
        else:
            if event == "end":
                silent -= tag in SILENT
                if tag in BLOCKS:
                    pieces.append("\n")
            if not silent and node.tail and node is not root:
                pieces.append(node.tail)
    return pieces


def _tidy(text: str) -> str:
    return "\n".join(line for line in (" ".join(raw.split()) for raw in text.split("\n")) if line)
