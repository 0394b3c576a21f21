"""What lists are read from: ``listing``, ``find`` and ``tally``, and the tag tokens inside the full text.

``refresh`` keeps them in the writer's own transaction; ``rebuild`` makes them anew; both give the same rows. The rows follow from the
stored record alone, never from now: a list asks for the row that is current at its own now (see ``store/search``).
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cache, lru_cache
from itertools import pairwise
from operator import itemgetter
from typing import Any

from sqlite_utils.db import Database

from store.codec import digest, iso, parse_iso, to_json
from store.groups import HOME, ROLE_BITS, groups, homes_of, reach

OPEN_END = "9999-12-31T23:59:59Z"
NEVER = "0"
LONG_OVER = "1000-01-01T00:00:00Z"  # the end of what is over without anybody saying since when
BATCH = 500
LOGGED = 20_000  # the last opportunities that were touched; readers that missed more read all anew
LAYOUT = 3  # of the rows: one more whenever the same record gives other rows than before


@dataclass(frozen=True, slots=True)
class Listing:
    """The facts of one visible opportunity that lists need. ``spans`` are (after, until, final, state) in order of time;
    ``countries`` maps a code to the bits of its roles (``ROLE_BITS``, ``HOME``); the rows to find it by also hold the members of a group that
    may apply (``reach``).
    """

    opportunity: int
    audience: str
    kind: str
    language: str
    source: str
    published: str
    seen: str
    opens: str
    spans: tuple[tuple[str, str, int, str], ...]
    sectors: tuple[str, ...]
    countries: dict[str, int]
    amount: float | None

    def find_rows(self) -> Iterator[tuple[Any, ...]]:
        """The rows of ``find``, in the order of its columns."""
        for sector in ("", *self.sectors):
            for country, roles in (("", 0), *reach(self.countries).items()):
                for after, until, final, state in self.spans:
                    yield (
                        *(self.audience, sector, country, until, self.opportunity, after, self.opens, final, state, self.kind),
                        *(roles, self.published, self.language, self.source, self.amount),
                    )

    def tally_keys(self) -> Iterator[tuple[str, str, str, str, str]]:
        """Each row of ``tally`` that this listing adds one to: (audience, sector, country, month, kind), where sector, country and
        kind are "" for any, and "month" is "" for all or one of ``cancelled`` and ``withdrawn``.
        """
        states = [""] + [state for *_, state in self.spans if state in ("cancelled", "withdrawn")]
        for sector in ("", *self.sectors):
            for country in ("", *reach(self.countries)):
                for state in states:
                    yield (self.audience, sector, country, state, self.kind)
                    yield (self.audience, sector, country, state, "")

    def row(self) -> tuple[Any, ...]:
        """The row of ``listing``; from it the other rows can be told again when they must be taken away."""
        return (
            *(self.opportunity, self.audience, self.kind, self.language, self.source, self.published, self.seen, self.opens),
            *(self.spans[-1][1], json.dumps(self.spans), json.dumps(self.sectors), json.dumps(self.countries), self.amount),
        )


_LISTED = """
    select opportunity, audience, kind, language, source, published, seen, opens, ends, spans, sectors, countries, amount
    from listing where opportunity in (select value from json_each(?))
"""
_OPPORTUNITY = """
    select id, coalesce(embargo_cluster, ''), kind, language, source, coalesce(published, first_seen), first_seen,
        coalesce(opens, ''), deadlines, starts, ends, rolling, cancelled, withdrawn, coalesce(amount_max, amount_min),
        review = 'published' and merged_into is null, tags, over, planned,
        coalesce((select country from source s where s.name = opportunity.source), '')
    from opportunity where id in (select value from json_each(?))
"""
_INSERT_FIND = "insert into find values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_DELETE_FIND = "delete from find where audience = ? and sector = ? and country = ? and until = ? and opportunity = ?"
_INSERT_LISTING = "insert into listing values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_ADD = """
    insert into tally (audience, sector, country, month, kind, n) values (?, ?, ?, ?, ?, ?)
    on conflict do update set n = n + excluded.n
