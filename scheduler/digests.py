"""Builds the issues that are due and puts them into the outbox; previews one profile without writing anything."""

from __future__ import annotations

import atexit
import contextlib
import json
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from sqlite_utils import Database

from scheduler.pool import by_others
from scheduler.settings import Settings, secret_of
from store import outbox, profiles
from store.codec import iso
from store.database import open_private, open_store
from store.digest.compose import Edition, compose, edition, preview_period, preview_reader, reader_of
from store.digest.issue import Issue, Reader, issue_id
from store.digest.links import Links
from store.digest.plan import Plan
from store.digest.render import Rendered, message_id, render
from store.digest.schedule import last_due, period
from store.outbox import Standing
from store.profiles import Profile

# Below this many issues starting processes costs more than they bring.
FEW = 60
BATCH = 10


@dataclass(frozen=True, kw_only=True, slots=True)
class Built:
    """An issue that was built: for whom, for which half-open period, and how many opportunities it tells of."""

    issue: str
    recipient: str
    start: datetime
    end: datetime
    entries: int


@dataclass(frozen=True, kw_only=True, slots=True)
class _Task:
    reader: Reader
    wanted: tuple[Profile, ...]
    standing: Standing
    period: tuple[datetime, datetime]
    issue: str


def build_due(
    settings: Settings,
    *,
    now: datetime,
    everyone: bool = False,
    dry_run: bool = False,
    stopping: Callable[[], bool] = lambda: False,
) -> list[Built]:
    """Build each issue that is due at ``now`` and queue its mail, a transaction each; ``everyone`` builds up to now for all readers.

    A reader seen for the first time is given a place to start from: the first mail comes at the next weekday and hour asked for.
    Many issues are built by processes of our own, each from its own snapshot, as two services started at once would: a reader's
    issue enters only where the last one ended. Killed anywhere, the next call builds the rest. With ``dry_run`` nothing is written.
    """
    db, private = open_store(settings.db), open_private(settings.private_db)
    with contextlib.closing(db.conn), contextlib.closing(private.conn):
        tasks = list(_tasks(db, private, now=now, everyone=everyone, write=not dry_run))
        if not tasks:
            return []
        cursor, out = min(task.standing.cursor for task in tasks), []
        if len(tasks) >= FEW and not dry_run:
            steps = _by_others(settings, tasks, now, cursor)
        else:
            steps = _one_by_one(db, private, settings, tasks, now, cursor, not dry_run)
        with contextlib.closing(steps):
            for issues in steps:
                out += issues
                if stopping():
                    break
    return out


def preview(settings: Settings, profile: str, *, now: datetime) -> tuple[Issue, Rendered]:
    """What the mail of a profile would say now: a person's own one with marks and ledger, any other one for nobody in particular.

    Writes nothing. Raises NoSuchRow for an unknown profile.
    """
    db, private = open_store(settings.db), open_private(settings.private_db)
    with contextlib.closing(db.conn), contextlib.closing(private.conn):
        wanted: Sequence[Profile] = [profiles.load(private, profile)]
        reader, cursor = preview_reader(wanted[0]), 0
        if wanted[0].level == "person" and wanted[0].people:
            row = next(iter(private.query("select * from member where email = ?", [wanted[0].people[0]])))
            wanted = profiles.of_member(private, row["id"]) or wanted
            reader = reader_of(row, wanted)
            standing = outbox.standing(private, reader.member)
            cursor = standing.cursor if standing else cursor
        with edition(db, now=now, cursor=cursor) as made:
            _, issue = compose(made, private, reader, wanted, cursor=cursor, period=preview_period(now))
        links = _links(settings)
        return issue, render(issue, links=links, mail_from=settings.mail_from)


