"""Values that must not be published although they parse: dates whose day and month changed places, titles of another language,
fields that all went silent at once. Pure.

A page may be read without an error and say nonsense, because its template, its language, its character set or its clock changed.
One such change looks like any other; many at once do not happen. So a batch of notices is compared with what the store knows of
them, and where most of what is known moved in one and the same way, the moved ones are held back.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from rapidfuzz import fuzz
from rapidfuzz.utils import default_process

from crawlers.health.tongue import is_garbled, main_language
from store.model import Notice

DATES = ("deadlines", "starts", "ends", "opens", "published")
LOSABLE = (
    "summary", "text", "published", "opens", "deadlines", "starts", "ends", "place", "organiser", "programme", "eligibility",
    "amounts", "documents",
)  # fmt: skip
# A call without its deadline misleads: new notices that lack what all known ones lost wait too.
VITAL = frozenset({"deadlines", "starts", "ends"})
SAME_TITLE = 65
AHEAD = timedelta(hours=36)
LEAST = 3


@dataclass(frozen=True, kw_only=True, slots=True)
class Known:
    """What the store has of a batch: ``same`` ids whose notice says what it said, ``differing`` the stored form of the others,
    ``current`` how many notices of the source are current at all, ``moved`` unknown ids whose title stands there under another id;
    ``remembered`` says that pages which were not read again listed others that are known.
    """

    same: frozenset[str] = frozenset()
    differing: Mapping[str, Notice] = field(default_factory=dict)
    current: int = 0
    moved: frozenset[str] = frozenset()
    remembered: bool = False

    def holds(self, source_id: str) -> bool:
        """Whether the store has a notice of that id."""
        return source_id in self.same or source_id in self.differing


@dataclass(slots=True)
class Doubt:
    """Why a batch is doubted, and the ids that are therefore held back: id -> the first reason."""

    reasons: list[str] = field(default_factory=list)
    held: dict[str, str] = field(default_factory=dict)

    def hold(self, reason: str, notices: Sequence[Notice]) -> None:
        """Give a reason, and hold the notices it touches."""
        self.reasons.append(reason)
        for notice in notices:
            self.held.setdefault(notice.source_id, reason)


@dataclass(frozen=True, kw_only=True, slots=True)
class Usual:
    """How a source is when it is well: the ``language`` of its texts ("" for not known), the largest share of ``new`` items a run had,
    how many items it lists (0 for not known); a ``window`` lists the newest alone, so that none of its items need be known.
    ``zone`` (IANA) is where its days are counted.
    """

    language: str = ""
    new: float = 0.5
    count: float = 0
    window: bool = False
    zone: str = "UTC"


def examine(batch: Sequence[Notice], known: Known, *, now: datetime, usual: Usual, clashing: Collection[str] = ()) -> Doubt:
    """What of a batch is to be held back. ``clashing`` are ids that several different items of the batch bear."""
    doubt = Doubt()
    pairs = [(known.differing[notice.source_id], notice) for notice in batch if notice.source_id in known.differing]
    fresh = [notice for notice in batch if not known.holds(notice.source_id)]
    met = len(pairs) + sum(notice.source_id in known.same for notice in batch)
    _titles(doubt, pairs, fresh, met)
    _language(doubt, batch, known, usual.language)
    _garbled(doubt, batch, known)
    _lost(doubt, pairs, fresh, met)
    _dates(doubt, pairs, fresh, met, ZoneInfo(usual.zone))
    _ahead(doubt, batch, known, now)
    _strangers(doubt, batch, fresh, met, known, usual)
    clashes = [notice for notice in batch if notice.source_id in clashing and notice.source_id not in known.same]
    if clashes:
        doubt.hold(f"{len(clashes)} ids stand on several different items", clashes)
    return doubt


def _strangers(doubt: Doubt, batch: Sequence[Notice], fresh: Sequence[Notice], met: int, known: Known, usual: Usual) -> None:
    """Items that are not this source's, or no longer under its ids."""
    moved = [notice for notice in fresh if notice.source_id in known.moved]
    if len(moved) >= LEAST and len(moved) >= 0.5 * len(fresh):
        doubt.hold(f"{len(moved)} known items come under other ids", fresh)
    if known.remembered or known.current < 5 or usual.new >= 0.5 or len(fresh) <= 0.9 * len(batch):
        return
    if not usual.window and (len(fresh) >= 5 or not met):
        doubt.hold(f"hardly any of the {known.current} items it had is listed; {len(fresh)} others are", fresh)
    elif usual.window and not met and len(batch) < 0.5 * usual.count:
        doubt.hold(f"only {len(batch)} items are listed, usually about {usual.count:.0f}, and none of them is known", fresh)


def _titles(doubt: Doubt, pairs: Sequence[tuple[Notice, Notice]], fresh: Sequence[Notice], met: int) -> None:
    other = [
        new
        for old, new in pairs
        if old.title != new.title and fuzz.ratio(old.title, new.title, processor=default_process) < SAME_TITLE
    ]
    if len(other) >= LEAST and len(other) >= 0.5 * met:
        doubt.hold(f"{len(other)} of {met} known items have another title", [*(new for _, new in pairs), *fresh])
    titles = Counter(notice.title for notice in fresh)
    if met and titles and titles.most_common(1)[0][1] >= max(5, 0.6 * len(fresh)):
        doubt.hold(f"{titles.most_common(1)[0][1]} new items all have the title '{titles.most_common(1)[0][0][:60]}'", fresh)


