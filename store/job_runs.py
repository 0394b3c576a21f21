"""The only writer of ``job_run``: which job of the scheduler ran when, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlite_utils import Database

from store.codec import iso, parse_iso
from store.database import writing
from store.processes import died_here, this_process

_CUT_OFF = "the process ended before the job did"
OUTCOMES = ("done", "idle", "failed", "killed", "stopped")


@dataclass(frozen=True, kw_only=True, slots=True)
class JobRun:
    """One run of a job; ``outcome`` is "" while it goes on; ``idle`` found nothing to do; ``killed`` is told as soon as its process is
    gone, before any row says so."""

    id: int
    job: str
    started: datetime
    ended: datetime | None
    outcome: str
    detail: str


def start(private: Database, job: str, *, now: datetime) -> int:
    """Begin a run and return its id. An earlier run of the same job without an end was killed, and is closed as such."""
    with writing(private):
        private.execute(
            "update job_run set ended = ?, outcome = 'killed', detail = ? where job = ? and ended is null",
            [iso(now), _CUT_OFF, job],
        )
        private.execute("insert into job_run (job, started, process) values (?, ?, ?)", [job, iso(now), this_process(job)])
        return int(private.execute("select last_insert_rowid()").fetchone()[0])


def end(private: Database, run: int, outcome: str, detail: str, *, now: datetime) -> None:
    """Write what came of a run. Of idle runs in a row the last one alone is kept."""
    with writing(private):
        private.execute("update job_run set ended = ?, outcome = ?, detail = ? where id = ?", [iso(now), outcome, detail, run])
        if outcome == "idle":
            private.execute(
                "delete from job_run where outcome = 'idle' and id = (select max(id) from job_run where id < :run and job = "
                "(select job from job_run where id = :run))",
                {"run": run},
            )


def last(private: Database) -> dict[str, JobRun]:
    """The newest run of each job, by its name."""
    rows = private.query(
        "select j.* from job_run j join (select job, max(id) as id from job_run group by job) using (id) order by j.job"
    )
    return {row["job"]: _read(row) for row in rows}


def _read(row: dict[str, Any]) -> JobRun:
    gone = row["ended"] is None and row.get("process") and died_here(row["process"])
    return JobRun(
        id=row["id"],
        job=row["job"],
        started=parse_iso(row["started"]),
        ended=parse_iso(row["ended"]) if row["ended"] else None,
        outcome="killed" if gone else row["outcome"],
        detail=_CUT_OFF if gone else row["detail"],
    )


def purge(private: Database, *, before: datetime) -> int:
    """Remove runs that started before an instant; their number."""
    with writing(private):
        return private.execute("delete from job_run where started < ?", [iso(before)]).rowcount
