"""The schema of ``clusterscout.db``, the published file. Append a function; never edit one that has landed.

Instants are ISO 8601 texts in UTC, ``2026-11-21T05:00:00Z``, so that they sort as text; civil times carry no offset.
JSON columns hold the dataclasses of ``store/model.py`` as ``store/codec.py`` writes them.
"""

from __future__ import annotations

from sqlite_utils import Migrations
from sqlite_utils.db import Database

published = Migrations("published")


@published()
def m001_sources_and_runs(db: Database) -> None:
    """Sources as declared, their runs and problems, and what conditional requests need."""
    db.executescript(
        """
        create table source (
            name text primary key, title text not null, publisher text not null, url text not null, format text not null,
            kind text not null, country text not null, languages text not null, timezone text not null,
            every integer not null, licence text not null, terms text not null, robots text not null,
            official_feed integer not null, verified integer not null, verified_how text not null,
            enabled integer not null, blocked text not null, publish text not null, trust text not null,
            declared text not null
        ) strict;
        create table run (
            id text primary key, stage text not null, source text not null, started text not null, ended text,
            verdict text, complete integer not null default 0, counts text not null default '{}', reasons text not null default '[]'
        ) strict;
        create index run_by_source on run (source, stage, started);
        create table problem (
            id integer primary key, run text references run(id), source text not null, url text not null, cause text not null,
            detail text not null, source_id text not null default '', at text not null
        ) strict;
        create index problem_by_run on problem (run);
        create index problem_by_source on problem (source, at);
        create table page_state (
            source text not null, url text not null, method text not null default 'GET', etag text not null default '',
            last_modified text not null default '', content_hash text not null default '', status integer not null,
            fetched_at text not null, archive text not null default '', outcome text not null default '',
            primary key (source, method, url)
        ) strict;
        """
    )


@published()
def m002_notices(db: Database) -> None:
    """What each source says, one row a (source, source_id); ``payload`` is the whole Notice as JSON.

    ``last_seen`` is when the row was last written: a notice that a later healthy run saw unchanged is not written again, so the
    last sighting is that run's ``started`` unless ``missing_runs`` counts it as missing. ``opportunity`` is null only within the
    writer's own transaction.
    """
    db.executescript(
        """
        create table notice (
            id integer primary key, source text not null, source_id text not null, kind text not null, url text not null,
            canonical_url text not null, title text not null, language text not null, published text,
            payload text not null, content_hash text not null, meaning_hash text not null,
            first_seen text not null, last_seen text not null, changed_at text not null, run text,
            trust text not null default 'page', publish text not null default 'auto',
            missing_runs integer not null default 0, withdrawn_at text,
            opportunity integer references opportunity(id),
            unique (source, source_id)
        ) strict;
        create index notice_by_opportunity on notice (opportunity);
        create index notice_missing on notice (source) where missing_runs > 0;
        create index notice_by_url on notice (canonical_url);
        create table notice_hard_id (
            hard_id text not null, notice integer not null references notice(id) on delete cascade,
            primary key (hard_id, notice)
        ) strict, without rowid;
        create index notice_hard_id_by_notice on notice_hard_id (notice);
        """
    )


@published()
def m003_opportunities(db: Database) -> None:
    """The golden record. No status column: it follows from the deadlines and now.

    ``ends`` is the last second of a fair or event (filled from ``starts`` when the publisher says no end; ``ends_local`` is not).
    ``record`` is the whole record as JSON but for its text, the base of the next comparison.
    """
    db.executescript(
        """
        create table opportunity (
            id integer primary key, key text not null unique, kind text not null, title text not null, summary text not null,
            text text not null, language text not null, url text not null, source text not null, organiser text not null,
            programme text not null, eligibility text not null, published text, opens text,
            next_deadline text, last_deadline text, rolling integer not null default 0, deadlines text not null default '[]',
            starts text, ends text, starts_local text, ends_local text, zone text not null default '',
            venue text not null default '', city text not null default '', venue_country text not null default '',
            online integer not null default 0,
            amount_min real, amount_max real, currency text not null default '', amounts text not null default '[]',
            documents text not null default '[]', codes text not null default '[]', flags text not null default '[]',
            cancelled integer not null default 0, withdrawn integer not null default 0,
            review text not null default 'published', pinned integer not null default 0, embargo_cluster text,
            provenance text not null default '{}', record text not null default '{}', doubt real not null default 0,
            sectors text not null default '[]', countries text not null default '[]',
            merged_into integer references opportunity(id), body_hash text not null default '',
            first_seen text not null, changed_at text not null, tags text not null default ''
        ) strict;
        create index opportunity_by_changed on opportunity (changed_at);
        create index opportunity_by_deadline on opportunity (next_deadline);
        create index opportunity_by_review on opportunity (review, doubt);
        create index opportunity_by_opening on opportunity (opens) where opens is not null;
        create table opportunity_hard_id (
            hard_id text primary key, opportunity integer not null references opportunity(id)
        ) strict, without rowid;
        create index opportunity_hard_id_by_opportunity on opportunity_hard_id (opportunity);
        """
    )


