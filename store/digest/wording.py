"""Says the values of an issue in the reader's language and zone. Pure; every text goes through the catalogue."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import cache, lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_time
from babel.lists import format_list
from babel.numbers import format_currency, format_decimal

from store.codec import decode
from store.digest.catalogue import Catalogue, catalogue
from store.digest.issue import Detail, Line, Proof, Why
from store.digest.phrases import CHANGE_TEXTS, FLAG_TEXTS, GROUND_TEXTS, KIND_NAMES, ROLE_TEXTS, SECTION_TITLES
from store.digest.plan import NetChange
from store.model import Amount, Code, Deadline, Document, Moment, Place
from store.runs import Coverage, spoken
from store.taxonomy import SECTORS
from store.texts import N_

_LONG = 160


@dataclass(frozen=True, slots=True)
class Wording:
    """All phrases for one language and zone (IANA)."""

    language: str
    zone: str

    @property
    def locale(self) -> str:
        """Whose manner of dates and numbers: European for English and Portuguese."""
        return {"en": "en_GB", "pt": "pt_PT"}.get(self.language, self.language)

    @property
    def texts(self) -> Catalogue:
        """The catalogue of the language."""
        return catalogue(self.language)

    def say(self, text: str, **values: object) -> str:
        """The translated text with its values in place."""
        return self.texts.gettext(text) % values if values else self.texts.gettext(text)

    def day(self, moment: datetime) -> str:
        """A civil or aware day: ``21 Nov 2026``."""
        return _day(moment.date(), self.locale)

    def instant(self, utc: datetime) -> str:
        """An aware instant on the reader's clock, with the zone's name."""
        local = utc.astimezone(ZoneInfo(self.zone))
        return f"{self._civil(local.replace(tzinfo=None))} ({self.zone})"

    def section(self, name: str) -> str:
        """The title of a section."""
        return self.say(SECTION_TITLES[name])

    def country(self, code: str) -> str:
        """A country's name, or the code itself for a group."""
        return str(_territories(self.language).get(code, code))

    def deadline(self, deadline: Deadline) -> str:
        """Until when, in the publisher's civil time with its zone; on the reader's own clock too where the two differ."""
        if deadline.local is None or deadline.utc is None:
            return self.say(N_("rolling")) if deadline.rolling else deadline.quote
        if deadline.precision == "day":
            text = self.say(N_("%(day)s, end of day (%(zone)s)"), day=self.day(deadline.local), zone=deadline.zone)
        else:
            text = f"{self._civil(deadline.local)} ({deadline.zone})"
            mine = deadline.utc.astimezone(ZoneInfo(self.zone)).replace(tzinfo=None)
            if mine != deadline.local:
                text += self.say(N_(", for you %(when)s"), when=self._civil(mine))
        notes = [self.say(FLAG_TEXTS[flag]) for flag in deadline.flags if flag in FLAG_TEXTS]
        if deadline.zone_source == "assumed":
            notes.append(self.say(N_("zone assumed")))
        return f"{text} [{'; '.join(notes)}]" if notes else text

    def facts(self, detail: Detail) -> list[str]:
        """What a line says under its title, most pressing first."""
        return [*self.times(detail), *self.about(detail)]

    def times(self, detail: Detail, *, told: bool = False) -> list[str]:
        """Until and from when, most pressing first; ``told`` leaves out an end that a change above tells already."""
        out: list[str] = []
        if detail.cancelled and not told:
            out.append(self.say(N_("CANCELLED")))
        if detail.withdrawn and not told:
            out.append(self.say(N_("withdrawn by its publisher")))
        if detail.starts is not None:
            out.append(self._dates(detail))
        if detail.cancelled or detail.withdrawn:
            return out
        if detail.deadline is not None:
            head = N_("Registration until %(when)s") if detail.kind in ("fair", "event") else N_("Deadline %(when)s")
            text = self.say(head, when=self.deadline(detail.deadline))
            if detail.further_deadlines:
                text += " " + self.texts.ngettext("(one more later)", "(%(n)d more later)", detail.further_deadlines) % {
                    "n": detail.further_deadlines
                }
            out.append(text)
        elif detail.rolling:
            out.append(self.say(N_("No fixed deadline (rolling)")))
        elif detail.kind in ("call", "tender"):
            out.append(self.say(N_("The publisher says no deadline")))
        if detail.opens is not None:
            out.append(self.say(N_("Opens %(when)s"), when=self.instant(detail.opens)))
        return out

    def about(self, detail: Detail) -> list[str]:
        """Money, day of publication, kind and publisher."""
        out: list[str] = []
        if detail.amount is not None:
            out.append(self.money(detail.amount[0], detail.amount[1], detail.currency))
        if detail.kind in ("news", "study"):
            out.append(self.day(detail.published.astimezone(ZoneInfo(self.zone))))
        out.append(f"{self.say(KIND_NAMES[detail.kind])}, {detail.publisher}")
        return out

    def why(self, why: Why) -> str:
        """Which wish asked for a line, and the phrases that matched."""
        parts = [self._proof(proof) for proof in why.proofs]
        parts += [self.say(N_("your word “%(word)s”"), word=word) for word in why.words]
        if why.open_question:
            parts.append(self.say(N_("who may apply is not said")))
        if why.short_notice:
            parts.append(self.say(N_("less than the %(days)d days you need"), days=why.short_notice))
        return f"{why.wish}: {'; '.join(parts)}" if parts else why.wish

    def grounds(self, line: Line) -> str:
        """Why a line stands where it does; "" when nothing set it apart."""
        names = [self.say(GROUND_TEXTS[name]) for name in line.grounds]
        return capital(self.say(N_("ranked by: %(grounds)s"), grounds=", ".join(names))) if names else ""

    def change(self, change: NetChange) -> str:
        """A change with its old and new value."""
        text = CHANGE_TEXTS.get((change.type, change.direction)) or CHANGE_TEXTS.get((change.type, ""))
        if text is None:
            text = N_("changed: %(old)s -> %(new)s")
        translated = self.texts.gettext(text)
        if "%(" not in translated:
            return translated
        return translated % {"old": self._value(change.field, change.old), "new": self._value(change.field, change.new)}

    def coverage(self, found: Coverage) -> str:
        """How much was read, so that silence can be judged: the sentence that the health page and ``doctor`` say too."""
        return spoken(found, self.texts.gettext, lambda day: self.day(datetime.fromisoformat(day)))

    def money(self, least: float, most: float, currency: str) -> str:
        """An amount or a range in the reader's manner."""
        values = [least] if least == most else [least, most]
        return " - ".join(_money(value, currency, self.locale) for value in values)

    def names(self, items: Sequence[str]) -> str:
        """A list of names in the language's manner."""
        return str(format_list(list(items), locale=self.locale)) if items else ""

    def _proof(self, proof: Proof) -> str:
        label = self.say(SECTORS.get(proof.value, proof.value))
        if proof.facet == "country":
            label = self.say(ROLE_TEXTS[proof.role], country=self.country(proof.value))
        return f"{label} “{proof.quote}”" if proof.quote else label

    def _dates(self, detail: Detail) -> str:
        assert detail.starts is not None
        days = self.day(detail.starts)
        if detail.ends is not None and detail.ends.date() != detail.starts.date():
            days += f" - {self.day(detail.ends)}"
        where = [detail.place, self.country(detail.country) if detail.country else ""]
        if detail.online:
            where.append(self.say(N_("online")))
        return ", ".join(part for part in (days, *where) if part)

    def _civil(self, local: datetime) -> str:
        return f"{self.day(local)}, {_hour(local.time(), self.locale)}"

    def _value(self, field: str, text: str | None) -> str:
        """A stored field value (JSON text) in words; a dash when there was none."""
        data: Any = json.loads(text) if text is not None else None
        if data in (None, [], ""):
            return "-"
        if field == "deadlines":
            read: tuple[Deadline, ...] = decode(tuple[Deadline, ...], data)
            return "; ".join(self.deadline(d) for d in read)
        if field == "amounts":
            return "; ".join(self._amount(a) for a in decode(tuple[Amount, ...], data))
        if field in ("starts", "ends", "opens"):
            moment: Moment = decode(Moment, data)
            return self._civil(moment.local) if moment.has_time else self.day(moment.local)
        if field == "place":
            place: Place = decode(Place, data)
            where = (place.name, place.city, self.country(place.country) if place.country else "")
            return ", ".join(part for part in where if part) or self.say(N_("online"))
        if field == "documents":
            return ", ".join(d.title or d.url for d in decode(tuple[Document, ...], data)[:5])
        if field == "codes":
            return ", ".join(c.label or c.value for c in decode(tuple[Code, ...], data)[:8] if c.role == "eligible") or "-"
        words = str(data)
        return words if len(words) <= _LONG else words[: _LONG - 1].rstrip() + "…"

    def _amount(self, amount: Amount) -> str:
        low = amount.value if amount.value is not None else amount.minimum
        high = amount.value if amount.value is not None else amount.maximum
        values = [v for v in (low, high) if v is not None]
        if not values:
            return f"{amount.rate:g} %" if amount.rate is not None else amount.quote
        return self.money(values[0], values[-1], amount.currency)


def capital(text: str) -> str:
    """A text that begins with a capital, as at the head of a line."""
    return text[:1].upper() + text[1:]


# A thousand mails of one morning say the same few hundred days and hours.
@lru_cache(maxsize=4096)
def _day(day: date, locale: str) -> str:
    return str(format_date(day, format="medium", locale=locale))


@lru_cache(maxsize=4096)
def _hour(hour: time, locale: str) -> str:
    return str(format_time(hour, format="short", locale=locale))


@lru_cache(maxsize=4096)
def _money(value: float, currency: str, locale: str) -> str:
    if not currency:
        return str(format_decimal(value, locale=locale))
    digits = "#,##0" if value == int(value) else "#,##0.00"
    pattern = f"¤{digits}" if locale.startswith("en") else f"{digits} ¤"
    return str(format_currency(value, currency, pattern, locale=locale, currency_digits=False))


@cache
def _territories(language: str) -> Any:
    return Locale.parse(language).territories
