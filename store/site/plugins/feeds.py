"""A filter as a feed: for members who are signed in, and by a private, revocable address for programs that cannot sign in."""

from __future__ import annotations

import hashlib
import sqlite3
from datetime import datetime
from functools import partial
from typing import Any

from datasette.app import Datasette
from datasette.utils.asgi import AsgiStream, Request, Response

from store import accounts
from store.search import Filter, Viewer, find, find_and_count, parse_filter
from store.site.facets import chips
from store.site.feeds import table
from store.site.feeds.atom import write_atom
from store.site.feeds.commongrants import write_commongrants
from store.site.feeds.ical import write_ical
from store.site.feeds.items import harvest, versions
from store.site.feeds.jsonfeed import write_jsonfeed
from store.site.manner import Manner, choose_language
from store.site.plugins.feed import as_json
from store.site.render import address, args_of, data, manner_of, viewer_of
from store.site.site import Route, Site, read, the_site
from store.site.sourcebook import source_titles

TYPES = {
    "atom": "application/atom+xml; charset=utf-8",
    "ics": "text/calendar; charset=utf-8",
    "jsonfeed": "application/feed+json; charset=utf-8",
    "csv": "text/csv; charset=utf-8",
    "json": "application/json; charset=utf-8",
    "commongrants": "application/json; charset=utf-8",
}
_FORMATS = "|".join(TYPES)


async def signed_in(request: Request, datasette: Datasette) -> Response | AsgiStream:
    """A feed for the member who is signed in."""
    return await _feed(request, datasette, viewer_of(request), manner_of(the_site(datasette), request))


async def by_token(request: Request, datasette: Datasette) -> Response | AsgiStream:
    """A feed for whoever holds a private address; what they see is what its owner sees. 404 for an address that does not work."""
    site = the_site(datasette)
    token = request.url_vars["token"]
    member = accounts.member_of_feed_token(site.private, token)
    if member is None:
        return data({"ok": False, "status": 404, "error": "There is no such feed address, or it was revoked."}, status=404)
    now = site.clock()
    if accounts.token_use_is_due(site.private, token, now=now):
        await site.write_private(lambda db: accounts.token_used(db, token, now=now))
    m = Manner(choose_language(member.language, ""), member.zone, now)
    return await _feed(request, datasette, Viewer(cluster=member.cluster, since=member.previous_visit), m)


async def _feed(request: Request, datasette: Datasette, viewer: Viewer, m: Manner) -> Response | AsgiStream:
    site, now = the_site(datasette), m.now
    filter, form = parse_filter(args_of(request)), request.url_vars["format"]
    if form == "csv":
        return _csv(datasette, site, filter, viewer, now)
    me = site.address + request.path + (f"?{request.query_string}" if request.query_string else "")

    def work(connection: sqlite3.Connection) -> bytes | dict[str, Any]:
        if form in ("json", "commongrants"):
            return _paged(connection, site, filter, viewer, now, form, request.path)
        found = harvest(connection, filter, viewer, now, dated=form == "ics")
        title = " · ".join(["clusterscout", *(chip.label for chip in chips(filter, source_titles(connection), m))])
        if form == "atom":
            return write_atom(found, address=site.address, host=site.host, me=me, title=title, m=m)
        if form == "jsonfeed":
            return write_jsonfeed(found, address=site.address, me=me, title=title, m=m)
        held = [*(row.id for row in (*found.rows, *found.gone)), *(removed.id for removed in found.removed)]
        numbers = versions(connection, held)
        return write_ical(found, numbers, address=site.address, host=site.host, title=title, m=m)

    body = await read(datasette, work)
    if isinstance(body, dict):
        return data(body)
    return conditional(request, body, TYPES[form])


def conditional(request: Request, body: bytes, kind: str) -> Response:
    """The body with an ETag of its content, or 304 when the reader has that already."""
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {"etag": tag, "cache-control": "private, max-age=900"}
    held = [part.strip().removeprefix("W/") for part in request.headers.get("if-none-match", "").split(",")]
    if tag in held or "*" in held:
        return Response("", status=304, headers=headers, content_type=kind)
    return Response(body, headers=headers, content_type=kind)


def _paged(
    connection: sqlite3.Connection, site: Site, filter: Filter, viewer: Viewer, now: datetime, form: str, path: str
) -> dict[str, Any]:
    if form == "commongrants" and not filter.kinds:
        after = filter.after
        filter = parse_filter({**_args(filter.but(kinds=("call",))), "after": [after] if after else []})
    page, counted = find_and_count(connection, filter, viewer, now)
    if form == "json":
        return as_json(site, filter, page, counted)
    following = site.address + address(path, filter.but(after=page.next).pairs()) if page.next else ""
    return write_commongrants(page, counted, filter, address=site.address, next_page=following)


def _args(filter: Filter) -> dict[str, list[str]]:
    out: dict[str, list[str]] = {}
    for name, value in filter.pairs():
        out.setdefault(name, []).append(value)
    return out


def _csv(datasette: Datasette, site: Site, filter: Filter, viewer: Viewer, now: datetime) -> AsgiStream:
    """The whole list as a table, a thousand rows at a time, so that its size plays no part in our memory."""

    async def stream(writer: Any) -> None:
        await writer.write(table.header())
        wanted = filter.but(size=1000)
        while True:
            page = await read(datasette, partial(find, filter=wanted, viewer=viewer, now=now))
            await writer.write(table.lines(page.rows, address=site.address))
            if not page.next:
                return
            wanted = wanted.but(after=page.next)

    headers = {"content-disposition": 'attachment; filename="clusterscout.csv"', "cache-control": "private, no-store"}
    return AsgiStream(stream, headers=headers, content_type=TYPES["csv"])


ROUTES = [
    Route(r"^/feed\.(?P<format>atom|ics|jsonfeed|csv|commongrants)$", signed_in),
    Route(rf"^/private/(?P<token>[A-Za-z0-9_-]{{20,60}})/feed\.(?P<format>{_FORMATS})$", by_token, "public"),
]
