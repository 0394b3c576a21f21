"""What a run shows against what healthy runs of its source showed: numbers, filled fields, problems, languages, dates, shape. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from math import comb, sqrt
from statistics import NormalDist, median

from crawlers.health.seasons import least_expected
from crawlers.health.shape import NEAR, apart
from crawlers.progress import Progress
from store.model import Run

LEARN_FROM = 3
RECENT, LONG = 30, 120
FILL, LANGUAGE, SHAPE = "fill:", "language:", "shape:"
FEWEST_PARSED = 4
UNLIKELY = 1e-4
# A day in August may bring nothing but old dates; a month back is another clock.
DATES_BACK_DAYS = 45
DEADLINES_APART_DAYS = 300


def too_few(progress: Progress, healthy: Sequence[Run], now: datetime | None) -> list[str]:
    """A count below what the season lets expect. Items whose time was over may go at once: they are counted as if they stood there."""
    if len(healthy) < LEARN_FROM:
        return []
    at = now or healthy[0].started
    found = least_expected([(run.started, run.counts.get("notices", 0)) for run in healthy], at)
    if found is None:
        return []
    bound, level = found
    count = len(progress.seen)
    if count + progress.ended < bound and level - count > 3:
        return [f"{count} items, usually about {level:.0f}"]
    return []


def too_many(progress: Progress, healthy: Sequence[Run]) -> list[str]:
    """A count far above all that healthy runs had."""
    if len(healthy) < LEARN_FROM:
        return []
    counts = [run.counts.get("notices", 0) for run in healthy[:LONG]]
    usual, most, count = median(counts[:RECENT]), max(counts), len(progress.seen)
    return [f"{count} items, usually about {usual:.0f}"] if count > 4 * usual + 20 and count > 2 * most else []


def lost_fields(progress: Progress, healthy: Sequence[Run]) -> list[str]:
    """Fields that are filled far more seldom than ever, and more seldom than chance makes of so few notices."""
    if len(healthy) < LEARN_FROM or progress.parsed < FEWEST_PARSED:
        return []
    taught = [run for run in healthy if any(key.startswith(FILL) for key in run.counts)][:RECENT]
    reasons = []
    for name in sorted({key for run in taught for key in run.counts if key.startswith(FILL)}):
        with_it = [(run.counts.get(name, 0) / 100, run.counts.get("parsed") or run.counts.get("notices", 1)) for run in taught]
        total = sum(parsed for _, parsed in with_it)
        usual = sum(share * parsed for share, parsed in with_it) / total
        if usual < 0.05:
            continue
        floor = min((share for share, parsed in with_it if parsed >= FEWEST_PARSED), default=usual)
        share = progress.fields[name.removeprefix(FILL)] / progress.parsed
        if share < 0.6 * usual and share < 0.8 * floor and _by_chance(share, progress.parsed, min(usual, 0.95)) < UNLIKELY:
            reasons.append(f"'{name.removeprefix(FILL)}' in {100 * share:.0f} % of the notices, usually {100 * usual:.0f} %")
    return reasons


def _by_chance(share: float, parsed: int, usual: float) -> float:
    """How likely it is that no more than this share of so many notices carries a field that a share ``usual`` of them carries."""
    if parsed > 60:
        return NormalDist().cdf((share - usual) / sqrt(usual * (1 - usual) / parsed))
    most = round(share * parsed)
    return sum(comb(parsed, k) * usual**k * (1 - usual) ** (parsed - k) for k in range(most + 1))


def more_problems(progress: Progress, bad: int, healthy: Sequence[Run]) -> list[str]:
    """Entries that cannot be read, several times as many as ever, though fewer than the declared limit."""
    shares = [run.counts["bad"] / max(run.counts.get("notices", 0), 1) for run in healthy[:RECENT] if "bad" in run.counts]
    entries = max(len(progress.seen), 1)
    if len(shares) < LEARN_FROM or bad < 4:
        return []
    most = max(shares)
    return [f"{bad} problems on {len(progress.seen)} items, never above {most:.0%}"] if bad / entries > max(0.1, 2.5 * most) else []


def usual_bad(healthy: Sequence[Run]) -> int:
    """The most entries that could not be read in one healthy run."""
    return max((run.counts.get("bad", 0) for run in healthy[:LONG]), default=0)


def usual_doubles(healthy: Sequence[Run]) -> float:
    """The largest share of entries that stood twice in a healthy run."""
    return max((run.counts.get("doubled", 0) / max(run.counts.get("notices", 0), 1) for run in healthy[:RECENT]), default=0.0)


def usual_language(healthy: Sequence[Run]) -> str:
    """The language of the last runs that told one, when at least two did and all agree; "" otherwise."""
    told = [key.removeprefix(LANGUAGE) for run in healthy[:RECENT] for key in run.counts if key.startswith(LANGUAGE)][:8]
    return told[0] if len(told) >= 2 and len(set(told)) == 1 else ""


def usual_new(healthy: Sequence[Run]) -> float:
    """The largest share of items that were new in a healthy run which was not the first; 0.5 when nothing is known."""
    shares = [run.counts.get("new", 0) / max(run.counts.get("notices", 0), 1) for run in healthy[:RECENT]]
    known = [share for share in shares if share < 1]
    return max(known, default=0.5)


def usual_count(healthy: Sequence[Run]) -> float:
    """How many items healthy runs had; 0 when fewer than three are known."""
    counts = [run.counts.get("notices", 0) for run in healthy[:RECENT]]
    return median(counts) if len(counts) >= LEARN_FROM else 0


def odd_dates(progress: Progress, healthy: Sequence[Run]) -> list[str]:
    """Dates that lie where this source's never did: a clock, a year or a format went wrong."""
    reasons = []
    dated, ahead = progress.dates["published"], progress.dates["ahead"]
    if ahead >= 2 and ahead > 0.5 * dated:
        reasons.append(f"{ahead} of {dated} dates of publication lie in the future")
    newest = [run.counts["newest"] for run in healthy[:RECENT] if "newest" in run.counts]
    if len(newest) >= LEARN_FROM and progress.newest and dated >= 3 and progress.newest < max(newest) - DATES_BACK_DAYS:
        reasons.append(f"the newest date is {max(newest) - progress.newest} days older than it was")
    due_in = [run.counts["due_in"] for run in healthy[:RECENT] if "due_in" in run.counts]
    if len(due_in) >= LEARN_FROM and len(progress.due_in) >= 5:
        usual, spread, now = median(due_in), max(due_in) - min(due_in), median(progress.due_in)
        if abs(now - usual) > max(DEADLINES_APART_DAYS, 3 * spread):
            reasons.append(f"deadlines lie {now:.0f} days ahead, usually {usual:.0f}")
    return reasons


