"""The only writer of ``tag`` and ``tagging``: sectors and countries with their evidence, and what is due to be tagged again."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlite_utils import Database

from store import corrections, index
from store.codec import codes_from_json, evidence_from_json, iso, parse_iso, to_json
from store.database import writing
from store.model import Code, CountryTag, Kind, SectorTag, Tags
from store.records import held_in, tag_text

NEWEST = 2**63 - 1


def stale(db: Database, vocabulary: str, limit: int | None = None, *, before: int | None = None) -> list[dict[str, Any]]:
    """What must be tagged: never tagged, tagged by another ``vocabulary``, or with a text or venue that has changed since; newest first.

    Each row: ``id``, ``title``, ``text`` (the body to tag: summary and text), ``language``, ``kind``, ``codes`` (tuple of Code, with
    the country where the publisher's own field says that a fair or event is held), ``zone``, ``published`` (aware or None),
    ``text_hash`` (give it back to ``write``). ``limit`` None means all; ``before`` an id gives only what is older than it, so that the
    whole can be read in pages.
    """
    rows = db.query(
        "select o.id, o.title, o.summary, o.text, o.language, o.kind, o.codes, o.city, o.venue_country, o.zone, o.published, "
        "o.body_hash "
        "from opportunity o left join tagging t on t.opportunity = o.id "
        "where o.merged_into is null and (t.opportunity is null or t.vocabulary != ? or t.text_hash != o.body_hash) "
        "and o.id < ? order by o.id desc limit ?",
        [vocabulary, NEWEST if before is None else before, -1 if limit is None else limit],
    )
    return [_task(row) for row in rows]


def stale_count(db: Database, vocabulary: str) -> int:
    """How many must be tagged."""
    count: int = db.execute(
        "select count(*) from opportunity o left join tagging t on t.opportunity = o.id "
        "where o.merged_into is null and (t.opportunity is null or t.vocabulary != ? or t.text_hash != o.body_hash)",
        [vocabulary],
    ).fetchone()[0]
    return count


def write(db: Database, opportunity_id: int, tags: Tags, text_hash: str, now: datetime) -> None:
    """Replace the tags of an opportunity; the JSON columns and the index follow, in one transaction (nest calls in ``writing``).

    Sectors or countries that a curator corrected stand, whatever was read.
    """
    write_many(db, [(opportunity_id, tags, text_hash)], now)


def write_many(db: Database, found: Sequence[tuple[int, Tags, str]], now: datetime) -> None:
    """``write`` for many (id, tags, text hash), in one transaction; an opportunity that is no longer there is passed over."""
    with writing(db):
        chosen = json.dumps([number for number, _, _ in found])
        there = {row[0] for row in db.execute("select id from opportunity where id in (select value from json_each(?))", [chosen])}
        for number, tags, text_hash in found:
            if number in there:
                _write(db, number, tags, text_hash, now)
        index.refresh(db, there)


def _write(db: Database, opportunity_id: int, tags: Tags, text_hash: str, now: datetime) -> None:
    """The rows of one opportunity, without the index."""
    tags = corrections.over_tags(db, opportunity_id, tags)
    countries = sorted({t.code for t in tags.countries})
    sectors = sorted({t.id for t in tags.sectors})
    rows = [(opportunity_id, "country", t.code, t.role, t.score, to_json(t.evidence), tags.vocabulary) for t in tags.countries] + [
        (opportunity_id, "sector", t.id, "", t.score, to_json(t.evidence), tags.vocabulary) for t in tags.sectors
    ]
    db.conn.execute("delete from tag where opportunity = ?", [opportunity_id])
    db.conn.executemany(
        "insert into tag (opportunity, facet, value, role, score, evidence, vocabulary) values (?, ?, ?, ?, ?, ?, ?)", rows
    )
    db.conn.execute(
        "insert into tagging (opportunity, text_hash, vocabulary, at) values (?, ?, ?, ?) on conflict (opportunity) do update "
        "set text_hash = excluded.text_hash, vocabulary = excluded.vocabulary, at = excluded.at",
        [opportunity_id, text_hash, tags.vocabulary, iso(now)],
    )
    db.conn.execute(
        "update opportunity set sectors = ?, countries = ?, language = case language when '' then ? else language end where id = ?",
        [json.dumps(sectors), json.dumps(countries), tags.lang, opportunity_id],
    )


def read(db: Database, opportunity_id: int) -> Tags:
    """The stored tags of an opportunity (no deadlines or amounts: those are in its record)."""
    rows = list(db.query("select * from tag where opportunity = ? order by score desc, value, role", [opportunity_id]))
    head = db.execute("select vocabulary from tagging where opportunity = ?", [opportunity_id]).fetchone()
    lang = db.execute("select language from opportunity where id = ?", [opportunity_id]).fetchone()
    return Tags(
        lang=lang[0] if lang else "",
        countries=tuple(
            CountryTag(code=r["value"], role=r["role"], score=r["score"], evidence=evidence_from_json(r["evidence"]))
            for r in rows
            if r["facet"] == "country"
        ),
        sectors=tuple(
            SectorTag(id=r["value"], score=r["score"], evidence=evidence_from_json(r["evidence"]))
            for r in rows
            if r["facet"] == "sector"
        ),
        vocabulary=head[0] if head else "",
    )


def rewrite(db: Database, opportunity_id: int, *, now: datetime) -> None:
    """Write the stored tags again, so that a new correction takes effect."""
    head = db.execute("select text_hash from tagging where opportunity = ?", [opportunity_id]).fetchone()
    write(db, opportunity_id, read(db, opportunity_id), head[0] if head else "", now)


def forget(db: Database, opportunity_id: int) -> None:
    """Make the tags of an opportunity stale, so that the tagger reads its text anew."""
    with writing(db):
        db.execute("delete from tagging where opportunity = ?", [opportunity_id])


def _task(row: dict[str, Any]) -> dict[str, Any]:
    codes: tuple[Code, ...] = codes_from_json(row["codes"])
    kind: Kind = row["kind"]
    country = held_in(kind, row["venue_country"])
    if country and not any(code.scheme == "country" and code.value == country and code.role for code in codes):
        codes += (Code(scheme="country", value=country, label=row["city"], role="venue"),)
    return {
        "id": row["id"],
        "title": row["title"],
        "text": tag_text(row["summary"], row["text"]),
        "language": row["language"],
        "kind": kind,
        "codes": codes,
        "zone": row["zone"],
        "published": parse_iso(row["published"]) if row["published"] else None,
        "text_hash": row["body_hash"],
    }
