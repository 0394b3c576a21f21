"""The page of one opportunity: what, who may apply, where, until when, how we know, who says so, and what became of it."""

from __future__ import annotations

import sqlite3
from typing import Any

from datasette.app import Datasette
from datasette.utils.asgi import Request, Response

from store.groups import ROLE_BITS, homes_of
from store.search import Row
from store.search.find import rows_of
from store.search.question import Match
from store.search.related import speaking_of
from store.search.similar import similar
from store.site.detail import Detail, find_detail
from store.site.feeds.ical import write_ical
from store.site.feeds.items import Harvest, versions
from store.site.plugins.feeds import TYPES, conditional
from store.site.plugins.personal import standing
from store.site.render import data, manner_of, not_found, page, viewer_of, wants
from store.site.site import Route, Site, read, the_site
from store.site.sourcebook import source_titles
from store.site.telling import tell_changes, tell_deadlines


async def opportunity(request: Request, datasette: Datasette) -> Response:
    """The page, its data as JSON, or its dates as a calendar. A record that was joined with another leads there."""
    site = the_site(datasette)
    key, now, viewer, form = request.url_vars["key"], site.clock(), viewer_of(request), wants(request)

    def work(connection: sqlite3.Connection) -> tuple[Detail | str | None, list[Row], list[Row], dict[str, str], tuple[str, ...]]:
        found = find_detail(connection, key, request.actor, now)
        if not isinstance(found, Detail) or form != "html":
            return found, [], [], {}, ()
        sectors = [tag.value for tag in found.tags if tag.facet == "sector"]
        countries = [tag.value for tag in found.tags if tag.facet == "country"]
        alike = similar(connection, found.record["id"], found.record["title"], sectors, countries, viewer, now)
        told = speaking_of(connection, found.record["id"], viewer, now)
        return found, alike, told, source_titles(connection), _homes(connection, found)

    found, alike, told, titles, homes = await read(datasette, work)
    if found is None:
        return not_found(datasette, request)
    if isinstance(found, str):
        # Never a lasting redirect: a curator may undo the joining, and browsers would keep it.
        return Response.redirect(f"/opportunity/{found}{'' if form == 'html' else '.' + form}", status=302)
    if form == "json":
        return data(as_json(site, found))
    m = manner_of(site, request)
    if form == "ics":
        return await _calendar(request, datasette, found)
    actor = request.actor
    values = {
        "m": m,
        "d": found,
        "o": found.record,
        "deadlines": tell_deadlines(found.record["deadlines"], m, by_hand=found.record["provenance"].get("deadlines") == 0),
        "changes": tell_changes(found.changes, m),
        "sectors": [t for t in found.tags if t.facet == "sector"],
        "countries": [t for t in found.tags if t.facet == "country"],
        "paragraphs": paragraphs(found.record["summary"], found.record["text"]),
        "similar": alike,
        "news": [row for row in told if row.kind in ("news", "study")],
        "subject": [row for row in told if row.kind not in ("news", "study")],
        "titles": titles,
        "homes": homes,
        **standing(site, actor["member"], actor["cluster"], key),
    }
    return page(datasette, request, "opportunity.html", values)


def _homes(connection: sqlite3.Connection, found: Detail) -> tuple[str, ...]:
    """Where lists count it as open to without words (``groups.homes_of``)."""
    row = connection.execute("select country from source where name = ?", [found.record["source"]]).fetchone()
    roles = [ROLE_BITS.get(tag.role, 0) for tag in found.tags if tag.facet == "country"]
    return homes_of(str(found.record["kind"]), row[0] if row else "", roles)


async def _calendar(request: Request, datasette: Datasette, found: Detail) -> Response:
    """The next deadline and the days of one opportunity, for a calendar program."""
    site, o = the_site(datasette), found.record
    m = manner_of(site, request)

    def work(connection: sqlite3.Connection) -> bytes:
        listed = connection.execute("select spans from listing where opportunity = ?", [o["id"]]).fetchone()
        rows = rows_of(connection, [_match(o, m.now.strftime("%Y-%m-%dT%H:%M:%SZ"))], m.now) if listed else []
        gone = [row for row in rows if row.status in ("cancelled", "withdrawn")]
        kept = [row for row in rows if row not in gone]
        numbers = versions(connection, [o["id"]])
        harvest = Harvest(rows=tuple(kept), gone=tuple(gone), removed=())
        return write_ical(harvest, numbers, address=site.address, host=site.host, title=str(o["title"]), m=m)

    return conditional(request, await read(datasette, work), TYPES["ics"])


def _match(record: Any, now: str) -> Match:
    """The record as a row of a list, at its next deadline (its last one when all are over)."""
    dated = sorted(d["utc"] for d in record["deadlines"] if d.get("utc"))
    until = next((utc for utc in dated if utc >= now), dated[-1] if dated else record["ends"] or "")
    state = "cancelled" if record["cancelled"] else "withdrawn" if record["withdrawn"] else "dated"
    return Match(record["id"], until, state, record["opens"] or "", record["published"] or "", record["kind"])


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


ROUTES = [Route(r"^/opportunity/(?P<key>[a-z0-9]{4,40})(?:\.(?P<format>json|ics))?$", opportunity)]
