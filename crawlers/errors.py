"""What can go wrong between a declared source and its notices.

CrawlError
├── SourceErrors      one or more faults in declarations, all told at once (raised by ``declare``)
├── RefusedAddress    an address that must not be asked: private, loopback, not http (raised by ``guard``)
├── BodyTooLarge      a body over the limit, before or after decompression (raised by ``fetching``)
├── ParseError        a body is not what it claims to be (raised by formats, becomes a Problem)
└── ArchiveError      a WARC file cannot be read or written (raised by ``archive``)

Each says what to do next; a cause is kept with ``raise ... from``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


class CrawlError(Exception):
    """Root of all errors of this package."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Fault:
    """One fault in one declaration: ``key`` is dotted (``paging.style``), ``nearest`` the valid key or value that looks most like
    what was written, or "".
    """

    file: str
    key: str
    message: str
    nearest: str = ""

    def __str__(self) -> str:
        hint = f". Did you mean '{self.nearest}'?" if self.nearest else ""
        return f"{self.file}: {self.key}: {self.message}{hint}" if self.key else f"{self.file}: {self.message}{hint}"


class SourceErrors(CrawlError):
    """All faults found in the declarations that were read; ``faults`` is never empty. Raised by ``declare``."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(str(fault) for fault in self.faults))


class RefusedAddress(CrawlError):
    """An address that must not be asked; the text says which and why. Raised by ``guard``."""


class BodyTooLarge(CrawlError):
    """A body grew over its limit; the text says how far. Raised while receiving or decompressing."""


class ParseError(CrawlError):
    """A body is not what it claims to be. ``cause`` is the stable word of the Problem that it becomes."""

    def __init__(self, cause: str, detail: str) -> None:
        self.cause = cause
        self.detail = detail
        super().__init__(f"{cause}: {detail}")


class ArchiveError(CrawlError):
    """A WARC file cannot be read or written; the text names the file."""
