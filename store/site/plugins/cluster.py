"""My cluster: what it wants to be told, what I track and dismissed, what we noted, and my private feed addresses."""

from __future__ import annotations

import json
import sqlite3

from datasette.app import Datasette
from datasette.utils.asgi import Request, Response

from store import accounts, marks, notes, profiles
from store.search import Filter, Row, parse_filter
from store.search.find import rows_of
from store.search.match import of_ids
from store.site.facets import chips
from store.site.feeds.safe import one_line
from store.site.plugins.feeds import TYPES
from store.site.render import args_of, form_of, manner_of, page, viewer_of
from store.site.site import Route, read, the_site
from store.site.sourcebook import source_titles

_NUMBERS = "select id from opportunity where key in (select value from json_each(?))"
FORMATS = ("ics", "atom", "jsonfeed", "csv", "json", "commongrants")


async def cluster(request: Request, datasette: Datasette) -> Response:
    """The page."""
    site, actor, viewer = the_site(datasette), request.actor, viewer_of(request)
    m = manner_of(site, request)
    held = marks.of_member(site.reader, actor["member"])
    written = notes.notes_of(site.private, actor["cluster"], limit=40)
    keys = [*held["track"], *held["dismiss"], *(n.opportunity for n in written)]

    def work(connection: sqlite3.Connection) -> tuple[dict[str, Row], dict[str, str]]:
        numbers = [row[0] for row in connection.execute(_NUMBERS, [json.dumps(keys)])]
        found = of_ids(connection, numbers, viewer, m.now)
        return {row.key: row for row in rows_of(connection, found, m.now)}, source_titles(connection)

    rows, titles = await read(datasette, work)
    told = profiles.of_member(site.reader, actor["member"])
    tracked = sorted((rows[k] for k in held["track"] if k in rows), key=lambda row: row.until or "9999")
    values = {
        "m": m,
        "titles": titles,
        "tracked": tracked,
        "dismissed": [rows[k] for k in held["dismiss"] if k in rows],
        "notes": [(note, rows.get(note.opportunity)) for note in written],
        "profiles": told,
        "tokens": accounts.feed_tokens(site.reader, actor["member"]),
    }
    return page(datasette, request, "cluster.html", values)


async def feeds(request: Request, datasette: Datasette) -> Response:
    """Private feed addresses: those there are (GET), a new one for the filter in the address (POST), shown once."""
    site, actor = the_site(datasette), request.actor
    m, now = manner_of(site, request), site.clock()
    filter: Filter = parse_filter(args_of(request)).but(size=25)
    titles = await read(datasette, source_titles)
    made: list[tuple[str, str]] = []
    if request.method == "POST":
        form = await form_of(request)
        revoked = (form.get("revoke") or [""])[0]
        if revoked:
            await site.write_private(lambda db: accounts.revoke_feed_token(db, actor["member"], revoked, now=now))
            return Response.redirect("/cluster/feeds", status=303)
        label = one_line((form.get("label") or [""])[0])[:80] or ", ".join(c.label for c in chips(filter, titles, m))[:80]
        secret = await site.write_private(lambda db: accounts.make_feed_token(db, actor["member"], label, now=now))
        query = filter.query()
        made = [(form_, f"{site.address}/private/{secret}/feed.{form_}" + (f"?{query}" if query else "")) for form_ in FORMATS]
    values = {
        "m": m,
        "filter": filter,
        "chips": chips(filter, titles, m),
        "tokens": accounts.feed_tokens(site.reader, actor["member"]),
        "made": made,
        "types": TYPES,
    }
    return page(datasette, request, "feeds.html", values)


ROUTES = [
    Route(r"^/cluster$", cluster),
    Route(r"^/cluster/feeds$", feeds, "member", ("GET", "HEAD", "POST")),
]
