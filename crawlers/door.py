"""A plain door to the network, for asking whether a page is as it was: guarded as a crawl is, nothing is followed or retried.

Scrapy's own downloader needs an engine and a reactor, which for one small answer cost a hundred times what the answer does.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Collection, Mapping
from functools import cache
from http.client import HTTPConnection, HTTPException, HTTPSConnection, RemoteDisconnected
from urllib.parse import urlsplit

from crawlers.archive import Exchange
from crawlers.asking import Asked
from crawlers.errors import BodyTooLarge, RefusedAddress
from crawlers.guard import check_address, check_ip
from store.clock import utc_now

MOST_BYTES = 8 * 1024 * 1024
# What asking may raise: the crawl asks again with all its patience and says what is wrong.
FAILURES = (OSError, HTTPException, RefusedAddress, BodyTooLarge, ValueError)
GONE = (RemoteDisconnected, ConnectionResetError, BrokenPipeError)


class Door:
    """Connections of one look, kept open between its requests. ``seconds`` bound one answer from its first byte to its last."""

    def __init__(self, *, allowed: Collection[str], seconds: float) -> None:
        self.allowed = frozenset(allowed)
        self.seconds = seconds
        self._open: dict[tuple[str, str, int], HTTPConnection] = {}

    def ask(self, asked: Asked, headers: Mapping[str, str]) -> Exchange:
        """The answer, whatever its status, its body still in its content encoding. Raises one of FAILURES."""
        check_address(asked.url, self.allowed)
        parts = urlsplit(asked.url)
        host, port = (parts.hostname or ""), parts.port or (443 if parts.scheme == "https" else 80)
        key = (parts.scheme, host, port)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        kept = self._open.pop(key, None)
        if kept is not None:
            try:
                return self._over(kept, key, path, asked, headers)
            except GONE:  # it was kept too long: the server closed it meanwhile
                kept.close()
        return self._over(self._connected(key), key, path, asked, headers)

    def _connected(self, key: tuple[str, str, int]) -> HTTPConnection:
        scheme, host, port = key
        plain = _to(host, port, self.seconds, trusted=f"{host}:{port}" in self.allowed)
        try:
            if scheme == "https":
                connection: HTTPConnection = HTTPSConnection(host, port, timeout=self.seconds, context=_tls())
                connection.sock = _tls().wrap_socket(plain, server_hostname=host)
            else:
                connection = HTTPConnection(host, port, timeout=self.seconds)
                connection.sock = plain
        except BaseException:
            plain.close()
            raise
        connection.auto_open = 0
        return connection

    def _over(
        self, connection: HTTPConnection, key: tuple[str, str, int], path: str, asked: Asked, headers: Mapping[str, str]
    ) -> Exchange:
        late = threading.Timer(self.seconds, _cut, (connection.sock,))
        late.daemon = True
        late.start()
        try:
            connection.request(asked.method, path, asked.body or None, dict(headers))
            answer = connection.getresponse()
            if (answer.length or 0) > MOST_BYTES:
                raise BodyTooLarge(f"{asked.url} announces {answer.length} bytes")
            body = answer.read(MOST_BYTES + 1)
            if len(body) > MOST_BYTES:
                raise BodyTooLarge(f"{asked.url} sends more than {MOST_BYTES} bytes")
            if answer.length:
                raise HTTPException(f"{asked.url} ends {answer.length} bytes before its end")
            whole = answer.isclosed() or not answer.read(1)
        except BaseException:
            connection.close()
            raise
        finally:
            late.cancel()
        if whole and not answer.will_close:
            self._open[key] = connection
        else:
            connection.close()
        return Exchange(
            method=asked.method,
            url=asked.url,
            asked=asked.body,
            asked_headers=list(headers.items()),
            status=answer.status,
            headers=answer.getheaders(),
            body=body,
            at=utc_now(),
        )

    def close(self) -> None:
        """Close all connections."""
        for connection in self._open.values():
            connection.close()
        self._open.clear()


def _to(host: str, port: int, seconds: float, *, trusted: bool) -> socket.socket:
    """A connection to the very address that was checked: no name can lead elsewhere between the check and the connection."""
    failure: OSError | None = None
    for *_, address in socket.getaddrinfo(host, port, socket.AF_INET, socket.SOCK_STREAM):
        if not trusted:
            check_ip(str(address[0]), host)
        try:
            return socket.create_connection((str(address[0]), port), timeout=seconds)
        except OSError as error:
            failure = error
    raise failure or OSError(f"{host} has no address")


def _cut(connection: socket.socket | None) -> None:
    """Its time is over, however slowly it still drips."""
    if connection is not None:
        with contextlib.suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)


@cache
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()
