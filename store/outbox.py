"""The only writer of ``issue``, ``outbox``, ``delivery``, ``told`` and ``reader``: what is to be sent, and what was.

An issue, its message, what it tells and how far it goes are one transaction: a reader's boundary moves only with the ledger.
A message is ``queued``, becomes ``sending`` before its content goes out, then ``sent`` or ``failed``. One that is found ``sending``
was cut off there: nobody knows whether the server took it. It is tried once more under the same Message-ID, and reported.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlite_utils import Database

from store.codec import iso, parse_iso
from store.database import writing

FIRST_WAIT = timedelta(minutes=5)
LONGEST_WAIT = timedelta(hours=6)
GIVE_UP = timedelta(days=7)


@dataclass(frozen=True, kw_only=True, slots=True)
class Letter:
    """A message of the outbox: ``message`` is what goes to the server, byte for byte. ``closed``: the account was closed since."""

    issue: str
    member: int | None
    recipient: str
    message_id: str
    message: bytes
    queued_at: datetime
    attempts: int
    unsure: int
    closed: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Delivery:
    """What came of a letter: ``outcome`` is sent, unsure, failed (for good) or later (stays in the outbox)."""

    recipient: str
    issue: str
    message_id: str
    outcome: str
    response: str
    attempts: int
    unsure: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """How far a reader was told: until when, and up to which row of ``change``; ``stopped_at`` once the reader wants no mail."""

    since: datetime
    told_until: datetime
    cursor: int
    stopped_at: datetime | None


class _Overtaken(Exception):
    """Undoes ``post``: another has entered this reader's issue."""


def standing(private: Database, member: int) -> Standing | None:
    """Where a member's digest stands; None for one who has no row yet."""
    row = private.execute("select since, told_until, cursor, stopped_at from reader where member = ?", [member]).fetchone()
    return None if row is None else _standing(*row)


def standings(private: Database) -> dict[int, Standing]:
    """Where the digests of all readers stand, by member."""
    rows = private.execute("select member, since, told_until, cursor, stopped_at from reader")
    return {member: _standing(*row) for member, *row in rows}


def begin(private: Database, member: int, *, told_until: datetime, cursor: int, now: datetime) -> None:
    """Give a new reader a row: the first issue covers what comes after ``told_until``. A reader that has one keeps it."""
    with writing(private):
        private.execute(
            "insert or ignore into reader (member, since, told_until, cursor) values (?, ?, ?, ?)",
            [member, iso(now), iso(told_until), cursor],
        )


def set_back(private: Database, member: int, built_on: Standing, *, told_until: datetime) -> None:
    """Take a boundary back that a wrong clock put into the future, unless the reader has moved on meanwhile."""
    with writing(private):
        private.execute(
            "update reader set told_until = ? where member = ? and told_until = ?",
            [iso(told_until), member, iso(built_on.told_until)],
        )


def stop(private: Database, member: int, *, now: datetime) -> None:
    """Send a member no more digests. What waits in the outbox for them is taken out. Stopping twice is stopping once."""
    with writing(private):
        private.execute(
            "insert into reader (member, since, told_until, cursor, stopped_at) values (?, ?, ?, 0, ?) "
            "on conflict (member) do update set stopped_at = coalesce(stopped_at, excluded.stopped_at)",
            [member, iso(now), iso(now), iso(now)],
        )
        private.execute(
            "update outbox set state = 'failed', error = 'the reader stopped the mail' where state = 'queued' "
            "and issue in (select id from issue where member = ?)",
            [member],
        )


def resume(private: Database, member: int) -> None:
    """Send a member digests again."""
    with writing(private):
        private.execute("update reader set stopped_at = null where member = ?", [member])


