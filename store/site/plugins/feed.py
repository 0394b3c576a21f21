"""The feed: the list of what was found, narrowed by the address, with counts of every other choice."""

from __future__ import annotations

import sqlite3
from dataclasses import fields
from datetime import datetime
from typing import Any

from datasette.app import Datasette
from datasette.utils.asgi import Request, Response

from store import accounts, curation, marks
from store.search import Counts, Filter, Page, Row, Viewer, find_and_count, parse_filter
from store.search.count import arrived
from store.search.find import rows_of
from store.search.match import of_ids
from store.site.facets import chips, groups, looser
from store.site.render import address, args_of, data, manner_of, page, viewer_of, wants
from store.site.site import Route, Site, read, the_site
from store.site.sourcebook import source_titles


async def home(request: Request) -> Response:
    """The feed is the first page."""
    return Response.redirect("/feed")


async def feed(request: Request, datasette: Datasette) -> Response:
    """The list as a page, or as JSON."""
    site = the_site(datasette)
    await _note_visit(site, request)
    filter, viewer, now = parse_filter(args_of(request)), viewer_of(request), site.clock()

    people = accounts.curators(site.private, viewer.cluster) if not filter.narrow and not filter.after else []

    def work(connection: sqlite3.Connection) -> tuple[Page, Counts, dict[str, str], int, list[Row]]:
        fresh = arrived(connection, viewer)
        on_top = _pinned(connection, people, viewer, now) if people else []
        return *find_and_count(connection, filter, viewer, now), source_titles(connection), fresh, on_top

    found, counted, titles, fresh, on_top = await read(datasette, work)
    if wants(request) == "json":
        return data(as_json(site, filter, found, counted))
    m = manner_of(site, request)
    held = marks.of_member(site.reader, request.actor["member"])
    dismissed = [row for row in found.rows if row.key in held["dismiss"]]
    values: dict[str, Any] = {
        "m": m,
        "filter": filter,
        "page": found,
        "pinned": [row.key for row in on_top],
        "on_top": [row for row in on_top if row.key not in held["dismiss"]],
        "rows": [row for row in found.rows if row.key not in held["dismiss"] and row not in on_top],
        "dismissed": len(dismissed),
        "tracked": held["track"],
        "counts": counted,
        "groups": groups(filter, counted, titles, m),
        "chips": chips(filter, titles, m),
        "looser": looser(filter, m) if not found.rows else [],
        "titles": titles,
        "fresh": fresh,
        "next": address("/feed", filter.but(after=found.next).pairs()) if found.next else "",
        "first": address("/feed", filter.but().pairs()) if filter.after else "",
        "hidden": [pair for pair in filter.but(text="").pairs() if pair[0] != "sort" or pair[1] != "relevance"],
    }
    return page(datasette, request, "feed.html", values)


def _pinned(connection: sqlite3.Connection, people: list[str], viewer: Viewer, now: datetime) -> list[Row]:
    """What the reader's own curators pinned, while it can be used: on top of the feed's first page when nothing is asked."""
    rows = rows_of(connection, of_ids(connection, curation.pins(connection, people), viewer, now), now)
    return [row for row in rows if row.status not in ("closed", "cancelled", "withdrawn")]


def as_json(site: Site, filter: Filter, found: Page, counted: Counts) -> dict[str, Any]:
    """The list as data: what was asked, the items, the address of the next page, the counts."""
    return {
        "ok": True,
        "filter": filter.pairs(),
        "ignored": [list(pair) for pair in filter.ignored],
        "total": counted.total,
        "total_is_a_floor": counted.capped,
        "items": [item_json(site, row) for row in found.rows],
        "next": site.address + address("/feed.json", filter.but(after=found.next).pairs()) if found.next else None,
        "counts": {f.name: value for f in fields(counted) if isinstance(value := getattr(counted, f.name), dict)},
    }


def item_json(site: Site, row: Row) -> dict[str, Any]:
    """One item of a list as data."""
    values = {name: value for name, value in row._asdict().items() if name not in ("id", "embargoed", "deadline", "pinned")}
    values["page"] = f"{site.address}/opportunity/{row.key}"
    values["countries"] = [{"code": code, "roles": list(roles)} for code, roles in row.countries]
    deadline = row.deadline or {}
    values["deadline"] = {
        k: deadline[k] for k in ("local", "zone", "utc", "precision", "zone_source", "stage", "flags") if k in deadline
    } or None
    return values


async def _note_visit(site: Site, request: Request) -> None:
    """Keep the member's visits, in a few writes: one when a visit begins and one each five minutes of it."""
    member, now = request.actor["member"], site.clock()
    if accounts.visit_is_due(site.private, member, now=now):
        await site.write_private(lambda db: accounts.visited(db, member, now=now))


ROUTES = [
    Route(r"^/$", home),
    Route(r"^/feed(?:\.(?P<format>json))?$", feed),
]
__all__ = ["ROUTES", "Viewer", "as_json", "item_json"]
