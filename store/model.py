"""The values that pass between stages: frozen, keyword-only, no behaviour.

Every instant is an aware ``datetime`` in UTC. Civil times are naive ``datetime`` beside an IANA zone name.
Codes: countries are ISO 3166-1 alpha-2 (``XK`` for Kosovo) or a group id in capitals (``EU27``); sectors are the ids of
``nlp/vocabulary/sectors``; currencies ISO 4217; languages ISO 639-1.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Literal, get_args

Kind = Literal["call", "tender", "fair", "event", "news", "study"]
Role = Literal["eligible", "target", "venue", "buyer", "partner", "mentioned"]
Precision = Literal["day", "minute"]
ZoneSource = Literal["explicit", "label", "source", "assumed"]
Verdict = Literal["healthy", "partial", "blocked", "broken", "empty-ok"]
Status = Literal["forthcoming", "open", "closing", "closed", "rolling", "cancelled", "withdrawn"]
Publish = Literal["auto", "review"]
ChangeType = Literal[
    "created",
    "opened",
    "deadline_moved",
    "stage_added",
    "budget_changed",
    "eligibility_changed",
    "document_changed",
    "moved",
    "cancelled",
    "reinstated",
    "withdrawn",
    "merged",
    "split",
    "cosmetic",
]

KINDS: tuple[Kind, ...] = get_args(Kind)
ROLES: tuple[Role, ...] = get_args(Role)
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)
STATUSES: tuple[Status, ...] = get_args(Status)
CHANGE_TYPES: tuple[ChangeType, ...] = get_args(ChangeType)

EMPTY: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, kw_only=True, slots=True)
class Evidence:
    """The phrase that proves a tag: ``quote == text[start:end]`` in the text that was tagged (title, newline, text).

    ``rule`` names what matched, for example ``name:de``, ``cue:venue``, ``cpv:45234``; a structured code has start = end = 0.
    """

    quote: str
    start: int = 0
    end: int = 0
    rule: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Deadline:
    """Until when something may be handed in, as far as the publisher says.

    ``local`` is naive civil time in ``zone`` (IANA). With precision ``day`` it is the local day at 00:00 and ``utc`` is the last
    second of that day (23:59:59 local). ``local`` and ``utc`` are None when there is no date: a rolling call, or an impossible date
    kept with its flag. ``flags`` are words such as ``zone_label_conflict``, ``ambiguous_order``, ``placeholder``,
    ``impossible_date``, ``before_publication``, ``extended``, ``recurring``. ``quote`` is the publisher's own phrase, at ``start:end`` of the text read.
    """

    local: datetime | None
    zone: str
    utc: datetime | None
    precision: Precision
    zone_source: ZoneSource
    stage: int = 1
    cut_off: int | None = None
    rolling: bool = False
    flags: tuple[str, ...] = ()
    quote: str = ""
    start: int = 0
    end: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Amount:
    """Money said of a call: exact ``value``, or ``minimum``/``maximum`` of a range, in units of ``currency``; ``rate`` is the
    funding rate in per cent. Each is None when not said.
    """

    value: float | None = None
    minimum: float | None = None
    maximum: float | None = None
    currency: str = ""
    rate: float | None = None
    quote: str = ""
    start: int = 0
    end: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Moment:
    """When a fair or event begins or ends: naive civil time and zone; ``has_time`` False means the whole day. ``utc`` is the first
    second of it (of the day, when there is no time).
    """

    local: datetime
    zone: str
    utc: datetime
    has_time: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Code:
    """A structured code the publisher gave: scheme ``cpv nace nuts hs country programme sector type keyword``; ``role`` for a
    country or NUTS code whose field says it (a buyer's country, a place of performance).
    """

    scheme: str
    value: str
    label: str = ""
    role: Role | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Document:
    """A linked document of a notice."""

    url: str
    title: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Where something happens, as published. ``country`` is ISO alpha-2 or empty when not said; ``online`` is said, not guessed."""

    name: str = ""
    city: str = ""
    country: str = ""
    online: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Notice:
    """What one source says about one thing. Identity is (``source``, ``source_id``), never title or dates.

    ``hard_ids`` are official identities shared between sources, ``scheme:value`` in lower case (``topic:horizon-cl4-2027-...``,
    ``ted:123456-2026``, ``procedure:<uuid>``, ``grantsgov:ABC-1``, ``bdns:923546``, ``fair:<name-slug>:<edition>``). ``raw`` keeps
    the publisher's strings from which readings were made. ``text`` is plain text (cleaned) for tagging and search.

    ``over``: the publisher says that nothing can be handed in any more (an award, a result, a closed programme), which no date tells.
    ``planned``: a prior information; the call it speaks of is to come.
    """

    source: str
    source_id: str
    kind: Kind
    url: str
    title: str
    summary: str = ""
    text: str = ""
    language: str = ""
    published: datetime | None = None
    updated: datetime | None = None
    opens: Moment | None = None
    deadlines: tuple[Deadline, ...] = ()
    starts: Moment | None = None
    ends: Moment | None = None
    place: Place | None = None
    organiser: str = ""
    programme: str = ""
    eligibility: str = ""
    amounts: tuple[Amount, ...] = ()
    status_word: str = ""
    cancelled: bool = False
    over: bool = False
    planned: bool = False
    hard_ids: tuple[str, ...] = ()
    codes: tuple[Code, ...] = ()
    documents: tuple[Document, ...] = ()
    raw: Mapping[str, str] = field(default_factory=lambda: EMPTY)


@dataclass(frozen=True, kw_only=True, slots=True)
class Problem:
    """Something a stage did not understand: a row an operator can act on, never a silent default.

    ``cause`` is a short stable word (``missing-title``, ``bad-date``, ``not-a-feed``); ``detail`` says what to do.
    """

    source: str
    url: str
    cause: str
    detail: str
    source_id: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Page:
    """Bytes as received (after transfer decoding, before content decoding of text). ``fetched_at`` is aware UTC. Header names are
    lower case. ``status`` 304 has an empty body.
    """

    url: str
    body: bytes
    fetched_at: datetime
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=lambda: EMPTY)
    method: str = "GET"


