"""``serve --sample``: the sample web crawled on two of its days, tagged, and its digests delivered, in a data folder to throw away."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from sqlite_utils import Database

from crawlers.sample.server import SampleWeb
from scheduler.crawling import crawl_all
from scheduler.delivery import deliver
from scheduler.digests import build_due
from scheduler.profiles import samples
from scheduler.settings import Settings
from scheduler.work import Turn, advance, tag
from store import accounts, profiles
from store.accounts import MemberRole
from store.database import open_private, open_store
from store.profiles import Profile

ACCOUNTS: tuple[tuple[str, MemberRole, str, str], ...] = (
    ("member@example.org", "member", "Marta Member", "moldes"),
    ("manager@example.org", "manager", "Manuel Manager", "moldes"),
    ("operator@example.org", "operator", "Olga Operator", ""),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class SampleAccount:
    """One of the three sample accounts with its password, which is made anew for each sample."""

    email: str
    role: str
    password: str


def sample_settings(settings: Settings, folder: Path, web: SampleWeb, *, port: int) -> Settings:
    """The settings with the sample's folder and sources, no mail server, and leave to crawl the sample web alone."""
    return replace(
        settings,
        data=folder,
        sources=web.sources,
        address=f"http://127.0.0.1:{port}",
        allow_hosts=f"127.0.0.1:{web.port}",
        smtp_url="",
        request_delay=0.0,
        mail_per_minute=1000,
        keep_backups=0,
    )


def fill(settings: Settings, web: SampleWeb, *, now: datetime, say: Callable[[str], None]) -> list[SampleAccount]:
    """Make accounts and profiles, crawl the two days of ``web``, tag, and deliver two digests to each reader; the accounts.

    The first day is crawled and told as of yesterday, so that the second one has changes to tell.
    """
    open_store(settings.db).conn.close()
    private = open_private(settings.private_db)
    try:
        made = [_account(private, *facts, now=now) for facts in ACCOUNTS]
        for profile in samples():
            accounts.keep_cluster(private, profile.cluster, profile.title)
            profiles.save(private, profile, now=now)
        profiles.save(private, _operators(samples()), now=now)
        for day, at in (("first", now - timedelta(days=1)), ("second", now)):
            say(f"Crawling the {day} day of the sample web ...")
            verdicts = [line["verdict"] for line in crawl_all(settings, (), now=at, say=say)]
            say(
                f"  {len(verdicts)} sources: {verdicts.count('healthy')} healthy, {len(verdicts) - verdicts.count('healthy')} other"
            )
            turn = Turn(settings=settings, now=at)
            say(f"  {tag(turn) or 'nothing to tag'}")
            advance(turn)
            built = build_due(settings, now=at, everyone=True)
            sent = list(deliver(settings, private, now=at))
            say(f"  {len(built)} digests with {sum(one.entries for one in built)} entries; {len(sent)} mails in {settings.mailbox}")
            if day == "first":
                web.next_day()
    finally:
        private.conn.close()
    return made


def _account(private: Database, email: str, role: MemberRole, name: str, cluster: str, *, now: datetime) -> SampleAccount:
    password = f"{secrets.token_hex(2)}-{secrets.token_hex(2)}-{secrets.token_hex(2)}"
    accounts.add_member(private, email, role, cluster, password, now=now, name=name, zone="Europe/Lisbon")
    return SampleAccount(email=email, role=role, password=password)


def _operators(of_clusters: list[Profile]) -> Profile:
    """The operator's own profile: the searches of two clusters merged, in English."""
    chosen = [profile for profile in of_clusters if profile.id in ("renewables-fr", "textile-it")]
    return Profile(
        id="operator",
        title="Energy and textiles",
        level="person",
        people=("operator@example.org",),
        language="en",
        zone="Europe/Brussels",
        weekday="mon",
        hour=8,
        wishes=tuple(wish for profile in chosen for wish in profile.wishes),
    )
