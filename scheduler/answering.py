"""The processes that answer for the site: the service's own, and further ones on the same socket when ``site_processes`` asks for them.

A further one is ``python -m scheduler.answering FD`` with the settings on its standard input, which stays open: at its end, which is
also the end of the service however that came about, the process ends too.
"""

from __future__ import annotations

import contextlib
import gc
import json
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import uvicorn

from scheduler.settings import Settings, secret_of
from store.clock import utc_now

log = logging.getLogger(__name__)
AGAIN_SECONDS = 2.0
END_SECONDS = 4.0


def site_app(settings: Settings) -> Any:
    """The ASGI application of the site. Raises StoreError when a file cannot be opened."""
    from scheduler.delivery import send_sign_in_link
    from scheduler.jobs import next_runs
    from store.metrics import metrics
    from store.site.app import build_app

    return build_app(
        db=settings.db,
        private_db=settings.private_db,
        address=settings.address,
        secret=secret_of(settings),
        operator_sql=settings.operator_sql,
        four_eyes=settings.four_eyes,
        send_link=lambda email, link: send_sign_in_link(settings, email, link, now=utc_now()),
        metrics=lambda: metrics(settings.db, settings.private_db, now=utc_now()),
        next_runs=lambda: next_runs(settings.zone, now=utc_now()),
    ).app()


def config_of(app: Any, *, host: str = "127.0.0.1", port: int = 0) -> uvicorn.Config:
    """How every process of the site answers, to be asked when all that lives as long as the process has been made.

    Python's cyclic collector leaves that alone from here on, and passes no more than once for many pages: what a page makes is gone
    when it has been sent, so that walking over it meanwhile finds nothing.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
    return uvicorn.Config(
        app,
        host=host,
        port=port,
        log_config=None,
        lifespan="on",
        timeout_graceful_shutdown=3,
        server_header=False,
        access_log=False,  # a private feed address carries its token in the path; our own log tells jobs
        proxy_headers=True,
    )


@contextmanager
def beside(settings: Settings, listener: socket.socket, *, stop: threading.Event) -> Iterator[None]:
    """Keep ``site_processes - 1`` further processes answering on ``listener`` during the block; one that ends is started again."""
    threads = [
        threading.Thread(target=_keep_one, args=(settings, listener, stop), name=f"site-{n}", daemon=True)
        for n in range(2, settings.site_processes + 1)
    ]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join(END_SECONDS + 1)


def _keep_one(settings: Settings, listener: socket.socket, stop: threading.Event) -> None:
    given = json.dumps(asdict(settings), default=str).encode() + b"\n"
    while not stop.is_set():
        command = [sys.executable, "-m", "scheduler.answering", str(listener.fileno())]
        with subprocess.Popen(command, stdin=subprocess.PIPE, pass_fds=(listener.fileno(),)) as process:
            assert process.stdin is not None
            with contextlib.suppress(BrokenPipeError):
                process.stdin.write(given)
                process.stdin.flush()
            while process.poll() is None and not stop.wait(0.5):
                pass
            if not stop.is_set():
                log.error("a process of the site ended with code %s: starting another one", process.returncode)
                stop.wait(AGAIN_SECONDS)
                continue
            process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(END_SECONDS)
            process.kill()


def main() -> None:
    """Answer on the inherited socket until standard input ends or SIGTERM comes."""
    from scheduler.logs import set_up

    given = json.loads(sys.stdin.readline())
    settings = Settings(**{name: Path(value) if name in ("data", "sources") else value for name, value in given.items()})  # type: ignore[arg-type]
    set_up(settings.log)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches us too; the service tells us when to end
    server = uvicorn.Server(config_of(site_app(settings)))
    threading.Thread(target=_end_with_service, name="lifeline", daemon=True).start()
    server.run(sockets=[socket.socket(fileno=int(sys.argv[1]))])


def _end_with_service() -> None:
    """Standard input ends when the service is gone: so do we, at once, since the next one wants the port."""
    sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    main()
