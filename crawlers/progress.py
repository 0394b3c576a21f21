"""What has happened so far in one crawl: counted by the spider and the middlewares, judged at its end."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from store.model import Notice, Problem

COUNTED_FIELDS = (
    "summary", "text", "language", "published", "opens", "deadlines", "starts", "ends", "place", "organiser", "programme",
    "eligibility", "amounts", "codes", "documents",
)  # fmt: skip


@dataclass(slots=True)
class Progress:
    """Counts of one crawl. ``seen`` are the ids listed by any page, read or remembered. ``lost`` are causes that cost a list page,
    ``lost_details`` those that cost a detail page, ``cut`` why the chain of pages was left before its end; ``blocked`` why we were
    refused. ``fields`` counts the notices that carry each field.
    """

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

    def saw(self, notice: Notice) -> None:
        """Count a notice that was parsed in this run."""
        self.parsed += 1
        self.seen.add(notice.source_id)
        self.languages[notice.language] += 1
        for name in COUNTED_FIELDS:
            if getattr(notice, name):
                self.fields[name] += 1

    def met(self, problem: Problem) -> None:
        """Count a problem by its cause."""
        self.problems[problem.cause] += 1

    @property
    def complete(self) -> bool:
        """Whether every page of the chain was read to its end."""
        return not (self.lost or self.cut or self.blocked or self.lost_details) and self.pages > 0
