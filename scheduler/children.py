"""Processes of their own: a crawl of one source each, and one look at many sources before that; both with a time limit."""

from __future__ import annotations

import json
import logging
import multiprocessing
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from multiprocessing.context import ForkServerContext
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from crawlers import process
from crawlers.job import Job
from store.clock import monotonic

log = logging.getLogger(__name__)
GRACE = 15.0
# Loaded once by the process that children are forked from; the last freezes what is there. The command line stands among them
# because multiprocessing runs the main module of its caller in every child.
PRELOADED = ["scheduler.cli", "crawlers.preload"]


def in_subprocess(job: Job) -> str:
    """Run the job in a process of its own; why it was ended from outside, "" when it ended by itself.

    At its time limit the crawl stops itself, once the answer that it waits for has come or timed out.
    """
    child = context().Process(target=process.crawl, args=(job,), name=f"crawl-{job.source.name}", daemon=True)
    child.start()
    child.join(job.seconds + job.timeout + GRACE)
    why = ""
    if child.is_alive():
        why = f"killed: the crawl took more than {job.seconds:.0f} seconds (setting crawl_limit)"
        _end(child)
    elif child.exitcode:
        why = f"the crawl's process ended with {'signal ' + str(-child.exitcode) if child.exitcode < 0 else 'status ' + str(child.exitcode)}"
    child.close()
    return why


@contextmanager
def spool() -> Iterator[Path]:
    """A folder for the answers that a look hands on to crawls."""
    with tempfile.TemporaryDirectory(prefix="clusterscout-look-") as folder:
        yield Path(folder)


def looks(jobs: Sequence[Job], folder: Path, *, seconds: float) -> Iterator[dict[str, Any]]:
    """What one process that looks at all these sources says, as it says it (see ``crawlers.process.look``); ``folder`` is its spool.

    A process that dies or takes longer than ``seconds`` says no more: what it left unsaid is to be crawled.
    """
    receiver, sender = context().Pipe(duplex=False)
    child = context().Process(target=process.look, args=(jobs, folder, sender), name="look", daemon=True)
    child.start()
    sender.close()
    ends = monotonic() + seconds
    try:
        while receiver.poll(max(ends - monotonic(), 0.0)):
            yield json.loads(receiver.recv_bytes())
        log.warning("the look at %d sources took more than %.0f seconds; the rest is crawled", len(jobs), seconds)
    except EOFError:  # it has closed its end: all is said, or it died
        child.join(GRACE)
    finally:
        receiver.close()
        _end(child)
        if child.exitcode:
            log.warning("the look at %d sources ended with status %s; what it left is crawled", len(jobs), child.exitcode)
        child.close()


def _end(child: BaseProcess) -> None:
    if child.is_alive():
        child.terminate()
        child.join(GRACE)
    if child.is_alive():
        child.kill()
        child.join()


@cache
def context() -> ForkServerContext:
    """Children are forked from a server that has loaded Scrapy and the parsers once: a crawl starts in milliseconds, and no thread or
    open file of the caller goes with it.
    """
    made = multiprocessing.get_context("forkserver")
    made.set_forkserver_preload(PRELOADED)
    return made
