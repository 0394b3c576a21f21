"""What a source listed before, for crawls that want to know what a reading means before it is stored. Reads only."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from zoneinfo import ZoneInfo

from sqlite_utils import Database

from store.codec import compact, iso, notice_from_json, parse_iso, storable
from store.model import Notice


@dataclass(frozen=True, kw_only=True, slots=True)
class Listed:
    """Of a source's notices that its last run listed (neither missing nor withdrawn): ``current`` in all; of those that are not
    among the ids given, ``ended`` whose time is over and ``vanished`` whose is not. ``known`` of the ids given stand in the store.
    """

    current: int = 0
    known: int = 0
    ended: int = 0
    vanished: int = 0


def compare(db: Database, source: str, notices: Sequence[Notice]) -> tuple[frozenset[str], Mapping[str, Notice]]:
    """(ids whose stored notice is the same, the stored notices of the others that are known)."""
    given = {notice.source_id: notice for notice in notices}
    same, differing = set(), {}
    for source_id, payload in db.execute(
        "select source_id, payload from notice where source = ? and source_id in (select value from json_each(?))",
        [source, storable(json.dumps(list(given), ensure_ascii=False))],
    ):
        if source_id in given and storable(compact(given[source_id])) == payload:
            same.add(source_id)
        else:
            differing[source_id] = notice_from_json(payload)
    return frozenset(same), differing


def under_other_ids(db: Database, source: str, notices: Sequence[Notice]) -> frozenset[str]:
    """The ids of those notices whose title (of some length) stands at a current notice of the source that has another id."""
    titles = {notice.title: notice.source_id for notice in notices if len(notice.title) > 15}
    rows = db.execute(
        "select distinct title from notice where source = ? and withdrawn_at is null and title in (select value from json_each(?))",
        [source, storable(json.dumps(list(titles), ensure_ascii=False))],
    )
    return frozenset(titles[title] for (title,) in rows if title in titles)


def current(db: Database, source: str) -> int:
    """How many notices the last healthy run of the source listed."""
    return int(
        db.execute(
            "select count(*) from notice where source = ? and withdrawn_at is null and missing_runs = 0", [source]
        ).fetchone()[0]
    )


def against(db: Database, source: str, seen: Collection[str], *, now: datetime) -> Listed:
    """What a whole crawl that saw these ids lacks of what was current. Only kinds that can be withdrawn count as vanished."""
    row = db.execute(
        """
        with seen as materialized (select value from json_each(:seen)),
        mine as (
            select n.source_id in (select value from seen) as listed, n.missing_runs = 0 and n.withdrawn_at is null as current,
                n.kind in ('call', 'tender', 'event') as lasting, coalesce(o.last_deadline, o.ends, :now) < :now as over
            from notice n left join opportunity o on o.id = n.opportunity where n.source = :source
        )
        select coalesce(sum(current), 0), coalesce(sum(listed), 0), coalesce(sum(current and not listed and over), 0),
            coalesce(sum(current and not listed and not over and lasting), 0) from mine
        """,
        {"source": source, "now": iso(now), "seen": storable(json.dumps(list(seen), ensure_ascii=False))},
    ).fetchone()
    return Listed(current=row[0], known=row[1], ended=row[2], vanished=row[3])


def published_at(db: Database, source: str, *, zone: str, since: datetime, most: int = 300) -> list[datetime]:
    """When the newest notices of a source say that they were published, for those that say an hour; midnight in the zone says none."""
    place = ZoneInfo(zone)
    rows = db.execute(
        "select published from notice where source = ? and published >= ? order by published desc limit ?",
        [source, iso(since), most],
    )
    instants = [parse_iso(row[0]) for row in rows]
    return [at for at in instants if at.astimezone(place).time() != time()]
