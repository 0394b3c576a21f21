"""From the fields of a form to a curator's correction: plain strings in, values of the model out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from store.errors import NotAllowed
from store.model import KINDS, ROLES, Deadline
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
}


def value_of(field: str, form: Mapping[str, Sequence[str]]) -> Any:
    """The value that a form gives for a field. Raises NotAllowed with a sentence for the curator when it is not one."""
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
        return _deadlines(form)
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


def _deadlines(form: Mapping[str, Sequence[str]]) -> tuple[Deadline, ...]:
    """One deadline from its day, hour and zone; none for an empty day."""
    day, hour, zone = ((form.get(name) or [""])[0].strip() for name in ("day", "hour", "zone"))
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