"""
_DROP_EMPTY = "delete from tally where audience = ? and sector = ? and country = ? and month = ? and kind = ? and n = 0"


def refresh(db: Database, opportunity_ids: Iterable[int]) -> None:
    """Bring the rows of these opportunities (ids of ``opportunity``; unknown ids are passed over) in line with their records.

    Call it in the transaction that wrote the records or their tags, after both; it opens and commits none itself.
    """
    ids = sorted(set(opportunity_ids))
    for start in range(0, len(ids), BATCH):
        _refresh(db, ids[start : start + BATCH])


def rebuild(db: Database) -> int:
    """Make all rows anew in one transaction; returns the number of opportunities listed. Full text is rebuilt as well."""
    with db.atomic():
        for statement in ("delete from find", "delete from tally", "delete from listing"):
            db.conn.execute(statement)
        ids = [row[0] for row in db.conn.execute("select id from opportunity order by id")]
        refresh(db, ids)
        db.conn.execute("insert into opportunity_fts (opportunity_fts) values ('rebuild')")
        count: int = db.conn.execute("select count(*) from listing").fetchone()[0]
    return count


def is_current(db: Database) -> bool:
    """Whether the rows were made by this layout and with these groups of countries."""
    made = db.conn.execute("select made from index_made").fetchone()
    return made is not None and made[0] == _make()


def bring_up(db: Database) -> None:
    """Make the rows anew, inside the caller's transaction, unless they are current."""
    if not is_current(db):
        rebuild(db)
        db.conn.execute("delete from index_made")
        db.conn.execute("insert into index_made values (?)", [_make()])


@cache
def _make() -> str:
    return digest(f"{LAYOUT} {to_json({name: sorted(held) for name, held in groups().items()})}")


def _refresh(db: Database, ids: Sequence[int]) -> None:
    connection, chosen = db.conn, json.dumps(ids)
    old = {row[0]: row for row in connection.execute(_LISTED, [chosen])}
    records = connection.execute(_OPPORTUNITY, [chosen]).fetchall()
    tags: dict[int, list[tuple[str, str, str]]] = {}
    for key, facet, value, role in connection.execute(
        "select opportunity, facet, value, role from tag where opportunity in (select value from json_each(?))"
        " order by opportunity, facet, value, role",
        [chosen],
    ):
        tags.setdefault(key, []).append((facet, value, role))
    gone: list[Listing] = []
    come: list[Listing] = []
    words: list[tuple[str, int]] = []
    kept: set[int] = set()
    for record in records:
        key, visible, told = record[0], bool(record[15]), record[16]
        new = _listing(record, tags.get(key, [])) if visible else None
        token = " ".join(tokens(new)) if new is not None else ""
        if token != told:
            words.append((token, key))
        before = old.get(key)
        if new is not None and before is not None and new.row() == before:
            kept.add(key)
        elif new is not None:
            come.append(new)
    gone = [_from_row(row) for key, row in old.items() if key not in kept]
    _apply(db, gone, come)
    connection.executemany("update opportunity set tags = ? where id = ?", words)


def _apply(db: Database, gone: Sequence[Listing], come: Sequence[Listing]) -> None:
    counts: Counter[tuple[str, str, str, str, str]] = Counter()
    for listing in come:
        counts.update(listing.tally_keys())
    for listing in gone:
        counts.subtract(listing.tally_keys())
    connection = db.conn
    # In the order of the tree, so that neighbours are written together.
    connection.executemany(_DELETE_FIND, sorted(row[:5] for listing in gone for row in listing.find_rows()))
    connection.executemany("delete from listing where opportunity = ?", [(listing.opportunity,) for listing in gone])
    connection.executemany(_INSERT_LISTING, [listing.row() for listing in come])
    connection.executemany(_INSERT_FIND, sorted((row for listing in come for row in listing.find_rows()), key=itemgetter(slice(5))))
    changed = sorted((*key, n) for key, n in counts.items() if n)
    connection.executemany(_ADD, changed)
    connection.executemany(_DROP_EMPTY, [key[:5] for key in changed if key[5] < 0])
    touched = sorted({listing.opportunity for listing in (*gone, *come)})
    connection.executemany("insert into index_log (opportunity) values (?)", [(number,) for number in touched])
    connection.execute("delete from index_log where id <= (select max(id) from index_log) - ?", [LOGGED])


