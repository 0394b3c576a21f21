"""Invented sources in all seven formats, and their pages for a given list of invented things."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from html import escape
from pathlib import Path
from random import Random

from crawlers.declare import source_from
from crawlers.sample.content import Item as Document
from crawlers.sample.pages import pdf
from crawlers.source import Source
from tests.crawlers.web import HEAD

NOW = datetime(2026, 11, 16, 6, 0, tzinfo=UTC)
BASE = "https://site.example"
WORDS: Mapping[str, tuple[str, str, str, str]] = {
    "en": ("Call for café and crème machines in", "Support for naïve façades and coatings near", "Grants for small companies of", "The programme is open to small companies of the region and helps them with the costs of new tools for their work in"),
    "de": ("Förderaufruf für Kunststoffprüfung in", "Zuschüsse für Körperschutz und Möbel aus", "Größere Vorhaben der Gießereien bei", "Das Programm ist für kleine Unternehmen der Region und hilft ihnen mit den Kosten für neue Werkzeuge und die Prüfung von Bauteilen in"),
    "fr": ("Appel à projets pour la matière écologique à", "Aide à l'export des sociétés de", "Soutien à la création d'emplois près de", "Le dispositif est ouvert aux petites entreprises de la région et les aide avec une partie des coûts pour les outils et la qualité à"),
    "es": ("Convocatoria de ayudas a la innovación en", "Apoyo a la fabricación de muñecos y cañas en", "Subvenciones para pequeñas compañías de", "El programa está abierto a las pequeñas empresas de la región y ayuda con los costes para la compra de herramientas en"),
    "pl": ("Nabór wniosków dla małych zakładów w mieście", "Wsparcie świadomości cyfrowej w gminie", "Dotacje na łączenie źródeł energii koło", "Program jest dla małych firm z regionu oraz pomaga w kosztach na zakup narzędzi i do szkoleń w miejscowości"),
    "pt": ("Aviso para apoio à produção de moldes em", "Incentivos à internacionalização da fundição de", "Formação e integração de operários em", "O programa é para as pequenas empresas da região e ajuda com os custos da compra de ferramentas para a produção em"),
}  # fmt: skip
START, END = (
    [
        "Al",
        "Bo",
        "Cer",
        "Dun",
        "El",
        "Fal",
        "Gor",
        "Hul",
        "Ist",
        "Jor",
        "Kal",
        "Lun",
        "Mor",
        "Nev",
        "Or",
        "Pel",
        "Quin",
        "Ros",
        "Sol",
        "Tur",
    ],
    [
        "a",
        "berg",
        "cester",
        "dorf",
        "elle",
        "ford",
        "grad",
        "holm",
        "ia",
        "kirk",
        "lund",
        "mark",
        "nau",
        "opol",
        "port",
        "ruhe",
        "sund",
        "tal",
        "ville",
        "wick",
    ],
)
OTHER = {"en": "de", "de": "en", "fr": "en", "es": "fr", "pl": "en", "pt": "en"}
ZONES = {
    "en": "Europe/Dublin",
    "de": "Europe/Berlin",
    "fr": "Europe/Paris",
    "es": "Europe/Madrid",
    "pl": "Europe/Warsaw",
    "pt": "Europe/Lisbon",
}


@dataclass(frozen=True, kw_only=True)
class Thing:
    """One invented thing; ``number`` is its identity."""

    number: int
    language: str
    seed: int
    title: str = ""
    summary: str = ""
    published: date
    due: date
    country: str = "DE"
    place: str
    identity: str = ""

    @property
    def id(self) -> str:
        """The publisher's id."""
        return self.identity or f"ref-{self.number}"


@dataclass(frozen=True, kw_only=True)
class Shape:
    """One invented source: its format, how much it lists on how many pages, its language, and how it writes dates."""

    name: str
    form: str
    kind: str
    count: int
    size: int
    language: str
    seed: int
    detail: bool = False
    dates: str = "%d/%m/%Y"

    @property
    def paged(self) -> bool:
        """Whether the list has more than one page."""
        return self.form in {"html_list", "json_api"} and self.count > self.size

    @property
    def source(self) -> Source:
        """Its declaration."""
        text = HEAD.format(url=self.address(1), form=self.form, kind=self.kind)
        text = text.replace('languages = ["en"]', f'languages = ["{self.language}"]').replace("Europe/Paris", ZONES[self.language])
        text += f'date_formats = ["{self.dates}"]\n' + DECLARED[self.form]
        if self.form == "html_list" and self.detail:
            text = text.replace('summary = "p"\n', "").replace(
                "[paging]", '[detail]\nsummary = "div.body p"\norganiser = "em.by"\n[paging]'
            )
        if self.form == "json_api":
            text = text.replace("size = 0", f"size = {self.size}")
        return source_from(text, Path(f"{self.name}.toml"))

    def address(self, page: int) -> str:
        """The address of a list page."""
        path = {
            "feed": "/feed",
            "ical": "/cal.ics",
            "jsonld": "/events",
            "sitemap": "/news.xml",
            "json_api": "/api",
            "html_list": "/list",
            "document": "/reports",
        }[self.form]
        return f"{BASE}{path}" if page == 1 else f"{BASE}{path}?page={page}"


