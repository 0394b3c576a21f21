"""What every page of one running site shares: where the files are, the clock, and ways to read and write them."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, TypeVar
from urllib.parse import urlsplit

from datasette.app import Datasette
from sqlite_utils import Database

from store.accounts import Member
from store.database import open_private, open_readonly, open_store

T = TypeVar("T")
Access = Literal["public", "member", "manager", "operator"]
RANK = {"public": 0, "member": 1, "manager": 2, "operator": 3}
DATABASE = "clusterscout"


@dataclass(frozen=True, slots=True)
class Route:
    """A page: ``pattern`` (regular expression on the path), its view, and the least role that may see it. ``methods`` are what it takes.

    ``signed`` means that the path itself is a secret of the reader: a POST to it may come from a mail program, in any form and without
    a token of ours, and its view reads no body. ``inline_styles`` lets a mail's own styles through.
    """

    pattern: str
    view: Callable[..., Awaitable[Any]]
    access: Access = "member"
    methods: tuple[str, ...] = ("GET", "HEAD")
    signed: bool = False
    inline_styles: bool = False


@dataclass(slots=True, kw_only=True)
class Site:
    """One running site. ``address`` is its public address without a slash at the end; ``clock`` gives the instant of a request.

    ``send_link`` hands a sign-in link (mail address, address of the link) to whoever can deliver it; None hides that way in. ``next_runs`` gives when each
    job of the scheduler runs next, by its name.
    """

    db: Path
    private_db: Path
    address: str
    clock: Callable[[], datetime]
    secret: str = ""
    four_eyes: bool = False
    operator_sql: bool = False
    send_link: Callable[[str, str], None] | None = None
    metrics: Callable[[], str] | None = None
    next_runs: Callable[[], Mapping[str, datetime]] | None = None
    reader: Database = field(init=False)
    thread: ThreadPoolExecutor = field(init=False, default_factory=lambda: ThreadPoolExecutor(1, "pages"))
    _published: Database = field(init=False)
    _writing: threading.Lock = field(init=False, default_factory=threading.Lock)

    def __post_init__(self) -> None:
        open_private(self.private_db).close()
        self.reader = open_readonly(self.private_db)
        self._published = open_readonly(self.db)
        tune(self._published.conn)

    @property
    def secure(self) -> bool:
        """Whether readers reach the site by https, so that cookies must be Secure."""
        return urlsplit(self.address).scheme == "https"

    @property
    def host(self) -> str:
        """The site's domain, for identifiers in feeds and calendars."""
        return urlsplit(self.address).hostname or "localhost"

    @property
    def private(self) -> sqlite3.Connection:
        """A connection that reads ``private.db``; used on the event loop only, where WAL never lets it wait."""
        connection: sqlite3.Connection = self.reader.conn
        return connection

    def ask(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run ``work`` with the connection to the published file that belongs to ``thread``."""
        return work(self._published.conn)

    async def write_private(self, work: Callable[[Database], T]) -> T:
        """Run ``work`` with a writing connection to ``private.db`` in a thread of its own; one at a time."""
        return await asyncio.to_thread(self._write, open_private, self.private_db, work)

    async def write_published(self, work: Callable[[Database], T]) -> T:
        """Run ``work`` with a writing connection to the published file in a thread of its own; one at a time."""
        return await asyncio.to_thread(self._write, open_store, self.db, work)

    def _write(self, opener: Callable[..., Database], path: Path, work: Callable[[Database], T]) -> T:
        with self._writing:
            db = opener(path, migrate=False)
            try:
                return work(db)
            finally:
                db.close()

    def close(self) -> None:
        """Let go of the files."""
        self.thread.shutdown()
        self.reader.close()
        self._published.close()


def tune(connection: sqlite3.Connection) -> None:
    """Reading connections wait for a writer and keep 24 MiB of pages; a mapped file would count as our memory and gains little."""
    for statement in ("query_only=on", "busy_timeout=10000", "cache_size=-24576", "temp_store=memory"):
        connection.execute(f"pragma {statement}")
    connection.text_factory = str  # Datasette's is a call of Python for each text; all that we store is valid UTF-8


def site_of(datasette: Datasette) -> Site | None:
    """The site that a Datasette serves, or None for a Datasette that is not ours (hooks then do nothing)."""
    site: Site | None = getattr(datasette, "clusterscout", None)
    return site


def the_site(datasette: Datasette) -> Site:
    """The site that a Datasette serves, where there must be one."""
    site = site_of(datasette)
    assert site is not None
    return site


async def read(datasette: Datasette, work: Callable[[sqlite3.Connection], T]) -> T:
    """Run ``work`` with a read-only connection to the published file, in the one thread of our pages.

    One, since Python runs one at a time anyway: two that work on pages only take the interpreter from each other, at each row that
    SQLite gives. Datasette's own pages keep threads of their own, so an operator's SQL makes nobody wait.
    """
    site = the_site(datasette)
    return await asyncio.get_running_loop().run_in_executor(site.thread, site.ask, work)


def actor_of(member: Member) -> dict[str, Any]:
    """The actor that Datasette and our pages know a member by."""
    return {
        "id": f"member:{member.id}",
        "member": member.id,
        "role": member.role,
        "cluster": member.cluster,
        "cluster_name": member.cluster_name,
        "name": member.name or member.email.split("@")[0],
        "email": member.email,
        "language": member.language,
        "zone": member.zone,
        "since": member.previous_visit,
    }
