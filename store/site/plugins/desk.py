"""The curation desk: what needs a person's eye, the most doubtful first; and one item with everything that can be decided about it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from typing import Any

from datasette.app import Datasette
from datasette.utils.asgi import Request, Response
from sqlite_utils import Database

from store import curation
from store.codec import deadlines_from_json, to_json
from store.errors import StoreError
from store.model import KINDS
from store.site.correcting import LABELS, TEXTS, name_of, value_of
from store.site.detail import Detail, find_detail
from store.site.manner import zones
from store.site.pairs import Pairing, allowed, named_audit, pairing, tell_kept
from store.site.render import args_of, form_of, manner_of, not_found, page
from store.site.site import Route, read, the_site
from store.site.sourcebook import source_titles
from store.site.telling import tell_deadlines, tell_value
from store.taxonomy import SECTORS
from store.texts import N_

WHY = {
    "pending": N_("waits for approval"),
    "second": N_("waits for a second person"),
    "conflict": N_("its source changed a corrected field"),
    "differ": N_("sources differ"),
    "deadline": N_("doubtful deadline"),
    "undated": N_("no date found"),
    "zone": N_("time zone assumed"),
    "bare": N_("title only"),
    "twin": N_("may be told twice"),
    "weak": N_("sector not sure"),
    "source": N_("new source"),
}
ACTION = {
    "approve": N_("Approved"),
    "embargo": N_("Approved for one cluster"),
    "hide": N_("Hidden"),
    "pin": N_("Pinned"),
    "unpin": N_("Unpinned"),
    "correct": N_("Corrected"),
    "merge": N_("Merged"),
    "split": N_("Split"),
    "apart": N_("Kept apart"),
}
_RECENT = """
    select c.*, o.key, o.title from curation c join opportunity o on o.id = c.opportunity
    where o.embargo_cluster is null or o.embargo_cluster = :cluster or :role = 'operator' order by c.id desc limit 40
