"""One source, one subprocess with a time limit; how it went is read from the ``run`` row and never from an exit code."""

from __future__ import annotations

import json
import logging
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from queue import SimpleQueue
from typing import Any
from urllib.parse import urlsplit

import click

from crawlers.archive import WarcIndex
from crawlers.errors import ArchiveError
from crawlers.job import Job
from crawlers.source import Source
from scheduler.children import in_subprocess, looks, spool
from scheduler.settings import Settings
from scheduler.sourcing import readable_sources, source_named
from store import pages, runs
from store import sources as kept_sources
from store.clock import monotonic
from store.codec import to_json
from store.database import open_store

logger = logging.getLogger(__name__)
COUNTS = ("requests", "not_modified", "notices", "new", "changed", "unchanged", "problems")
COSTS = ("cpu_ms", "memory_mb")


def crawl_source(
    settings: Settings,
    name: str,
    *,
    replay: Sequence[Path] = (),
    record: Path | None = None,
    db: Path | None = None,
    now: datetime,
    source: Source | None = None,
    index: WarcIndex | None = None,
    had: Path | None = None,
) -> dict[str, Any]:
    """Crawl one source into the store and return its line of ``clusterscout crawl`` (design section 5, with ``reasons`` and
    ``complete`` added).

    ``source`` spares reading the declaration again, ``index`` reading the archive of a replay again; ``had`` holds answers that a
    look has got. ``db`` overrides the settings' published file. A replay takes the date of its
    archive as ``now`` and touches no network. A crawl over its time limit keeps what it read and is not complete; one that cannot
    even stop is killed and its run ends ``broken``.
    """
    source = source or source_named(settings, name)
    target = db or settings.db
    if replay:
        now = replay_date(index or WarcIndex(replay), source) or now
    store = open_store(target)
    run = runs.start_run(store, "crawl", source.name, now=now)
    store.close()
    job = job_of(settings, source, now=now, replay=replay, record=record, db=target, run=run, had=had)
    started = monotonic()
    why = in_subprocess(job)
    seconds = round(monotonic() - started, 2)
    store = open_store(target)
    try:
        found = next((one for one in runs.last_runs(store, source=source.name, limit=20) if one.id == run), None)
        if found is None or found.ended is None:
            reason = why or "the crawl's process ended without a word; see the log"
            runs.end_run(store, run, now=now, verdict="broken", complete=False, counts=dict.fromkeys(COUNTS, 0), reasons=[reason])
            return line(source.name, "broken", {}, [reason], seconds, complete=False)
        done = line(source.name, found.verdict, found.counts, found.reasons, seconds, complete=found.complete)
        if replay:
            done["lacking"] = len(runs.problem_urls(store, run, cause="not-in-archive"))
        return done
    finally:
        store.close()


def crawl_all(
    settings: Settings,
    names: Sequence[str],
    *,
    replay: Sequence[Path] = (),
    record: Path | None = None,
    db: Path | None = None,
    dry_run: bool = False,
    now: datetime,
    say: Callable[[str], None],
) -> Iterator[dict[str, Any]]:
    """Crawl many sources, ``settings.workers`` at a time, and yield their lines as they end.

    ``say`` is told what a person should know beside the lines (standard error). A faulty declaration is a ``broken`` line of its
    own and stops no other source. Raises click.ClickException for an unknown name or an unreadable archive.
    """
    missing = [path for path in replay if not path.is_file()]
    if missing:
        raise click.ClickException(f"There is no file {missing[0]} to replay. Check the path.")
    sources, faults = readable_sources(settings)
    for name, message in faults.items():
        if not names or name in names:
            say(message)
            yield line(name, "broken", {}, [message], 0.0, complete=False)
    if names:
        chosen = [source_named(settings, name) for name in names if name not in faults]
    else:
        chosen = [source for source in sources.values() if source.enabled and not source.blocked]
    try:
        index = WarcIndex(replay) if replay else None
        if index is not None and not names:
            chosen = held_by(index, list(sources.values()))
            say(f"{len(chosen)} source(s) stand in the archive: {', '.join(source.name for source in chosen) or 'none'}.")
        if not dry_run:
            register(db or settings.db, sources.values())
        for done in crawl_many(settings, chosen, replay=replay, record=record, db=db, dry_run=dry_run, now=now, index=index):
            if done.get("lacking"):
                say(f"{done['source']}: the archive lacks {done['lacking']} request(s); see its problems of cause not-in-archive.")
            yield done
    except ArchiveError as error:
        raise click.ClickException(str(error)) from error


def crawl_many(
    settings: Settings,
    chosen: Sequence[Source],
    *,
    replay: Sequence[Path] = (),
    record: Path | None = None,
    db: Path | None = None,
    dry_run: bool = False,
    now: datetime,
    index: WarcIndex | None = None,
    stopping: Callable[[], bool] = lambda: False,
) -> Iterator[dict[str, Any]]:
    """The lines of these sources as they end: first of those that a look finds unchanged, then of crawls, ``settings.workers`` at a
    time, sources of one host one after another. What is not begun when ``stopping`` says so is left. ``index`` is that of ``replay``.
    """
    lines: SimpleQueue[dict[str, Any] | None] = SimpleQueue()
    pause = 0.0 if replay else settings.request_delay
    with spool() as folder, ThreadPoolExecutor(max_workers=max(settings.workers, 1), thread_name_prefix="crawl") as pool:
        left = {source.name: source for source in chosen}
        had: dict[str, Path] = {}
        if record is None and not dry_run:
            for told in _looked(settings, chosen, folder, replay=replay, db=db or settings.db, now=now, index=index):
                if "verdict" in told:
                    del left[told["source"]]
                    counts, reasons = told["counts"], told["reasons"]
                    yield line(told["source"], told["verdict"], counts, reasons, told["seconds"], complete=told["complete"])
                elif told["had"]:
                    had[told["source"]] = Path(told["had"])

        def one(source: Source) -> dict[str, Any]:
            if dry_run:
                return try_source(settings, source, replay=replay, record=record, now=now)[0]
            options: dict[str, Any] = {"replay": replay, "record": record, "db": db, "now": now, "index": index}
            return crawl_source(settings, source.name, source=source, had=had.get(source.name), **options)

        def one_after_another(sources: Sequence[Source]) -> None:
            try:
                for number, source in enumerate(sources):
                    if pause and (number or source.name in had):
                        time.sleep(pause)
                    if not stopping():
                        lines.put(one(source))
            finally:
                lines.put(None)

        hosts = [pool.submit(one_after_another, sources) for sources in _by_host(left.values(), apart=not pause)]
        ended = 0
        while ended < len(hosts):
            done = lines.get()
            if done is None:
                ended += 1
            else:
                yield done
        for host in hosts:
            host.result()


