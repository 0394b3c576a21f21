"""WARC files (ISO 28500): written while crawling, read back instead of the network.

Bodies are kept as received, before content decoding; chunked transfer is undone. Records are appended whole, under a lock, so that
several processes may write one file and a killed one leaves no half record for the next to trip over.
"""

from __future__ import annotations

import fcntl
import hashlib
import io
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from typing import IO, Any

from w3lib.url import canonicalize_url
from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from crawlers.errors import ArchiveError

PAYLOAD_UNCHANGED = "http://netpreserve.org/warc/1.0/revisit/server-not-modified"
UNSENT = frozenset({"transfer-encoding", "connection"})
UNREADABLE = (ArchiveLoadFailed, zlib.error, EOFError, OSError, ValueError)


@dataclass(frozen=True, kw_only=True, slots=True)
class Exchange:
    """One request and its answer. ``body`` is the answer's, still in its content encoding; header names as received."""

    method: str
    url: str
    asked: bytes
    asked_headers: Sequence[tuple[str, str]]
    status: int
    headers: Sequence[tuple[str, str]]
    body: bytes
    at: datetime


class WarcWriter:
    """Appends exchanges to one ``.warc.gz`` file. Raises ArchiveError when the file cannot be written."""

    def __init__(self, path: Path, *, software: str) -> None:
        self.path = path
        self.software = software
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ArchiveError(f"The archive folder {path.parent} cannot be made: {error}. Check its rights.") from error

    def write(self, exchange: Exchange) -> None:
        """Append the request and the response (a revisit record for 304)."""
        buffer = io.BytesIO()
        writer = WARCWriter(buffer, gzip=True)
        stamp = exchange.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        path = exchange.url.partition("://")[2].partition("/")
        asked = StatusAndHeaders(
            f"{exchange.method} /{path[2]} HTTP/1.1", [("Host", path[0]), *exchange.asked_headers], is_http_request=True
        )
        reason = HTTPStatus(exchange.status).phrase if exchange.status in set(HTTPStatus) else "-"
        kept = [(name, value) for name, value in exchange.headers if name.lower() not in UNSENT]
        answered = StatusAndHeaders(f"{exchange.status} {reason}", kept, protocol="HTTP/1.1")
        extra = {"WARC-Date": stamp}
        if exchange.status == HTTPStatus.NOT_MODIFIED:
            response = writer.create_warc_record(
                exchange.url, "revisit", http_headers=answered, warc_headers_dict={**extra, "WARC-Profile": PAYLOAD_UNCHANGED}
            )
        else:
            response = writer.create_warc_record(
                exchange.url,
                "response",
                payload=io.BytesIO(exchange.body),
                length=len(exchange.body),
                http_headers=answered,
                warc_headers_dict=extra,
            )
        request = writer.create_warc_record(
            exchange.url,
            "request",
            payload=io.BytesIO(exchange.asked),
            length=len(exchange.asked),
            http_headers=asked,
            warc_headers_dict={**extra, "WARC-Concurrent-To": response.rec_headers.get_header("WARC-Record-ID")},
        )
        self._append(writer, buffer, [request, response], stamp)

    def _append(self, writer: Any, buffer: io.BytesIO, records: Sequence[Any], stamp: str) -> None:
        try:
            with self.path.open("ab") as file:
                fcntl.flock(file, fcntl.LOCK_EX)
                end = file.seek(0, io.SEEK_END)
                if not end:
                    info = {"software": self.software, "format": "WARC File Format 1.0"}
                    writer.write_record(writer.create_warcinfo_record(self.path.name, info))
                for record in records:
                    writer.write_record(record)
                try:
                    file.write(buffer.getvalue())
                    file.flush()
                except OSError:
                    file.truncate(end)
                    raise
        except OSError as error:
            raise ArchiveError(
                f"{self.path} cannot be written: {error}. Free space or check its rights, then crawl again."
            ) from error


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Where a response lies: file, offset of its record, when it was archived, and the digest of the request's body."""

    path: Path
    offset: int
    at: datetime
    asked: str


def body_digest(body: bytes) -> str:
    """The digest by which a request body is matched; "" for none."""
    return hashlib.sha1(body, usedforsecurity=False).hexdigest() if body else ""


