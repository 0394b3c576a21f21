"""How a reader is spoken to: language, time zone, and dates, numbers and money in their manner."""

from __future__ import annotations

import gettext
import io
import math
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo, available_timezones

from babel import Locale, UnknownLocaleError
from babel.core import negotiate_locale
from babel.dates import format_date, format_interval, format_time, format_timedelta, get_timezone_name
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_compact_currency, format_currency, format_decimal, get_group_symbol

LANGUAGES = ("en", "fr", "de", "es", "it", "pt")
NAMES = {"en": "English", "fr": "Français", "de": "Deutsch", "es": "Español", "it": "Italiano", "pt": "Português"}
FOLDER = Path(__file__).parent / "locale"
_LOCALES = {"en": "en_GB", "pt": "pt_PT"}


@lru_cache(maxsize=8)
def translations(language: str) -> gettext.NullTranslations:
    """The catalogue of a language, made from its .po file; English (the language of the code) has none."""
    path = FOLDER / f"{language}.po"
    if language == "en" or not path.is_file():
        return gettext.NullTranslations()
    with path.open("rb") as file:
        catalogue = read_po(file, locale=language)
    buffer = io.BytesIO()
    write_mo(buffer, catalogue)
    buffer.seek(0)
    return gettext.GNUTranslations(buffer)


def choose_language(wished: str, accepted: str) -> str:
    """The language of the interface: what the member chose, else the browser's best among ours, else English."""
    if wished in LANGUAGES:
        return wished
    offered = [part.split(";")[0].strip().replace("-", "_") for part in accepted.split(",") if part.strip()]
    try:
        return negotiate_locale([o for o in offered if o != "*"], list(LANGUAGES)) or "en"
    except ValueError:
        return "en"


def zone_or_utc(name: str) -> ZoneInfo:
    """The zone of this IANA name, UTC when there is no such one."""
    return ZoneInfo(name) if name in _zones() else ZoneInfo("UTC")


@lru_cache(maxsize=1)
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def zones() -> list[str]:
    """The zones a member can choose from, by name."""
    return sorted(z for z in _zones() if "/" in z and not z.startswith(("Etc/", "posix/", "right/", "SystemV/", "US/")))


