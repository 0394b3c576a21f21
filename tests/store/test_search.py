"""The list, its counts and its order against a plain reading of every record, at several moments, without a write between them."""

from __future__ import annotations

import json
import sqlite3
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from store import index
from store.codec import deadlines_from_json, parse_iso
from store.database import open_store
from store.groups import ROLE_BITS, groups
from store.search import Filter, Viewer, counts, find, find_and_count, parse_filter
from store.search.filter import match_expression
from store.status import status_of
from tests.store.site_data import NOW, build_store

MOMENTS = [NOW - timedelta(days=20), NOW, NOW + timedelta(days=13), NOW + timedelta(days=45), NOW + timedelta(days=400)]
FILTERS = [
    Filter(),
    Filter(status="any"),
    Filter(sectors=("plastics",)),
    Filter(sectors=("plastics",), countries=("PT",)),
    Filter(kinds=("call", "fair")),
    Filter(kinds=("call",), within=30),
    Filter(within=90, countries=("DE",)),
    Filter(status="closing"),
    Filter(status="closed"),
    Filter(status="forthcoming"),
    Filter(status="rolling"),
    Filter(status="cancelled"),
    Filter(sectors=("plastics", "textile"), countries=("PT", "DE", "ES")),
    Filter(countries=("PT",), roles=("eligible",)),
    Filter(countries=("NO",)),
    Filter(countries=("EU27",), status="any"),
    Filter(countries=("SI", "EEA"), kinds=("call", "tender"), status="any"),
    Filter(text="the", countries=("SI",), status="any"),
    Filter(languages=("de", "pl"), budget=200_000),
    Filter(sources=("xx_tenders",)),
    Filter(text="moulds"),
    Filter(text="hidrogenio", status="any"),
    Filter(text='"supply chains" -photonics', sectors=("plastics", "textile")),
]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = build_store(tmp_path_factory.mktemp("search") / "clusterscout.db")
    db = open_store(path)
    # What no invented notice says: that it is over, or only planned; with all its dates, some, or none of them.
    db.conn.execute("update opportunity set over = 1 where id % 6 = 1")
    db.conn.execute("update opportunity set planned = 1 where id % 7 in (1, 2)")
    db.conn.execute("update opportunity set deadlines = '[]', rolling = id % 3 = 0 where (over or planned) and id % 2")
    db.conn.execute("update opportunity set opens = '2026-12-01T00:00:00Z' where (over or planned) and id % 5 = 0")
    # Groups that may apply, beside a member of theirs and alone; and one that is only named.
    db.conn.execute("update tag set value = 'EU27', role = 'eligible' where facet = 'country' and opportunity % 8 = 0")
    db.conn.execute("update tag set value = 'HORIZON', role = 'mentioned' where facet = 'country' and opportunity % 8 = 1")
    db.conn.execute(
        "insert or ignore into tag select opportunity, facet, 'EEA', 'eligible', score, evidence, vocabulary from tag"
        " where facet = 'country' and opportunity % 10 = 2"
    )
    index.refresh(db, [row[0] for row in db.conn.execute("select id from opportunity")])
    db.conn.commit()
    db.close()
    return path


@pytest.fixture
def connection(store: Path) -> sqlite3.Connection:
    return sqlite3.connect(store)


def facts(connection: sqlite3.Connection, now: datetime) -> list[dict[str, Any]]:
    """Every published record with its status told by the Python rule."""
    connection.row_factory = sqlite3.Row
    out = []
    for row in connection.execute(
        "select o.*, s.country as home from opportunity o join source s on s.name = o.source"
        " where o.review = 'published' and o.merged_into is null"
    ):
        deadlines = deadlines_from_json(row["deadlines"])
        moment = {name: parse_iso(row[name]) if row[name] else None for name in ("opens", "starts", "ends")}
        status = status_of(
            deadlines=deadlines, rolling=bool(row["rolling"]), cancelled=bool(row["cancelled"]), withdrawn=bool(row["withdrawn"]),
            kind=row["kind"], over=bool(row["over"]), planned=bool(row["planned"]), now=now, **moment,
        )  # fmt: skip
        tags = connection.execute("select facet, value, role from tag where opportunity = ?", [row["id"]]).fetchall()
        out.append({**dict(row), "status": status, "tags": [tuple(t) for t in tags]})
    connection.row_factory = None
    return out


def passes(record: dict[str, Any], f: Filter, now: datetime) -> bool:
    sectors = {v for facet, v, _ in record["tags"] if facet == "sector"}
    countries = {(v, r) for facet, v, r in record["tags"] if facet == "country"}
    if record["kind"] == "call" and not any(r == "eligible" for _, r in countries):
        homes = {"": (), "EU": ("EU27",), "INT": ("EU27", "HORIZON")}.get(record["home"], (record["home"],))
        countries |= {(home, "eligible") for home in homes}
    countries |= {(member, "eligible") for v, r in countries if r == "eligible" for member in groups().get(v, ())}
    live = record["status"] in ("open", "closing", "forthcoming", "rolling")
    return (
        (not f.kinds or record["kind"] in f.kinds)
        and (not f.sectors or bool(sectors & set(f.sectors)))
        and (not f.countries or any(c in f.countries and (not f.roles or r in f.roles) for c, r in countries))
        and (f.status == "any" or (f.status == "live" and live) or f.status == record["status"])
        and (not f.languages or record["language"] in f.languages)
        and (not f.sources or record["source"] in f.sources)
        and (f.budget is None or (record["amount_max"] or record["amount_min"] or 0) >= f.budget)
    )


