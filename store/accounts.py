"""Members, how they sign in, and the tokens that stand for them. The only writer of these tables of ``private.db``.

Passwords are argon2id hashes; sessions, links and feed tokens are kept as SHA-256 of a random secret that only its holder knows.
Every function takes the private database as ``open_private`` gives it.
"""

from __future__ import annotations

import secrets
import sqlite3
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from hashlib import sha256
from typing import Any, Literal
from zoneinfo import available_timezones

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from sqlite_utils import Database

from store.codec import iso
from store.database import writing
from store.errors import NoSuchRow, NotAllowed

MemberRole = Literal["member", "manager", "operator"]
ROLES: tuple[MemberRole, ...] = ("member", "manager", "operator")
SESSION = timedelta(days=14)
LINK = timedelta(minutes=30)
WINDOW = timedelta(minutes=15)
MOST_FAILURES_OF_EMAIL = 5
MOST_FAILURES_OF_ADDRESS = 30
VISIT = timedelta(minutes=30)
SHORTEST_PASSWORD = 10


@dataclass(frozen=True, kw_only=True, slots=True)
class Member:
    """One person. ``cluster`` is an id or ""; ``language`` of the interface, "" until one is chosen (then the browser's counts); ``zone`` IANA; ``previous_visit`` an ISO instant or ""."""

    id: int
    email: str
    name: str
    role: MemberRole
    cluster: str
    cluster_name: str
    language: str
    zone: str
    previous_visit: str = ""
    disabled: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Session:
    """A session as its member sees it: ``id`` is the hash, not the secret."""

    id: str
    created: str
    expires: str
    user_agent: str


@dataclass(frozen=True, kw_only=True, slots=True)
class FeedToken:
    """A private feed address as its member sees it; the secret itself was shown once."""

    id: str
    label: str
    created: str
    last_used: str


_MEMBER = """
    select m.id, m.email, m.name, m.role, coalesce(m.cluster, '') as cluster, coalesce(c.name, '') as cluster_name, m.language, m.zone,
        coalesce(m.previous_visit, '') as previous_visit, m.disabled_at is not null as disabled
    from member m left join cluster c on c.id = m.cluster
"""


def keep_cluster(db: Database, id: str, name: str, *, country: str = "") -> None:
    """Add a cluster, or give it another name."""
    with writing(db):
        db.execute(
            "insert into cluster (id, name, country) values (?, ?, ?)"
            " on conflict (id) do update set name = excluded.name, country = excluded.country",
            [id, name, country],
        )


def add_member(
    db: Database,
    email: str,
    role: MemberRole,
    cluster: str = "",
    password: str = "",
    *,
    now: datetime,
    name: str = "",
    language: str = "",
    zone: str = "Europe/Brussels",
) -> int:
    """Add a person and return their id; without a password they sign in by one-time links. A cluster not yet known is added by its id.

    Raises NotAllowed for an address that is taken or is none, an unknown role or zone, or a password under ten characters.
    """
    email = email.strip()
    if role not in ROLES:
        raise NotAllowed(f"'{role}' is no role: use one of {', '.join(ROLES)}.")
    if email.count("@") != 1 or email.startswith("@") or email.endswith("@") or not email.isprintable() or " " in email:
        raise NotAllowed(f"'{email}' is no mail address: give it as name@example.org.")
    if zone not in available_timezones():
        raise NotAllowed(f"'{zone}' is no time zone: give an IANA name such as Europe/Lisbon.")
    if db.execute("select 1 from member where email = ?", [email]).fetchone():
        raise NotAllowed(f"{email} is a member already: use 'clusterscout members passwd {email}' for a new password.")
    hashed = hash_password(password) if password else ""
    with writing(db):
        if cluster:
            db.execute("insert into cluster (id, name) values (?, ?) on conflict (id) do nothing", [cluster, cluster])
        row = db.execute(
            "insert into member (email, name, role, cluster, password_hash, language, zone, created) values (?, ?, ?, ?, ?, ?, ?, ?)",
            [email, name, role, cluster or None, hashed, language, zone, iso(now)],
        )
        return int(row.lastrowid or 0)


