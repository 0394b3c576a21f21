"""One reader's issue as plain values: sections of lines, each saying what, until when, and why it is there. Pure, in no language."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from store.digest.choose import Matched, roles_that_meet
from store.digest.plan import Entry, NetChange, Plan
from store.groups import codes_that_meet
from store.model import Deadline
from store.profiles import Wish
from store.runs import Coverage

_WORD = re.compile(r"\w{4,}")
# Two headlines are one story when they share this much of their longer words.
SAME_STORY = 0.5


@dataclass(frozen=True, kw_only=True, slots=True)
class Reader:
    """Whom an issue is for. ``member`` is 0 for a preview of a profile that belongs to no single person."""

    member: int
    email: str
    name: str
    cluster: str
    language: str
    zone: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Detail:
    """The facts of one opportunity as a line needs them. Civil times are naive beside ``zone``; amounts in ``currency``."""

    key: str
    kind: str
    title: str
    summary: str
    language: str
    url: str
    publisher: str
    organiser: str
    deadline: Deadline | None
    further_deadlines: int
    rolling: bool
    opens: datetime | None
    starts: datetime | None
    ends: datetime | None
    place: str
    country: str
    online: bool
    amount: tuple[float, float] | None
    currency: str
    cancelled: bool
    withdrawn: bool
    published: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Proof:
    """A tag with the phrase that proves it."""

    facet: str
    value: str
    role: str
    quote: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Why:
    """One wish that asked for a line, and by what: proofs of its sectors and countries, and its own words that were found."""

    wish: str
    proofs: tuple[Proof, ...] = ()
    words: tuple[str, ...] = ()
    open_question: bool = False
    short_notice: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """One opportunity in an issue; ``also`` are further reports of the same story; ``brief`` lines show title and date alone."""

    detail: Detail
    why: tuple[Why, ...] = ()
    grounds: tuple[str, ...] = ()
    changes: tuple[NetChange, ...] = ()
    tracked: bool = False
    back: bool = False
    brief: bool = False
    also: tuple[Line, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Section:
    """A part of an issue with what it shows and the keys of the rest, which a link lists in full."""

    name: str
    lines: tuple[Line, ...]
    rest: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Issue:
    """One mail to one person: the half-open period [start, end), its sections in order and how much was read meanwhile."""

    id: str
    reader: Reader
    title: str
    start: datetime
    end: datetime
    built_at: datetime
    sections: tuple[Section, ...]
    coverage: Coverage
    wishes: tuple[str, ...] = ()

    @property
    def size(self) -> int:
        """How many opportunities it tells of, those behind "n more" included."""
        return sum(len(section.rest) + sum(1 + len(line.also) for line in section.lines) for section in self.sections)


def issue_id(member: int, end: datetime, *, again: int = 0) -> str:
    """The id of a member's issue for the period that ends at ``end``: the same whoever builds it, and whenever.

    ``again`` counts issues that bear it already, built while the machine's clock was ahead.
    """
    return f"{end:%Y%m%dT%H%M%SZ}-{member}" + (f"-{again + 1}" if again else "")


def build_issue(
    made: Plan,
    *,
    reader: Reader,
    title: str,
    period: tuple[datetime, datetime],
    now: datetime,
    found: Sequence[Matched],
    details: Mapping[str, Detail],
    proofs: Mapping[str, Sequence[Proof]],
    words: Mapping[str, frozenset[str]],
    coverage: Coverage,
    issue: str = "",
) -> Issue:
    """Put the lines of a plan together. ``details`` and ``proofs`` hold each shown key; ``words`` maps a wish's word to the keys it is in."""
    start, end = period
    sections = []
    for name, entries in made.shown.items():
        lines = [_line(entry, found, details[entry.key], proofs.get(entry.key, ()), words, now) for entry in entries]
        if name == "news":
            lines = stories(lines)
        if lines or made.rest.get(name):
            sections.append(Section(name=name, lines=tuple(lines), rest=made.rest.get(name, ())))
    return Issue(
        id=issue or issue_id(reader.member, end),
        reader=reader,
        title=title,
        start=start,
        end=end,
        built_at=now,
        sections=tuple(sections),
        coverage=coverage,
        wishes=tuple(m.wish.name for m in found),
    )


def stories(lines: Sequence[Line]) -> list[Line]:
    """Lines with reports of one story under the first of them; two headlines are one story when half of their longer words agree."""
    heads: list[tuple[set[str], list[Line]]] = []
    for line in lines:
        bag = {word.casefold() for word in _WORD.findall(line.detail.title)}
        home = next((held for held in heads if bag and len(bag & held[0]) >= SAME_STORY * len(bag | held[0])), None)
        if home is None:
            heads.append((bag, [line]))
        else:
            home[1].append(line)
    return [_with_also(group) for _, group in heads]


def _with_also(group: list[Line]) -> Line:
    first = group[0]
    return Line(detail=first.detail, why=first.why, grounds=first.grounds, changes=first.changes, also=tuple(group[1:]))


def _line(
    entry: Entry,
    found: Sequence[Matched],
    detail: Detail,
    proofs: Sequence[Proof],
    words: Mapping[str, frozenset[str]],
    now: datetime,
) -> Line:
    asked = [found[n].wish for n in entry.wishes]
    why = [_why(wish, detail, proofs, words, now) for wish in asked]
    if not asked:  # no longer on the shelf, for instance cancelled: its tags still tell who asked for it
        others = [m.wish for m in found if not m.wish.kinds or detail.kind in m.wish.kinds]
        why = [w for w in (_why(wish, detail, proofs, words, now) for wish in others) if w.proofs]
    return Line(
        detail=detail,
        why=tuple(why),
        grounds=entry.grounds,
        changes=entry.changes,
        tracked=entry.tracked,
        back=entry.back,
        brief=entry.brief,
    )


def _why(wish: Wish, detail: Detail, proofs: Sequence[Proof], words: Mapping[str, frozenset[str]], now: datetime) -> Why:
    sectors = [p for p in proofs if p.facet == "sector" and p.value in wish.sectors]
    countries: list[Proof] = []
    for wanted in wish.countries:
        codes = codes_that_meet(wanted.code)
        of_code = [p for p in proofs if p.facet == "country" and p.value in codes]
        roles = roles_that_meet(wanted.role, detail.kind)
        countries += [p for role in roles for p in of_code if p.role == role and p not in countries][:1]
    until = detail.deadline.utc if detail.deadline else None
    days = (until - now).days if until else 0
    return Why(
        wish=wish.name,
        proofs=(*sectors[:2], *countries[:3]),
        words=tuple(word for word in wish.words if detail.key in words.get(word, frozenset())),
        open_question=bool(wish.countries) and not countries,
        short_notice=wish.lead_days if until is not None and days < wish.lead_days else 0,
    )
