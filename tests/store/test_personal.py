"""A person's data, given out whole and taken away whole."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from scheduler.cli import cli
from scheduler.delivery import deliver
from scheduler.digests import build_due
from store import accounts, marks, profiles
from store.profile_toml import from_toml, to_toml
from tests.scheduler.digest_world import CALLS, START, World, days, world

ANA, BEA = "ana@example.org", "bea@example.org"


def lived(w: World) -> int:
    """Ana has an account, profiles, marks, mail, a session, and decided something; Bea shares a team with her."""
    ana = accounts.add_member(w.private, ANA, "manager", "moldes", "a long password", now=START, name="Ana Antunes")
    accounts.add_member(w.private, BEA, "member", "moldes", now=START)
    w.profile()
    w.profile(CALLS, id="ana", level="person", cluster="", people=(ANA,))
    w.profile(CALLS, id="team", level="team", cluster="", people=(ANA, BEA))
    key = w.put("c", now=START, due=START + days(30))
    build_due(w.settings, now=START)
    build_due(w.settings, now=START + days(3))
    list(deliver(w.settings, w.private, now=START + days(3)))
    marks.put(w.private, ana, key, "track", now=START)
    accounts.start_session(w.private, ana, now=START, user_agent="A browser")
    accounts.sign_in(w.private, ANA, "wrong password", address="192.0.2.7", now=START)
    w.db.execute(
        "insert into curation (opportunity, action, by, at) select id, 'pin', ?, ? from opportunity", [ANA, "2026-11-21T09:00:00Z"]
    )
    return ana


def everything(w: World) -> str:
    """All text of both files and the mailbox."""
    rows = []
    for db in (w.db, w.private):
        for table in db.table_names():
            rows += [str(row) for row in db.execute(f'select * from "{table}"').fetchall()]
    return "\n".join(rows) + "\n".join(path.read_text() for path in w.settings.mailbox.glob("*.eml"))


def run(w: World, monkeypatch: pytest.MonkeyPatch, *arguments: str):
    monkeypatch.setenv("CLUSTERSCOUT_DATA", str(w.folder))
    return CliRunner().invoke(cli, ["members", *arguments])


def test_export_holds_all_and_no_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with world(tmp_path) as w:
        lived(w)
        result = run(w, monkeypatch, "export", ANA)
        assert result.exit_code == 0, result.output
        held = json.loads(result.output)
        assert held["account"]["name"] == "Ana Antunes"
        assert "argon2" not in result.output
        assert {name: len(rows) for name, rows in held.items() if isinstance(rows, list)} == {
            "sessions": 1, "feed_addresses": 0, "sign_in_links": 0, "sign_ins": 1, "marks": 1, "notes": 0, "digest_standing": 1,
            "told": 1, "digests": 1, "deliveries": 1, "profiles": 2, "decisions": 1,
        }  # fmt: skip


def test_erasure_leaves_no_trace_and_nobody_else_is_touched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with world(tmp_path) as w:
        ana = lived(w)
        assert run(w, monkeypatch, "erase", ANA, "--dry-run").exit_code == 0
        assert ANA in everything(w)
        result = run(w, monkeypatch, "erase", ANA)
        assert result.exit_code == 0, result.output
        left = everything(w)
        assert ANA not in left
        assert "Ana Antunes" not in left
        assert f"member:{ana}" not in left
        assert BEA in left
        assert [p.id for p in profiles.all_profiles(w.private)] == ["moldes", "team"]
        assert profiles.load(w.private, "team").people == (BEA,)
        assert len(list(w.settings.mailbox.glob("*.eml"))) == 1
        again = run(w, monkeypatch, "erase", ANA)
        assert again.exit_code == 1


def test_a_profile_goes_through_toml_and_rows_unchanged(tmp_path: Path) -> None:
    with world(tmp_path) as w:
        w.member(ANA)
        made = w.profile(
            replace(CALLS, words=('a "quoted" \\ word', "Zeile\tzwei"), avoid=("é",), budget=(1000.0, 2.5e6), lead_days=21),
            id="ana", level="person", people=(ANA,), zone="Europe/Lisbon", language="pt", weekday="fri", hour=0, paused=True,
        )  # fmt: skip
        assert profiles.load(w.private, "ana") == made
        assert from_toml(to_toml(made), id="ana") == made
        assert profiles.of_member(w.private, 1) == []  # paused


def test_a_member_gets_a_language_we_speak_and_a_zone_that_exists(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with world(tmp_path) as w:
        assert run(w, monkeypatch, "add", "eva@example.org", "--password", "-", "--language", "xx").exit_code == 2
        wrong = run(w, monkeypatch, "add", "eva@example.org", "--password", "-", "--zone", "Mars/North")
        assert wrong.exit_code == 1
        assert "Europe/Lisbon" in wrong.output
        assert (
            run(
                w, monkeypatch, "add", "eva@example.org", "--password", "-", "--zone", "Europe/Lisbon", "--language", "pt"
            ).exit_code
            == 0
        )
