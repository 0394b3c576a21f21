"""Content encodings undone with limits: a cut or damaged stream is a failure and never half a page."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator, Sequence

import brotli
from backports import zstd
from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Headers, Response
from scrapy.responsetypes import responsetypes

from crawlers.decoding import MOST_BYTES
from crawlers.errors import BodyTooLarge, ParseError
from crawlers.failures import Dropped

CHUNK = 256 * 1024
ACCEPTED = "gzip, deflate, br, zstd"


class StrictDecompression:
    """Undoes content encodings, at most 30 MB out; a cut or damaged stream is a failure and never half a page."""

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> StrictDecompression:
        """Built by Scrapy."""
        del crawler
        return cls()

    def process_request(self, request: Request) -> None:
        """Say which encodings we read."""
        request.headers.setdefault("Accept-Encoding", ACCEPTED)

    def process_response(self, request: Request, response: Response) -> Response:
        """The response with its body decoded. Raises Dropped ``truncated-gzip`` or ``too-large``."""
        encodings = encodings_of(value.decode("latin-1") for value in response.headers.getlist("Content-Encoding"))
        if not encodings or request.method == "HEAD" or not response.body:
            return response
        try:
            body = decoded(response.body, encodings)
        except ParseError as error:
            raise Dropped(error.cause, error.detail) from error
        except BodyTooLarge as error:
            raise Dropped("too-large", str(error)) from error
        headers = Headers(response.headers)
        headers.pop("Content-Encoding", None)
        kind = responsetypes.from_args(headers=headers, url=response.url, body=body[:1000])
        return response.replace(cls=kind, body=body, headers=headers)


def encodings_of(values: Iterable[str]) -> list[str]:
    """The content encodings that header values name, in the order in which they were applied; without identity."""
    named = [one.strip().lower() for value in values for one in value.split(",")]
    return [one for one in named if one and one != "identity"]


def decoded(body: bytes, encodings: Sequence[str]) -> bytes:
    """``body`` without its content encodings. Raises as ``decompressed`` does."""
    for encoding in reversed(encodings):
        body = decompressed(body, encoding)
    return body


def decompressed(body: bytes, encoding: str, most: int = MOST_BYTES) -> bytes:
    """``body`` without one content encoding (gzip, deflate, br, zstd; identity and unknown ones are left).

    Raises ParseError ``truncated-gzip`` (whatever the encoding) when it is cut or damaged, BodyTooLarge beyond ``most`` bytes.
    """
    if encoding in {"gzip", "x-gzip", "deflate"}:
        windows = (31,) if encoding != "deflate" else (15, -15)
        return _inflated(body, windows, most)
    if encoding == "br":
        return _stepwise(_brotli(body), most)
    if encoding == "zstd":
        return _stepwise(_zstd(body), most)
    return body


def _inflated(body: bytes, windows: tuple[int, ...], most: int) -> bytes:
    """zlib or gzip, trying each form of header in turn (``deflate`` is sent with and without one)."""
    for window in windows[:-1]:
        try:
            zlib.decompressobj(window).decompress(body[:CHUNK], 1)
        except zlib.error:
            continue
        return _stepwise(_members(body, window), most)
    return _stepwise(_members(body, windows[-1]), most)


def _members(body: bytes, window: int) -> Iterator[tuple[bytes, bool]]:
    """The pieces of a stream, or of several gzip members in a row; what follows the last is ignored."""
    rest = body
    while rest:
        stream = zlib.decompressobj(window)
        while rest and not stream.eof:
            yield stream.decompress(rest, CHUNK), bool(stream.eof)
            rest = stream.unconsumed_tail
        rest = stream.unused_data if stream.unused_data[:2] == b"\x1f\x8b" else b""


def _stepwise(steps: Iterator[tuple[bytes, bool]], most: int) -> bytes:
    """The pieces of ``steps`` (each with whether the stream has ended), put together within the limit."""
    pieces: list[bytes] = []
    length, done = 0, False
    try:
        for piece, ended in steps:
            done = ended
            pieces.append(piece)
            length += len(piece)
            if length > most:
                raise BodyTooLarge(f"the body opens to more than {most} bytes")
    except (brotli.error, zlib.error, zstd.ZstdError) as error:
        raise ParseError("truncated-gzip", f"the compressed body is damaged ({error}); ask for it again") from error
    if not done:
        raise ParseError("truncated-gzip", "the compressed body ends before its end; ask for it again")
    return b"".join(pieces)


def _brotli(body: bytes) -> Iterator[tuple[bytes, bool]]:
    stream = brotli.Decompressor()
    yield stream.process(body, output_buffer_limit=CHUNK), stream.is_finished()
    while not stream.is_finished() and not stream.can_accept_more_data():
        yield stream.process(b"", output_buffer_limit=CHUNK), stream.is_finished()


def _zstd(body: bytes) -> Iterator[tuple[bytes, bool]]:
    stream = zstd.ZstdDecompressor()
    yield stream.decompress(body, CHUNK), stream.eof
    while not stream.eof and not stream.needs_input:
        yield stream.decompress(b"", CHUNK), stream.eof
