"""The members' site against its own floor (``/-/versions.json``, asked in turn with each page): p95 of each page over p95 of the floor.

``CLUSTERSCOUT_BENCH_ROWS`` sets the number of opportunities (100,000 by default; 1,000,000 is the full size), and
``CLUSTERSCOUT_BENCH_STORE`` names a folder that keeps the made store for the next time.
"""

from __future__ import annotations

import http.client
import os
import random
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from store import accounts
from store.database import open_private, open_store
from store.site.gate import COOKIE
from tests.bench.big_store import COUNTRIES, NOW, build, facts, key_of, words

ROUNDS = 80
_SERVE = """
import socket, sys
from pathlib import Path
import uvicorn
from scheduler.answering import config_of
from store.site.app import build_app
from tests.bench.big_store import NOW
folder = Path(sys.argv[1])
ds = build_app(db=folder / "clusterscout.db", private_db=folder / "private.db", address="http://127.0.0.1", secret="s" * 32, now=lambda: NOW)
uvicorn.Server(config_of(ds.app())).run(sockets=[socket.socket(fileno=int(sys.argv[2]))])
"""
SECTORS = ("plastics", "agrofood", "health", "ict", "energy", "machinery", "textile", "construction")


def bench() -> Iterator[tuple[str, float, str]]:
    """The rows of the table in issue order; ratios, so smaller is better but for pages a second."""
    size = int(os.environ.get("CLUSTERSCOUT_BENCH_ROWS", "100000"))
    kept = os.environ.get("CLUSTERSCOUT_BENCH_STORE")
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(kept or temporary)
        folder.mkdir(parents=True, exist_ok=True)
        db = folder / "clusterscout.db"
        if not db.exists():
            build(db, size)
        secret = _member(folder)
        with _served(folder) as (port, (process,), begun):
            yield from _measure(port, process, begun, secret, db, facts(db))
        with _served(folder, 2) as (port, running, _):
            yield from _together(port, secret, db, "two processes: ")
            memory = sum(process.memory_info().rss for process in running) / 2**20
            yield "two processes: resident memory of both, MiB", memory, "setting site_processes = 2"


def _measure(
    port: int, process: psutil.Process, begun: float, secret: str, db: Path, what: str
) -> Iterator[tuple[str, float, str]]:
    ask = Asker(port, secret, first="/feed")
    yield "first page after start, seconds", time.perf_counter() - begun, what
    chance = random.Random(3)
    vocabulary = words(chance)

    def sector() -> str:
        return chance.choice(SECTORS)

    def word() -> str:
        return vocabulary.draw()[0]

    def country() -> str:
        return chance.choice(COUNTRIES[:20])

    keys = [key_of(n) for n in range(1, int(what.split()[0].replace(",", "")), 97)]
    pages = {
        "feed page: sector, country, window, by deadline, counts": lambda: (
            f"/feed?sector={sector()}&country={country()}&within=90&sort=deadline"
        ),
        "feed page, nothing chosen": lambda: "/feed",
        "feed page: a sector": lambda: f"/feed?sector={sector()}",
        "feed page: a country, by deadline": lambda: f"/feed?country={country()}&sort=deadline",
        "full text, sector and country, newest first": lambda: f"/feed?q={word()}&sector={sector()}&country={country()}",
        "full text, everything, newest first": lambda: f"/feed?q={word()}&status=any",
        "full text, everything, by relevance": lambda: f"/feed?q={word()}&status=any&sort=relevance",
        "opportunity page": lambda: f"/opportunity/{chance.choice(keys)}",
        "Atom of a filter": lambda: f"/feed.atom?sector={sector()}&country={country()}&within=14",
        "iCalendar of a filter": lambda: f"/feed.ics?sector={sector()}&country={country()}&within=14",
        "JSON of a filter": lambda: f"/feed.json?sector={sector()}&country={country()}&within=90&sort=deadline",
        "market page": lambda: f"/market/{country()}/{sector()}",
    }
    for path in pages.values():
        ask(path())
    for title, path in pages.items():
        floor, times = [], []
        for n in range(ROUNDS):
            if n % 2 == 0:
                floor.append(ask("/-/versions.json"))
            times.append(ask(path()))
        said = f"p50 {_p(times, 50) * 1000:.1f} ms, p95 {_p(times, 95) * 1000:.1f} ms, floor p95 {_p(floor, 95) * 1000:.1f} ms"
        yield title, _p(times, 95) / _p(floor, 95), said
    yield from _together(port, secret, db)
    ask, csv, before = Asker(port, secret), time.perf_counter(), process.memory_info().rss
    ask("/feed.csv?kind=news&status=any")
    told = f"{time.perf_counter() - csv:.1f} s, an eighth of the store"
    yield "memory after a long CSV over memory before", process.memory_info().rss / before, told
    yield "resident memory, MiB", process.memory_info().rss / 2**20, "the serving process at the end"


