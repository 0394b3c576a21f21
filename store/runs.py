"""The only writer of ``run`` and ``problem``: what was tried, how it went, and what was not understood."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlite_utils import Database

from store.codec import iso, parse_iso
from store.database import writing
from store.errors import NoSuchRow
from store.model import Problem, Run, Verdict

LEASE = timedelta(minutes=30)


def start_run(db: Database, stage: str, source: str, *, now: datetime, lease: timedelta = LEASE) -> str:
    """Begin a run and return its id, which sorts by time: ``20261121T050000Z-<hex>``.

    Runs of any source that never ended and are older than ``lease`` were killed: they are closed as ``broken`` first.
    """
    run = f"{iso(now).replace('-', '').replace(':', '')}-{secrets.token_hex(4)}"
    with writing(db):
        close_abandoned(db, now=now, lease=lease)
        db.execute("insert into run (id, stage, source, started) values (?, ?, ?, ?)", [run, stage, source, iso(now)])
    return run


def close_abandoned(db: Database, *, now: datetime, lease: timedelta = LEASE) -> int:
    """Close as ``broken`` the runs without an end that started before ``now - lease``; their number."""
    with writing(db):
        return db.execute(
            "update run set ended = ?, verdict = 'broken', complete = 0, reasons = ? where ended is null and started < ?",
            [iso(now), json.dumps(["killed: the run never reported its end"]), iso(now - lease)],
        ).rowcount


def end_run(
    db: Database,
    run_id: str,
    *,
    now: datetime,
    verdict: Verdict,
    complete: bool,
    counts: Mapping[str, int],
    reasons: Sequence[str] = (),
) -> None:
    """Write the outcome of a run. For a crawl use ``notices.finish_run``, which also retires. Raises NoSuchRow."""
    with writing(db):
        done = db.execute(
            "update run set ended = ?, verdict = ?, complete = ?, counts = ?, reasons = ? where id = ?",
            [iso(now), verdict, int(complete), json.dumps(dict(counts), sort_keys=True), json.dumps(list(reasons)), run_id],
        ).rowcount
    if not done:
        raise NoSuchRow(f"There is no run '{run_id}': start one with start_run.")


def add_problems(db: Database, run_id: str | None, problems: Iterable[Problem], *, now: datetime) -> int:
    """Add a row for each problem of a run (None: of no run); their number."""
    at = iso(now)
    rows = [(run_id, p.source, p.url, p.cause, p.detail, p.source_id, at) for p in problems]
    if rows:
        with writing(db):
            db.conn.executemany(
                "insert into problem (run, source, url, cause, detail, source_id, at) values (?, ?, ?, ?, ?, ?, ?)", rows
            )
    return len(rows)


def problem_urls(db: Database, run_id: str, *, cause: str) -> list[str]:
    """The addresses of a run's problems of one cause, in order."""
    rows = db.execute("select url from problem where run = ? and cause = ? order by id", [run_id, cause])
    return [str(row[0]) for row in rows]


def last_runs(db: Database, *, stage: str = "crawl", source: str = "", limit: int = 100) -> list[Run]:
    """The newest runs of a stage (of one source when named), newest first; a run still going has verdict ``broken`` and no end."""
    where = "stage = :stage and (:source = '' or source = :source)"
    rows = db.query(
        f"select * from run where {where} order by started desc, id desc limit :limit",  # noqa: S608
        {"stage": stage, "source": source, "limit": limit},
    )
    return [_run(row) for row in rows]


def teachers(db: Database, source: str, *, now: datetime, days: int = 400, newest: int = 20) -> list[Run]:
    """The crawls that later ones are measured by, newest first: the ``newest`` ended ones as they were, and before them the last
    healthy one of each day, none older than ``days`` or than the source's last acceptance (``accept``).
    """
    found = db.execute("select max(started) from run where source = ? and stage = 'accept'", [source]).fetchone()[0]
    since = max(iso(now - timedelta(days=days)), found or "")
    rows = db.query(
        "select * from run where id in (select id from run where source = :source and stage = 'crawl' and ended is not null "
        "and started >= :since order by started desc, id desc limit :newest) or id in (select max(id) from run where source = :source "
        "and stage = 'crawl' and verdict = 'healthy' and started >= :since group by substr(started, 1, 10)) order by started desc, id desc",
        {"source": source, "since": since, "newest": newest},
    )
    return [_run(row) for row in rows]