DECLARED = {
    "feed": 'lists_all = true\n[fields]\ndeadline = "x_due"\ncity = "x_city"\n',
    "ical": "",
    "jsonld": "",
    "sitemap": "",
    "json_api": (
        'rows = "/items"\n[fields]\nid = "/id"\ntitle = "/title"\nurl = "/url"\nsummary = "/summary"\npublished = "/published"\n'
        'deadline = "/due"\ncity = "/place"\neligible_country = "/country"\n[paging]\nstyle = "page"\nparameter = "page"\nsize = 0\ntotal = "/total"\n'
    ),
    "html_list": (
        'rows = "li.call"\n[fields]\ntitle = "h3 a"\nurl = "h3 a::attr(href)"\nsummary = "p"\ndeadline = "span.due"\npublished = "span.from"\n'
        'city = "i.city"\n[paging]\nstyle = "next_link"\nnext = "a.next::attr(href)"\n'
    ),
    "document": 'rows = "li.report"\n[fields]\nurl = "a::attr(href)"\ntitle = "a"\npublished = "span.from"\n',
}  # fmt: skip
FORMS = ("feed", "ical", "jsonld", "sitemap", "json_api", "html_list", "document")
KINDS = {
    "feed": "call",
    "ical": "event",
    "jsonld": "event",
    "sitemap": "news",
    "json_api": "tender",
    "html_list": "call",
    "document": "study",
}


