"""The shapes of countries for the map, drawn here: no tiles, no network.

They are Natural Earth's public-domain borders (1:10m) as the package geo-intel-offline carries them; what it does with them otherwise is
not used. Each view is thinned to what its drawing can show, once a process.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from itertools import pairwise

# Where the package's table has no two letters; the rest without any are drawn as land of nobody in particular.
_NAMED = {"France": "FR", "Norway": "NO", "Kosovo": "XK", "Taiwan": "TW"}
_CELL = 3.0  # units of the drawing within which neighbouring points of a border become one
_LEAST = 4.0  # units: an island smaller than this in both directions is left out
_EDGE = 40.0  # units around the drawing where lines are let run before they are cut off

Ring = Sequence[tuple[float, float]]


@dataclass(frozen=True, kw_only=True, slots=True)
class View:
    """A part of the world, in degrees, and how it is drawn: ``width`` units wide, a degree of latitude ``tall`` times as long as one
    of longitude (the plain projection with one parallel kept true).
    """

    west: float
    south: float
    east: float
    north: float
    tall: float
    every: int
    width: int = 1000

    @property
    def scale(self) -> float:
        """Units a degree of longitude."""
        return self.width / (self.east - self.west)

    @property
    def height(self) -> int:
        """Units from top to bottom."""
        return round((self.north - self.south) * self.scale * self.tall)

    def place(self, longitude: float, latitude: float) -> tuple[float, float]:
        """Units from the left and from the top."""
        return (longitude - self.west) * self.scale, (self.north - latitude) * self.scale * self.tall

    def holds(self, longitude: float, latitude: float) -> bool:
        """Whether the place lies within."""
        return self.west <= longitude <= self.east and self.south <= latitude <= self.north


@lru_cache(maxsize=4)
def paths(view: View) -> tuple[tuple[str, str], ...]:
    """(ISO code or "", path of an SVG, in whole units) of every country that the view shows. The first call of a process reads all
    borders, which takes about a second.
    """
    drawn = ((code, "".join(_path(ring, view) for ring in rings)) for code, rings in _countries())
    return tuple((code, path) for code, path in drawn if path)


def _path(ring: Ring, view: View) -> str:
    """One closed line; "" when it lies outside or is too small to see."""
    latitudes, longitudes = [p[0] for p in ring], [p[1] for p in ring]
    (left, bottom), (right, top) = view.place(min(longitudes), min(latitudes)), view.place(max(longitudes), max(latitudes))
    if right <= 0 or left >= view.width or bottom <= 0 or top >= view.height:
        return ""
    if right - left < _LEAST and bottom - top < _LEAST:
        return ""
    kept = [(round(x), round(y)) for x, y in _thinned(ring, view)]
    if len(kept) < 3:
        return ""
    moves = (f"{x - a} {y - b}" for (a, b), (x, y) in pairwise(kept))
    return f"M{kept[0][0]} {kept[0][1]}l{' '.join(moves)}z".replace(" -", "-")


def _thinned(ring: Ring, view: View) -> Iterator[tuple[float, float]]:
    """Neighbouring points in one cell become their mean, so that a border comes out the same from both of its sides."""
    across, down = view.scale / _CELL, view.scale * view.tall / _CELL
    west, north, right, bottom = view.west, view.north, view.width + _EDGE, view.height + _EDGE
    cell: tuple[int, int] | None = None
    sum_x = sum_y = 0.0
    count = 0
    for latitude, longitude in (*ring, (float("inf"), 0.0)):
        x, y = (longitude - west) * across, (north - latitude) * down
        place = (int(x), int(y)) if latitude != float("inf") else (-(10**9), 0)
        if place != cell and count:
            yield min(max(sum_x / count * _CELL, -_EDGE), right), min(max(sum_y / count * _CELL, -_EDGE), bottom)
            sum_x = sum_y = 0.0
            count = 0
        cell, sum_x, sum_y, count = place, sum_x + x, sum_y + y, count + 1


def _countries() -> Iterator[tuple[str, list[Ring]]]:
    """Every country with all its closed lines of (latitude, longitude), holes too; one at a time, so that the whole is never in memory."""
    data = files("geo_intel_offline") / "data"
    facts = json.loads(gzip.decompress((data / "metadata.json.gz").read_bytes()))
    text = gzip.decompress((data / "polygons.json.gz").read_bytes()).decode("ascii")
    decoder, at = json.JSONDecoder(), 1
    while text[at] != "}":
        number, at = decoder.raw_decode(text, at)
        shape, at = decoder.raw_decode(text, at + 1)
        at += text[at] == ","
        fact = facts[number]
        code = fact["iso2"] if len(fact["iso2"]) == 2 else _NAMED.get(fact["name"], "")
        yield code, [*shape.get("exteriors", [shape["exterior"]]), *shape["holes"]]