"""


async def desk(request: Request, datasette: Datasette) -> Response:
    """The queue and the latest decisions."""
    return await _desk_page(request, datasette)


async def _desk_page(request: Request, datasette: Datasette, fault: str = "") -> Response:
    """The desk, with what was refused on top."""
    site, actor = the_site(datasette), request.actor
    m = manner_of(site, request)
    who = {"cluster": actor["cluster"], "role": actor["role"]}

    def work(connection: sqlite3.Connection) -> tuple[list[dict[str, Any]], list[dict[str, Any]], dict[str, str]]:
        db = Database(connection)
        waiting = [
            row
            for row in curation.queue(db, now=m.now, limit=120, cluster=actor["cluster"])
            if allowed(db, row["key"], actor) is not None
        ]
        return waiting, list(db.query(_RECENT, who)), source_titles(connection)

    waiting, recent, titles = await read(datasette, work)
    values = {
        "m": m,
        "queue": waiting[:60],
        "recent": recent,
        "titles": titles,
        "why": WHY,
        "action_words": ACTION,
        "labels": LABELS,
        "told": (args_of(request).get("told") or [""])[-1],
        "fault": fault,
    }
    return page(datasette, request, "desk.html", values, status=400 if fault else 200)


async def decide(request: Request, datasette: Datasette) -> Response:
    """Approve (for all, or for the own cluster alone), hide, pin or unpin one item or many."""
    form = await form_of(request)
    word = (form.get("action") or [""])[0]
    if word not in ("approve", "embargo", "hide", "pin", "unpin"):
        return await refused(request, datasette, N_("Choose what to do first."))
    keys = list(dict.fromkeys(form.get("key", [])))[:200]
    reason = (form.get("reason") or [""])[0][:500]
    action: curation.Action = word  # type: ignore[assignment] # one of them, by the line above
    value = request.actor["cluster"] if word == "embargo" else None

    def one(db: Database, number: int, by: str, four_eyes: bool) -> None:
        now = the_site(datasette).clock()
        curation.curate(db, number, action, value=value, by=by, now=now, reason=reason, four_eyes=four_eyes)

    return await change(request, datasette, keys, one, (form.get("back") or [""])[0])


async def item(request: Request, datasette: Datasette) -> Response:
    """One item: what it says now, what was decided, and forms for every decision."""
    return await item_page(request, datasette, request.url_vars["key"])


async def item_page(
    request: Request, datasette: Datasette, key: str, *, fault: str = "", pasted: str = "", sure: str = ""
) -> Response:
    """The item called ``key``, with what was refused on top; ``pasted`` stands in the field for another item, ``sure`` is the key
    of the one whose corrections the curator has been told of.
    """
    site, actor = the_site(datasette), request.actor
    m = manner_of(site, request)

    def work(connection: sqlite3.Connection) -> tuple[Detail | str | None, Pairing, list[dict[str, Any]], dict[str, str]]:
        found, db = find_detail(connection, key, actor, m.now), Database(connection)
        if not isinstance(found, Detail):
            return found, Pairing(), [], {}
        number = found.record["id"]
        return found, pairing(db, number, actor), named_audit(db, number, actor), source_titles(connection)

    found, pairs, audit, titles = await read(datasette, work)
    if found is None:
        return not_found(datasette, request)
    if isinstance(found, str):
        return Response.redirect(f"/desk/{found}", status=303)
    deadlines = deadlines_from_json(json.dumps(found.record["deadlines"]))
    values = {
        "m": m,
        "d": found,
        "o": found.record,
        "audit": audit,
        "twins": pairs.twins,
        "kept": pairs.kept,
        "titles": titles,
        "labels": LABELS,
        "texts": TEXTS,
        "kinds": KINDS,
        "zones": zones(),
        "sectors": SECTORS,
        "held": {t.value for t in found.tags if t.facet == "sector"},
        "countries": ", ".join(f"{t.value} {t.role}".strip() for t in found.tags if t.facet == "country"),
        "deadlines": tell_deadlines(found.record["deadlines"], m, by_hand=found.record["provenance"].get("deadlines") == 0),
        "choices": [(name_of(d), tell_value(to_json([d]), m)) for d in deadlines],
        "action_words": ACTION,
        "told": lambda value: tell_value(value, m),
        "told_kept": lambda kept: tell_kept(kept, m),
        "fault": fault,
        "pasted": pasted,
        "sure": sure,
    }
    return page(datasette, request, "desk_item.html", values, status=400 if fault and not sure else 200)


async def correct(request: Request, datasette: Datasette) -> Response:
    """Correct a field."""
    form, key = await form_of(request), request.url_vars["key"]
    field = (form.get("field") or [""])[0]
    reason = (form.get("reason") or [""])[0][:500]
    fields = ("starts", "ends") if field == "days" else (field,)

    def one(db: Database, number: int, by: str, four_eyes: bool) -> None:
        now = the_site(datasette).clock()
        held = deadlines_from_json(db.execute("select deadlines from opportunity where id = ?", [number]).fetchone()[0])
        for name, value in [(name, value_of(name, form, held)) for name in fields]:
            curation.curate(db, number, "correct", field=name, value=value, by=by, now=now, reason=reason, four_eyes=four_eyes)

    return await change(request, datasette, [key], one, f"/desk/{key}")


async def settle(request: Request, datasette: Datasette) -> Response:
    """Undo a decision, or agree with one that waits for a second person."""
    site, actor = the_site(datasette), request.actor
    form = await form_of(request)
    number = request.url_vars["number"]
    word = (form.get("action") or [""])[0]
    back = (form.get("back") or [""])[0]

    def work(db: Database) -> None:
        row = db.conn.execute(
            "select o.key from curation c join opportunity o on o.id = c.opportunity where c.id = ?", [number]
        ).fetchone()
        if row is None or allowed(db, row[0], actor) is None:
            return
        if word == "agree":
            curation.agree(db, int(number), by=actor["email"], now=site.clock())
        else:
            curation.undo(db, int(number), by=actor["email"], now=site.clock())

    try:
        await site.write_published(work)
    except StoreError as error:
        return await refused(request, datasette, str(error), back)
    return Response.redirect(_home(back), status=303)


async def change(
    request: Request, datasette: Datasette, keys: list[str], one: Callable[[Database, int, str, bool], None], back: str
) -> Response:
    """Do ``one`` for every named item that this curator may decide about, in one transaction."""
    site, actor = the_site(datasette), request.actor

    def work(db: Database) -> int:
        done = 0
        for key in keys:
            number = allowed(db, key, actor)
            if number is not None:
                one(db, number, actor["email"], site.four_eyes)
                done += 1
        return done

    try:
        done = await site.write_published(work)
    except StoreError as error:
        return await refused(request, datasette, str(error), back)
    if not done:
        return await refused(request, datasette, N_("Choose at least one item first."))
    return Response.redirect(_home(back) + (f"?told={done}" if _home(back) == "/desk" else ""), status=303)


def _home(back: str) -> str:
    return (
        back
        if back.startswith(("/desk/", "/opportunity/")) and back.isascii() and back.isprintable() and ".." not in back
        else "/desk"
    )


async def refused(request: Request, datasette: Datasette, reason: str, back: str = "/desk", pasted: str = "") -> Response:
    """The page that the curator came from, with why nothing was done."""
    m = manner_of(the_site(datasette), request)
    if _home(back).startswith("/desk/"):
        return await item_page(request, datasette, _home(back).rpartition("/")[2], fault=m.gettext(reason), pasted=pasted)
    return await _desk_page(request, datasette, fault=m.gettext(reason))


ROUTES = [
    Route(r"^/desk$", desk, "manager"),
    Route(r"^/desk/decide$", decide, "manager", ("POST",)),
    Route(r"^/desk/settle/(?P<number>[0-9]{1,15})$", settle, "manager", ("POST",)),
    Route(r"^/desk/(?P<key>[a-z0-9]{4,40})$", item, "manager"),
    Route(r"^/desk/(?P<key>[a-z0-9]{4,40})/correct$", correct, "manager", ("POST",)),
]
