"""``sources accept``: what is held back is told, published when a person says so, and the source is measured anew."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from scheduler.cli import cli
from scheduler.doctor import examine
from scheduler.settings import load_settings
from store import held
from store.database import open_store
from tests.crawlers.faults.driver import crawl
from tests.crawlers.faults.shapes import NOW, render, shapes, things


def test_accept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shape = shapes()[4]
    (tmp_path / "sources").mkdir()
    text = (
        f'title = "T"\npublisher = "P"\nurl = "{shape.address(1)}"\nformat = "feed"\nkind = "tender"\ncountry = "FR"\nlanguages = ["en"]\n'
        'timezone = "Europe/Paris"\n'
    )
    (tmp_path / "sources" / f"{shape.name}.toml").write_text(text)
    monkeypatch.setenv("CLUSTERSCOUT_DATA", str(tmp_path))
    monkeypatch.setenv("CLUSTERSCOUT_SOURCES", str(tmp_path / "sources"))
    db, listed = tmp_path / "clusterscout.db", things(shape)
    for day in range(3):
        crawl(shape.source, render(shape, listed), db, NOW + timedelta(days=day))
    moved = [replace(one, due=one.due + timedelta(days=14)) for one in listed]
    crawl(shape.source, render(shape, moved), db, NOW + timedelta(days=3))

    settings = load_settings()
    notes = [one.text for one in examine(settings, now=NOW + timedelta(days=3)) if one.check == "held back"]
    assert len(notes) == 1
    assert f"sources accept {shape.name}" in notes[0]
    said = CliRunner().invoke(cli, ["sources", "accept", shape.name, "--dry-run"])
    assert said.exit_code == 0, said.output
    assert "Nothing was written" in said.output
    done = CliRunner().invoke(cli, ["sources", "accept", shape.name])
    assert done.exit_code == 0, done.output
    assert f"{len(listed)} changed" in done.output
    store = open_store(db)
    assert held.counts(store) == {}
    store.close()
    assert "Nothing of" in CliRunner().invoke(cli, ["sources", "accept", shape.name]).output
    assert CliRunner().invoke(cli, ["sources", "accept", "xx_nobody"]).exit_code == 1
