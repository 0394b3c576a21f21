"""Faults of the wire, which need a real one: each over loopback through the whole crawl, after a healthy day."""

from __future__ import annotations

import ssl
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from store.clock import utc_now
from store.database import open_store
from tests.crawlers.faults.shapes import BASE, Shape, render, things
from tests.crawlers.web import NOW, Answer, Web, crawled

Break = Callable[[Web, str], None]


@dataclass(frozen=True)
class Wire:
    """What one fault of the wire made of one source: verdict, what it cost of what is stored, and the reasons."""

    fault: str
    shape: Shape
    verdict: str
    reasons: tuple[str, ...]
    withdrawn: int
    changed: int

    @property
    def good(self) -> bool:
        """Noticed, and nothing lost or changed."""
        return self.verdict != "healthy" and not self.withdrawn and not self.changed


def _drip(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.end_headers()
    try:
        for _ in range(400):
            handler.wfile.write(b"<")
            handler.wfile.flush()
            time.sleep(0.05)
    except OSError:
        pass


def _endless(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Type", "text/html")
    handler.end_headers()
    try:
        for _ in range(64):
            handler.wfile.write(b"<p>more</p>\n" * (1 << 16))
    except OSError:
        pass


def _broken_off(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", "100000")
    handler.end_headers()
    handler.wfile.write(b"<html><body>half a p")


def _set(answer: Answer, *, robots: bool = False) -> Break:
    def apply(web: Web, path: str) -> None:
        if robots:
            web.pages["/robots.txt"] = answer
        else:
            web.pages[path] = answer

    return apply


LATER = format_datetime(datetime(2099, 1, 1, tzinfo=UTC), usegmt=True)
WIRE: dict[str, Break] = {
    "slow drip": _set(Answer(write=_drip)),
    "endless body": _set(Answer(write=_endless)),
    "connection broken off": _set(Answer(write=_broken_off)),
    "429 with Retry-After in seconds": _set(Answer(status=429, headers={"Retry-After": "86400"})),
    "429 with Retry-After as a date": _set(Answer(status=429, headers={"Retry-After": LATER})),
    "changed robots.txt": _set(Answer(body=b"User-agent: *\nDisallow: /"), robots=True),
    "robots.txt answers 503": _set(Answer(status=503), robots=True),
    "login redirect": lambda web, path: web.pages.update(
        {path: Answer(status=302, headers={"Location": "/login"}), "/login": Answer(body=b"<html><form><input type='password'></form></html>")}
    ),
    "expired certificate": lambda web, path: web.pages.update({path: Answer(status=301, headers={"Location": web.secure + path})}),  # type: ignore[attr-defined]
}  # fmt: skip


@contextmanager
def secure_server(folder: Path) -> Iterator[int]:
    """The port of a TLS server on loopback whose certificate expired yesterday."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    day = utc_now()
    certificate = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(7)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .not_valid_before(day - timedelta(days=90)).not_valid_after(day - timedelta(days=1)).sign(key, hashes.SHA256())
    )  # fmt: skip
    file = folder / "expired.pem"
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    file.write_bytes(key.private_bytes(*form) + certificate.public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    server = _Quiet(("127.0.0.1", 0), BaseHTTPRequestHandler)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield int(server.server_address[1])
    server.shutdown()
    server.server_close()


class _Quiet(ThreadingHTTPServer):
    def handle_error(self, request: object, client_address: object) -> None:
        """A client that breaks off is what is asked for."""


def over_the_wire(shape: Shape, names: Sequence[str] = tuple(WIRE)) -> Iterator[Wire]:
    """Each fault on one source, from the same healthy day."""
    for name in names:
        web = Web()
        with tempfile.TemporaryDirectory() as place, secure_server(Path(place)) as port:
            web.secure = f"https://127.0.0.1:{port}"  # type: ignore[attr-defined]
            folder = Path(place) / "data"
            for url, answer in render(shape, things(shape)).items():
                body = answer.body.replace(BASE.encode(), web.base.encode())
                web.pages[url.removeprefix(BASE)] = Answer(body=body, headers={"Content-Type": answer.kind})
            path = shape.address(1).removeprefix(BASE)
            source = replace(shape.source, url=web.base + path)
            options = {"allow_hosts": f"127.0.0.1:{web.port} 127.0.0.1:{port}", "download_timeout": 1}
            first = crawled(folder, web, source, **options)
            assert first["verdict"] == "healthy", (shape, first)
            WIRE[name](web, path)
            line = crawled(folder, web, source, now=NOW + timedelta(days=2), **options)
            db = open_store(folder / "clusterscout.db")
            withdrawn = db.execute("select count(*) from notice where withdrawn_at is not null or missing_runs > 0").fetchone()[0]
            changed = db.execute("select count(*) from change where type != 'created'").fetchone()[0]
            db.close()
            yield Wire(name, shape, line["verdict"], tuple(line["reasons"]), withdrawn, changed)
        web.close()
