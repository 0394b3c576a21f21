"""From the two files to issues: read once what all readers share (an edition), then what is one reader's own."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlite_utils import Database

from store import marks, profiles
from store.codec import deadlines_from_json, evidence_from_json, iso, parse_iso
from store.digest.choose import match, visible_to
from store.digest.issue import Detail, Issue, Proof, Reader, build_issue
from store.digest.plan import ChangeRow, Marks, Plan, plan
from store.digest.shelf import Shelf, find_words, load_shelf, statement
from store.model import Deadline
from store.profiles import Profile
from store.runs import Coverage, coverage


@dataclass(kw_only=True, slots=True)
class Edition:
    """What all issues of one moment share, as one snapshot of the published file. ``last_change`` is its newest row of ``change``."""

    db: Database
    now: datetime
    shelf: Shelf
    changes: tuple[tuple[str, ChangeRow], ...]
    aliases: Mapping[str, str]
    coverage: Coverage
    last_change: int
    details: dict[str, Detail] = field(default_factory=dict)
    proofs: dict[str, tuple[Proof, ...]] = field(default_factory=dict)

    def surviving(self, key: str) -> str:
        """The key under which ``key`` lives on after merges."""
        seen = {key}
        while (then := self.aliases.get(key)) is not None and then not in seen:
            seen.add(key := then)
        return key


@contextmanager
def edition(db: Database, *, now: datetime, cursor: int) -> Iterator[Edition]:
    """The edition of ``now``, with changes after the row ``cursor``; while the block runs, ``db`` stays at one snapshot."""
    db.conn.execute("begin")
    try:
        last = db.execute("select coalesce(max(id), 0) from change").fetchone()[0]
        changes = tuple((str(row.pop("audience")), ChangeRow(**row)) for row in db.query(statement("changes"), {"cursor": cursor}))
        aliases = {str(key): str(into) for key, into in db.execute(statement("aliases"))}
        yield Edition(
            db=db,
            now=now,
            shelf=load_shelf(db, now=now),
            changes=changes,
            aliases=aliases,
            coverage=coverage(db, now=now),
            last_change=int(last),
        )
    finally:
        db.conn.rollback()


def compose(
    made: Edition,
    private: Database,
    reader: Reader,
    wanted: Sequence[Profile],
    *,
    cursor: int,
    period: tuple[datetime, datetime],
    issue: str = "",
) -> tuple[Plan, Issue]:
    """One reader's plan and issue (with the id ``issue``, when it is given). ``wanted`` are the profiles that concern the reader, the most personal first; at least one."""
    shelf = made.shelf
    wishes = [wish for profile in wanted for wish in profile.wishes]
    find_words(made.db, shelf, (word for wish in wishes for word in (*wish.words, *wish.avoid)))
    visible = visible_to(shelf, reader.cluster)
    found = [match(shelf, wish, visible=visible) for wish in wishes]
    mine = Marks() if not reader.member else _marks(made, private, reader.member)
    told = frozenset() if not reader.member else _told(made, private, reader.member)
    chosen = plan(
        shelf,
        found,
        told=told,
        marks=mine,
        changes=(row for audience, row in made.changes if row.id > cursor and audience in ("", reader.cluster)),
        sections=wanted[0].sections,
        visible=visible,
        now=made.now,
    )
    keys = [entry.key for entries in chosen.shown.values() for entry in entries]
    load(made, keys)
    made_issue = build_issue(
        chosen,
        reader=reader,
        title=wanted[0].title,
        period=period,
        now=made.now,
        found=found,
        details=made.details,
        proofs=made.proofs,
        words=_words_in(shelf, wishes_words(wanted), keys),
        coverage=made.coverage,
        issue=issue,
    )
    return chosen, made_issue


def load(made: Edition, keys: Iterable[str]) -> None:
    """Read the facts and proofs of ``keys`` into the edition, those it has not read yet."""
    wanted = sorted(set(keys) - made.details.keys())
    if not wanted:
        return
    binds = {"keys": json.dumps(wanted)}
    for row in made.db.query(statement("details"), binds):
        made.details[row["key"]] = detail_of(row, made.now)
    proofs: dict[str, list[Proof]] = {}
    for row in made.db.query(statement("evidence"), binds):
        quotes = evidence_from_json(row["evidence"])
        quote = quotes[0].quote if quotes else ""
        proofs.setdefault(row["key"], []).append(Proof(facet=row["facet"], value=row["value"], role=row["role"], quote=quote))
    made.proofs.update({key: tuple(found) for key, found in proofs.items()})


