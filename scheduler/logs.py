"""Logs on standard error, one line an event: for people, or JSON with the names of its parts; each with the run it belongs to."""

from __future__ import annotations

import contextlib
import json
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Literal

_run: ContextVar[str] = ContextVar("run", default="")
# What a record always has; anything else was given by the caller as ``extra`` and is part of the event.
_OWN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "run", "taskName", "color_message"}
_QUIET = {"apscheduler": logging.WARNING, "uvicorn.access": logging.WARNING, "httpx": logging.WARNING}


class OneLine(logging.Formatter):
    """``2026-11-21T05:00:00Z INFO scheduler.jobs crawl: 3 sources [run=crawl-12]``: a traceback is folded into the line."""

    def format(self, record: logging.LogRecord) -> str:
        """The event in one line."""
        parts = [f"{_instant(record)} {record.levelname} {record.name} {_folded(record.getMessage())}"]
        extras = _extras(record)
        if extras:
            parts.append("[" + " ".join(f"{name}={value}" for name, value in extras.items()) + "]")
        if record.exc_info:
            parts.append(_folded(self.formatException(record.exc_info)))
        return " ".join(parts)


class JsonLine(logging.Formatter):
    """One JSON object an event: ``at``, ``level``, ``logger``, ``event``, ``run`` and whatever the event carries."""

    def format(self, record: logging.LogRecord) -> str:
        """The event as JSON."""
        row: dict[str, object] = {
            "at": _instant(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": record.getMessage(),
            **_extras(record),
        }
        if record.exc_info:
            row["traceback"] = self.formatException(record.exc_info)
        return json.dumps(row, ensure_ascii=False, default=str)


class _Stderr(logging.Handler):
    """Writes to what standard error is at that moment."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write one line; a reader of the log that has gone away is no reason to stop."""
        with contextlib.suppress(OSError, ValueError):
            sys.stderr.write(self.format(record) + "\n")
            sys.stderr.flush()


def set_up(form: Literal["console", "json"] | str, *, level: int = logging.INFO) -> None:
    """Send all logs to standard error in one form. Calling it again replaces the first."""
    handler = _Stderr()
    handler.setFormatter(JsonLine() if form == "json" else OneLine())
    root = logging.getLogger()
    for old in [one for one in root.handlers if isinstance(one, _Stderr)]:
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(level)
    for name, quiet in _QUIET.items():
        logging.getLogger(name).setLevel(quiet)


@contextmanager
def in_run(run: str) -> Iterator[None]:
    """Every event within the block bears this run id."""
    token = _run.set(run)
    try:
        yield
    finally:
        _run.reset(token)


def _extras(record: logging.LogRecord) -> dict[str, object]:
    found: dict[str, object] = {name: value for name, value in vars(record).items() if name not in _OWN}
    run = _run.get()
    return {"run": run, **found} if run else found


def _instant(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def _folded(text: str) -> str:
    """``text`` in one line; line breaks are shown as such."""
    return text.replace("\r", "\\r").replace("\n", "\\n")
