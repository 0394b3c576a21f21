"""What has happened so far in one crawl: counted by the spider and the middlewares, judged at its end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from store.model import Notice, Problem

COUNTED_FIELDS = (
    "summary", "text", "language", "published", "opens", "deadlines", "starts", "ends", "place", "organiser", "programme",
    "eligibility", "amounts", "codes", "documents",
)  # fmt: skip
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_AHEAD = timedelta(hours=36)
_MOST_DEADLINES = 1_000


@dataclass(slots=True)
class Progress:
    """Counts of one crawl. ``seen`` are the ids listed by any page, read or remembered. ``lost`` are causes that cost a list page,
    ``lost_details`` those that cost a detail page, ``cut`` why the chain of pages was left before its end; ``blocked`` why we were
    refused. ``fields`` counts the notices that carry each field. ``shapes`` are the fingerprints of the first page of each role,
    ``list_bytes`` the size of the first list page, ``newest`` the newest day of publication (days since 1970, 0 for none),
    ``due_in`` days until the first deadlines. From the store: ``known`` of the ids stood there before, ``ended`` current notices
    are listed no more and are over, ``vanished`` ones are not; ``doubts`` are reasons why values were held back.
    """

    now: datetime | None = None
    requests: int = 0
    not_modified: int = 0
    pages: int = 0
    unchanged_pages: int = 0
    parsed: int = 0
    seen: set[str] = field(default_factory=set)
    doubled: int = 0
    remembered_problems: int = 0
    problems: Counter[str] = field(default_factory=Counter)
    lost: list[str] = field(default_factory=list)
    lost_details: list[str] = field(default_factory=list)
    details: int = 0
    cut: list[str] = field(default_factory=list)
    blocked: list[str] = field(default_factory=list)
    fields: Counter[str] = field(default_factory=Counter)
    languages: Counter[str] = field(default_factory=Counter)
    language: str = ""
    dates: Counter[str] = field(default_factory=Counter)
    newest: int = 0
    due_in: list[int] = field(default_factory=list)
    shapes: dict[str, int] = field(default_factory=dict)
    list_bytes: int = 0
    known: int = 0
    current: int = 0
    ended: int = 0
    vanished: int = 0
    held: int = 0
    doubts: list[str] = field(default_factory=list)

    def saw(self, notice: Notice) -> None:
        """Count a notice that was parsed in this run."""
        self.parsed += 1
        self.seen.add(notice.source_id)
        self.languages[notice.language] += 1
        for name in COUNTED_FIELDS:
            if getattr(notice, name):
                self.fields[name] += 1
        if notice.published is not None:
            self.dates["published"] += 1
            self.newest = max(self.newest, (notice.published - _EPOCH).days)
            if self.now is not None and notice.published > self.now + _AHEAD:
                self.dates["ahead"] += 1
        if self.now is not None and notice.deadlines and len(self.due_in) < _MOST_DEADLINES:
            first = notice.deadlines[0].utc
            if first is not None:
                self.due_in.append((first - self.now).days)

    def remembered(self, ids: Iterable[str], problems: int) -> None:
        """Count a page that is as it was: what it listed and the problems that it had then."""
        self.unchanged_pages += 1
        self.seen.update(ids)
        self.remembered_problems += problems

    def met(self, problem: Problem) -> None:
        """Count a problem by its cause."""
        self.problems[problem.cause] += 1

    @property
    def complete(self) -> bool:
        """Whether every page of the chain was read to its end."""
        return not (self.lost or self.cut or self.blocked or self.lost_details) and self.pages > 0