def _together(port: int, secret: str, db: Path, how: str = "") -> list[tuple[str, float, str]]:
    """Eight clients at once against the floor's own rate; twenty clients while a writer commits."""
    chance = random.Random(4)
    some = [
        f"/feed?sector={chance.choice(SECTORS)}&country={chance.choice(COUNTRIES[:20])}&within=90&sort=deadline" for _ in range(200)
    ]
    floor, _, _ = _rate(port, secret, ["/-/versions.json"], 8, 400)
    rate, _, _ = _rate(port, secret, some, 8, 400)
    quiet, calm, _ = _rate(port, secret, some, 20, 400)
    stop, written, begun = threading.Event(), [0], time.perf_counter()
    writer = threading.Thread(target=_write, args=(db, stop, written))
    writer.start()
    busy, pressed, errors = _rate(port, secret, some, 20, 800)
    stop.set()
    writer.join()
    pace = written[0] / (time.perf_counter() - begun)
    return [
        (how + "pages a second of 8 clients over the floor's", rate / floor, f"{rate:.0f} and {floor:.0f} a second"),
        (
            how + "p95 of 20 clients while 500 opportunities a second are written, over quiet",
            _p(pressed, 95) / _p(calm, 95),
            f"{errors} errors, {busy:.0f} and {quiet:.0f} pages a second, {pace:.0f} written a second",
        ),
    ]


def _rate(port: int, secret: str, paths: list[str], clients: int, total: int) -> tuple[float, list[float], int]:
    times: list[float] = []
    errors = 0

    def client(mine: list[str]) -> None:
        nonlocal errors
        ask = Asker(port, secret)
        for path in mine:
            try:
                times.append(ask(path))
            except (OSError, AssertionError, http.client.HTTPException):
                errors += 1

    wanted = [paths[n % len(paths)] for n in range(total)]
    threads = [threading.Thread(target=client, args=(wanted[n::clients],)) for n in range(clients)]
    begun = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return total / (time.perf_counter() - begun), times, errors


def _write(path: Path, stop: threading.Event, written: list[int]) -> None:
    """Change title and money of 500 opportunities a second, with their full text and index rows, until told to stop."""
    from store import index

    db = open_store(path)
    chance = random.Random(5)
    last = db.conn.execute("select max(id) from opportunity").fetchone()[0]
    while not stop.is_set():
        begun = time.perf_counter()
        ids = [chance.randint(1, last) for _ in range(500)]
        with db.conn:
            db.conn.executemany(
                "update opportunity set amount_max = ?, title = title || '' where id = ?", [(chance.random() * 1e6, n) for n in ids]
            )
            index.refresh(db, ids)
        written[0] += len(ids)
        stop.wait(max(0.0, 1 - (time.perf_counter() - begun)))
    db.close()


class Asker:
    """One client with a connection kept open."""

    def __init__(self, port: int, secret: str, first: str = "/settings") -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.headers = {"cookie": f"{COOKIE}={secret}", "accept": "text/html"}
        self(first)

    def __call__(self, path: str) -> float:
        """Seconds until the whole answer was there."""
        begun = time.perf_counter()
        self.connection.request("GET", path, headers=self.headers)
        answer = self.connection.getresponse()
        while answer.read(65536):
            pass
        assert answer.status == 200, (path, answer.status)
        if given := answer.getheader("set-cookie"):  # of forms; a browser sends it back too
            self.headers["cookie"] += "; " + given.partition(";")[0]
        return time.perf_counter() - begun


def _member(folder: Path) -> str:
    for old in folder.glob("private.db*"):
        old.unlink()
    private = open_private(folder / "private.db")
    number = accounts.add_member(private, "bench@example.org", "operator", "moulds", now=NOW)
    secret = accounts.start_session(private, number, now=NOW)
    accounts.visited(private, number, now=NOW)
    private.close()
    return secret


@contextmanager
def _served(folder: Path, processes: int = 1) -> Iterator[tuple[int, list[psutil.Process], float]]:
    """The port, the processes that answer on it, and the instant at which they were started."""
    with socket.create_server(("127.0.0.1", 0), backlog=100) as listener:
        begun = time.perf_counter()
        command = [sys.executable, "-c", _SERVE, str(folder), str(listener.fileno())]
        running = [subprocess.Popen(command, pass_fds=[listener.fileno()]) for _ in range(processes)]
        try:
            yield listener.getsockname()[1], [psutil.Process(one.pid) for one in running], begun
        finally:
            for one in running:
                one.terminate()
            for one in running:
                one.wait(20)


def _p(times: list[float], share: int) -> float:
    return sorted(times)[min(len(times) - 1, len(times) * share // 100)]
