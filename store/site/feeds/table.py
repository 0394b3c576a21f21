"""CSV, a part at a time, with every cell made safe for spreadsheets."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

from store.search import Row
from store.site.feeds.items import page_address
from store.site.feeds.safe import cell

COLUMNS = (
    "key", "kind", "status", "title", "summary", "deadline_utc", "deadline_local", "deadline_zone", "starts", "ends", "venue", "city",
    "venue_country", "online", "amount_min", "amount_max", "currency", "sectors", "countries", "organiser", "programme", "source",
    "language", "published", "changed", "page", "publisher_page",
)  # fmt: skip


def header() -> str:
    """The first line, with a byte order mark so that spreadsheets read UTF-8."""
    return "\ufeff" + ",".join(COLUMNS) + "\r\n"


def lines(rows: Iterable[Row], *, address: str) -> str:
    """The lines of these rows."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    for row in rows:
        writer.writerow([cell(value) if isinstance(value, str) else value for value in _values(row, address)])
    return buffer.getvalue()


def _values(row: Row, address: str) -> tuple[str | float | int | None, ...]:
    deadline = row.deadline or {}
    countries = " ".join(f"{code}:{'+'.join(roles)}" if roles else code for code, roles in row.countries)
    return (
        row.key, row.kind, row.status, row.title, row.summary, row.until, str(deadline.get("local") or ""), str(deadline.get("zone") or ""),
        row.starts_local, row.ends_local, row.venue, row.city, row.venue_country, int(row.online), row.amount_min, row.amount_max,
        row.currency, " ".join(row.sectors), countries, row.organiser, row.programme, row.source, row.language, row.published,
        row.changed_at, page_address(address, row), row.url,
    )  # fmt: skip
