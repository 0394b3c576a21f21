"""From the fields of a form to a curator's correction: plain strings in, values of the model out."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, time
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from store.errors import NotAllowed
from store.model import KINDS, ROLES, Amount, Deadline, Moment, Place
from store.site.manner import zones
from store.taxonomy import SECTORS
from store.texts import N_

TEXTS = ("title", "summary", "organiser", "programme", "eligibility", "url", "language")
LABELS = {
    "title": N_("Title"),
    "summary": N_("Summary"),
    "organiser": N_("Organiser"),
    "programme": N_("Programme"),
    "eligibility": N_("Who may apply"),
    "url": N_("Publisher's page"),
    "language": N_("Language"),
    "kind": N_("Kind"),
    "deadlines": N_("Deadline"),
    "sectors": N_("Sectors"),
    "countries": N_("Countries"),
    "cancelled": N_("Cancelled"),
    "amounts": N_("Money"),
    "days": N_("First and last day"),
    "place": N_("Where"),
}


_KEY = re.compile(r"[a-z0-9]{4,40}")


def key_in(text: str) -> str:
    """The key that was pasted, alone or as the address of an item's page or desk; "" when there is none in it."""
    last = urlsplit(text.strip()).path.rstrip("/").rpartition("/")[2].partition(".")[0].lower()
    return last if _KEY.fullmatch(last) else ""


def value_of(field: str, form: Mapping[str, Sequence[str]], deadlines: Sequence[Deadline] = ()) -> Any:
    """The value that a form gives for a field, ``deadlines`` being those that the record has now.

    Raises NotAllowed with a sentence for the curator when it is not one.
    """
    text = " ".join((form.get("value") or [""])[0].split()) if field != "summary" else (form.get("value") or [""])[0].strip()
    if field in TEXTS:
        if field == "title" and not text:
            raise NotAllowed("A title cannot be empty.")
        if field == "url" and not text.startswith(("https://", "http://")):
            raise NotAllowed("An address begins with https:// or http://.")
        return text[:20_000]
    if field == "kind":
        if text not in KINDS:
            raise NotAllowed("Choose one of the kinds.")
        return text
    if field == "cancelled":
        return text == "yes"
    if field == "sectors":
        return [s for s in dict.fromkeys(form.get("value", ())) if s in SECTORS]
    if field == "countries":
        return _countries(text)
    if field == "deadlines":
        return _deadlines(form, deadlines)
    if field == "amounts":
        return _amounts(form)
    if field == "place":
        return _place(form)
    if field in ("starts", "ends"):
        return _day(_said(form, "first" if field == "starts" else "last") or _said(form, "first"), _said(form, "zone"))
    raise NotAllowed("This field cannot be corrected here.")


def _countries(text: str) -> list[dict[str, str]]:
    """``PT eligible, ES partner`` as the data of country tags."""
    out = []
    for part in (p.split() for p in text.replace(";", ",").split(",") if p.strip()):
        code, role = part[0].upper(), part[1].lower() if len(part) > 1 else "mentioned"
        if role not in ROLES or not (code.isascii() and code.isalnum() and 2 <= len(code) <= 12):
            raise NotAllowed("Write countries as 'PT eligible, ES partner'; roles are " + ", ".join(ROLES) + ".")
        out.append({"code": code, "role": role})
    return out


def _said(form: Mapping[str, Sequence[str]], name: str) -> str:
    return (form.get(name) or [""])[0].strip()


def _amounts(form: Mapping[str, Sequence[str]]) -> tuple[Amount, ...]:
    """One amount from its least, its most and its currency; none for empty fields."""
    least, most, currency = _said(form, "least"), _said(form, "most"), _said(form, "currency").upper()
    if not least and not most:
        return ()
    try:
        low, high = (float(text.replace(" ", "")) if text else None for text in (least, most))
    except ValueError as error:
        raise NotAllowed("Write amounts as plain numbers, such as 250000.") from error
    if any(value is not None and not 0 <= value < 10**15 for value in (low, high)) or not (
        len(currency) == 3 and currency.isalpha()
    ):
        raise NotAllowed("Write amounts as plain numbers, such as 250000.")
    return (
        (Amount(value=high, currency=currency),) if low in (None, high) else (Amount(minimum=low, maximum=high, currency=currency),)
    )


def _place(form: Mapping[str, Sequence[str]]) -> Place | None:
    """A place from its name, town, country code and whether it is online; None for nothing at all."""
    name, city, country = (" ".join(_said(form, field).split())[:200] for field in ("name", "city", "country"))
    country = country.upper()
    if country and not (country.isascii() and country.isalpha() and len(country) == 2):
        raise NotAllowed("Write the country as its two letters, such as PT.")
    online = _said(form, "online") == "yes"
    return Place(name=name, city=city, country=country, online=online) if name or city or country or online else None


def _day(text: str, zone: str) -> Moment | None:
    """A whole day at a place; None for an empty one."""
    if not text:
        return None
    try:
        local = datetime.combine(datetime.fromisoformat(text).date(), time(0))
    except ValueError as error:
        raise NotAllowed("Give the day as 2027-01-31 and the hour as 17:00.") from error
    if zone not in zones() and zone != "UTC":
        raise NotAllowed("Choose a time zone such as Europe/Lisbon.")
    return Moment(local=local, zone=zone, utc=local.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC))


def _deadlines(form: Mapping[str, Sequence[str]], held: Sequence[Deadline]) -> tuple[Deadline, ...]:
    """The deadlines with one of them, which the form's ``which`` names (``name_of``), set to its day, hour and zone, or taken away
    for an empty day; a further one for ``new``; the only one for no name.
    """
    which = _said(form, "which")
    old = next((d for d in held if name_of(d) == which), None)
    if old is None and which != "new" and (which or len(held) > 1):
        raise NotAllowed("The deadlines have changed meanwhile: look at them again.")
    new = _deadline(form)
    if old is None:
        return (*held, *new) if which == "new" else new
    new = tuple(replace(d, stage=old.stage, cut_off=old.cut_off) for d in new)
    return tuple(d for kept in held for d in (new if kept is old else (kept,)))


def name_of(deadline: Deadline) -> str:
    """What names a deadline among those of its record."""
    return f"{deadline.stage}-{deadline.cut_off or 0}-{deadline.local.isoformat() if deadline.local else ''}"


def _deadline(form: Mapping[str, Sequence[str]]) -> tuple[Deadline, ...]:
    """One deadline from its day, hour and zone; none for an empty day."""
    day, hour, zone = (_said(form, name) for name in ("day", "hour", "zone"))
    if not day:
        return ()
    try:
        date = datetime.fromisoformat(day).date()
        clock = time.fromisoformat(hour) if hour else None
    except ValueError as error:
        raise NotAllowed("Give the day as 2027-01-31 and the hour as 17:00.") from error
    if zone not in zones() and zone != "UTC":
        raise NotAllowed("Choose a time zone such as Europe/Lisbon.")
    local = datetime.combine(date, clock or time(0))
    last = datetime.combine(date, clock or time(23, 59, 59)).replace(tzinfo=ZoneInfo(zone))
    return (
        Deadline(
            local=local, zone=zone, utc=last.astimezone(UTC), precision="minute" if clock else "day", zone_source="explicit"
        ),
    )  # fmt: skip