def _language(doubt: Doubt, batch: Sequence[Notice], known: Known, usual: str) -> None:
    if not usual:
        return
    now = language_of(batch)
    if now and now != usual:
        doubt.hold(f"the texts are in '{now}', usually in '{usual}'", [n for n in batch if n.source_id not in known.same])


def language_of(batch: Sequence[Notice]) -> str:
    """The language of a batch's titles and texts; "" when unsure."""
    return main_language(f"{notice.title} {notice.summary or notice.text}" for notice in batch[:60])


def _garbled(doubt: Doubt, batch: Sequence[Notice], known: Known) -> None:
    """Broken letters, where the store has none for the same items or knows no better."""
    bad = []
    for notice in batch:
        if notice.source_id in known.same or not is_garbled(f"{notice.title} {notice.summary} {notice.text[:2000]}"):
            continue
        before = known.differing.get(notice.source_id)
        if before is None or not is_garbled(f"{before.title} {before.summary} {before.text[:2000]}"):
            bad.append(notice)
    if len(bad) >= 2 and len(bad) >= 0.1 * len(batch):
        other = [notice for notice in batch if notice.source_id not in known.same]
        doubt.hold(f"{len(bad)} of {len(batch)} items have broken letters: they were read in the wrong character set", other)


def _lost(doubt: Doubt, pairs: Sequence[tuple[Notice, Notice]], fresh: Sequence[Notice], met: int) -> None:
    for name in LOSABLE:
        had = [(old, new) for old, new in pairs if getattr(old, name)]
        lost = [new for _, new in had if not getattr(new, name)]
        if len(lost) >= LEAST and len(lost) >= 0.2 * met and len(lost) >= 0.8 * len(had):
            waiting = [notice for notice in fresh if not getattr(notice, name)] if name in VITAL else []
            doubt.hold(f"{len(lost)} of {met} known items lost their '{name}'", [*lost, *waiting])


def _days(notice: Notice, zone: ZoneInfo) -> dict[str, datetime]:
    """The first civil time of each dated field."""
    out: dict[str, datetime] = {}
    first = next((deadline.local for deadline in notice.deadlines if deadline.local is not None), None)
    if first is not None:
        out["deadlines"] = first
    for name in ("starts", "ends", "opens"):
        moment = getattr(notice, name)
        if moment is not None:
            out[name] = moment.local
    if notice.published is not None:
        out["published"] = notice.published.astimezone(zone).replace(tzinfo=None)
    return out


def _dates(doubt: Doubt, pairs: Sequence[tuple[Notice, Notice]], fresh: Sequence[Notice], met: int, zone: ZoneInfo) -> None:
    days = [(_days(old, zone), _days(new, zone), new) for old, new in pairs]
    for name in DATES:
        moved = [
            (old[name], new[name], notice) for old, new, notice in days if name in old and name in new and old[name] != new[name]
        ]
        touched = [notice for _, _, notice in moved]
        swapped = sum(_swapped(old, new) for old, new, _ in moved)
        if swapped >= (2 if met > LEAST else 1) and swapped >= 0.5 * len(moved):
            unsure = [n for n in fresh if (at := _days(n, zone).get(name)) is not None and at.day <= 12 and at.day != at.month]
            doubt.hold(f"day and month of '{name}' changed places in {swapped} known items", [*touched, *unsure])
            continue
        if not moved:
            continue
        step, same = Counter(new - old for old, new, _ in moved).most_common(1)[0]
        dated = [n for n in fresh if name in _days(n, zone)]
        if same >= LEAST and same >= 0.5 * met:
            doubt.hold(f"'{name}' of {same} of {met} known items moved by the same {_spoken(step)}", [*touched, *dated])
        elif len(moved) >= 5 and len(moved) >= 0.5 * met:
            doubt.hold(f"'{name}' of {len(moved)} of {met} known items moved at once", [*touched, *dated])


def _swapped(old: datetime, new: datetime) -> bool:
    return old.year == new.year and old.day == new.month and old.month == new.day and old.day != old.month


def _spoken(step: timedelta) -> str:
    days = step / timedelta(days=1)
    return f"{days:+.0f} days" if abs(days) >= 1 else f"{step / timedelta(hours=1):+.1f} hours"


def _ahead(doubt: Doubt, batch: Sequence[Notice], known: Known, now: datetime) -> None:
    dated = [notice for notice in batch if notice.published is not None]
    ahead = [notice for notice in dated if notice.published is not None and notice.published > now + AHEAD]
    if len(ahead) >= 2 and len(ahead) > 0.5 * len(dated):
        held = [notice for notice in ahead if notice.source_id not in known.same]
        doubt.hold(f"{len(ahead)} of {len(dated)} dates of publication lie in the future", held)
