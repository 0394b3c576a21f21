"""What the read API is, for programs: its OpenAPI document. It tells shapes alone, so everybody may read it."""

from __future__ import annotations

from datasette.app import Datasette
from datasette.utils.asgi import Request, Response

from store.site.openapi import document
from store.site.render import data
from store.site.site import Route, the_site


async def openapi(request: Request, datasette: Datasette) -> Response:
    """The document, with this site's own address."""
    return data(document(the_site(datasette).address))


ROUTES = [Route(r"^/openapi\.json$", openapi, "public")]
