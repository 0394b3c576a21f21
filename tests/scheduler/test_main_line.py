"""The whole line as a newcomer starts it: ``serve --sample`` as a process, what its store then holds, and a member in Chromium."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from pathlib import Path

import pytest

CHROMIUM = next(
    (p for p in map(Path, ("/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome")) if p.exists()), None
)


@dataclass(frozen=True, slots=True)
class Running:
    """A running sample: its address, data folder, the accounts' passwords by role, and the settings that other commands need."""

    process: subprocess.Popen[str]
    address: str
    data: Path
    accounts: dict[str, tuple[str, str]]
    exported: dict[str, str]

    def rows(self, sql: str, *binds: object) -> list[tuple[object, ...]]:
        connection = sqlite3.connect(f"file:{self.data / 'clusterscout.db'}?mode=ro", uri=True)
        try:
            return connection.execute(sql, binds).fetchall()
        finally:
            connection.close()


@pytest.fixture(scope="module")
def sample() -> Iterator[Running]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {k: v for k, v in os.environ.items() if not k.startswith("CLUSTERSCOUT_")}
    process = subprocess.Popen(
        [sys.executable, "-m", "scheduler.cli", "serve", "--sample", "--port", str(port)],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment,
    )  # fmt: skip
    assert process.stdout is not None
    said = ""
    for line in process.stdout:
        said += line
        if "Stop with" in line:
            break
    found = re.search(r"Sample data in (\S+)", said)
    assert found, said
    accounts = {role: (email, password) for role, email, password in re.findall(r"^ +(\w+) +(\S+@\S+) +(\S+)$", said, re.MULTILINE)}
    exported = dict(re.findall(r"(CLUSTERSCOUT_\w+)=(\S+)", said))
    yield Running(process=process, address=f"http://127.0.0.1:{port}", data=Path(found[1]), accounts=accounts, exported=exported)
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        process.wait(30)
    process.stdout.close()


def test_other_commands_work_on_the_sample_with_what_it_prints(sample: Running) -> None:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("CLUSTERSCOUT_")} | sample.exported
    command = [sys.executable, "-m", "scheduler.cli", "sources", "list", "--json"]
    listed = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout.splitlines()
    assert len(listed) == 19
    assert set(sample.exported) == {"CLUSTERSCOUT_DATA", "CLUSTERSCOUT_SOURCES", "CLUSTERSCOUT_ALLOW_HOSTS"}


def test_three_accounts_and_a_full_store(sample: Running) -> None:
    assert set(sample.accounts) == {"member", "manager", "operator"}
    assert sample.rows("select count(*) from notice")[0][0] >= 200  # type: ignore[operator]
    kinds = {row[0] for row in sample.rows("select distinct kind from opportunity")}
    assert kinds == {"call", "tender", "fair", "event", "news", "study"}
    assert sample.rows(
        "select count(*) from opportunity where merged_into is null and id not in (select opportunity from tagging)"
    ) == [(0,)]


def test_the_moved_deadline_is_one_event_of_one_record_of_four_sources(sample: Running) -> None:
    ((opportunity,),) = sample.rows("select opportunity from notice where source_id = 'OPF-2027-TEX-01'")
    sources = {row[0] for row in sample.rows("select source from notice where opportunity = ?", opportunity)}
    assert sources == {"eu_openfunds", "eu_clusternet", "fr_agence", "pt_avisos"}
    moved = sample.rows("select direction, material from change where opportunity = ? and type = 'deadline_moved'", opportunity)
    assert moved == [("later", 1)]


def test_the_cancelled_fair_the_empty_source_and_the_page_that_failed_once(sample: Running) -> None:
    assert sample.rows("select cancelled from opportunity where title = 'AgriTech Poznań'") == [(1,)]
    verdict, complete = sample.rows("select verdict, complete from run where source = 'ro_finantari' order by id desc limit 1")[0]
    assert verdict == "broken"
    assert not complete
    assert sample.rows("select count(*) from opportunity where withdrawn or source = 'ro_finantari' and cancelled") == [(0,)]
    assert sample.rows("select count(*) from notice where source = 'it_bandi'") == [(12,)]


def test_the_wrong_label_and_the_two_stages(sample: Running) -> None:
    ((text,),) = sample.rows("select deadlines from opportunity where source = 'de_foerderung' and url like '%fb-202%'")
    (deadline,) = json.loads(str(text))
    assert "zone_label_conflict" in deadline["flags"]
    assert (deadline["zone"], deadline["local"][11:16]) == ("Europe/Berlin", "17:00")
    ((text,),) = sample.rows("select deadlines from opportunity where title like 'Two-stage call%'")
    assert len(json.loads(str(text))) == 2


def test_the_second_crawl_wrote_only_what_changed(sample: Running) -> None:
    counts = [
        json.loads(str(row[0])) for row in sample.rows("select counts from run where stage = 'crawl' order by id desc limit 19")
    ]
    assert sum(count["changed"] + count["new"] for count in counts) <= 8
    assert sum(count["unchanged"] for count in counts) >= 190


def test_digests_lie_in_the_mailbox_and_tell_the_change(sample: Running) -> None:
    mails = [
        message_from_bytes(path.read_bytes(), policy=policy.default) for path in sorted((sample.data / "mailbox").glob("*.eml"))
    ]
    assert len(mails) == 6
    assert len({mail["Message-ID"] for mail in mails}) == 6
    texts = [mail.get_body(("plain",)).get_content() for mail in mails]  # type: ignore[union-attr]
    assert all("http" in text for text in texts)
    assert {str(mail["Subject"]) for mail in mails if mail["To"].startswith("Marta")} >= {"Moldes e plásticos: 1 alterado"}


@pytest.mark.browser
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed")
@pytest.mark.filterwarnings(
    "ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning", "ignore::DeprecationWarning"
)
def test_a_member_signs_in_filters_by_sector_and_country_and_opens_an_item(sample: Running) -> None:
    from playwright.sync_api import sync_playwright

    email, password = sample.accounts["member"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page()
        page.goto(f"{sample.address}/feed")
        assert "Textile-to-textile" not in page.content()
        page.fill("input[type=email]", email)
        page.fill("input[type=password]", password)
        page.press("input[type=password]", "Enter")
        page.wait_for_url("**/feed*")
        page.goto(f"{sample.address}/feed?sector=plastics&country=MX&status=any")
        titles = page.locator("main h2, main h3").all_inner_texts()
        assert any("Mexico" in title for title in titles), titles
        page.get_by_role("link", name="Market study: plastics and moulds in Mexico").first.click()
        page.wait_for_url("**/opportunity/*")
        assert "Phrase that proves it" in page.inner_text("main")
        browser.close()


def test_it_stops_when_told(sample: Running) -> None:
    sample.process.send_signal(signal.SIGTERM)
    assert sample.process.wait(30) == 0
    assert not sample.data.exists()
