"""Times of day beside a date."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from nlp.deadlines.fold import Folded
from nlp.deadlines.labels import Clock, with_label
from nlp.deadlines.words import Lexicon
from nlp.deadlines.zones import zones

AFTER = 64
BEFORE = 72
LOOSE = 32
_STRONG_SUFFIX = r"(?:am|pm|a\.m\.?|p\.m\.?)"


@dataclass(frozen=True, slots=True)
class Reader:
    """Compiled patterns of a lexicon."""

    time: re.Pattern[str]
    filler: re.Pattern[str]
    lead: re.Pattern[str]
    am: re.Pattern[str]
    noon: re.Pattern[str]
    oclock: re.Pattern[str]
    time_word: re.Pattern[str]
    label: re.Pattern[str]


@lru_cache(maxsize=64)
def _reader(lexicon: Lexicon) -> Reader:
    hour_words = lexicon.alternation("hour", glued=True)
    half = lexicon.alternation("am", "pm", glued=True)
    clock_words = lexicon.alternation("clock")
    weekdays = lexicon.alternation_of(set(lexicon.weekdays))
    time = re.compile(
        rf"(?P<word>(?:{lexicon.alternation('noon', 'midnight')}))"
        rf"|(?<![\d.,:/])(?:(?P<pre>{clock_words})[\s.:]{{0,3}})?(?P<h>\d{{1,2}})"
        rf"(?:(?:\s?(?P<sep>[:hu])\s?|(?P<dot>\.)|\s?(?:heures|hours|uhr|horas|hodin)\s(?=\d\d(?!\d)))(?P<m>\d{{2}})(?!\d)(?:[:.](?P<s>\d{{2}})(?!\d)(?:[.,]\d{{1,6}})?)?)?"
        rf"(?:\.?\s?(?P<suf>{hour_words}|h(?!\w)))?(?:\s?(?P<half>{half}))?(?:\s?\(?(?P<noon2>{lexicon.alternation('noon')})\)?)?(?![\d%€$/])"
        rf"|(?<!\d)(?P<mil>[0-2]\d[0-5]\d)\s?(?:hrs|hours|h|uhr)(?!\w)"
    )  # fmt: skip
    filler = rf"(?:[\s,.:;()\[\]|@*-]|{lexicon.alternation('link', 'clock', 'time', 'until', 'end_of')}|{weekdays})*"
    labels = "|".join(re.escape(word) for word in sorted(zones().labels, key=lambda word: -len(word)))
    return Reader(
        time=time,
        filler=re.compile(filler),
        lead=re.compile(filler + r"\Z"),
        am=re.compile(rf"(?:{lexicon.alternation('am', glued=True)})\Z"),
        noon=re.compile(rf"(?:{lexicon.alternation('noon')})\Z"),
        oclock=re.compile(rf"(?:{lexicon.alternation('oclock')})"),
        time_word=re.compile(rf"(?:{lexicon.alternation('time')})"),
        label=re.compile(
            rf"(?<![\w+-])(?:(?:utc|gmt|tu)\s?[+-]\s?\d{{1,2}}(?::?\d{{2}})?(?![\d:])|(?:{labels})(?!\w)|[+-]\d{{2}}:\d{{2}}(?!\d))"
        ),
    )


def clock_after(folded: Folded, lexicon: Lexicon, end: int, stop: int, *, loose: bool = True) -> Clock | None:
    """The time written after a date that ends at ``end``, before ``stop`` (where the next date begins)."""
    return _forward(folded, _reader(lexicon), end, min(stop, end + AFTER), LOOSE if loose else 0)


def clock_before(folded: Folded, lexicon: Lexicon, start: int, floor: int) -> Clock | None:
    """The time written before a date that starts at ``start``, not before ``floor``: only fillers may stand between."""
    reader = _reader(lexicon)
    window_start = max(floor, start - BEFORE)
    best: Clock | None = None
    at = window_start
    while at < start:
        found = reader.time.search(folded.flat, at, start)
        if found is None:
            break
        clock = _clock(found, reader, weak_ok=True)
        if clock is not None and not _in_range(folded.flat, found, window_start):
            labelled = with_label(folded, reader.label, reader.time_word, clock, start)
            gap = folded.flat[labelled.end : start]
            if reader.lead.fullmatch(gap) and not _broken(folded, labelled.end, start):
                best = labelled
            at = found.end()
        else:
            at = found.start() + 1
    return best


def clock_alone(folded: Folded, lexicon: Lexicon, start: int, end: int) -> Clock | None:
    """The only strongly marked time in ``start:end`` of the text, for a time said apart from its date; None when there is none or more."""
    reader = _reader(lexicon)
    found: list[Clock] = []
    at = start
    while at < end and len(found) < 2:
        match = reader.time.search(folded.flat, at, end)
        if match is None:
            break
        clock = _clock(match, reader, weak_ok=False)
        if clock is not None and not _in_range(folded.flat, match, start):
            found.append(with_label(folded, reader.label, reader.time_word, clock, end))
        at = match.end() if clock is not None else match.start() + 1
    return found[0] if len(found) == 1 else None


def label_after(folded: Folded, lexicon: Lexicon, end: int, stop: int) -> tuple[str, int]:
    """A zone label right after a date without a time ("15 June 2026 (AoE)") and where it ends; ("", end) when there is none."""
    patterns = _reader(lexicon)
    bare = with_label(folded, patterns.label, patterns.time_word, Clock(end, end, 0, 0), stop, places=False)
    return (bare.label, bare.end) if bare.label[:1] not in ("+", "-") else ("", end)


def _forward(folded: Folded, reader: Reader, end: int, stop: int, loose: int) -> Clock | None:
    flat = folded.flat
    found = reader.time.search(flat, end, stop)
    while found is not None:
        gap = flat[end : found.start()]
        fits = reader.filler.fullmatch(gap) is not None
        if _broken(folded, end, found.start()) and not (fits and gap.strip(" .") and folded.text[end] in "\n."):
            return None
        clock = _clock(found, reader, weak_ok=fits)
        if clock is not None and not fits and (len(gap) > loose or any(c.isdigit() or c in ";|" for c in gap)):
            return None
        if clock is not None:
            if _in_range(flat, found, end):
                return None
            return with_label(folded, reader.label, reader.time_word, clock, stop + 40)
        found = reader.time.search(flat, found.start() + 1, stop)
    return None


def _broken(folded: Folded, start: int, end: int) -> bool:
    """Whether a new line or a sentence begins between two places. A line that begins with the time itself goes on."""
    gap = folded.text[start:end]
    if "\n" in gap.strip("\n") or gap.count("\n") > 1 or ("\n" in gap and gap.strip(" \n(-")):
        return True
    return re.search(r"[!?]\s|\.\s\w{4,}\s", gap) is not None


_TO_TIME = re.compile(r"\s?(?:-|to|bis|a|à|do|until|alle|till)\s?(?:\d{1,2}[:.h]\d\d|\d{1,2}\s?(?:h|uhr|am|pm))(?![./]\d|\d)")
_FROM_TIME = re.compile(r"\d[:.h]\d\d\s?(?:uhr|h|am|pm)?\s?(?:-|bis|to|alle|a)\s?\Z")


def _in_range(flat: str, found: re.Match[str], window: int) -> bool:
    """ "10:00-13:00": the hours of an event, not the hour of a deadline."""
    if _TO_TIME.match(flat, found.end()):
        return True
    return _FROM_TIME.search(flat, max(window, found.start() - 14), found.start()) is not None


def _clock(found: re.Match[str], reader: Reader, *, weak_ok: bool) -> Clock | None:
    if found["word"]:
        midnight = reader.noon.fullmatch(found["word"]) is None
        if not weak_ok and not found["word"][0].isdigit():
            return None
        return Clock(found.start(), found.end(), 24 if midnight else 12, 0, midnight=midnight)
    if found["mil"]:
        return Clock(found.start(), found.end(), int(found["mil"][:2]), int(found["mil"][2:]))
    hour, minute, second = int(found["h"]), int(found["m"] or 0), int(found["s"] or 0)
    half = found["half"] or ""
    marked = bool(half or found["suf"] or found["sep"] or found["noon2"])
    if not found["m"] and not (half or found["suf"] or found["noon2"]) and not (found["pre"] and weak_ok):
        return None
    if (
        found["pre"]
        and not found["m"]
        and not half
        and not found["suf"]
        and not found["noon2"]
        and not reader.oclock.fullmatch(found["pre"])
    ):
        return None
    if not weak_ok and not marked:
        return None
    if hour > 24 or minute > 59 or second > 60 or (hour == 24 and (minute or second)):
        return None
    odd = False
    if half and hour <= 12:
        morning = reader.am.fullmatch(half) is not None
        hour = hour % 12 if morning else hour % 12 + 12
    elif half and reader.am.fullmatch(half):
        odd = True
    start = found.start() if not found["pre"] else found.start("h")
    return Clock(start, found.end(), hour, minute, min(second, 59), midnight=hour == 24, odd=odd)