def new_shapes(progress: Progress, healthy: Sequence[Run]) -> list[str]:
    """Which kinds of page ("list", "detail") have a shape that no healthy run had. A note by itself, a reason beside lost fields."""
    out = []
    for role, shape in progress.shapes.items():
        before = [run.counts[SHAPE + role] for run in healthy[:RECENT] if run.counts.get(SHAPE + role)]
        if shape and len(before) >= LEARN_FROM and all(apart(shape, one) > NEAR for one in before):
            out.append(role)
    return out


def small_pages(progress: Progress, healthy: Sequence[Run]) -> bool:
    """Whether the first list page is less than a third of the smallest that a healthy run had."""
    sizes = [run.counts["list_bytes"] for run in healthy[:RECENT] if run.counts.get("list_bytes")]
    return len(sizes) >= LEARN_FROM and 0 < progress.list_bytes < min(sizes) / 3


def learned_counts(progress: Progress) -> Mapping[str, int]:
    """What a run leaves for later ones to learn from, as whole numbers; {} when no page was parsed."""
    if not progress.parsed:
        return {}
    out = {f"{FILL}{name}": round(100 * count / progress.parsed) for name, count in sorted(progress.fields.items())}
    if progress.language:
        out[LANGUAGE + progress.language] = 1
    out |= {SHAPE + role: shape for role, shape in sorted(progress.shapes.items()) if shape}
    if progress.newest:
        out["newest"] = progress.newest
    if progress.due_in:
        out["due_in"] = round(median(progress.due_in))
    if progress.list_bytes:
        out["list_bytes"] = progress.list_bytes
    return out
