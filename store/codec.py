"""Values of ``store/model.py`` to JSON text and back; instants to text that sorts.

``to_json`` writes every field, for columns that people and queries read. ``compact`` leaves out what holds its default, for
payloads and hashes: a field added later with a default then changes no stored hash.
"""

from __future__ import annotations

import functools
import json
import re
import types
import typing
from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import UTC, datetime
from hashlib import blake2b
from types import MappingProxyType
from typing import Any, TypeVar

from store.errors import RecordUnreadable
from store.model import Amount, Code, Deadline, Document, Evidence, Moment, Notice, Place

T = TypeVar("T")
_HALVES = re.compile("[\ud800-\udfff]")
_dump = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode


def iso(moment: datetime) -> str:
    """An aware instant as ``2026-11-21T05:00:00Z``: UTC, to the second (fractions are cut), so that texts sort as instants do.

    Raises ValueError for a naive datetime.
    """
    if moment.tzinfo is None:
        raise ValueError(f"{moment!r} has no zone; instants are aware, civil times go through 'civil'.")
    utc = moment if moment.tzinfo is UTC else moment.astimezone(UTC)
    return f"{utc.year:04d}-{utc.month:02d}-{utc.day:02d}T{utc.hour:02d}:{utc.minute:02d}:{utc.second:02d}Z"