class Manner:
    """One reader's language and zone at one instant, ``today`` their day then; all methods give text. Instants are ISO texts in UTC,
    civil times ISO texts.
    """

    def __init__(self, language: str, zone: str, now: datetime) -> None:
        self.language, self.zone_name, self.now = language, zone, now
        self.zone = zone_or_utc(zone)
        self.locale = _locale(language)
        catalogue = translations(language)
        self.gettext: Callable[[str], str] = catalogue.gettext
        self.ngettext: Callable[[str, str, int], str] = catalogue.ngettext
        self.today: date = now.astimezone(self.zone).date()

    def day(self, instant: str) -> str:
        """``12 Dec 2026`` in the reader's zone."""
        return _date(_civil_day(instant, self.zone), "medium", self.language)

    def day_of(self, instant: str, zone: str) -> str:
        """The civil day where it was published when the instant is midnight there (a date without an hour); else as ``day``."""
        there = instant_of(instant).astimezone(zone_or_utc(zone))
        return _date(there.date(), "medium", self.language) if there.time() == time.min else self.day(instant)

    def long_day(self, day: date) -> str:
        """``Saturday, 12 December 2026``."""
        return _date(day, "full", self.language)

    def civil_day(self, local: str) -> str:
        """A civil date in the reader's manner, whatever the zone."""
        return _civil_date(local[:10], self.language)

    def civil_days(self, first: str, last: str) -> str:
        """One day, or the first and last of several."""
        if not last or last[:10] == first[:10]:
            return self.civil_day(first)
        return _days(first[:10], last[:10], self.language)

    def civil_time(self, local: str) -> str:
        """``17:00`` of a civil time."""
        return _civil_time(local[11:16], self.language)

    def moment(self, instant: str) -> str:
        """Day and time in the reader's zone."""
        local = instant_of(instant).astimezone(self.zone)
        return f"{_date(local.date(), 'medium', self.language)}, {_time(local.time(), self.language)}"

    def moment_in(self, instant: str, zone: str) -> str:
        """Weekday, day and time of an instant at another place."""
        local = instant_of(instant).astimezone(zone_or_utc(zone))
        return f"{_date(local.date(), 'full', self.language)}, {_time(local.time(), self.language)}"

    def zone_label(self, zone: str, instant: str = "") -> str:
        """``Brussels (UTC+1)``: the place and what its clock says at that instant."""
        return _zone_label(zone, instant[:15] if instant else f"{self.now:%Y-%m-%dT%H:%M}"[:15])

    def zone_title(self, zone: str) -> str:
        """The zone's name in the reader's language."""
        return get_timezone_name(zone_or_utc(zone), locale=self.locale)

    def days_until(self, instant: str) -> int:
        """Whole days of the reader's calendar from today to an instant; negative when it has passed."""
        return (_civil_day(instant, self.zone) - self.today).days

    def relative(self, instant: str) -> str:
        """``in 6 days``, ``3 weeks ago``; hours within a day."""
        delta = instant_of(instant) - self.now
        if abs(delta) >= timedelta(days=1) or self.days_until(instant) not in (0,):
            days = self.days_until(instant)
            if days == 0:
                days = 1 if delta > timedelta(0) else -1
            delta = timedelta(days=days)
        return _relative(int(delta.total_seconds()), self.language)

    def relative_day(self, first: str, last: str = "") -> str:
        """``in 4 days`` for a civil day or days (ISO texts) against the reader's today; ``today`` while they last."""
        begin, end = date.fromisoformat(first[:10]), date.fromisoformat((last or first)[:10])
        if begin <= self.today <= end:
            return self.gettext("today")
        days = (begin - self.today).days if begin > self.today else (end - self.today).days
        return _relative(days * 86_400, self.language)

    def number(self, value: float) -> str:
        """A number with the reader's separators."""
        return _whole(value, self.language) if isinstance(value, int) else format_decimal(value, locale=self.locale)

    def money(self, low: float | None, high: float | None, currency: str) -> str:
        """An amount, or ``low – high`` of a range; "" when there is none. Currencies nobody knows stand as published."""
        if low == high and low is not None and math.isfinite(low):
            return _money(low, currency, self.language)
        values = [v for v in (low, high) if v is not None and math.isfinite(v)]
        return " – ".join(_money(value, currency, self.language) for value in values)

    def country(self, code: str) -> str:
        """A country's name, or a group's, in the reader's language; the code itself when nobody knows it."""
        return _country(code, self.language)

    def language_name(self, code: str) -> str:
        """A language's name in the reader's language."""
        name: str = self.locale.languages.get(code, code)
        return name[:1].upper() + name[1:]

    def month(self, year: int, month: int) -> str:
        """``December 2026``."""
        return format_date(date(year, month, 1), "LLLL yyyy", locale=self.locale)

    def short_month(self, year: int, month: int) -> str:
        """``Dec``."""
        return format_date(date(year, month, 1), "LLL", locale=self.locale)

    def weekdays(self, width: str = "abbreviated") -> Sequence[str]:
        """Names from Monday, short or ``wide``."""
        names = self.locale.days["stand-alone"][width]
        return [names[n] for n in range(7)]

    def joined(self, values: Sequence[str]) -> str:
        """``a, b``."""
        return ", ".join(values)


_GROUPS = {"EU27": "EU", "EUROZONE": "EZ", "WORLD": "001", "AFRICA": "002", "EUROPE": "150", "ASIA": "142", "LATAM": "419"}


@lru_cache(maxsize=8192)
def instant_of(text: str) -> datetime:
    """The aware instant of an ISO text."""
    return datetime.fromisoformat(text).astimezone(UTC)


