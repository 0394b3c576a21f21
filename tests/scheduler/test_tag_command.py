"""``clusterscout tag``, ``score`` and ``vocabulary``, and the tagging step, as a user and the scheduler call them."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from scheduler import tagging
from scheduler.cli import cli
from store import notices, tags
from store.database import open_store
from tests.conftest import ROOT
from tests.store.shapes import NOW, notice


def run(*words: str, text: str | None = None) -> Result:
    return CliRunner().invoke(cli, list(words), input=text)


def test_lines_in_lines_out_and_a_bad_line_stops_nothing() -> None:
    given = [
        {"id": "a", "title": "Supply of hospital beds", "text": "For clinics in Portugal.", "lang": "en"},
        {
            "id": "b",
            "title": "Straßenbauarbeiten",
            "text": "",
            "codes": ["cpv:45233000-9"],
            "kind": "tender",
            "published": "2026-01-05",
        },
        {"id": "HORIZON-CL4-2027-SPACE-03-21", "title": "In-flight demonstration", "text": "Open topic.", "lang": "en"},
    ]
    text = "\n".join(
        [json.dumps(given[0]), "{not json", "[1]", json.dumps({"id": "z", "text": 5}), "", *map(json.dumps, given[1:])]
    )
    done = run("tag", "--jsonl", text=text)
    assert done.exit_code == 1
    rows = {row["id"]: row for row in map(json.loads, done.stdout.splitlines())}
    assert list(rows) == ["a", "b", "HORIZON-CL4-2027-SPACE-03-21"]
    assert {"id", "lang", "countries", "sectors", "deadlines", "amounts"} <= rows["a"].keys()
    sector = rows["a"]["sectors"][0]
    assert sector["id"] == "health"
    proof = sector["evidence"][0]
    whole = "Supply of hospital beds\nFor clinics in Portugal."
    assert whole[proof["start"] : proof["end"]] == proof["quote"]
    assert rows["b"]["lang"] == "de"
    assert rows["b"]["sectors"][0]["evidence"][0]["rule"] == "cpv:45233"
    assert [s["id"] for s in rows["HORIZON-CL4-2027-SPACE-03-21"]["sectors"]] == ["aerospace"]
    told = done.stderr.splitlines()
    assert [line.split(":")[0] for line in told] == ["line 2", "line 3", "line 4 (z)"]


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ('{"id": "a" "text": 1}', "line 1: is not JSON (Expecting ',' delimiter, character 12)"),
        ("[" * 100_000, "line 1: is not JSON that can be read"),
        ('{"text": ' + "9" * 5000 + "}", "line 1: is not JSON that can be read"),
        ("null", "line 1: is not a JSON object"),
        ("\x00", "line 1: is not JSON"),
    ],
)
def test_a_bad_line_is_named(line: str, why: str) -> None:
    good = json.dumps({"id": "next", "text": "Hospital beds for Portugal", "lang": "en"})
    for words in (["tag", "--jsonl"], ["tag", "--jsonl", "--explain"]):
        done = run(*words, text=f"{line}\n{good}\n")
        assert done.exit_code == 1
        assert done.stderr.startswith(why)
        assert "next" in done.stdout
        assert "PT" in done.stdout


@pytest.mark.parametrize("words", [["tag", "--jsonl"], ["tag", "--jsonl", "--explain"]])
def test_halves_of_letters_are_written_as_replacements(words: list[str]) -> None:
    rows = [
        {"id": "\ud800", "title": "\udc00 Hospital", "text": "in \ud800 Portugal", "lang": "\ud800"},
        {"id": "\ud800", "text": 5},
    ]
    done = run(*words, text="\n".join(map(json.dumps, rows)))
    assert done.exit_code == 1
    assert "PT" in done.stdout
    assert "\ufffd" in done.stdout
    assert done.stderr.startswith("line 2 (\ufffd)")


@pytest.mark.parametrize(
    "row",
    [
        {"id": "k", "text": "x", "kind": "gift"},
        {"id": "k", "text": "x", "published": "soon"},
        {"id": "k", "text": "x", "codes": ["cpv"]},
        {"id": "k", "title": ["x"]},
    ],
)
def test_wrong_keys_are_told(row: dict[str, object]) -> None:
    done = run("tag", "--jsonl", text=json.dumps(row))
    assert done.exit_code == 1
    assert done.stderr.startswith("line 1 (k): ")
    assert done.stdout == ""


def test_explain_shows_words_in_their_place() -> None:
    done = run("tag", "--explain", "--lang", "en", "Supply of hospital beds to a clinic")
    assert done.exit_code == 0
    assert "sector health" in done.stdout
    assert "[hospital beds]" in done.stdout
    assert '<- sector word "hospital bed*" (en)' in done.stdout
    told = run(
        "tag", "--explain", "--lang", "en", "Deadline: 14 May 2027, 12:00 (Lisbon time). Open to companies from Spain."
    ).stdout
    assert "2027-05-14 12:00 in Europe/Lisbon (2027-05-14 11:00 UTC)" in told
    assert "tells the role eligible" in told
    assert "no tag" in run("tag", "--explain", "--lang", "en", "Good morning").stdout
    assert run("tag", text=" ").exit_code == 1


def test_score_prints_the_table(tmp_path: Path) -> None:
    gold = tmp_path / "gold.jsonl"
    gold.write_text(
        json.dumps(
            {"id": "a", "title": "Road works", "text": "Asphalt for the motorway.", "lang": "en", "sectors": ["construction"]}
        )
        + "\n"
        + json.dumps({"id": "b", "text": "Insurance of staff", "lang": "en", "sectors": []}),
        encoding="utf-8",
    )
    done = run("score", str(gold), "--field", "sectors")
    assert done.exit_code == 0
    assert "construction" in done.stdout
    assert "1 of 1 texts without a label got none" in done.stdout
    assert "macro F1" in done.stdout
    assert run("score", str(gold), "--field", "countries").exit_code == 1
    gold.write_text("{", encoding="utf-8")
    assert "gold.jsonl:1" in run("score", str(gold)).stderr


def test_vocabulary_check_names_file_and_line(tmp_path: Path) -> None:
    assert "no fault" in run("vocabulary", "check").stdout
    (tmp_path / "rail.toml").write_text('[words.en]\n"tram" = 2\n"Tram" = 1\n', encoding="utf-8")
    done = run("vocabulary", "check", "--folder", str(tmp_path))
    assert done.exit_code == 1
    assert "rail.toml:3" in done.stderr


def test_stale_items_are_tagged_once_and_impact_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = open_store(tmp_path / "clusterscout.db")
    listed = [
        replace(notice(n, kind="tender"), title=f"Railway sleepers, lot {n}", summary="", text="Rails.", language="en", codes=())
        for n in range(5)
    ]
    done = notices.apply(store, None, listed, now=NOW)
    assert done.new == 5
    before = list(tagging.impact_lines(store))
    assert sum("+rail" in line for line in before) == 5
    assert before[-1].startswith("5 items would be tagged again")
    assert tagging.tag_stale(store, now=NOW, limit=2) == 2
    monkeypatch.setattr(tagging, "FEW", 1)
    monkeypatch.setattr(tagging, "BATCH", 2)
    assert tagging.tag_stale(store, now=NOW) == 3
    assert tagging.tag_stale(store, now=NOW) == 0
    numbers = [row[0] for row in store.execute("select id from opportunity")]
    assert all("rail" in {tag.id for tag in tags.read(store, number).sectors} for number in numbers)
    with store.conn:
        store.conn.execute("update tagging set vocabulary = 'another'")
    assert [line for line in tagging.impact_lines(store) if "+" in line or "-rail" in line] == []
    store.close()
    shown = run("vocabulary", "impact", "--db", str(tmp_path / "clusterscout.db"))
    assert shown.exit_code == 0
    assert "5 items would be tagged again" in shown.stdout


def test_the_services_own_process_keeps_no_words(tmp_path: Path) -> None:
    path = tmp_path / "clusterscout.db"
    store = open_store(path)
    notices.apply(store, None, [replace(notice(0), title="Railway sleepers", summary="", text="Rails.", language="en")], now=NOW)
    store.close()
    job = f"""
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from scheduler.work import Turn, tag
from tests.scheduler.killing import settings_of
if __name__ == "__main__":
    print(tag(Turn(settings=settings_of(Path({str(tmp_path)!r})), now=datetime(2026, 11, 23, tzinfo=UTC))), "spacy" in sys.modules)
"""
    told = subprocess.run([sys.executable, "-c", job], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert told == "1 tagged False\n"
