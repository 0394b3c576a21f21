"""What a member does with an opportunity: track it, dismiss it, write a note for the cluster. Each is a form that posts."""

from __future__ import annotations

import sqlite3
from contextlib import suppress
from typing import Any, get_args

from datasette.app import Datasette
from datasette.utils.asgi import Request, Response

from store import marks, notes
from store.errors import NoSuchRow, NotAllowed
from store.marks import MarkKind
from store.site.detail import find_detail
from store.site.render import form_of, manner_of, not_found, page
from store.site.site import Route, Site, read, the_site

_PATH = r"^/opportunity/(?P<key>[a-z0-9]{4,40})"


def standing(site: Site, member: int, cluster: str, key: str) -> dict[str, Any]:
    """What a page shows of the member's own: their marks on ``key``, and the cluster's notes about it."""
    held = site.private.execute("select kind, at from mark where member = ? and opportunity = ?", [member, key]).fetchall()
    return {"marks": dict(held), "notes": notes.notes_of(site.private, cluster, key)}


async def mark(request: Request, datasette: Datasette) -> Response:
    """Set or take away a mark; then back to where the form stood."""
    site, key = the_site(datasette), request.url_vars["key"]
    form = await form_of(request)
    word, member, now = (form.get("kind") or [""])[0], request.actor["member"], site.clock()
    if word not in get_args(MarkKind) or not await _sees(datasette, request, key):
        return not_found(datasette, request)
    kind: MarkKind = word  # type: ignore[assignment] # it is one of them, by the line above
    if form.get("off"):
        with suppress(NoSuchRow):  # gone already, which is what was asked for
            await site.write_private(lambda db: marks.clear(db, member, key, kind))
    else:
        await site.write_private(lambda db: marks.put(db, member, key, kind, now=now))
    return Response.redirect(f"/opportunity/{key}", status=303)


async def note(request: Request, datasette: Datasette) -> Response:
    """Keep a note of the cluster, or take one back."""
    site, key = the_site(datasette), request.url_vars["key"]
    if not await _sees(datasette, request, key):
        return not_found(datasette, request)
    form, actor, now = await form_of(request), request.actor, site.clock()
    removed, text = (form.get("remove") or [""])[0], (form.get("text") or [""])[0]
    try:
        if removed:
            number = int(removed) if removed.isascii() and removed.isdigit() and len(removed) < 16 else 0
            manager = actor["role"] in ("manager", "operator")
            await site.write_private(
                lambda db: notes.remove_note(db, number, cluster=actor["cluster"], member=actor["member"], manager=manager, now=now)
            )
        else:
            await site.write_private(lambda db: notes.add_note(db, actor["cluster"], actor["member"], key, text, now=now))
    except (NotAllowed, NoSuchRow) as error:
        m = manner_of(site, request)
        return page(datasette, request, "error.html", {"status": 400, "reason": m.gettext(str(error))}, status=400)
    return Response.redirect(f"/opportunity/{key}#notes", status=303)


async def _sees(datasette: Datasette, request: Request, key: str) -> bool:
    now = the_site(datasette).clock()

    def work(connection: sqlite3.Connection) -> bool:
        return find_detail(connection, key, request.actor, now) is not None

    return await read(datasette, work)


ROUTES = [
    Route(_PATH + r"/mark$", mark, "member", ("POST",)),
    Route(_PATH + r"/note$", note, "member", ("POST",)),
]
