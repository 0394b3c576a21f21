"""How a crawl went: declared bounds, what was learned from earlier healthy runs, and whether all pages were read. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from crawlers.health import learned
from crawlers.progress import Progress
from crawlers.source import Source
from store.model import Run, Verdict

# A page that is another thing than it should be; entries that could not be read are weighed by their share instead.
PAGE_CAUSES = frozenset(
    [
        "not-a-feed",
        "not-a-calendar",
        "not-a-sitemap",
        "not-a-pdf",
        "not-html",
        "not-json",
        "not-xml",
        "broken-xml",
        "html-instead",
        "empty-body",
        "truncated-gzip",
        "cut-short",
        "too-large",
        "too-deep",
        "xml-entities",
        "missing-rows",
        "error-answer",
        "bad-pdf",
        "encrypted-pdf",
        "parser-failed",
        "out-of-memory",
    ]
)
# Said for the record, no sign of ill health by itself.
QUIET_CAUSES = frozenset(
    [
        "no-entries",
        "no-events",
        "no-text",
        "unknown-zone",
        "too-many-entries",
        "duplicate-id",
        "more-problems",
        # A publisher's ways that cost nothing that could be had: mirrors, registrations, ends told in prose, empty series.
        "stale-mirror",
        "not-a-call",
        "not-a-tender",
        "composed-id",
        "relative-deadline",
        "unread-deadline",
        "no-figures",
        "cut",
        "template-changed",
    ]
)
MOST_PROBLEMS = 0.2
MOST_DOUBLED = 0.1
FEWEST_DOUBLED = 3
MOST_VANISHED = 0.25
# Formats that show the newest alone: absence from them means nothing.
WINDOW_FORMATS = frozenset({"feed", "sitemap", "document"})
# A feed that turned over is read as it is; such a run teaches as a healthy one does.
TURNED_OVER = "none of the entries was there at the last poll"
# Field names of [expect] that are called otherwise in a Notice.
EXPECTED_NAMES = {"deadline": "deadlines", "amount": "amounts", "city": "place", "country": "place"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Judgement:
    """The verdict of one crawl, whether its page chain was read to the end, and why it is not healthy. ``notes`` are worth a line
    and no sign of ill health; ``reread`` says that what the pages gave is doubted, so that the next run reads them anew.
    """

    verdict: Verdict
    complete: bool
    reasons: tuple[str, ...]
    notes: tuple[str, ...] = ()
    reread: bool = False


def lists_all(source: Source) -> bool:
    """Whether absence from a whole crawl of the source means that a thing is gone."""
    return source.lists_all if source.lists_all is not None else source.format not in WINDOW_FORMATS


def teaching(history: Sequence[Run]) -> list[Run]:
    """The runs that show how the source is when it is well, newest first."""
    return [
        run
        for run in history
        if run.verdict == "healthy"
        or (run.verdict == "partial" and run.reasons and all(reason.startswith(TURNED_OVER) for reason in run.reasons))
    ]


def judge(source: Source, progress: Progress, history: Sequence[Run], *, now: datetime | None = None) -> Judgement:
    """``history`` are earlier runs of the source, newest first; only healthy ones teach. ``now`` (aware) tells the season.

    blocked: we were refused and got nothing. broken: no page could be read, or the list is empty against expectation. partial:
    something was read, but not all, or not as it usually is. Only a healthy, complete run may retire anything.
    """
    wrong = [cause for cause in progress.problems if cause in PAGE_CAUSES]
    reasons = [*progress.blocked, *progress.lost, *progress.lost_details, *progress.cut]
    reasons += [f"{progress.problems[cause]} page(s) refused: {cause}" for cause in wrong]
    if progress.blocked and not progress.seen:
        return Judgement(verdict="blocked", complete=False, reasons=_short(reasons))
    if not progress.pages or (not progress.seen and reasons):
        return Judgement(verdict="broken", complete=False, reasons=_short(reasons or ["no page could be read"]))
    unread = sum(count for cause, count in progress.problems.items() if cause not in QUIET_CAUSES)
    if not progress.seen and unread:
        return Judgement(verdict="broken", complete=False, reasons=(f"none of {unread} entries could be read",))
    if not progress.seen:
        if source.expect.empty_ok or source.expect.items[0] == 0:
            return Judgement(verdict="empty-ok", complete=progress.complete, reasons=())
        return Judgement(verdict="broken", complete=False, reasons=("the list is empty, and this source does not expect that",))
    healthy = teaching(history)
    quality = [*progress.doubts, *_fill_bounds(source, progress), *learned.lost_fields(progress, healthy)]
    quality += [*learned.odd_dates(progress, healthy), *learned.more_problems(progress, _bad(progress), healthy)]
    if source.expect.fields or progress.fields:
        shapes = learned.new_shapes(progress, healthy)
        if quality and shapes:
            quality.append(f"the template of the {' and '.join(shapes)} page changed")
    reasons += [*_items_bounds(source, progress), *learned.too_few(progress, healthy, now), *learned.too_many(progress, healthy)]
    reasons += [*_vanished(source, progress), *_turned_over(source, progress), *quality, *_shares(progress, healthy)]
    verdict: Verdict = "partial" if reasons else "healthy"
    return Judgement(
        verdict=verdict,
        complete=progress.complete and not wrong,
        reasons=_short(reasons),
        notes=() if reasons else _notes(progress, healthy),
        reread=bool(quality),
    )


def _items_bounds(source: Source, progress: Progress) -> list[str]:
    least, most = source.expect.items
    count = len(progress.seen)
    if count < least:
        return [f"{count} items, fewer than the {least} that are expected"]
    return [f"{count} items, more than the {most} that are expected"] if count > most else []


def _fill_bounds(source: Source, progress: Progress) -> list[str]:
    reasons = []
    if progress.parsed:
        for name, share in source.expect.fields.items():
            counted = EXPECTED_NAMES.get(name, name)
            filled = 1.0 if counted == "title" else progress.fields[counted] / progress.parsed
            if filled < share:
                reasons.append(f"'{name}' in {filled:.0%} of the notices, expected {share:.0%}")
    return reasons


def _vanished(source: Source, progress: Progress) -> list[str]:
    """Much of what a whole list held is gone before its time: the list was not whole."""
    gone, current = progress.vanished, progress.current
    if not lists_all(source) or gone <= 3 or gone <= MOST_VANISHED * current:
        return []
    return [f"{gone} of {current} current items are no longer listed though their time is not over"]


def _turned_over(source: Source, progress: Progress) -> list[str]:
    """A feed with nothing in common with its last poll: what came between was not seen."""
    if source.format != "feed" or progress.known or not progress.current or len(progress.seen) < 3:
        return []
    return [f"{TURNED_OVER}: it turns over faster than it is read, so poll it more often (every, every_bounds)"]


def _bad(progress: Progress) -> int:
    counted = sum(n for cause, n in progress.problems.items() if cause not in PAGE_CAUSES | QUIET_CAUSES)
    return counted + progress.remembered_problems


def _shares(progress: Progress, healthy: Sequence[Run]) -> list[str]:
    entries = max(len(progress.seen), 1)
    bad = _bad(progress)
    reasons = []
    # One among several is an odd row, and so is one alone where healthy runs had one now and then.
    odd = bad == 1 and (entries > 1 or learned.usual_bad(healthy) >= 1)
    if bad > MOST_PROBLEMS * entries and not odd:
        reasons.append(f"{bad} problems on {len(progress.seen)} items")
    if progress.doubled >= FEWEST_DOUBLED and progress.doubled > max(MOST_DOUBLED, 1.5 * learned.usual_doubles(healthy)) * entries:
        reasons.append(f"{progress.doubled} ids stand twice")
    return reasons


def _notes(progress: Progress, healthy: Sequence[Run]) -> tuple[str, ...]:
    shapes = learned.new_shapes(progress, healthy)
    notes = [f"the {role} page has another template than before; all fields were still found" for role in shapes]
    if learned.small_pages(progress, healthy):
        notes.append("the list page is less than a third of its usual size")
    return tuple(notes)


def learned_counts(progress: Progress) -> dict[str, int]:
    """What later runs learn from this one, as kept with the run's counts."""
    return {
        **learned.learned_counts(progress),
        **{name: n for name, n in (("bad", _bad(progress)), ("doubled", progress.doubled), ("held", progress.held)) if n},
    }


def _short(reasons: Sequence[str]) -> tuple[str, ...]:
    """Each reason once, at most ten."""
    distinct = list(dict.fromkeys(reasons))
    return tuple(distinct[:10] + ([f"and {len(distinct) - 10} more"] if len(distinct) > 10 else []))
