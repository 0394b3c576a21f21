"""The curation desk: what needs a person's eye, the most doubtful first; and one item with everything that can be decided about it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import Any

from datasette.app import Datasette
from datasette.utils.asgi import Request, Response
from sqlite_utils import Database

from store import curation
from store.errors import StoreError
from store.model import KINDS
from store.site.correcting import LABELS, TEXTS, value_of
from store.site.detail import Detail, find_detail
from store.site.manner import zones
from store.site.render import args_of, form_of, manner_of, not_found, page
from store.site.site import Route, read, the_site
from store.site.sourcebook import source_titles
from store.site.telling import tell_deadlines, tell_value
from store.taxonomy import SECTORS
from store.texts import N_
from store.waiting import twins

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
}
_RECENT = """
    select c.*, o.key, o.title from curation c join opportunity o on o.id = c.opportunity
    where o.embargo_cluster is null or o.embargo_cluster = :cluster or :role = 'operator' order by c.id desc limit 40
"""
_ALLOWED = """
    select id from opportunity where key = :key and (embargo_cluster is null or embargo_cluster = :cluster or :role = 'operator')
"""


async def desk(request: Request, datasette: Datasette) -> Response:
    """The queue and the latest decisions."""
    site, actor = the_site(datasette), request.actor
    m = manner_of(site, request)
    who = {"cluster": actor["cluster"], "role": actor["role"]}

    def work(connection: sqlite3.Connection) -> tuple[list[dict[str, Any]], list[dict[str, Any]], dict[str, str]]:
        db = Database(connection)
        waiting = [
            row
            for row in curation.queue(db, now=m.now, limit=120, cluster=actor["cluster"])
            if connection.execute(_ALLOWED, {**who, "key": row["key"]}).fetchone()
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
    }
    return page(datasette, request, "desk.html", values)


async def decide(request: Request, datasette: Datasette) -> Response:
    """Approve (for all, or for the own cluster alone), hide, pin or unpin one item or many."""
    form = await form_of(request)
    word = (form.get("action") or [""])[0]
    if word not in ("approve", "embargo", "hide", "pin", "unpin"):
        return _refused(datasette, request, N_("Choose what to do first."))
    keys = list(dict.fromkeys(form.get("key", [])))[:200]
    reason = (form.get("reason") or [""])[0][:500]
    action: curation.Action = word  # type: ignore[assignment] # one of them, by the line above
    value = request.actor["cluster"] if word == "embargo" else None

    def one(db: Database, number: int, by: str, four_eyes: bool) -> None:
        now = the_site(datasette).clock()
        curation.curate(db, number, action, value=value, by=by, now=now, reason=reason, four_eyes=four_eyes)

    return await _change(request, datasette, keys, one, (form.get("back") or [""])[0])


async def item(request: Request, datasette: Datasette) -> Response:
    """One item: what it says now, what was decided, and forms for every decision."""
    site, actor, key = the_site(datasette), request.actor, request.url_vars["key"]
    m = manner_of(site, request)

    def work(
        connection: sqlite3.Connection,
    ) -> tuple[Detail | str | None, list[dict[str, Any]], list[dict[str, Any]], dict[str, str]]:
        found, db = find_detail(connection, key, actor, m.now), Database(connection)
        if not isinstance(found, Detail):
            return found, [], [], {}
        number = found.record["id"]
        alike = [t for t in twins(db, number) if t["audience"] in ("", actor["cluster"]) or actor["role"] == "operator"]
        return found, curation.audit(db, number), alike, source_titles(connection)

    found, audit, alike, titles = await read(datasette, work)
    if found is None:
        return not_found(datasette, request)
    if isinstance(found, str):
        return Response.redirect(f"/desk/{found}", status=303)
    values = {
        "m": m,
        "d": found,
        "o": found.record,
        "audit": audit,
        "twins": alike,
        "titles": titles,
        "labels": LABELS,
        "texts": TEXTS,
        "kinds": KINDS,
        "zones": zones(),
        "sectors": SECTORS,
        "held": {t.value for t in found.tags if t.facet == "sector"},
        "countries": ", ".join(f"{t.value} {t.role}".strip() for t in found.tags if t.facet == "country"),
        "deadlines": tell_deadlines(found.record["deadlines"], m, by_hand=found.record["provenance"].get("deadlines") == 0),
        "action_words": ACTION,
        "told": lambda value: tell_value(value, m),
    }
    return page(datasette, request, "desk_item.html", values)


async def correct(request: Request, datasette: Datasette) -> Response:
    """Correct a field, merge with another record, or split a notice off."""
    form, key = await form_of(request), request.url_vars["key"]
    word, field = (form.get("action") or [""])[0], (form.get("field") or [""])[0]
    reason = (form.get("reason") or [""])[0][:500]
    fields = ("starts", "ends") if field == "days" else (field,)
    try:
        value: Any = [value_of(name, form) for name in fields] if word == "correct" else (form.get("value") or [""])[0].strip()
    except StoreError as error:
        return _refused(datasette, request, str(error))
    if word == "split":
        value = int(value) if value.isascii() and value.isdigit() and len(value) < 16 else 0
    if word == "merge":
        value = value.rstrip("/").rpartition("/")[2]
    if word not in ("correct", "merge", "split"):
        return _refused(datasette, request, N_("Choose what to do first."))
    action: curation.Action = word  # type: ignore[assignment] # one of them, by the line above

    def one(db: Database, number: int, by: str, four_eyes: bool) -> None:
        now = the_site(datasette).clock()
        for name, new in zip(fields, value if word == "correct" else [value], strict=True):
            curation.curate(db, number, action, field=name, value=new, by=by, now=now, reason=reason, four_eyes=four_eyes)

    return await _change(request, datasette, [key], one, f"/desk/{key}")


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
        allowed = row and db.conn.execute(_ALLOWED, {"key": row[0], "cluster": actor["cluster"], "role": actor["role"]}).fetchone()
        if allowed and word == "agree":
            curation.agree(db, int(number), by=actor["email"], now=site.clock())
        elif allowed:
            curation.undo(db, int(number), by=actor["email"], now=site.clock())

    try:
        await site.write_published(work)
    except StoreError as error:
        return _refused(datasette, request, str(error))
    return Response.redirect(_home(back), status=303)


async def _change(
    request: Request, datasette: Datasette, keys: list[str], one: Callable[[Database, int, str, bool], None], back: str
) -> Response:
    """Do ``one`` for every named item that this curator may decide about, in one transaction."""
    site, actor = the_site(datasette), request.actor

    def work(db: Database) -> int:
        done = 0
        for key in keys:
            row = db.conn.execute(_ALLOWED, {"key": key, "cluster": actor["cluster"], "role": actor["role"]}).fetchone()
            if row is not None:
                one(db, row[0], actor["email"], site.four_eyes)
                done += 1
        return done

    try:
        done = await site.write_published(work)
    except StoreError as error:
        return _refused(datasette, request, str(error))
    if not done:
        return _refused(datasette, request, N_("Choose at least one item first."))
    return Response.redirect(_home(back) + (f"?told={done}" if _home(back) == "/desk" else ""), status=303)


def _home(back: str) -> str:
    return (
        back
        if back.startswith(("/desk/", "/opportunity/")) and back.isascii() and back.isprintable() and ".." not in back
        else "/desk"
    )


def _refused(datasette: Datasette, request: Request, reason: str) -> Response:
    m = manner_of(the_site(datasette), request)
    return page(datasette, request, "error.html", {"status": 400, "reason": m.gettext(reason)}, status=400)


ROUTES = [
    Route(r"^/desk$", desk, "manager"),
    Route(r"^/desk/decide$", decide, "manager", ("POST",)),
    Route(r"^/desk/settle/(?P<number>[0-9]{1,15})$", settle, "manager", ("POST",)),
    Route(r"^/desk/(?P<key>[a-z0-9]{4,40})$", item, "manager"),
    Route(r"^/desk/(?P<key>[a-z0-9]{4,40})/correct$", correct, "manager", ("POST",)),
]