def members(db: Database) -> list[Member]:
    """All members by address, the disabled ones too."""
    return [_member(row) for row in _rows(db, _MEMBER + " order by m.email", [])]


def member_by_email(db: Database, email: str) -> Member:
    """The member with this address (case plays no part). Raises NoSuchRow."""
    rows = _rows(db, _MEMBER + " where m.email = ?", [email.strip()])
    if not rows:
        raise NoSuchRow(f"There is no member {email}: see 'clusterscout members list'.")
    return _member(rows[0])


def remove_member(db: Database, email: str) -> None:
    """Forget a person: account, sessions, tokens, marks, profiles and mail; their notes stay with the cluster. Raises NoSuchRow."""
    member = member_by_email(db, email)
    with writing(db):
        db.execute("delete from member where id = ?", [member.id])
        db.execute("delete from sign_in_attempt where email = ?", [member.email.lower()])


def set_password(db: Database, email: str, password: str, *, now: datetime) -> None:
    """Give a new password and end all sessions of the member. Raises NoSuchRow, NotAllowed (too short)."""
    member = member_by_email(db, email)
    hashed = hash_password(password)
    with writing(db):
        db.execute("update member set password_hash = ? where id = ?", [hashed, member.id])
        end_sessions(db, member.id, now=now)


def set_manner(db: Database, member: int, *, language: str, zone: str) -> None:
    """Keep the language of the interface and the time zone that a member chose."""
    with writing(db):
        db.execute("update member set language = ?, zone = ? where id = ?", [language, zone, member])


def hash_password(password: str) -> str:
    """The argon2id hash to store. Raises NotAllowed when it is too short."""
    if len(password) < SHORTEST_PASSWORD:
        raise NotAllowed(f"The password is too short: use at least {SHORTEST_PASSWORD} characters.")
    return _hasher().hash(password)


def sign_in(db: Database, email: str, password: str, *, address: str, now: datetime) -> Member | None:
    """The member when the password is right and they are not disabled, else None; every attempt is kept and counted.

    Raises NotAllowed when this mail address (5) or this network address (30) failed too often within 15 minutes. An unknown address
    costs the same time as a wrong password.
    """
    email = email.strip().lower()[:320]
    since = iso(now - WINDOW)
    failed = "select count(*) from sign_in_attempt where at > ? and not ok and "
    if (
        db.execute(failed + "email = ?", [since, email]).fetchone()[0] >= MOST_FAILURES_OF_EMAIL
        or db.execute(failed + "address = ?", [since, address]).fetchone()[0] >= MOST_FAILURES_OF_ADDRESS
    ):
        raise NotAllowed("Too many attempts. Wait a quarter of an hour, or ask for a sign-in link by mail.")
    row = db.execute("select id, password_hash from member where email = ? and disabled_at is null", [email]).fetchone()
    right = _verify(row[1] if row and row[1] else _nobody(), password) and bool(row and row[1])
    with writing(db):
        db.execute(
            "insert into sign_in_attempt (email, address, at, ok) values (?, ?, ?, ?)", [email, address, iso(now), int(right)]
        )
        db.execute("delete from sign_in_attempt where at < ?", [iso(now - timedelta(days=30))])
    return _member(_rows(db, _MEMBER + " where m.id = ?", [row[0]])[0]) if right else None


def start_session(db: Database, member: int, *, now: datetime, user_agent: str = "") -> str:
    """Begin a session and return its secret for the cookie; it ends by itself after 14 days."""
    secret = secrets.token_urlsafe(32)
    with writing(db):
        db.execute("delete from session where expires < ?", [iso(now)])
        db.execute(
            "insert into session (id_hash, member, created, expires, user_agent) values (?, ?, ?, ?, ?)",
            [_hash(secret), member, iso(now), iso(now + SESSION), user_agent[:200]],
        )
    return secret