def accept(db: Database, source: str, *, now: datetime, reasons: Sequence[str] = ()) -> str:
    """A person says that a source is well as it is now: what was learned before no longer counts. The id of the row."""
    with writing(db):
        run = start_run(db, "accept", source, now=now)
        end_run(db, run, now=now, verdict="healthy", complete=False, counts={}, reasons=reasons)
    return run


def latest_by_source(db: Database, *, stage: str = "crawl") -> dict[str, Run]:
    """The newest ended run of each source, by source name."""
    rows = db.query(
        "select run.* from run join (select source, max(id) as id from run where stage = ? and ended is not null group by source) "
        "using (id)",
        [stage],
    )
    return {row["source"]: _run(row) for row in rows}


@dataclass(frozen=True, kw_only=True, slots=True)
class Unread:
    """A source that was not read in full of late: its title, and when it last was ("" for never, else a day, ``2026-11-13``, UTC)."""

    title: str
    last: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Coverage:
    """Of ``total`` enabled sources that are not blocked, how many were ``read`` in full since the day ``since`` (ISO, UTC) and at
    their newest run, and the names of those ``lacking``; ``unread`` says more of them, in the same order.
    """

    read: int
    total: int
    lacking: tuple[str, ...]
    since: str = ""
    unread: tuple[Unread, ...] = ()


def coverage(db: Database, *, now: datetime, days: int = 8) -> Coverage:
    """How much of what is declared was read in full (a complete run, healthy or empty-ok) in the last ``days``, and not in vain since:
    a source whose newest run was not such a one may have published what is missing here.
    """
    since = iso(now - timedelta(days=days))
    rows = list(
        db.query(
            "select s.name, s.title, coalesce(max(r.started), '') as newest, coalesce(max(r.started) filter "
            "(where r.complete = 1 and r.verdict in ('healthy', 'empty-ok')), '') as last "
            "from source s left join run r on r.source = s.name and r.stage = 'crawl' and r.ended is not null "
            "where s.enabled = 1 and s.blocked = '' group by s.name order by s.name"
        )
    )
    lacking = [row for row in rows if row["last"] < max(since, row["newest"])]
    return Coverage(
        read=len(rows) - len(lacking),
        total=len(rows),
        lacking=tuple(str(row["name"]) for row in lacking),
        since=since[:10],
        unread=tuple(Unread(title=row["title"] or row["name"], last=row["last"][:10]) for row in lacking),
    )


def coverage_sentence(db: Database, *, now: datetime, days: int = 8) -> str:
    """``58 of 61 sources fully read since 13 Nov 2026; X last read completely on 10 Nov 2026; and 2 more.``"""
    return spoken(coverage(db, now=now, days=days), day=_english_day)


def spoken(found: Coverage, say: Callable[[str], str] = str, day: Callable[[str], str] = str) -> str:
    """The one sentence that the health page, the digest and ``doctor`` say, so that silence can be judged. ``say`` translates its
    parts, ``day`` writes an ISO day in the reader's manner.
    """
    if not found.total:
        return say("No source is enabled.")
    parts = [
        say("%(read)d of %(total)d sources fully read since %(day)s")
        % {"read": found.read, "total": found.total, "day": day(found.since)}
    ]
    for one in found.unread[:5]:
        text = say("%(name)s last read completely on %(day)s") if one.last else say("%(name)s never read completely")
        parts.append(text % {"name": one.title, "day": day(one.last) if one.last else ""})
    if len(found.unread) > 5:
        parts.append(say("and %(n)d more") % {"n": len(found.unread) - 5})
    return "; ".join(parts) + "."


def _english_day(day: str) -> str:
    from babel.dates import format_date  # a crawl, which says no sentence, need not load it

    return str(format_date(date.fromisoformat(day), format="medium", locale="en_GB"))


def purge(db: Database, *, before: datetime) -> int:
    """Remove runs that started before an instant, with their problems; their number. Notices and history stay."""
    with writing(db):
        db.execute("delete from problem where run in (select id from run where started < ?)", [iso(before)])
        return db.execute("delete from run where started < ?", [iso(before)]).rowcount


def _run(row: Mapping[str, Any]) -> Run:
    return Run(
        id=row["id"],
        stage=row["stage"],
        source=row["source"],
        started=parse_iso(row["started"]),
        ended=parse_iso(row["ended"]) if row["ended"] else None,
        verdict=row["verdict"] or "broken",
        complete=bool(row["complete"]),
        counts=json.loads(row["counts"]),
        reasons=tuple(json.loads(row["reasons"])),
    )
