"""Recorded bytes of live sources: every entry becomes a notice or a problem with its cause, and what labels there are agree."""

from __future__ import annotations

import csv
import json
from collections import Counter
from datetime import date, datetime
from pathlib import Path

import pytest

from crawlers.archive import WarcIndex
from crawlers.links import canonical
from crawlers.source import Source
from store.model import Notice
from tests.crawlers.pages_support import SOURCES, told
from tests.crawlers.recorded_table import LINES, Line, Outcome, outcome

pytestmark = pytest.mark.recorded
IDS = [f"{line.source}-{Path(line.glob).name}" for line in LINES]


def _line(source: str, part: str = "") -> Line:
    return next(line for line in LINES if line.source == source and part in line.glob)


@pytest.fixture(scope="module")
def read_line(recorded: Path) -> dict[Line, Outcome]:
    return {line: outcome(line, recorded) for line in LINES}


@pytest.mark.parametrize("number", range(len(LINES)), ids=IDS)
def test_every_entry_becomes_a_notice_or_a_problem(read_line: dict[Line, Outcome], number: int) -> None:
    line = LINES[number]
    found = read_line[line]
    assert (found.files, found.entries) == (line.files, line.total)
    assert len(found.notices) == line.notices
    assert dict(found.problems) == line.problems
    # Problems that stand beside a kept notice apart, notices and problems together are the entries.
    assert line.notices + sum(line.problems.values()) - line.extra == line.total
    ids = Counter(notice.source_id for notice in found.notices)
    assert [one for one, count in ids.items() if count > 1] == [] or line.source in {
        "int_conference_data",
        "eu_eurostat_production",
    }


def test_the_calls_of_the_union_agree_with_the_feed_that_holds_them(recorded: Path, read_line: dict[Line, Outcome]) -> None:
    line = _line("eu_grants_feed", "05-28")
    grants = {one["id"]: one for one in json.loads((recorded / line.glob).read_bytes())["grants"]}
    notices = {notice.source_id: notice for notice in read_line[line].notices}
    assert set(notices) == set(grants)
    for source_id, grant in grants.items():
        notice = notices[source_id]
        [deadline] = notice.deadlines
        written = datetime.fromisoformat(grant["deadlineDate"].replace("Z", "+00:00"))
        assert deadline.utc is not None
        assert abs((deadline.utc - written).total_seconds()) < 26 * 3600
        if written.hour == 0 and written.minute == 0:
            assert (deadline.precision, deadline.local.date()) == ("day", written.date())  # type: ignore[union-attr]
        assert [code.value for code in notice.codes if code.scheme == "sector"] == [
            one["id"] for one in grant["programmeDivisions"]
        ]
        total = (grant["budget"] or {}).get("totalBudgetEur")
        assert [amount.value for amount in notice.amounts if amount.value] == ([total] if total else [])
        assert notice.programme
        assert "  " not in notice.programme
        assert "%" not in notice.programme
    kinds = Counter(hard.partition(":")[0] for notice in notices.values() for hard in notice.hard_ids)
    assert kinds == {"topic": 585, "cascade": 89, "prospect": 35}


def test_old_ted_notices_agree_with_their_labels(recorded: Path, read_line: dict[Line, Outcome]) -> None:
    with (recorded / "ted/legacy-r209/_labels.tsv").open(encoding="utf-8") as file:
        labels = {row["file"]: row for row in csv.DictReader(file, delimiter="\t")}
    line = _line("eu_ted_notices", "legacy")
    files = sorted(path.name for path in recorded.glob(line.glob))
    for file, notice in zip(files, read_line[line].notices, strict=True):
        label = labels[file]
        assert notice.language == label["lang_original"].lower()
        assert next(code.value for code in notice.codes if code.scheme == "cpv") == label["original_cpv"]
        buyer = next(code.value for code in notice.codes if code.scheme == "country" and code.role == "buyer")
        assert buyer == {"UK": "GB"}.get(label["iso_country"], label["iso_country"])
        assert notice.published is not None
        assert abs((notice.published.date() - date.fromisoformat(label["date_pub"])).days) <= 1
        assert notice.hard_ids[0] == f"ted:{int(file[:6])}-{file[7:11]}"
        assert notice.summary
        assert notice.organiser
        assert bool(notice.deadlines) == bool(notice.raw.get("DT_DATE_FOR_SUBMISSION"))


def test_eforms_tell_what_kind_they_are_and_only_competitions_end(recorded: Path, read_line: dict[Line, Outcome]) -> None:
    notices = read_line[_line("eu_ted_notices", "eforms")].notices
    words = Counter(notice.status_word for notice in notices)
    assert words["competition"] >= 10
    assert set(words) == {
        "competition",
        "planning",
        "result",
        "direct award announced",
        "contract modification",
        "contract completion",
    }
    for notice in notices:
        assert not notice.deadlines or notice.status_word == "competition" or notice.raw["notice_type"] == "pin-rtl"
        assert any(code.scheme == "cpv" for code in notice.codes)
        assert any(code.scheme == "country" and code.role == "buyer" for code in notice.codes)
        assert len(notice.language) == 2
    accelerated = next(notice for notice in notices if notice.title.startswith("Scanning, Processing"))
    assert told(accelerated)["deadlines"] == ["2020-04-29T12:00[Europe/London]"]
    french = next(notice for notice in notices if notice.title.startswith("Assistance à maîtrise"))
    assert told(french)["deadlines"] == ["2020-09-14T16:00[Europe/Paris]"]
    assert french.deadlines[0].flags == ("zone_label_conflict",)


