"""One source, one subprocess with a time limit; how it went is read from the ``run`` row and never from an exit code."""

from __future__ import annotations

import json
import logging
import multiprocessing
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from datetime import datetime
from functools import cache
from multiprocessing.context import ForkServerContext
from pathlib import Path
from typing import Any

import click

from crawlers import process
from crawlers.archive import WarcIndex
from crawlers.errors import ArchiveError
from crawlers.job import Job
from crawlers.source import Source
from scheduler.settings import Settings
from scheduler.sourcing import readable_sources, source_named
from store import runs
from store import sources as kept_sources
from store.clock import monotonic
from store.codec import to_json
from store.database import open_store

logger = logging.getLogger(__name__)
GRACE = 15.0
COUNTS = ("requests", "not_modified", "notices", "new", "changed", "unchanged", "problems")
COSTS = ("cpu_ms", "memory_mb")
PRELOADED = ["crawlers.preload"]


def crawl_source(
    settings: Settings,
    name: str,
    *,
    replay: Sequence[Path] = (),
    record: Path | None = None,
    db: Path | None = None,
    now: datetime,
    source: Source | None = None,
) -> dict[str, Any]:
    """Crawl one source into the store and return its line of ``clusterscout crawl`` (design section 5, with ``reasons`` and
    ``complete`` added).

    ``source`` spares reading the declaration again. ``db`` overrides the settings' published file. A replay takes the date of its
    archive as ``now`` and touches no network. A crawl over its time limit keeps what it read and is not complete; one that cannot
    even stop is killed and its run ends ``broken``.
    """
    source = source or source_named(settings, name)
    target = db or settings.db
    if replay:
        now = replay_date(replay, source) or now
    store = open_store(target)
    run = runs.start_run(store, "crawl", source.name, now=now)
    store.close()
    job = job_of(settings, source, now=now, replay=replay, record=record, db=target, run=run)
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
        if replay and not names:
            chosen = held_by(replay, list(sources.values()))
            say(f"{len(chosen)} source(s) stand in the archive: {', '.join(source.name for source in chosen) or 'none'}.")
        if not dry_run:
            register(db or settings.db, sources.values())
        yield from _crawl_chosen(settings, chosen, replay=replay, record=record, db=db, dry_run=dry_run, now=now, say=say)
    except ArchiveError as error:
        raise click.ClickException(str(error)) from error


def _crawl_chosen(
    settings: Settings, chosen: Sequence[Source], *, dry_run: bool, say: Callable[[str], None], **options: Any
) -> Iterator[dict[str, Any]]:
    def one(source: Source) -> dict[str, Any]:
        if dry_run:
            return try_source(settings, source, replay=options["replay"], record=options["record"], now=options["now"])[0]
        return crawl_source(settings, source.name, source=source, **options)

    with ThreadPoolExecutor(max_workers=max(settings.workers, 1), thread_name_prefix="crawl") as pool:
        for future in as_completed([pool.submit(one, source) for source in chosen]):
            done = future.result()
            if done.get("lacking"):
                say(f"{done['source']}: the archive lacks {done['lacking']} request(s); see its problems of cause not-in-archive.")
            yield done


def try_source(
    settings: Settings, source: Source, *, replay: Sequence[Path] = (), record: Path | None = None, now: datetime
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Crawl without storing: the source's line, and its notices and problems as ``{"notice": …}`` and ``{"problem": …}``."""
    if replay:
        now = replay_date(replay, source) or now
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


def in_subprocess(job: Job) -> str:
    """Run the job in a process of its own; why it was ended from outside, "" when it ended by itself.

    At its time limit the crawl stops itself, once the answer that it waits for has come or timed out.
    """
    child = _context().Process(target=process.crawl, args=(job,), name=f"crawl-{job.source.name}", daemon=True)
    child.start()
    child.join(job.seconds + job.timeout + GRACE)
    why = ""
    if child.is_alive():
        why = f"killed: the crawl took more than {job.seconds:.0f} seconds (setting crawl_limit)"
        child.terminate()
        child.join(GRACE)
        if child.is_alive():
            child.kill()
            child.join()
    elif child.exitcode:
        why = f"the crawl's process ended with {'signal ' + str(-child.exitcode) if child.exitcode < 0 else 'status ' + str(child.exitcode)}"
    child.close()
    return why


@cache
def _context() -> ForkServerContext:
    """Children are forked from a server that has loaded Scrapy and the parsers once: a crawl starts in milliseconds, and no thread or
    open file of the caller goes with it.
    """
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(PRELOADED)
    return context


def replay_date(replay: Sequence[Path], source: Source) -> datetime | None:
    """When the archive holds that the source was asked; else the newest date in it; None for an empty archive."""
    index = WarcIndex(replay)
    return index.date_of(source.ask.method, source.url) or index.latest()


def held_by(replay: Sequence[Path], sources: Sequence[Source]) -> list[Source]:
    """The sources whose address, or some of whose pages, the archive holds. Raises ArchiveError."""
    index = WarcIndex(replay)
    urls = index.urls()
    return [
        source
        for source in sources
        if any(index.holds(source.ask.method, url) for url in (source.url, *source.more))
        or (source.page_prefix and any(url.startswith(source.page_prefix) for url in urls))
    ]
