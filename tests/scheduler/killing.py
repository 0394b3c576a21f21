"""A process that forks workers and kills them at a chosen moment: before a database statement, before or after a send to a socket.

The code under test knows nothing of it: ``sqlite3.connect`` and ``socket.sendall`` are wrapped here, in the worker's own process.
Talks JSON lines: a request in, ``{"killed": bool, "statements": n, "sends": n}`` out.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from scheduler.delivery import deliver
from scheduler.digests import build_due
from scheduler.errors import LeaseHeld, MailServerUnusable
from scheduler.settings import Settings
from store.database import open_private, open_store
from tests.conftest import ROOT


@dataclass
class Killer:
    """Counts what happens in this process and ends it at the chosen moment. ``kind``: sql, send (before it), sent (after it), none."""

    kind: str
    at: int
    statements: int = 0
    sends: int = 0

    def watch(self) -> None:
        """Wrap what is counted; for this process, for good."""
        connect, sendall = sqlite3.connect, socket.socket.sendall

        def connect_watched(*args: Any, **options: Any) -> sqlite3.Connection:
            connection: sqlite3.Connection = connect(*args, **options)
            connection.set_trace_callback(self.statement)
            return connection

        def sendall_watched(sock: socket.socket, data: bytes, *flags: int) -> None:
            self.sends += 1
            self.kill_if("send", self.sends)
            sendall(sock, data, *flags)
            self.kill_if("sent", self.sends)

        sqlite3.connect = connect_watched  # type: ignore[assignment]
        socket.socket.sendall = sendall_watched  # type: ignore[method-assign,assignment]

    def statement(self, _: str) -> None:
        """SQLite is about to run a statement."""
        self.statements += 1
        self.kill_if("sql", self.statements)

    def kill_if(self, kind: str, n: int) -> None:
        if self.kind == kind and self.at == n:
            os.kill(os.getpid(), signal.SIGKILL)


class Zygote:
    """The forking process, as its user sees it."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.scheduler.killing"], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def run(self, op: str, settings: Settings, now: datetime, kind: str = "none", at: int = 0) -> dict[str, Any]:
        """Do ``op`` (build, deliver, both, or tag) in a fork that is killed at the moment; what came of it."""
        self.ask(op, settings, now, kind, at)
        return self.answer()

    def ask(self, op: str, settings: Settings, now: datetime, kind: str = "none", at: int = 0) -> None:
        """Begin what ``run`` does; ``answer`` waits for it."""
        assert self.process.stdin is not None
        facts = {"data": str(settings.data), "smtp_url": settings.smtp_url}
        self.process.stdin.write(json.dumps({"op": op, "now": now.isoformat(), "kind": kind, "at": at, **facts}) + "\n")
        self.process.stdin.flush()

    def answer(self) -> dict[str, Any]:
        """What came of what was asked."""
        assert self.process.stdout is not None
        answer: dict[str, Any] = json.loads(self.process.stdout.readline())
        return answer

    def close(self) -> None:
        self.process.communicate()


def settings_of(data: Path, smtp_url: str = "") -> Settings:
    """The settings of a world in a folder, with a mail server or none."""
    return Settings(
        data=data,
        sources=data / "sources",
        address="https://scout.example.org",
        secret="a secret of the tests",
        mail_from="Scout <digest@scout.example.org>",
        mail_per_minute=100_000,
        smtp_url=smtp_url,
    )


def tag_all(path: Path, now: datetime) -> None:
    """The tagging job in small batches, in this process."""
    from scheduler import tagging

    tagging.BATCH = 3
    db = open_store(path)
    tagging.tag_stale(db, now=now)
    db.close()


def work(op: str, settings: Settings, now: datetime) -> None:
    """One job, as the scheduler does it."""
    if op == "tag":
        tag_all(settings.db, now)
        return
    if op != "deliver":
        build_due(settings, now=now)
    if op == "build":
        return
    private = open_private(settings.private_db)
    with suppress(LeaseHeld, MailServerUnusable):
        for _ in deliver(settings, private, now=now):
            pass
    private.conn.close()


def serve() -> None:
    for line in sys.stdin:
        request = json.loads(line)
        if request["op"] == "tag":
            from nlp.tagging import tag

            tag("Once, before the fork: what is read at the first text.", "en")
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(reader)
            killer = Killer(request["kind"], request["at"])
            killer.watch()
            work(
                request["op"],
                replace(settings_of(Path(request["data"])), smtp_url=request["smtp_url"]),
                datetime.fromisoformat(request["now"]),
            )
            os.write(writer, json.dumps({"statements": killer.statements, "sends": killer.sends}).encode())
            os._exit(0)
        os.close(writer)
        with os.fdopen(reader) as pipe:
            told = pipe.read()
        _, status = os.waitpid(child, 0)
        killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
        print(json.dumps({"killed": killed, "ended": told != "", **(json.loads(told) if told else {})}), flush=True)


if __name__ == "__main__":
    serve()
