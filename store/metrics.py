"""Numbers for the operator in Prometheus' text format (version 0.0.4): what is stored, how old, how it went, what waits."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path

from sqlite_utils import Database

from store import job_runs, outbox, runs
from store.codec import parse_iso
from store.database import open_readonly

Sample = tuple[Mapping[str, str], float]


def metrics(db: Path, private: Path, now: datetime) -> str:
    """All numbers at ``now`` as text, a family a block. Reads both files, writes none. Raises StoreError."""
    published, hidden = open_readonly(db), open_readonly(private)
    with contextlib.closing(published.conn), contextlib.closing(hidden.conn):
        blocks = [*_published(published, now), *_private(hidden, now), *_files((db, private))]
    return "".join(blocks)


def _published(db: Database, now: datetime) -> Iterator[str]:
    kinds = db.execute("select kind, count(*) from opportunity where merged_into is null group by kind order by kind")
    yield _family("clusterscout_opportunities", "Opportunities by kind.", "gauge", [({"kind": k}, n) for k, n in kinds])
    found = runs.coverage(db, now=now)
    yield _family("clusterscout_sources", "Enabled sources that are not blocked.", "gauge", [({}, found.total)])
    yield _family("clusterscout_sources_read", "Of them, fully read in the last eight days.", "gauge", [({}, found.read)])
    last = runs.latest_by_source(db)
    yield _family(
        "clusterscout_source_verdict",
        "Verdict of each source's last run.",
        "gauge",
        [({"source": name, "verdict": run.verdict}, 1) for name, run in sorted(last.items())],
    )
    yield _family(
        "clusterscout_source_age_seconds",
        "Seconds since each source's last run began.",
        "gauge",
        [({"source": name}, (now - run.started).total_seconds()) for name, run in sorted(last.items())],
    )
    yield _family(
        "clusterscout_source_duration_seconds",
        "Duration of each source's last run.",
        "gauge",
        [({"source": n}, (r.ended - r.started).total_seconds()) for n, r in sorted(last.items()) if r.ended is not None],
    )
    (untagged,) = db.execute(
        "select count(*) from opportunity o left join tagging t on t.opportunity = o.id "
        "where o.merged_into is null and (t.opportunity is null or t.text_hash != o.body_hash)"
    ).fetchone()
    yield _family("clusterscout_untagged", "Opportunities that wait for tags.", "gauge", [({}, untagged)])
    (review,) = db.execute("select count(*) from opportunity where review = 'review' and merged_into is null").fetchone()
    yield _family("clusterscout_in_review", "Opportunities that wait for a curator.", "gauge", [({}, review)])


def _private(private: Database, now: datetime) -> Iterator[str]:
    roles = private.execute("select role, count(*) from member where disabled_at is null group by role order by role")
    yield _family("clusterscout_accounts", "Open accounts by role.", "gauge", [({"role": role}, n) for role, n in roles])
    waiting = {state: 0 for state in ("queued", "sending", "failed", "unsure")} | outbox.waiting(private)
    yield _family("clusterscout_outbox", "Letters by state.", "gauge", [({"state": s}, n) for s, n in sorted(waiting.items())])
    (oldest,) = private.execute("select min(queued_at) from outbox where state = 'queued'").fetchone()
    age = (now - parse_iso(oldest)).total_seconds() if oldest else 0.0
    yield _family("clusterscout_outbox_age_seconds", "Age of the oldest letter that waits.", "gauge", [({}, age)])
    outcomes = private.execute("select outcome, count(*) from delivery group by outcome order by outcome")
    yield _family(
        "clusterscout_deliveries", "Deliveries in the ledger by outcome.", "gauge", [({"outcome": o}, n) for o, n in outcomes]
    )
    last = job_runs.last(private)
    yield _family(
        "clusterscout_job_outcome", "Outcome of each job's last run.", "gauge",
        [({"job": name, "outcome": run.outcome or "running"}, 1) for name, run in last.items()],
    )  # fmt: skip
    yield _family(
        "clusterscout_job_age_seconds", "Seconds since each job last began.", "gauge",
        [({"job": name}, (now - run.started).total_seconds()) for name, run in last.items()],
    )  # fmt: skip
    yield _family(
        "clusterscout_job_duration_seconds", "Duration of each job's last run.", "gauge",
        [({"job": name}, (run.ended - run.started).total_seconds()) for name, run in last.items() if run.ended],
    )  # fmt: skip


def _files(paths: Iterable[Path]) -> Iterator[str]:
    sizes: list[Sample] = []
    for path in paths:
        for suffix in ("", "-wal"):
            file = path.with_name(path.name + suffix)
            sizes.append(({"file": file.name}, file.stat().st_size if file.exists() else 0))
    yield _family("clusterscout_file_bytes", "Size of the database files.", "gauge", sizes)


def _family(name: str, help: str, kind: str, samples: Iterable[Sample]) -> str:
    lines = [f"# HELP {name} {help}", f"# TYPE {name} {kind}"]
    for labels, value in samples:
        inside = ",".join(f"{key}={_quoted(text)}" for key, text in labels.items())
        lines.append(f"{name}{{{inside}}} {value!r}" if inside else f"{name} {value!r}")
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    """A label value as the format wants it: backslash, quote and line break escaped, and nothing else."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
