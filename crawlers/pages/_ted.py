"""What all forms of a TED notice share: numbers, addresses, kinds of notice, and deadlines in the buyer's civil time."""

from __future__ import annotations

import re
from datetime import timedelta
from zoneinfo import ZoneInfo

from crawlers.pages._times import Stamp, until, until_instant
from store.model import Deadline

_NUMBER = re.compile(r"0*(\d{1,8})-(\d{4})")
_JOURNAL = re.compile(r"(\d{4})/S \d+-0*(\d+)")

# Kinds of notice that ask for an offer or a request to take part; all others inform. eForms code list "notice-type".
COMPETITIONS = frozenset(
    ["cn-standard", "cn-social", "cn-desg", "pin-cfc-standard", "pin-cfc-social", "pin-tran", "qu-sy", "subco"]
)
FORMS = {
    "pin-buyer": "planning",
    "pin-only": "planning",
    "pin-rtl": "planning",
    "pmc": "planning",
    "veat": "direct award announced",
    "can-standard": "result",
    "can-social": "result",
    "can-desg": "result",
    "can-tran": "result",
    "can-modif": "contract modification",
    "compl": "contract completion",
}


def number_of(text: str) -> str:
    """``621800-2026`` from ``00621800-2026``, an address that holds it, or ``2017/S 006-009042``; "" when there is none."""
    journal = _JOURNAL.search(text)
    if journal:
        return f"{journal[2]}-{journal[1]}"
    found = _NUMBER.search(text)
    return f"{found[1]}-{found[2]}" if found else ""


def address(number: str) -> str:
    """The page of a notice for people, in English."""
    return f"https://ted.europa.eu/en/notice/-/detail/{number}"


def form_of(notice_type: str) -> str:
    """``competition`` or what else a notice of this type is for, for ``Notice.status_word``; "" for an unknown type."""
    return "competition" if notice_type in COMPETITIONS else FORMS.get(notice_type, "")


def buyer_deadline(written: Stamp, zone: str, *, quote: str, stage: int = 1) -> Deadline:
    """A deadline at the buyer's place. The offset that stands with it is often that of the day of entry, one hour off on the
    deadline's own day: the written hour is then civil time, flagged. An offset further off (or Z) is another place's time, an instant.
    """
    if written.offset is None or not written.has_time:
        return until(written.local, zone, precision="minute" if written.has_time else "day", quote=quote, stage=stage)
    here = written.local.replace(tzinfo=ZoneInfo(zone)).utcoffset()
    if here == written.offset:
        return until(written.local, zone, precision="minute", zone_source="explicit", quote=quote, stage=stage)
    if here is not None and abs(here - written.offset) == timedelta(hours=1) and written.offset:
        return until(
            written.local, zone, precision="minute", zone_source="label", flags=("zone_label_conflict",), quote=quote, stage=stage
        )
    return until_instant(written, zone, quote=quote, stage=stage)


def distinct(deadlines: list[Deadline]) -> tuple[Deadline, ...]:
    """Lots repeat their notice's deadline: one a civil time and stage, in order of time."""
    seen: dict[object, Deadline] = {}
    for deadline in deadlines:
        seen.setdefault((deadline.stage, deadline.local, deadline.zone), deadline)
    return tuple(sorted(seen.values(), key=lambda deadline: (deadline.stage, str(deadline.utc))))
