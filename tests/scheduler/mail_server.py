"""A real SMTP server on loopback that keeps what it took, and can be told to refuse, to stall or to go silent."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session


@dataclass
class Taken:
    """One message that the server took."""

    recipient: str
    message_id: str
    content: bytes


@dataclass
class Box:
    """What a server took, and what it answers: ``rcpt`` and ``data`` map a recipient to the answers still to be given, then 250;
    ``mail`` are those to the sender.
    """

    taken: list[Taken] = field(default_factory=list)
    rcpt: dict[str, list[str]] = field(default_factory=dict)
    data: dict[str, list[str]] = field(default_factory=dict)
    mail: list[str] = field(default_factory=list)
    logins: list[str] = field(default_factory=list)
    verbs: list[str] = field(default_factory=list)

    async def handle_MAIL(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]) -> str:
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return self.mail.pop(0) if self.mail else "250 OK"

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]) -> str:
        answers = self.rcpt.get(address)
        if answers:
            return answers.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        content = envelope.content
        assert isinstance(content, bytes)
        answers = self.data.get(envelope.rcpt_tos[0])
        answer = answers.pop(0) if answers else "250 OK"
        if not answer.startswith("250") and answer != "take and hang up":
            return answer
        parsed = message_from_bytes(content, policy=policy.default)
        self.taken.append(Taken(envelope.rcpt_tos[0], str(parsed["Message-ID"]), content))
        if answer == "take and hang up":
            server.transport.close()
        return "250 OK"


@contextmanager
def mail_server(
    box: Box, *, tls: ssl.SSLContext | None = None, implicit: bool = False, login: tuple[str, str] | None = None
) -> Iterator[int]:
    """Serve ``box`` on a free port of 127.0.0.1; gives the port."""

    def authenticate(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
        assert isinstance(data, LoginPassword)
        assert login is not None
        ok = (data.login.decode(), data.password.decode()) == login
        box.logins.append(data.login.decode())
        return AuthResult(success=ok, handled=False)

    options: dict[str, Any] = {"hostname": "127.0.0.1", "port": 0, "enable_SMTPUTF8": True}
    if tls is not None and not implicit:
        options |= {"tls_context": tls, "require_starttls": True}
    if login is not None:
        options |= {"authenticator": authenticate, "auth_required": not implicit, "auth_require_tls": not implicit}
    if implicit:
        options["ssl_context"] = tls
    controller = _Controller(box, **options)
    controller.start()
    try:
        assert controller.server is not None
        yield controller.server.sockets[0].getsockname()[1]
    finally:
        controller.stop()


class _Controller(Controller):
    """Port 0 means any free port, also when the controller tries whether it answers."""

    def _trigger_server(self) -> None:
        assert self.server is not None
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()
