"""What ``clusterscout doctor`` looks at: each check says in one sentence what it found and, when something is wrong, what to do."""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from email.utils import parseaddr
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import click

from scheduler.delivery import send_now
from scheduler.errors import SchedulerError
from scheduler.settings import PREFIX, Settings, origin_of
from scheduler.smtp import connect, read_server
from scheduler.sourcing import readable_sources
from store import backup, held, job_runs, outbox, runs
from store.database import open_private, open_readonly
from store.errors import StoreError, explained
from store.migrations.private import private
from store.migrations.published import published

LEAST_FREE = 1_000_000_000
SECRETS = ("secret", "smtp_url")
LATE = timedelta(days=2)


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One check: ``state`` is ok, note (worth knowing) or wrong (exit 1); ``text`` ends with what to do when it is wrong."""

    check: str
    state: str
    text: str


def settings_lines(settings: Settings) -> Iterator[str]:
    """Each setting with its value and where it came from; secrets are only said to be set."""
    for f in fields(Settings):
        value = getattr(settings, f.name)
        shown = ("set" if value else "not set") if f.name in SECRETS else str(value)
        yield f"{f.name} = {shown}  ({origin_of(f.name)})"


def examine(settings: Settings, *, now: datetime, mail_to: str = "") -> Iterator[Finding]:
    """Every check in turn. With ``mail_to`` a test message is sent there; without it the mail server is only spoken to."""
    yield from _disk(settings)
    yield from _rights(settings)
    yield from _zones(settings)
    yield from _addresses(settings)
    yield from _mail(settings, now=now, mail_to=mail_to)
    yield from _files(settings)
    yield from _sources(settings, now=now)
    yield from _archive(settings)
    yield from _running(settings, now=now)


def _disk(settings: Settings) -> Iterator[Finding]:
    place = next(p for p in (settings.data, *settings.data.parents) if p.exists())
    free = shutil.disk_usage(place).free
    text = f"{free / 1e9:.1f} GB free at {place}"
    if free < LEAST_FREE:
        yield Finding(check="disk", state="wrong", text=f"{text}: free some, or move the data folder with {PREFIX}DATA.")
    else:
        yield Finding(check="disk", state="ok", text=text)


def _rights(settings: Settings) -> Iterator[Finding]:
    if not settings.data.exists():
        yield Finding(check="rights", state="note", text=f"{settings.data} is not there yet: 'clusterscout serve' makes it.")
        return
    for path in (settings.data, settings.db, settings.private_db):
        if path.exists() and not os.access(path, os.W_OK):
            yield Finding(
                check="rights", state="wrong", text=f"{path} cannot be written: 'chown -R' it to the user that runs this."
            )
    for path in (settings.private_db, settings.data / "secret"):
        if path.exists() and stat.S_IMODE(path.stat().st_mode) & 0o077:
            yield Finding(check="rights", state="wrong", text=f"{path} can be read by others: 'chmod 600 {path}'.")
    yield Finding(check="rights", state="ok", text=f"{settings.data} belongs to user id {settings.data.stat().st_uid}")


def _zones(settings: Settings) -> Iterator[Finding]:
    try:
        at = ZoneInfo(settings.zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        text = f"Zone '{settings.zone}' is not known: correct {PREFIX}ZONE, or install the package tzdata."
        yield Finding(check="zones", state="wrong", text=text)
        return
    # Brussels kept summer time in 2026: data that do not know so are broken.
    summer = datetime(2026, 7, 1, 12, tzinfo=ZoneInfo("Europe/Brussels")).utcoffset()
    if summer != timedelta(hours=2):
        yield Finding(check="zones", state="wrong", text="The zone data are broken: install the package tzdata again.")
    else:
        yield Finding(check="zones", state="ok", text=f"zone data known; jobs run in {at.key}")


def _addresses(settings: Settings) -> Iterator[Finding]:
    parts = urlsplit(settings.address)
    local = parts.hostname in ("127.0.0.1", "localhost", "::1")
    if parts.scheme not in ("http", "https") or not parts.hostname:
        yield Finding(
            check="address", state="wrong", text=f"'{settings.address}' is no address: set {PREFIX}ADDRESS to https://..."
        )
    elif local:
        text = f"{settings.address} is this machine alone: links in mail work for nobody else; set {PREFIX}ADDRESS."
        yield Finding(check="address", state="note", text=text)
    elif parts.scheme == "http":
        text = f"{settings.address} is not encrypted: put a proxy with TLS in front and set {PREFIX}ADDRESS to https://..."
        yield Finding(check="address", state="wrong", text=text)
    else:
        yield Finding(check="address", state="ok", text=settings.address)
    if not settings.contact:
        text = f"No contact stands in the user agent; sites cannot reach you: set {PREFIX}CONTACT to an address or a page."
        yield Finding(check="contact", state="note", text=text)


def _mail(settings: Settings, *, now: datetime, mail_to: str) -> Iterator[Finding]:
    sender = parseaddr(settings.mail_from)[1]
    if "@" not in sender:
        text = f"'{settings.mail_from}' has no mail address: set {PREFIX}MAIL_FROM to 'Name <address@domain>'."
        yield Finding(check="mail", state="wrong", text=text)
        return
    try:
        if mail_to:
            said = send_now(
                settings, mail_to, "clusterscout: test message", "This is the test message of 'clusterscout doctor'.\n", now=now
            )
            yield Finding(check="mail", state="ok", text=f"test message to {mail_to}: {said}")
        elif not settings.smtp_url:
            text = f"no mail server: mail goes to {settings.mailbox} as .eml files; set {PREFIX}SMTP_URL to send it."
            yield Finding(check="mail", state="note", text=text)
        else:
            server = read_server(settings.smtp_url)
            connect(server, greeting=sender.rpartition("@")[2], timeout=20).quit()
            yield Finding(check="mail", state="ok", text=f"{server.host}:{server.port} lets us in ({server.tls})")
    except SchedulerError as error:
        yield Finding(check="mail", state="wrong", text=error.message)


def _files(settings: Settings) -> Iterator[Finding]:
    for path, migrations in ((settings.db, published), (settings.private_db, private)):
        if not path.exists():
            yield Finding(check="database", state="note", text=f"{path} is not there yet: 'clusterscout db migrate' makes it.")
            continue
        try:
            found = backup.file_status(path, migrations)
        except StoreError as error:
            yield Finding(check="database", state="wrong", text=str(error))
            continue
        for fault in found.faults:
            text = f"{path}: {fault}. Restore the last backup with 'clusterscout db restore'."
            yield Finding(check="database", state="wrong", text=text)
        if found.pending:
            text = f"{path} lacks {', '.join(found.pending)}: run 'clusterscout db migrate'."
            yield Finding(check="schema", state="wrong", text=text)
        if not found.faults:
            text = f"{path.name} is sound: {found.bytes / 1e6:.1f} MB, schema {found.schema}"
            yield Finding(check="database", state="ok", text=text)


def _sources(settings: Settings, *, now: datetime) -> Iterator[Finding]:
    try:
        sources, faults = readable_sources(settings)
    except click.ClickException as error:
        yield Finding(check="sources", state="wrong", text=error.message)
        return
    for name, fault in faults.items():
        yield Finding(check="sources", state="wrong", text=f"{name}: {fault}. Mend it; 'clusterscout sources check' looks again.")
    enabled = [source for source in sources.values() if source.enabled and not source.blocked]
    yield Finding(check="sources", state="ok", text=f"{len(sources)} declared, {len(enabled)} enabled and not blocked")
    if not settings.db.exists():
        return
    try:
        db = open_readonly(settings.db)
        with contextlib.closing(db.conn), explained(settings.db):
            sentence, last = runs.coverage_sentence(db, now=now), runs.latest_by_source(db)
            waiting = held.counts(db)
    except StoreError as error:
        yield Finding(check="coverage", state="wrong", text=str(error))
        return
    yield Finding(check="coverage", state="ok", text=sentence)
    for name, count in waiting.items():
        text = f"{count} values of {name} are held back as doubtful: mend it with 'clusterscout sources doctor {name}', or if they are right run 'clusterscout sources accept {name}'."
        yield Finding(check="held back", state="note", text=text)
    for name in sorted(source.name for source in enabled if source.name in last):
        run = last[name]
        if run.verdict in ("broken", "blocked"):
            why = "; ".join(run.reasons) or "no reason given"
            yield Finding(
                check="coverage", state="note", text=f"{name} is {run.verdict}: {why}. 'clusterscout sources try' shows it."
            )


def _archive(settings: Settings) -> Iterator[Finding]:
    files = [path for path in settings.archive.rglob("*.warc*") if path.is_file()] if settings.archive.exists() else []
    size = sum(path.stat().st_size for path in files)
    empty = [path.name for path in files if path.stat().st_size == 0]
    text = f"{len(files)} files, {size / 1e6:.1f} MB, kept {settings.keep_pages_days} days"
    if empty:
        yield Finding(
            check="archive", state="note", text=f"{text}; {len(empty)} empty, such as {empty[0]} (a crawl that was cut off)"
        )
    else:
        yield Finding(check="archive", state="ok", text=text)


def _running(settings: Settings, *, now: datetime) -> Iterator[Finding]:
    if not settings.private_db.exists():
        return
    try:
        hidden = open_private(settings.private_db, migrate=False)
    except StoreError:
        return  # told by the check of the files
    with contextlib.closing(hidden.conn):
        if not {"job_run", "outbox"} <= set(hidden.table_names()):
            return
        waiting, last = outbox.waiting(hidden), job_runs.last(hidden)
        oldest = hidden.execute("select min(queued_at) from outbox where state = 'queued'").fetchone()[0]
    for state, what in (("failed", "will not be delivered"), ("unsure", "may or may not have arrived")):
        if waiting.get(state):
            text = f"{waiting[state]} letters {what}: table delivery of {settings.private_db.name} says whose."
            yield Finding(check="outbox", state="note", text=text)
    late = oldest is not None and datetime.fromisoformat(oldest) < now - LATE
    text = f"{waiting.get('queued', 0)} letters wait"
    yield Finding(
        check="outbox", state="wrong" if late else "ok", text=f"{text} since {oldest}: is the mail server right?" if late else text
    )
    for run in last.values():
        if run.outcome == "failed":
            yield Finding(check="jobs", state="wrong", text=f"{run.job} failed at {run.started:%Y-%m-%d %H:%M} UTC: {run.detail}")
    if not last:
        yield Finding(check="jobs", state="note", text="no job ever ran: 'clusterscout serve' runs them.")


def is_wrong(findings: list[Finding]) -> bool:
    """Whether any check found something wrong."""
    return any(finding.state == "wrong" for finding in findings)
