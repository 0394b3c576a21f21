"""The only sender: what waits in the outbox goes to the mail server, or into the mailbox folder when none is set."""

from __future__ import annotations

import contextlib
import os
import smtplib
import ssl
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from email.utils import parseaddr
from pathlib import Path

from sqlite_utils import Database

from scheduler.errors import MailServerUnusable
from scheduler.lease import held
from scheduler.settings import Settings
from scheduler.smtp import connect, hand_over, read_server
from store import outbox
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
