"""``clusterscout db``: the two files, looked at, migrated, copied, restored and rebuilt."""

from __future__ import annotations

import json
from pathlib import Path

import click

from scheduler.commands.opening import store_errors
from scheduler.settings import load_settings
from store import backup as copies
from store import index
from store.clock import utc_now
from store.database import checkpoint, open_private, open_store, pending
from store.errors import StoreError
from store.migrations.private import private
from store.migrations.published import published


@click.group()
def db() -> None:
    """Status, migration, backup and rebuilding of the store.

    Example: clusterscout db status
    """


@db.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON line for each file.")
def status(as_json: bool) -> None:
    """Show size, WAL, schema, rows and soundness of both files. Exit 1 when one is damaged.

    Example: clusterscout db status --json
    """
    settings = load_settings()
    faulty: list[str] = []
    for path, migrations in ((settings.db, published), (settings.private_db, private)):
        if not path.exists():
            click.echo(json.dumps({"file": str(path), "exists": False}) if as_json else f"{path}: not there yet")
            continue
        with store_errors(path):
            found = copies.file_status(path, migrations)
        faulty += found.faults
        if as_json:
            click.echo(
                json.dumps(
                    {
                        "file": str(path),
                        "exists": True,
                        "bytes": found.bytes,
                        "wal_bytes": found.wal_bytes,
                        "schema": found.schema,
                        "pending": found.pending,
                        "rows": found.rows,
                        "faults": found.faults,
                    }
                )
            )
            continue
        click.echo(f"{path}: {found.bytes:,} bytes, WAL {found.wal_bytes:,} bytes, schema {found.schema or 'none'}")
        for name in found.pending:
            click.echo(f"  migration to come: {name}")
        for name, rows in found.rows.items():
            click.echo(f"  {name:<22} {rows:>10,}")
        click.echo("  sound" if not found.faults else "\n".join(f"  DAMAGED {fault}" for fault in found.faults))
    if faulty:
        raise click.ClickException(
            "A file is damaged: stop the program and restore the last backup with 'clusterscout db restore'."
        )


@db.command()
@click.option("--dry-run", is_flag=True, help="Only name the migrations that would run.")
def migrate(dry_run: bool) -> None:
    """Bring both files to this program's schema; make them when they are not there.

    Example: clusterscout db migrate --dry-run
    """
    settings = load_settings()
    for path, migrations, opener in ((settings.db, published, open_store), (settings.private_db, private, open_private)):
        with store_errors(path):
            if dry_run and not path.exists():
                click.echo(f"{path}: would be made")
                continue
            store = opener(path, migrate=False)
            names = pending(store, migrations)
            store.close()
            if names and not dry_run:
                opener(path).close()
        click.echo(f"{path}: {'would apply' if dry_run else 'applied'} {', '.join(names)}" if names else f"{path}: up to date")


@db.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), required=False)
@click.option("--no-archive", is_flag=True, help="Leave the archive of pages out.")
@click.option("--dry-run", is_flag=True, help="Only say where the backup would go.")
def backup(folder: Path | None, no_archive: bool, dry_run: bool) -> None:
    """Copy both files and the archive of pages into a new folder below FOLDER (backups/ in the data folder), while all goes on.

    Example: clusterscout db backup /var/backups
    """
    settings = load_settings()
    to = folder or settings.data / "backups"
    if dry_run:
        click.echo(f"would copy {settings.data} to a new folder below {to}")
        return
    with store_errors(settings.db):
        done = copies.backup(
            settings.data, to, now=utc_now(), archive=not no_archive, progress=lambda line: click.echo(line, err=True)
        )
    click.echo(str(done))


@db.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False, exists=True))
@click.option("--replace", is_flag=True, help="Put the present files aside (kept as *.before-TIME) and restore over them.")
@click.option("--dry-run", is_flag=True, help="Check the backup and name the files, write nothing.")
def restore(folder: Path, replace: bool, dry_run: bool) -> None:
    """Go back to a backup, after checking that it is whole. The program must be stopped.

    Example: clusterscout db restore /var/backups/clusterscout-20261121T050000Z --replace
    """
    settings = load_settings()
    with store_errors(settings.db):
        files = copies.restore(folder, settings.data, now=utc_now(), replace=replace, dry_run=dry_run)
    done, pages = "would restore" if dry_run else "restored", [path for path in files if path.parent != settings.data]
    for path in files:
        if path not in pages:
            click.echo(f"{done} {path}")
    if pages:
        click.echo(f"{done} {len(pages)} files of the archive in {settings.data / 'archive'}")


@db.command()
@click.option("--dry-run", is_flag=True, help="Only say what would be rebuilt.")
def rebuild(dry_run: bool) -> None:
    """Make the index, the counts and the full text anew from the golden records and their tags.

    Example: clusterscout db rebuild
    """
    settings = load_settings()
    if dry_run:
        click.echo(f"would rebuild index, counts and full text of {settings.db}")
        return
    with store_errors(settings.db):
        if not settings.db.exists():
            raise StoreError(f"{settings.db} is not there: run 'clusterscout db migrate' to make it.")
        store = open_store(settings.db)
        count = index.rebuild(store)
        checkpoint(store)
        store.close()
    click.echo(f"{count} opportunities indexed")
