"""``crawl``, ``parse`` and ``sources`` from the command line: their lines, exits and sentences are a contract."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from scheduler.cli import cli
from tests.crawlers.test_archive import exchange, written
from tests.crawlers.web import HEAD, item, rss

KEYS = ["source", "verdict", "requests", "not_modified", "notices", "new", "changed", "unchanged", "problems", "seconds"]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder with two declared feeds and an archive that holds the first."""
    (tmp_path / "sources").mkdir()
    for name in ("fr_one", "fr_two"):
        (tmp_path / "sources" / f"{name}.toml").write_text(
            HEAD.format(url=f"https://{name}.example.org/feed", form="feed", kind="news")
        )
    written(tmp_path / "a.warc.gz", exchange("https://fr_one.example.org/feed", rss(item(1), item(2))))
    monkeypatch.setenv("CLUSTERSCOUT_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("CLUSTERSCOUT_SOURCES", str(tmp_path / "sources"))
    return tmp_path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli, list(arguments))


def test_a_replay_without_a_name_takes_what_the_archive_holds(folder: Path) -> None:
    result = run("crawl", "--replay", str(folder / "a.warc.gz"))
    assert result.exit_code == 0, result.output
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert [list(line)[: len(KEYS)] for line in lines] == [KEYS]
    assert (lines[0]["source"], lines[0]["verdict"], lines[0]["new"], lines[0]["lacking"]) == ("fr_one", "healthy", 2, 0)
    assert "fr_one" in result.stderr
    again = json.loads(run("crawl", "--replay", str(folder / "a.warc.gz")).stdout)
    assert (again["new"], again["unchanged"]) == (0, 2)


def test_a_broken_source_exits_1_and_stops_no_other(folder: Path) -> None:
    (folder / "sources" / "fr_three.toml").write_text("title = 1")
    result = run("crawl", "fr_one", "fr_two", "fr_three", "--replay", str(folder / "a.warc.gz"))
    verdicts = {line["source"]: line["verdict"] for line in map(json.loads, result.stdout.splitlines())}
    assert (result.exit_code, verdicts) == (1, {"fr_one": "healthy", "fr_two": "broken", "fr_three": "broken"})


def test_a_dry_run_stores_nothing(folder: Path) -> None:
    result = run("crawl", "--dry-run", "--replay", str(folder / "a.warc.gz"))
    assert json.loads(result.stdout)["notices"] == 2
    assert not (folder / "data" / "clusterscout.db").exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("crawl", "fr_on"), "Did you mean 'fr_one'?"),
        (("crawl", "--replay", "nowhere.warc.gz"), "There is no file nowhere.warc.gz to replay"),
        (("sources", "try", "https://unknown.example.org/"), "sources new"),
    ],
)
def test_errors_say_what_to_do(folder: Path, arguments: tuple[str, ...], words: str) -> None:
    result = run(*arguments)
    assert (result.exit_code, words in result.output) == (1, True), result.output


def test_a_file_that_is_no_archive(folder: Path) -> None:
    (folder / "b.warc.gz").write_bytes(b"no archive")
    result = run("crawl", "--replay", str(folder / "b.warc.gz"))
    assert result.exit_code == 1
    assert "not a WARC file" in result.output


def test_parse_prints_lines_and_refuses_as_a_whole(folder: Path) -> None:
    (folder / "page.xml").write_bytes(rss(item(1), "<item><title>Nothing else</title></item>"))
    result = run("parse", "fr_one", str(folder / "page.xml"), "--fetched-at", "2026-11-21T06:00:00Z")
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert (result.exit_code, lines[0]["title"], lines[1]["problem"]["cause"]) == (0, "Item 1", "missing-id")
    (folder / "page.html").write_text("<html><body>Gone</body></html>")
    refused = run("parse", str(folder / "sources" / "fr_one.toml"), str(folder / "page.html"))
    assert (refused.exit_code, json.loads(refused.stdout)["problem"]["cause"]) == (1, "not-a-feed")


def test_the_list_says_what_is_verified(folder: Path) -> None:
    declared = folder / "sources" / "fr_two.toml"
    declared.write_text(declared.read_text() + 'verified = true\nverified_how = "recorded answer"\n')
    lines = [json.loads(line) for line in run("sources", "list", "--json").stdout.splitlines()]
    assert [(line["name"], line["verified"]) for line in lines] == [("fr_one", False), ("fr_two", True)]
    assert "yes: recorded answer" in run("sources", "list").stdout


@pytest.mark.parametrize(
    "command",
    [["crawl"], ["parse"], ["sources"], *(["sources", name] for name in ("list", "check", "try", "record", "new", "doctor"))],
)
def test_every_help_ends_in_an_example(command: list[str]) -> None:
    assert "Example: clusterscout" in run(*command, "--help").output


def test_record_does_not_write_over(folder: Path) -> None:
    (folder / "r.warc.gz").write_bytes(b"kept")
    result = run("sources", "record", "fr_one", "--to", str(folder / "r.warc.gz"))
    assert (result.exit_code, (folder / "r.warc.gz").read_bytes()) == (1, b"kept")
