"""One line an event, with its run, in both forms."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator

import pytest

from scheduler.logs import in_run, set_up


@pytest.fixture
def log() -> Iterator[logging.Logger]:
    level, handlers = logging.getLogger().level, list(logging.getLogger().handlers)
    yield logging.getLogger("scheduler.test")
    logging.getLogger().setLevel(level)
    for handler in logging.getLogger().handlers:
        if handler not in handlers:
            logging.getLogger().removeHandler(handler)


def failing(log: logging.Logger) -> None:
    try:
        raise ValueError("two\nlines")
    except ValueError:
        log.exception("it failed:\r\nforged line")


def test_json_lines_carry_run_and_parts(log: logging.Logger, capsys: pytest.CaptureFixture[str]) -> None:
    set_up("json")
    set_up("json")
    with in_run("crawl-7"):
        log.info("crawled %s", "eu_grants", extra={"notices": 3})
        failing(log)
    log.info("after")
    first, second, third = map(json.loads, capsys.readouterr().err.splitlines())
    assert (first["event"], first["run"], first["notices"], first["level"]) == ("crawled eu_grants", "crawl-7", 3, "info")
    assert first["at"].endswith("Z")
    assert "ValueError" in second["traceback"]
    assert "run" not in third


def test_console_lines_are_one_line_each_whatever_they_hold(log: logging.Logger, capsys: pytest.CaptureFixture[str]) -> None:
    set_up("console")
    with in_run("tag-1"):
        failing(log)
        log.warning("slow", extra={"seconds": 2.5})
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 2
    assert "it failed:\\r\\nforged line [run=tag-1]" in lines[0]
    assert lines[1].endswith("WARNING scheduler.test slow [run=tag-1 seconds=2.5]")