def member_of_session(connection: sqlite3.Connection, secret: str, *, now: datetime) -> Member | None:
    """Whose session this is at ``now``, or None when there is no such session, it has ended, or the member is disabled. Reads only."""
    cursor = connection.execute(
        _MEMBER + " join session s on s.member = m.id where s.id_hash = ? and s.revoked_at is null and s.expires > ?"
        " and m.disabled_at is null",
        [_hash(secret), iso(now)],
    )
    row = cursor.fetchone()
    return _member(dict(zip((c[0] for c in cursor.description), row, strict=True))) if row else None


def sessions(db: Database, member: int, *, now: datetime) -> list[Session]:
    """The member's sessions that still run, newest first."""
    return [
        Session(id=row["id_hash"], created=row["created"], expires=row["expires"], user_agent=row["user_agent"])
        for row in _rows(
            db,
            "select * from session where member = ? and revoked_at is null and expires > ? order by created desc",
            [member, iso(now)],
        )
    ]


def end_session(db: Database, secret: str, *, now: datetime) -> None:
    """End the session of this secret; an unknown one is passed over."""
    with writing(db):
        db.execute("update session set revoked_at = ? where id_hash = ? and revoked_at is null", [iso(now), _hash(secret)])


def end_sessions(db: Database, member: int, *, now: datetime, only: str = "") -> None:
    """End every session of a member, or ``only`` the one with this ``Session.id``; another member's is passed over."""
    with writing(db):
        db.execute(
            "update session set revoked_at = ? where member = ? and revoked_at is null and (? = '' or id_hash = ?)",
            [iso(now), member, only, only],
        )


def curators(connection: sqlite3.Connection, cluster: str) -> list[str]:
    """The addresses of those who curate for a cluster: its managers, and every operator."""
    sql = "select email from member where role = 'operator' or (role = 'manager' and cluster = ? and cluster <> '')"
    return [row[0] for row in connection.execute(sql, [cluster])]


def is_session(secret: str, session: str) -> bool:
    """Whether the secret of a cookie is that of the session with this ``Session.id``."""
    return _hash(secret) == session


def visit_is_due(connection: sqlite3.Connection, member: int, *, now: datetime) -> bool:
    """Whether ``visited`` has something to write: five minutes have passed since it last did. Reads only."""
    row = connection.execute("select last_visit from member where id = ?", [member]).fetchone()
    return row is not None and not (row[0] is not None and iso(now - timedelta(minutes=5)) < row[0] <= iso(now))


def visited(db: Database, member: int, *, now: datetime) -> None:
    """Note that the member is here. A pause of half an hour makes the next request a new visit, and the last one the previous."""
    if not visit_is_due(db.conn, member, now=now):
        return
    with writing(db):
        last = db.execute("select last_visit from member where id = ?", [member]).fetchone()[0]
        if last is None or last < iso(now - VISIT):
            db.execute("update member set previous_visit = last_visit, last_visit = ? where id = ?", [iso(now), member])
        else:
            db.execute("update member set last_visit = ? where id = ?", [iso(now), member])


def make_link(db: Database, email: str, *, now: datetime) -> str | None:
    """The secret of a sign-in link that works once within 30 minutes, or None when nobody has this address, or five links wait."""
    row = db.execute("select id from member where email = ? and disabled_at is null", [email.strip()]).fetchone()
    if row is None:
        return None
    waiting = db.execute(
        "select count(*) from one_time_link where member = ? and used_at is null and expires > ?", [row[0], iso(now)]
    ).fetchone()[0]
    if waiting >= MOST_FAILURES_OF_EMAIL:
        return None
    secret = secrets.token_urlsafe(32)
    with writing(db):
        db.execute("delete from one_time_link where expires < ?", [iso(now - timedelta(days=1))])
        db.execute(
            "insert into one_time_link (token_hash, member, created, expires) values (?, ?, ?, ?)",
            [_hash(secret), row[0], iso(now), iso(now + LINK)],
        )
    return secret


