"""The faults: each makes of a healthy site the site on its bad day, or None where its format cannot have it."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from tests.crawlers.faults.shapes import BASE, OTHER, Answer, Manner, Shape, Thing, in_language, render

Site = dict[str, Answer]
NAV = "<nav><ul><li><a href='/'>Home</a></li><li><a href='/about'>About us</a></li></ul></nav>"


@dataclass(frozen=True)
class Fault:
    """``ill``: the run must not be healthy. Otherwise it is a harmless change that nobody may be told of."""

    name: str
    apply: Callable[[Shape, Sequence[Thing]], Site | None]
    ill: bool = True


def everywhere(body: str, status: int = 200, url: str = "", **headers: str) -> Callable[[Shape, Sequence[Thing]], Site]:
    """Every address answers with one page."""

    def apply(shape: Shape, listed: Sequence[Thing]) -> Site:
        answer = Answer(
            f"<!doctype html><html><body>{NAV}{body}</body></html>".encode(), "text/html; charset=utf-8", status, dict(headers), url
        )
        return dict.fromkeys(render(shape, listed), answer)

    return apply


def manner(**options: object) -> Callable[[Shape, Sequence[Thing]], Site | None]:
    """The site writes in another manner."""
    return lambda shape, listed: render(shape, listed, Manner(**options))  # type: ignore[arg-type]


def said(change: Callable[[Thing], Thing]) -> Callable[[Shape, Sequence[Thing]], Site | None]:
    """The site says another thing of each of its things."""
    return lambda shape, listed: render(shape, [change(one) for one in listed])


def paged(apply: Callable[[Shape, Sequence[Thing]], Site | None]) -> Callable[[Shape, Sequence[Thing]], Site | None]:
    """Only for sites of several pages."""
    return lambda shape, listed: apply(shape, listed) if shape.paged else None


def only(
    *forms: str,
) -> Callable[[Callable[[Shape, Sequence[Thing]], Site | None]], Callable[[Shape, Sequence[Thing]], Site | None]]:
    """Only for these formats."""
    return lambda apply: lambda shape, listed: apply(shape, listed) if shape.form in forms else None


def one_page(number: int, answer: Answer) -> Callable[[Shape, Sequence[Thing]], Site]:
    """One list page answers otherwise."""
    return lambda shape, listed: {**render(shape, listed), shape.address(number): answer}


def cut_gzip(shape: Shape, listed: Sequence[Thing]) -> Site:
    site = render(shape, listed)
    first = site[shape.address(1)]
    packed = gzip.compress(first.body)
    return {**site, shape.address(1): replace(first, body=packed[: int(len(packed) * 0.7)], headers={"Content-Encoding": "gzip"})}


def cut_body(shape: Shape, listed: Sequence[Thing]) -> Site:
    site = render(shape, listed)
    first = site[shape.address(1)]
    return {**site, shape.address(1): replace(first, body=first.body[: int(len(first.body) * 0.4)])}


def mojibake(shape: Shape, listed: Sequence[Thing]) -> Site:
    """UTF-8 taken for windows-1252 and written as UTF-8 again, by the publisher's own system."""

    def spoil(text: str) -> str:
        return text.encode().decode("latin-1")

    return render(shape, [replace(one, title=spoil(one.title), summary=spoil(one.summary)) for one in listed])


def first_page_only(shape: Shape, listed: Sequence[Thing]) -> Site:
    """A paged list whose first page leads no further; any other list ends after two fifths."""
    if shape.paged:
        return render(shape, listed, Manner(last_page=1))
    return render(shape, listed[: max(1, len(listed) * 2 // 5)])


def html_instead(shape: Shape, listed: Sequence[Thing]) -> Site | None:
    if shape.form in {"html_list", "jsonld", "document"}:
        return None
    page = Answer(
        b"<!doctype html><html><body><h1>Welcome to our new site</h1><ul><li><a href='/news'>News</a></li></ul></body></html>",
        "text/html",
    )
    return {**render(shape, listed), shape.address(1): page}


def dates_flipped(shape: Shape, listed: Sequence[Thing]) -> Site | None:
    return render(shape, listed, Manner(dates=shape.dates.replace("%d", "#").replace("%m", "%d").replace("#", "%m")))


def clock(days: int) -> Callable[[Thing], Thing]:
    return lambda one: replace(one, published=one.published + timedelta(days=days), due=one.due + timedelta(days=days))


def details_gone(shape: Shape, listed: Sequence[Thing]) -> Site | None:
    if not shape.detail:
        return None
    return {url: replace(a, status=404) if "/item/" in url else a for url, a in render(shape, listed).items()}


PASSWORD = "<form action='/login'><input name='user'><input type='password' name='p'></form>"
FAULTS: tuple[Fault, ...] = (
    Fault("captcha with status 200", everywhere("<h1>Just a moment...</h1><p>Please complete the captcha to go on.</p>")),
    Fault("cookie wall", everywhere("<p>Please enable cookies and reload the page.</p>")),
    Fault("soft 404", everywhere("<h1>Page not found</h1><p>Sorry, we have moved things around.</p>")),
    Fault("maintenance page with status 200", everywhere("<h1>We will be back soon</h1>")),
    Fault("refused with 403", everywhere("<h1>Forbidden</h1>", status=403)),
    Fault("429 with Retry-After in seconds", everywhere("slow down", status=429, **{"Retry-After": "86400"})),
    Fault(
        "429 with Retry-After as a date", everywhere("slow down", status=429, **{"Retry-After": "Mon, 30 Nov 2026 06:00:00 GMT"})
    ),
    Fault("list answers 500", everywhere("Internal error", status=500)),
    Fault("page 2 answers 500", paged(one_page(2, Answer(b"error", "text/plain", 500)))),
    Fault("page 2 is empty", paged(one_page(2, Answer(b"", "text/html")))),
    Fault("paging loop", paged(manner(loop=True))),
    Fault("first page only", first_page_only),
    Fault("truncated gzip", cut_gzip),
    Fault("body cut short", only("json_api", "feed", "sitemap", "jsonld", "ical")(cut_body)),
    Fault("charset flip", mojibake),
    Fault("locale flip", said(lambda one: in_language(one, OTHER[one.language]))),
    Fault("empty list", lambda shape, listed: render(shape, [])),
    Fault("login redirect", everywhere(PASSWORD, url=f"{BASE}/login?back=list")),
    Fault("web page instead", html_instead),
    Fault("duplicate ids", said(lambda one: replace(one, identity="ref"))),
    Fault(
        "ids by position", lambda shape, listed: render(shape, [replace(one, identity=f"n-{n}") for n, one in enumerate(listed)])
    ),
    Fault("date format flip", dates_flipped),
    Fault("clock a year ahead", said(clock(366))),
    Fault("clock two years behind", said(clock(-730))),
    Fault("half the fields gone", manner(lacking=frozenset({"summary", "due", "published"}))),
    Fault("rows renamed", only("html_list", "document")(manner(row="item"))),
    Fault("titles all alike", said(lambda one: replace(one, title="Read more"))),
    Fault("detail pages gone", details_gone),
    Fault("order changed", lambda shape, listed: render(shape, list(reversed(listed))), ill=False),
    Fault("alias addresses", manner(utm="?utm_source=list&utm_medium=web"), ill=False),
    Fault("labels for codes", only("json_api", "jsonld")(manner(labels=True)), ill=False),
    Fault("nothing but two new things", lambda shape, listed: render(shape, listed), ill=False),
)