def everything(connection: sqlite3.Connection, f: Filter, now: datetime) -> list[str]:
    """All keys of a filter, page by page."""
    keys: list[str] = []
    while True:
        page = find(connection, f, Viewer(), now)
        keys += [row.key for row in page.rows]
        if not page.next:
            return keys
        f = f.but(after=page.next)


@pytest.mark.parametrize("now", MOMENTS, ids=lambda m: f"{m:%Y-%m-%d}")
def test_the_status_of_each_row_is_the_rule_of_store_status(connection: sqlite3.Connection, now: datetime) -> None:
    expected = {r["key"]: r["status"] for r in facts(connection, now)}
    rows = find(connection, Filter(status="any", size=1000), Viewer(), now).rows
    assert {row.key: row.status for row in rows} == expected


@pytest.mark.parametrize("now", MOMENTS, ids=lambda m: f"{m:%Y-%m-%d}")
@pytest.mark.parametrize("f", [f for f in FILTERS if not f.text and f.within is None], ids=lambda f: f.query() or "all")
def test_a_list_holds_what_a_plain_reading_finds(connection: sqlite3.Connection, f: Filter, now: datetime) -> None:
    expected = sorted(r["key"] for r in facts(connection, now) if passes(r, f, now))
    for sort in ("newest", "deadline"):
        assert sorted(everything(connection, f.but(sort=sort, size=10), now)) == expected
    assert counts(connection, f, Viewer(), now).total == len(expected)


@pytest.mark.parametrize("now", MOMENTS, ids=lambda m: f"{m:%Y-%m-%d}")
@pytest.mark.parametrize("f", FILTERS, ids=lambda f: f.query() or "all")
def test_a_count_says_what_the_list_would_hold(connection: sqlite3.Connection, f: Filter, now: datetime) -> None:
    told = counts(connection, f, Viewer(), now)
    assert told.total == len(everything(connection, f, now))
    for kind, n in told.kinds.items():
        assert n == len(everything(connection, f.but(kinds=(kind,)), now)), kind
    for sector, n in told.sectors.items():
        assert n == len(everything(connection, f.but(sectors=(sector,)), now)), sector
    if not f.roles:
        for country, n in told.countries.items():
            assert n == len(everything(connection, f.but(countries=(country,)), now)), country
    if f.within is None:
        for status, n in told.statuses.items():
            assert n == len(everything(connection, f.but(status=status), now)), status
        if f.status == "live":
            for days, n in told.windows.items():
                assert n == len(everything(connection, f.but(within=days), now)), days


def test_the_soonest_end_stands_first(connection: sqlite3.Connection) -> None:
    rows = find(connection, Filter(sort="deadline", size=100), Viewer(), NOW).rows
    ends = [row.until or "9999" for row in rows]
    assert ends == sorted(ends)


def test_a_later_cut_off_is_told_when_the_first_has_passed(connection: sqlite3.Connection) -> None:
    two = next(r for r in facts(connection, NOW) if r["kind"] == "call" and len(json.loads(r["deadlines"])) == 2)
    first, second = (d["utc"] for d in json.loads(two["deadlines"]))
    for now, until in ((NOW, first), (parse_iso(first), first), (parse_iso(first) + timedelta(seconds=1), second)):
        row = next(r for r in find(connection, Filter(status="any", size=1000), Viewer(), now).rows if r.key == two["key"])
        assert (row.until, row.deadline and row.deadline["utc"]) == (until, until)


def test_refreshed_and_rebuilt_rows_are_the_same(tmp_path: Path) -> None:
    db = open_store(build_store(tmp_path / "clusterscout.db"))
    db.conn.execute("update opportunity set review = 'hidden' where id % 5 = 0")
    db.conn.execute("update opportunity set embargo_cluster = 'moulds' where id % 7 = 0")
    db.conn.execute("update opportunity set withdrawn = 1 where id % 11 = 0")
    index.refresh(db, [row[0] for row in db.conn.execute("select id from opportunity")])

    def state() -> list[list[Any]]:
        tables = ("listing", "find", "tally")
        return [db.conn.execute(f"select * from {t} order by 1, 2, 3, 4, 5").fetchall() for t in tables] + [
            db.conn.execute("select id, tags from opportunity order by id").fetchall()
        ]

    kept = state()
    assert index.rebuild(db) == len(kept[0])
    assert state() == kept
    db.conn.execute("insert into opportunity_fts (opportunity_fts, rank) values ('integrity-check', 1)")


