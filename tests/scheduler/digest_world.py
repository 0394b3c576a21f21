"""A small store for tests of digests: members, profiles, and opportunities that are added, moved and cancelled by plain calls."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlite_utils import Database

from scheduler.settings import Settings
from store import notices, profiles, tags
from store.codec import iso
from store.database import open_private, open_store, writing
from store.model import CountryTag, Deadline, Evidence, Kind, Moment, Notice, Role, SectorTag, Tags
from store.profiles import CountryWish, Profile, Wish

START = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
CALLS = Wish(name="Plastics calls", sectors=("plastics",), countries=(CountryWish(code="PT", role="eligible"),), kinds=("call",))


@dataclass
class World:
    """Both files in a folder. ``put`` adds or changes an opportunity; keys are looked up by the name it was put under."""

    folder: Path
    db: Database
    private: Database
    kept: dict[str, Notice] = field(default_factory=dict)

    @property
    def settings(self) -> Settings:
        return Settings(
            data=self.folder,
            sources=self.folder / "sources",
            address="https://scout.example.org",
            secret="a secret of the tests",
            mail_from="Scout <digest@scout.example.org>",
            mail_per_minute=100_000,
        )

    def member(self, email: str, *, cluster: str = "moldes", now: datetime = START, zone: str = "Europe/Lisbon") -> int:
        with writing(self.private):
            self.private.execute("insert or ignore into cluster (id, name) values (?, ?)", [cluster, cluster])
            self.private.execute(
                "insert into member (email, name, role, cluster, zone, created) values (?, ?, 'member', ?, ?, ?)",
                [email, email.partition("@")[0].title(), cluster, zone, iso(now)],
            )
            return int(self.private.execute("select last_insert_rowid()").fetchone()[0])

    def profile(
        self, *wishes: Wish, id: str = "moldes", level: profiles.Level = "cluster", now: datetime = START, **more: object
    ) -> Profile:
        made = Profile(id=id, title="Moldes", level=level, wishes=wishes or (CALLS,), **{"cluster": "moldes", **more})  # type: ignore[arg-type]
        profiles.save(self.private, made, now=now)
        return made

    def put(
        self,
        name: str,
        *,
        now: datetime,
        kind: Kind = "call",
        title: str = "",
        due: datetime | None = None,
        starts: datetime | None = None,
        sectors: tuple[str, ...] = ("plastics",),
        countries: tuple[tuple[str, Role], ...] = (("PT", "eligible"),),
        published: datetime | None = None,
        text: str = "",
        cancelled: bool = False,
    ) -> str:
        """Apply one notice and its tags at ``now``; returns the public key of its opportunity."""
        before = self.kept.get(name)
        notice = before or Notice(
            source="test", source_id=name, kind=kind, url=f"https://example.org/{name}", title=title or f"Item {name}"
        )
        notice = replace(
            notice, text=text or notice.text, cancelled=cancelled, published=published or notice.published, language="en"
        )
        if due is not None:
            notice = replace(notice, deadlines=(deadline(due),))
        if starts is not None:
            local = starts.replace(tzinfo=None)
            notice = replace(notice, starts=Moment(local=local, zone="UTC", utc=starts))
        self.kept[name] = notice
        notices.apply(self.db, None, [notice], now=now, source_trust="feed")
        row = self.db.execute(
            "select o.id, o.key, o.body_hash from notice n join opportunity o on o.id = n.opportunity where n.source_id = ?", [name]
        ).fetchone()
        if before is None:
            found = Tags(
                lang="en",
                sectors=tuple(SectorTag(id=s, score=0.9, evidence=(Evidence(quote=f"{s} firms", rule="word"),)) for s in sectors),
                countries=tuple(
                    CountryTag(code=c, role=r, score=0.9, evidence=(Evidence(quote=f"from {c}", rule="name"),))
                    for c, r in countries
                ),
                vocabulary="1",
            )
            tags.write(self.db, row[0], found, row[2], now)
        return str(row[1])

    def close(self) -> None:
        self.db.conn.close()
        self.private.conn.close()


def deadline(at: datetime) -> Deadline:
    """A deadline to the minute in UTC."""
    return Deadline(
        local=at.replace(tzinfo=None), zone="UTC", utc=at, precision="minute", zone_source="explicit", quote=f"{at:%d %B %Y, %H:%M}"
    )


@contextmanager
def world(folder: Path) -> Iterator[World]:
    """A new world in ``folder``."""
    made = World(folder, open_store(folder / "clusterscout.db"), open_private(folder / "private.db"))
    try:
        yield made
    finally:
        made.close()


def days(n: float) -> timedelta:
    return timedelta(days=n)