def wishes_words(wanted: Sequence[Profile]) -> list[str]:
    """The words that the wishes of the profiles want."""
    return [word for profile in wanted for wish in profile.wishes for word in wish.words]


def preview_period(now: datetime) -> tuple[datetime, datetime]:
    """The period that a preview shows: the last seven days."""
    return now - timedelta(days=7), now


def reader_of(row: Mapping[str, Any], wanted: Sequence[Profile]) -> Reader:
    """The reader of a row of ``member``; language and zone of the most personal profile that names them, else the account's."""
    return Reader(
        member=row["id"],
        email=row["email"],
        name=row["name"],
        cluster=row["cluster"] or "",
        language=next((p.language for p in wanted if p.language), row["language"] or profiles.LANGUAGES[0]),
        zone=next((p.zone for p in wanted if p.zone), row["zone"]),
    )


def preview_reader(profile: Profile) -> Reader:
    """A reader for the preview of a profile alone: nobody's marks, nobody's ledger."""
    return Reader(
        member=0,
        email="",
        name="",
        cluster=profile.cluster,
        language=profile.language or profiles.LANGUAGES[0],
        zone=profile.zone or "Europe/Brussels",
    )


def _marks(made: Edition, private: Database, member: int) -> Marks:
    held = marks.of_member(private, member)
    return Marks(
        tracked=frozenset(made.surviving(key) for key in held["track"]),
        dismissed={made.surviving(key): since for key, (since, _) in held["dismiss"].items()},
        snoozed={made.surviving(key): until or "" for key, (_, until) in held["snooze"].items()},
    )


def _told(made: Edition, private: Database, member: int) -> frozenset[tuple[str, str]]:
    rows = private.execute("select opportunity, what from told where member = ?", [member])
    return frozenset((made.surviving(row[0]), row[1]) if row[0] in made.aliases else row for row in rows)


def _words_in(shelf: Shelf, words: Iterable[str], keys: Sequence[str]) -> dict[str, frozenset[str]]:
    on_shelf = [(key, shelf.position[key]) for key in keys if key in shelf.position]
    return {word: frozenset(key for key, i in on_shelf if shelf.words[word] >> i & 1) for word in set(words)}


def detail_of(row: Mapping[str, Any], now: datetime) -> Detail:
    """The facts of a row of ``sections/details.sql`` as they stand at ``now``."""
    deadlines = deadlines_from_json(row["deadlines"])
    coming = sorted((d for d in deadlines if d.utc is not None and iso(d.utc) >= iso(now)), key=_utc)
    over = sorted((d for d in deadlines if d.utc is not None), key=_utc)
    amounts = (row["amount_min"], row["amount_max"])
    return Detail(
        key=row["key"],
        kind=row["kind"],
        title=row["title"],
        summary=row["summary"],
        language=row["language"],
        url=row["url"],
        publisher=row["publisher"],
        organiser=row["organiser"],
        deadline=coming[0] if coming else over[-1] if over else None,
        further_deadlines=max(0, len(coming) - 1),
        rolling=bool(row["rolling"]),
        opens=parse_iso(row["opens"]) if row["opens"] and row["opens"] > iso(now) else None,
        starts=datetime.fromisoformat(row["starts_local"]) if row["starts_local"] else None,
        ends=datetime.fromisoformat(row["ends_local"]) if row["ends_local"] else None,
        place=", ".join(part for part in (row["venue"], row["city"]) if part),
        country=row["venue_country"],
        online=bool(row["online"]),
        amount=amounts if amounts[0] is not None and amounts[1] is not None else None,
        currency=row["currency"],
        cancelled=bool(row["cancelled"]),
        withdrawn=bool(row["withdrawn"]),
        published=parse_iso(row["published"]),
    )


def _utc(deadline: Deadline) -> str:
    return iso(deadline.utc) if deadline.utc is not None else ""