def shapes(most: int = 42) -> list[Shape]:
    """Invented sources in turn through all formats: 20 to 200 things each (reports 20), in six languages."""
    out = []
    for number in range(most):
        form, chance = FORMS[number % len(FORMS)], Random(number)
        count = 20 if form == "document" else 24 if number < len(FORMS) else chance.choice([20, 24, 30, 40, 60, 90, 140, 200])
        out.append(
            Shape(
                name=f"xx_invented_{number}",
                form=form,
                kind=KINDS[form],
                count=count,
                size=max(8, count // chance.choice([2, 3, 4])),
                language=list(WORDS)[number % len(WORDS)],
                seed=number,
                detail=form == "html_list" and number % 2 == 0,
                dates=("%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y")[number % 3]
                if form in {"html_list", "json_api", "feed", "document"}
                else "%d/%m/%Y",
            )
        )
    return out


def things(shape: Shape, first: int = 0, count: int = 0) -> list[Thing]:
    """So many things, the same for the same numbers."""
    out = []
    for number in range(first, first + (count or shape.count)):
        chance = Random(shape.seed * 10_007 + number)
        place = chance.choice(START) + chance.choice(END) + " " + chance.choice(START) + chance.choice(END)
        one = Thing(
            number=number,
            language=shape.language,
            seed=shape.seed,
            published=date(2026, 11, 14) - timedelta(days=chance.randrange(40)),
            due=date(2027, chance.randrange(1, 9), chance.choice([2, 3, 4, 5, 7, 9, 10, 11, 12, 14, 19, 25, 28])),
            country=chance.choice(["DE", "FR", "PT", "PL"]),
            place=place,
        )
        out.append(in_language(one, shape.language))
    return out


def in_language(thing: Thing, language: str) -> Thing:
    """The same thing said in a language."""
    a, b, c, d = WORDS[language]
    chance = Random(thing.seed * 31 + thing.number)
    head = (a, b, c)[chance.randrange(3)]
    return replace(thing, language=language, title=f"{head} {thing.place} {thing.number}", summary=f"{d} {thing.place}.")


@dataclass
class Answer:
    """One answer; ``url`` where a redirect led."""

    body: bytes
    kind: str
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    url: str = ""

    @property
    def etag(self) -> str:
        """Made of the body."""
        return f'"{hashlib.sha1(self.body, usedforsecurity=False).hexdigest()[:16]}"'


@dataclass(frozen=True, kw_only=True)
class Manner:
    """How a site writes what it lists; a fault changes one of these."""

    dates: str = ""
    utm: str = ""
    labels: bool = False
    lacking: frozenset[str] = frozenset()
    row: str = "call"
    last_page: int = 0
    loop: bool = False


LABELS = {"DE": "Germany", "FR": "France", "PT": "Portugal", "PL": "Poland"}


def render(shape: Shape, listed: Sequence[Thing], manner: Manner | None = None) -> dict[str, Answer]:
    """All pages of the site: address -> answer."""
    how = manner or Manner()
    how = replace(how, dates=how.dates or shape.dates)
    if shape.form in {"html_list", "json_api"}:
        return _paged(shape, listed, how)
    if shape.form == "document":
        return _reports(shape, listed, how)
    if shape.form == "feed":
        rows = "".join(_feed_row(one, how) for one in listed)
        body = f'<?xml version="1.0" encoding="utf-8"?><rss version="2.0" xmlns:x="https://site.example/ns"><channel><title>News</title>{rows}</channel></rss>'
        return {shape.address(1): Answer(body.encode(), "application/rss+xml; charset=utf-8")}
    if shape.form == "ical":
        return {shape.address(1): Answer(_calendar(listed, how).encode(), "text/calendar; charset=utf-8")}
    if shape.form == "jsonld":
        nodes = [_node(one, how) for one in listed]
        script = json.dumps({"@context": "https://schema.org", "@graph": nodes}, ensure_ascii=False)
        html = f'<!doctype html><html><head><title>Events</title><script type="application/ld+json">{script}</script></head><body><h1>Events</h1></body></html>'
        return {shape.address(1): Answer(html.encode(), "text/html; charset=utf-8")}
    rows = "".join(_news_row(one, how) for one in listed)
    body = (
        '<?xml version="1.0" encoding="UTF-8"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" '
        f'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">{rows}</urlset>'
    )
    return {shape.address(1): Answer(body.encode(), "application/xml")}


def _link(one: Thing, how: Manner) -> str:
    return f"{BASE}/item/{one.id}{how.utm}"


def _day(day: date, how: Manner) -> str:
    return day.strftime(how.dates)


def _iso(day: date, how: Manner) -> str:
    """ISO, or with day and month changed when the site's manner of dates was changed and such a date exists."""
    if how.dates.startswith("%m") and day.day <= 12:
        return date(day.year, day.day, day.month).isoformat()
    return day.isoformat()


def _put(how: Manner, name: str, text: str) -> str:
    return "" if name in how.lacking else text


def _feed_row(one: Thing, how: Manner) -> str:
    published = _iso(one.published, how)
    moment = datetime.fromisoformat(published).replace(hour=9, tzinfo=UTC)
    return (
        f"<item><guid isPermaLink='false'>{one.id}</guid><link>{escape(_link(one, how))}</link><title>{escape(one.title)}</title>"
        + _put(how, "published", f"<pubDate>{moment:%a, %d %b %Y %H:%M:%S} +0000</pubDate>")
        + _put(how, "summary", f"<description>{escape(one.summary)}</description>")
        + _put(how, "due", f"<x:due>{_day(one.due, how)}</x:due>")
        + _put(how, "place", f"<x:city>{one.place}</x:city>")
        + "</item>"
    )


def _calendar(listed: Sequence[Thing], how: Manner) -> str:
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//invented//EN"]
    for one in listed:
        begins = date.fromisoformat(_iso(one.due, how))
        lines += [
            "BEGIN:VEVENT",
            f"UID:{one.id}",
            f"SUMMARY:{one.title}",
            f"URL:{_link(one, how)}",
            f"DTSTART;VALUE=DATE:{begins:%Y%m%d}",
        ]
        lines += [
            _put(how, "due", f"DTEND;VALUE=DATE:{begins + timedelta(days=2):%Y%m%d}"),
            _put(how, "place", f"LOCATION:{one.place}"),
        ]
        lines += [_put(how, "summary", f"DESCRIPTION:{one.summary}"), "END:VEVENT"]
    return "\r\n".join([*filter(None, lines), "END:VCALENDAR", ""])


def _node(one: Thing, how: Manner) -> dict[str, object]:
    node: dict[str, object] = {
        "@type": "BusinessEvent",
        "@id": one.id,
        "url": _link(one, how),
        "name": one.title,
        "startDate": _iso(one.due, how),
    }
    if "summary" not in how.lacking:
        node["description"] = one.summary
    if "due" not in how.lacking:
        node["endDate"] = _iso(one.due + timedelta(days=1), how)
    if "place" not in how.lacking:
        node["location"] = {
            "@type": "Place",
            "name": one.place,
            "address": {"addressLocality": one.place, "addressCountry": LABELS[one.country] if how.labels else one.country},
        }
    return node


def _news_row(one: Thing, how: Manner) -> str:
    news = (
        "<news:publication>" + _put(how, "organiser", "<news:name>Invented news</news:name>") + f"<news:language>{one.language}</news:language></news:publication>"
        + _put(how, "published", f"<news:publication_date>{_iso(one.published, how)}T09:00:00Z</news:publication_date>")
        + f"<news:title>{escape(one.title)}</news:title>" + _put(how, "summary", f"<news:keywords>{escape(one.place)}</news:keywords>")
    )  # fmt: skip
    return f"<url><loc>{escape(_link(one, how))}</loc><news:news>{news}</news:news></url>"


def _paged(shape: Shape, listed: Sequence[Thing], how: Manner) -> dict[str, Answer]:
    out: dict[str, Answer] = {}
    parts = [listed[start : start + shape.size] for start in range(0, len(listed), shape.size)] or [[]]
    for number, part in enumerate(parts, 1):
        following = number + 1 if number < len(parts) and number != how.last_page else 0
        if how.loop and number == 2:
            part, following = (parts[0] if shape.form == "json_api" else part), 1
        total = shape.size * number if number == how.last_page else len(listed)
        if shape.form == "json_api":
            rows = [_json_row(one, how) for one in part]
            out[shape.address(number)] = Answer(
                json.dumps({"total": total, "items": rows}, ensure_ascii=False).encode(), "application/json"
            )
        else:
            rows_html = "".join(_html_row(one, how, shape) for one in part)
            link = f'<a class="next" href="{escape(shape.address(following))}">next</a>' if following else ""
            nav = '<nav><ul><li><a href="/">Home</a></li><li><a href="/about">About us</a></li></ul></nav>'
            html = f'<!doctype html><html><head><meta charset="utf-8"><title>Calls</title></head><body>{nav}<ul class="list">{rows_html}</ul>{link}</body></html>'
            out[shape.address(number)] = Answer(html.encode(), "text/html; charset=utf-8")
    if shape.detail:
        for one in listed:
            body = _put(how, "summary", f'<div class="body"><p>{escape(one.summary)}</p></div>') + _put(
                how, "organiser", "<em class='by'>Agency</em>"
            )
            html = f"<!doctype html><html><body><h1>{escape(one.title)}</h1>{body}</body></html>"
            out[_link(one, how)] = Answer(html.encode(), "text/html; charset=utf-8")
    return out


def _json_row(one: Thing, how: Manner) -> dict[str, str]:
    row = {"id": one.id, "title": one.title, "url": _link(one, how), "country": LABELS[one.country] if how.labels else one.country}
    rest = {"summary": one.summary, "published": _day(one.published, how), "due": _day(one.due, how), "place": one.place}
    return row | {name: value for name, value in rest.items() if name not in how.lacking}


def _html_row(one: Thing, how: Manner, shape: Shape) -> str:
    inside = f'<h3><a href="{escape(_link(one, how))}">{escape(one.title)}</a></h3>'
    if not shape.detail:
        inside += _put(how, "summary", f"<p>{escape(one.summary)}</p>")
    inside += _put(how, "due", f'<span class="due">{_day(one.due, how)}</span>') + _put(
        how, "published", f'<span class="from">{_day(one.published, how)}</span>'
    )
    return f'<li class="{how.row}">{inside}{_put(how, "place", f"<i class=city>{one.place}</i>")}</li>'


def _reports(shape: Shape, listed: Sequence[Thing], how: Manner) -> dict[str, Answer]:
    rows = "".join(
        f'<li class="{"report" if how.row == "call" else how.row}"><a href="{BASE}/item/{one.id}.pdf{how.utm}">{escape(one.title)}</a>'
        + _put(how, "published", f'<span class="from">{_day(one.published, how)}</span>') + "</li>"
        for one in listed
    )  # fmt: skip
    out = {
        shape.address(1): Answer(f"<!doctype html><html><body><ul>{rows}</ul></body></html>".encode(), "text/html; charset=utf-8")
    }
    for one in listed:
        text = _put(how, "summary", one.summary)
        document = Document(id=one.id, title=one.title, text=text, language=one.language, published=one.published)
        out[f"{BASE}/item/{one.id}.pdf{how.utm}"] = Answer(pdf(document), "application/pdf")
    return out
