"""One crawl of one source, as it is handed to the process that does it."""

from __future__ import annotations

import copyreg
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

from crawlers.source import Source

AGENT = "clusterscout"


def _read_only(values: dict[Any, Any]) -> MappingProxyType[Any, Any]:
    return MappingProxyType(values)


def _reduced(mapping: MappingProxyType[Any, Any]) -> tuple[Any, tuple[dict[Any, Any]]]:
    return _read_only, (dict(mapping),)


# A job goes to another process; the read-only mappings of its declaration must go with it.
copyreg.pickle(MappingProxyType, _reduced)


@dataclass(frozen=True, kw_only=True, slots=True)
class Job:
    """``now`` is the instant of the run (in a replay: when the pages were archived). ``db`` None stores nothing. ``run`` is the id
    of the run row that was begun for it. ``replay`` answers every request from these WARC files; ``record`` writes one; ``archive``
    is the folder of the daily archive, None for none. ``had`` holds answers that the look got just before, which are not asked for
    again. ``out`` takes notices and problems as JSON lines when nothing is stored.
    ``allow_hosts`` are ``host:port`` pairs inside this network that may be asked (the sample web). ``budget`` is the most requests
    of the run; ``delay`` the least seconds between two requests to one host, ``timeout`` the most seconds of one
    answer, ``seconds`` of the whole run.
    """

    source: Source
    now: datetime
    db: Path | None = None
    run: str = ""
    replay: tuple[Path, ...] = ()
    record: Path | None = None
    archive: Path | None = None
    had: Path | None = None
    out: Path | None = None
    contact: str = ""
    allow_hosts: tuple[str, ...] = ()
    budget: int = 2_000
    delay: float = 1.0
    timeout: float = 60.0
    seconds: float = 900.0

    @property
    def user_agent(self) -> str:
        """What stands in the User-Agent line: who we are and how to reach us."""
        return f"{AGENT}/0.1 (+{self.contact})" if self.contact else f"{AGENT}/0.1 (contact not set by the operator)"
