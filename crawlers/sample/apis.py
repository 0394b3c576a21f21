"""Sample sources that answer JSON: by page number, by offset, and a national one with offsets in its times."""

from __future__ import annotations

import json
from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from crawlers.sample.content import Item, Shelf


def paged(shelf: Shelf, base: str, *, page: int, size: int) -> bytes:
    """``{"total", "page", "results": [...]}``, pages counted from 1."""
    chosen = shelf.items[(page - 1) * size : page * size]
    return _dump({"total": len(shelf.items), "page": page, "results": [_call(item, shelf, base) for item in chosen]})


def by_offset(shelf: Shelf, base: str, *, offset: int, limit: int) -> bytes:
    """``{"count", "items": [...]}`` from ``offset`` on."""
    chosen = shelf.items[offset : offset + limit]
    return _dump({"count": len(shelf.items), "items": [_call(item, shelf, base) for item in chosen]})


def _call(item: Item, shelf: Shelf, base: str) -> dict[str, Any]:
    deadlines = [_instant(item, day) for day in (item.due, item.due2) if day is not None]
    return {
        "identifier": item.id,
        "title": item.title,
        "description": f"<p>{item.text}</p>",
        "status": "cancelled" if item.cancelled else "open",
        "publicationDate": item.published.isoformat(),
        "openingDate": item.opens.isoformat() if item.opens else None,
        "deadlines": deadlines,
        "deadlineText": item.deadline_phrase(),
        "budget": f"{item.budget} EUR" if item.budget else "",
        "topic": item.topic or (item.id if item.id.startswith("OPF-") else ""),
        "cpv": item.cpv,
        "buyer": item.buyer,
        "nuts": item.nuts,
        "url": f"{base}/{shelf.source}/{item.id}",
        "language": item.language,
    }


def _instant(item: Item, day: Any) -> str:
    if not item.at:
        return str(day.isoformat())
    return datetime.combine(day, time.fromisoformat(item.at), ZoneInfo(item.zone)).isoformat()


def _dump(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1).encode()