def test_pages_of_the_german_database_agree_with_hand_labels(recorded: Path, read_line: dict[Line, Outcome]) -> None:
    labels = json.loads((recorded / "funding-national/de-foerderdatenbank/_labels.json").read_bytes())
    line = _line("de_foerderdatenbank")
    files = sorted(path.name for path in recorded.glob(line.glob))
    for file, notice in zip(files, read_line[line].notices, strict=True):
        label = labels[file]
        by_scheme = {scheme: [code.label for code in notice.codes if code.scheme == scheme] for scheme in ("sector", "type")}
        assert by_scheme["sector"] == label["foerderbereich"]
        assert by_scheme["type"] == label.get("foerderart", [])
        assert notice.eligibility.split(", ") == label["foerderberechtigte"]
        assert notice.organiser == (label.get("foerdergeber") or "")
        if "title" in label:
            assert notice.title == label["title"]
        days = {deadline.local.date().isoformat() for deadline in notice.deadlines if deadline.local}
        assert not days & {word[:10] for word in label.get("not_deadlines", [])}
        wanted = label["deadline"] or {}
        assert not wanted.get("date") or wanted["date"] in days
        assert set(wanted.get("exception", {}).values()) <= days
        assert wanted != {} or not notice.deadlines


@pytest.mark.parametrize(
    ("source", "part", "expected"), [("us_ita_trade_events", "ita", "ita"), ("us_exim_trade_events", "exim", "exim")]
)
def test_trade_events_agree_with_the_records_beside_them(
    recorded: Path, read_line: dict[Line, Outcome], source: str, part: str, expected: str
) -> None:
    wanted = json.loads((recorded / f"tradegov/trade-events/{expected}-results_v2.json").read_bytes())
    notices = {notice.source_id: notice for notice in read_line[_line(source, part)].notices}
    assert len(wanted) >= 4
    for record in wanted:
        notice = notices[record["id"]]
        assert notice.title == " ".join(record["event_name"].split())
        assert notice.starts is not None
        assert notice.ends is not None
        assert (notice.starts.local.date().isoformat(), notice.ends.local.date().isoformat()) == (
            record["start_date"],
            record["end_date"],
        )
        venue = record["venues"][0]
        assert notice.place is not None
        assert notice.place.city == venue["city"].partition(" |")[0]
        assert venue["country"] in {None, notice.place.country}
        assert notice.place.name == (venue["venue"] or "")


def test_leads_and_reports_agree_with_the_records_beside_them(recorded: Path, read_line: dict[Line, Outcome]) -> None:
    def by_id(source: str, part: str) -> dict[str, Notice]:
        return {notice.source_id: notice for notice in read_line[_line(source, part)].notices}

    leads = recorded / "tradegov" / "trade-leads"
    canada = by_id("ca_buyandsell", "canada")
    for record in json.loads((leads / "canada-results.json").read_bytes()):
        notice = canada[record["reference_number"]]
        assert notice.title == " ".join(record["title"].split())
        assert told(notice)["deadlines"][0][:10] == record["end_date"]
        assert record["publish_date"] == str(notice.published)[:10]
    mca = [notice for notice in by_id("us_mca_leads", "mca").values()]
    for record, notice in zip(json.loads((leads / "mca-results.json").read_bytes()), mca, strict=True):
        assert notice.title == record["title"]
        assert f"country:{record['country']}/buyer" in told(notice)["codes"]
        assert [f"CPV/{code.value}" for code in notice.codes if code.scheme == "cpv"] == [
            c for c in record["categories"] if c.startswith("CPV/")
        ]
    studies = by_id("us_market_research", "market_researches")
    for record in json.loads((recorded / "tradegov/market-research/results.json").read_bytes()):
        study = studies[record["id"]]
        assert sorted(code.value for code in study.codes if code.role == "target") == (record["countries"] or [])
        assert study.title == record["title"]
        assert study.url == record["url"]


def test_budgets_of_topics_are_their_own_lines(read_line: dict[Line, Outcome]) -> None:
    by_id = {notice.source_id: notice for notice in read_line[_line("eu_portal_topics")].notices}
    assert told(by_id["EDF-2026-RA-SENS-MSDT"])["amounts"] == ["EUR 30000000"]
    assert told(by_id["HORIZON-CL3-2026-01-DRS-01"])["amounts"][0] == "EUR 6000000"
    assert by_id["HORIZON-CL3-2026-01-DRS-01"].raw["expectedGrants"] == "2"


def test_each_recorded_address_belongs_to_a_source(recorded: Path) -> None:
    """Every WARC but the city calendars (a format sample, no source of ours) stands at the address of a source, or of its pages."""
    for path in sorted((recorded / "warc").glob("*.warc.gz")):
        if path.name.startswith("city-events"):
            continue
        index = WarcIndex([path])
        strange = [url for url in index.urls() if not any(_reads(source, url) for source in SOURCES.values())]
        assert strange == [], path.name
        posted = [source.name for source in SOURCES.values() if source.ask.method == "POST" and index.holds("POST", source.url)]
        assert index.urls() or posted, path.name
    apis = WarcIndex([recorded / "warc" / "apis.warc.gz"])
    asked = {source.name for source in SOURCES.values() if apis.holds(source.ask.method, source.url)}
    assert {"eu_portal_calls", "eu_ted_search", "us_grants_gov", "pt_portugal2030", "eu_interreg"} <= asked


def _reads(source: Source, url: str) -> bool:
    """Whether an archived address is the source's own, or that of one of its single pages."""
    return canonical(url) == canonical(source.url) or bool(source.page_prefix and url.startswith(source.page_prefix))
