"""The text of a calendar brought to what RFC 5545 says, where there is but one way to do so: stray lines, doubled separators, ends that
are missing.
"""

from __future__ import annotations

import re

_PROPERTY = re.compile(r"[A-Za-z][A-Za-z0-9-]*(?:;*:|;+[A-Za-z][A-Za-z0-9-]*=)")
_HEAD = re.compile(r"([A-Za-z][A-Za-z0-9-]*)(;{2,})")
COMPONENTS = frozenset({"VEVENT", "VTODO", "VJOURNAL", "VFREEBUSY", "VALARM"})


def tidied(text: str) -> tuple[str, bool]:
    """The calendar with CRLF line ends, and whether it was cut: then the component that it was cut in is left out.

    A line that is no property continues the one before it (exporters forget to fold); an END without its BEGIN goes; what is open at
    the end is closed.
    """
    unfolded: list[str] = []
    for line in text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "").split("\n"):
        if line[:1] in {" ", "\t"} and unfolded:
            unfolded[-1] += line[1:]
        elif line.strip():
            unfolded.append(line)
    lines: list[str] = []
    for line in unfolded:
        if _PROPERTY.match(line):
            lines.append(_HEAD.sub(r"\1;", line, count=1) if _HEAD.match(line) else line)
        elif lines and not lines[-1].upper().startswith(("BEGIN:", "END:")):
            lines[-1] += "\\n" + line.strip()
    return _closed(lines)


def _closed(lines: list[str]) -> tuple[str, bool]:
    kept: list[str] = []
    opened: list[tuple[str, int]] = []
    for line in lines:
        word, _, name = line.partition(":")
        name = name.strip().upper()
        if word.upper() == "BEGIN":
            opened.append((name, len(kept)))
        elif word.upper() == "END":
            if name not in {one for one, _ in opened}:
                continue
            while opened[-1][0] != name:
                kept.append(f"END:{opened.pop()[0]}")
            opened.pop()
        kept.append(line)
    at = next((start for name, start in opened if name in COMPONENTS), None)
    if at is not None:
        del kept[at:]
        opened = [(name, start) for name, start in opened if start < at]
    kept.extend(f"END:{name}" for name, _ in reversed(opened))
    return "\r\n".join(kept) + "\r\n", at is not None
