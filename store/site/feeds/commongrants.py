"""Funding calls in the shape of the CommonGrants protocol (https://commongrants.org): a paginated list of opportunities."""

from __future__ import annotations

from typing import Any
from uuid import NAMESPACE_URL, uuid5

from store.search import Counts, Filter, Page, Row
from store.site.feeds.items import page_address
from store.site.feeds.safe import harmless, one_line

_STATUS = {"open": "open", "closing": "open", "rolling": "open", "forthcoming": "forecasted", "closed": "closed"}

_STATUSES = {
    "live": ("open", "forecasted"),
    "open": ("open",),
    "closing": ("open",),
    "rolling": ("open",),
    "forthcoming": ("forecasted",),
    "closed": ("closed",),
    "cancelled": ("custom",),
    "withdrawn": ("custom",),
}


def write_commongrants(page: Page, counts: Counts, filter: Filter, *, address: str, next_page: str) -> dict[str, Any]:
    """The answer as data. Pages go by cursor: ``next`` beside ``paginationInfo`` is the address of the next one, or None."""
    return {
        "status": 200,
        "message": "Success",
        "items": [_opportunity(row, address) for row in page.rows],
        "paginationInfo": {
            "page": 1,
            "pageSize": filter.size,
            "totalItems": counts.total,
            "totalPages": -(-counts.total // filter.size) if counts.total else 0,
        },
        "sortInfo": (
            {"sortBy": "keyDates.closeDate", "sortOrder": "asc"}
            if filter.sort == "deadline"
            else {"sortBy": "custom", "customSortBy": filter.sort, "sortOrder": "desc"}
        ),
        "filterInfo": {
            "filters": _filters(filter),
            "errors": [f"{name}={harmless(value)} means nothing here and was left out" for name, value in filter.ignored],
        },
        "next": next_page or None,
    }


def _filters(filter: Filter) -> dict[str, Any]:
    """What was asked, in the protocol's words; what it has no word for stands under ``customFilters``."""
    asked: dict[str, list[str]] = {}
    for name, value in filter.pairs():
        asked.setdefault(name, []).append(value)
    asked = {name: values for name, values in asked.items() if name not in ("status", "sort", "size", "after")}
    out: dict[str, Any] = {}
    if filter.status in _STATUSES:
        out["status"] = {"operator": "in", "value": list(_STATUSES[filter.status])}
    if asked:
        out["customFilters"] = {name: {"operator": "in", "value": values} for name, values in asked.items()}
    return out


def _opportunity(row: Row, address: str) -> dict[str, Any]:
    page = page_address(address, row)
    value = _STATUS.get(row.status, "custom")
    status: dict[str, Any] = {"value": value}
    if value == "custom":
        status |= {"customValue": row.status, "description": row.status}
    out: dict[str, Any] = {
        "id": str(uuid5(NAMESPACE_URL, page)),
        "title": one_line(row.title) or row.key,
        "status": status,
        "description": harmless(row.summary),
        "funding": _funding(row),
        "keyDates": _dates(row),
        "source": harmless(row.url) if row.url.startswith(("https://", "http://")) else page,
        "customFields": {
            "clusterscoutPage": {"name": "clusterscoutPage", "fieldType": "string", "value": page},
            "sectors": {"name": "sectors", "fieldType": "array", "value": list(row.sectors)},
            "countries": {"name": "countries", "fieldType": "array", "value": [code for code, _ in row.countries]},
        },
        "createdAt": row.first_seen,
        "lastModifiedAt": row.changed_at,
    }
    return out


def _funding(row: Row) -> dict[str, Any]:
    """The least and the most; nothing where the publisher names no currency, since the shape has no place for a bare number."""

    def money(value: float) -> dict[str, str]:
        return {"amount": f"{value:.2f}", "currency": row.currency}

    out: dict[str, Any] = {}
    if not row.currency:
        return out
    if row.amount_min is not None:
        out["minAwardAmount"] = money(row.amount_min)
    if row.amount_max is not None:
        out["maxAwardAmount"] = money(row.amount_max)
    return out


def _dates(row: Row) -> dict[str, Any]:
    out: dict[str, Any] = {}
    if row.published:
        out["postDate"] = {"name": "Published", "eventType": "singleDate", "date": row.published[:10]}
    if row.deadline and row.deadline.get("local"):
        local = str(row.deadline["local"])
        close: dict[str, Any] = {"name": "Deadline", "eventType": "singleDate", "date": local[:10]}
        if row.deadline.get("precision") == "minute":
            close["time"] = local[11:19]
        out["closeDate"] = close
    return out
