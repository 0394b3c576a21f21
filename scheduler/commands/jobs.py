"""``clusterscout jobs``: what the scheduler does, when, and how it went."""

from __future__ import annotations

import json

import click

from scheduler.commands.opening import store_errors
from scheduler.settings import load_settings
from store.clock import utc_now


@click.group()
def jobs() -> None:
    """The scheduler's jobs.

    Example: clusterscout jobs list
    """


@jobs.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON line a job.")
def list_(as_json: bool) -> None:
    """Show each job with its next run and the last one's outcome and duration.

    Example: clusterscout jobs list --json
    """
    from scheduler.jobs import rows

    settings = load_settings()
    with store_errors(settings.private_db):
        found = rows(settings.private_db, settings.zone, now=utc_now())
    for row in found:
        if as_json:
            click.echo(json.dumps(row, ensure_ascii=False))
        else:
            last = f"{row['last']} {row['outcome']}" if row["last"] else "never"
            seconds = f" in {row['seconds']:.0f} s" if row["seconds"] is not None else ""
            click.echo(f"{row['job']:9} next {row['next']}  last {last}{seconds}  {row['detail']}")


@jobs.command()
@click.argument("job")
def run(job: str) -> None:
    """Run one job now, as the scheduler would. Exit 1 when it fails.

    Example: clusterscout jobs run digests
    """
    from scheduler.jobs import job_named, run_job
    from scheduler.logs import set_up
    from scheduler.work import Turn

    settings = load_settings()
    set_up(settings.log)
    with store_errors(settings.private_db):
        outcome, detail = run_job(job_named(job), Turn(settings=settings, now=utc_now()))
    click.echo(json.dumps({"job": job, "outcome": outcome, "detail": detail}, ensure_ascii=False))
    if outcome == "failed":
        raise click.exceptions.Exit(1)
