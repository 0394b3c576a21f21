"""The sample web on loopback: nineteen small sites, robots.txt, conditional requests and one page that fails once.

``start(now)`` serves it from a thread; ``SampleWeb.sources`` is a folder of source files that point to it.
"""

from __future__ import annotations

import hashlib
import tempfile
import threading
from collections.abc import Callable
from datetime import date, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from crawlers.sample import apis, feeds, pages
from crawlers.sample.content import CONTENT, Shelf, load_shelf

PLACEHOLDER = "http://sample.invalid"
SOURCES = Path(__file__).parent / "sources"

Answer = tuple[str, bytes]
Query = dict[str, list[str]]

FEEDS: dict[str, Callable[[Shelf, str], Answer]] = {
    "rss": lambda shelf, base: ("application/rss+xml; charset=utf-8", feeds.rss(shelf, base)),
    "atom": lambda shelf, base: ("application/atom+xml; charset=utf-8", feeds.atom(shelf, base)),
    "ical": lambda shelf, base: ("text/calendar; charset=utf-8", feeds.ical(shelf, base)),
    "news": lambda shelf, base: ("application/xml; charset=utf-8", feeds.news_sitemap(shelf, base)),
    "jsonld": lambda shelf, base: ("text/html; charset=utf-8", pages.jsonld(shelf, base)),
    "pdf": lambda shelf, base: ("text/html; charset=utf-8", pages.pdf_list(shelf, base)),
}
SITES: dict[str, str] = {
    "eu_openfunds": "paged", "eu_clusternet": "atom", "fr_agence": "rss", "de_foerderung": "html", "es_convocatorias": "rss",
    "it_bandi": "html", "pt_avisos": "offset", "pl_przetargi": "offset", "nl_aanbestedingen": "atom", "eu_fairs": "ical",
    "de_messen": "jsonld", "fr_rencontres": "ical", "pt_eventos": "jsonld", "en_markets": "news", "es_noticias": "rss",
    "ro_finantari": "rss", "eu_studies": "pdf", "sv_nordic": "paged", "cs_dotace": "rss",
}  # fmt: skip


class SampleWeb:
    """A running sample web. ``day`` 0 shows the first state; ``next_day()`` makes its changes; ``close()`` stops it."""

    def __init__(self, today: date, port: int = 0) -> None:
        self.today = today
        self.day = 0
        self.fail_once = {"/it_bandi?page=2"}
        self.requests: list[tuple[str, int]] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", port), _handler(self))
        self.port = int(self._server.server_address[1])
        self.base = f"http://127.0.0.1:{self.port}"
        self._folder = tempfile.TemporaryDirectory(prefix="clusterscout-sample-")
        self.sources = Path(self._folder.name)
        for path in sorted(SOURCES.glob("*.toml")):
            text = path.read_text(encoding="utf-8").replace(PLACEHOLDER, self.base)
            (self.sources / path.name).write_text(text, encoding="utf-8")
        self._thread = threading.Thread(target=self._server.serve_forever, name="sample-web", daemon=True)
        self._thread.start()

    def next_day(self) -> None:
        """Show the second state: a moved deadline, a cancelled fair, a source gone empty."""
        self.day += 1

    def close(self) -> None:
        """Stop serving and remove the folder of source files."""
        self._server.shutdown()
        self._server.server_close()
        self._folder.cleanup()

    def __enter__(self) -> SampleWeb:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def answer(self, path: str) -> tuple[int, str, bytes]:
        """Status, content type and body of ``path`` (with query) today."""
        if path in self.fail_once:
            self.fail_once.discard(path)
            return 500, "text/plain", b"Try again.\n"
        parts = urlsplit(path)
        if parts.path == "/robots.txt":
            return 200, "text/plain", b"User-agent: *\nDisallow: /private/\n"
        if parts.path == "/":
            return 200, "text/html; charset=utf-8", self._front().encode()
        site, _, rest = parts.path.strip("/").partition("/")
        if site not in SITES:
            return 404, "text/plain", b"No such page.\n"
        shelf = load_shelf(site, today=self.today, day=self.day)
        kind, body = self._item(shelf, rest) if rest else self._index(shelf, parse_qs(parts.query))
        return (200, kind, body) if body else (404, "text/plain", b"No such page.\n")

    def _front(self) -> str:
        rows = "".join(f'<li><a href="/{name}">{name}</a></li>' for name in SITES)
        return f"<!doctype html><title>Sample web</title><h1>Sample web</h1><ul>{rows}</ul>"

    def _index(self, shelf: Shelf, query: Query) -> Answer:
        form = SITES[shelf.source]
        if form == "html":
            return "text/html; charset=utf-8", pages.html_list(shelf, self.base, _number(query, "page", 1))
        if form == "paged":
            return "application/json", apis.paged(shelf, self.base, page=_number(query, "page", 1), size=12)
        if form == "offset":
            return "application/json", apis.by_offset(shelf, self.base, offset=_number(query, "offset", 0), limit=5)
        return FEEDS[form](shelf, self.base)

    def _item(self, shelf: Shelf, rest: str) -> Answer:
        found = next((item for item in shelf.items if rest in (item.id, f"{item.id}.pdf")), None)
        if found is None:
            return "text/plain", b""
        if rest.endswith(".pdf"):
            return "application/pdf", pages.pdf(found)
        return "text/html; charset=utf-8", pages.detail(shelf, found)


def start(now: datetime, port: int = 0) -> SampleWeb:
    """Serve the sample web on 127.0.0.1 (a free port unless given), with dates relative to the day of ``now``."""
    return SampleWeb(now.date(), port)


def item_count(today: date) -> int:
    """How many items the sample web shows on its first day."""
    return sum(len(load_shelf(path.stem, today=today, day=0).items) for path in CONTENT.glob("*.toml"))


def _number(query: Query, name: str, default: int) -> int:
    value = query.get(name, [""])[0]
    return int(value) if value.isdecimal() else default


def _handler(web: SampleWeb) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            """Answer with an ETag made of the body; 304 when the client has it."""
            status, kind, body = web.answer(self.path)
            etag = f'"{hashlib.sha256(body).hexdigest()[:20]}"'
            if status == 200 and self.headers.get("If-None-Match") == etag:
                status, body = 304, b""
            web.requests.append((self.path, status))
            self.send_response(status)
            self.send_header("Content-Type", kind)
            if status in (200, 304):
                self.send_header("ETag", etag)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing: the crawler logs its requests."""

    return Handler
