"""The zone label or the place written beside a time of day."""

from __future__ import annotations

import re
from dataclasses import dataclass

from nlp.deadlines.fold import Folded
from nlp.deadlines.zones import place_zone


@dataclass(frozen=True, slots=True)
class Clock:
    """A time of day at ``start:end`` of folded text, its zone words included. ``hour`` may be 24; ``midnight`` tells the word (the
    end of the named day). ``label`` is the zone as written (original case), "" when none.
    """

    start: int
    end: int
    hour: int
    minute: int
    second: int = 0
    midnight: bool = False
    label: str = ""
    odd: bool = False


def with_label(
    folded: Folded, label: re.Pattern[str], time_word: re.Pattern[str], clock: Clock, stop: int, *, places: bool = True
) -> Clock:
    """The clock with the zone that is written right after it (or in the brackets after it)."""
    flat = folded.flat
    limit = min(len(flat), clock.end + 46, max(stop, clock.end))
    line = folded.text.find("\n", clock.end, limit)
    limit = line if line >= 0 else limit
    window = flat[clock.end : limit]
    sentence = re.search(r"(?<![a-z]\.[a-z])(?<!\w\.\w)[;!?]|\.\s(?=[^\d(])", window)
    if sentence:
        window = window[: sentence.start()]
    place = _place(window, time_word) if places else None
    found = label.search(window)
    while found is not None and not _plausible(folded, clock.end + found.start(), clock.end + found.end(), window[: found.start()]):
        found = label.search(window, found.end())
    if place is not None and (found is None or place[2] < 46):
        name, _, end = place
        claimed = window[found.start() : found.end()] if found is not None and found.start() < end + 12 else ""
        finish = max(end, found.end() if claimed and found is not None else 0)
        return _labelled(clock, flat, window, f"{name}|{claimed}" if claimed else name, finish)
    if found is not None:
        return _labelled(clock, flat, window, found[0], found.end())
    return clock


def _labelled(clock: Clock, flat: str, window: str, label: str, end: int) -> Clock:
    finish = clock.end + end
    if flat[finish : finish + 1] == ")" and "(" in window[:end]:
        finish += 1
    return Clock(clock.start, finish, clock.hour, clock.minute, clock.second, clock.midnight, label, clock.odd)


_FAR = re.compile(r"[\d]")
_SHORT = re.compile(r"[a-z]{1,5}(?:/[a-z]{1,5})?")


def _plausible(folded: Folded, start: int, end: int, gap: str) -> bool:
    """A short label counts only in capitals ("est" is French, "ist" German) and close to the time."""
    if _FAR.search(gap) or len(gap) > 16:
        return False
    word = folded.flat[start:end]
    if word == "z":
        return gap == ""
    if _SHORT.fullmatch(word):
        first, last = folded.origin(start, end)
        raw = folded.original[first:last]
        return sum(character.isupper() for character in raw) >= 2
    return True


_NAME = re.compile(r"[^\W\d_][\w.'-]*")


def _place(window: str, time_words: re.Pattern[str]) -> tuple[str, int, int] | None:
    """A place named near a time word, or alone in brackets: its name and its span in the window."""
    window_words = [match for match in _NAME.finditer(window)][:7]
    bracket = window.lstrip(" ,.").startswith("(")
    digits = re.search(r"\d", window)
    stop = digits.start() if digits else len(window)
    time_word = time_words.search(window, 0, stop)
    for index, word in enumerate(window_words):
        if word.start() >= stop:
            break
        for size in (3, 2, 1):
            if index + size > len(window_words):
                continue
            last = window_words[index + size - 1]
            if last.end() > stop:
                continue
            name = window[word.start() : last.end()].strip(" .'")
            name = name[2:] if name.startswith(("d'", "l'")) else name
            if place_zone(name):
                close = (bracket and window.find(")") >= last.end()) or index == 0
                if time_word is not None or (close and (bracket or index == 0)):
                    end = (
                        max(last.end(), time_word.end())
                        if time_word is not None and time_word.start() - last.end() < 8
                        else last.end()
                    )
                    return name, word.start(), end
    return None
