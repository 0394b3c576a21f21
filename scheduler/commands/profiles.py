"""``clusterscout profiles``: what clusters, teams and persons want to be told."""

from __future__ import annotations

import json
from pathlib import Path

import click

from scheduler import profiles as wiring
from scheduler.commands.opening import store_errors
from scheduler.settings import load_settings
from store import profiles as kept
from store.clock import utc_now
from store.database import open_private
from store.profile_toml import to_toml


@click.group()
def profiles() -> None:
    """What clusters and persons want to be told.

    Example: clusterscout profiles list
    """


@profiles.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON line a profile.")
def list_(as_json: bool) -> None:
    """List all profiles.

    Example: clusterscout profiles list --json
    """
    settings = load_settings()
    with store_errors(settings.private_db):
        found = kept.all_profiles(open_private(settings.private_db))
    for p in found:
        row: dict[str, object] = {"id": p.id, "level": p.level, "title": p.title, "cluster": p.cluster, "people": list(p.people)}
        row |= {"when": f"{p.weekday} {p.hour:02d}:00", "wishes": len(p.wishes), "paused": p.paused}
        if as_json:
            click.echo(json.dumps(row, ensure_ascii=False))
        else:
            whom = p.cluster or ", ".join(p.people) or "nobody yet"
            click.echo(f"{p.id:24} {p.level:8} {p.weekday} {p.hour:02d}:00  {len(p.wishes)} searches for {whom}: {p.title}")
    if not found and not as_json:
        click.echo("There is no profile yet: 'clusterscout profiles import FILE.toml' takes one.", err=True)


@profiles.command()
@click.argument("profile")
def show(profile: str) -> None:
    """Print a profile as TOML.

    Example: clusterscout profiles show moulds-pt
    """
    settings = load_settings()
    with store_errors(settings.private_db):
        click.echo(to_toml(kept.load(open_private(settings.private_db), profile)), nl=False)


@profiles.command("import")
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Check the files and write nothing.")
def import_(files: tuple[Path, ...], dry_run: bool) -> None:
    """Take profiles from TOML files; a file's name without .toml is the profile's id.

    Example: clusterscout profiles import moulds-pt.toml
    """
    settings = load_settings()
    with store_errors(settings.private_db):
        for profile in wiring.read_files(files):
            if not dry_run:
                kept.save(open_private(settings.private_db), profile, now=utc_now())
            click.echo(f"{profile.id}: {len(profile.wishes)} searches{' (checked only)' if dry_run else ''}")


@profiles.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
def export(folder: Path) -> None:
    """Write each profile as <id>.toml into a folder.

    Example: clusterscout profiles export backup/profiles
    """
    settings = load_settings()
    with store_errors(settings.private_db):
        found = kept.all_profiles(open_private(settings.private_db))
    folder.mkdir(parents=True, exist_ok=True)
    for profile in found:
        (folder / f"{profile.id}.toml").write_text(to_toml(profile), encoding="utf-8")
        click.echo(str(folder / f"{profile.id}.toml"))


@profiles.command()
@click.argument("profile")
@click.option("--dry-run", is_flag=True, help="Say what would be removed and write nothing.")
def remove(profile: str, dry_run: bool) -> None:
    """Remove a profile.

    Example: clusterscout profiles remove moulds-pt
    """
    settings = load_settings()
    with store_errors(settings.private_db):
        private = open_private(settings.private_db)
        found = kept.load(private, profile)
        if not dry_run:
            kept.remove(private, profile)
    click.echo(f"{'Would remove' if dry_run else 'Removed'} {found.id}: {found.title}")
