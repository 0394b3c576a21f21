"""A brief as one HTML file that needs nothing else: styles inside, chart as SVG, links to the publishers."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

from babel.dates import format_date, format_datetime
from babel.numbers import format_compact_decimal, format_currency, format_decimal
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from store.brief.brief import MOST, Brief
from store.brief.figures import Series
from store.codec import parse_iso
from store.digest.plan import NetChange
from store.digest.wording import Wording
from store.model import KINDS

CHART_WIDTH, CHART_HEIGHT, BAR = 660, 150, 38
SPARK_WIDTH, SPARK_HEIGHT, SPARK_POINTS = 96, 24, 120
KIND_NAMES = {"call": "calls", "tender": "tenders", "fair": "fairs", "event": "events", "news": "news", "study": "studies"}


def render(brief: Brief, *, sector_label: str, address: str = "") -> str:
    """HTML of ``brief``. ``sector_label`` is the sector's name; ``address``, when given, links titles to the members' site."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"), autoescape=True, undefined=StrictUndefined
    )
    environment.filters |= {
        "day": _day, "money": _money, "local": _local, "number": _number, "change": _change, "spark": _spark, "told": _told,
        "country": _country,
    }  # fmt: skip
    return environment.get_template("brief.html.j2").render(
        brief=brief, sector_label=sector_label, address=address.rstrip("/"), bars=_bars(brief), kinds=KIND_NAMES, most=MOST
    )


def _country(code: str) -> str:
    return Wording("en", "UTC").country(code)


def _day(value: str | datetime | None) -> str:
    if not value:
        return ""
    moment = parse_iso(value) if isinstance(value, str) else value
    return format_date(moment.date(), "d MMM y", locale="en")


def _local(value: str | None) -> str:
    """A civil text, "2027-03-05T00:00:00" or "2027-03-05": the day, and the time when it is not midnight."""
    if not value:
        return ""
    moment = datetime.fromisoformat(value)
    return (
        format_date(moment, "d MMM y", locale="en")
        if not (moment.hour or moment.minute)
        else format_datetime(moment, "d MMM y, HH:mm", locale="en")
    )


def _money(row: dict[str, Any]) -> str:
    low, high, currency = row["amount_min"], row["amount_max"], row["currency"] or "EUR"
    if low is None and high is None:
        return ""
    shown = [
        format_currency(value, currency, "#,##0 ¤¤", locale="en", currency_digits=False)
        for value in dict.fromkeys((low, high))
        if value is not None
    ]
    return " to ".join(shown)


def _number(value: float) -> str:
    """A figure that can be read at a glance: ``285.2 billion``, ``1,240``, ``67.02``."""
    if abs(value) >= 1_000_000:
        return format_compact_decimal(value, format_type="long", fraction_digits=1, locale="en")
    return format_decimal(value, format="#,##0" if abs(value) >= 1000 else "#,##0.##", locale="en")


def _change(series: Series) -> str:
    """How the newest figure stands to the one of some years before: ``+12.3 % since 2020``; "" when nothing can be compared."""
    if series.change is None:
        return ""
    return f"{format_decimal(series.change, format='+#,##0.0;−#,##0.0', locale='en')} {'points' if series.share else '%'} since {series.since}"


def _spark(series: Series) -> str:
    """The points of a small line: ``0,24 12.5,3 ...`` for ``polyline``; "" for a single figure."""
    values = [value for _, value in series.points[-SPARK_POINTS:]]
    if len(values) < 2:
        return ""
    low, span = min(values), (max(values) - min(values)) or 1.0
    step = SPARK_WIDTH / (len(values) - 1)
    return " ".join(f"{n * step:.1f},{2 + (SPARK_HEIGHT - 4) * (1 - (value - low) / span):.1f}" for n, value in enumerate(values))


def _told(row: dict[str, Any]) -> str:
    """A change in words, as the digest says it."""
    change = NetChange(type=row["type"], field=row["field"], old=row["old"], new=row["new"], direction=row["direction"])
    return Wording("en", "UTC").change(change)


def _bars(brief: Brief) -> list[dict[str, Any]]:
    """The stacked bars of the chart: one a month, its parts from the bottom up."""
    most = max((sum(kinds.values()) for _, kinds in brief.months), default=1)
    bars = []
    for place, (month, counts) in enumerate(brief.months):
        bottom, parts = CHART_HEIGHT, []
        for kind in KINDS:
            height = round(counts.get(kind, 0) / most * (CHART_HEIGHT - 14))
            if height:
                bottom -= height
                parts.append({"kind": kind, "y": bottom, "height": height})
        bars.append(
            {
                "x": 8 + place * (BAR + 10), "month": month, "total": sum(counts.values()), "parts": parts, "top": bottom,
                "kinds": list(counts),
            }
        )  # fmt: skip
    return bars
