"""Declarations: every fault of every file at once, each with file, key and the nearest valid one."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from crawlers.declare import load_source, load_sources
from crawlers.errors import SourceErrors
from scheduler.cli import cli

GOOD = """title = "Calls of an agency"
publisher = "An agency"
url = "https://www.agency.example.fr/calls"
format = "html_list"
kind = "call"
country = "FR"
languages = ["fr"]
timezone = "Europe/Paris"
every = "6h"
rows = "li.call"

[fields]
title = "h3 a"
url = "h3 a::attr(href)"
deadline = "time::attr(datetime)"

[expect]
items = [5, 400]
fields = { deadline = 0.8 }
"""


def faults(folder: Path) -> dict[str, tuple[str, str]]:
    with pytest.raises(SourceErrors) as caught:
        load_sources(folder)
    return {f"{Path(fault.file).name}:{fault.key}": (fault.message, fault.nearest) for fault in caught.value.faults}


def test_a_good_declaration(tmp_path: Path) -> None:
    (tmp_path / "fr_agency.toml").write_text(GOOD)
    source = load_sources(tmp_path)["fr_agency"]
    assert (source.name, source.every, source.expect.items, dict(source.expect.fields)) == (
        "fr_agency",
        360,
        (5, 400),
        {"deadline": 0.8},
    )


@pytest.mark.parametrize(
    ("old", "new", "key", "nearest"),
    [
        ('title = "Calls of', 'titel = "Calls of', "titel", "title"),
        ('timezone = "Europe/Paris"', 'timezone = "Europe/Pariss"', "timezone", "Europe/Paris"),
        ('timezone = "Europe/Paris"', 'timezone = "europe/lisbon"', "timezone", "Europe/Lisbon"),
        ('format = "html_list"', 'format = "html-list"', "format", "html_list"),
        ('kind = "call"', 'kind = "calls"', "kind", "call"),
        ('country = "FR"', 'country = "fr"', "country", "FR"),
        ('languages = ["fr"]', 'languages = ["fre"]', "languages", "fr"),
        ("deadline = 0.8", "deadlin = 0.8", "expect.fields", "deadline"),
        ('deadline = "time', 'dedline = "time', "fields.dedline", "deadline"),
        ('rows = "li.call"', 'rows = "li.call["', "rows", ""),
        ('title = "h3 a"', 'title = "h3 >"', "fields.title", ""),
        ("items = [5, 400]", "items = [400, 5]", "expect.items", ""),
        ("items = [5, 400]", "itmes = [5, 400]", "expect.itmes", "expect.items"),
        ('every = "6h"', 'every = "six hours"', "every", ""),
        ('url = "https://www', 'url = "ftp://www', "url", ""),
        ("[expect]", '[paging]\nstyle = "pages"\n[expect]', "paging.style", "page"),
        ("[expect]", '[ids]\ntopic = "titel"\n[expect]', "ids.topic", "title"),
        ("[expect]", '[options]\nurl_prefx = "x"\n[expect]', "options.url_prefx", "url_prefix"),
        ('format = "html_list"', 'format = "page:nothing_here"', "format", ""),
    ],
)
def test_each_fault_names_its_key_and_the_nearest(tmp_path: Path, old: str, new: str, key: str, nearest: str) -> None:
    assert old in GOOD
    (tmp_path / "fr_agency.toml").write_text(GOOD.replace(old, new))
    found = faults(tmp_path)
    assert f"fr_agency.toml:{key}" in found, found
    assert found[f"fr_agency.toml:{key}"][1] == nearest


def test_all_faults_of_all_files_at_once(tmp_path: Path) -> None:
    (tmp_path / "fr_a.toml").write_text(
        GOOD.replace("Europe/Paris", "Paris").replace("li.call", "li[").replace("publisher", "publischer")
    )
    (tmp_path / "fr_b.toml").write_text("title = ")
    (tmp_path / "Bad-Name.toml").write_text(GOOD)
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "fr_c.toml").write_text(GOOD)
    (tmp_path / "fr_c.toml").write_text(GOOD)
    found = faults(tmp_path)
    assert {
        "fr_a.toml:timezone", "fr_a.toml:rows", "fr_a.toml:publischer", "fr_a.toml:publisher", "fr_b.toml:", "Bad-Name.toml:(file name)",
        "fr_c.toml:(file name)",
    } <= set(found)  # fmt: skip
    assert "taken by" in found["fr_c.toml:(file name)"][0]


def test_the_check_command_says_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "fr_a.toml").write_text(GOOD.replace("timezone", "timezon"))
    monkeypatch.setenv("CLUSTERSCOUT_SOURCES", str(tmp_path))
    result = CliRunner().invoke(cli, ["sources", "check"])
    assert result.exit_code == 1
    assert "fr_a.toml: timezon: unknown key. Did you mean 'timezone'?" in result.output
    assert "fr_a.toml: timezone: is required" in result.output


def test_shipped_sources_are_sound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CLUSTERSCOUT_SOURCES", raising=False)
    result = CliRunner().invoke(cli, ["sources", "check"])
    assert result.exit_code == 0, result.output


def test_a_missing_file_and_folder(tmp_path: Path) -> None:
    with pytest.raises(SourceErrors, match="no such file"):
        load_source(tmp_path / "fr_none.toml")
    with pytest.raises(SourceErrors, match="no such folder"):
        load_sources(tmp_path / "nowhere")


def test_scrapy_lists_every_declaration_as_a_spider(tmp_path: Path) -> None:
    (tmp_path / "fr_agency.toml").write_text(GOOD)
    (tmp_path / "fr_other.toml").write_text(GOOD)
    root = Path(__file__).parent.parent.parent
    done = subprocess.run(
        [sys.executable, "-m", "scrapy", "list"], cwd=root, env={"CLUSTERSCOUT_SOURCES": str(tmp_path), "PATH": "/usr/bin:/bin"},
        capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    assert done.stdout.split() == ["fr_agency", "fr_other"]