class WarcIndex:
    """What a set of WARC files answers, without holding the bodies. Raises ArchiveError for a file that is no WARC.

    An answer is found by method, address and, for a request with a body, that body; a body that was never recorded takes the
    answers of that method and address that nobody asked for yet, because recorded bodies may be placeholders. The same request
    again gets the next answer recorded for it, and the last one from then on. ``unchanged`` holds answers 304 too.
    """

    def __init__(self, paths: Sequence[Path], *, unchanged: bool = False) -> None:
        self._places: dict[tuple[str, str], list[Place]] = {}
        self._given: dict[tuple[str, str, str], int] = {}
        self._taken: set[tuple[Path, int]] = set()
        self.lacking: dict[str, int] = {}
        for path in paths:
            for method, url, place in _read_index(path, unchanged=unchanged):
                self._places.setdefault((method, _same(url)), []).append(place)

    def urls(self) -> list[str]:
        """The addresses that were asked with GET, in order of recording."""
        return [url for method, url in self._places if method == "GET"]

    def holds(self, method: str, url: str) -> bool:
        """Whether there is any answer for this method and address."""
        return (method, _same(url)) in self._places

    def date_of(self, method: str, url: str) -> datetime | None:
        """When the first answer for this method and address was archived; None without one."""
        places = self._places.get((method, _same(url)))
        return places[0].at if places else None

    def latest(self) -> datetime | None:
        """When the newest answer was archived; None for an empty archive."""
        return max((place.at for places in self._places.values() for place in places), default=None)

    def newest(self, method: str, url: str) -> Exchange | None:
        """The last answer recorded with status 200; None without one."""
        for place in reversed(self._places.get((method, _same(url)), [])):
            exchange = _read_at(place, method, url)
            if exchange.status == HTTPStatus.OK:
                return exchange
        return None

    def take(self, method: str, url: str, asked: bytes) -> Exchange | None:
        """The next answer for this request; None when the archive lacks it, which is counted in ``lacking``."""
        places = self._places.get((method, _same(url)), [])
        digest = body_digest(asked)
        exact = [place for place in places if place.asked == digest]
        if exact or not digest:
            chosen = exact or places
            key = (method, _same(url), digest)
            number = min(self._given.get(key, 0), len(chosen) - 1)
            self._given[key] = number + 1
            place = chosen[number] if chosen else None
        else:
            place = next((place for place in places if (place.path, place.offset) not in self._taken), None)
        if place is None:
            self.lacking[f"{method} {url}"] = self.lacking.get(f"{method} {url}", 0) + 1
            return None
        self._taken.add((place.path, place.offset))
        return _read_at(place, method, url)

    def take_once(self, method: str, url: str, asked: bytes) -> Exchange | None:
        """The next answer recorded for this very request, each given once; None when there is no further one."""
        chosen = [place for place in self._places.get((method, _same(url)), []) if place.asked == body_digest(asked)]
        key = (method, _same(url), body_digest(asked))
        number = self._given.get(key, 0)
        if number >= len(chosen):
            return None
        self._given[key] = number + 1
        return _read_at(chosen[number], method, url)


def _same(url: str) -> str:
    try:
        return canonicalize_url(url, keep_blank_values=True)
    except ValueError:
        return url


def _records(path: Path, file: IO[bytes]) -> Iterator[tuple[Any, Any]]:
    """Records, each with the iterator whose ``get_record_offset`` is asked once the record was read (it reads to its end); a file
    cut short ends at its last whole record.
    """
    iterator = ArchiveIterator(file)
    count = 0
    try:
        for record in iterator:
            if record.format != "warc":  # the library takes any line of five words for the head of an older format
                raise ArchiveLoadFailed("what stands there is no WARC record")
            count += 1
            yield record, iterator
    except UNREADABLE as error:
        if not count:
            raise ArchiveError(f"{path} is not a WARC file: {error}. Record one with 'crawl --record FILE.warc.gz'.") from error


def _read_index(path: Path, *, unchanged: bool) -> Iterator[tuple[str, str, Place]]:
    """(method, url, place) of each response, with the method and body digest of its request, which stands beside it."""
    kinds = {"response", "revisit"} if unchanged else {"response"}
    requests: dict[str, tuple[str, str]] = {}
    waiting: list[tuple[str, str, int, datetime]] = []
    last: tuple[str, str, str] | None = None
    try:
        with path.open("rb") as file:
            for record, iterator in _records(path, file):
                head = record.rec_headers
                url = head.get_header("WARC-Target-URI") or ""
                if record.rec_type == "request":
                    method = (record.http_headers.protocol or "GET").upper() if record.http_headers else "GET"
                    digest = body_digest(record.content_stream().read())
                    last = (url, method, digest)
                    for key in ("WARC-Concurrent-To", "WARC-Record-ID"):
                        if head.get_header(key):
                            requests[head.get_header(key)] = (method, digest)
                elif record.rec_type in kinds and record.http_headers is not None:
                    own = head.get_header("WARC-Record-ID") or ""
                    asked = requests.get(head.get_header("WARC-Concurrent-To") or "") or requests.get(own)
                    if asked is None and last is not None and last[0] == url:
                        asked = (last[1], last[2])
                    offset = iterator.get_record_offset()
                    place = Place(path=path, offset=offset, at=_date(head.get_header("WARC-Date")), asked=asked[1] if asked else "")
                    if asked is None:
                        waiting.append((own, url, offset, place.at))
                    else:
                        yield asked[0], url, place
    except OSError as error:
        raise ArchiveError(f"{path} cannot be read: {error}. Check the path.") from error
    for own, url, offset, at in waiting:  # a request that follows its response
        method, digest = requests.get(own, ("GET", ""))
        yield method, url, Place(path=path, offset=offset, at=at, asked=digest)


def _date(text: str | None) -> datetime:
    try:
        found = datetime.fromisoformat(text or "")
    except ValueError as error:
        raise ArchiveError(f"'{text}' is not a WARC-Date; the archive is damaged.") from error
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)


def _read_at(place: Place, method: str, url: str) -> Exchange:
    with place.path.open("rb") as file:
        file.seek(place.offset)
        for record, _ in _records(place.path, file):
            headers = record.http_headers
            return Exchange(
                method=method,
                url=url,
                asked=b"",
                asked_headers=(),
                status=int(headers.get_statuscode()),
                headers=[(name, value) for name, value in headers.headers if name.lower() not in UNSENT],
                body=record.content_stream().read()
                if "chunked" in _value(headers.headers, "transfer-encoding")
                else record.raw_stream.read(),
                at=place.at,
            )
    raise ArchiveError(f"{place.path} holds no record at {place.offset}; it was changed while it was read.")


def _value(headers: Sequence[tuple[str, str]], name: str) -> str:
    return ",".join(value for key, value in headers if key.lower() == name).lower()


def lacking_sentence(lacking: Mapping[str, int]) -> str:
    """What a replay lacked, in one sentence; "" when it lacked nothing."""
    if not lacking:
        return ""
    first = ", ".join(list(lacking)[:5])
    more = f" and {len(lacking) - 5} more" if len(lacking) > 5 else ""
    return f"The archive lacks {len(lacking)} request(s): {first}{more}."
