"""``clusterscout members``: who may sign in."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import click
from sqlite_utils import Database

from scheduler.commands.opening import store_errors
from scheduler.settings import load_settings
from store import accounts, personal
from store.clock import utc_now
from store.database import open_private, open_store
from store.errors import StoreError
from store.profiles import LANGUAGES


def _open() -> Database:
    try:
        return open_private(load_settings().private_db)
    except StoreError as error:
        raise click.ClickException(str(error)) from error


@click.group()
def members() -> None:
    """Accounts.

    Example: clusterscout members add ana@example.org --role manager --cluster moulds
    """


@members.command()
@click.argument("email")
@click.option("--role", type=click.Choice(accounts.ROLES), default="member", show_default=True, help="What the person may do.")
@click.option("--cluster", default="", help="Id of their cluster; a new one is made.")
@click.option("--cluster-name", default="", help="The cluster's full name.")
@click.option("--name", default="", help="The person's name.")
@click.option(
    "--language", type=click.Choice(LANGUAGES), default=None,
    help="Language of their pages and digests; until one is chosen, the browser's for pages and English for digests.",
)  # fmt: skip
@click.option("--zone", default="", help="Their IANA time zone; the installation's when empty.")
@click.option("--password", default=None, help="Asked for when not given; '-' gives none (sign-in by mailed links only).")
@click.option("--dry-run", is_flag=True, help="Say what would be done.")
def add(
    email: str,
    role: accounts.MemberRole,
    cluster: str,
    cluster_name: str,
    name: str,
    language: str | None,
    zone: str,
    password: str | None,
    dry_run: bool,
) -> None:
    """Add a person.

    Example: clusterscout members add ana@example.org --role manager --cluster moulds
    """
    if dry_run:
        click.echo(json.dumps({"would_add": email, "role": role, "cluster": cluster}))
        return
    if password is None:
        password = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    db = _open()
    try:
        if cluster and cluster_name:
            accounts.keep_cluster(db, cluster, cluster_name)
        number = accounts.add_member(
            db, email, role, cluster, "" if password == "-" else password, now=utc_now(), name=name, language=language or "",  # noqa: S105 - a dash means none
            zone=zone or load_settings().zone,
        )  # fmt: skip
    except StoreError as error:
        raise click.ClickException(str(error)) from error
    click.echo(json.dumps({"added": email, "id": number, "role": role, "cluster": cluster}))


@members.command("list")
def list_() -> None:
    """Print every member, one JSON line each.

    Example: clusterscout members list
    """
    for member in accounts.members(_open()):
        click.echo(json.dumps(asdict(member), ensure_ascii=False))


@members.command()
@click.argument("email")
@click.option("--dry-run", is_flag=True, help="Say what would be done.")
def remove(email: str, dry_run: bool) -> None:
    """Forget a person and all that is theirs; notes stay with the cluster.

    Example: clusterscout members remove ana@example.org
    """
    db = _open()
    try:
        member = accounts.member_by_email(db, email)
        if not dry_run:
            accounts.remove_member(db, email)
    except StoreError as error:
        raise click.ClickException(str(error)) from error
    click.echo(json.dumps({"would_remove" if dry_run else "removed": member.email}))


@members.command()
@click.argument("email")
@click.option("--password", default=None, help="Asked for when not given.")
@click.option("--dry-run", is_flag=True, help="Say what would be done.")
def passwd(email: str, password: str | None, dry_run: bool) -> None:
    """Set a new password and end the person's sessions.

    Example: clusterscout members passwd ana@example.org
    """
    db = _open()
    try:
        member = accounts.member_by_email(db, email)
        if not dry_run:
            password = password or click.prompt("Password", hide_input=True, confirmation_prompt=True)
            accounts.set_password(db, email, password or "", now=utc_now())
    except StoreError as error:
        raise click.ClickException(str(error)) from error
    click.echo(json.dumps({"would_change" if dry_run else "changed": member.email}))


@members.command()
@click.argument("email")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write to this file instead of standard output.")
def export(email: str, out: Path | None) -> None:
    """Give out all that is stored of a person, as JSON.

    Example: clusterscout members export ana@example.org --out ana.json
    """
    settings = load_settings()
    with store_errors(settings.private_db):
        held = personal.export(open_private(settings.private_db), open_store(settings.db), email)
    text = json.dumps(held, ensure_ascii=False, indent=1)
    if out is None:
        click.echo(text)
    else:
        out.write_text(text + "\n", encoding="utf-8")
        click.echo(str(out))


@members.command()
@click.argument("email")
@click.option("--dry-run", is_flag=True, help="Say what would go and change nothing.")
def erase(email: str, dry_run: bool) -> None:
    """Take a person out of both files and the mailbox folder. Backups made before keep them until they are dropped.

    Example: clusterscout members erase ana@example.org --dry-run
    """
    settings = load_settings()
    with store_errors(settings.private_db):
        private, db = open_private(settings.private_db), open_store(settings.db)
        letters = [settings.mailbox / f"{issue}.eml" for issue in personal.issues_of(private, email)]
        if dry_run:
            held = personal.export(private, db, email)
            click.echo(
                json.dumps({"would_erase": email, **{name: len(rows) for name, rows in held.items() if isinstance(rows, list)}})
            )
            return
        gone = personal.erase(private, db, email, now=utc_now())
    for letter in letters:
        letter.unlink(missing_ok=True)
    click.echo(json.dumps({"erased": email, **gone}))
