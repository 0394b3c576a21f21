"""Statistical series out of what sources keep in ``raw["figures"]``, told for one country and one sector. Pure.

Three shapes: a list of ``{dimension: code, ..., "value": n}`` with labels by dimension (JSON-stat), ``{period: n}`` (indicators), and
``{period: {"M": imports, "X": exports}}`` (trade in goods, US dollars).
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from store.changes.meaning import country as country_named
from store.folding import folded

MOST_SERIES = 4  # of one notice
YEARS = 5
FLOWS = {"M": "imports", "X": "exports"}
_PERIOD = re.compile(r"(\d{4})(?:-?([QMS])?-?(\d{1,2}))?")
_SHARE = re.compile(r"%|per ?cent|\brates?\b", re.IGNORECASE)
# Codes of places that offices write otherwise than ISO 3166 does.
_OTHERWISE = {"EL": "GR", "UK": "GB"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Series:
    """One line of figures. ``points`` are (period as published, value) in order of time, at least one. ``change`` compares the newest
    with ``since``, the same part of the year five years before (or of the oldest year when the series is shorter): in per cent, or in
    points when the figures are shares already (``share``); None when there is nothing to compare with.
    """

    title: str
    url: str
    publisher: str
    unit: str
    points: tuple[tuple[str, float], ...]
    share: bool
    change: float | None
    since: str

    @property
    def period(self) -> str:
        """The newest period."""
        return self.points[-1][0]

    @property
    def value(self) -> float:
        """The newest value."""
        return self.points[-1][1]


def series_of(row: Mapping[str, Any], *, country: str, sector: str) -> list[Series]:
    """The series of a row of ``figures.sql`` that tell about ``country`` (ISO alpha-2) and concern ``sector`` or every sector.

    Figures that cannot be read give no series: they stand in the archive, and their source's health tells of them.
    """
    codes = _codes_of(json.loads(row["sectors"]), sector)
    if codes is None:
        return []
    found = json.loads(row["figures"])
    if isinstance(found, list):
        labels: dict[str, dict[str, str]] = json.loads(row["labels"])
        places = _places(json.loads(row["codes"]), country)
        parts = list(_rows(found, labels, places, country, codes))
    else:
        parts = list(_periods(found, str(row["unit"])))
    out = []
    for name, unit, given in parts[:MOST_SERIES]:
        points = tuple(sorted(given.items(), key=lambda point: _when(point[0])))
        if points:
            title = ": ".join(filter(None, (str(row["title"]), name)))
            out.append(_told(title, unit, points, url=str(row["url"]), publisher=str(row["publisher"])))
    return out


def _told(title: str, unit: str, points: tuple[tuple[str, float], ...], *, url: str, publisher: str) -> Series:
    share = bool(_SHARE.search(f"{title} {unit}"))
    newest, value = points[-1]
    year, part = _when(newest)
    same = [(period, old) for period, old in points[:-1] if _when(period)[1] == part and _when(period)[0] >= year - YEARS]
    since, change = "", None
    if same:
        since, old = same[0]
        change = value - old if share else (value / old - 1) * 100 if old > 0 else None
    return Series(
        title=title,
        url=url,
        publisher=publisher,
        unit=unit,
        points=points,
        share=share,
        change=change,
        since=since if change is not None else "",
    )


def _when(period: str) -> tuple[int, int]:
    found = _PERIOD.fullmatch(period)
    return (int(found[1]), int(found[3] or 0)) if found else (0, 0)


def _codes_of(sectors: Iterable[Mapping[str, Any]], wanted: str) -> frozenset[str] | None:
    """The classification codes that prove ``wanted``; empty when the whole notice concerns it or no sector at all; None when it only
    concerns others.
    """
    held = {found["sector"]: found["evidence"] for found in sectors}
    if held and wanted not in held:
        return None
    return frozenset(
        evidence["quote"]
        for evidence in held.get(wanted, ())
        if str(evidence.get("rule", "")).partition(":")[0] in ("nace", "hs", "cpv")
    )


def _places(codes: Iterable[Mapping[str, Any]], country: str) -> frozenset[str]:
    """The labels under which the notice's own codes name the country, folded."""
    return frozenset(
        folded(code["label"]) for code in codes if code["scheme"] == "country" and code["value"] == country and code.get("label")
    )


def _periods(found: Mapping[str, Any], unit: str) -> Iterator[tuple[str, str, dict[str, float]]]:
    flows = sorted({flow for value in found.values() if isinstance(value, dict) for flow in value})
    plain = {period: float(value) for period, value in found.items() if _when(period)[0] and not isinstance(value, dict)}
    if plain:
        yield "", unit, plain
    for flow in flows:
        given = {
            period: float(value[flow])
            for period, value in found.items()
            if _when(period)[0] and isinstance(value, dict) and flow in value
        }
        yield FLOWS.get(flow, flow), unit or "USD", given


def _rows(
    rows: Sequence[Mapping[str, Any]],
    labels: Mapping[str, Mapping[str, str]],
    places: frozenset[str],
    country: str,
    codes: frozenset[str],
) -> Iterator[tuple[str, str, dict[str, float]]]:
    values: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        for name, code in row.items():
            if name != "value" and code not in values[name]:
                values[name].append(code)
    times = [name for name, given in values.items() if all(_when(code)[0] for code in given)]
    if not times:
        return
    time = max(times, key=lambda name: len(values[name]))

    def is_here(name: str, code: str) -> bool:
        label = folded(labels.get(name, {}).get(code, ""))
        named = country_named(label) or country_named(folded(code))
        return _OTHERWISE.get(code, code) == country or label in places or named == country.casefold()

    here = {name: {code for code in given if is_here(name, code)} for name, given in values.items() if name != time}
    geo = next((name for name in here if here[name]), "")
    classed = next((name for name, given in values.items() if codes & set(given)), "")
    if not geo and len(places) == 0:
        return
    free = [name for name, given in values.items() if name not in (time, geo) and len(given) > 1]
    unit = next((labels.get(name, {}).get(given[0], given[0]) for name, given in values.items() if name.casefold() == "unit"), "")
    found: dict[tuple[str, ...], dict[str, float]] = defaultdict(dict)
    for row in rows:
        if (geo and row[geo] not in here[geo]) or (classed and row[classed] not in codes):
            continue
        key = tuple(labels.get(name, {}).get(row[name], row[name]) for name in free)
        found[key][row[time]] = float(row["value"])
    for key, given in found.items():
        yield ", ".join(key), unit if "unit" not in map(str.casefold, free) else "", given