@lru_cache(maxsize=16)
def _locale(language: str) -> Locale:
    try:
        return Locale.parse(_LOCALES.get(language, language))
    except (UnknownLocaleError, ValueError):
        return Locale.parse("en_GB")


# A page says some hundred dates, names and numbers, and Babel takes some ten microseconds for each.
@lru_cache(maxsize=8192)
def _civil_day(instant: str, zone: ZoneInfo) -> date:
    return instant_of(instant).astimezone(zone).date()


@lru_cache(maxsize=4096)
def _date(day: date, form: str, language: str) -> str:
    return format_date(day, form, locale=_locale(language))


@lru_cache(maxsize=4096)
def _civil_date(day: str, language: str) -> str:
    return _date(date.fromisoformat(day), "medium", language)


@lru_cache(maxsize=4096)
def _civil_time(clock: str, language: str) -> str:
    return _time(time.fromisoformat(clock or "00:00"), language)


@lru_cache(maxsize=8192)
def _zone_label(zone: str, at: str) -> str:
    """At an instant in UTC to ten minutes (``2026-12-12T16:3``): clocks change at a full or a half hour."""
    offset = datetime.fromisoformat(at + "0:00+00:00").astimezone(zone_or_utc(zone)).utcoffset() or timedelta(0)
    minutes = int(offset.total_seconds() // 60)
    hours = f"{abs(minutes) // 60}" + (f":{abs(minutes) % 60:02d}" if minutes % 60 else "")
    return f"{zone.rsplit('/', 1)[-1].replace('_', ' ')} (UTC{'−' if minutes < 0 else '+'}{hours})"


@lru_cache(maxsize=1024)
def _time(clock: time, language: str) -> str:
    return format_time(clock, format="short", locale=_locale(language))


@lru_cache(maxsize=4096)
def _days(first: str, last: str, language: str) -> str:
    text: str = format_interval(date.fromisoformat(first), date.fromisoformat(last), "yMMMd", locale=_locale(language))
    return text


@lru_cache(maxsize=4096)
def _relative(seconds: int, language: str) -> str:
    return format_timedelta(timedelta(seconds=seconds), add_direction=True, threshold=1.2, locale=_locale(language))


@lru_cache(maxsize=8)
def _separator(language: str) -> str:
    return get_group_symbol(_locale(language))


def _whole(value: int, language: str) -> str:
    """As ``format_decimal`` writes a whole number in our languages, which all group by three."""
    return f"{value:,}".replace(",", _separator(language)) if abs(value) > 999 else str(value)


@lru_cache(maxsize=256)
def _around(currency: str, language: str) -> tuple[str, str]:
    """What stands before and after a whole amount."""
    locale = _locale(language)
    pattern = locale.currency_formats["standard"].pattern.replace("0.00", "0")
    before, _, after = format_currency(0, currency, pattern, locale=locale, currency_digits=False).partition("0")
    return before, after


@lru_cache(maxsize=4096)
def _country(code: str, language: str) -> str:
    name: str = _locale(language).territories.get(_GROUPS.get(code, code), code)
    return name


@lru_cache(maxsize=4096)
def _millions(value: float, currency: str, language: str) -> str:
    """``€1.2M``. Babel takes a tenth of a millisecond for it, so what it would round away is rounded before."""
    return format_compact_currency(value, currency, locale=_locale(language), fraction_digits=1)


@lru_cache(maxsize=4096)
def _money(value: float, currency: str, language: str) -> str:
    locale = _locale(language)
    if len(currency) == 3 and currency.isalpha() and currency.isascii():
        if abs(value) >= 1_000_000:
            return _millions(round(value, -5) if abs(value) < 999_900_000 else value, currency.upper(), language)
        if value >= 0 and value == int(value):
            before, after = _around(currency.upper(), language)
            return f"{before}{_whole(int(value), language)}{after}"
        return format_currency(value, currency.upper(), locale=locale)
    text = format_decimal(value, locale=locale)
    return f"{text} {currency}".strip()
