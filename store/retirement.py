"""The end of a crawl: what its source no longer lists. Slow to withdraw, never because of a run that went badly.

A notice is withdrawn when three healthy complete runs in a row did not list it. Feeds, news sitemaps and windows of the newest
never retire (``retires=False``): from them an absence says nothing. A fair is never withdrawn for being unseen, nor is news or a
study, nor anything whose last deadline or last day is over, or
that its publisher says is over: it is simply past.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlite_utils import Database

from store import due, opportunities, runs
from store.changes.damping import settle
from store.codec import iso, storable
from store.database import writing
from store.model import Verdict

MISSED_RUNS = 3
RETIRING_KINDS = ("call", "tender", "event")
_MISSED = (
    "update notice set missing_runs = missing_runs + 1 where source = :source and withdrawn_at is null "
    "and missing_runs < :most and kind in (select value from json_each(:kinds)) "
    "and source_id not in (select value from json_each(:seen))"
)
_MISSED_AGAIN = (
    "update notice set missing_runs = missing_runs + 1 where source = :source and withdrawn_at is null "
    "and missing_runs between 1 and :most - 1 and kind in (select value from json_each(:kinds))"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Finished:
    """How many notices the run newly counted as missing (not yet withdrawn), and how many it withdrew."""

    missing: int = 0
    withdrawn: int = 0


def finish_run(
    db: Database,
    run_id: str,
    *,
    source: str,
    seen_ids: Collection[str] | None,
    retires: bool,
    now: datetime,
    verdict: Verdict,
    complete: bool,
    counts: Mapping[str, int],
    reasons: Sequence[str] = (),
) -> Finished:
    """End a crawl's run in one transaction: its row, and when it was healthy and complete and the source ``retires``, the misses.

    ``seen_ids`` are the source ids of every notice the run listed, whether it changed or not (a list of 5,000 is fine); None
    says that the publisher answered "not modified" to the whole list, so what was listed before is listed still. A notice already
    withdrawn returns through ``notices.apply``, not here. Raises NoSuchRow for an unknown run.
    """
    done = Finished()
    with writing(db):
        runs.end_run(db, run_id, now=now, verdict=verdict, complete=complete, counts=counts, reasons=reasons)
        if verdict == "healthy" and complete:
            if retires:
                done = _miss(db, run_id, source, seen_ids, now)
            settle(db, source, now=now, run=run_id)
        due.announce_openings(db, now=now, run=run_id)
        due.advance_deadlines(db, now=now)
    return done


def _miss(db: Database, run_id: str, source: str, seen_ids: Collection[str] | None, now: datetime) -> Finished:
    marks = {
        "source": source,
        "seen": storable(json.dumps(sorted(seen_ids or ()), ensure_ascii=False)),
        "kinds": json.dumps(RETIRING_KINDS),
        "most": MISSED_RUNS,
    }
    if seen_ids is None:
        missing = db.execute(_MISSED_AGAIN, marks).rowcount
    else:
        db.execute(
            "update notice set missing_runs = 0 where source = :source and missing_runs > 0 and withdrawn_at is null "
            "and source_id in (select value from json_each(:seen))",
            marks,
        )
        missing = db.execute(_MISSED, marks).rowcount
    gone = [
        int(row["id"])
        for row in db.query(
            "select n.id from notice n join opportunity o on o.id = n.opportunity where n.source = :source and n.missing_runs >= :most "
            "and n.withdrawn_at is null and n.kind in (select value from json_each(:kinds)) "
            "and coalesce(o.last_deadline, o.ends, :now) >= :now and (not o.over or o.last_deadline >= :now)",
            {**marks, "now": iso(now)},
        )
    ]
    if gone:
        chosen = json.dumps(gone)
        db.execute("update notice set withdrawn_at = ? where id in (select value from json_each(?))", [iso(now), chosen])
        opportunities.merge(db, gone, now=now, run=run_id)
    return Finished(missing=missing - len(gone), withdrawn=len(gone))


def last_seen(db: Database, notice: int) -> str:
    """When a notice was last listed by its source (text, UTC): the start of the newest healthy complete run of its source, unless
    it is missing from that; then, and before any such run, when its row was last written.
    """
    row = next(iter(db.query("select source, last_seen, missing_runs, withdrawn_at from notice where id = ?", [notice])))
    if row["missing_runs"] or row["withdrawn_at"]:
        return str(row["last_seen"])
    newest = db.execute(
        "select max(started) from run where source = ? and stage = 'crawl' and verdict = 'healthy' and complete = 1",
        [row["source"]],
    ).fetchone()[0]
    return max(str(row["last_seen"]), newest or "")