def test_rows_made_with_other_groups_are_made_anew_at_the_next_opening(tmp_path: Path) -> None:
    path = build_store(tmp_path / "clusterscout.db")
    db = open_store(path)
    db.conn.execute("update tag set value = 'EU27', role = 'eligible' where facet = 'country'")
    index.refresh(db, [row[0] for row in db.conn.execute("select id from opportunity")])
    slovenia = "select count(*) from find where country = 'SI'"
    whole = db.conn.execute(slovenia).fetchone()[0]
    assert whole > 100
    db.conn.execute("delete from find where country = 'SI'")
    db.conn.execute("update index_made set made = 'before'")
    db.conn.commit()
    db.close()
    assert open_store(path).conn.execute(slovenia).fetchone()[0] == whole


def test_an_embargoed_item_is_seen_by_its_cluster_alone(tmp_path: Path) -> None:
    db = open_store(build_store(tmp_path / "clusterscout.db"))
    key, number = db.conn.execute("select key, id from opportunity where review = 'published' and kind = 'news' limit 1").fetchone()
    db.conn.execute("update opportunity set embargo_cluster = 'moulds' where id = ?", [number])
    index.refresh(db, [number])
    for f in (
        Filter(status="any", size=1000),
        Filter(status="any", text="demand OR imports OR market", size=1000),
        Filter(text="buyers", size=1000),
    ):
        assert key not in {row.key for row in find(db.conn, f, Viewer(), NOW).rows}
        assert key not in {row.key for row in find(db.conn, f, Viewer(cluster="dairy"), NOW).rows}
    assert key in {row.key for row in find(db.conn, Filter(status="any", size=1000), Viewer(cluster="moulds"), NOW).rows}
    both = [counts(db.conn, Filter(), viewer, NOW).total for viewer in (Viewer(), Viewer(cluster="moulds"))]
    assert both[1] == both[0] + 1


def test_bits_of_roles_fit_every_role() -> None:
    assert sorted(ROLE_BITS.values()) == [1, 2, 4, 8, 16, 32]


@pytest.mark.parametrize(
    "text", ['"', "''", "a AND", "tags:x", "xxsectorxplastics", "NEAR(a b)", "*", "-", "-only", "{title}: x", "é" * 500, "\x00", "a\x00b", '"unclosed phrase', "^a", "a* b*", "_", "()"]
)  # fmt: skip
def test_no_words_of_a_reader_break_the_question_or_reach_our_tokens(connection: sqlite3.Connection, text: str) -> None:
    f = parse_filter({"q": [text], "sort": ["relevance"]})
    assert find(connection, f, Viewer(), NOW).next is not None
    if text == "xxsectorxplastics":
        assert not find(connection, f, Viewer(), NOW).rows


def test_words_find_beginnings_phrases_and_folded_accents(connection: sqlite3.Connection) -> None:
    assert match_expression("--- !!", []) == ""
    plain = everything(connection, Filter(text="fotonica", status="any"), NOW)
    assert plain
    assert plain == everything(connection, Filter(text="FOTÓNICA", status="any"), NOW)
    assert set(plain) <= set(everything(connection, Filter(text="fotoni*", status="any"), NOW))


def test_an_address_and_its_filter_are_the_same_thing() -> None:
    f = Filter(kinds=("call",), sectors=("plastics",), countries=("PT", "EU27"), roles=("eligible",), within=14, text="é x", budget=5, sort="deadline", size=50, new=True)  # fmt: skip
    args: dict[str, list[str]] = {}
    for name, value in f.pairs():
        args.setdefault(name, []).append(value)
    assert parse_filter(args) == f
    odd = parse_filter(
        {
            "kind": ["x"],
            "country": ["pt", "p;t"],
            "within": ["-1"],
            "size": ["9999"],
            "sort": ["up"],
            "after": ["'"],
            "budget": ["٣"],
        }
    )
    assert odd.countries == ("PT",)
    assert len(odd.ignored) == 7


def test_two_sectors_chosen_leave_the_counts_of_all_sectors_told(connection: sqlite3.Connection) -> None:
    chosen = Filter(sectors=("plastics", "textile"), countries=("PT",))
    told = counts(connection, chosen, Viewer(), NOW).sectors
    alone = counts(connection, Filter(sectors=("textile",), countries=("PT",)), Viewer(), NOW).total
    assert alone > 0
    assert told["textile"] == alone
    assert len(told) > 2


@pytest.mark.parametrize("f", [f for f in FILTERS if f.text], ids=lambda f: f.query())
def test_a_page_and_its_counts_together_are_those_asked_for_alone(connection: sqlite3.Connection, f: Filter) -> None:
    for sort in ("newest", "deadline", "relevance"):
        for status in ("live", "closing", "any"):
            asked = f.but(sort=sort, status=status, size=10)
            alone = find(connection, asked, Viewer(), NOW), counts(connection, asked, Viewer(), NOW)
            assert find_and_count(connection, asked, Viewer(), NOW) == alone
