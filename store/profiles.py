"""What clusters, teams and persons want to be told: profiles, each with one or more wishes (searches). ``profile_toml`` is TOML in and out.

A profile's ``level`` says whom it concerns: a ``cluster``'s every account, or the ``people`` of a team or a person. One mail a
person merges the wishes of all profiles that concern them; day, hour, zone, language and sections come from the most personal one.
"""

from __future__ import annotations

import difflib
import json
import math
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache, lru_cache
from typing import Literal, get_args
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel import Locale
from sqlite_utils import Database

from store.codec import decode, iso, to_json
from store.database import writing
from store.errors import NoSuchRow, ProfileUnusable
from store.groups import groups
from store.model import KINDS, ROLES, Kind
from store.taxonomy import SECTORS, nearest_sector

Level = Literal["cluster", "team", "person"]
LEVELS: tuple[Level, ...] = get_args(Level)
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
LANGUAGES = ("en", "fr", "de", "es", "it", "pt")
SECTIONS = ("tracked", "changes", "new", "events", "news")
# What Unicode's list of territories has beside countries.
_NO_COUNTRIES = frozenset({"EU", "EZ", "UN", "QO", "XA", "XB", "ZZ"})
ORDER_OF_LEVELS = {"person": 0, "team": 1, "cluster": 2}


@dataclass(frozen=True, kw_only=True, slots=True)
class CountryWish:
    """A country (ISO alpha-2) or group, in a role; role "" means any role but ``mentioned``."""

    code: str
    role: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Wish:
    """One search. ``sectors`` and ``words`` widen each other (any of them is the topic); ``countries``, ``kinds`` and ``languages``
    narrow; an empty tuple asks nothing. ``avoid`` are words that rule an item out. ``budget`` is (least, most) in the item's own
    currency and rules out only what says an amount outside it. ``lead_days`` are the days one needs before a deadline: shorter
    notice is said, never hidden.
    """

    name: str
    sectors: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    avoid: tuple[str, ...] = ()
    countries: tuple[CountryWish, ...] = ()
    kinds: tuple[Kind, ...] = ()
    languages: tuple[str, ...] = ()
    budget: tuple[float, ...] = ()
    lead_days: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Profile:
    """What one cluster, team or person wants. ``people`` are mail addresses of accounts (one for a person); ``language`` and
    ``zone`` may be "" for each reader's own. ``hour`` is 0..23 civil time in the zone.
    """

    id: str
    title: str
    level: Level
    wishes: tuple[Wish, ...]
    cluster: str = ""
    people: tuple[str, ...] = ()
    weekday: str = "mon"
    hour: int = 7
    zone: str = ""
    language: str = ""
    sections: tuple[str, ...] = SECTIONS
    paused: bool = False


def check(profile: Profile) -> list[str]:
    """Every fault of a profile in words; an empty list when it can be used."""
    faults: list[str] = []
    _one_of(profile.level, LEVELS, "level", faults)
    _one_of(profile.weekday, WEEKDAYS, "weekday", faults)
    if profile.language:
        _one_of(profile.language, LANGUAGES, "language", faults)
    for section in profile.sections:
        _one_of(section, SECTIONS, "section", faults)
    if not profile.sections:
        faults.append(f"it has no sections: choose of {', '.join(SECTIONS)}")
    if not 0 <= profile.hour <= 23:
        faults.append(f"hour {profile.hour} is not 0..23")
    if profile.zone and not _is_zone(profile.zone):
        faults.append(f"zone '{profile.zone}' is not an IANA zone such as Europe/Lisbon")
    if profile.level == "cluster" and not profile.cluster:
        faults.append("a cluster's profile names its cluster")
    if profile.level == "person" and len(profile.people) > 1:
        faults.append("a person's profile names one address; make it a team's")
    if not profile.wishes:
        faults.append("it has no [[wish]]")
    names = [wish.name for wish in profile.wishes]
    faults += [f"two wishes are called '{name}'" for name in sorted({n for n in names if names.count(n) > 1})]
    for wish in profile.wishes:
        _check_wish(wish, faults)
    return faults


def save(private: Database, profile: Profile, *, now: datetime) -> None:
    """Write a profile, replacing one of the same id. Raises ProfileUnusable (a fault, or no account has an address), one transaction."""
    faults = check(profile)
    if faults:
        raise ProfileUnusable(f"Profile '{profile.id}' cannot be used: {'; '.join(faults)}.")
    with writing(private):
        ids = [_member(private, profile, email) for email in profile.people]
        if profile.cluster:
            known = private.execute("select 1 from cluster where id = ?", [profile.cluster]).fetchone()
            if not known:
                raise ProfileUnusable(
                    f"Profile '{profile.id}' names the cluster '{profile.cluster}', which is not there: "
                    "add a member of that cluster first with 'clusterscout members add'."
                )
        private.execute(
            "insert into profile (id, level, cluster, title, body, created, changed, paused_at) values (?, ?, ?, ?, ?, ?, ?, ?) "
            "on conflict (id) do update set level = excluded.level, cluster = excluded.cluster, title = excluded.title, "
            "body = excluded.body, changed = excluded.changed, paused_at = excluded.paused_at",
            [
                *(profile.id, profile.level, profile.cluster or None, profile.title, to_json(profile), iso(now), iso(now)),
                iso(now) if profile.paused else None,
            ],
        )
        private.execute("delete from profile_person where profile = ?", [profile.id])
        for member in ids:
            private.execute("insert or ignore into profile_person (profile, member) values (?, ?)", [profile.id, member])


