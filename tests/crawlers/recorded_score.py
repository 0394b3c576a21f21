"""How far what is read from recorded files agrees with the records beside them, a rate a kind and field: ``python -m tests.crawlers.recorded_score``.

Feeds are compared with another reader's result, articles with the publisher's parsed text, calendars and event pages with their labels.
"""

from __future__ import annotations

import gzip
import json
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

from crawlers.clean import clean_line
from crawlers.formats.detail import ROLE
from crawlers.source import Source
from store.model import Notice, Page
from tests.conftest import RECORDED
from tests.crawlers.pages_support import read

FETCHED = datetime(2026, 9, 20, 6, tzinfo=UTC)
PLAIN = Source(
    name="int_x", title="x", publisher="x", url="https://example.org/feed", format="feed", kind="news", country="INT",
    languages=("en",), timezone="UTC",
)  # fmt: skip
Outcome = tuple[str, bool | float | None]  # field, agreement (None: the record says nothing)


def _page(body: bytes, url: str = "https://example.org/feed", *, detail: bool = False) -> Page:
    return Page(url=url, body=body, fetched_at=FETCHED, headers=MappingProxyType({ROLE: "detail"} if detail else {}))


def feeds(recorded: Path) -> Iterator[Outcome]:
    """Entries of feeds against the records of another reader; identities that it made up itself are left out."""
    for file in sorted((recorded / "feeds/feed-rs").glob("*.serde.json")):
        path = next((p for p in file.parent.glob(file.name.removesuffix(".serde.json") + ".*") if p != file), None)
        if path is None:
            continue
        wanted = json.loads(file.read_text(encoding="utf-8"))["entries"]
        notices, _, _ = read(PLAIN, _page(path.read_bytes()))
        yield "count", len(notices) == len(wanted)
        for notice, entry in zip(notices, wanted, strict=False):
            title = clean_line((entry["title"] or {}).get("content", "") or "")
            yield "title", notice.title == title if title else None
            links = [link["href"] for link in entry["links"] if link["rel"] in (None, "alternate")]
            yield "url", notice.url.rstrip("/") in {link.rstrip("/") for link in links} if links and "://" in links[0] else None
            yield "published", _same(notice.published, entry["published"])
            made_up = re.fullmatch(r"[0-9a-f]{32}|[0-9a-f-]{36}", entry["id"]) and entry["id"].encode() not in path.read_bytes()
            yield "id", None if made_up else notice.source_id == entry["id"]
            names = [author["name"] for author in entry["authors"] if author["name"] != "author"]
            yield "author", notice.organiser in names if names else None


def _same(found: datetime | None, written: str | None) -> bool | None:
    if not written:
        return None
    wanted = datetime.fromisoformat(written)
    wanted = wanted if wanted.tzinfo else wanted.replace(tzinfo=UTC)
    return found is not None and abs((found - wanted).total_seconds()) <= 60


def articles(recorded: Path) -> Iterator[Outcome]:
    """News pages against their publishers' parsed text: token F1 of the body, title, publication to the minute and to the day."""
    source = replace(PLAIN, format="sitemap")
    for gold in sorted((recorded / "article-gold/fundus").rglob("*.json")):
        versions = [
            one for one in json.loads(gold.read_text(encoding="utf-8")).values() if isinstance(one, dict) and "title" in one
        ]
        for file in sorted(gold.parent.glob(f"{gold.stem}_*.html.gz")):
            notices, _, _ = read(source, _page(gzip.decompress(file.read_bytes()), "https://example.org/a", detail=True))
            notice = notices[0] if notices else None
            text = notice.text if notice else ""
            wanted = max(versions, key=lambda one: token_f1(text, _body(one)))
            yield "found", notice is not None
            yield "body F1", token_f1(text, _body(wanted)) if _body(wanted) else None
            yield "title", notice is not None and notice.title == clean_line(wanted["title"] or "")
            found = notice.published if notice else None
            yield "published", _same(found, wanted.get("publishing_date"))
            yield "published day", _same_day(found, wanted.get("publishing_date"))


def _same_day(found: datetime | None, written: str | None) -> bool | None:
    return None if not written else found is not None and abs((found.date() - datetime.fromisoformat(written).date()).days) <= 1


def _body(article: dict[str, Any]) -> str:
    body = article.get("body") or {}
    parts = list(body.get("summary") or ())
    for section in body.get("sections") or ():
        parts += [*(section.get("headline") or ()), *(section.get("paragraphs") or ())]
    return "\n".join(parts)


def token_f1(found: str, wanted: str) -> float:
    """F1 of two texts as bags of words; 0 when they share none."""
    a, b = (Counter(re.findall(r"\w+", text.lower())) for text in (found, wanted))
    return 2 * (a & b).total() / ((a.total() + b.total()) or 1)


KINDS: dict[str, Callable[[Path], Iterator[Outcome]]] = {"feeds": feeds, "articles": articles}


def rates(kind: str, recorded: Path) -> dict[str, tuple[float, int]]:
    """Mean agreement and number of comparisons a field."""
    found: dict[str, list[float]] = defaultdict(list)
    for field, agreement in KINDS[kind](recorded):
        if agreement is not None:
            found[field].append(float(agreement))
    return {field: (sum(values) / len(values), len(values)) for field, values in found.items()}


def main() -> None:
    """Print the rates of the kinds that are named, or of all."""
    print("| kind | field | agrees | of |")
    print("|---|---|---|---|")
    for kind in sys.argv[1:] or KINDS:
        for field, (rate, count) in rates(kind, RECORDED).items():
            print(f"| {kind} | {field} | {rate:.3f} | {count} |")


def found_notices(source: Source, body: bytes, url: str) -> list[Notice]:
    """The notices of one recorded file."""
    return read(source, _page(body, url))[0]


if __name__ == "__main__":
    if not RECORDED.is_dir():
        sys.exit("../shared/recorded is not here")
    main()
