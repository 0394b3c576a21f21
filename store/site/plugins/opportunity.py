"""The page of one opportunity: what, who may apply, where, until when, how we know, who says so, and what became of it."""

from __future__ import annotations

from typing import Any

from datasette.app import Datasette
from datasette.utils.asgi import Request, Response

from store.site.detail import Detail, find_detail
from store.site.render import data, manner_of, not_found, page, wants
from store.site.site import Route, Site, read, the_site
from store.site.telling import tell_changes, tell_deadlines


async def opportunity(request: Request, datasette: Datasette) -> Response:
    """The page, or its data as JSON. A record that was joined with another leads there."""
    site = the_site(datasette)
    key, now = request.url_vars["key"], site.clock()
    found = await read(datasette, lambda connection: find_detail(connection, key, request.actor, now))
    if found is None:
        return not_found(datasette, request)
    if isinstance(found, str):
        suffix = "" if wants(request) == "html" else ".json"
        return Response.redirect(f"/opportunity/{found}{suffix}", status=301)
    if wants(request) == "json":
        return data(as_json(site, found))
    m = manner_of(site, request)
    values = {
        "m": m,
        "d": found,
        "o": found.record,
        "deadlines": tell_deadlines(found.record["deadlines"], m),
        "changes": tell_changes(found.changes, m),
        "sectors": [t for t in found.tags if t.facet == "sector"],
        "countries": [t for t in found.tags if t.facet == "country"],
        "paragraphs": paragraphs(found.record["summary"], found.record["text"]),
    }
    return page(datasette, request, "opportunity.html", values)


def paragraphs(summary: str, text: str) -> list[str]:
    """The text to read, without the summary when it only repeats the beginning."""
    body = text.strip()
    if not body or body == summary.strip():
        return []
    if summary and body.startswith(summary.strip()):
        body = body[len(summary.strip()) :].strip()
    return [part.strip() for part in body.split("\n") if part.strip()][:60]


def as_json(site: Site, found: Detail) -> dict[str, Any]:
    """The opportunity as data."""
    o = found.record
    names = (
        "key", "kind", "title", "summary", "text", "language", "url", "organiser", "programme", "eligibility", "published", "opens",
        "starts", "ends", "starts_local", "ends_local", "zone", "venue", "city", "venue_country", "deadlines", "amounts", "documents",
        "codes", "flags", "first_seen", "changed_at",
    )  # fmt: skip
    return {
        "ok": True,
        "page": f"{site.address}/opportunity/{o['key']}",
        "status": found.status,
        **{name: o[name] for name in names},
        "online": bool(o["online"]),
        "rolling": bool(o["rolling"]),
        "tags": [
            {"facet": t.facet, "value": t.value, "role": t.role, "score": t.score, "quotes": list(t.quotes), "rules": list(t.rules)}
            for t in found.tags
        ],
        "notices": [
            {
                k: n[k]
                for k in ("source", "source_id", "url", "title", "language", "published", "first_seen", "last_seen", "withdrawn_at")
            }
            for n in found.notices
        ],
        "changes": [
            {k: c[k] for k in ("type", "field", "old", "new", "direction", "at")} | {"material": bool(c["material"])}
            for c in found.changes
        ],
    }


ROUTES = [Route(r"^/opportunity/(?P<key>[a-z0-9]{4,40})(?:\.(?P<format>json))?$", opportunity)]
