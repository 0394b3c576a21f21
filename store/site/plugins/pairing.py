"""Two items of the desk: merge them, keep them apart, or split a notice off. Each is a decision that can be undone."""

from __future__ import annotations

import sqlite3

from datasette.app import Datasette
from datasette.utils.asgi import Request, Response
from sqlite_utils import Database

from store import curation
from store.errors import NoSuchRow, NotAllowed
from store.site.correcting import key_in
from store.site.pairs import Kept, allowed, kept, tell_kept
from store.site.plugins.desk import change, item_page, refused
from store.site.render import form_of, manner_of
from store.site.site import Route, read, the_site
from store.texts import N_

_CHOOSE = N_("Choose one of the list, or paste the address of another.")
_UNKNOWN = N_("No other item has this key or address. Open its page, copy the address and paste it here.")
_CARRIES = N_(
    "“%(title)s” was corrected by hand, and that will hold for both once they are merged: %(what)s. Press “Merge” again to go on."
)


async def pair(request: Request, datasette: Datasette) -> Response:
    """Merge with another item or say that they are not the same: the one chosen from the list (``other``), or the one whose
    address or key was pasted, which goes first. Of a pasted one the curator is told first which corrections it brings.
    """
    form, key = await form_of(request), request.url_vars["key"]
    word, pasted, other, sure = ((form.get(name) or [""])[0].strip() for name in ("action", "pasted", "other", "sure"))
    back, reason = f"/desk/{key}", (form.get("reason") or [""])[0][:500]
    if word == "split":
        return await _split(request, datasette, key, (form.get("value") or [""])[0], reason)
    if word not in ("merge", "apart") or not (pasted or other):
        return await refused(request, datasette, _CHOOSE, back)
    wanted, actor = key_in(pasted or other), request.actor

    def carries(connection: sqlite3.Connection) -> tuple[str, Kept]:
        db = Database(connection)
        mine, theirs = allowed(db, key, actor), allowed(db, wanted, actor)
        if mine is None or theirs is None:
            return "", ()
        title = db.execute("select title from opportunity where id = ?", [theirs]).fetchone()[0]
        return title, kept(db, theirs, mine)

    title, held = await read(datasette, carries)
    if not title:
        return await refused(request, datasette, _UNKNOWN, back, pasted)
    if word == "merge" and pasted and held and sure != wanted:
        m = manner_of(the_site(datasette), request)
        told = m.gettext(_CARRIES) % {"title": title, "what": tell_kept(held, m)}
        return await item_page(request, datasette, key, fault=told, pasted=pasted, sure=wanted)
    action: curation.Action = "merge" if word == "merge" else "apart"

    def one(db: Database, number: int, by: str, four_eyes: bool) -> None:
        now = the_site(datasette).clock()
        try:
            curation.curate(db, number, action, value=wanted, by=by, now=now, reason=reason, four_eyes=four_eyes)
        except NoSuchRow as error:
            raise NotAllowed(_UNKNOWN) from error

    return await change(request, datasette, [key], one, back)


async def _split(request: Request, datasette: Datasette, key: str, notice: str, reason: str) -> Response:
    """Make a notice a thing of its own."""
    number_of = int(notice) if notice.isascii() and notice.isdigit() and len(notice) < 16 else 0

    def one(db: Database, number: int, by: str, four_eyes: bool) -> None:
        now = the_site(datasette).clock()
        curation.curate(db, number, "split", value=number_of, by=by, now=now, reason=reason, four_eyes=four_eyes)

    return await change(request, datasette, [key], one, f"/desk/{key}")


ROUTES = [Route(r"^/desk/(?P<key>[a-z0-9]{4,40})/pair$", pair, "manager", ("POST",))]