def _looked(
    settings: Settings,
    chosen: Sequence[Source],
    folder: Path,
    *,
    replay: Sequence[Path],
    db: Path,
    now: datetime,
    index: WarcIndex | None,
) -> Iterator[dict[str, Any]]:
    """What a look says of those sources of which any page is remembered."""
    store = open_store(db)
    remembered = pages.remembered(store, [source.name for source in chosen])
    store.close()
    jobs = [
        job_of(settings, source, now=(replay_date(index, source) if index else None) or now, replay=replay, db=db)
        for source in chosen
        if source.name in remembered
    ]
    if jobs:
        yield from looks(jobs, folder, seconds=float(settings.crawl_limit))


def _by_host(sources: Iterable[Source], *, apart: bool) -> list[list[Source]]:
    """Sources by the host of their address, each by itself when they are to be kept ``apart`` (where nobody is to be spared)."""
    hosts: dict[str, list[Source]] = {}
    for source in sources:
        hosts.setdefault(source.name if apart else urlsplit(source.url).netloc, []).append(source)
    return list(hosts.values())


def try_source(
    settings: Settings, source: Source, *, replay: Sequence[Path] = (), record: Path | None = None, now: datetime
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Crawl without storing: the source's line, and its notices and problems as ``{"notice": …}`` and ``{"problem": …}``."""
    if replay:
        now = replay_date(WarcIndex(replay), source) or now
    with tempfile.TemporaryDirectory(prefix="clusterscout-try-") as folder:
        out = Path(folder) / "out.jsonl"
        started = monotonic()
        why = in_subprocess(job_of(settings, source, now=now, replay=replay, record=record, out=out))
        seconds = round(monotonic() - started, 2)
        things = [json.loads(text) for text in out.read_text(encoding="utf-8").splitlines()] if out.is_file() else []
    run = things.pop()["run"] if things and "run" in things[-1] else None
    if run is None:
        return line(
            source.name, "broken", {}, [why or "the crawl's process ended without a word; see the log"], seconds, complete=False
        ), things
    done = line(source.name, run["verdict"], run["counts"], run["reasons"], seconds, complete=run["complete"])
    if replay:
        done["lacking"] = sum(thing.get("problem", {}).get("cause") == "not-in-archive" for thing in things)
    return done, things


def register(db: Path, sources: Iterable[Source]) -> None:
    """Store the declared facts, so that readers of the published file see what is covered."""
    store = open_store(db)
    kept_sources.keep(store, [facts_of(source) for source in sources])
    store.close()


def facts_of(source: Source) -> dict[str, Any]:
    """A declaration as a JSON-ready mapping; the file's path stays out of the published file."""
    facts: dict[str, Any] = json.loads(to_json(source))
    facts.pop("path")
    return facts


def job_of(
    settings: Settings,
    source: Source,
    *,
    now: datetime,
    replay: Sequence[Path] = (),
    record: Path | None = None,
    db: Path | None = None,
    run: str = "",
    out: Path | None = None,
    had: Path | None = None,
) -> Job:
    """The job of one crawl as the settings want it. Hosts inside this network are asked only if ``allow_hosts`` names them."""
    allowed = tuple(settings.allow_hosts.replace(",", " ").split())
    return Job(
        source=source,
        now=now,
        db=db,
        run=run,
        replay=tuple(replay),
        record=record,
        archive=settings.archive if db is not None and not replay else None,
        out=out,
        had=had,
        contact=settings.contact or settings.address,
        allow_hosts=allowed,
        budget=settings.request_budget,
        delay=settings.request_delay,
        timeout=float(settings.download_timeout),
        seconds=float(settings.crawl_limit),
    )


def line(name: str, verdict: str, counts: Any, reasons: Sequence[str], seconds: float, *, complete: bool) -> dict[str, Any]:
    """One line of ``clusterscout crawl``."""
    numbers = {key: int(counts.get(key, 0)) for key in COUNTS}
    costs = {key: int(counts.get(key, 0)) for key in COSTS}
    return {
        "source": name, "verdict": verdict, **numbers, "seconds": seconds, "complete": complete, "reasons": list(reasons), **costs,
    }  # fmt: skip


def replay_date(index: WarcIndex, source: Source) -> datetime | None:
    """When the archive holds that the source was asked; else the newest date in it; None for an empty archive."""
    return index.date_of(source.ask.method, source.url) or index.latest()


def held_by(index: WarcIndex, sources: Sequence[Source]) -> list[Source]:
    """The sources whose address, or some of whose pages, the archive holds."""
    urls = index.urls()
    return [
        source
        for source in sources
        if any(index.holds(source.ask.method, url) for url in (source.url, *source.more))
        or (source.page_prefix and any(url.startswith(source.page_prefix) for url in urls))
    ]
