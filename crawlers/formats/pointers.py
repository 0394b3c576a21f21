"""JSON pointers (RFC 6901), with ``*`` for every member, because lists stand where one value was expected."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


def pointed(document: Any, pointer: str) -> list[Any]:
    """All values at ``pointer`` in document order (RFC 6901, with ``*`` for every member of a list or object); [] when there is
    none. A list at the end is opened. Several pointers parted by a space give the values of all, in turn; a space within a key is
    written ``%20``.
    """
    found: list[Any] = []
    for one in pointer.split():
        nodes = [document]
        for step in one.split("/")[1:]:
            nodes = [child for node in nodes for child in children(node, key_of(step))]
        for node in nodes:
            found.extend(node if isinstance(node, list) else [node])
    return found


def key_of(step: str) -> str:
    """The key that one step of a pointer names."""
    return step.replace("~1", "/").replace("~0", "~").replace("%20", " ")


def escaped(key: str) -> str:
    """``key`` as one step of a pointer."""
    return key.replace("~", "~0").replace("/", "~1").replace(" ", "%20")


def children(node: Any, step: str) -> Sequence[Any]:
    """The members of ``node`` that one step of a pointer names; a name on a list is looked for in each of its objects."""
    if step == "*":
        return node if isinstance(node, list) else list(node.values()) if isinstance(node, dict) else ()
    if isinstance(node, dict):
        return (node[step],) if step in node else ()
    if isinstance(node, list):
        if step.isdecimal():
            return (node[int(step)],) if int(step) < len(node) else ()
        return [member[step] for member in node if isinstance(member, dict) and step in member]
    return ()


def texts(values: Sequence[Any]) -> list[str]:
    """Scalars as strings; objects, lists and nulls are left out (a pointer should go on into them)."""
    return [
        str(value).lower() if isinstance(value, bool) else str(value) for value in values if isinstance(value, str | int | float)
    ]