def post(
    private: Database,
    *,
    issue: Mapping[str, Any],
    message_id: str,
    message: bytes,
    told: Sequence[tuple[str, str]],
    cursor: int,
    built_on: Standing,
    now: datetime,
) -> bool:
    """Enter an issue (the columns of ``issue``) with its message in one transaction.

    With it what it tells goes to the ledger and the reader's boundary moves to ``period_end``, the cursor to ``cursor``. False, and
    nothing written, when the issue is there already or the reader no longer stands where it was built on: another was quicker.
    """
    columns = (
        "id",
        "member",
        "recipient",
        "period_start",
        "period_end",
        "built_at",
        "language",
        "subject",
        "html",
        "text",
        "contents",
    )
    with contextlib.suppress(_Overtaken), writing(private):
        marks = ", ".join("?" for _ in columns)
        done = private.execute(
            f"insert or ignore into issue ({', '.join(columns)}) values ({marks})",  # noqa: S608 - constant names
            [issue[name] for name in columns],
        ).rowcount
        moved = private.execute(
            "update reader set told_until = ?, cursor = ? where member = ? and told_until = ? and cursor = ? and stopped_at is null",
            [issue["period_end"], cursor, issue["member"], iso(built_on.told_until), built_on.cursor],
        ).rowcount
        if not (done and moved):
            raise _Overtaken
        private.execute(
            "insert into outbox (issue, recipient, message_id, message, queued_at, not_before) values (?, ?, ?, ?, ?, ?)",
            [issue["id"], issue["recipient"], message_id, message, iso(now), iso(now)],
        )
        private.conn.executemany(
            "insert into told (member, opportunity, what, issue) values (?, ?, ?, ?) on conflict do nothing",
            [(issue["member"], key, what, issue["id"]) for key, what in told],
        )
        return True
    return False


def recover(private: Database, *, now: datetime) -> int:
    """Put back what a killed deliverer left ``sending``; call it while no other delivers. Returns how many.

    Their number of ``unsure`` goes up. What was cut off there twice is not tried again: it ends as ``unsure``, in the ledger too.
    """
    with writing(private):
        private.execute(
            "insert into delivery (recipient, issue, message_id, at, outcome, response, attempts) select recipient, issue, message_id, "
            "?, 'unsure', 'the server did not answer the end of the message, twice', attempts from outbox "
            "where state = 'sending' and unsure > 0 on conflict do nothing",
            [iso(now)],
        )
        private.execute("update outbox set state = 'unsure', unsure = unsure + 1 where state = 'sending' and unsure > 0")
        return private.execute(
            "update outbox set state = 'queued', unsure = 1, error = 'cut off while the message went out' where state = 'sending'"
        ).rowcount


def due(private: Database, *, now: datetime, limit: int) -> list[Letter]:
    """The letters that may go out at ``now``, the longest waiting first. A clock that went back holds nothing up."""
    rows = private.query(
        "select o.issue, i.member, o.recipient, o.message_id, o.message, o.queued_at, o.attempts, o.unsure, "
        "m.disabled_at is not null as closed from outbox o join issue i on i.id = o.issue left join member m on m.id = i.member where o.state = 'queued' and (o.not_before <= :now or o.queued_at > :now) "
        "order by o.not_before, o.issue limit :limit",
        {"now": iso(now), "limit": limit},
    )
    return [Letter(**{**row, "queued_at": parse_iso(row["queued_at"]), "closed": bool(row["closed"])}) for row in rows]


def sent_since(private: Database, since: datetime) -> int:
    """How many messages reached the server at or after an instant."""
    count = private.execute("select count(*) from delivery where at >= ? and outcome = 'sent'", [iso(since)]).fetchone()
    return int(count[0])


def sending(private: Database, letter: Letter) -> None:
    """Say that the content of a letter is about to go out."""
    with writing(private):
        private.execute(
            "update outbox set state = 'sending', attempts = attempts + 1 where issue = ? and state = 'queued'", [letter.issue]
        )


def sent(private: Database, letter: Letter, response: str, *, now: datetime) -> Delivery:
    """Enter in outbox and ledger that the server took a letter."""
    return _settle(private, letter, "sent", response, attempts=letter.attempts + 1, unsure=letter.unsure, now=now)