@published()
def m004_history(db: Database) -> None:
    """Append-only: what changed, what was merged or split, what a curator decided.

    ``flapping`` holds the fields whose source went back to a value it had left: ``told`` is the value that people were last told
    of, ``seen`` the hashes of the values it flips between. A curation that ``waits`` has no effect until a second person agrees.
    """
    db.executescript(
        """
        create table change (
            id integer primary key, opportunity integer not null references opportunity(id), notice integer, type text not null,
            field text not null default '', old text, new text, direction text not null default '',
            material integer not null, at text not null, run text, by text not null default ''
        ) strict;
        create index change_by_opportunity on change (opportunity, id);
        create index change_by_time on change (at, material);
        create table merge_decision (
            id integer primary key, type text not null, opportunity integer not null, other integer not null, notice integer,
            reason text not null, score real, by text not null, at text not null, undone_at text, undone_by text
        ) strict;
        create index merge_decision_by_opportunity on merge_decision (opportunity);
        create index merge_decision_by_other on merge_decision (other);
        create table curation (
            id integer primary key, opportunity integer not null references opportunity(id), action text not null,
            field text not null default '', old text, new text, by text not null, at text not null, reason text not null default '',
            conflict text, conflict_at text, waits integer not null default 0, second_by text, second_at text,
            undone_at text, undone_by text
        ) strict;
        create index curation_by_opportunity on curation (opportunity, id);
        create table flapping (
            opportunity integer not null references opportunity(id), field text not null, told text, seen text not null,
            since text not null, flips integer not null, primary key (opportunity, field)
        ) strict, without rowid;
        create index flapping_by_time on flapping (since);
        """
    )


@published()
def m005_tags(db: Database) -> None:
    """Sectors and countries with role, each with its evidence; and which vocabulary tagged what text."""
    db.executescript(
        """
        create table tag (
            opportunity integer not null references opportunity(id), facet text not null, value text not null,
            role text not null default '', score real not null, evidence text not null, vocabulary text not null,
            primary key (opportunity, facet, value, role)
        ) strict, without rowid;
        create index tag_by_value on tag (facet, value, role);
        create table tagging (
            opportunity integer primary key references opportunity(id), text_hash text not null, vocabulary text not null,
            at text not null
        ) strict;
        """
    )


@published()
def m006_full_text(db: Database) -> None:
    """Full text that folds accents. External content: SQLite 3.40 has no contentless_delete; Datasette reads content="...\"."""
    db.executescript(
        """
        create virtual table opportunity_fts using fts5 (
            title, summary, text, tags, content="opportunity", content_rowid="id", tokenize="unicode61 remove_diacritics 2",
            prefix="3"
        );
        create trigger opportunity_fts_insert after insert on opportunity begin
            insert into opportunity_fts (rowid, title, summary, text, tags)
            values (new.id, new.title, new.summary, new.text, new.tags);
        end;
        create trigger opportunity_fts_delete after delete on opportunity begin
            insert into opportunity_fts (opportunity_fts, rowid, title, summary, text, tags)
            values ('delete', old.id, old.title, old.summary, old.text, old.tags);
        end;
        create trigger opportunity_fts_update after update of title, summary, text, tags on opportunity begin
            insert into opportunity_fts (opportunity_fts, rowid, title, summary, text, tags)
            values ('delete', old.id, old.title, old.summary, old.text, old.tags);
            insert into opportunity_fts (rowid, title, summary, text, tags)
            values (new.id, new.title, new.summary, new.text, new.tags);
        end;
        """
    )


