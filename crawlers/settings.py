"""Scrapy's settings: polite by default. ``settings_for`` adds what one job needs; ``scrapy list`` and ``scrapy crawl`` use it too."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from crawlers.archive import WarcIndex
from crawlers.decoding import MOST_BYTES
from crawlers.job import Job

BOT_NAME = "clusterscout"
SPIDER_LOADER_CLASS = "crawlers.loader.SourceLoader"
SPIDER_MODULES: list[str] = []
SOURCES = os.environ.get("CLUSTERSCOUT_SOURCES") or str(Path(__file__).parent / "sources")

ROBOTSTXT_OBEY = True
CONCURRENT_REQUESTS = 8
CONCURRENT_REQUESTS_PER_DOMAIN = 1
DOWNLOAD_DELAY = 1.0
DOWNLOAD_DELAY_JITTER = 0.2
AUTOTHROTTLE_ENABLED = True
AUTOTHROTTLE_START_DELAY = 1.0
AUTOTHROTTLE_MAX_DELAY = 30.0
DOWNLOAD_TIMEOUT = 60
DOWNLOAD_MAXSIZE = MOST_BYTES
DOWNLOAD_WARNSIZE = 0
DOWNLOAD_VERIFY_CERTIFICATES = True
DOWNLOAD_FAIL_ON_DATALOSS = True
RETRY_TIMES = 2
RETRY_HTTP_CODES = [408, 425, 429, 500, 502, 503, 504, 522, 524]
REDIRECT_MAX_TIMES = 10
HTTPERROR_ALLOW_ALL = True
REFERER_ENABLED = False
LOG_LEVEL = "INFO"
LOG_VERSIONS: list[str] = []
WARN_ON_GENERATOR_RETURN_VALUE = False
STATS_DUMP = False
LOG_INSTALL_ROOT_HANDLER = False
REACTOR_THREADPOOL_MAXSIZE = 4
TWISTED_DNS_RESOLVER = "crawlers.guard.GuardedResolver"
DNS_TIMEOUT = 20
URLLENGTH_LIMIT = 4_000

# Only http and https: no file, ftp, s3 or data addresses.
DOWNLOAD_HANDLERS: dict[str, str | None] = {"file": None, "ftp": None, "s3": None, "data": None}
# Complete lists: Scrapy imports whatever its own lists name, even what is switched off, and that was most of a short crawl's time.
DOWNLOADER_MIDDLEWARES_BASE = {
    "scrapy.downloadermiddlewares.downloadtimeout.DownloadTimeoutMiddleware": 350,
    "scrapy.downloadermiddlewares.defaultheaders.DefaultHeadersMiddleware": 400,
    "scrapy.downloadermiddlewares.useragent.UserAgentMiddleware": 500,
    "scrapy.downloadermiddlewares.redirect.RedirectMiddleware": 600,
    "scrapy.downloadermiddlewares.stats.DownloaderStats": 850,
}
DOWNLOADER_MIDDLEWARES = {
    "crawlers.guard.AddressGuard": 20,
    "crawlers.robots.ObeyRobots": 100,
    "crawlers.fetching.PatientRetry": 550,
    "crawlers.decompression.StrictDecompression": 590,
    "crawlers.fetching.Budget": 800,
    "crawlers.archiving.Archive": 900,
}
EXTENSIONS_BASE = {
    "scrapy.extensions.corestats.CoreStats": 0,
    "scrapy.extensions.logcount.LogCount": 0,
    "scrapy.extensions.closespider.CloseSpider": 0,
    "scrapy.extensions.throttle.AutoThrottle": 0,
}
ITEM_PIPELINES = {"crawlers.pipeline.Collect": 300}
JOB: Job | None = None
WARC_INDEX: WarcIndex | None = None
ALLOW_HOSTS: list[str] = [host for host in os.environ.get("CLUSTERSCOUT_ALLOW_HOSTS", "").replace(",", " ").split() if host]


def settings_for(job: Job) -> dict[str, Any]:
    """All settings of one job. Raises ArchiveError for a replay file that cannot be read."""
    values = {name: value for name, value in globals().items() if name.isupper() and not name.startswith("_")}
    index = WarcIndex(job.replay) if job.replay else None
    values |= {
        "JOB": job,
        "WARC_INDEX": index,
        "USER_AGENT": job.user_agent,
        "ALLOW_HOSTS": list(job.allow_hosts),
        "DOWNLOAD_TIMEOUT": job.timeout,
        "DOWNLOAD_DELAY": job.delay,
        "AUTOTHROTTLE_START_DELAY": job.delay,
        "CLOSESPIDER_TIMEOUT": job.seconds,
    }
    if index is not None:
        values |= {
            "ROBOTSTXT_OBEY": False,
            "AUTOTHROTTLE_ENABLED": False,
            "DOWNLOAD_DELAY": 0,
            "RETRY_TIMES": 2,
            "CONCURRENT_REQUESTS": 1,
        }
    if job.delay == 0:
        values |= {"AUTOTHROTTLE_ENABLED": False}
    return values
