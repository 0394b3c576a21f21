"""``clusterscout digest``: build what is due, look at it, send it."""

from __future__ import annotations

import json
import time
from dataclasses import asdict
from pathlib import Path

import click

from scheduler import digests
from scheduler.commands.opening import store_errors
from scheduler.delivery import deliver
from scheduler.settings import load_settings
from store import outbox
from store.clock import utc_now
from store.codec import iso
from store.database import open_private


@click.group()
def digest() -> None:
    """Build, preview and send the weekly digests.

    Example: clusterscout digest preview --profile moulds-pt --out /tmp/digest
    """


@digest.command()
@click.option("--everyone", is_flag=True, help="Build up to this moment for every reader, not only for those who are due.")
@click.option("--dry-run", is_flag=True, help="Say what would be built and write nothing.")
def build(everyone: bool, dry_run: bool) -> None:
    """Build the issues that are due and put their mail into the outbox; one JSON line an issue.

    Example: clusterscout digest build --dry-run
    """
    settings = load_settings()
    with store_errors(settings.private_db):
        for built in digests.build_due(settings, now=utc_now(), everyone=everyone, dry_run=dry_run):
            click.echo(json.dumps({**asdict(built), "start": iso(built.start), "end": iso(built.end)}))


@digest.command()
@click.option("--profile", required=True, help="A profile's id; 'clusterscout profiles list' shows them.")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), required=True, help="The folder to write to.")
def preview(profile: str, out: Path) -> None:
    """Write what a profile's mail would say now as .eml, .html and .txt; nothing is sent or entered.

    Example: clusterscout digest preview --profile moulds-pt --out /tmp/digest
    """
    settings = load_settings()
    with store_errors(settings.private_db):
        issue, rendered = digests.preview(settings, profile, now=utc_now())
    for path in digests.save_preview(issue, rendered, out, profile):
        click.echo(str(path))


@digest.command()
@click.option("--dry-run", is_flag=True, help="Say what is due and send nothing.")
def send(dry_run: bool) -> None:
    """Build what is due and send what waits in the outbox; one JSON line a delivery. Keeps to the rate limit by waiting.

    Example: clusterscout digest send
    """
    settings = load_settings()
    with store_errors(settings.private_db):
        digests.build_due(settings, now=utc_now(), dry_run=dry_run)
        private = open_private(settings.private_db)
        while due := outbox.due(private, now=utc_now(), limit=1000):
            if dry_run:
                for letter in due:
                    click.echo(json.dumps({"recipient": letter.recipient, "issue": letter.issue, "outcome": "due"}))
                break
            settled = 0
            for delivery in deliver(settings, private, now=utc_now()):
                settled += 1
                click.echo(json.dumps(asdict(delivery)))
            if not settled:
                click.echo(f"{len(due)} letters wait for the rate limit ({settings.mail_per_minute} a minute).", err=True)
                time.sleep(5)
        private.conn.close()
