"""Pages that answer 200 and are a wall: captchas, logins, cookie banners, refusals. Looked for only where a list was not found."""

from __future__ import annotations

from crawlers.clean import plain
from crawlers.decoding import html_of, looks_like_html
from crawlers.errors import ParseError
from crawlers.failures import Failure
from store.model import Page

CAPTCHA = (
    "captcha",
    "are you a robot",
    "are you human",
    "verify you are human",
    "checking your browser",
    "just a moment...",
    "ddos protection",
    "robot check",
    "unusual traffic",
)
REFUSAL = (
    "request rejected",
    "access denied",
    "the requested url was rejected",
    "you have been blocked",
    "forbidden",
    "zugriff verweigert",
    "accès refusé",
    "acceso denegado",
)
COOKIES = (
    "enable cookies",
    "accept cookies to continue",
    "cookies are required",
    "consent to cookies",
    "cookies aktivieren",
    "accepter les cookies pour continuer",
)
MISSING = (
    "page not found",
    "404 not found",
    "seite nicht gefunden",
    "page introuvable",
    "página no encontrada",
    "pagina non trovata",
    "strona nie znaleziona",
    "página não encontrada",
    "pagina niet gevonden",
)
LONG_PAGE = 6_000


def soft_error(page: Page) -> Failure | None:
    """What wall the page is, when it is one; None for any other page. Long pages are articles and lists, not walls."""
    if not looks_like_html(page.body):
        return None
    try:
        root = html_of(page)
    except ParseError:
        return None
    if root.css('input[type="password"]'):
        return Failure(cause="login-page", detail="the address leads to a login", refused=True)
    markup = page.body[:200_000].lower()
    if b"g-recaptcha" in markup or b"h-captcha" in markup or b"cf-challenge" in markup or b"challenge-platform" in markup:
        return Failure(cause="captcha", detail="the site asks for a captcha", refused=True)
    text = plain(page.body[:200_000].decode("utf-8", "replace")).lower()
    title = " ".join(root.css("title::text").getall()).lower()
    if len(text) > LONG_PAGE:
        return None
    for words, cause, detail in (
        (CAPTCHA, "captcha", "the site asks whether we are human"),
        (REFUSAL, "forbidden", "the site refuses the request with a page of status 200"),
        (COOKIES, "cookie-wall", "the site wants cookies before it shows the page"),
    ):
        if any(word in text or word in title for word in words):
            return Failure(cause=cause, detail=detail, refused=True)
    if any(word in text or word in title for word in MISSING):
        return Failure(cause="soft-404", detail="the page says that it does not exist, with status 200")
    return None
