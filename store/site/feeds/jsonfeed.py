"""JSON Feed 1.1."""

from __future__ import annotations

import json
from typing import Any

from store.search import Row
from store.site.feeds.items import Harvest, page_address
from store.site.feeds.safe import harmless, one_line
from store.site.manner import Manner
from store.site.telling import tell_row


def write_jsonfeed(harvest: Harvest, *, address: str, me: str, title: str, m: Manner) -> bytes:
    """The feed document. What is cancelled or withdrawn stays in it as an item that says so; ``_clusterscout`` carries our fields."""
    feed: dict[str, Any] = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": one_line(title),
        "home_page_url": f"{address}/feed",
        "feed_url": me,
        "language": m.language,
        "items": [_item(row, address, m) for row in (*harvest.rows, *harvest.gone)],
        "_clusterscout": {"removed": [{"id": f"{address}/opportunity/{gone.key}", "at": gone.at} for gone in harvest.removed]},
    }
    return json.dumps(feed, ensure_ascii=False).encode("utf-8", "replace")


def _item(row: Row, address: str, m: Manner) -> dict[str, Any]:
    item: dict[str, Any] = {
        "id": page_address(address, row),
        "url": page_address(address, row),
        "title": one_line(row.title) or row.key,
        "content_text": "\n\n".join(harmless(part) for part in (tell_row(row, m), row.summary) if part) or row.key,
        "date_modified": row.changed_at,
        "tags": [row.kind, *row.sectors, *(code for code, _ in row.countries)],
        "_clusterscout": {"status": row.status, "until": row.until or None},
    }
    if row.url.startswith(("http://", "https://")):
        item["external_url"] = harmless(row.url)
    if row.published:
        item["date_published"] = row.published
    if row.organiser:
        item["authors"] = [{"name": one_line(row.organiser)}]
    if row.language:
        item["language"] = row.language
    return item
