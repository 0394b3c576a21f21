"""What a page gave when it was last read, kept in its state as JSON, so that "not modified" stands for its notices and links."""

from __future__ import annotations

import hashlib
import json
from base64 import b64decode, b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from crawlers.formats import MODULES, PAGE
from crawlers.source import Source
from store.codec import to_json
from store.model import Follow
from store.pages import PageState

READ = "read"
CONDITIONS = ("If-None-Match", "If-Modified-Since")
# Calendars unfold repetitions around the day they are read, so their memory fades.
CALENDAR_MEMORY = timedelta(days=7)


@dataclass(frozen=True, kw_only=True, slots=True)
class Memory:
    """The ids that a page listed, the requests it asked for, and how many problems it had; ``reader`` tells which parser read it."""

    reader: str
    ids: tuple[str, ...] = ()
    follows: tuple[Follow, ...] = ()
    problems: int = 0


def page_key(method: str, url: str, body: bytes = b"") -> tuple[str, str]:
    """Under what a page's state is kept: method and address, a POST's with a digest of its body."""
    if method == "GET" or not body:
        return method, url
    return method, f"{url}#body={hashlib.sha1(body, usedforsecurity=False).hexdigest()[:16]}"


def body_hash(body: bytes) -> str:
    """The content hash of a body, 32 hexadecimal digits."""
    return hashlib.blake2b(body, digest_size=16).hexdigest()


def pack(memory: Memory) -> str:
    """``memory`` as JSON text."""
    follows = [[f.url, f.role, f.method, b64encode(f.body).decode(), dict(f.headers), dict(f.carry)] for f in memory.follows]
    return json.dumps([memory.reader, list(memory.ids), follows, memory.problems], ensure_ascii=False, separators=(",", ":"))


def unpack(text: str) -> Memory | None:
    """The Memory of a state's ``kept`` text; None when there is none."""
    if not text.startswith("["):
        return None
    reader, ids, follows, problems = json.loads(text)
    return Memory(
        reader=reader,
        ids=tuple(ids),
        follows=tuple(
            Follow(url=url, role=role, method=method, body=b64decode(body), headers=headers, carry=carry)
            for url, role, method, body, headers, carry in follows
        ),
        problems=problems,
    )


def conditions(state: PageState) -> dict[str, str]:
    """If-None-Match and If-Modified-Since of a page's state, as far as its server gave validators."""
    return {name: value for name, value in zip(CONDITIONS, (state.etag, state.last_modified), strict=True) if value}


def recall(state: PageState | None, reader: str, *, source: Source, now: datetime) -> Memory | None:
    """What may be taken from a state instead of reading the page again; None when it was never read well, was read by another
    version of the parser or of the declaration, or has faded.
    """
    if state is None or state.outcome != READ:
        return None
    if source.format == "ical" and now - state.fetched_at > CALENDAR_MEMORY:
        return None
    memory = unpack(state.kept)
    return memory if memory is not None and memory.reader == reader else None


def reader_version(source: Source) -> str:
    """A digest of all that decides what a page of this source is read as: its declaration and the code of its parser."""
    digest = hashlib.blake2b(to_json(_facts(source)).encode(), digest_size=8)
    for path in _code(source.format):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def reader_of(reader: str, follow: Follow) -> str:
    """The reader of one page: what its list row said is part of what a detail page is read as, so a row that says otherwise makes it
    another reading, though the page itself is unchanged.
    """
    if not follow.carry:
        return reader
    said = json.dumps(sorted(follow.carry.items()), ensure_ascii=False).encode("utf-8", "surrogatepass")
    return f"{reader}:{hashlib.blake2b(said, digest_size=8).hexdigest()}"


def _facts(source: Source) -> dict[str, object]:
    names = (
        "url",
        "format",
        "kind",
        "languages",
        "timezone",
        "date_formats",
        "day_first",
        "rows",
        "fields",
        "detail",
        "ids",
        "options",
    )
    facts: dict[str, object] = {name: getattr(source, name) for name in names}
    return facts | {"paging": [source.paging.style, source.paging.parameter, source.paging.next, source.paging.total]}


@cache
def _code(form: str) -> tuple[Path, ...]:
    """The files whose code reads pages of a format, in a fixed order."""
    module = f"crawlers.pages.{form.removeprefix(PAGE)}" if form.startswith(PAGE) else MODULES[form]
    names: Sequence[str] = (
        module,
        "crawlers.fields",
        "crawlers.dates",
        "crawlers.clean",
        "crawlers.links",
        "crawlers.decoding",
        "crawlers.prose",
        "nlp.amounts",
    )
    files = [Path(spec.origin) for name in names if (spec := find_spec(name)) is not None and spec.origin]
    deadlines = find_spec("nlp.deadlines")
    folders = [Path(deadlines.origin).parent] if deadlines and deadlines.origin else []
    folders += [Path(files[0]).parent] if form.startswith(PAGE) else [Path(__file__).parent / "formats"]
    return tuple(sorted({*files, *(path for folder in folders for path in folder.iterdir() if path.suffix in {".py", ".toml"})}))
