"""What is told to people is true: help with examples, tables that the program prints, sources with their terms, a tidy repository."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import fields
from fnmatch import fnmatch
from pathlib import Path

import click
import pytest

from crawlers.declare import load_sources
from scheduler.cli import cli
from scheduler.docs import commands_table, jobs_table, settings_table
from scheduler.settings import PREFIX, Settings
from tests.conftest import ROOT

MANUALS = ("README.md", "crawlers/README.md", "nlp/README.md", "store/README.md", "scheduler/README.md")
TOP = {
    "crawlers", "nlp", "scheduler", "store", "tests", "scrapy.cfg", "pyproject.toml", "README.md", "Makefile", "CHANGELOG.md", "LICENSE",
    "requirements.lock", "requirements-dev.lock",
}  # fmt: skip
BYTES = {".png", ".gz", ".zip", ".xlsx", ".docx", ".pdf", ".mo"}
LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")


def commands(command: click.Command, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """A command and all below it, by what a person types."""
    yield path, command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            assert below is not None
            yield from commands(below, (*path, name))


COMMANDS = dict(commands(cli, ("clusterscout",)))


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_help_ends_in_an_example_of_that_very_command(path: tuple[str, ...]) -> None:
    paragraphs = (COMMANDS[path].help or "").strip().split("\n\n")
    last = " ".join(paragraphs[-1].split())
    assert len(paragraphs) > 1
    assert last.startswith("Example: ")
    assert " ".join(path) in last


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_options_and_arguments_are_explained(path: tuple[str, ...]) -> None:
    unsaid = [option.name for option in COMMANDS[path].params if isinstance(option, click.Option) and not option.help]
    assert unsaid == []


@pytest.mark.parametrize("manual", MANUALS)
def test_tables_in_the_manuals_are_what_the_program_prints(manual: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "cogapp", "--check", manual], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{done.stdout}{done.stderr}: run 'make docs'"


def test_every_command_setting_and_job_stands_in_a_manual() -> None:
    manuals = "\n".join((ROOT / manual).read_text(encoding="utf-8") for manual in MANUALS)
    for table in (commands_table(), settings_table(), jobs_table()):
        assert table in manuals
    for setting in fields(Settings):
        assert f"`{PREFIX}{setting.name.upper()}`" in manuals
        assert setting.metadata["help"].endswith(".")


@pytest.mark.parametrize("manual", MANUALS)
def test_links_of_the_manuals_lead_somewhere(manual: str) -> None:
    path = ROOT / manual
    lost = [link for link in LINK.findall(path.read_text(encoding="utf-8")) if not (path.parent / link).exists()]
    assert lost == []


def test_every_source_says_who_publishes_it_on_what_terms_and_how_it_was_verified() -> None:
    for name, source in load_sources(ROOT / "crawlers" / "sources").items():
        assert source.publisher, name
        assert source.licence or source.terms, name
        assert source.verified_how, name


def ignored() -> list[str]:
    """The patterns of ``.gitignore``, without their slashes."""
    lines = (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
    return [line.strip().strip("/") for line in lines if line.strip() and not line.startswith("#")]


def kept() -> Iterator[Path]:
    """All files of the repository: what is in no ignored folder."""
    patterns = ignored()
    folders = [ROOT]
    while folders:
        for path in sorted(folders.pop().iterdir()):
            if path.name == ".git" or any(fnmatch(path.name, pattern) for pattern in patterns):
                continue
            if path.is_dir():
                folders.append(path)
            else:
                yield path


def test_the_top_level_holds_what_belongs_there() -> None:
    patterns = [*ignored(), ".*"]
    strange = {p.name for p in ROOT.iterdir() if not any(fnmatch(p.name, pattern) for pattern in patterns)} - TOP
    assert strange == set()
    assert {path.name for path in (ROOT / name for name in TOP) if not path.exists()} == set()


def test_no_file_holds_the_path_of_a_machine() -> None:
    machine = [f"{path}/" for path in (ROOT, Path.home()) if len(path.parts) > 2]
    pattern = re.compile("|".join([*map(re.escape, machine), r"/home/[a-z]+/", r"/Users/[A-Za-z]+/", r"[A-Z]:\\\\Users"]))
    found = []
    for path in kept():
        if path.suffix not in BYTES and path != Path(__file__) and pattern.search(path.read_bytes().decode("utf-8", "replace")):
            found.append(str(path.relative_to(ROOT)))
    assert found == []
