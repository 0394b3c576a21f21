"""Signing in and out, and what a member may set for themselves: language, zone, sessions."""

from __future__ import annotations

from http.cookies import SimpleCookie

from datasette.app import Datasette
from datasette.utils.asgi import Request, Response

from store import accounts
from store.errors import NotAllowed
from store.site.gate import COOKIE, is_https
from store.site.manner import LANGUAGES, zone_or_utc, zones
from store.site.render import args_of, form_of, manner_of, page
from store.site.site import Route, Site, the_site
from store.texts import N_

WRONG = N_("Address or password is not right.")
SENT = N_("If this address is known, a link is on its way. It works once, for half an hour.")
STALE = N_("This link was used already or is too old. Ask for a new one.")


def next_page(wished: str) -> str:
    """Where to go after signing in: a path of this site, never another one's address."""
    good = wished.startswith("/") and not wished.startswith(("//", "/\\")) and wished.isprintable() and "\\" not in wished
    return wished if good and not wished.startswith("/sign-") else "/feed"


async def sign_in(request: Request, datasette: Datasette) -> Response:
    """The form (GET), and a session for a right password (POST)."""
    site = the_site(datasette)
    wished = next_page((args_of(request).get("next") or [""])[-1])
    if request.method != "POST":
        if request.actor:
            return Response.redirect(wished, status=303)
        return page(datasette, request, "sign_in.html", {"wished": wished, "error": "", "told": "", "email": ""})
    form = await form_of(request)
    email, password = (form.get("email") or [""])[0].strip(), (form.get("password") or [""])[0]
    wished = next_page((form.get("next") or [""])[0])
    m = manner_of(site, request)
    try:
        member = await site.write_private(
            lambda db: accounts.sign_in(db, email, password, address=_client(request), now=site.clock())
        )
    except NotAllowed as error:
        values = {"wished": wished, "error": m.gettext(str(error)), "told": "", "email": email}
        return page(datasette, request, "sign_in.html", values, status=429)
    if member is None:
        values = {"wished": wished, "error": m.gettext(WRONG), "told": "", "email": email}
        return page(datasette, request, "sign_in.html", values, status=401)
    return await _begin(site, request, member.id, wished)


async def ask_link(request: Request, datasette: Datasette) -> Response:
    """Send a sign-in link by mail. The answer is the same whether the address is known or not."""
    site = the_site(datasette)
    form = await form_of(request)
    email = (form.get("email") or [""])[0].strip()
    if site.send_link is not None:
        secret = await site.write_private(lambda db: accounts.make_link(db, email, now=site.clock()))
        if secret is not None:
            site.send_link(email, f"{site.address}/sign-in/link?token={secret}")
    m = manner_of(site, request)
    return page(datasette, request, "sign_in.html", {"wished": "/feed", "error": "", "told": m.gettext(SENT), "email": email})


async def use_link(request: Request, datasette: Datasette) -> Response:
    """A page with one button (GET), so that a mail scanner that follows links does not use it up; the button signs in (POST)."""
    site = the_site(datasette)
    if request.method != "POST":
        return page(datasette, request, "sign_in_link.html", {"token": (args_of(request).get("token") or [""])[-1]})
    token = ((await form_of(request)).get("token") or [""])[0]
    member = await site.write_private(lambda db: accounts.use_link(db, token, now=site.clock()))
    if member is None:
        m = manner_of(site, request)
        values = {"wished": "/feed", "error": m.gettext(STALE), "told": "", "email": ""}
        return page(datasette, request, "sign_in.html", values, status=410)
    return await _begin(site, request, member, "/feed")


async def sign_out(request: Request, datasette: Datasette) -> Response:
    """End this session, the one that ``session`` names, or all of the member's when ``all`` is given."""
    site = the_site(datasette)
    form = await form_of(request)
    secret = _cookie(request)
    member = request.actor["member"]
    other = (form.get("session") or [""])[0]
    if other and not accounts.is_session(secret, other):
        await site.write_private(lambda db: accounts.end_sessions(db, member, now=site.clock(), only=other))
        return Response.redirect("/settings", status=303)
    if form.get("all"):
        await site.write_private(lambda db: accounts.end_sessions(db, member, now=site.clock()))
    else:
        await site.write_private(lambda db: accounts.end_session(db, secret, now=site.clock()))
    answer = Response.redirect("/sign-in", status=303)
    answer.set_cookie(COOKIE, "", max_age=0, httponly=True, samesite="lax", secure=site.secure or is_https(request.scope))
    return answer


async def settings(request: Request, datasette: Datasette) -> Response:
    """Language, zone and running sessions of the member."""
    site = the_site(datasette)
    member = request.actor["member"]
    if request.method == "POST":
        form = await form_of(request)
        language, zone = (form.get("language") or [""])[0], (form.get("zone") or [""])[0]
        if language in LANGUAGES and zone_or_utc(zone).key == zone:
            await site.write_private(lambda db: accounts.set_manner(db, member, language=language, zone=zone))
        return Response.redirect("/settings", status=303)
    running = accounts.sessions(site.reader, member, now=site.clock())
    here = next((s.id for s in running if accounts.is_session(_cookie(request), s.id)), "")
    return page(datasette, request, "settings.html", {"sessions": running, "here": here, "zones": zones()})


async def _begin(site: Site, request: Request, member: int, wished: str) -> Response:
    agent = request.headers.get("user-agent", "")
    now = site.clock()
    secret = await site.write_private(lambda db: accounts.start_session(db, member, now=now, user_agent=agent))
    await site.write_private(lambda db: accounts.visited(db, member, now=now))
    answer = Response.redirect(wished, status=303)
    age = int(accounts.SESSION.total_seconds())
    answer.set_cookie(COOKIE, secret, max_age=age, httponly=True, samesite="lax", secure=site.secure or is_https(request.scope))
    return answer


def _cookie(request: Request) -> str:
    jar = SimpleCookie(request.headers.get("cookie", ""))
    return jar[COOKIE].value if COOKIE in jar else ""


def _client(request: Request) -> str:
    client = request.scope.get("client")
    return str(client[0]) if client else ""


ROUTES = [
    Route(r"^/sign-in$", sign_in, "public", ("GET", "HEAD", "POST")),
    Route(r"^/sign-in/mail$", ask_link, "public", ("POST",)),
    Route(r"^/sign-in/link$", use_link, "public", ("GET", "HEAD", "POST")),
    Route(r"^/sign-out$", sign_out, "member", ("POST",)),
    Route(r"^/settings$", settings, "member", ("GET", "HEAD", "POST")),
]
