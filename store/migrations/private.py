"""The schema of ``private.db``: members, profiles, mail. Datasette never lists this file. Append a function; never edit one."""

from __future__ import annotations

from sqlite_utils import Migrations
from sqlite_utils.db import Database

private = Migrations("private")


@private()
def p001_people(db: Database) -> None:
    """Clusters, members, their sessions and tokens."""
    db.executescript(
        """
        create table cluster (id text primary key, name text not null, country text not null default '') strict;
        create table member (
            id integer primary key, email text not null unique collate nocase, name text not null default '', role text not null
                check (role in ('member', 'manager', 'operator')),
            cluster text references cluster(id), password_hash text not null default '', language text not null default 'en',
            zone text not null default 'Europe/Brussels', created text not null, disabled_at text, last_visit text,
            previous_visit text
        ) strict;
        create table session (
            id_hash text primary key, member integer not null references member(id) on delete cascade, created text not null,
            expires text not null, revoked_at text, user_agent text not null default ''
        ) strict;
        create table sign_in_attempt (id integer primary key, email text not null, address text not null, at text not null,
            ok integer not null) strict;
        create index sign_in_attempt_by_time on sign_in_attempt (at);
        create table one_time_link (token_hash text primary key, member integer not null references member(id) on delete cascade,
            created text not null, expires text not null, used_at text) strict;
        create table feed_token (token_hash text primary key, member integer not null references member(id) on delete cascade,
            label text not null default '', created text not null, revoked_at text, last_used text) strict;
        """
    )


@private()
def p002_wishes(db: Database) -> None:
    """Profiles, and what a member tracks, dismisses, snoozes or notes. ``opportunity`` is the public key of the golden record.

    ``profile.body`` is the whole profile as JSON; ``profile_person`` lists the people of a team's or a person's profile, while a
    cluster's profile concerns every account of the cluster.
    """
    db.executescript(
        """
        create table profile (
            id text primary key, level text not null check (level in ('cluster', 'team', 'person')),
            cluster text references cluster(id), title text not null, body text not null, created text not null,
            changed text not null, paused_at text
        ) strict;
        create table profile_person (
            member integer not null references member(id) on delete cascade,
            profile text not null references profile(id) on delete cascade, primary key (member, profile)
        ) strict, without rowid;
        create table mark (
            member integer not null references member(id) on delete cascade, opportunity text not null,
            kind text not null check (kind in ('track', 'dismiss', 'snooze')), at text not null, until text,
            primary key (member, opportunity, kind)
        ) strict, without rowid;
        create table note (
            id integer primary key, cluster text not null, member integer references member(id) on delete set null,
            opportunity text not null, text text not null, at text not null, deleted_at text
        ) strict;
        create index note_by_opportunity on note (opportunity, cluster);
        """
    )


@private()
def p003_mail(db: Database) -> None:
    """Issues as built, the outbox, and the ledger of deliveries keyed (recipient, issue).

    ``reader`` is where each member's digest stands: ``told_until`` is the end of the last period, ``cursor`` the last row of
    ``change`` that was looked at; both move only in the transaction that writes the issue. ``told.what`` is ``new``,
    ``change:<id>`` or ``back:<instant>``. ``outbox.unsure`` counts the times that the end of DATA was never answered.
    """
    db.executescript(
        """
        create table issue (
            id text primary key, member integer references member(id) on delete cascade, recipient text not null,
            period_start text not null, period_end text not null, built_at text not null, language text not null,
            subject text not null, html text not null, text text not null, contents text not null
        ) strict;
        create index issue_by_member on issue (member, period_end);
        create table outbox (
            issue text primary key references issue(id) on delete cascade, recipient text not null, message_id text not null unique,
            message blob not null, queued_at text not null, not_before text not null, attempts integer not null default 0,
            state text not null default 'queued' check (state in ('queued', 'sending', 'sent', 'failed', 'unsure')),
            unsure integer not null default 0, error text not null default ''
        ) strict;
        create index outbox_by_state on outbox (state, not_before);
        create table delivery (
            recipient text not null, issue text not null, message_id text not null, at text not null, outcome text not null,
            response text not null default '', attempts integer not null default 1, primary key (recipient, issue)
        ) strict, without rowid;
        create table told (
            member integer not null references member(id) on delete cascade, opportunity text not null, what text not null,
            issue text not null, primary key (member, opportunity, what)
        ) strict, without rowid;
        create table reader (
            member integer primary key references member(id) on delete cascade, since text not null, told_until text not null,
            cursor integer not null, stopped_at text
        ) strict;
        create index delivery_by_time on delivery (at);
        create table lease (name text primary key, holder text not null, expires text not null, taken text not null) strict;
        create table job_run (
            id integer primary key, job text not null, started text not null, ended text, outcome text not null default '',
            detail text not null default ''
        ) strict;
        create index job_run_by_job on job_run (job, started);
        """
    )


@private()
def p004_who_runs(db: Database) -> None:
    """The process that runs a job (``store.processes``), so that one that is gone is told at once. "" in rows from before."""
    db.execute("alter table job_run add column process text not null default ''")
