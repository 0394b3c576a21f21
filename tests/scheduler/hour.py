"""``python -m tests.scheduler.hour [--minutes 60] [--speed 600]``: the sample service with compressed time, watched from outside.

Prints a line a minute (memory of the service and of its children, open files, WAL, job runs, mails), at the end what ``clusterscout
doctor`` says of the data folder, and how many seconds SIGTERM took.
"""

from __future__ import annotations

import argparse
import os
import re
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil

from tests.conftest import ROOT

COLUMNS = "minute  simulated            MiB  children-MiB  files  wal-KiB  job-runs  failed  mails  waiting"


def lines(service: psutil.Process, data: Path, minutes: float) -> Iterator[str]:
    """A line at once and each minute until the time is over."""
    for minute in range(int(minutes) + 1):
        if minute:
            time.sleep(60)
        private = sqlite3.connect(f"file:{data / 'private.db'}?mode=ro", uri=True)
        runs, at, failed = private.execute("select count(*), max(started), sum(outcome = 'failed') from job_run").fetchone()
        (mails,) = private.execute("select count(*) from delivery where outcome = 'sent'").fetchone()
        (waiting,) = private.execute("select count(*) from outbox where state != 'sent'").fetchone()
        private.close()
        wal = sum(path.stat().st_size for path in data.glob("*.db-wal")) / 1024
        mine, others = service.memory_info().rss / 2**20, 0.0
        for child in service.children(recursive=True):
            with_child = child.memory_info().rss / 2**20 if child.is_running() else 0.0
            others += with_child
        yield (
            f"{minute:6} {at or '':>21} {mine:6.0f} {others:13.0f} {service.num_fds():6} {wal:8.0f} {runs:9} {failed or 0:7} {mails:6} {waiting:8}"
        )


def main() -> None:
    """Start the service, watch it, ask the doctor, stop it."""
    options = argparse.ArgumentParser()
    options.add_argument("--minutes", type=float, default=60)
    options.add_argument("--speed", type=float, default=600)
    given = options.parse_args()
    command = [sys.executable, "-m", "scheduler.cli", "serve", "--sample", "--speed", str(given.speed), "--port", "0"]
    with tempfile.TemporaryFile("w+") as log:
        process = subprocess.Popen(
            command, cwd=ROOT, stdout=subprocess.PIPE, stderr=log, text=True, env={**os.environ, "PYTHONUNBUFFERED": "1"}
        )
        data = sources = Path()
        assert process.stdout is not None
        for line in process.stdout:
            if found := re.match(r"Sample data in (\S+) and its sources in (\S+) ", line):
                data, sources = map(Path, found.groups())
            if line.startswith("Stop with"):
                break
        time.sleep(20)  # the site has started
        print(COLUMNS, flush=True)
        for line in lines(psutil.Process(process.pid), data, given.minutes):
            print(line, flush=True)
        print("\nclusterscout doctor:", flush=True)
        done = subprocess.run(
            [sys.executable, "-m", "scheduler.cli", "doctor"],
            cwd=ROOT, capture_output=True, text=True, check=False,
            env={**os.environ, "CLUSTERSCOUT_DATA": str(data), "CLUSTERSCOUT_SOURCES": str(sources)},
        )  # fmt: skip
        print(done.stdout + done.stderr, f"exit code {done.returncode}\n", flush=True)
        begun = time.monotonic()
        process.send_signal(signal.SIGTERM)
        process.wait()
        print(f"stopped in {time.monotonic() - begun:.1f} s after SIGTERM, exit code {process.returncode}")
        log.seek(0)
        told = [line for line in log if " WARNING " in line or " ERROR " in line]
        kinds: dict[str, int] = {}
        for line in told:
            kind = re.sub(r"\d+", "n", line.split(" ", 2)[2].strip())[:150]
            kinds[kind] = kinds.get(kind, 0) + 1
        print("warnings and errors in the log:")
        for kind, number in sorted(kinds.items(), key=lambda item: -item[1])[:20]:
            print(f"  {number:6} {kind}")


if __name__ == "__main__":
    main()
