"""JSON answers read with care: what is absent or of another type becomes "", () or {}, and never an exception."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from types import MappingProxyType

from crawlers.clean import clean_line, plain
from crawlers.source import Source
from store.model import Page, Problem

Object = Mapping[str, object]
NOTHING: Object = MappingProxyType({})
LONGEST_SUMMARY = 600


def problem(page: Page, source: Source, cause: str, detail: str, source_id: str = "") -> Problem:
    """A Problem of this page; ``source_id`` names the entry when it is known."""
    return Problem(source=source.name, url=page.url, cause=cause, detail=detail, source_id=source_id)


def answers(page: Page, source: Source) -> Iterator[object]:
    """The JSON values of a page: its one answer, or each of a saved walk ``{"request": …, "pages": […]}``.

    A body that is no JSON yields one Problem instead (``not-json``; HTML with status 200 is what a bot wall looks like).
    """
    try:
        value: object = json.loads(page.body.decode("utf-8-sig"))
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        what = "a web page" if page.body.lstrip()[:1] == b"<" else "something else"
        yield problem(
            page, source, "not-json", f"Expected a JSON answer and got {what} ({str(error)[:120]}): open the address and compare."
        )
        return
    if isinstance(value, dict) and isinstance(value.get("pages"), list) and "request" in value:
        yield from value["pages"]
    else:
        yield value


def obj(value: object) -> Object:
    """``value`` when it is a JSON object, else an empty one."""
    return value if isinstance(value, Mapping) else NOTHING


def rows(value: object) -> tuple[object, ...]:
    """The elements of a JSON array; one object stands for itself; anything else is ()."""
    if isinstance(value, list):
        return tuple(value)
    return (value,) if isinstance(value, Mapping) else ()


def dig(value: object, *path: str) -> object:
    """The value at ``path`` inside nested objects, or None. A list on the way is entered at its first element."""
    for key in path:
        if isinstance(value, list):
            value = value[0] if value else None
        value = obj(value).get(key)
    return value


def text(value: object) -> str:
    """A scalar (or the first scalar of a list) as stripped text; "" for null, objects and empty lists; booleans as true/false."""
    if isinstance(value, list):
        return next((found for found in map(text, value) if found), "")
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, int | float):
        return str(value)
    return ""


def texts(value: object) -> tuple[str, ...]:
    """All non-empty scalars of a list (or of one scalar), stripped, first occurrence only."""
    values = value if isinstance(value, list) else [value]
    return tuple(dict.fromkeys(found for found in map(text, values) if found))


def line(value: object) -> str:
    """A scalar as one clean line: no markup, no entities."""
    return clean_line(text(value))


def body(*values: object) -> str:
    """Several scalars as plain text, a paragraph each, without repeating one."""
    parts = dict.fromkeys(plain(found) for found in map(text, values) if found)
    return "\n".join(part for part in parts if part)


def short(value: str) -> str:
    """The beginning of a plain text as a summary of at most 600 characters."""
    return clean_line(value, LONGEST_SUMMARY)


def number(value: object) -> float | None:
    """A number, or the number written in a string with ``.`` as decimal mark; None when there is none. Booleans are no numbers."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return float(value)
    try:
        found = float(text(value).replace(" ", "").replace("\u00a0", ""))
    except ValueError:
        return None
    return found if found == found and abs(found) != float("inf") else None


def kept(**values: object) -> dict[str, str]:
    """The publisher's own strings behind a reading, for ``Notice.raw``: only what is there."""
    return {key: found for key, found in ((key, "; ".join(texts(value))) for key, value in values.items()) if found}