@dataclass(frozen=True, kw_only=True, slots=True)
class Follow:
    """A further request that a page asks for: its next list page (``role`` "list") or a detail page ("detail"). ``carry`` are the
    strings already read from the list row, given back to the parser of the detail page as ``x-carry-*`` page headers.
    """

    url: str
    role: Literal["list", "detail"] = "list"
    method: str = "GET"
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=lambda: EMPTY)
    carry: Mapping[str, str] = field(default_factory=lambda: EMPTY)


@dataclass(frozen=True, kw_only=True, slots=True)
class CountryTag:
    """A country or group in one role, with at least one piece of evidence; ``score`` in 0..1."""

    code: str
    role: Role
    score: float
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class SectorTag:
    """A sector of the taxonomy with at least one piece of evidence; ``score`` in 0..1 is calibrated."""

    id: str
    score: float
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Tags:
    """All that was read from one text. ``lang`` is "" when unknown; ``vocabulary`` is the version that produced the tags."""

    lang: str
    countries: tuple[CountryTag, ...] = ()
    sectors: tuple[SectorTag, ...] = ()
    deadlines: tuple[Deadline, ...] = ()
    amounts: tuple[Amount, ...] = ()
    vocabulary: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """One typed entry of an opportunity's append-only history. ``old`` and ``new`` are JSON texts or None; ``direction`` is
    ``earlier``/``later`` for a moved deadline. ``material`` decides whether anybody is told.
    """

    type: ChangeType
    field: str = ""
    old: str | None = None
    new: str | None = None
    direction: str = ""
    material: bool = True
    at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Run:
    """One execution of one stage for one source. ``counts`` has requests, not_modified, notices, new, changed, unchanged, problems.
    ``complete`` says the page chain was read to its end; ``reasons`` explain any verdict but ``healthy``.
    """

    id: str
    stage: str
    source: str
    started: datetime
    ended: datetime | None
    verdict: Verdict
    complete: bool
    counts: Mapping[str, int]
    reasons: tuple[str, ...] = ()
