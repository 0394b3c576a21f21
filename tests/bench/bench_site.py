"""The members' site against its own floor (``/-/versions.json``, asked in turn with each page): p95 of each page over p95 of the floor.

``CLUSTERSCOUT_BENCH_ROWS`` sets the number of opportunities (100,000 by default; 1,000,000 is the full size), and
``CLUSTERSCOUT_BENCH_STORE`` names a folder that keeps the made store for the next time.
"""

from __future__ import annotations

import http.client
import os
import random
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
import sys
from pathlib import Path
import uvicorn
from store.site.app import build_app
from tests.bench.big_store import NOW
folder = Path(sys.argv[1])
ds = build_app(db=folder / "clusterscout.db", private_db=folder / "private.db", address="http://127.0.0.1", secret="s" * 32, now=lambda: NOW)
uvicorn.run(ds.app(), host="127.0.0.1", port=int(sys.argv[2]), log_level="warning", access_log=False)
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
        with _served(folder) as (port, process, started):
            yield from _measure(port, process, started, secret, db, facts(db))


def _measure(
    port: int, process: psutil.Process, started: float, secret: str, db: Path, what: str
) -> Iterator[tuple[str, float, str]]:
    ask = Asker(port, secret)
    chance = random.Random(3)
    vocabulary = words(chance)
    first = ask("/feed")

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
    yield "first page after start, seconds", started + first, what
    for title, path in pages.items():
        floor, times = [], []
        for n in range(ROUNDS):
            if n % 2 == 0:
                floor.append(ask("/-/versions.json"))
            times.append(ask(path()))
        said = f"p50 {_p(times, 50) * 1000:.1f} ms, p95 {_p(times, 95) * 1000:.1f} ms, floor p95 {_p(floor, 95) * 1000:.1f} ms"
        yield title, _p(times, 95) / _p(floor, 95), said
    yield from _together(port, secret, db)
    ask, begun, before = Asker(port, secret), time.perf_counter(), process.memory_info().rss
    ask("/feed.csv?kind=news&status=any")
    told = f"{time.perf_counter() - begun:.1f} s, an eighth of the store"
    yield "memory after a long CSV over memory before", process.memory_info().rss / before, told
    yield "resident memory, MiB", process.memory_info().rss / 2**20, "the serving process at the end"


def _together(port: int, secret: str, db: Path) -> list[tuple[str, float, str]]:
    """Eight clients at once against the floor's own rate; twenty clients while a writer commits."""
    chance = random.Random(4)
    some = [
        f"/feed?sector={chance.choice(SECTORS)}&country={chance.choice(COUNTRIES[:20])}&within=90&sort=deadline" for _ in range(200)
    ]
    floor, _, _ = _rate(port, secret, ["/-/versions.json"], 8, 400)
    rate, _, _ = _rate(port, secret, some, 8, 400)
    quiet, calm, _ = _rate(port, secret, some, 20, 400)
    stop = threading.Event()
    writer = threading.Thread(target=_write, args=(db, stop))
    writer.start()
    busy, pressed, errors = _rate(port, secret, some, 20, 400)
    stop.set()
    writer.join()
    return [
        ("pages a second of 8 clients over the floor's", rate / floor, f"{rate:.0f} and {floor:.0f} a second"),
        (
            "p95 of 20 clients while 500 rows a second are written over quiet",
            _p(pressed, 95) / _p(calm, 95),
            f"{errors} errors, {busy:.0f} and {quiet:.0f} pages a second",
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


def _write(path: Path, stop: threading.Event) -> None:
    """Change the deadlines of 500 opportunities a second, with their index rows, until told to stop."""
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
        stop.wait(max(0.0, 1 - (time.perf_counter() - begun)))
    db.close()


class Asker:
    """One client with a connection kept open."""

    def __init__(self, port: int, secret: str) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.headers = {"cookie": f"{COOKIE}={secret}", "accept": "text/html"}
        self("/settings")

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
def _served(folder: Path) -> Iterator[tuple[int, psutil.Process, float]]:
    port = 18_000 + random.Random().randrange(1000)
    begun = time.perf_counter()
    process = subprocess.Popen([sys.executable, "-c", _SERVE, str(folder), str(port)])
    try:
        while True:
            try:
                http.client.HTTPConnection("127.0.0.1", port, timeout=5).connect()
                break
            except OSError:
                if process.poll() is not None:
                    raise RuntimeError("The server did not start.") from None
                time.sleep(0.02)
        yield port, psutil.Process(process.pid), time.perf_counter() - begun
    finally:
        process.terminate()
        process.wait(20)


def _p(times: list[float], share: int) -> float:
    return sorted(times)[min(len(times) - 1, len(times) * share // 100)]
