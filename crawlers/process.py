"""What runs in a process of its own: one crawl, limits set, Scrapy run once, the outcome left in the run row; or one look at many
sources.
"""

from __future__ import annotations

import json
import logging
import resource
import threading
import warnings
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from multiprocessing.connection import Connection
from pathlib import Path

from scrapy.crawler import AsyncCrawlerProcess

from crawlers.archive import WarcIndex
from crawlers.job import Job
from crawlers.look import Look, Looked, Pace
from crawlers.settings import settings_for
from crawlers.spider import SourceSpider
from store.clock import monotonic
from store.database import open_store

logger = logging.getLogger(__name__)
MEMORY = 320 * 1024 * 1024
# Hosts that a look asks at the same time, each of them one request at a time.
HOSTS = 8


def look(jobs: Sequence[Job], spool: Path, out: Connection) -> None:
    """Look at many sources in this process, several hosts at once, and tell ``out`` of each as it is done: a JSON object with
    ``source``, ``seconds``, and either ``verdict``, ``complete``, ``reasons``, ``counts`` of the run that was ended, or ``had``, the
    file of answers for the crawl that must follow ("" for none). All jobs share one store and one replay.
    """
    _limit_memory()
    threading.stack_size(1 << 20)  # stacks count as data
    index = WarcIndex(jobs[0].replay) if jobs[0].replay else None
    assert jobs[0].db is not None
    db, lock, pace = open_store(jobs[0].db), threading.Lock(), Pace()

    def one(job: Job) -> dict[str, object]:
        started = monotonic()
        try:
            found = Look(job, pace=pace, index=index).at(db, lock, spool)
        except Exception:  # whatever it was, the crawl in a process of its own meets it too and tells it in its run
            logger.exception("the look at %s failed; it is crawled", job.source.name)
            found = Looked()
        said: dict[str, object] = {"source": job.source.name, "seconds": round(monotonic() - started, 2)}
        if found.judgement is None:
            return said | {"had": str(found.had or "")}
        verdict = found.judgement
        ended = {"verdict": verdict.verdict, "complete": verdict.complete, "reasons": verdict.reasons, "counts": dict(found.counts)}
        return said | ended

    # The index of a replay is no affair of threads, and there is nobody to wait for.
    with ThreadPoolExecutor(max_workers=1 if index is not None else HOSTS, thread_name_prefix="look") as pool:
        for done in as_completed([pool.submit(one, job) for job in jobs]):
            out.send_bytes(json.dumps(done.result(), ensure_ascii=False).encode("utf-8", "surrogatepass"))
    db.close()
    out.close()


def _limit_memory() -> None:
    _, most = resource.getrlimit(resource.RLIMIT_DATA)
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, most))


def crawl(job: Job, *, limit_memory: bool = True) -> None:
    """Crawl one source in this process, which must not have run a reactor before.

    Data memory is limited to 320 MB, so that with its code the process stays below 400: beyond it the parser fails with a Problem instead of the machine with all.
    """
    if limit_memory:
        _limit_memory()
    warnings.simplefilter("ignore")
    logging.getLogger("scrapy").setLevel(logging.WARNING)
    process = AsyncCrawlerProcess(settings_for(job))
    spider = type("OneSource", (SourceSpider,), {"name": job.source.name})
    process.crawl(spider)
    process.start()