def save_preview(issue: Issue, rendered: Rendered, folder: Path, name: str) -> list[Path]:
    """Write ``<name>.eml``, ``.html`` and ``.txt`` into a folder; returns their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    contents = {".eml": rendered.message.as_bytes(), ".html": rendered.html.encode(), ".txt": rendered.text.encode()}
    paths = []
    for suffix, content in contents.items():
        path = folder / f"{name}{suffix}"
        path.write_bytes(content)
        paths.append(path)
    return paths


def _tasks(db: Database, private: Database, *, now: datetime, everyone: bool, write: bool) -> Iterator[_Task]:
    newest = int(db.execute("select coalesce(max(id), 0) from change").fetchone()[0])
    concerning, standings = profiles.of_everybody(private), outbox.standings(private)
    for member in list(private.query("select * from member where disabled_at is null order by id")):
        wanted = concerning.get(member["id"])
        if not wanted:
            continue
        reader, schedule = reader_of(member, wanted), _schedule(wanted[0], member)
        standing = standings.get(reader.member)
        if standing is None:
            since = last_due(now, **schedule)
            standing = Standing(since=now, told_until=since, cursor=newest, stopped_at=None)
            if write:
                outbox.begin(private, reader.member, told_until=since, cursor=newest, now=now)
        if standing.stopped_at is not None:
            continue
        span = (standing.told_until, now) if everyone else period(now, standing.told_until, **schedule)
        if span is None or (everyone and standing.told_until >= now):
            continue
        used = _used(private, issue_id(reader.member, span[1]))
        if used and standing.told_until > span[1]:
            # The clock was ahead when the last issue was built, and this period was told before that: go on from here.
            if write:
                outbox.set_back(private, reader.member, standing, told_until=span[1])
            continue
        issue = issue_id(reader.member, span[1], again=used)
        yield _Task(reader=reader, wanted=wanted, standing=standing, period=span, issue=issue)


class _Batch(NamedTuple):
    settings: Settings
    now: datetime
    cursor: int
    tasks: Sequence[_Task]


def _by_others(settings: Settings, tasks: Sequence[_Task], now: datetime, cursor: int) -> Generator[list[Built]]:
    batches = (_Batch(settings, now, cursor, tasks[n : n + BATCH]) for n in range(0, len(tasks), BATCH))
    with contextlib.closing(by_others(_build_batch, batches)) as steps:
        for _, issues in steps:
            yield issues


def _one_by_one(
    db: Database, private: Database, settings: Settings, tasks: Sequence[_Task], now: datetime, cursor: int, write: bool
) -> Generator[list[Built]]:
    links = _links(settings)
    with edition(db, now=now, cursor=cursor) as made:
        for task in tasks:
            built = _build(made, private, task, links, settings.mail_from, write=write)
            yield [built] if built is not None else []


def _build_batch(batch: _Batch) -> list[Built]:
    """The issues of a batch, built and entered by a process of the pool."""
    made, private = _opened(batch.settings, batch.now, batch.cursor)
    links = _links(batch.settings)
    return [
        built
        for task in batch.tasks
        if (built := _build(made, private, task, links, batch.settings.mail_from, write=True)) is not None
    ]


@cache
def _opened(settings: Settings, now: datetime, cursor: int) -> tuple[Edition, Database]:
    """The edition and the private file that a process of the pool works with until its end."""
    whole = contextlib.ExitStack()
    made = whole.enter_context(edition(open_store(settings.db), now=now, cursor=cursor))
    atexit.register(whole.close)
    return made, open_private(settings.private_db)


def _links(settings: Settings) -> Links:
    return Links(settings.address.rstrip("/"), secret_of(settings))


def _build(made: Edition, private: Database, task: _Task, links: Links, mail_from: str, *, write: bool) -> Built | None:
    plan, issue = compose(
        made, private, task.reader, task.wanted, cursor=task.standing.cursor, period=task.period, issue=task.issue
    )
    if write:
        rendered = render(issue, links=links, mail_from=mail_from)
        entered = outbox.post(
            private,
            issue=_row(issue, plan, rendered),
            message_id=message_id(task.reader.email, issue.id, mail_from),
            message=rendered.message.as_bytes(),
            told=plan.told,
            cursor=made.last_change,
            built_on=task.standing,
            now=made.now,
        )
        if not entered:
            return None
    return Built(issue=issue.id, recipient=task.reader.email, start=issue.start, end=issue.end, entries=issue.size)


def _row(issue: Issue, plan: Plan, rendered: Rendered) -> dict[str, Any]:
    contents = {
        name: {"shown": [entry.key for entry in entries], "rest": list(plan.rest.get(name, ()))}
        for name, entries in plan.shown.items()
    }
    return {
        "id": issue.id,
        "member": issue.reader.member,
        "recipient": issue.reader.email,
        "period_start": iso(issue.start),
        "period_end": iso(issue.end),
        "built_at": iso(issue.built_at),
        "language": issue.reader.language,
        "subject": rendered.subject,
        "html": rendered.html,
        "text": rendered.text,
        "contents": json.dumps(contents),
    }


def _schedule(profile: Profile, member: dict[str, Any]) -> dict[str, Any]:
    return {"weekday": profile.weekday, "hour": profile.hour, "zone": profile.zone or member["zone"]}


def _used(private: Database, issue: str) -> int:
    """How many issues bear this id or one made from it."""
    between = "select count(*) from issue where id = :id or (id > :id || '-' and id < :id || '.')"  # "." follows "-"
    count = private.execute(between, {"id": issue}).fetchone()
    return int(count[0])