def load(private: Database, id: str) -> Profile:
    """The profile called ``id``. Raises NoSuchRow, naming the nearest one."""
    row = private.execute("select body from profile where id = ?", [id]).fetchone()
    if row is None:
        names = [r[0] for r in private.execute("select id from profile order by id")]
        near = difflib.get_close_matches(id, names, 1)
        hint = f"did you mean '{near[0]}'?" if near else "'clusterscout profiles list' shows those that are."
        raise NoSuchRow(f"There is no profile '{id}': {hint}")
    return _decode(row[0])


def all_profiles(private: Database) -> list[Profile]:
    """Every profile, by id."""
    return [_decode(row[0]) for row in private.execute("select body from profile order by id")]


def remove(private: Database, id: str) -> None:
    """Remove a profile. Raises NoSuchRow."""
    load(private, id)
    with writing(private):
        private.execute("delete from profile where id = ?", [id])


def of_member(private: Database, member: int) -> list[Profile]:
    """The profiles that concern an account and are not paused: the most personal first, then by id."""
    rows = private.execute(
        "select p.body from profile p where p.paused_at is null and (exists (select 1 from profile_person q "
        "where q.profile = p.id and q.member = :member) or (p.level = 'cluster' and p.cluster = "
        "(select cluster from member where id = :member)))",
        {"member": member},
    )
    found = [_decode(row[0]) for row in rows]
    return sorted(found, key=lambda p: (ORDER_OF_LEVELS[p.level], p.id))


def of_everybody(private: Database) -> dict[int, tuple[Profile, ...]]:
    """What ``of_member`` says of each account, for all that any profile concerns, at once."""
    found: defaultdict[int, list[Profile]] = defaultdict(list)
    for member, body in private.execute(
        "select q.member, p.body from profile p join profile_person q on q.profile = p.id where p.paused_at is null "
        "union select m.id, p.body from profile p join member m on m.cluster = p.cluster "
        "where p.level = 'cluster' and p.paused_at is null"
    ):
        found[member].append(_decode(body))
    return {member: tuple(sorted(held, key=lambda p: (ORDER_OF_LEVELS[p.level], p.id))) for member, held in found.items()}


@lru_cache(maxsize=4096)
def _decode(body: str) -> Profile:
    profile: Profile = decode(Profile, json.loads(body))
    return profile


def _member(private: Database, profile: Profile, email: str) -> int:
    row = private.execute("select id from member where email = ?", [email]).fetchone()
    if row is None:
        raise ProfileUnusable(
            f"Profile '{profile.id}' names {email}, who has no account: 'clusterscout members add {email}' makes one."
        )
    return int(row[0])


def _check_wish(wish: Wish, faults: list[str]) -> None:
    where = f"wish '{wish.name}'"
    if not wish.name:
        faults.append("a wish has no name")
    for kind in wish.kinds:
        _one_of(kind, KINDS, f"{where}: kind", faults)
    for sector in sorted(set(wish.sectors) - SECTORS.keys()):
        faults.append(f"{where}: there is no sector '{sector}' (did you mean '{nearest_sector(sector)}'?)")
    for country in wish.countries:
        if country.role:
            _one_of(country.role, ROLES, f"{where}: role", faults)
        if country.code not in country_codes():
            near = difflib.get_close_matches(country.code.upper(), country_codes(), 1)
            hint = f"'{near[0]}'" if near else "PT or EU27"
            faults.append(f"{where}: '{country.code}' is no country's code (ISO, in capitals) and no group, such as {hint}")
    for language in wish.languages:
        if not re.fullmatch("[a-z]{2}", language):
            faults.append(f"{where}: language '{language}' is not a code of two letters such as pt")
    for word in (*wish.words, *wish.avoid):
        if not re.search(r"\w", word):
            faults.append(f"{where}: '{word}' is no word")
    if wish.budget and (len(wish.budget) != 2 or not 0 <= wish.budget[0] <= wish.budget[1] < math.inf):
        faults.append(f"{where}: budget is [least, most]")
    if not 0 <= wish.lead_days <= 999:
        faults.append(f"{where}: lead_days {wish.lead_days} is not 0..999")
    if not any((wish.sectors, wish.words, wish.countries, wish.kinds)):
        faults.append(f"{where} asks for nothing: give sectors, words, countries or kinds")


@cache
def country_codes() -> tuple[str, ...]:
    """Every code that a wish may name: ISO 3166 countries and our groups of them."""
    named = sorted(map(str, Locale("en").territories))
    return (*groups(), *(code for code in named if len(code) == 2 and code not in _NO_COUNTRIES))


def _one_of(value: object, known: Sequence[str], what: str, faults: list[str]) -> None:
    if value not in known:
        near = difflib.get_close_matches(str(value), known, 1)
        faults.append(f"{what} '{value}' is none of {', '.join(known)}" + (f" (did you mean '{near[0]}'?)" if near else ""))


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return False
    return True
