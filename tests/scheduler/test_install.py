"""What is shipped for Debian 12: the unit as systemd reads it, and the site behind nginx with TLS as it is shipped."""

from __future__ import annotations

import datetime as dt
import http.client
import os
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from store import accounts
from store.clock import utc_now
from store.database import open_private, open_store
from tests.conftest import ROOT

UNIT = ROOT / "scheduler" / "systemd" / "clusterscout.service"
CONF = ROOT / "scheduler" / "nginx" / "clusterscout.conf"
NGINX = shutil.which("nginx") or next((p for p in ("/usr/sbin/nginx",) if Path(p).exists()), None)
PASSWORD = "a long enough password"


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd-analyze")
def test_systemd_reads_the_unit_without_a_complaint(tmp_path: Path) -> None:
    program = tmp_path / "clusterscout"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    unit = tmp_path / "clusterscout.service"
    text = UNIT.read_text().replace("/opt/clusterscout/.venv/bin/clusterscout", str(program))
    unit.write_text(text.replace("file:///opt/clusterscout/scheduler/README.md", "man:systemd(1)"))
    done = subprocess.run(
        ["systemd-analyze", "--man=no", "verify", str(unit)], capture_output=True, text=True, timeout=60, check=False
    )
    ours = [line for line in (done.stdout + done.stderr).splitlines() if "clusterscout" in line]
    assert (done.returncode, ours) == (0, [])


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate for localhost that nobody signed but itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = utc_now()
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    cert, secret = folder / "cert.pem", folder / "key.pem"
    cert.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    pem, pkcs8 = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    secret.write_bytes(key.private_bytes(pem, pkcs8, serialization.NoEncryption()))
    return cert, secret


@dataclass
class Behind:
    """The running program behind nginx: ``https`` and ``http`` are nginx's ports."""

    data: Path
    https: int
    http: int
    log: Path
    context: ssl.SSLContext

    def ask(self, method: str, path: str, body: str = "", **headers: str) -> tuple[http.client.HTTPResponse, str]:
        """One request over TLS; names of headers with _ for -."""
        connection = http.client.HTTPSConnection("localhost", self.https, context=self.context, timeout=60)
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        if body:
            given["Content-Type"] = "application/x-www-form-urlencoded"
        connection.request(method, path, body=body or None, headers=given)
        response = connection.getresponse()
        text = response.read().decode()
        connection.close()
        return response, text


