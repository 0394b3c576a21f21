"""``digest`` and ``profiles`` as a person types them."""

from __future__ import annotations

import json
from datetime import timedelta
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from nlp.countries.groups import groups as tagged_groups
from scheduler.cli import cli
from scheduler.docs import commands_table, jobs_table, settings_table
from scheduler.jobs import JOBS
from scheduler.profiles import samples
from store import accounts
from store.clock import utc_now
from store.groups import groups
from store.profile_toml import from_toml, to_toml
from store.taxonomy import SECTORS
from tests.scheduler.digest_world import days, world


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("CLUSTERSCOUT_DATA", str(tmp_path / "data"))
    (tmp_path / "data").mkdir()

    def invoke(*arguments: str) -> Result:
        return CliRunner().invoke(cli, list(arguments))

    return invoke


def test_profiles_go_in_out_and_away(run, tmp_path: Path) -> None:
    with world(tmp_path / "data") as w:
        accounts.add_member(w.private, "ana@example.org", "member", "moldes", now=utc_now())
    file = tmp_path / "mine.toml"
    file.write_text('title = "Mine"\npeople = ["ana@example.org"]\n[[wish]]\nname = "A"\nsectors = ["plastics"]\n')
    assert run("profiles", "import", str(file), "--dry-run").exit_code == 0
    assert run("profiles", "list", "--json").output == ""
    assert run("profiles", "import", str(file)).exit_code == 0
    (row,) = map(json.loads, run("profiles", "list", "--json").output.splitlines())
    assert (row["id"], row["level"], row["when"], row["wishes"]) == ("mine", "person", "mon 07:00", 1)
    assert 'sectors = ["plastics"]' in run("profiles", "show", "mine").output
    assert run("profiles", "export", str(tmp_path / "out")).exit_code == 0
    assert from_toml((tmp_path / "out" / "mine.toml").read_text(), id="mine").title == "Mine"
    missing = run("profiles", "show", "mime")
    assert missing.exit_code == 1
    assert "did you mean 'mine'?" in missing.output
    assert run("profiles", "remove", "mine", "--dry-run").exit_code == 0
    assert run("profiles", "remove", "mine").exit_code == 0
    assert run("profiles", "list", "--json").output == ""


def test_all_faults_of_a_profile_come_at_once_with_the_nearest_key(run, tmp_path: Path) -> None:
    file = tmp_path / "bad.toml"
    file.write_text('title = "B"\nhuor = 7\n[[wish]]\nname = "A"\nsector = ["x"]\n')
    result = run("profiles", "import", str(file))
    assert result.exit_code == 1
    assert "unknown key 'huor' (did you mean 'hour'?)" in result.output
    assert "unknown key 'sector' (did you mean 'sectors'?)" in result.output
    file.write_text(
        'title = "B"\nlevel = "cluster"\nweekday = "monday"\nhour = 25\nzone = "Mars/Olympus"\nlanguage = "nl"\nsections = ["nwes"]\n'
        '[[wish]]\nname = "A"\nkinds = ["cal"]\ncountries = [{code = "pt", role = "buyr"}]\nbudget = [5, 1]\n[[wish]]\nname = "A"\n'
    )
    said = run("profiles", "import", str(file)).output
    for part in (
        "weekday 'monday'",
        "hour 25",
        "Mars/Olympus",
        "language 'nl'",
        "did you mean 'news'",
        "did you mean 'call'",
        "'pt' is no country's code",
    ):
        assert part in said, part
    for part in ("role 'buyr'", "budget is [least, most]", "two wishes are called 'A'", "names its cluster", "asks for nothing"):
        assert part in said, part


def test_preview_writes_three_files_and_send_prints_a_line_a_delivery(run, tmp_path: Path) -> None:
    now = utc_now()
    with world(tmp_path / "data") as w:
        w.member("ana@example.org", now=now)
        w.profile(now=now)
        w.put("c", now=now, due=now + days(60))
    result = run("digest", "preview", "--profile", "moldes", "--out", str(tmp_path / "out"))
    assert result.exit_code == 0, result.output
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["moldes.eml", "moldes.html", "moldes.txt"]
    message = message_from_bytes((tmp_path / "out" / "moldes.eml").read_bytes(), policy=policy.default)
    assert message.get_body(("plain",)).get_content().replace("\r\n", "\n") == (tmp_path / "out" / "moldes.txt").read_text()
    would = run("digest", "build", "--everyone", "--dry-run")
    assert json.loads(would.output)["entries"] == 1
    assert run("digest", "send").output == ""
    assert run("digest", "build", "--everyone").exit_code == 0
    assert json.loads(run("digest", "send", "--dry-run").output)["outcome"] == "due"
    (line,) = map(json.loads, run("digest", "send").output.splitlines())
    assert (line["recipient"], line["outcome"], line["unsure"]) == ("ana@example.org", "sent", 0)
    assert run("digest", "send").output == ""
    assert run("digest", "preview", "--profile", "none", "--out", str(tmp_path)).exit_code == 1


def test_sample_profiles_ask_for_known_sectors_and_survive_toml() -> None:
    for profile in samples():
        assert from_toml(to_toml(profile), id=profile.id) == profile
        assert {sector for wish in profile.wishes for sector in wish.sectors} <= set(SECTORS)
    targets = {c.code for p in samples() if p.id == "renewables-fr" for w in p.wishes for c in w.countries if c.role == "target"}
    assert targets == {"MX", "BR", "CL", "MA", "US"}


def test_the_groups_that_tags_may_carry_have_the_same_members_in_the_store() -> None:
    assert groups() == {group.id: group.members for group in tagged_groups().values()}


def test_every_command_job_and_setting_is_in_the_tables() -> None:
    commands = commands_table()
    for wanted in ("serve", "digest preview", "digest send", "profiles import", "jobs run", "doctor", "members erase"):
        assert f"`clusterscout {wanted}`" in commands
    assert all(f"`{job.name}`" in jobs_table() for job in JOBS)
    assert "`CLUSTERSCOUT_SMTP_URL`" in settings_table()
    assert timedelta(hours=min(job.grace_hours for job in JOBS)) >= timedelta(hours=1)
