"""How a crawl went: declared bounds, what was learned from earlier healthy runs, and whether all pages were read. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

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
        "too-many-entries duplicate-id more-problems",
        # A publisher's ways that cost nothing that could be had: mirrors, registrations, ends told in prose, empty series.
        "stale-mirror",
        "not-a-call",
        "not-a-tender",
        "composed-id",
        "relative-deadline",
        "unread-deadline",
        "no-figures",
        "cut",
    ]
)
MOST_PROBLEMS = 0.2
MOST_DOUBLED = 0.1
LEARN_FROM = 3
FILL = "fill:"
# Field names of [expect] that are called otherwise in a Notice.
EXPECTED_NAMES = {"deadline": "deadlines", "amount": "amounts", "city": "place", "country": "place"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Judgement:
    """The verdict of one crawl, whether its page chain was read to the end, and why it is not healthy."""

    verdict: Verdict
    complete: bool
    reasons: tuple[str, ...]


def judge(source: Source, progress: Progress, history: Sequence[Run]) -> Judgement:
    """``history`` are earlier runs of the source, newest first; only healthy ones teach.

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
    reasons += [
        *_against_bounds(source, progress),
        *_against_history(progress, [run for run in history if run.verdict == "healthy"]),
    ]
    reasons += _shares(progress)
    verdict: Verdict = "partial" if reasons else "healthy"
    return Judgement(verdict=verdict, complete=progress.complete and not wrong, reasons=_short(reasons))


def _against_bounds(source: Source, progress: Progress) -> list[str]:
    least, most = source.expect.items
    count = len(progress.seen)
    reasons = []
    if count < least:
        reasons.append(f"{count} items, fewer than the {least} that are expected")
    if count > most:
        reasons.append(f"{count} items, more than the {most} that are expected")
    if progress.parsed:
        for name, share in source.expect.fields.items():
            counted = EXPECTED_NAMES.get(name, name)
            filled = 1.0 if counted == "title" else progress.fields[counted] / progress.parsed
            if filled < share:
                reasons.append(f"'{name}' in {filled:.0%} of the notices, expected {share:.0%}")
    return reasons


def _against_history(progress: Progress, healthy: Sequence[Run]) -> list[str]:
    """A count or a field's share far below or above what healthy runs had. Needs three of them."""
    if len(healthy) < LEARN_FROM:
        return []
    counts = [run.counts.get("notices", 0) for run in healthy[:30]]
    usual, least, most = median(counts), min(counts), max(counts)
    count = len(progress.seen)
    reasons = []
    if count < 0.5 * usual and count < 0.75 * least and usual - count > 3:
        reasons.append(f"{count} items, usually about {usual:.0f}")
    if count > 3 * usual + 10 and count > 1.5 * most:
        reasons.append(f"{count} items, usually about {usual:.0f}")
    if progress.parsed >= 5:
        for name in {key for run in healthy for key in run.counts if key.startswith(FILL)}:
            shares = [run.counts[name] for run in healthy[:30] if name in run.counts]
            now = 100 * progress.fields[name.removeprefix(FILL)] / progress.parsed
            if len(shares) >= LEARN_FROM and min(shares) >= 40 and now < 0.6 * min(shares):
                reasons.append(f"'{name.removeprefix(FILL)}' in {now:.0f} % of the notices, usually {median(shares):.0f} %")
    return reasons


def _shares(progress: Progress) -> list[str]:
    entries = max(len(progress.seen), 1)
    bad = sum(n for cause, n in progress.problems.items() if cause not in PAGE_CAUSES | QUIET_CAUSES) + progress.remembered_problems
    reasons = []
    if bad > MOST_PROBLEMS * entries:
        reasons.append(f"{bad} problems on {len(progress.seen)} items")
    if progress.doubled > MOST_DOUBLED * entries:
        reasons.append(f"{progress.doubled} ids stand twice")
    return reasons


def fill_counts(progress: Progress) -> dict[str, int]:
    """The share of parsed notices that carry each field, in per cent, as kept with the run's counts; {} when none was parsed."""
    if not progress.parsed:
        return {}
    return {f"{FILL}{name}": round(100 * count / progress.parsed) for name, count in sorted(progress.fields.items())}


def _short(reasons: Sequence[str]) -> tuple[str, ...]:
    """Each reason once, at most ten."""
    distinct = list(dict.fromkeys(reasons))
    return tuple(distinct[:10] + ([f"and {len(distinct) - 10} more"] if len(distinct) > 10 else []))
