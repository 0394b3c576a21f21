"""One crawl in a process of its own: limits set, Scrapy run once, the outcome left in the run row."""

from __future__ import annotations

import logging
import resource
import warnings

from scrapy.crawler import AsyncCrawlerProcess

from crawlers.job import Job
from crawlers.settings import settings_for
from crawlers.spider import SourceSpider

MEMORY = 320 * 1024 * 1024


def crawl(job: Job, *, limit_memory: bool = True) -> None:
    """Crawl one source in this process, which must not have run a reactor before.

    Data memory is limited to 320 MB, so that with its code the process stays below 400: beyond it the parser fails with a Problem instead of the machine with all.
    """
    if limit_memory:
        _, most = resource.getrlimit(resource.RLIMIT_DATA)
        resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, most))
    warnings.simplefilter("ignore")
    logging.getLogger("scrapy").setLevel(logging.WARNING)
    process = AsyncCrawlerProcess(settings_for(job))
    spider = type("OneSource", (SourceSpider,), {"name": job.source.name})
    process.crawl(spider)
    process.start()
