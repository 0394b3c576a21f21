"""``clusterscout sources``: what is declared, whether it reads, and how to mend or add one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from scheduler.settings import load_settings
from store.clock import utc_now


@click.group(short_help="List, check, try, propose and mend sources.")
def sources() -> None:
    """The sources: one TOML file each.

    Example: clusterscout sources list
    """


@sources.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON line a source.")
def list_(as_json: bool) -> None:
    """List all declared sources, with whether and how each was verified.

    Example: clusterscout sources list --json
    """
    from scheduler.sourcing import all_sources, list_line

    found = all_sources(load_settings())
    if as_json:
        for source in found.values():
            click.echo(json.dumps(list_line(source), ensure_ascii=False))
        return
    rows = [["name", "kind", "format", "country", "every", "state", "verified"]]
    for source in found.values():
        line = list_line(source)
        verified = (
            f"yes: {source.verified_how}" if source.verified else f"no{': ' + source.verified_how if source.verified_how else ''}"
        )
        rows.append([source.name, source.kind, source.format, source.country, line["every_words"], line["state"], verified])
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]) - 1)]
    for row in rows:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(row, [*widths, 0], strict=True)).rstrip())
    click.echo(f"{len(found)} sources, {sum(source.verified for source in found.values())} verified.", err=True)


@sources.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
def check(paths: tuple[Path, ...]) -> None:
    """Check every declaration, or the TOML files named, and print all faults at once.

    Example: clusterscout sources check
    """
    from crawlers.declare import load_source
    from crawlers.errors import Fault, SourceErrors
    from scheduler.sourcing import all_sources

    if not paths:
        click.echo(f"{len(all_sources(load_settings()))} sources, no fault.")
        return
    faults: list[Fault] = []
    for path in paths:
        try:
            load_source(path)
        except SourceErrors as errors:
            faults.extend(errors.faults)
    if faults:
        raise click.ClickException(f"{len(faults)} fault(s):\n" + "\n".join(map(str, faults)))
    click.echo(f"{len(paths)} source{'s' if len(paths) > 1 else ''}, no fault.")


@sources.command("try")
@click.argument("source")
@click.option(
    "--replay", multiple=True, type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Answer from this WARC file."
)
@click.option("--limit", default=20, show_default=True, help="Print this many notices at the most; 0 for all.")
def try_(source: str, replay: tuple[Path, ...], limit: int) -> None:
    """Crawl SOURCE (a name, a TOML file, or the address of a declared source) without storing, and print what it gives.

    Example: clusterscout sources try eu_grants_feed --limit 3
    """
    from scheduler.crawling import try_source
    from scheduler.sourcing import source_at

    settings = load_settings()
    line, things = try_source(settings, source_at(settings, source), replay=replay, now=utc_now())
    notices = [thing["notice"] for thing in things if "notice" in thing]
    for notice in notices[: limit or None]:
        click.echo(json.dumps(notice, ensure_ascii=False))
    for thing in things:
        if "problem" in thing:
            click.echo(json.dumps(thing, ensure_ascii=False))
    click.echo(json.dumps(line, ensure_ascii=False), err=True)
    if line["verdict"] in {"broken", "blocked"}:
        raise click.exceptions.Exit(1)


@sources.command()
@click.argument("name")
@click.option("--to", type=click.Path(dir_okay=False, path_type=Path), help="The WARC file; without it NAME.warc.gz here.")
@click.option("--dry-run", is_flag=True, help="Say what would be recorded and ask nobody.")
def record(name: str, to: Path | None, dry_run: bool) -> None:
    """Crawl the source NAME without storing and keep every request and answer in a WARC file.

    Example: clusterscout sources record fr_ademe --to fr_ademe.warc.gz
    """
    from scheduler.crawling import try_source
    from scheduler.sourcing import source_named

    settings = load_settings()
    source = source_named(settings, name)
    path = to or Path(f"{source.name}.warc.gz")
    if path.exists():
        raise click.ClickException(f"{path} is there already. Name another file with --to, or move it away first.")
    if dry_run:
        click.echo(f"Would ask {source.url} and write {path}.")
        return
    line, _ = try_source(settings, source, record=path, now=utc_now())
    click.echo(json.dumps({**line, "file": str(path)}, ensure_ascii=False))
    if line["verdict"] in {"broken", "blocked"}:
        raise click.exceptions.Exit(1)


@sources.command()
@click.argument("page", metavar="URL-OR-FILE")
@click.option("--url", default="", help="The address that a FILE came from.")
@click.option("--name", default="", help="The source's name, <country>_<publisher>; without it one made from the address.")
@click.option("--kind", default="", help="call, tender, fair, event, news or study; without it guessed, and marked as a guess.")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), help="Write NAME.toml into this folder; without it print.")
@click.option("--dry-run", is_flag=True, help="Print the proposal and write nothing.")
def new(page: str, url: str, name: str, kind: str, out: Path | None, dry_run: bool) -> None:
    """Propose a declaration for an unknown page: feeds, calendars, JSON-LD events, sitemaps, lists in JSON and
    repeated blocks are looked for.

    The first notices are shown on standard error. An existing file is never overwritten.

    Example: clusterscout sources new https://www.example.org/events --out my-sources
    """
    from scheduler.proposing import propose_for

    proposals = propose_for(load_settings(), page, url=url, name=name, kind=kind, now=utc_now())
    if not proposals:
        raise click.ClickException(
            "Nothing was found that repeats or can be subscribed to. Open the page, find its list or feed, and try that address."
        )
    first = proposals[0]
    for proposal in proposals:
        asks = f", {proposal.asks} pages to ask for" if proposal.asks else ""
        click.echo(f"{proposal.what}: {len(proposal.notices)} notices{asks}", err=True)
    for notice in first.notices[:5]:
        click.echo(f"  {notice.title} | {notice.url}", err=True)
    if out is None or dry_run:
        click.echo(first.toml, nl=False)
        return
    path = out / f"{first.name}.toml"
    out.mkdir(parents=True, exist_ok=True)
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(first.toml)
    except FileExistsError as error:
        raise click.ClickException(f"{path} is there already and is not overwritten. Choose another --name or --out.") from error
    click.echo(f"Wrote {path}. Read it, correct what is marked, then 'clusterscout sources try {path}'.", err=True)


@sources.command()
@click.argument("name")
@click.option(
    "--good", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="The last good page; without it from the archive."
)
@click.option(
    "--bad", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Today's page; without it from the archive."
)
def doctor(name: str, good: Path | None, bad: Path | None) -> None:
    """Explain a broken source: compare its last good page with today's, and propose repaired selectors.

    Example: clusterscout sources doctor fr_ademe
    """
    from scheduler.proposing import diagnose_source

    report: dict[str, Any] = diagnose_source(load_settings(), name, good=good, bad=bad)
    for sentence in report["sentences"]:
        click.echo(sentence)
    if report["toml"]:
        click.echo("")
        click.echo(report["toml"], nl=False)
    if not report["mended"]:
        raise click.exceptions.Exit(1)


@sources.command()
@click.argument("name")
@click.option("--dry-run", is_flag=True, help="Say what is held back and write nothing.")
def accept(name: str, dry_run: bool) -> None:
    """Say that a doubted source is well as it is now: publish what was held back of it, and learn its bounds anew.

    Example: clusterscout sources accept fr_ademe
    """
    from scheduler import accepting
    from scheduler.commands.opening import store_errors

    settings = load_settings()
    with store_errors(settings.db):
        for sentence in accepting.accept(settings, name, dry_run=dry_run, now=utc_now()):
            click.echo(sentence)
