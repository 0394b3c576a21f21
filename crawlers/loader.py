"""Spiders from data: one a TOML file, so that ``scrapy list`` and ``scrapy crawl NAME`` work."""

from __future__ import annotations

import os
from pathlib import Path

from scrapy import Request
from scrapy.settings import BaseSettings

from crawlers.declare import load_source, load_sources
from crawlers.job import Job
from crawlers.source import Source
from crawlers.spider import SourceSpider
from store.clock import utc_now


class SourceLoader:
    """Scrapy's spider loader protocol over the folder of declarations (setting SOURCES)."""

    def __init__(self, folder: Path, allow_hosts: list[str]) -> None:
        self.folder = folder
        self.allow_hosts = allow_hosts

    @classmethod
    def from_settings(cls, settings: BaseSettings) -> SourceLoader:
        """Built by Scrapy."""
        return cls(Path(settings["SOURCES"]), settings.getlist("ALLOW_HOSTS"))

    def load(self, spider_name: str) -> type[SourceSpider]:
        """The spider of the source called ``spider_name``. Raises KeyError when there is none, SourceErrors when it is faulty."""
        path = next(iter(self.folder.rglob(f"{spider_name}.toml")), None)
        if path is None:
            raise KeyError(f"there is no source '{spider_name}' in {self.folder}")
        return spider_class(load_source(path), self.allow_hosts)

    def list(self) -> list[str]:
        """The names of all sources. Raises SourceErrors."""
        return list(load_sources(self.folder))

    def find_by_request(self, request: Request) -> list[str]:  # type: ignore[valid-type]
        """The sources whose address, or the beginning of whose pages' addresses, this is."""
        return [
            name
            for name, source in load_sources(self.folder).items()
            if request.url == source.url or (source.page_prefix and request.url.startswith(source.page_prefix))
        ]


def spider_class(source: Source, allow_hosts: list[str]) -> type[SourceSpider]:
    """A spider class for ``scrapy crawl``: it stores in the data folder of the environment (CLUSTERSCOUT_DATA), if that is set."""
    data = os.environ.get("CLUSTERSCOUT_DATA")
    job = Job(
        source=source,
        now=utc_now(),
        db=Path(data) / "clusterscout.db" if data else None,
        archive=Path(data) / "archive" if data else None,
        contact=os.environ.get("CLUSTERSCOUT_CONTACT", ""),
        allow_hosts=tuple(allow_hosts),
    )
    settings = {"JOB": job, "USER_AGENT": job.user_agent}
    return type("DeclaredSpider", (SourceSpider,), {"name": source.name, "source": source, "custom_settings": settings})