def failed(private: Database, letter: Letter, response: str, *, now: datetime) -> Delivery:
    """Enter that a letter will never be taken."""
    return _settle(private, letter, "failed", response, attempts=letter.attempts + 1, unsure=letter.unsure, now=now)


def unanswered(private: Database, letter: Letter, response: str, *, now: datetime) -> Delivery:
    """The end of a letter's content was not answered: once more later, or, when that happened before, no more and ``unsure``."""
    if letter.unsure:
        return _settle(private, letter, "unsure", response, attempts=letter.attempts + 1, unsure=letter.unsure + 1, now=now)
    with writing(private):
        private.execute(
            "update outbox set state = 'queued', unsure = unsure + 1, not_before = ?, error = ? where issue = ?",
            [iso(now + FIRST_WAIT), response, letter.issue],
        )
    return _later(letter, response, attempts=letter.attempts + 1, unsure=letter.unsure + 1)


def postponed(private: Database, letter: Letter, response: str, *, now: datetime) -> Delivery:
    """The server refused a letter for now: try again after a wait that doubles (5 min to 6 h), or give up after a week."""
    if now - letter.queued_at > GIVE_UP:
        return failed(private, letter, f"given up after a week: {response}", now=now)
    wait = min(FIRST_WAIT * 2 ** min(letter.attempts, 10), LONGEST_WAIT)
    with writing(private):
        private.execute(
            "update outbox set state = 'queued', attempts = ?, not_before = ?, error = ? where issue = ?",
            [letter.attempts + 1, iso(now + wait), response, letter.issue],
        )
    return _later(letter, response, attempts=letter.attempts + 1, unsure=letter.unsure)


def waiting(private: Database) -> dict[str, int]:
    """How many letters are in each state of the outbox but ``sent``."""
    rows = private.execute("select state, count(*) from outbox where state != 'sent' group by state")
    return {str(state): int(n) for state, n in rows}


def purge(private: Database, *, before: datetime) -> int:
    """Remove issues that were built before an instant and are out of the outbox's hands, with their messages; their number.

    The ledger of what was told stays, so that nothing is told again.
    """
    with writing(private):
        private.execute("delete from delivery where at < ?", [iso(before)])
        return private.execute(
            "delete from issue where built_at < ? and id not in (select issue from outbox where state in ('queued', 'sending'))",
            [iso(before)],
        ).rowcount


def _settle(
    private: Database, letter: Letter, outcome: str, response: str, *, attempts: int, unsure: int, now: datetime
) -> Delivery:
    with writing(private):
        private.execute(
            "update outbox set state = ?, attempts = ?, unsure = ?, error = ? where issue = ?",
            [outcome, attempts, unsure, "" if outcome == "sent" else response, letter.issue],
        )
        private.execute(
            "insert into delivery (recipient, issue, message_id, at, outcome, response, attempts) values (?, ?, ?, ?, ?, ?, ?) "
            "on conflict do nothing",
            [letter.recipient, letter.issue, letter.message_id, iso(now), outcome, response, attempts],
        )
    return Delivery(
        recipient=letter.recipient,
        issue=letter.issue,
        message_id=letter.message_id,
        outcome=outcome,
        response=response,
        attempts=attempts,
        unsure=unsure,
    )


def _standing(since: str, told_until: str, cursor: int, stopped_at: str | None) -> Standing:
    stopped = parse_iso(stopped_at) if stopped_at else None
    return Standing(since=parse_iso(since), told_until=parse_iso(told_until), cursor=cursor, stopped_at=stopped)


def _later(letter: Letter, response: str, *, attempts: int, unsure: int) -> Delivery:
    return Delivery(
        recipient=letter.recipient,
        issue=letter.issue,
        message_id=letter.message_id,
        outcome="later",
        response=response,
        attempts=attempts,
        unsure=unsure,
    )
