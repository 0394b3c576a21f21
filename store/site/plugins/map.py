"""Fairs and events on a map that needs no network, with the same places as a list beside it."""

from __future__ import annotations

import asyncio
import sqlite3

from datasette.app import Datasette
from datasette.utils.asgi import Request, Response

from store.search import Row, find, parse_filter
from store.site.atlas import VIEWS, draw
from store.site.facets import chips
from store.site.plugins.feed import item_json
from store.site.render import address, args_of, data, manner_of, page, viewer_of, wants
from store.site.site import Route, read, the_site
from store.site.sourcebook import source_titles

MOST = 500


async def atlas(request: Request, datasette: Datasette) -> Response:
    """The map of what is still to come, narrowed like the feed."""
    site = the_site(datasette)
    m, viewer, args = manner_of(site, request), viewer_of(request), args_of(request)
    asked = parse_filter({k: v for k, v in args.items() if k not in ("status", "sort", "after", "size", "new")})
    kinds = tuple(k for k in asked.kinds if k in ("fair", "event"))
    filter = asked.but(kinds=kinds or ("fair", "event"), sort="deadline", size=MOST)
    view = (args.get("view") or [""])[-1]
    view = view if view in VIEWS else "europe"

    def work(connection: sqlite3.Connection) -> tuple[tuple[Row, ...], dict[str, str]]:
        return find(connection, filter, viewer, m.now).rows, source_titles(connection)

    rows, titles = await read(datasette, work)
    if wants(request) == "json":
        return data({"ok": True, "items": [item_json(site, row) for row in rows]})
    drawn = await asyncio.to_thread(draw, rows, view)
    shown = asked.but(size=25)
    values = {
        "m": m,
        "atlas": drawn,
        "rows": rows,
        "view": view,
        "views": [(v, address("/map", [*shown.pairs(), ("view", v)])) for v in VIEWS],
        "chips": chips(shown, titles, m),
        "titles": titles,
    }
    return page(datasette, request, "map.html", values)


ROUTES = [Route(r"^/map(?:\.(?P<format>json))?$", atlas)]
