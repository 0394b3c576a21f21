"""Pages for ``sources new`` and ``sources doctor``: fetched with all manners, or from a file, or from the archive."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from crawlers.archive import WarcIndex
from crawlers.declare import load_sources, source_from
from crawlers.decompression import decompressed
from crawlers.diagnose import diagnose, repaired_toml
from crawlers.errors import ArchiveError, RefusedAddress, SourceErrors
from crawlers.guard import check_address
from crawlers.propose import Proposal, propose
from crawlers.source import Source
from scheduler.children import in_subprocess
from scheduler.crawling import job_of
from scheduler.settings import Settings
from scheduler.sourcing import source_named
from store import pages, runs
from store.database import open_readonly
from store.model import Page

MOST_LINKED = 3
PROBE = 'title = "probe"\npublisher = "probe"\nurl = "{url}"\nformat = "feed"\nkind = "news"\ncountry = "EU"\nlanguages = ["en"]\ntimezone = "UTC"\n'


def propose_for(settings: Settings, page: str, *, url: str, name: str, kind: str, now: datetime) -> list[Proposal]:
    """Proposals for an address or a saved file, best first. Feeds and calendars that a live page links to are fetched too.

    Raises click.ClickException when the page cannot be had.
    """
    live = page.startswith(("http://", "https://"))
    first = fetched(settings, page, now=now) if live else _saved(Path(page), url, now)
    try:
        catalogue = load_sources(settings.sources)
    except SourceErrors:
        catalogue = {}  # a fault in some declaration is told by 'sources check'; proposals do without
    try:
        proposals = propose(first, name=name, kind=kind, catalogue=catalogue.values())
    except SourceErrors as errors:
        raise click.ClickException(f"The proposal is not a valid declaration; choose another --name:\n{errors}") from errors
    if not live:
        return proposals
    read: list[Proposal] = []
    for linked in [one for one in proposals if not one.notices and not one.asks][:MOST_LINKED]:
        try:
            further = propose(fetched(settings, linked.url, now=now), name=name or linked.name, kind=kind)
        except click.ClickException:
            continue
        read += [
            replace(one, what=f"{one.what} linked from the page")
            for one in further
            if (one.notices or one.asks) and one.what == linked.what.split()[0]
        ]
    own = [one for one in proposals if one.notices or one.asks]
    sure = [one for one in own if not one.what.startswith("repeated")]
    return [*sure, *read, *(one for one in own if one not in sure), *(one for one in proposals if one not in own and not read)]


def fetched(settings: Settings, url: str, *, now: datetime) -> Page:
    """One page, asked for as any crawl does (guard, robots, limits). Raises click.ClickException with the reason when refused."""
    try:
        check_address(url, settings.allow_hosts.replace(",", " ").split())
        source = source_from(PROBE.format(url=url.replace('"', "%22")), Path("eu_probe.toml"))
    except RefusedAddress as error:
        hint = "If it is a machine of yours, name its host:port in CLUSTERSCOUT_ALLOW_HOSTS."
        raise click.ClickException(f"{url} is not asked: {error}. {hint}") from error
    except SourceErrors as error:
        raise click.ClickException(f"{url} is not asked: {error}.") from error
    with tempfile.TemporaryDirectory(prefix="clusterscout-probe-") as folder:
        record, out = Path(folder) / "probe.warc.gz", Path(folder) / "out.jsonl"
        in_subprocess(job_of(settings, source, now=now, record=record, out=out))
        page = _last_page(record, url) if record.is_file() else None
        if page is None:
            said = out.read_text(encoding="utf-8")[:500] if out.is_file() else ""
            raise click.ClickException(f"{url} gave no page: {said or 'see the log'}")
        return page


def _last_page(record: Path, url: str) -> Page | None:
    """The page that a probe ended at, after its redirects; None when every answer was an error."""
    index = WarcIndex([record])
    found = None
    for one in index.urls():
        exchange = None if one.endswith("/robots.txt") and one != url else index.take("GET", one, b"")
        if exchange is not None and exchange.status == 200:
            found = _page_of(exchange.url, exchange.headers, exchange.body, exchange.at)
    return found


def _page_of(url: str, headers: Any, body: bytes, at: datetime) -> Page:
    lower = {name.lower(): value for name, value in headers}
    for encoding in reversed([one.strip() for one in lower.pop("content-encoding", "").split(",") if one.strip()]):
        body = decompressed(body, encoding)
    return Page(url=url, body=body, fetched_at=at, headers=lower)


def _saved(path: Path, url: str, now: datetime) -> Page:
    if not path.is_file():
        raise click.ClickException(f"There is no file {path}. Give a file, or an address that begins with http.")
    return Page(url=url or "https://example.org/", body=path.read_bytes(), fetched_at=now)


def diagnose_source(settings: Settings, name: str, *, good: Path | None, bad: Path | None) -> dict[str, Any]:
    """``{"sentences", "mended", "toml"}``: why a source is broken, and its declaration with repaired selectors ("" when none holds).

    Pages come from the files given, else from the archive: of the last healthy run, and of the last run. Raises click.ClickException
    when a page is not to be had.
    """
    source = source_named(settings, name)
    then, now = _page(settings, source, good, healthy=True), _page(settings, source, bad, healthy=False)
    found = diagnose(source, then, now)
    toml = repaired_toml(Path(source.path).read_text(encoding="utf-8"), found.mended) if found.mended is not None else ""
    return {"sentences": list(found.sentences), "mended": bool(toml) or found.healthy, "toml": toml}


def _page(settings: Settings, source: Source, path: Path | None, *, healthy: bool) -> Page:
    if path is not None:
        when = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        return Page(url=source.url, body=path.read_bytes(), fetched_at=when)
    for file in _archived(settings, source, healthy=healthy):
        try:
            index = WarcIndex([file])
            exchange = index.newest(source.ask.method, source.url)
        except ArchiveError:
            continue
        if exchange is not None:
            return _page_of(source.url, exchange.headers, exchange.body, exchange.at)
    option = "--good" if healthy else "--bad"
    raise click.ClickException(
        f"The archive holds no {'good ' if healthy else ''}page of {source.name}. Give a saved one with {option} FILE."
    )


def _archived(settings: Settings, source: Source, *, healthy: bool) -> list[Path]:
    """The source's archive files, those of the last healthy runs (or of the last runs) first."""
    if not settings.db.is_file():
        return []
    db = open_readonly(settings.db)
    try:
        past = [run for run in runs.last_runs(db, source=source.name, limit=100) if not healthy or run.verdict == "healthy"]
        days = list(dict.fromkeys(f"{run.started:%Y-%m-%d}" for run in past))
        files = [settings.archive / day / f"{source.name}.warc.gz" for day in days]
        if healthy:
            files += [
                settings.archive / state.archive
                for state in pages.known(db, source.name).values()
                if state.archive and state.outcome == "read"
            ]
    finally:
        db.close()
    return [file for file in dict.fromkeys(files) if file.is_file()]
