"""The only sender: what waits in the outbox goes to the mail server, or into the mailbox folder when none is set."""

from __future__ import annotations

import contextlib
import os
import secrets
import smtplib
import ssl
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from pathlib import Path

from sqlite_utils import Database

from scheduler.errors import MailServerUnusable
from scheduler.lease import held
from scheduler.settings import Settings
from scheduler.smtp import connect, hand_over, read_server
from store import outbox
from store.digest.render import header
from store.outbox import Delivery, Letter

MINUTE = timedelta(minutes=1)


def deliver(
    settings: Settings,
    private: Database,
    *,
    now: datetime,
    stopping: Callable[[], bool] = lambda: False,
    context: ssl.SSLContext | None = None,
) -> Iterator[Delivery]:
    """Send what is due at ``now``, at most ``mail_per_minute``, one delivery a letter as it is settled; ends early once ``stopping()``.

    Killed anywhere, the next call goes on: nothing is lost, and nothing sent twice but a letter whose end of content was sent and
    not answered; that one goes out once more under the same Message-ID and is reported as ``unsure``. Raises LeaseHeld while another
    process delivers, MailServerUnusable when no server takes mail; the outbox is kept.
    """
    with held(private, "delivery", now=now):
        outbox.recover(private, now=now)
        room = settings.mail_per_minute - outbox.sent_since(private, now - MINUTE)
        letters = outbox.due(private, now=now, limit=max(0, room))
        for letter in letters:
            if letter.closed:
                yield outbox.failed(private, letter, "the account was closed", now=now)
        open_letters = [letter for letter in letters if not letter.closed]
        if not open_letters:
            return
        way = _by_smtp if settings.smtp_url else _by_folder
        for delivery in way(settings, private, open_letters, now, context):
            yield delivery
            if stopping():
                return


def _by_folder(
    settings: Settings, private: Database, letters: list[Letter], now: datetime, context: ssl.SSLContext | None
) -> Iterator[Delivery]:
    """Each letter as ``<issue>.eml``; writing it again writes the same bytes, so there is no doubt to keep."""
    for letter in letters:
        path = settings.mailbox / f"{letter.issue}.eml"
        try:
            write_whole(path, letter.message)
        except OSError as error:
            raise MailServerUnusable(
                f"{path} cannot be written ({error.strerror}): free or open {settings.mailbox}, or set CLUSTERSCOUT_SMTP_URL; "
                "the outbox is kept."
            ) from error
        yield outbox.sent(private, letter, f"written to {path.name}", now=now)


def _by_smtp(
    settings: Settings, private: Database, letters: list[Letter], now: datetime, context: ssl.SSLContext | None
) -> Iterator[Delivery]:
    server = read_server(settings.smtp_url)
    sender = parseaddr(settings.mail_from)[1]
    greeting = sender.rpartition("@")[2] or "localhost"
    smtp: smtplib.SMTP | None = None
    try:
        for letter in letters:
            smtp = smtp or connect(server, greeting=greeting, context=context)
            reply = hand_over(
                smtp,
                sender=sender,
                recipient=letter.recipient,
                message=letter.message,
                before_end=lambda letter=letter: outbox.sending(private, letter),  # type: ignore[misc]
            )
            if reply.outcome == "taken":
                yield outbox.sent(private, letter, reply.text, now=now)
            elif reply.outcome == "never":
                yield outbox.failed(private, letter, reply.text, now=now)
            elif reply.outcome == "unanswered":
                yield outbox.unanswered(private, letter, reply.text, now=now)
            else:
                yield outbox.postponed(private, letter, reply.text, now=now)
            if not reply.connected:
                smtp.close()
                smtp = None
    finally:
        if smtp is not None:
            with contextlib.suppress(OSError, smtplib.SMTPException):
                smtp.quit()


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that it is there whole or not at all, also when the machine stops. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    with part.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)


def send_sign_in_link(settings: Settings, email: str, link: str, *, now: datetime) -> None:
    """Send a one-time link at once, past the outbox: it is worth nothing later. Raises MailServerUnusable."""
    send_now(settings, email, "Sign in to clusterscout", f"Open this address to sign in; it works once:\n\n{link}\n", now=now)


def send_now(settings: Settings, recipient: str, subject: str, text: str, *, now: datetime) -> str:
    """Send a short message at once and return what the server said. Raises MailServerUnusable when it is not taken."""
    name, sender = parseaddr(settings.mail_from)
    message = EmailMessage(policy=SMTP)
    message["From"] = Address(header(name), addr_spec=header(sender))
    message["To"] = Address(addr_spec=header(recipient))
    message["Subject"] = header(subject)
    message["Date"] = format_datetime(now)
    unique = secrets.token_hex(16)
    message["Message-ID"] = f"<{unique}@{sender.rpartition('@')[2] or 'localhost'}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(text)
    if not settings.smtp_url:
        write_whole(settings.mailbox / f"{unique}.eml", message.as_bytes())
        return f"written to {settings.mailbox}"
    smtp = connect(read_server(settings.smtp_url), greeting=sender.rpartition("@")[2] or "localhost")
    try:
        reply = hand_over(smtp, sender=sender, recipient=recipient, message=message.as_bytes(), before_end=lambda: None)
    finally:
        with contextlib.suppress(OSError, smtplib.SMTPException):
            smtp.quit()
    if reply.outcome != "taken":
        raise MailServerUnusable(
            f"The mail server did not take a message to {recipient} ({reply.text}): check CLUSTERSCOUT_MAIL_FROM."
        )
    return reply.text