def use_link(db: Database, secret: str, *, now: datetime) -> int | None:
    """The member's id for a link's secret, which is used up by that; None when it was used, is too old or never was."""
    with writing(db):
        used = db.execute(
            "update one_time_link set used_at = ? where token_hash = ? and used_at is null and expires > ?",
            [iso(now), _hash(secret), iso(now)],
        ).rowcount
        if not used:
            return None
        row = db.execute(
            "select m.id from one_time_link l join member m on m.id = l.member where l.token_hash = ? and m.disabled_at is null",
            [_hash(secret)],
        ).fetchone()
    return int(row[0]) if row else None


def make_feed_token(db: Database, member: int, label: str, *, now: datetime) -> str:
    """The secret of a new private feed address."""
    secret = secrets.token_urlsafe(24)
    with writing(db):
        db.execute(
            "insert into feed_token (token_hash, member, label, created) values (?, ?, ?, ?)",
            [_hash(secret), member, label[:80], iso(now)],
        )
    return secret


def feed_tokens(db: Database, member: int) -> list[FeedToken]:
    """The member's feed addresses that still work, newest first."""
    return [
        FeedToken(id=row["token_hash"], label=row["label"], created=row["created"], last_used=row["last_used"] or "")
        for row in _rows(db, "select * from feed_token where member = ? and revoked_at is null order by created desc", [member])
    ]


def revoke_feed_token(db: Database, member: int, id: str, *, now: datetime) -> bool:
    """End a feed address of this member; False when they have no such one."""
    with writing(db):
        return bool(
            db.execute(
                "update feed_token set revoked_at = ? where member = ? and token_hash = ? and revoked_at is null",
                [iso(now), member, id],
            ).rowcount
        )


def member_of_feed_token(connection: sqlite3.Connection, secret: str) -> Member | None:
    """Whose feed address this is, or None when it never was, was revoked, or the member is disabled. Reads only."""
    cursor = connection.execute(
        _MEMBER + " join feed_token t on t.member = m.id where t.token_hash = ? and t.revoked_at is null and m.disabled_at is null",
        [_hash(secret)],
    )
    row = cursor.fetchone()
    return _member(dict(zip((c[0] for c in cursor.description), row, strict=True))) if row else None


def token_use_is_due(connection: sqlite3.Connection, secret: str, *, now: datetime) -> bool:
    """Whether the last use of a feed address was noted more than an hour ago. Reads only."""
    row = connection.execute("select last_used from feed_token where token_hash = ?", [_hash(secret)]).fetchone()
    return row is not None and (row[0] is None or row[0] < iso(now - timedelta(hours=1)))


def token_used(db: Database, secret: str, *, now: datetime) -> None:
    """Note that a feed address is in use."""
    with writing(db):
        db.execute("update feed_token set last_used = ? where token_hash = ?", [iso(now), _hash(secret)])


def _rows(db: Database, sql: str, values: list[Any]) -> list[dict[str, Any]]:
    cursor = db.execute(sql, values)
    names = [c[0] for c in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor]


def _member(row: dict[str, Any]) -> Member:
    return Member(**{**row, "disabled": bool(row["disabled"])})


def _hash(secret: str) -> str:
    return sha256(secret.encode("utf-8", "replace")).hexdigest()


@cache
def _hasher() -> PasswordHasher:
    return PasswordHasher()


@cache
def _nobody() -> str:
    """The hash that an unknown address is measured against."""
    return _hasher().hash(secrets.token_hex(16))


def _verify(hashed: str, password: str) -> bool:
    try:
        return _hasher().verify(hashed, password)
    except (VerifyMismatchError, InvalidHashError):
        return False
