"""Everything a crawl will import, imported once in the process that crawls are forked from: most of a short crawl's time was this.

No reactor may be installed here; Scrapy installs one in each crawl.
"""

from __future__ import annotations

import gc
import importlib
import sys

MODULES = (
    "crawlers.archiving",
    "crawlers.decompression",
    "crawlers.fetching",
    "crawlers.formats.article",
    "crawlers.formats.feed",
    "crawlers.formats.html_list",
    "crawlers.formats.ical",
    "crawlers.formats.json_api",
    "crawlers.formats.jsonld",
    "crawlers.formats.sitemap",
    "crawlers.guard",
    "crawlers.look",
    "crawlers.pipeline",
    "crawlers.process",
    "crawlers.robots",
    "scrapy.core.downloader.contextfactory",
    "scrapy.core.downloader.handlers.http11",
    "scrapy.core.engine",
    "scrapy.core.scheduler",
    "scrapy.core.scraper",
    "scrapy.downloadermiddlewares.defaultheaders",
    "scrapy.downloadermiddlewares.downloadtimeout",
    "scrapy.downloadermiddlewares.httpauth",
    "scrapy.downloadermiddlewares.redirect",
    "scrapy.downloadermiddlewares.stats",
    "scrapy.downloadermiddlewares.useragent",
    "scrapy.dupefilters",
    "scrapy.extensions.closespider",
    "scrapy.extensions.corestats",
    "scrapy.extensions.logcount",
    "scrapy.extensions.throttle",
    "scrapy.logformatter",
    "scrapy.pqueues",
    "scrapy.spidermiddlewares.depth",
    "scrapy.spidermiddlewares.httperror",
    "scrapy.spidermiddlewares.start",
    "scrapy.spidermiddlewares.urllength",
    "scrapy.squeues",
    "scrapy.statscollectors",
    "sqlite_utils.db",
    "store.notices",
    "twisted.internet.asyncioreactor",
)


def load() -> None:
    """Import all of it; raises AssertionError if that installed a reactor.

    What is loaded is taken from the garbage collector: a collection in a child would touch, and so copy, all of it.
    """
    for name in MODULES:
        importlib.import_module(name)
    gc.collect()
    gc.freeze()
    assert "twisted.internet.reactor" not in sys.modules, "a reactor was installed before the fork"


load()
