"""Dates in folded text: numeric, worded, ISO and compact, in the orders people write them. Finding only; nothing is decided here."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from nlp.deadlines.words import Lexicon

# "1er", "7th", "1º" (folded: "1o"), "1°", "20ης", "1:a", "15-ти"
_ORDINAL = r"(?:\s?(?:st|nd|rd|th)(?!\w)|(?:ere|eme|er|re|e|o|a|η|ησ|ο|οσ)(?!\w)|°|:[ae](?!\w)|-(?:ви|ри|ти|ми|го)(?!\w))?"
_YEAR = r"(?:(?:19|20|21)\d\d|9999)(?!\d)"
_ALONE = r"(?<!\d)(?<!\d[.,/:])"
MANY = 3000
_MONTH_FIRST = frozenset({"en", "es", "hu", "lt"})
_ISO = re.compile(
    r"(?<![\d-])(?P<y>\d{4})-(?P<m>\d{2})-(?P<d>\d{2})(?![\d])"
    r"(?:[t ](?P<h>\d{2}):(?P<mi>\d{2})(?::(?P<s>\d{2})(?:[.,]\d{1,9})?)?(?P<z>z(?!\w)|\s?[+-]\d{2}:?\d{2}(?!\d))?|t(?!\w)|z(?!\w)|[+]\d{2}:\d{2}(?!\d))?"
)
_NUMERIC = re.compile(
    _ALONE + r"(?P<a>\d{1,2})\s?(?P<sep>[./:-])\s?(?P<b>\d{1,2})\s?(?P=sep)\s?(?:(?P<y>\d{4})|'?(?P<yy>\d{2}))(?!\d)(?![./]\d)"
)
_YEAR_FIRST = re.compile(_ALONE + r"(?P<y>(?:19|20|99)\d{2})(?P<sep>[./])\s?(?P<m>\d{1,2})(?P=sep)\s?(?P<d>\d{1,2})(?!\d)")
# "18/6-2027", "15/5 2027"
_SLASH = re.compile(_ALONE + r"(?P<d>\d{1,2})/(?P<m>\d{1,2})\s?[-. ]\s?'?(?P<y>20\d\d|(?<=-)\d\d)(?![\d:/]|[.]\d)")
# "31/01, 30/06 and 30/11/2027"
_SLASH_LISTED = re.compile(
    _ALONE + r"(?P<d>\d{1,2})/(?P<m>\d{1,2})(?!\d)(?=(?:[\s,;&-]{1,3}(?:[^\W\d_]{1,4}\s)?\d{1,2}/\d{1,2}){1,6}/20\d\d(?!\d))"
)
_ROMAN = ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii")
_ROMANS = "(?P<month>" + "|".join(sorted(_ROMAN, key=lambda one: -len(one))) + ")"
_ROMAN_DAY = re.compile(_ALONE + r"(?P<d>\d{1,2})[\s./-]{1,2}" + _ROMANS + r"[\s./-]{1,2}(?P<y>" + _YEAR + ")")
_ROMAN_YEAR = re.compile(_ALONE + "(?P<y>" + _YEAR + r")[\s./-]{1,2}" + _ROMANS + r"[\s./-]{1,2}(?P<d>\d{1,2})(?!\d)\.?")
_COMPACT = re.compile(r"\s*(?P<y>(?:19|20)\d{2})(?P<m>\d{2})(?P<d>\d{2})\s*")
_DAY_MONTH = re.compile(_ALONE + r"(?P<d>\d{1,2})\.\s?(?P<m>\d{1,2})\.(?!\s?\d)")


@dataclass(frozen=True, slots=True)
class Found:
    """One written date at ``start:end`` of folded text. ``year`` 0 = not written. ``order`` tells a numeric date that can be read
    both ways (``a`` and ``b`` as written). ``clock`` is the time of an ISO moment, ``offset`` its offset as written.
    """

    start: int
    end: int
    year: int
    month: int
    day: int
    shape: str
    swappable: bool = False
    clock: tuple[int, int, int] | None = None
    offset: str = ""
    numeric_year: bool = True

    def as_date(self) -> date | None:
        """The day; None when the calendar has none such, or when no year is written."""
        try:
            return date(self.year, self.month, self.day)
        except ValueError:
            return None


@lru_cache(maxsize=64)
def _worded(lexicon: Lexicon) -> tuple[re.Pattern[str], ...]:
    forms = [(form, False) for form in lexicon.months] + [(stem, True) for stem, _ in lexicon.month_stems]
    forms.sort(key=lambda pair: -len(pair[0]))
    month = "(?P<month>" + "|".join(re.escape(form) + (r"\w{0,8}" if stem else "") for form, stem in forms) + r")(?!\w)"
    of = r"(?:(?:of\sthe|of|de|del|di|d'|do|da|ta')\s)?"
    year = (
        r"(?:(?:[\s,./-]{0,3}|\.\s?,\s?)(?:(?:of|de|del|di|do|de\sl'an|ano|anno|του|roku|год)\s)?(?P<y>"
        + _YEAR
        + r")|[-/.'\s]{1,2}(?<=[-/'])(?P<yy>\d{2})(?![\d:]|\.\d|\.?\s?(?:"
        + month.replace("?P<month>", "?:")
        + r")))?"
    )
    day_month = re.compile(_ALONE + r"(?P<d>\d{1,2})" + _ORDINAL + r"[\s./-]{0,2}" + of + month + year)
    month_day = re.compile(
        r"(?<!\w)" + month + r"\.?\s(?P<d>\d{1,2})(?!\d)(?!\s?[:.]\d\d(?!\d))" + _ORDINAL + r"(?:\s?-\s?(?P<d2>\d{1,2})(?!\d))?"
        r"(?:(?:,\s?|\s,?\s?)(?:(?:of|de|del)\s)?(?P<y>" + _YEAR + r"))?"
    )  # fmt: skip
    year_month_day = re.compile(
        _ALONE + r"(?P<y>" + _YEAR + r")(?:\.|\s?m\.|\s?metu)?,?\s?" + month + r"\s(?P<d>\d{1,2})(?!\d)\.?(?:\s?d(?!\w)\.?)?"
    )
    year_day_month = re.compile(_ALONE + r"(?P<y>" + _YEAR + r")\.?\s?gada\s(?P<d>\d{1,2})\.?\s?" + month)
    month_end = re.compile(
        r"(?P<lead>"
        + lexicon.alternation("end_of")
        + r")\s(?:de\s|of\s|di\s|mes\sde\s|miesiaca\s)?"
        + month
        + r"\.?,?\s(?:de\s|del\s)?(?P<y>"
        + _YEAR
        + ")"
    )
    year_end = re.compile(rf"(?P<lead>{lexicon.alternation('year_end')}),?\s(?P<y>{_YEAR})")
    # "senest 18/6": without a year only right after a word like "until"
    slashed = re.compile(
        rf"(?:{lexicon.alternation('until')})(?:[\s,.]|{lexicon.alternation('link')}|{lexicon.alternation_of(set(lexicon.weekdays))}){{0,6}}"
        r"(?<![\d/])(?P<d>\d{1,2})/(?P<m>\d{1,2})(?![\d/-])"
    )
    return day_month, month_day, year_month_day, year_day_month, month_end, year_end, slashed


def find_dates(flat: str, lexicon: Lexicon, *, field: bool = False) -> list[Found]:
    """The dates written in folded, flat text, without overlaps, in order, the first ``MANY``. Linear in the length of the text."""
    found = [*_iso(flat), *_numeric(flat), *_words(flat, lexicon)]
    if field and (compact := _COMPACT.fullmatch(flat)):
        found.append(
            Found(compact.start("y"), compact.end("d"), int(compact["y"]), int(compact["m"]), int(compact["d"]), "compact")
        )
    found.sort(key=lambda one: (one.start, -one.end))
    kept: list[Found] = []
    for one in found:
        if kept and one.start < kept[-1].end:
            if one.end - one.start > kept[-1].end - kept[-1].start and one.year and not kept[-1].year:
                kept[-1] = one
            continue
        kept.append(one)
        if len(kept) > MANY:
            return kept[:MANY]
    return kept


def _iso(flat: str) -> Iterator[Found]:
    for match in _ISO.finditer(flat):
        clock = (int(match["h"]), int(match["mi"]), int(match["s"] or 0)) if match["h"] else None
        end = match.end() if match.end() == match.end("d") or not match[0].endswith(" ") else match.end() - 1
        yield Found(
            match.start(),
            end,
            int(match["y"]),
            int(match["m"]),
            int(match["d"]),
            "iso",
            clock=clock,
            offset=(match["z"] or "").strip(),
        )


def _numeric(flat: str) -> Iterator[Found]:
    for match in _NUMERIC.finditer(flat):
        first, second = int(match["a"]), int(match["b"])
        if match["yy"]:
            short = len(match["a"]) < 2 or len(match["b"]) < 2
            if match["sep"] == ":" or not (24 if short else 15) <= int(match["yy"]) <= (40 if short else 49):
                continue
        elif match["sep"] == ":" and len(match["a"]) < 2:
            continue
        year = int(match["y"]) if match["y"] else 2000 + int(match["yy"])
        if (
            not (1900 <= year <= 2199 or year == 9999)
            or not 1 <= first <= 31
            or not 1 <= second <= 31
            or (first > 12 and second > 12)
        ):
            continue
        swappable = match["sep"] in "/-" and first != second and first <= 12 and second <= 12
        month, day = (first, second) if second > 12 else (second, first)
        shape = "month-first" if second > 12 else "day-first"
        yield Found(match.start(), match.end(), year, month, day, shape, swappable=swappable)
    for match in _YEAR_FIRST.finditer(flat):
        if 1 <= int(match["m"]) <= 12 and 1 <= int(match["d"]) <= 31:
            end = match.end() + (flat[match.end() : match.end() + 1] == "." and match["sep"] == ".")
            yield Found(match.start(), end, int(match["y"]), int(match["m"]), int(match["d"]), "year-first")
    for match in _SLASH.finditer(flat):
        if 1 <= int(match["m"]) <= 12 and 1 <= int(match["d"]) <= 31:
            year = int(match["y"])
            yield Found(match.start(), match.end(), year + 2000 * (year < 100), int(match["m"]), int(match["d"]), "day-first")
    for match in _SLASH_LISTED.finditer(flat):
        if 1 <= int(match["m"]) <= 12 and 1 <= int(match["d"]) <= 31:
            yield Found(match.start(), match.end(), 0, int(match["m"]), int(match["d"]), "day-month")
    for pattern in (_ROMAN_DAY, _ROMAN_YEAR):
        for match in pattern.finditer(flat):
            if 1 <= int(match["d"]) <= 31:
                month = _ROMAN.index(match["month"]) + 1
                yield Found(match.start(), match.end(), int(match["y"]), month, int(match["d"]), "worded")
    for match in _DAY_MONTH.finditer(flat):
        if 1 <= int(match["m"]) <= 12 and 1 <= int(match["d"]) <= 31:
            yield Found(match.start(), match.end(), 0, int(match["m"]), int(match["d"]), "day-month")


def _words(flat: str, lexicon: Lexicon) -> Iterator[Found]:
    day_month, month_day, *year_firsts, month_end, year_end, slashed = _worded(lexicon)
    for pattern in (day_month, month_day, *year_firsts):
        american = pattern is month_day
        if american and not _MONTH_FIRST & set(lexicon.languages):
            continue
        for match in pattern.finditer(flat):
            groups = match.groupdict()
            year = int(groups["y"]) if groups.get("y") else 2000 + int(groups["yy"]) if groups.get("yy") else 0
            if american and not year and "es" in lexicon.languages and "en" not in lexicon.languages:
                continue
            if not 1 <= int(match["d"]) <= 31:
                continue
            day = int(groups["d2"]) if groups.get("d2") else int(match["d"])
            yield Found(match.start(), match.end(), year, lexicon.month(match["month"]), day, "worded")
    for match in month_end.finditer(flat):
        month = lexicon.month(match["month"])
        year = int(match["y"])
        yield Found(match.start(), match.end(), year, month, monthrange(min(year, 9998), month)[1], "month-end")
    for match in slashed.finditer(flat):
        if 1 <= int(match["m"]) <= 12 and 1 <= int(match["d"]) <= 31:
            yield Found(match.start("d"), match.end(), 0, int(match["m"]), int(match["d"]), "day-month")
    for match in year_end.finditer(flat):
        yield Found(match.start(), match.end(), int(match["y"]), 12, 31, "month-end")
