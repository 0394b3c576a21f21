"""Why a page could not be had: exceptions and statuses to a stable word, a sentence, and whether we were refused."""

from __future__ import annotations

from dataclasses import dataclass

from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    IgnoreRequest,
    ResponseDataLossError,
    UnsupportedURLSchemeError,
)
from scrapy.http import Headers
from twisted.internet.defer import TimeoutError as DeferredTimeout
from twisted.internet.error import ConnectError, ConnectionDone, ConnectionLost

from crawlers.errors import ParseError, RefusedAddress

DOWNLOAD_ERRORS: tuple[type[Exception], ...] = (
    CannotResolveHostError,
    ConnectError,
    ConnectionDone,
    ConnectionLost,
    DeferredTimeout,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    OSError,
    RefusedAddress,
    ResponseDataLossError,
    UnsupportedURLSchemeError,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Failure:
    """``cause`` is the stable word of the Problem, ``refused`` says that the publisher, or our own rules, said no."""

    cause: str
    detail: str
    refused: bool = False


class Dropped(IgnoreRequest):
    """A request or answer that one of our middlewares dropped, with the cause of its Problem."""

    def __init__(self, cause: str, detail: str, *, refused: bool = False) -> None:
        super().__init__(detail)
        self.failure = Failure(cause=cause, detail=detail, refused=refused)


_SENTENCES: tuple[tuple[type[BaseException], str, str], ...] = (
    (DownloadTimeoutError, "timeout", "the answer did not come in time"),
    (DeferredTimeout, "timeout", "the answer did not come in time"),
    (DownloadCancelledError, "too-large", "the answer is larger than we take"),
    (CannotResolveHostError, "unknown-host", "the host's name leads nowhere; has the site moved?"),
    (DownloadConnectionRefusedError, "unreachable", "the host refuses connections"),
    (ResponseDataLossError, "cut-short", "the connection broke before the answer's end"),
    (UnsupportedURLSchemeError, "refused-address", "the address is neither http nor https"),
)


def header(headers: Headers, name: str) -> str:
    """A response header as text; "" when it is not there."""
    return (headers.get(name) or b"").decode("latin-1")


def of_exception(error: BaseException | None) -> Failure:
    """The failure that an exception of the download means."""
    assert error is not None
    cause: BaseException | None = error
    while cause is not None:  # what the guard and the TLS layer say is wrapped by the downloader
        if isinstance(cause, Dropped):
            return cause.failure
        if isinstance(cause, RefusedAddress):
            return Failure(cause="refused-address", detail=str(cause), refused=True)
        if isinstance(cause, ParseError):
            return Failure(cause=cause.cause, detail=cause.detail)
        if "certificate" in str(cause).lower() or type(cause).__name__ in {"VerificationError", "CertificateError"}:
            return Failure(cause="bad-certificate", detail="the host's certificate is not valid (expired, or another's)")
        cause = cause.__cause__ or cause.__context__
    for kind, word, sentence in _SENTENCES:
        if isinstance(error, kind):
            return Failure(cause=word, detail=f"{sentence} ({_plain(error)})")
    return Failure(cause="unreachable", detail=f"{type(error).__name__}: {_plain(error)}")


def of_status(status: int) -> Failure | None:
    """The failure that an HTTP status means; None for 200 and 304."""
    if status in {200, 203, 304}:
        return None
    if status in {401, 402, 403, 407, 451}:
        return Failure(cause="forbidden", detail=f"the site answers {status}: it does not want us, or wants a login", refused=True)
    if status == 429:
        return Failure(cause="too-many-requests", detail="the site answers 429: ask less often (every)", refused=True)
    if status in {404, 410}:
        return Failure(cause="not-found", detail=f"the site answers {status}: the page has moved or gone")
    return Failure(cause="http-error", detail=f"the site answers {status}")


def _plain(error: BaseException) -> str:
    return " ".join(str(error).split())[:300]
