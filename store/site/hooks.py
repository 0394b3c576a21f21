"""The hooks by which Datasette knows our site. They do nothing for a Datasette that is not ours."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable
from typing import Any

from datasette import hookimpl
from datasette.app import Datasette
from datasette.utils.asgi import Request, Response

from store.site.gate import REASONS, App, Gate
from store.site.render import data, page, render
from store.site.site import DATABASE, Route, site_of, tune

log = logging.getLogger(__name__)


def routes(datasette: Datasette) -> list[Route]:
    """All pages of our site that this Datasette serves."""
    found: list[Route] = getattr(datasette, "clusterscout_routes", [])
    return found


@hookimpl
def register_routes(datasette: Datasette) -> list[tuple[str, Callable[..., Any]]]:
    """Our pages come before Datasette's own."""
    return [(route.pattern, route.view) for route in routes(datasette)]


@hookimpl
def actor_from_request(datasette: Datasette, request: Request) -> dict[str, Any] | None:
    """The gate has found the member already; no other way in is believed."""
    if site_of(datasette) is None:
        return None
    actor: dict[str, Any] | None = request.scope.get("actor")
    return actor


@hookimpl(tryfirst=True)
def permission_allowed(
    datasette: Datasette, actor: dict[str, Any] | None, action: str, resource: str | tuple[str, str] | None
) -> bool | None:
    """Datasette's own pages are for operators; SQL of their own only when a setting says so; nobody downloads the file."""
    site = site_of(datasette)
    if site is None:
        return None
    if not actor or actor.get("role") != "operator":
        return False
    if action == "execute-sql":
        return site.operator_sql
    database = resource[0] if isinstance(resource, tuple) else resource
    return action in ("view-instance", "view-database", "view-table", "view-query") and database in (None, DATABASE)


@hookimpl(trylast=True)
def asgi_wrapper(datasette: Datasette) -> Callable[[App], App]:
    """The gate stands outside everything."""
    site = site_of(datasette)
    if site is None:
        return lambda app: app
    ours = site

    def refuse(scope: dict[str, Any], status: int) -> bytes:
        return render(ours, Request(scope, None), "error.html", {"status": status}).encode()

    return lambda app: Gate(app, ours, routes(datasette), refuse)


@hookimpl
def skip_csrf(datasette: Datasette, scope: dict[str, Any]) -> bool:
    """A signed address needs no token of a form: mail programs post to it by themselves (RFC 8058)."""
    route = scope.get("clusterscout", {}).get("route")
    return route is not None and route.signed


@hookimpl
def prepare_connection(conn: sqlite3.Connection, database: str, datasette: Datasette) -> None:
    """Datasette's own connections read as ours do."""
    if site_of(datasette) is not None and database == DATABASE:
        tune(conn)


@hookimpl(tryfirst=True)
def handle_exception(datasette: Datasette, request: Request, exception: Exception) -> Response | None:
    """A fault of ours is logged whole and told without details; what Datasette refuses is told in our manner."""
    if site_of(datasette) is None:
        return None
    status: int = getattr(exception, "status", 500)
    if status >= 500:
        log.error("Page %s failed", request.path, exc_info=exception)
    if request.path.endswith(".json"):
        return data({"ok": False, "status": status, "error": REASONS.get(status, "The page failed.")}, status=status)
    return page(datasette, request, "error.html", {"status": status}, status=status)
