"""The only writer of ``page_state``: what a conditional request needs, and how each address last answered.

Keep a page's state in the same transaction as its notices (``with writing(db): notices.apply(...); pages.keep(...)``), or after
it: an ``etag`` stored before its notices would, after a kill, make the next crawl answer 304 and lose them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlite_utils import Database

from store.codec import iso, parse_iso
from store.database import writing


@dataclass(frozen=True, kw_only=True, slots=True)
class PageState:
    """The last answer of one address. ``archive`` names the WARC file that holds it; ``outcome`` is a short word;
    ``kept`` is JSON of what the page gave, for crawls that find it unchanged.
    """

    url: str
    method: str = "GET"
    etag: str = ""
    last_modified: str = ""
    content_hash: str = ""
    status: int
    fetched_at: datetime
    archive: str = ""
    outcome: str = ""
    kept: str = ""


def known(db: Database, source: str) -> dict[tuple[str, str], PageState]:
    """What is known of a source's addresses, by (method, url)."""
    rows = db.query("select * from page_state where source = ?", [source])
    return {
        (row["method"], row["url"]): PageState(
            **{**{name: row[name] for name in row if name != "source"}, "fetched_at": parse_iso(row["fetched_at"])}
        )
        for row in rows
    }


def remembered(db: Database, sources: Iterable[str]) -> frozenset[str]:
    """Those of ``sources`` of which any page is remembered as read."""
    sql = "select value from json_each(?) where exists (select 1 from page_state where source = value and outcome = 'read')"
    return frozenset(str(row[0]) for row in db.execute(sql, [json.dumps(list(sources))]))


def keep(db: Database, source: str, states: Iterable[PageState]) -> None:
    """Store states; an answer that says the same as before (status, validators, content) is not written again."""
    with writing(db):
        db.conn.executemany(
            "insert into page_state (source, url, method, etag, last_modified, content_hash, status, fetched_at, archive, outcome, kept) "
            "values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict (source, method, url) do update set etag = excluded.etag, "
            "last_modified = excluded.last_modified, content_hash = excluded.content_hash, status = excluded.status, "
            "fetched_at = excluded.fetched_at, archive = excluded.archive, outcome = excluded.outcome, kept = excluded.kept "
            "where (etag, last_modified, content_hash, status, outcome, kept) is not "
            "(excluded.etag, excluded.last_modified, excluded.content_hash, excluded.status, excluded.outcome, excluded.kept)",
            [
                (
                    source,
                    s.url,
                    s.method,
                    s.etag,
                    s.last_modified,
                    s.content_hash,
                    s.status,
                    iso(s.fetched_at),
                    s.archive,
                    s.outcome,
                    s.kept,
                )
                for s in states
            ],
        )


def doubt(db: Database, source: str) -> None:
    """What a source's pages gave is doubted: the next crawl asks for each of them as if it had never been read."""
    with writing(db):
        db.execute(
            "update page_state set outcome = 'doubted', etag = '', last_modified = '', content_hash = '' where source = ? and outcome = 'read'",
            [source],
        )


def forget(db: Database, source: str) -> int:
    """Drop what is known of a source's addresses, so that the next crawl asks for everything; how many rows."""
    with writing(db):
        return db.execute("delete from page_state where source = ?", [source]).rowcount
