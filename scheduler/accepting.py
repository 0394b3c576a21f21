"""A person says that a doubted source is well as it is: what is held back of it is published, and it is measured anew."""

from __future__ import annotations

from datetime import datetime

import click

from scheduler.settings import Settings
from scheduler.sourcing import source_named
from store import held, runs
from store.database import open_readonly, open_store


def accept(settings: Settings, name: str, *, dry_run: bool, now: datetime) -> list[str]:
    """Publish what is held back of a source and forget what was learned of it; sentences that tell what was (or would be) done.

    Raises click.ClickException for an unknown name; StoreError when the file cannot be read or written.
    """
    source = source_named(settings, name)
    if not settings.db.is_file():
        raise click.ClickException(f"Nothing of {name} is stored yet. Run 'clusterscout crawl {name}' first.")
    db = open_readonly(settings.db) if dry_run else open_store(settings.db)
    try:
        reasons = held.reasons(db, name)
        said = [f"{count} held back: {reason}." for reason, count in reasons.items()] or [f"Nothing of {name} is held back."]
        if dry_run:
            return [*said, "Nothing was written."]
        done = held.release(db, name, now=now, source_trust=source.trust, publish=source.publish)
        runs.accept(db, name, now=now, reasons=list(reasons))
        return [*said, f"Published: {done.new} new, {done.changed} changed. The next runs of {name} are measured anew."]
    finally:
        db.close()
