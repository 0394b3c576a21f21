"""Simulated days of a service in a forked process, to be killed at any moment: each day crawls, tags, builds digests and sends them.

Talks JSON lines: a request in, ``{"pid": n}`` out when the days begin and ``{"ended": bool}`` when their process is gone. The day
that was reached stands in the file ``day``, so that the next process does the day again that was cut off, as a restarted service would.
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from nlp.tagging import tag
from scheduler.jobs import job_named, run_job
from scheduler.work import Turn
from tests.scheduler.digest_world import START
from tests.scheduler.killing import settings_of

# Days between two turns: a week's mail falls due in every second turn.
STEP = 4
JOBS = ("crawl", "tag", "advance", "digests", "deliver")


def day_of(folder: Path) -> int:
    """The day that is being worked on."""
    path = folder / "day"
    return int(path.read_text()) if path.exists() else 0


def live(folder: Path, smtp_url: str, hosts: str, last: int) -> None:
    """Work day after day up to and with ``last``."""
    settings = replace(settings_of(folder, smtp_url), allow_hosts=hosts, request_delay=0.0, crawl_limit=1800, zone="UTC")
    while (day := day_of(folder)) <= last:
        now = START + timedelta(days=STEP * day)
        for name in JOBS:
            run_job(job_named(name), Turn(settings=settings, now=now), clock=lambda now=now: now)  # type: ignore[misc]
        (folder / "next").write_text(str(day + 1))
        (folder / "next").replace(folder / "day")


def serve() -> None:
    tag("A call for firms that mould plastics in Portugal.", "en")  # what is read once is read before the forks
    for line in sys.stdin:
        request = json.loads(line)
        child = os.fork()
        if child == 0:
            os.setsid()
            live(Path(request["folder"]), request["smtp_url"], request["hosts"], request["last"])
            os._exit(0)
        print(json.dumps({"pid": child}), flush=True)
        _, status = os.waitpid(child, 0)
        print(json.dumps({"ended": status == 0, "status": status}), flush=True)


if __name__ == "__main__":
    serve()
