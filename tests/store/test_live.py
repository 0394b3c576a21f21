"""The counts in memory and the index in the file after any sequence of writes, against both made anew."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlite_utils import Database

from store import index
from store.codec import iso
from store.database import open_readonly, open_store
from store.search import Counts, Filter, Viewer, counts, find
from store.search.count import of_bits
from store.search.live import Live, held
from tests.bench.big_store import NOW, build

SIZE = 40
FILTERS = (
    Filter(),
    Filter(kinds=("call", "tender"), within=30),
    Filter(sectors=("plastics", "energy"), countries=("DE", "FR")),
    Filter(countries=("DE",), roles=("eligible", "venue")),
    Filter(status="closing"),
    Filter(status="forthcoming"),
    Filter(languages=("en",), status="open", within=60),
)
TABLES = ("listing", "find", "tally")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("live") / "clusterscout.db", SIZE)


def deadlines(days: list[int]) -> str:
    ends = [NOW + timedelta(days=day, minutes=7) for day in days]
    return json.dumps([{"utc": iso(end), "local": iso(end)[:19], "zone": "UTC", "precision": "minute"} for end in ends])


WRITES: dict[str, st.SearchStrategy[Any]] = {
    "deadlines": st.lists(st.integers(-3, 70), max_size=3).map(deadlines),
    "review": st.sampled_from(["published", "published", "hidden"]),
    "embargo_cluster": st.sampled_from([None, None, "moulds"]),
    "opens": st.one_of(st.none(), st.integers(-5, 40).map(lambda day: iso(NOW + timedelta(days=day)))),
    "cancelled": st.integers(0, 1),
    "rolling": st.integers(0, 1),
    "over": st.integers(0, 1),
    "kind": st.sampled_from(["call", "tender", "fair", "news"]),
    "language": st.sampled_from(["en", "mt"]),
}
write = st.sampled_from(sorted(WRITES)).flatmap(lambda column: st.tuples(st.just(column), WRITES[column]))
tag = st.tuples(
    st.just("tag"), st.sampled_from([("sector", "plastics", ""), ("country", "DE", "eligible"), ("country", "EU27", "eligible")])
)
steps = st.lists(
    st.one_of(
        st.tuples(st.just("write"), st.lists(st.integers(1, SIZE), min_size=1, max_size=5), st.one_of(write, tag)),
        st.tuples(st.just("wait"), st.integers(1, 60 * 24 * 9), st.none()),
    ),
    min_size=3,
    max_size=14,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=steps)
def test_any_sequence_of_writes_and_waits_leaves_what_is_made_anew(made: Path, steps: list[tuple[Any, Any, Any]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = shutil.copy(made, Path(folder) / "clusterscout.db")
        db, reader, now = open_store(path), open_readonly(path), NOW
        for what, of, change in steps:
            if what == "wait":
                now += timedelta(minutes=of)
            else:
                apply(db, of, change)
            agree(reader, now)
        kept = list(tables(db))
        index.rebuild(db)
        assert list(tables(db)) == kept
        db.conn.execute("insert into opportunity_fts (opportunity_fts, rank) values ('integrity-check', 1)")
        db.close()
        reader.close()


def apply(db: Database, ids: list[int], change: tuple[str, Any]) -> None:
    column, value = change
    with db.conn:
        for number in ids:
            if column == "tag":
                taken = db.conn.execute(
                    "delete from tag where opportunity = ? and facet = ? and value = ? and role = ?", [number, *value]
                )
                if not taken.rowcount:
                    db.conn.execute("insert into tag values (?, ?, ?, ?, 0.9, '[]', 'test')", [number, *value])
            else:
                db.conn.execute(f"update opportunity set {column} = ? where id = ?", [value, number])
        index.refresh(db, ids)


def agree(reader: Database, now: datetime) -> None:
    """The counts that were kept are those of bits made anew, and say how long the list is."""
    anew = Live()
    anew.brought_up(reader.conn, iso(now))
    for f in FILTERS:
        for viewer in (Viewer(), Viewer(cluster="moulds")):
            told: Counts = counts(reader.conn, f, viewer, now)
            assert told == of_bits(reader.conn, anew, f, viewer, now), f.query()
            assert told.total == len(find(reader.conn, f.but(size=1000), viewer, now).rows), f.query()


def tables(db: Database) -> Iterator[list[Any]]:
    for table in TABLES:
        yield db.conn.execute(f"select * from {table} order by 1, 2, 3, 4, 5").fetchall()
    yield db.conn.execute("select id, tags from opportunity order by id").fetchall()


def test_a_reader_that_missed_more_than_the_log_holds_reads_all_anew(
    made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index, "LOGGED", 3)
    path = shutil.copy(made, tmp_path / "clusterscout.db")
    db, reader = open_store(path), open_readonly(path)
    before = counts(reader.conn, Filter(), Viewer(), NOW).total
    for number in range(1, SIZE + 1):
        apply(db, [number], ("deadlines", deadlines([40])))
        apply(db, [number], ("kind", "call"))
    agree(reader, NOW)
    assert counts(reader.conn, Filter(), Viewer(), NOW).total > before


def test_an_older_now_is_answered_too_and_bits_are_shared_by_the_file(made: Path, tmp_path: Path) -> None:
    path = shutil.copy(made, tmp_path / "clusterscout.db")
    readers = [open_readonly(path) for _ in range(2)]
    for days in (0, 30, -400, 5):
        for reader in readers:
            agree(reader, NOW + timedelta(days=days))
    assert held(readers[0].conn)[1] is held(readers[1].conn)[1]
