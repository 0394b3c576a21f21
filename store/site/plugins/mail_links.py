"""Where the links of a digest lead: its web version, what it did not show, and signed links that act by POST alone."""

from __future__ import annotations

import json
import sqlite3
from typing import Any

from datasette.app import Datasette
from datasette.utils.asgi import Request, Response
from sqlite_utils import Database

from store import marks, outbox, profiles
from store.digest.compose import reader_of
from store.digest.links import Action, Links, MailLink, read_link
from store.digest.listing import items_of
from store.digest.wording import Wording
from store.errors import LinkRefused
from store.site.manner import Manner, choose_language
from store.site.render import manner_of, not_found, page
from store.site.site import Route, Site, read, the_site
from store.texts import N_

DONE: dict[Action, str] = {
    "track": N_("You track it now. Your digest will remind you when it is closing, and tell you when it changes."),
    "dismiss": N_("You will not see it in your digest again, unless something important changes."),
    "snooze": N_("Your digest will remind you of it in two weeks."),
    "stop": N_("You will get no more digests. Your account stays as it is."),
}
ASK: dict[Action, str] = {
    "track": N_("Track this?"),
    "dismiss": N_("Dismiss this?"),
    "snooze": N_("Be reminded of this in two weeks?"),
    "choose": N_("What shall we do with this?"),
    "stop": N_("Stop the digest?"),
}
BUTTON: dict[Action, str] = {
    "track": N_("Track it"),
    "dismiss": N_("Dismiss it"),
    "snooze": N_("Remind me in two weeks"),
    "stop": N_("Stop the digest"),
}


async def mail_link(request: Request, datasette: Datasette) -> Response:
    """What the link would do, with a button (GET); or do it (POST), whoever is signed in: the signature says for whom."""
    site = the_site(datasette)
    try:
        link = read_link(request.url_vars["token"], secret=site.secret, now=site.clock())
    except LinkRefused as error:
        m = manner_of(site, request)
        values: dict[str, Any] = {"m": m, "title": m.gettext(str(error)), "item": "", "buttons": [], "done": ""}
        return page(datasette, request, "mail_link.html", values, status=410)
    titles = await read(datasette, lambda connection: _title(connection, link.opportunity))
    m = _manner(site, link) or manner_of(site, request)
    if request.method == "POST" and link.action != "choose":
        await site.write_private(lambda private: _act(private, link, site))
        values = {"m": m, "title": m.gettext(DONE[link.action]), "item": titles, "buttons": [], "done": link.opportunity}
        return page(datasette, request, "mail_link.html", values)
    actions: tuple[Action, ...] = ("track", "snooze", "dismiss") if link.action == "choose" else (link.action,)
    links = Links("", site.secret)
    buttons = [
        (
            m.gettext(BUTTON[action]),
            links.act(MailLink(member=link.member, action=action, opportunity=link.opportunity, issue=link.issue)),
        )
        for action in actions
    ]
    values = {"m": m, "title": m.gettext(ASK[link.action]), "item": titles, "buttons": buttons, "done": ""}
    return page(datasette, request, "mail_link.html", values)


async def digests(request: Request, datasette: Datasette) -> Response:
    """The member's digests, newest first."""
    site = the_site(datasette)
    rows = site.private.execute(
        "select id, subject, period_end from issue where member = ? order by period_end desc limit 200", [request.actor["member"]]
    ).fetchall()
    standing = outbox.standing(site.reader, request.actor["member"])
    stopped = standing is not None and standing.stopped_at is not None
    issues = [{"id": id_, "subject": subject, "end": end} for id_, subject, end in rows]
    return page(datasette, request, "digests.html", {"issues": issues, "stopped": stopped})


async def resume(request: Request, datasette: Datasette) -> Response:
    """Get the digest again after it was stopped."""
    site = the_site(datasette)
    await site.write_private(lambda private: outbox.resume(private, request.actor["member"]))
    return Response.redirect("/digests", status=303)


async def digest(request: Request, datasette: Datasette) -> Response:
    """One digest as it was mailed; only its own reader sees it."""
    row = _issue(the_site(datasette), request)
    if row is None:
        return not_found(datasette, request)
    return Response.html(str(row["html"]))


async def more(request: Request, datasette: Datasette) -> Response:
    """Exactly those opportunities that a section of a digest counted and did not show."""
    site = the_site(datasette)
    row = _issue(site, request)
    section = request.url_vars["section"]
    contents: dict[str, Any] = json.loads(row["contents"]) if row is not None else {}
    if row is None or section not in contents:
        return not_found(datasette, request)
    actor = request.actor or {}
    m = manner_of(site, request)
    keys, cluster, now = contents[section]["rest"], str(actor.get("cluster") or ""), site.clock()
    words = Wording(m.language, str(actor.get("zone") or "UTC"))
    items = await read(datasette, lambda connection: items_of(connection, keys, cluster=cluster, words=words, now=now))
    values = {"title": words.section(section), "issue": row["id"], "subject": row["subject"], "items": items, "count": len(keys)}
    return page(datasette, request, "digest_more.html", values)


def _manner(site: Site, link: MailLink) -> Manner | None:
    """The manner of the mail that held the link: its reader's, whatever the browser prefers. None for one who was erased since."""
    reader = next(site.reader.query("select * from member where id = ?", [link.member]), None)
    if reader is None:
        return None
    asked = reader_of(reader, profiles.of_member(site.reader, link.member))
    return Manner(choose_language(asked.language, ""), asked.zone, site.clock())


def _act(private: Database, link: MailLink, site: Site) -> None:
    if private.execute("select 1 from member where id = ?", [link.member]).fetchone() is None:
        return  # erased since; nothing is left to act on
    if link.action == "stop":
        outbox.stop(private, link.member, now=site.clock())
    elif link.action != "choose":
        marks.put(private, link.member, link.opportunity, link.action, now=site.clock())


def _title(connection: sqlite3.Connection, key: str) -> str:
    """The title of what a signed link speaks of; "" when it is hidden, waits for a curator or is one cluster's own by now."""
    sql = "select title from opportunity where key = ? and review = 'published' and embargo_cluster is null"
    row = connection.execute(sql, [key]).fetchone() if key else None
    return str(row[0]) if row else ""


def _issue(site: Site, request: Request) -> dict[str, Any] | None:
    row = site.private.execute(
        "select id, subject, html, contents from issue where id = ? and member = ?",
        [request.url_vars["issue"], request.actor["member"]],
    ).fetchone()
    return dict(zip(("id", "subject", "html", "contents"), row, strict=True)) if row else None


ROUTES = [
    Route(r"^/mail/(?P<token>[^/]{20,400})$", mail_link, "public", ("GET", "HEAD", "POST"), signed=True),
    Route(r"^/digests$", digests),
    Route(r"^/digests/resume$", resume, "member", ("POST",)),
    Route(r"^/digest/(?P<issue>[0-9TZ-]+)$", digest, inline_styles=True),
    Route(r"^/digest/(?P<issue>[0-9TZ-]+)/more/(?P<section>[a-z]+)$", more),
]
