"""Stylesheet, script and icon; and the file that asks robots to stay out. The only addresses that everybody may read."""

from __future__ import annotations

from datasette.utils.asgi import Request, Response

from store.site.render import STATIC
from store.site.site import Route

_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".json": "application/json",
}


async def static(request: Request) -> Response:
    """A file of ``store/site/static``; its address carries a mark of its content, so it may be kept for a year."""
    path = STATIC / request.url_vars["name"]
    kind = _TYPES.get(path.suffix)
    if kind is None or not path.is_file():
        return Response.text("There is no such file.", status=404)
    return Response(path.read_bytes(), content_type=kind, headers={"cache-control": "public, max-age=31536000, immutable"})


async def icon(request: Request) -> Response:
    """The icon under the address that browsers try by themselves."""
    return Response(
        (STATIC / "icon.svg").read_bytes(), content_type="image/svg+xml", headers={"cache-control": "public, max-age=86400"}
    )


async def robots(request: Request) -> Response:
    """No page of ours is for search engines."""
    return Response.text("User-agent: *\nDisallow: /\n")


static._datasette_static = True  # type: ignore[attr-defined] # Datasette then leaves the cache header as it is

ROUTES = [
    Route(r"^/static/(?P<name>[a-z0-9-]+\.[a-z]+)$", static, "public"),
    Route(r"^/favicon\.ico$", icon, "public"),
    Route(r"^/robots\.txt$", robots, "public"),
]
