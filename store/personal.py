"""A person's data in both files: all of it given out, or all of it taken away (GDPR, articles 15 and 17)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlite_utils import Database

from store import accounts, profiles
from store.database import writing
from store.profile_toml import to_toml

# What each table of the private file says of a member, in words of its own; secrets and hashes of them stay out.
_HELD = {
    "sessions": "select created, expires, revoked_at, user_agent from session where member = :id order by created",
    "feed_addresses": "select label, created, revoked_at, last_used from feed_token where member = :id order by created",
    "sign_in_links": "select created, expires, used_at from one_time_link where member = :id order by created",
    "sign_ins": "select address, at, ok from sign_in_attempt where email = :email collate nocase order by at",
    "marks": "select opportunity, kind, at, until from mark where member = :id order by at",
    "notes": "select opportunity, text, at, deleted_at from note where member = :id order by at",
    "digest_standing": "select since, told_until, stopped_at from reader where member = :id",
    "told": "select opportunity, what, issue from told where member = :id order by issue, opportunity",
    "digests": "select id, period_start, period_end, built_at, subject, text from issue where member = :id order by period_end",
    "deliveries": "select issue, at, outcome, response, attempts from delivery where recipient = :email collate nocase order by at",
}
# Columns of the published file that name who decided something.
_BY = (
    ("curation", "by"),
    ("curation", "second_by"),
    ("curation", "undone_by"),
    ("change", "by"),
    ("merge_decision", "by"),
    ("merge_decision", "undone_by"),
    ("merge_pair", "by"),
)
ERASED = "erased"


def export(private: Database, db: Database, email: str) -> dict[str, Any]:
    """All that both files hold of a person, as JSON-ready data. Raises NoSuchRow for an unknown address."""
    member = accounts.member_by_email(private, email)
    binds = {"id": member.id, "email": member.email}
    row = next(iter(private.query("select * from member where id = :id", binds)))
    account = {name: value for name, value in row.items() if name != "password_hash"}
    held: dict[str, Any] = {"account": account}
    held |= {name: list(private.query(sql, binds)) for name, sql in _HELD.items()}
    held["profiles"] = [
        to_toml(p) for p in profiles.all_profiles(private) if member.email.casefold() in {e.casefold() for e in p.people}
    ]
    held["decisions"] = [
        {"table": table, "column": column, **found}
        for table, column in _BY
        for found in db.query(f'select * from "{table}" where "{column}" in (?, ?)', _names(member))  # noqa: S608 - constant names
    ]
    return held


def erase(private: Database, db: Database, email: str, *, now: datetime) -> dict[str, int]:
    """Take a person out of both files; how many rows of each kind went. Raises NoSuchRow for an unknown address.

    Notes stay with their cluster without a name, decisions of a curator stay under ``erased``. The published file is done first, so
    that the address is known as long as anything is left to do: killed anywhere, the same call completes it. Backups taken before
    keep the person until they are dropped.
    """
    member = accounts.member_by_email(private, email)
    gone: dict[str, int] = {}
    with writing(db):
        for table, column in _BY:
            done = db.execute(f'update "{table}" set "{column}" = ? where "{column}" in (?, ?)', [ERASED, *_names(member)])  # noqa: S608
            gone[f"{table}.{column}"] = done.rowcount
    with writing(private):
        for profile in profiles.all_profiles(private):
            others = tuple(e for e in profile.people if e.casefold() != member.email.casefold())
            if len(others) == len(profile.people):
                continue
            if others:
                profiles.save(private, replace(profile, people=others), now=now)
            else:
                profiles.remove(private, profile.id)
            gone["profile"] = gone.get("profile", 0) + 1
        binds = {"id": member.id, "email": member.email}
        for name, sql in _HELD.items():
            gone[name] = sum(1 for _ in private.query(sql, binds))
        private.execute("delete from delivery where recipient = ? collate nocase", [member.email])
        accounts.remove_member(private, member.email)
    return gone


def issues_of(private: Database, email: str) -> list[str]:
    """The ids of a person's issues: the names of their letters in the mailbox folder. Raises NoSuchRow."""
    member = accounts.member_by_email(private, email)
    return [str(row[0]) for row in private.execute("select id from issue where member = ? order by id", [member.id])]


def _names(member: accounts.Member) -> list[str]:
    return [member.email, f"member:{member.id}"]
