"""Source health: what is read, how well, and what silence therefore means."""

from __future__ import annotations

import sqlite3
from collections import Counter
from dataclasses import asdict

from datasette.app import Datasette
from datasette.utils.asgi import Request, Response
from sqlite_utils import Database

from store import runs
from store.site.render import data, manner_of, page, wants
from store.site.site import Route, read, the_site
from store.site.sourcebook import Health, health

# The sick first: this page is for those who want to know what they may be missing.
_ORDER = ("broken", "blocked", "partial", "never", "empty-ok", "healthy", "disabled")


async def sources(request: Request, datasette: Datasette) -> Response:
    """All sources with the sentence that says how much was read."""
    site = the_site(datasette)
    now = site.clock()

    def work(connection: sqlite3.Connection) -> tuple[list[Health], runs.Coverage, str]:
        db = Database(connection)
        return health(connection, now=now), runs.coverage(db, now=now), runs.coverage_sentence(db, now=now)

    found, coverage, sentence = await read(datasette, work)
    found.sort(key=lambda s: (_ORDER.index(s.state) if s.state in _ORDER else 0, s.title.casefold()))
    if wants(request) == "json":
        return data(
            {
                "ok": True,
                "coverage": sentence,
                "read": coverage.read,
                "total": coverage.total,
                "sources": [asdict(s) for s in found],
            }
        )
    m = manner_of(site, request)
    values = {
        "m": m,
        "sources": found,
        "coverage": coverage,
        "sentence": runs.spoken(coverage, m.gettext, m.civil_day),
        "tally": Counter(s.state for s in found),
    }
    return page(datasette, request, "sources.html", values)


ROUTES = [Route(r"^/sources(?:\.(?P<format>json))?$", sources)]