@pytest.fixture
def behind(tmp_path: Path) -> Iterator[Behind]:
    data, prefix = tmp_path / "data", tmp_path / "nginx"
    (data / "sources").mkdir(parents=True)
    prefix.mkdir()
    cert, key = certificate(prefix)
    ours, https, plain = free_port(), free_port(), free_port()
    shipped = CONF.read_text()
    for old, new in (
        ("scout.example.org;", "localhost;"),
        ("/etc/letsencrypt/live/scout.example.org/fullchain.pem", str(cert)),
        ("/etc/letsencrypt/live/scout.example.org/privkey.pem", str(key)),
        ("listen 443 ssl http2;", f"listen 127.0.0.1:{https} ssl http2;"),
        ("    listen [::]:443 ssl http2;\n", ""),
        ("listen 80;", f"listen 127.0.0.1:{plain};"),
        ("    listen [::]:80;\n", ""),
        ("http://127.0.0.1:8001", f"http://127.0.0.1:{ours}"),
        ("/var/log/nginx/clusterscout.log", str(prefix / "access.log")),
    ):
        assert old in shipped, old
        shipped = shipped.replace(old, new)
    paths = "".join(f"{kind}_temp_path {prefix}/{kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    user = "user root;\n" if os.geteuid() == 0 else ""
    conf = prefix / "nginx.conf"
    conf.write_text(
        f"{user}daemon off;\npid {prefix}/pid;\nerror_log {prefix}/error.log;\nevents {{}}\nhttp {{\n{paths}{shipped}}}\n"
    )
    subprocess.run([str(NGINX), "-t", "-p", str(prefix), "-c", str(conf)], check=True, capture_output=True, timeout=30)
    open_store(data / "clusterscout.db").close()
    private = open_private(data / "private.db")
    accounts.add_member(
        private, "ana@example.org", "member", "moldes", PASSWORD, now=utc_now(), name="Ana", language="en", zone="UTC"
    )
    private.close()
    environment = {
        "CLUSTERSCOUT_DATA": str(data), "CLUSTERSCOUT_SOURCES": str(data / "sources"), "PATH": os.environ["PATH"],
        "CLUSTERSCOUT_ADDRESS": f"https://localhost:{https}",
    }  # fmt: skip
    program = subprocess.Popen(
        [sys.executable, "-m", "scheduler.cli", "serve", "--port", str(ours)],
        cwd=ROOT, env=environment, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    proxy = subprocess.Popen([str(NGINX), "-p", str(prefix), "-c", str(conf)], stderr=subprocess.DEVNULL)
    try:
        assert program.stderr is not None
        assert any("Uvicorn running" in line for line in program.stderr), "the service ended before it was ready"
        context = ssl.create_default_context(cafile=str(cert))
        yield Behind(data, https, plain, prefix / "access.log", context)
    finally:
        proxy.send_signal(signal.SIGQUIT)
        proxy.wait(30)
        program.terminate()
        program.communicate(timeout=60)


@pytest.mark.skipif(NGINX is None, reason="nginx is not installed")
def test_behind_nginx_cookies_are_secure_and_addresses_are_the_readers_own(behind: Behind) -> None:
    form, text = behind.ask("GET", "/sign-in")
    assert form.status == 200
    assert "max-age" in form.headers["Strict-Transport-Security"]
    assert "nginx/" not in str(form.headers["Server"])
    cookies = form.headers.get_all("Set-Cookie") or []
    assert cookies
    assert all("; Secure" in cookie and "; HttpOnly" in cookie for cookie in cookies)
    token = text.partition('name="csrftoken" value="')[2].partition('"')[0]
    held = "; ".join(cookie.partition(";")[0] for cookie in cookies)
    spoofed = {"X_Forwarded_For": "203.0.113.9", "Forwarded": "for=203.0.113.9", "X_Real_IP": "203.0.113.9"}
    origin = f"https://localhost:{behind.https}"
    for password in ("wrong", PASSWORD):
        body = urlencode({"email": "ana@example.org", "password": password, "csrftoken": token})
        answer, said = behind.ask("POST", "/sign-in", body, Cookie=held, Origin=origin, **spoofed)
        assert answer.status == (303 if password == PASSWORD else 401), said
    (session,) = [cookie for cookie in answer.headers.get_all("Set-Cookie") or [] if "csrf" not in cookie]
    assert "; Secure" in session
    assert "httponly" in session.lower()
    signed_in, page = behind.ask("GET", "/feed", Cookie=session.partition(";")[0])
    assert signed_in.status == 200, page
    private = open_private(behind.data / "private.db")
    attempts = private.execute("select address, ok from sign_in_attempt order by id").fetchall()
    private.close()
    assert attempts == [("127.0.0.1", 0), ("127.0.0.1", 1)], "an address that the client made up was believed"


@pytest.mark.skipif(NGINX is None, reason="nginx is not installed")
def test_plain_requests_are_led_to_tls_and_secrets_are_in_no_log(behind: Behind) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", behind.http, timeout=60)
    connection.request("GET", "/feed?sector=plastics", headers={"Host": "localhost"})
    answer = connection.getresponse()
    assert (answer.status, answer.headers["Location"]) == (301, "https://localhost/feed?sector=plastics")
    connection.close()
    for path in (
        "/robots.txt",
        "/private/hushhushhushhushhushhush/feed.atom",
        "/mail/hushhushhushhushhushhush",
        "/sign-in/link?token=hush",
    ):
        behind.ask("GET", path)
    deadline = time.monotonic() + 30
    while "/robots.txt" not in behind.log.read_text() and time.monotonic() < deadline:
        time.sleep(0.1)
    assert "/robots.txt" in behind.log.read_text()
    assert "hush" not in behind.log.read_text()
