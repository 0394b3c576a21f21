"""Profiles as TOML: read strictly, with every fault named at once, and written so that reading gives the same value again."""

from __future__ import annotations

import difflib
import json
import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from store.codec import decode
from store.errors import ProfileUnusable
from store.profiles import CountryWish, Profile, Wish, check

_SPOKEN = {str: "text in quotes", int: "a whole number", float: "a number", bool: "true or false"}


def from_toml(text: str, *, id: str) -> Profile:
    """The profile of a TOML text, checked whole. Raises ProfileUnusable that lists every fault with the nearest valid key."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ProfileUnusable(f"Profile '{id}' is not TOML: {error}.") from error
    faults: list[str] = []
    wishes = data.pop("wish", [])
    if isinstance(wishes, list) and all(isinstance(wish, dict) for wish in wishes):
        for n, wish in enumerate(wishes, 1):
            _check_table(wish, Wish, f"wish {wish.get('name', n)!r}", faults)
    else:
        faults.append("a wish is a table of its own: write [[wish]] and its lines below")
    _check_table(
        {"id": id, "title": id, "level": "person", "wishes": [], **data}, Profile, "profile", faults, closed=("id", "wishes")
    )
    if not faults:
        profile: Profile = decode(Profile, {"level": "person", "title": id, **data, "id": id, "wishes": wishes})
        faults = check(profile)
    if faults:
        raise ProfileUnusable(f"Profile '{id}' cannot be used: {'; '.join(faults)}.")
    return profile


def to_toml(profile: Profile) -> str:
    """The profile as TOML that ``from_toml`` reads back to an equal value."""
    lines = [f"{name} = {_toml(value)}" for name, value in _given(profile, {"id", "wishes"})]
    for wish in profile.wishes:
        lines += ["", "[[wish]]", *(f"{name} = {_toml(value)}" for name, value in _given(wish, set()))]
    return "\n".join(lines) + "\n"


def _check_table(table: Mapping[str, Any], cls: type, where: str, faults: list[str], *, closed: tuple[str, ...] = ()) -> None:
    """Whether a table has the keys of a dataclass, and each its type."""
    known = {f.name: f for f in fields(cls)}
    hints = get_type_hints(cls)
    for key in sorted(table.keys() - known):
        near = difflib.get_close_matches(key, known.keys() - set(closed), 1)
        faults.append(f"{where}: unknown key '{key}'" + (f" (did you mean '{near[0]}'?)" if near else ""))
    for name, f in known.items():
        if name in table and name not in closed:
            _check_value(table[name], hints[name], f"{where}: {name}", faults)
        elif name not in table and f.default is MISSING:
            faults.append(f"{where} has no {name}")


def _check_value(value: Any, hint: Any, where: str, faults: list[str]) -> None:
    if get_origin(hint) is tuple:
        if not isinstance(value, list):
            faults.append(f"{where} is a list: write [...]")
            return
        for item in value:
            _check_value(item, get_args(hint)[0], where, faults)
    elif is_dataclass(hint):
        if isinstance(value, dict):
            _check_table(value, hint, where, faults)  # type: ignore[arg-type]  # a class, as hints are
        else:
            faults.append(f'{where}: {value!r} is written {{code = "PT", role = "eligible"}}')
    else:
        kind = str if get_origin(hint) in (Literal, Union, UnionType) else hint
        right = isinstance(value, (int, float) if kind is float else kind) and (kind is bool or not isinstance(value, bool))
        if not right:
            faults.append(f"{where}: {value!r} is not {_SPOKEN[kind]}")


def _given(value: Any, skip: set[str]) -> list[tuple[str, Any]]:
    """The fields that differ from their defaults, in order."""
    return [(f.name, getattr(value, f.name)) for f in fields(value) if f.name not in skip and getattr(value, f.name) != f.default]


def _toml(value: Any) -> str:
    if isinstance(value, CountryWish):
        role = f", role = {_toml(value.role)}" if value.role else ""
        return f"{{code = {_toml(value.code)}{role}}}"
    if isinstance(value, tuple):
        return f"[{', '.join(_toml(item) for item in value)}]"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    # A JSON string is a TOML basic string, but for DEL, which TOML wants escaped.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007F")
