"""``clusterscout crawl`` and ``clusterscout parse``."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import click

from scheduler.commands.opening import store_errors
from scheduler.settings import load_settings
from store.clock import utc_now


@click.command(short_help="Crawl sources, live or from WARC files.")
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--replay", multiple=True, type=click.Path(dir_okay=False, path_type=Path), help="Answer from this WARC file alone.")
@click.option("--record", type=click.Path(dir_okay=False, path_type=Path), help="Write every request and answer to this WARC file.")
@click.option("--db", type=click.Path(dir_okay=False, path_type=Path), help="Store into this file instead of the data folder's.")
@click.option("--dry-run", is_flag=True, help="Crawl and judge, but store nothing.")
def crawl(names: tuple[str, ...], replay: tuple[Path, ...], record: Path | None, db: Path | None, dry_run: bool) -> None:
    """Crawl the named sources, or all enabled ones, and print a JSON line for each.

    With --replay every request is answered from the WARC files and no network is touched; without NAME those sources are crawled
    whose address the files hold. Exit 1 when a source is broken or blocked.

    Example: clusterscout crawl eu_grants_feed --replay grants.warc.gz
    """
    from scheduler.crawling import crawl_all

    settings = load_settings()
    failed = False
    with store_errors(db or settings.db):
        for line in crawl_all(settings, names, replay=replay, record=record, db=db, dry_run=dry_run, now=utc_now(), say=_say):
            failed = failed or line["verdict"] in {"broken", "blocked"}
            click.echo(json.dumps(line, ensure_ascii=False))
    if failed:
        raise click.exceptions.Exit(1)


def _say(text: str) -> None:
    click.echo(text, err=True)


@click.command(short_help="Read one saved page with a source's parser.")
@click.argument("source")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--url", default="", help="The address that the page came from; without it the source's own.")
@click.option("--fetched-at", default="", help="When the page came, ISO 8601; without it the file's own time.")
@click.option("--detail", is_flag=True, help="Read the page as a detail page, not as a list.")
def parse(source: str, file: Path, url: str, fetched_at: str, detail: bool) -> None:
    """Read one saved page with a source's parser and print a JSON line a notice or problem.

    SOURCE is a source's name or the path of a TOML file. Exit 0 when the page was read, 1 when it was refused as a whole.

    Example: clusterscout parse eu_grants_feed grants.json --fetched-at 2026-03-13T06:00:00Z
    """
    from crawlers.reading import read_saved
    from scheduler.sourcing import source_named

    declared = source_named(load_settings(), source)
    when = _instant(fetched_at) if fetched_at else datetime.fromtimestamp(file.stat().st_mtime, UTC)
    notices = 0
    for line in read_saved(declared, file.read_bytes(), url=url, fetched_at=when, detail=detail):
        notices += "problem" not in line
        click.echo(json.dumps(line, ensure_ascii=False))
    if not notices:
        raise click.exceptions.Exit(1)


def _instant(text: str) -> datetime:
    """``text`` as an aware instant. Raises click.ClickException."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise click.BadParameter(f"'{text}' is not a time such as 2026-03-13T06:00:00Z.", param_hint="--fetched-at") from error
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
