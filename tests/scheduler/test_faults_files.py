"""Files that may be read and not written: each command that writes says one sentence, exits 1, and changes nothing."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.crawlers.test_archive import exchange, written
from tests.crawlers.web import HEAD, item, rss
from tests.scheduler.digest_world import START, days, world

# Root may write everywhere, unless it gives that up: what it starts so is refused as any user is.
_SETPRIV = shutil.which("setpriv")
_AS_A_USER = [str(_SETPRIV), "--bounding-set=-dac_override,-dac_read_search,-fowner"] if os.geteuid() == 0 else []
needs_rights = pytest.mark.skipif(os.geteuid() == 0 and _SETPRIV is None, reason="root without setpriv may write everywhere")


def clusterscout(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    given = {"CLUSTERSCOUT_DATA": str(folder), "CLUSTERSCOUT_SOURCES": str(folder.parent / "sources"), "PATH": os.environ["PATH"]}
    command = [*_AS_A_USER, sys.executable, "-m", "scheduler.cli", *arguments]
    return subprocess.run(command, cwd=ROOT, env=given, capture_output=True, text=True, timeout=120, check=False)


@pytest.fixture(params=["the files", "the folder"])
def unwritable(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Path]:
    """A data folder with a reader, an item to tag again and an archive to crawl from, where the files, or all, cannot be written."""
    folder = tmp_path / "data"
    folder.mkdir()
    (tmp_path / "sources").mkdir()
    url = "https://fr_one.example.org/feed"
    (tmp_path / "sources" / "fr_one.toml").write_text(HEAD.format(url=url, form="feed", kind="news"))
    written(tmp_path / "a.warc.gz", exchange(url, rss(item(1))))
    with world(folder) as w:
        w.member("ana@example.org")
        w.profile()
        w.put("c", now=START, due=START + days(900))
    for path in folder.iterdir():
        path.chmod(0o444)
    if request.param == "the folder":
        folder.chmod(0o555)
    yield folder
    folder.chmod(0o755)
    for path in folder.iterdir():
        path.chmod(0o644)


@needs_rights
def test_what_cannot_be_written_is_one_sentence_and_nothing_changes(unwritable: Path) -> None:
    kept = {path.name: path.read_bytes() for path in unwritable.glob("*.db")}
    archive = str(unwritable.parent / "a.warc.gz")
    for arguments in (
        ["crawl", "--replay", archive],
        ["jobs", "run", "tag"],
        ["digest", "build", "--everyone"],
        ["digest", "send"],
    ):
        done = clusterscout(unwritable, *arguments)
        said = [line for line in done.stderr.splitlines() if "stand in the archive" not in line]
        assert (done.returncode, done.stdout, len(said)) == (1, "", 1), (arguments, done.stdout, done.stderr)
        assert said[0].startswith(f"Error: {unwritable}/"), said
        assert "cannot be written (attempt to write a readonly database): give this user the right" in said[0]
    assert {path.name: path.read_bytes() for path in unwritable.glob("*.db")} == kept
