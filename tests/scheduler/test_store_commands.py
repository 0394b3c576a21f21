"""``clusterscout db`` and ``clusterscout opportunity`` on a real data folder."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from scheduler.cli import cli
from store import notices
from store.database import open_store
from tests.store.shapes import NOW, notice

CALL = replace(notice(0, kind="call"), title="A call of the past")


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder with one call that changed its title and money on the second day."""
    monkeypatch.setenv("CLUSTERSCOUT_DATA", str(tmp_path))
    store = open_store(tmp_path / "clusterscout.db")
    notices.apply(store, None, [CALL], now=NOW)
    notices.apply(store, None, [replace(CALL, title="A call of today", amounts=CALL.amounts[:1])], now=NOW + timedelta(days=1))
    store.close()
    return tmp_path


def run(*words: str) -> Result:
    return CliRunner().invoke(cli, list(words))


def key(data: Path) -> str:
    with sqlite3.connect(data / "clusterscout.db") as connection:
        return str(connection.execute("select key from opportunity").fetchone()[0])


def test_show_as_it_was_and_as_it_is(data: Path) -> None:
    then = json.loads(run("opportunity", "show", key(data), "--as-of", "2026-11-21", "--json").stdout)
    assert (then["title"], len(then["amounts"])) == ("A call of the past", 2)
    now = json.loads(run("opportunity", "show", key(data), "--as-of", "2026-11-22T05:00:00Z", "--json").stdout)
    assert (now["title"], len(now["amounts"])) == ("A call of today", 1)
    plain = run("opportunity", "show", key(data), "--as-of", "2026-11-21").stdout
    assert plain.startswith("A call of the past\ncall ")


def test_history_lists_old_and_new(data: Path) -> None:
    rows = [json.loads(line) for line in run("opportunity", "history", key(data), "--json").stdout.splitlines()]
    assert [(r["type"], r["material"]) for r in rows] == [("created", True), ("cosmetic", False), ("budget_changed", True)]
    assert (json.loads(rows[1]["old"]), json.loads(rows[1]["new"])) == ("A call of the past", "A call of today")
    assert "budget_changed amounts: " in run("opportunity", "history", key(data), "--material").stdout


def test_fetched_text_cannot_command_the_terminal(data: Path) -> None:
    store = open_store(data / "clusterscout.db")
    notices.apply(store, None, [replace(CALL, title="Red \x1b[31m and\nnew line", deadlines=())], now=NOW + timedelta(days=2))
    store.close()
    for words in (("show", "--as-of", "2026-11-30"), ("history",)):
        text = run("opportunity", *words, key(data)).stdout
        assert "Red [31m and new line" in text
        assert "\x1b" not in text


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("opportunity", "show", "nokey"), 1, "There is no opportunity 'nokey'"),
        (("opportunity", "show", "KEY", "--as-of", "1999-01-01"), 1, "was not known"),
        (("opportunity", "show", "KEY", "--as-of", "last week"), 2, "write 2026-11-21"),
        (("db", "restore", "DATA"), 1, "no backup"),
    ],
)
def test_what_went_wrong_is_one_sentence(data: Path, words: tuple[str, ...], code: int, says: str) -> None:
    found = run(*(word.replace("KEY", key(data)).replace("DATA", str(data)) for word in words))
    assert found.exit_code == code
    assert says in found.output


def test_without_a_store_the_way_to_one_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLUSTERSCOUT_DATA", str(tmp_path / "new"))
    for words in (("opportunity", "show", "x"), ("db", "rebuild")):
        found = run(*words)
        assert found.exit_code == 1
        assert "clusterscout db migrate" in found.output
    assert "would be made" in run("db", "migrate", "--dry-run").output
    assert not (tmp_path / "new").exists()
    assert "applied m001" in run("db", "migrate").output
    assert "up to date" in run("db", "migrate").output
    assert run("db", "rebuild").output == "0 opportunities indexed\n"


def test_status_counts_rows_and_tells_damage(data: Path) -> None:
    first = json.loads(run("db", "status", "--json").stdout.splitlines()[0])
    assert first["rows"]["notice"] == 1
    assert first["pending"] == []
    assert first["faults"] == []
    assert "not there yet" in run("db", "status").stdout
    (data / "clusterscout.db").write_bytes(b"SQLite format 3\0" + b"\xff" * 9000)
    found = run("db", "status")
    assert found.exit_code == 1
    assert "db restore" in found.output


def test_backup_and_restore(data: Path, tmp_path: Path) -> None:
    (data / "archive").mkdir()
    for n in range(3):
        (data / "archive" / f"{n}.warc.gz").write_bytes(b"page")
    assert "would copy" in run("db", "backup", str(tmp_path / "safe"), "--dry-run").stdout
    made = Path(run("db", "backup", str(tmp_path / "safe")).stdout.splitlines()[-1])
    assert (made / "manifest.json").is_file()
    assert "--replace" in run("db", "restore", str(made)).output
    assert "would restore" in run("db", "restore", str(made), "--replace", "--dry-run").stdout
    told = run("db", "restore", str(made), "--replace").stdout.splitlines()
    assert told == [f"restored {data / 'clusterscout.db'}", f"restored 3 files of the archive in {data / 'archive'}"]
    assert run("db", "rebuild").stdout == "1 opportunities indexed\n"


@pytest.mark.parametrize("words", [("db", name) for name in ("status", "migrate", "backup", "restore", "rebuild")])
def test_help_ends_in_an_example(words: tuple[str, ...]) -> None:
    assert f"Example: clusterscout {' '.join(words)}" in run(*words, "--help").output
