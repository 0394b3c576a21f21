"""The gate before everything: who asks, may they, is the request well formed; and the headers that every answer carries.

Default is no: a path that is not a page of ours is for operators alone, so nothing that Datasette adds opens a way to an item.
"""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable, Sequence
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

from store import accounts
from store.site.site import RANK, Route, Site, actor_of

Scope = dict[str, Any]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Receive = Callable[[], Awaitable[dict[str, Any]]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
Refuse = Callable[[Scope, int], bytes]

COOKIE = "clusterscout_session"
MOST_BODY = 256 * 1024
_CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; manifest-src 'self';"
    " form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
# Datasette's own table pages, for operators: their inline scripts stay off, their inline styles are let through.
_CSP_STOCK = _CSP.replace("style-src 'self'", "style-src 'self' 'unsafe-inline'")
_HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}


class Gate:
    """ASGI middleware around Datasette. ``refuse(scope, status)`` renders the page of a refusal for browsers."""

    def __init__(self, app: App, site: Site, routes: Sequence[Route], refuse: Refuse) -> None:
        self.app, self.site, self.refuse = app, site, refuse
        self.routes = [(re.compile(route.pattern), route) for route in routes]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        route = self._route(scope)
        status, scope, receive = await self._judge(scope, receive, route)
        secure = self.site.secure or is_https(scope)
        send = self._dressed(send, secure=secure, ours=status != 0 or (route is not None and not route.inline_styles))
        if status == 0:
            await self.app(scope, receive, send)
        elif status == 303:
            target = scope["path"] + ("?" + scope["query_string"].decode("latin-1") if scope.get("query_string") else "")
            location = "/sign-in" + ("?next=" + quote(target, safe="") if target != "/" else "")
            await _answer(send, 303, b"", [(b"location", location.encode("ascii"))])
        elif _wants_html(scope):
            await _answer(send, status, self.refuse(scope, status), [(b"content-type", b"text/html; charset=utf-8")])
        else:
            body = json.dumps({"ok": False, "status": status, "error": REASONS[status]}).encode()
            await _answer(send, status, body, [(b"content-type", b"application/json; charset=utf-8")])

    def _route(self, scope: Scope) -> Route | None:
        raw: bytes = scope.get("raw_path") or scope["path"].encode("utf-8", "replace")
        path = raw.decode("latin-1").partition("?")[0]
        return next((route for pattern, route in self.routes if pattern.match(path)), None)

    async def _judge(self, scope: Scope, receive: Receive, route: Route | None) -> tuple[int, Scope, Receive]:
        """0 to let the request through, 303 to send the reader to the sign-in page, else the status of the refusal."""
        headers = {name.lower(): value for name, value in scope.get("headers", [])}
        raw: bytes = scope.get("raw_path") or b""
        if not raw.isascii() or len(scope.get("query_string", b"")) > 8000 or not _readable(scope.get("query_string", b"")):
            return 400, scope, receive
        member = None
        try:
            cookies = SimpleCookie(headers.get(b"cookie", b"").decode("latin-1"))
        except CookieError:
            return 400, scope, receive
        if COOKIE in cookies:
            member = accounts.member_of_session(self.site.private, cookies[COOKIE].value, now=self.site.clock())
        scope = {**scope, "actor": actor_of(member) if member else None, "clusterscout": {"route": route}}
        method = scope["method"]
        if route is not None and method not in route.methods:
            return 405, scope, receive
        rank = RANK[member.role] if member else 0
        if rank < RANK[route.access if route else "operator"]:
            if member is None:
                return (303 if method in ("GET", "HEAD") and _wants_html(scope) else 401), scope, receive
            return (403 if route else 404), scope, receive
        if method in ("GET", "HEAD") or (route is not None and route.signed):
            return 0, scope, receive
        return await self._judge_change(scope, receive, headers)

    async def _judge_change(self, scope: Scope, receive: Receive, headers: dict[bytes, bytes]) -> tuple[int, Scope, Receive]:
        """A request that changes something: from our own pages, a small readable form. Datasette's CSRF token is checked after this."""
        site = headers.get(b"sec-fetch-site", b"")
        origin = headers.get(b"origin", b"").decode("latin-1")
        host = headers.get(b"host", b"").decode("latin-1")
        if site in (b"cross-site", b"same-site") or (origin and origin != "null" and urlsplit(origin).netloc != host):
            return 403, scope, receive
        if headers.get(b"content-type", b"").split(b";")[0].strip() != b"application/x-www-form-urlencoded":
            return 415, scope, receive
        body, more = b"", True
        while more:
            message = await receive()
            if message["type"] != "http.request":
                return 400, scope, receive
            body += message.get("body", b"")
            more = message.get("more_body", False)
            if len(body) > MOST_BODY:
                return 413, scope, receive
        if not body.isascii() or not _readable(body) or not headers.get(b"x-csrftoken", b"").isascii():
            return 400, scope, receive
        if not parse_qs(body.decode("ascii")).get("csrftoken", [""])[0].isascii():
            return 403, scope, receive
        waiting = [{"type": "http.request", "body": body, "more_body": False}]

        async def again() -> dict[str, Any]:
            return waiting.pop() if waiting else await receive()

        return 0, scope, again

    def _dressed(self, send: Send, *, secure: bool, ours: bool) -> Send:
        """``send`` with the security headers; Datasette's CSRF cookie is made HttpOnly, and Secure behind https."""

        async def dressed(message: dict[str, Any]) -> None:
            if message["type"] == "http.response.start":
                headers = [(name, value) for name, value in message.get("headers", [])]
                for n, (name, value) in enumerate(headers):
                    if name.lower() == b"set-cookie" and value.startswith(b"ds_csrftoken="):
                        headers[n] = (name, value + b"; HttpOnly" + (b"; Secure" if secure else b""))
                headers += [(name.encode(), value.encode()) for name, value in _HEADERS.items()]
                headers.append((b"content-security-policy", (_CSP if ours else _CSP_STOCK).encode()))
                if secure:
                    headers.append((b"strict-transport-security", b"max-age=31536000"))
                message = {**message, "headers": headers}
            await send(message)

        return dressed


def is_https(scope: Scope) -> bool:
    """Whether this request came by https: to us, or to the proxy on this machine that says so (X-Forwarded-Proto, read by the server)."""
    return scope.get("scheme") == "https"


REASONS = {
    400: "The request cannot be read.",
    401: "Sign in first.",
    403: "Your role does not allow this.",
    404: "There is no such page.",
    405: "This page does not take that method.",
    413: "The form is too large.",
    415: "Send a form (application/x-www-form-urlencoded).",
}


def _readable(encoded: bytes) -> bool:
    """Whether a query string or form decodes as UTF-8 with no more fields than a page has."""
    try:
        parse_qs(encoded.decode("ascii"), errors="strict", max_num_fields=400)
    except ValueError:
        return False
    return True


def _wants_html(scope: Scope) -> bool:
    """Whether the reader is a browser asking for a page, not a program asking for data."""
    path: str = scope["path"]
    if re.search(r"\.[a-z]{2,5}$", path):
        return False
    accept = next((value for name, value in scope.get("headers", []) if name.lower() == b"accept"), b"*/*")
    return b"html" in accept or b"*/*" in accept


async def _answer(send: Send, status: int, body: bytes, headers: list[tuple[bytes, bytes]]) -> None:
    headers = [*headers, (b"content-length", str(len(body)).encode()), (b"cache-control", b"private, no-store")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
