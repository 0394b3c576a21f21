"""For the operator: jobs, runs, mail that waits, the size of things; the same as metrics; and a check that the site is alive."""

from __future__ import annotations

import sqlite3
from typing import Any

from datasette.app import Datasette
from datasette.utils.asgi import Request, Response
from sqlite_utils import Database

from store import outbox, runs
from store.site.manner import instant_of
from store.site.render import data, manner_of, page
from store.site.site import Route, Site, read, the_site
from store.site.sourcebook import health, source_titles

_JOBS = (
    "select job, started, ended, outcome, detail from job_run where id in (select max(id) from job_run group by job) order by job"
)
_PROBLEMS = """
    select source, cause, count(*) as n, max(at) as at, max(detail) as detail from problem
    where run in (select id from run order by started desc limit 400) group by source, cause order by n desc limit 40
"""


def numbers(connection: sqlite3.Connection, site: Site) -> dict[str, float]:
    """What is counted: name of the metric -> value."""
    private = site.private
    count = {
        "clusterscout_opportunities_listed": connection.execute("select count(*) from listing").fetchone()[0],
        "clusterscout_notices": connection.execute("select count(*) from notice").fetchone()[0],
        "clusterscout_opportunities_pending": connection.execute(
            "select count(*) from opportunity where review = 'pending'"
        ).fetchone()[0],
        "clusterscout_members": private.execute("select count(*) from member where disabled_at is null").fetchone()[0],
        "clusterscout_database_bytes": site.db.stat().st_size,
        "clusterscout_private_database_bytes": site.private_db.stat().st_size,
    }
    return {name: float(value) for name, value in count.items()}


async def operations(request: Request, datasette: Datasette) -> Response:
    """The page."""
    site = the_site(datasette)
    m = manner_of(site, request)

    def work(connection: sqlite3.Connection) -> dict[str, Any]:
        db = Database(connection)
        return {
            "runs": runs.last_runs(db, limit=40),
            "problems": list(db.query(_PROBLEMS)),
            "numbers": numbers(connection, site),
            "titles": source_titles(connection),
        }

    values = await read(datasette, work)
    names = ("job", "started", "ended", "outcome", "detail")
    jobs = [_job(dict(zip(names, row, strict=True))) for row in site.private.execute(_JOBS)]
    coming = {name: at.isoformat() for name, at in site.next_runs().items()} if site.next_runs is not None else {}
    ran = {job["job"] for job in jobs}
    jobs += [_job({**dict.fromkeys(names, ""), "job": name, "outcome": "–"}) for name in coming if name not in ran]
    mail = outbox.waiting(site.reader)
    return page(datasette, request, "operations.html", {"m": m, "jobs": jobs, "coming": coming, "mail": mail, **values})


def _job(row: dict[str, Any]) -> dict[str, Any]:
    """A job's row with the seconds it took, None while it runs."""
    took = instant_of(row["ended"]) - instant_of(row["started"]) if row["ended"] else None
    return {**row, "seconds": round(took.total_seconds()) if took is not None else None}


async def metrics(request: Request, datasette: Datasette) -> Response:
    """The numbers in the text form that Prometheus reads."""
    site = the_site(datasette)
    now = site.clock()

    def work(connection: sqlite3.Connection) -> list[str]:
        lines = [f"{name} {value:g}" for name, value in numbers(connection, site).items()]
        for source in health(connection, now=now):
            label = source.name.replace("\\", "").replace('"', "")
            good = int(source.state in ("healthy", "empty-ok"))
            lines.append(f'clusterscout_source_healthy{{source="{label}"}} {good}')
            lines.append(f'clusterscout_source_items{{source="{label}"}} {source.items}')
            lines.append(f'clusterscout_source_problems{{source="{label}"}} {source.problems}')
        return lines

    lines = await read(datasette, work)
    lines += [f'clusterscout_mail{{state="{state}"}} {n}' for state, n in outbox.waiting(site.reader).items()]
    if site.metrics is not None:
        lines.append(site.metrics().strip())
    return Response("\n".join(lines) + "\n", content_type="text/plain; version=0.0.4; charset=utf-8")


async def alive(request: Request, datasette: Datasette) -> Response:
    """For a supervisor: both files can be read. Says nothing else to anybody."""
    await read(datasette, lambda connection: connection.execute("select 1 from listing limit 1").fetchone())
    the_site(datasette).private.execute("select 1 from member limit 1").fetchone()
    return data({"ok": True})


ROUTES = [
    Route(r"^/operations$", operations, "operator"),
    Route(r"^/-/metrics$", metrics, "operator"),
    Route(r"^/-/alive\.json$", alive, "public"),
]
