"""Crawled text made harmless for machines that read feeds: no control characters, no bidirectional tricks, no formulas."""

from __future__ import annotations

import re

# C0 and C1 controls but tab, line feed and carriage return; lone surrogates; noncharacters that XML refuses.
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
# Overrides, embeddings, isolates and marks that make text look like other text.
_BIDI = re.compile("[\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]")
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠", "|", "%")


def harmless(text: str) -> str:
    """``text`` without control and bidirectional formatting characters; tabs and line ends stay."""
    if text.isprintable():  # none of them is; most texts have no line end either
        return text
    return _BIDI.sub("", _CONTROLS.sub("", text))


def one_line(text: str) -> str:
    """Harmless text on one line."""
    return " ".join(harmless(text).split())


def cell(text: str) -> str:
    """Harmless text for a table cell: what a spreadsheet would take for a formula begins with an apostrophe."""
    clean = one_line(text)
    return "'" + clean if clean.startswith(_FORMULA) else clean
