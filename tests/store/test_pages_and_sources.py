"""What conditional requests need, and the declared sources: written only where they differ."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlite_utils import Database

from store import pages, sources
from store.pages import PageState
from tests.store.shapes import NOW

STATE = PageState(url="https://example.org/list", etag='"a"', status=200, fetched_at=NOW, content_hash="h", kept='{"ids":["1"]}')


def declared(name: str, **given: Any) -> dict[str, Any]:
    facts: dict[str, Any] = {column: "" for column in sources.COLUMNS}
    numbers = {"every": 60, "official_feed": False, "verified": False, "enabled": True, "languages": ["en"]}
    return {**facts, **numbers, "name": name, "kind": "call", "rows": ".item", **given}


def test_a_page_is_remembered_and_an_equal_answer_not_written_again(db: Database) -> None:
    pages.keep(db, "s", [STATE, replace(STATE, method="POST")])
    assert pages.known(db, "s") == {("GET", STATE.url): STATE, ("POST", STATE.url): replace(STATE, method="POST")}
    before = db.conn.total_changes
    pages.keep(db, "s", [replace(STATE, fetched_at=NOW + timedelta(days=1))])
    assert db.conn.total_changes == before
    assert pages.known(db, "s")["GET", STATE.url].fetched_at == NOW
    pages.keep(db, "s", [replace(STATE, etag='"b"', fetched_at=NOW + timedelta(days=1))])
    assert pages.known(db, "s")["GET", STATE.url].etag == '"b"'
    assert pages.known(db, "other") == {}
    assert pages.forget(db, "s") == 2
    assert pages.known(db, "s") == {}


def test_sources_are_kept_and_those_declared_no_more_are_disabled(db: Database) -> None:
    assert sources.keep(db, [declared("a"), declared("b")]) == 2
    assert sources.keep(db, [declared("a"), declared("b")]) == 0
    assert sources.keep(db, [declared("a", title="New title")]) == 2
    rows = {row["name"]: row for row in db.query("select * from source")}
    assert (rows["a"]["title"], rows["a"]["enabled"], rows["b"]["enabled"]) == ("New title", 1, 0)
    assert json.loads(rows["a"]["languages"]) == ["en"]
    assert json.loads(rows["a"]["declared"])["rows"] == ".item"
    assert sources.keep(db, [declared("a", title="New title"), declared("b")]) == 1
    assert db.execute("select count(*) from source where enabled").fetchone()[0] == 2
