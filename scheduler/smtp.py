"""One conversation with a mail server, verb by verb, so that the moment of handing over is known exactly."""

from __future__ import annotations

import re
import smtplib
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal
from urllib.parse import parse_qs, unquote, urlsplit

from scheduler.errors import MailServerUnusable, SettingsUnusable

TIMEOUT = 60.0
_LOCAL = ("127.", "::1", "localhost")
_DOT = re.compile(rb"(?m)^\.")


@dataclass(frozen=True, kw_only=True, slots=True)
class Server:
    """A mail server as its address says: ``smtp://user:password@host:587`` (STARTTLS) or ``smtps://...``; ``?tls=none`` goes without."""

    host: str
    port: int
    tls: Literal["starttls", "smtps", "none"]
    user: str
    password: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Reply:
    """What the server said to a message: taken, later (4xx), never (5xx), or unanswered (the end of its content went out)."""

    outcome: Literal["taken", "later", "never", "unanswered"]
    text: str
    connected: bool = True


def read_server(url: str) -> Server:
    """The server of an address. Raises SettingsUnusable that says what is wrong with it (never its password)."""
    parts = urlsplit(url)
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
        raise SettingsUnusable("CLUSTERSCOUT_SMTP_URL is not smtp://user:password@host:587 or smtps://...: correct it.")
    tls = parse_qs(parts.query).get("tls", [""])[0]
    local = parts.hostname.startswith(_LOCAL)
    way: Literal["starttls", "smtps", "none"] = "smtps" if parts.scheme == "smtps" else "starttls"
    if tls == "none" or (local and way == "starttls" and tls != "required"):
        way = "none"
    try:
        port = parts.port or {"smtps": 465, "starttls": 587, "none": 25}[way]
    except ValueError as error:
        raise SettingsUnusable(f"CLUSTERSCOUT_SMTP_URL has a port that is none: {error}.") from error
    return Server(
        host=parts.hostname, port=port, tls=way, user=unquote(parts.username or ""), password=unquote(parts.password or "")
    )


def connect(server: Server, *, greeting: str, context: ssl.SSLContext | None = None, timeout: float = TIMEOUT) -> smtplib.SMTP:
    """Say EHLO as ``greeting``, agree on TLS, log in. Raises MailServerUnusable: nothing was handed over."""
    where = f"{server.host}:{server.port}"
    context = context or ssl.create_default_context()
    try:
        if server.tls == "smtps":
            smtp: smtplib.SMTP = smtplib.SMTP_SSL(server.host, server.port, greeting, timeout=timeout, context=context)
        else:
            smtp = smtplib.SMTP(server.host, server.port, greeting, timeout=timeout)
    except (OSError, smtplib.SMTPException) as error:
        raise MailServerUnusable(
            f"The mail server {where} cannot be reached ({_words(error)}): the outbox is kept and sent when it answers; "
            "check CLUSTERSCOUT_SMTP_URL if it never does."
        ) from error
    try:
        smtp.ehlo_or_helo_if_needed()
        if server.tls == "starttls":
            smtp.starttls(context=context)
            smtp.ehlo()
        if server.user:
            smtp.login(server.user, server.password)
    except (OSError, smtplib.SMTPException) as error:
        smtp.close()
        raise MailServerUnusable(
            f"The mail server {where} let us not in ({_words(error)}): check TLS, user and password in CLUSTERSCOUT_SMTP_URL; "
            "the outbox is kept."
        ) from error
    return smtp


def hand_over(smtp: smtplib.SMTP, *, sender: str, recipient: str, message: bytes, before_end: Callable[[], None]) -> Reply:
    """Hand one message (CRLF lines) over. ``before_end`` is called when all but the end of its content is out.

    Until then the server cannot have taken it, whatever goes wrong (RFC 5321 section 4.1.1.4); from then on only its answer tells.
    Raises MailServerUnusable when the sender is refused for good: that is a fault of the settings, not of this letter.
    """
    options = [] if recipient.isascii() and sender.isascii() else ["SMTPUTF8"]
    verbs: tuple[tuple[Callable[[], tuple[int, bytes]], int], ...] = (
        (lambda: smtp.mail(sender, options), 250),
        (lambda: smtp.rcpt(recipient), 250),
        (lambda: smtp.docmd("DATA"), 354),
    )
    try:
        for verb, wanted in verbs:
            code, said = verb()
            if code != wanted and not (wanted == 250 and code == 251):
                smtp.rset()
                if verb is verbs[0][0] and code >= 500:
                    raise MailServerUnusable(
                        f"The mail server refuses our sender {sender} ({_answer(code, said)}): check CLUSTERSCOUT_MAIL_FROM, and user "
                        "and password in CLUSTERSCOUT_SMTP_URL; the outbox is kept."
                    )
                return Reply(outcome="never" if code >= 500 else "later", text=_answer(code, said), connected=code != 421)
        smtp.send(_DOT.sub(b"..", message.rstrip(b"\r\n")) + b"\r\n")
    except (OSError, smtplib.SMTPException) as error:
        return Reply(outcome="later", text=_words(error), connected=False)
    before_end()
    try:
        smtp.send(b".\r\n")
        code, said = smtp.getreply()
    except (OSError, smtplib.SMTPException) as error:
        return Reply(outcome="unanswered", text=f"the end of the message was not answered: {_words(error)}", connected=False)
    if code == 250:
        return Reply(outcome="taken", text=_answer(code, said))
    return Reply(outcome="never" if code >= 500 else "later", text=_answer(code, said), connected=code != 421)


def _words(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        return _answer(error.smtp_code, error.smtp_error)
    return str(error) or type(error).__name__


def _answer(code: int, text: bytes | str) -> str:
    said = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    return " ".join(f"{code} {said}".split())
