"""Sector, country, and country x sector pages: what is on, what comes next, and how it moved over the months."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from datasette.app import Datasette
from datasette.utils.asgi import Request, Response

from store.search import Row
from store.site import words
from store.site.manner import Manner
from store.site.markets import Market, draw, overview, read_market
from store.site.plugins.feed import item_json
from store.site.render import data, manner_of, not_found, page, viewer_of, wants
from store.site.site import Route, read, the_site
from store.site.sourcebook import source_titles
from store.taxonomy import SECTORS
from store.texts import N_

MOST_COUNTRIES = 24


async def index(request: Request, datasette: Datasette) -> Response:
    """All sectors, and the countries with most, with the table of both."""
    site, viewer = the_site(datasette), viewer_of(request)
    m = manner_of(site, request)
    found = await read(datasette, lambda connection: overview(connection, viewer))
    sectors = sorted(SECTORS, key=lambda s: m.gettext(words.sector(s)))
    countries = sorted((c for s, c in found if not s and c), key=lambda c: (-found["", c], m.country(c)))
    if wants(request) == "json":
        return data({"ok": True, "pairs": [{"sector": s, "country": c, "count": n} for (s, c), n in sorted(found.items())]})
    most = max((n for (s, c), n in found.items() if s and c), default=1)
    values = {"m": m, "found": found, "sectors": sectors, "countries": countries, "most": most, "shown": countries[:MOST_COUNTRIES]}
    return page(datasette, request, "markets.html", values)


async def market(request: Request, datasette: Datasette) -> Response:
    """One sector, one country, or both."""
    site, viewer = the_site(datasette), viewer_of(request)
    sector, country = request.url_vars.get("sector") or "", (request.url_vars.get("country") or "").upper()
    if sector and sector not in SECTORS:
        return not_found(datasette, request)
    m = manner_of(site, request)

    def work(connection: sqlite3.Connection) -> tuple[Market, dict[str, str]]:
        return read_market(connection, sector, country, viewer, m.now), source_titles(connection)

    found, titles = await read(datasette, work)
    if country and m.country(country) == country and not found.counts.statuses.get("any"):
        return not_found(datasette, request)
    if wants(request) == "json":
        return data(
            {
                "ok": True,
                "sector": sector,
                "country": country,
                "live": found.counts.total,
                "kinds": found.counts.kinds,
                "months": [{"month": f"{y}-{n:02d}", **by} for y, n, by in found.months],
                "deadlines": [item_json(site, row) for row in found.deadlines],
                "fairs": [item_json(site, row) for row in found.fairs],
                "news": [item_json(site, row) for row in found.news],
            }
        )
    names = [m.month(y, n) + ": " + m.number(sum(by.values())) for y, n, by in found.months]
    labels = _labels(found.months, m)
    title = " × ".join(
        part for part in (m.gettext(words.sector(sector)) if sector else "", m.country(country) if country else "") if part
    )
    pair = f"sector={sector}" * bool(sector) + "&" * bool(sector and country) + f"country={country}" * bool(country)
    values = {
        "m": m,
        "market": found,
        "titles": titles,
        "sector": sector,
        "country": country,
        "title": title,
        "pair": pair,
        "chart": draw(found.months, names, labels),
        "lists": _lists(found),
    }
    return page(datasette, request, "market.html", values)


def _labels(months: Sequence[tuple[int, int, dict[str, int]]], m: Manner) -> list[str]:
    """Every third month by name, the first of a year with the year."""
    out, year = [], 0
    for i, (y, n, _) in enumerate(months):
        shown = i % 3 == 2
        out.append((m.short_month(y, n) + (f" {y}" if y != year else "")) if shown else "")
        year = y if shown else year
    return out


def _lists(found: Market) -> list[tuple[str, str, tuple[Row, ...]]]:
    return [
        ("deadlines", N_("Next deadlines"), found.deadlines),
        ("fairs", N_("Next fairs and events"), found.fairs),
        ("news", N_("Newest news and studies"), found.news),
    ]


_COUNTRY = r"(?P<country>[A-Za-z]{2,12}(?:-[A-Za-z]{2,12})?[0-9]{0,4})"
_SECTOR = r"(?P<sector>[a-z][a-z0-9-]{0,39})"
_END = r"(?:\.(?P<format>json))?$"
ROUTES = [
    Route(r"^/sectors" + _END, index),
    Route(rf"^/sector/{_SECTOR}{_END}", market),
    Route(rf"^/country/{_COUNTRY}{_END}", market),
    Route(rf"^/market/{_COUNTRY}/{_SECTOR}{_END}", market),
]