def _listing(record: Sequence[Any], tags: Sequence[tuple[str, str, str]]) -> Listing:
    countries: dict[str, int] = {}
    for facet, value, role in tags:
        if facet == "country":
            countries[value] = countries.get(value, 0) | ROLE_BITS.get(role, 0)
    for home in homes_of(record[2], record[19], countries.values()):
        countries[home] = countries.get(home, 0) | HOME
    marked = "cancelled" if record[12] else "withdrawn" if record[13] else ""
    opens = "" if record[17] else record[7]
    lives = spans(
        kind=record[2],
        opens=opens,
        deadlines=json.loads(record[8]),
        starts=record[9],
        ends=record[10],
        rolling=bool(record[11]),
        state=marked or ("over" if record[17] else ""),
    )
    return Listing(
        opportunity=record[0],
        audience=record[1],
        kind=record[2],
        language=record[3],
        source=record[4],
        published=record[5],
        seen=record[6],
        opens=OPEN_END if record[18] and not opens and lives[-1][3] == "undated" else opens,
        spans=lives,
        sectors=tuple(sorted({value for facet, value, _ in tags if facet == "sector"})),
        countries=countries,
        amount=record[14],
    )


def _from_row(row: Sequence[Any]) -> Listing:
    return Listing(
        opportunity=row[0],
        audience=row[1],
        kind=row[2],
        language=row[3],
        source=row[4],
        published=row[5],
        seen=row[6],
        opens=row[7],
        spans=tuple((after, until, final, state) for after, until, final, state in json.loads(row[9])),
        sectors=tuple(json.loads(row[10])),
        countries=json.loads(row[11]),
        amount=row[12],
    )


def spans(
    *, kind: str, opens: str, deadlines: Sequence[dict[str, Any]], starts: str | None, ends: str | None, rolling: bool, state: str
) -> tuple[tuple[str, str, int, str], ...]:
    """The life of an opportunity as (after, until, final, state), the rule of ``store/status.py`` laid out in time.

    ``state``: ``dated`` ends with a deadline (or a fair's first day), ``on`` cannot be closing any more (a fair that has begun),
    ``rolling`` and ``undated`` never end, ``cancelled`` and ``withdrawn`` are over whatever the dates say. What is ``over`` ends with
    its last deadline, or has ended long ago. (What is only planned is ``undated`` and opens at the end of time.)
    """
    if state in ("cancelled", "withdrawn"):
        return (("", NEVER, 1, state),)
    dated = sorted({str(d["utc"]) for d in deadlines if d.get("utc")})
    over = state == "over"
    never_ends = not over and (rolling or any(d.get("rolling") and not d.get("utc") for d in deadlines))
    marks: list[tuple[str, str]]
    if (kind == "fair" and ends) or (not dated and not never_ends and not over and ends):
        marks = [(starts, "dated")] if starts and starts < ends else []
        marks.append((ends, "dated" if starts == ends else "on"))
    elif dated or never_ends:
        marks = [(until, "dated") for until in dated] + ([(OPEN_END, "rolling")] if never_ends else [])
    else:
        marks = [(LONG_OVER, "over")] if over else [(OPEN_END, "undated")]
    if opens and marks[-1][0] < opens:
        marks = [(iso(parse_iso(opens) - timedelta(seconds=1)), "on")]
    bounds = pairwise(["", *(until for until, _ in marks)])
    last = len(marks) - 1
    return tuple((after, until, int(n == last), marks[n][1]) for n, (after, until) in enumerate(bounds))


def tokens(listing: Listing) -> list[str]:
    """The words that stand for this listing's tags in the ``tags`` column of the full text: plain letters and digits only."""
    until = listing.spans[-1][1]
    out = [
        token("audience", listing.audience),
        token("kind", listing.kind),
        token("language", listing.language),
        token("source", listing.source),
        token("until", listing.spans[-1][3] if until in (NEVER, OPEN_END) else quarter(until)),
    ]
    out += [token("sector", sector) for sector in listing.sectors]
    for country, roles in listing.countries.items():
        out.append(token("country", country))
        out += [token(role, country) for role, bit in ROLE_BITS.items() if roles & bit or (roles & HOME and role == "eligible")]
    return out


@lru_cache(maxsize=5000)
def token(facet: str, value: str) -> str:
    """One tag as a word of the full text, for example ``xxsectorxplastics``; other characters than letters and digits become hex."""
    plain = "".join(c if c.isascii() and c.isalnum() else f"z{ord(c):x}z" for c in value.lower())
    return f"xx{facet}x{plain}"


def quarter(instant: str) -> str:
    """``2026q4`` for an instant of the fourth quarter of 2026."""
    return f"{instant[:4]}q{(int(instant[5:7]) + 2) // 3}"