def parse_iso(text: str) -> datetime:
    """The aware UTC instant of a text that ``iso`` wrote (any ISO 8601 text with an offset is read). Raises ValueError otherwise."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text!r} carries no offset; an instant ends in Z.")
    return moment.astimezone(UTC)


def civil(local: datetime) -> str:
    """A naive civil time as ``2026-11-21T17:00:00``; raises ValueError for an aware one."""
    if local.tzinfo is not None:
        raise ValueError(f"{local!r} has a zone; civil times are naive and their zone stands beside them.")
    return local.replace(microsecond=0).isoformat()


_SCALARS = (str, int, float, bool, type(None))


@functools.cache
def _plan(cls: type) -> tuple[tuple[str, Any], ...] | None:
    """Field names of a dataclass with their defaults (MISSING for none, for a factory what it makes); None for any other class."""
    if not is_dataclass(cls):
        return None
    return tuple(
        (f.name, f.default if f.default is not MISSING else f.default_factory() if f.default_factory is not MISSING else MISSING)
        for f in fields(cls)
    )


def plain(value: Any, *, whole: bool = True) -> Any:
    """``value`` as dicts, lists, strings and numbers. With ``whole`` False, fields that hold their default are left out."""
    kind: type = type(value)
    if kind in _SCALARS:
        return value
    if kind is tuple or kind is list:
        return [plain(item, whole=whole) for item in value]
    if kind is datetime:
        return civil(value) if value.tzinfo is None else iso(value)
    plan = _plan(kind)
    if plan is not None:
        out: dict[str, Any] = {}
        for name, default in plan:
            item = getattr(value, name)
            if whole or default is MISSING or item != default:
                out[name] = item if type(item) in _SCALARS else plain(item, whole=whole)
        return out
    if isinstance(value, Mapping):
        return {str(key): plain(item, whole=whole) for key, item in value.items()}
    if isinstance(value, str):
        return str(value)
    if isinstance(value, (tuple, list)):
        return plain(list(value), whole=whole)
    raise TypeError(f"{kind.__name__} has no JSON form in the store.")


def to_json(value: Any) -> str:
    """Any value of the model (or tuples, mappings, scalars of them) as JSON with every field and sorted keys."""
    return _dump(plain(value))


def compact(value: Any) -> str:
    """Like ``to_json`` without the fields that hold their default; decodes to an equal value."""
    return _dump(plain(value, whole=False))


def storable(text: str) -> str:
    """JSON text as SQLite can keep it: no NUL, and a replacement character for each half of a surrogate pair."""
    if "\\u0000" in text:
        text = _dump(_without_nul(json.loads(text)))
    return text if text.isascii() else _HALVES.sub("\ufffd", text)


def _without_nul(data: Any) -> Any:
    if isinstance(data, str):
        return data.replace("\0", "")
    if isinstance(data, list):
        return [_without_nul(item) for item in data]
    if isinstance(data, dict):
        return {_without_nul(key): _without_nul(item) for key, item in data.items()}
    return data


def digest(text: str) -> str:
    """A 128-bit hash of ``text`` as 32 hexadecimal digits."""
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def unordered(value: Any, lists: Iterable[str], without: Iterable[str] = ()) -> str:
    """``compact`` for hashing: the order within the named list fields plays no part, and fields in ``without`` are left out."""
    data = plain(value, whole=False)
    for name in without:
        data.pop(name, None)
    for name in lists:
        if len(data.get(name, ())) > 1:
            data[name] = sorted(map(_dump, data[name]))
    return _dump(data)


def _moment(value: Any) -> datetime:
    moment = datetime.fromisoformat(value)
    return moment if moment.tzinfo is None else moment.astimezone(UTC)


def _same(value: Any) -> Any:
    return value


@functools.cache
def _decoder(declared: Any) -> Callable[[Any], Any]:
    origin = typing.get_origin(declared)
    args = typing.get_args(declared)
    if origin in (typing.Union, types.UnionType):
        inner = _decoder(next(a for a in args if a is not type(None)))
        return lambda value: None if value is None else inner(value)
    if origin is tuple:
        item = _decoder(args[0])
        return lambda value: tuple(map(item, value))
    if origin is Mapping or (isinstance(origin, type) and issubclass(origin, Mapping)):
        return lambda value: MappingProxyType(dict(value))
    if declared is datetime:
        return _moment
    if isinstance(declared, type) and is_dataclass(declared):
        hints = typing.get_type_hints(declared)
        known = {name: _decoder(hint) for name, hint in hints.items()}
        return lambda value: declared(**{name: known[name](item) for name, item in value.items() if name in known})
    return _same


def decode(declared: Any, value: Any) -> Any:
    """Plain JSON data as a value of the declared type (``Notice``, ``tuple[Deadline, ...]``); keys it does not know are passed over.

    Raises RecordUnreadable when the data does not fit.
    """
    try:
        return _decoder(declared)(value)
    except (TypeError, ValueError, AttributeError, KeyError) as error:
        raise RecordUnreadable(f"A stored value is not a {declared}: {error}. Run 'clusterscout db status'.") from error


def _read(declared: Any, text: str) -> Any:
    try:
        return decode(declared, json.loads(text))
    except json.JSONDecodeError as error:
        raise RecordUnreadable(f"A stored value is not JSON: {error}. Run 'clusterscout db status'.") from error


def notice_from_json(text: str) -> Notice:
    """The notice that ``to_json`` or ``compact`` wrote. Raises RecordUnreadable."""
    notice: Notice = _read(Notice, text)
    return notice


def deadlines_from_json(text: str) -> tuple[Deadline, ...]:
    """The deadlines of a JSON column. Raises RecordUnreadable."""
    out: tuple[Deadline, ...] = _read(tuple[Deadline, ...], text)
    return out


def amounts_from_json(text: str) -> tuple[Amount, ...]:
    """The amounts of a JSON column. Raises RecordUnreadable."""
    out: tuple[Amount, ...] = _read(tuple[Amount, ...], text)
    return out


def documents_from_json(text: str) -> tuple[Document, ...]:
    """The documents of a JSON column. Raises RecordUnreadable."""
    out: tuple[Document, ...] = _read(tuple[Document, ...], text)
    return out


def codes_from_json(text: str) -> tuple[Code, ...]:
    """The codes of a JSON column. Raises RecordUnreadable."""
    out: tuple[Code, ...] = _read(tuple[Code, ...], text)
    return out


def evidence_from_json(text: str) -> tuple[Evidence, ...]:
    """The evidence of a tag row. Raises RecordUnreadable."""
    out: tuple[Evidence, ...] = _read(tuple[Evidence, ...], text)
    return out


def moment_from_json(text: str) -> Moment | None:
    """A moment of a JSON column, or None for JSON null. Raises RecordUnreadable."""
    out: Moment | None = _read(Moment | None, text)
    return out


def place_from_json(text: str) -> Place | None:
    """A place of a JSON column, or None for JSON null. Raises RecordUnreadable."""
    out: Place | None = _read(Place | None, text)
    return out