@published()
def m010_finding(db: Database) -> None:
    """What the members' lists are read from; kept by ``store/index.py`` in the writer's transaction, and able to be rebuilt.

    ``listing`` has one row for each opportunity that somebody may see. ``find`` has, for each pair of (one of its sectors or any) and
    (one of its countries or any), one row a deadline: it is the current one while ``after <= now`` and (``until > now`` or ``final``),
    so the passing of time moves no row. ``until`` is '0' when cancelled or withdrawn, and '9999' when nothing ends. ``tally``
    counts the rows of ``find`` by the month of ``until`` (month '' = all final rows; kind '' = all kinds).
    """
    db.executescript(
        """
        create table listing (
            opportunity integer primary key references opportunity(id), audience text not null, kind text not null,
            language text not null, source text not null, published text not null, seen text not null, opens text not null,
            ends text not null, spans text not null, sectors text not null, countries text not null, amount real
        ) strict;
        create index listing_by_seen on listing (seen);
        create table find (
            audience text not null, sector text not null, country text not null, until text not null, opportunity integer not null,
            after text not null, opens text not null, final integer not null, state text not null, kind text not null,
            roles integer not null, published text not null, language text not null, source text not null, amount real,
            primary key (audience, sector, country, until, opportunity)
        ) strict, without rowid;
        create index find_newest on find (audience, sector, country, published desc, opportunity desc, kind, after, final);
        create index find_opening on find (audience, sector, country, opens, kind) where opens <> '' and final = 1;
        create index find_again on find (audience, sector, country, after, kind) where after <> '';
        create table tally (
            audience text not null, sector text not null, country text not null, month text not null, kind text not null,
            n integer not null, primary key (audience, sector, country, month, kind)
        ) strict, without rowid;
        """
    )


@published()
def m020_merging(db: Database) -> None:
    """What merging compares (keys and signatures of notices), what it found (links), and pairs that a curator joined or parted."""
    db.executescript(
        """
        create table merge_key (key text not null, notice integer not null, primary key (key, notice)) strict, without rowid;
        create index merge_key_by_notice on merge_key (notice);
        create table merge_signature (notice integer primary key, signature text not null) strict;
        create table merge_link (
            one integer not null, other integer not null, outcome text not null, score real not null, reason text not null,
            primary key (one, other)
        ) strict, without rowid;
        create index merge_link_by_other on merge_link (other);
        create table merge_pair (
            one integer not null, other integer not null, wish text not null check (wish in ('together', 'apart')),
            curation integer, by text not null, at text not null, undone_at text
        ) strict;
        create index merge_pair_by_one on merge_pair (one);
        """
    )


@published()
def m020_page_memory(db: Database) -> None:
    """What a page gave when it was last read (ids, further requests, which reader), so that a 304 stands for all of it."""
    db.execute("alter table page_state add column kept text not null default ''")


@published()
def m030_merged_away(db: Database) -> None:
    """Which opportunities went into another one: their corrections hold there."""
    db.execute("create index opportunity_by_merged on opportunity (merged_into) where merged_into is not null")


@published()
def m031_one_hash(db: Database) -> None:
    """A notice is compared by ``content_hash`` alone; what a difference means is told by the diff."""
    db.execute("alter table notice drop column meaning_hash")


@published()
def m040_held(db: Database) -> None:
    """Values that a doubted run read, held back from the notices until a healthy run or a person says that they are right."""
    db.executescript(
        """
        create table held (
            source text not null, source_id text not null, run text, first_at text not null, at text not null, reason text not null,
            payload text not null, primary key (source, source_id)
        ) strict, without rowid;
        """
    )


@published()
def m050_over_and_planned(db: Database) -> None:
    """What a publisher says is over, or only planned, without a date that tells it: awards, results, prior information."""
    db.execute("alter table opportunity add column over integer not null default 0")
    db.execute("alter table opportunity add column planned integer not null default 0")


@published()
def m051_index_made(db: Database) -> None:
    """Which layout and which country groups the rows of ``find`` and ``tally`` were made with: other ones make them anew."""
    db.execute("create table index_made (made text not null) strict")


@published()
def m055_lately_removed(db: Database) -> None:
    """Feeds ask on every request what a curator took back and what was joined lately."""
    db.executescript(
        """
        create index curation_by_time on curation (at);
        create index merge_decision_by_time on merge_decision (at);
        """
    )


@published()
def m060_maybe(db: Database) -> None:
    """Pairs that may be one thing and are not sure enough to be merged: few among all links, and asked for by the desk."""
    db.execute("create index merge_link_maybe on merge_link (one, other) where outcome = 'maybe'")


@published()
def m061_live(db: Database) -> None:
    """Counts of what can still be used are kept by the readers, in memory: they want to know which listings were touched.

    ``tally`` keeps all there is, and what was cancelled and withdrawn (``month`` is "" or that word).
    """
    db.executescript(
        """
        create table index_log (id integer primary key autoincrement, opportunity integer not null) strict;
        create index listing_by_end on listing (ends);
        drop index find_opening;
        drop index find_again;
        delete from tally where month not in ('', 'cancelled', 'withdrawn');
        """
    )


@published()
def m062_words_of_all(db: Database) -> None:
    """Files that held opportunities before there was a full text of them have all of them in it now."""
    (held,) = db.execute("select count(*) from opportunity").fetchone()
    (found,) = db.execute("select count(*) from opportunity_fts_docsize").fetchone()
    if held != found:
        db.execute("insert into opportunity_fts (opportunity_fts) values ('rebuild')")
