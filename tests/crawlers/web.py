"""A small web on loopback whose answers each test writes itself, and a crawl of it in a process of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from crawlers.declare import source_from
from crawlers.source import Source
from scheduler.crawling import crawl_source, try_source
from scheduler.settings import Settings

NOW = datetime(2026, 11, 21, 6, 0, tzinfo=UTC)
HEAD = """title = "A test source"
publisher = "Test publisher"
url = "{url}"
format = "{form}"
kind = "{kind}"
country = "FR"
languages = ["en"]
timezone = "Europe/Paris"
"""


@dataclass
class Answer:
    """One answer; ``write`` overrides everything and gets the handler."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    write: Callable[[BaseHTTPRequestHandler], None] | None = None


class Web:
    """``pages[path]`` is an Answer, a list of Answers (one after another, the last for ever), or a function of the handler."""

    def __init__(self) -> None:
        self.pages: dict[str, Any] = {"/robots.txt": Answer(status=404)}
        self.asked: list[tuple[str, str, dict[str, str], bytes]] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        self.base = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def paths(self) -> list[str]:
        """What was asked, without robots.txt."""
        return [path for _, path, _, _ in self.asked if path != "/robots.txt"]


def _handler(web: Web) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            web.asked.append((self.command, self.path, dict(self.headers), self.rfile.read(length)))
            found = web.pages.get(self.path, web.pages.get(self.path.partition("?")[0], Answer(status=404)))
            if isinstance(found, list):
                found = found.pop(0) if len(found) > 1 else found[0]
            if callable(found):
                found = found(self)
            if found.write is not None:
                found.write(self)
                return
            if found.headers.get("ETag") and self.headers.get("If-None-Match") == found.headers["ETag"]:
                self.send_response(304)
                self.send_header("ETag", found.headers["ETag"])
                self.end_headers()
                return
            self.send_response(found.status)
            for name, value in found.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(found.body)))
            self.end_headers()
            self.wfile.write(found.body)

        do_GET = do_POST = _answer

        def log_message(self, *args: Any) -> None:
            pass

    return Handler


def declare(url: str, form: str, text: str = "", kind: str = "news", name: str = "fr_test") -> Source:
    """A source of that format, with further TOML lines."""
    return source_from(HEAD.format(url=url, form=form, kind=kind) + text, Path(f"{name}.toml"))


def settings_of(folder: Path, web: Web, **options: Any) -> Settings:
    """Settings that let the test web be crawled without delay."""
    base = Settings(data=folder, sources=folder / "sources", allow_hosts=f"127.0.0.1:{web.port}", request_delay=0.0, crawl_limit=60)
    return replace(base, **options)


def tried(
    folder: Path, web: Web, source: Source, **options: Any
) -> tuple[dict[str, Any], list[dict[str, Any]], list[dict[str, Any]]]:
    """(line, notices, problems) of a crawl that stores nothing."""
    line, things = try_source(settings_of(folder, web, **options), source, now=NOW)
    return line, [t["notice"] for t in things if "notice" in t], [t["problem"] for t in things if "problem" in t]


def crawled(folder: Path, web: Web, source: Source, *, now: datetime = NOW, **options: Any) -> dict[str, Any]:
    """The line of a crawl into ``folder``'s store."""
    return crawl_source(settings_of(folder, web, **options), source.name, source=source, now=now)


def rss(*items: str, head: str = "") -> bytes:
    """An RSS 2.0 feed of items given as XML."""
    return f'<?xml version="1.0" encoding="utf-8"?>{head}<rss version="2.0"><channel><title>T</title>{"".join(items)}</channel></rss>'.encode()


def item(number: int, title: str = "", extra: str = "") -> str:
    """An RSS item with guid, link, title and date."""
    return (
        f"<item><guid>id-{number}</guid><link>https://example.org/{number}</link><title>{title or f'Item {number}'}</title>"
        f"<pubDate>Thu, 19 Nov 2026 10:00:00 +0100</pubDate>{extra}</item>"
    )
