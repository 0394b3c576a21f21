"""Deadlines and changes told in words: what the templates of an opportunity show, made from stored values."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from store.codec import iso
from store.search import Row
from store.site import words
from store.site.manner import Manner, translations


@dataclass(frozen=True, kw_only=True, slots=True)
class ToldDeadline:
    """One deadline for reading. ``theirs`` is the publisher's clock, ``yours`` the reader's ("" when it is the same)."""

    title: str
    theirs: str
    theirs_zone: str
    yours: str
    yours_zone: str
    relative: str
    past: bool
    notes: tuple[str, ...]
    quote: str
    instant: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ToldChange:
    """One entry of the history. ``before`` and ``after`` are short texts, "" when they would say nothing."""

    title: str
    at: str
    before: str
    after: str
    important: bool
    by: str


def tell_deadlines(deadlines: Sequence[Mapping[str, Any]], m: Manner, *, by_hand: bool = False) -> list[ToldDeadline]:
    """All deadlines in order of time, the undated last. ``by_hand``: a manager set them, so no publisher gave the zone."""
    _ = m.gettext
    stages = {d.get("stage", 1) for d in deadlines}
    out = []
    for d in sorted(deadlines, key=lambda d: (d.get("utc") or "9999", d.get("stage", 1))):
        zone, utc, local = str(d.get("zone") or "UTC"), d.get("utc"), d.get("local")
        notes = [_(words.flag(word)) for word in d.get("flags", ())]
        title = _("Deadline")
        if len(stages) > 1:
            title = _("Stage %(n)d") % {"n": d.get("stage", 1)}
        elif d.get("cut_off"):
            title = _("Cut-off %(n)d") % {"n": d["cut_off"]}
        theirs, yours = "", ""
        if utc and local:
            by_day = d.get("precision") == "day"
            theirs = m.moment_in(utc, zone) if not by_day else m.long_day(datetime.fromisoformat(local).date())
            if by_day:
                notes.insert(0, _("No hour is given: open until the end of that day at the publisher's place."))
            else:
                notes.insert(
                    0,
                    _("set by a manager").capitalize() + "."
                    if by_hand
                    else _(words.ZONE_SOURCE.get(str(d.get("zone_source")), ""))
                    if d.get("zone_source")
                    else "",
                )
            yours = m.moment_in(utc, m.zone_name)
        elif d.get("rolling"):
            theirs = _("No end date: applications are taken all the time.")
        out.append(
            ToldDeadline(
                title=title,
                theirs=theirs or _("Not readable as a date"),
                theirs_zone=m.zone_label(zone, utc) if utc else "",
                yours=yours if yours != theirs else "",
                yours_zone=m.zone_label(m.zone_name, utc) if utc else "",
                relative=m.relative(utc) if utc else "",
                past=bool(utc and utc < iso(m.now)),
                notes=tuple(note for note in notes if note),
                quote=str(d.get("quote") or ""),
                instant=utc or "",
            )
        )
    return out


def tell_changes(changes: Iterable[Mapping[str, Any]], m: Manner) -> list[ToldChange]:
    """The history, newest first. A change of form alone is told where a reader sees it (``words.FIELD``), and not of ids and codes;
    what differs because two records became one, or one became two, is told as that: nobody changed anything.
    """
    _ = m.gettext
    out = []
    for change in changes:
        if change["type"] == "cosmetic" and change["field"] not in words.FIELD:
            continue
        title = _(words.CHANGE.get(change["type"], change["type"]))
        if change.get("joining") and change["field"] in words.FIELD:
            title = _joined(change, m)
        elif change["type"] == "deadline_moved":
            sooner = change["direction"] == "earlier"
            title = _(words.EARLIER) if sooner else _(words.LATER)
        elif change["type"] == "cosmetic":
            title = f"{title} ({_(words.FIELD[change['field']])})"
        before, after = "", str(change.get("other") or "")
        if change["type"] not in ("created", "merged", "split"):
            before, after = _short(change["old"], m), _short(change["new"], m)
        out.append(
            ToldChange(
                title=title,
                at=change["at"],
                before=before,
                after=after,
                important=bool(change["material"]) and change["type"] != "created",
                by=str(change["by"] or ""),
            )
        )
    return out


def _joined(change: Mapping[str, Any], m: Manner) -> str:
    """What a field says since the record was joined with another, or parted from it, and who says it."""
    words_of = words.CORRECTED if change["by_hand"] else words.PARTED if change["joining"] == "split" else words.DIFFERED
    source, name = change.get("source") or m.gettext(words.OTHER_RECORD), words.FIELD[change["field"]]
    return m.gettext(words_of) % {"field": m.gettext(name), "source": source}


def tell_value(stored: str, m: Manner) -> str:
    """The JSON of a field's value in a few words; a dash for nothing."""
    return _short(json.loads(stored), m) or "–"


def _short(value: Any, m: Manner) -> str:
    """A stored value in a few words."""
    if value is None or isinstance(value, bool):
        return ""
    if isinstance(value, str):
        return value[:160]
    if isinstance(value, (int, float)):
        return m.number(value)
    if isinstance(value, list):
        return "; ".join(part for part in (_short(item, m) for item in value[:6]) if part)
    if isinstance(value, dict):
        return _thing(value, m)
    return ""


def _thing(value: dict[str, Any], m: Manner) -> str:
    """A deadline, moment, amount, place, document or code in a few words."""
    if "local" in value:
        local = value["local"]
        if not local:
            return m.gettext(words.ROLLING) if value.get("rolling") else ""
        timed = value.get("precision") == "minute" or value.get("has_time")
        return m.civil_day(local) + (f", {m.civil_time(local)}" if timed else "")
    if "minimum" in value:
        exact = value.get("value")
        low, high = (exact, exact) if exact is not None else (value.get("minimum"), value.get("maximum"))
        return m.money(low, high, str(value.get("currency") or ""))
    if "city" in value:
        return ", ".join(str(part) for part in (value.get("name"), value.get("city"), value.get("country")) if part)
    if "url" in value:
        return str(value.get("title") or value["url"])[:120]
    return str(value.get("label") or value.get("value") or "")[:120]


def tell_row(row: Row, m: Manner) -> str:
    """One line of facts about an item of a list: kind, state, deadline with zone, place, money."""
    parts = [_kind_and_state(row.kind, row.status, m.language)]
    if row.deadline and (local := row.deadline.get("local")):
        when = m.civil_day(local)
        if row.deadline.get("precision") == "minute":
            when += f", {m.civil_time(local)} {m.zone_label(row.deadline.get('zone') or 'UTC', row.deadline['utc'])}"
        parts.append(m.gettext("deadline %(when)s") % {"when": when})
    if row.kind in ("fair", "event") and row.starts_local:
        parts.append(m.civil_days(row.starts_local, row.ends_local))
    place = f"{row.city}, {m.country(row.venue_country)}" if row.city and row.venue_country else row.city
    parts += (
        place or (m.country(row.venue_country) if row.venue_country else ""),
        m.money(row.amount_min, row.amount_max, row.currency),
    )
    return " · ".join([part for part in (*parts, row.organiser) if part])


@lru_cache(maxsize=512)
def _kind_and_state(kind: str, status: str, language: str) -> str:
    say = translations(language).gettext
    state = words.status(kind, status)
    return say(words.KIND.get(kind, kind)) + (f" · {say(state)}" if state else "")
