"""Texts in, tags out, as JSON Lines: the shapes that ``clusterscout tag`` and ``score`` read and print."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, TextIO

from nlp.sectors.codes import programme_sectors
from nlp.tagging import tag
from nlp.tokenizer import readable
from store.codec import plain
from store.model import KINDS, Code, Tags


class BadLine(Exception):
    """A line that cannot be tagged: ``name`` is its number and, where it has one, its id; the message says why."""

    def __init__(self, name: str, message: str) -> None:
        super().__init__(message)
        self.name = name


def tag_lines(source: TextIO) -> Iterator[tuple[dict[str, Any], Tags] | BadLine]:
    """Each line of ``source`` with its tags, as it is read; a bad line gives its fault and the next goes on."""
    for number, line in enumerate(source, start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except json.JSONDecodeError as error:
            yield BadLine(f"line {number}", f"is not JSON ({error.msg}, character {error.pos + 1})")
            continue
        except (ValueError, RecursionError) as error:  # a number of thousands of digits; brackets within brackets without end
            yield BadLine(f"line {number}", f"is not JSON that can be read ({error})")
            continue
        try:
            yield row, tag_row(row)
        except BadLine as error:
            named = isinstance(row, dict) and row.get("id") is not None
            yield BadLine(f"line {number} ({row['id']})" if named else f"line {number}", str(error))


def tag_row(row: Mapping[str, Any]) -> Tags:
    """The tags of one line: ``id, title, text, lang`` and, if given, ``codes, kind, zone, published``. Raises BadLine."""
    if not isinstance(row, Mapping):
        raise BadLine("", "is not a JSON object")
    title, text, lang = (_string(row, key) for key in ("title", "text", "lang"))
    zone, kind, published = (_string(row, key) for key in ("zone", "kind", "published"))
    if kind and kind not in KINDS:
        raise BadLine("", f"kind {kind!r} is none of {', '.join(KINDS)}")
    try:
        day = date.fromisoformat(published[:10]) if published else None
    except ValueError as error:
        raise BadLine("", f"published {published!r} is not an ISO date") from error
    codes = list(_codes(row.get("codes")))
    name = str(row.get("id") or "")
    if programme_sectors(name) is not None:
        codes.append(Code(scheme="programme", value=name))
    known = next((k for k in KINDS if k == kind), None)
    return tag(text, lang, title=title, codes=codes, kind=known, zone=zone, published=day)


def as_json(row: Mapping[str, Any], tags: Tags) -> str:
    """One output line: the contract of ``tag --jsonl``."""
    shown: dict[str, Any] = {"id": row.get("id"), "lang": tags.lang}
    for key in ("countries", "sectors", "deadlines", "amounts"):
        shown[key] = plain(getattr(tags, key))
    shown["vocabulary"] = tags.vocabulary
    return readable(json.dumps(shown, ensure_ascii=False))


def _string(row: Mapping[str, Any], key: str) -> str:
    """A value that must be a string, "" when missing or null."""
    value = row.get(key)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise BadLine("", f"{key} is not a string")
    return value


def _codes(listed: Any) -> Iterator[Code]:
    """Structured codes: ``{"scheme", "value", "label"?}`` or ``"cpv:45000000"``."""
    for item in listed or ():
        if isinstance(item, str) and ":" in item:
            scheme, _, value = item.partition(":")
            yield Code(scheme=scheme.strip().lower(), value=value.strip())
        elif isinstance(item, Mapping) and isinstance(item.get("scheme"), str) and isinstance(item.get("value"), str | int):
            yield Code(
                scheme=item["scheme"].lower(), value=str(item["value"]), label=str(item.get("label") or ""), role=item.get("role")
            )
        else:
            raise BadLine("", f"code {item!r} is neither 'scheme:value' nor an object with scheme and value")
