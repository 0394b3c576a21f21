"""Between the golden record (a Notice) and its row in ``opportunity``. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from store.codec import civil, compact, decode, digest, iso, notice_from_json, plain, to_json
from store.golden import Golden
from store.model import Notice
from store.status import last_second

# Flags of a deadline that may not say what its publisher meant.
NOT_READ = ("placeholder", "impossible_date", "before_publication", "ambiguous_order", "zone_label_conflict")


def columns(golden: Golden, *, now: datetime, review: str) -> dict[str, Any]:
    """The columns of ``opportunity`` that follow from the record; ``now`` only chooses which deadline is the next one."""
    r = golden.record
    place = r.place
    dated = sorted(d.utc for d in r.deadlines if d.utc is not None)
    final = last_second(r.starts, r.ends) if r.starts or r.ends else None
    low, high, currency = bounds(r)
    flags = sorted({flag for d in r.deadlines for flag in d.flags} | {f"{name}_conflict" for name in golden.conflicts})
    return {
        "kind": r.kind,
        "title": r.title,
        "summary": r.summary,
        "text": r.text,
        "language": r.language,
        "url": r.url,
        "source": r.source,
        "organiser": r.organiser,
        "programme": r.programme,
        "eligibility": r.eligibility,
        "published": iso(r.published) if r.published else None,
        "opens": iso(r.opens.utc) if r.opens else None,
        "next_deadline": next_deadline(r, now),
        "last_deadline": iso(dated[-1]) if dated else None,
        "rolling": int(any(d.rolling for d in r.deadlines if d.utc is None)),
        "deadlines": to_json(r.deadlines),
        "starts": iso(r.starts.utc) if r.starts else None,
        "ends": iso(final) if final else None,
        "starts_local": civil(r.starts.local) if r.starts else None,
        "ends_local": civil(r.ends.local) if r.ends else None,
        "zone": next((m.zone for m in (*r.deadlines, r.starts, r.opens) if m is not None and m.zone), ""),
        "venue": place.name if place else "",
        "city": place.city if place else "",
        "venue_country": place.country if place else "",
        "online": int(place.online) if place else 0,
        "amount_min": low,
        "amount_max": high,
        "currency": currency,
        "amounts": to_json(r.amounts),
        "documents": to_json(r.documents),
        "codes": to_json(r.codes),
        "flags": json.dumps(flags),
        "cancelled": int(r.cancelled),
        "over": int(r.over),
        "planned": int(r.planned),
        "withdrawn": int(golden.withdrawn),
        "review": review,
        "provenance": json.dumps(dict(golden.provenance), sort_keys=True),
        "record": compact(replace(r, text="")),
        "doubt": doubt(golden),
        "body_hash": body_hash(r.title, r.summary, r.text, held_in(r.kind, place.country if place else "")),
    }


def record_of(row: Mapping[str, Any]) -> Notice:
    """The golden record of a row with ``record`` and ``text``."""
    return replace(notice_from_json(row["record"]), text=row["text"])


def record_json(record: Notice, *, withdrawn: bool) -> dict[str, Any]:
    """The record as plain JSON data with every field and ``withdrawn``: what ``as_of`` rebuilds."""
    data: dict[str, Any] = plain(record)
    for name in ("raw", "updated"):
        del data[name]
    data["withdrawn"] = withdrawn
    return data


def first_record(record: Notice, *, withdrawn: bool) -> dict[str, Any]:
    """The record as ``created`` carries it: whole, but for fields that hold their default."""
    data: dict[str, Any] = plain(record, whole=False)
    return {**data, "withdrawn": True} if withdrawn else data


def record_from_first(data: dict[str, Any]) -> dict[str, Any]:
    """``record_json`` of what ``first_record`` wrote."""
    notice: Notice = decode(Notice, data)
    return record_json(notice, withdrawn=bool(data.get("withdrawn")))


def next_deadline(record: Notice, now: datetime) -> str | None:
    """The first deadline that is not over at ``now``, else None."""
    coming = [iso(d.utc) for d in record.deadlines if d.utc is not None and iso(d.utc) >= iso(now)]
    return min(coming, default=None)


def bounds(record: Notice) -> tuple[float | None, float | None, str]:
    """Least and most of the amounts in the currency that comes first, with that currency; None and "" when no amount is said."""
    currency = next((a.currency for a in record.amounts if a.currency), "")
    values = [
        v for a in record.amounts if a.currency == currency for v in (a.value, a.minimum, a.maximum) if v is not None and v >= 0
    ]
    return (min(values), max(values), currency) if values else (None, None, currency)


def tag_text(summary: str, text: str) -> str:
    """The body to tag: the text, led by the summary when the text does not already begin with it."""
    if not text or text == summary:
        return summary
    if not summary or text.startswith(summary[:80]) or summary in text:
        return text
    return f"{summary}\n{text}"


def held_in(kind: str, country: str) -> str:
    """The country of the publisher's own place field where that is a venue, "" elsewhere: only fairs and events are held somewhere."""
    return country if kind in ("fair", "event") else ""


def body_hash(title: str, summary: str, text: str, venue: str) -> str:
    """The hash of all that is tagged; tags made for another hash are stale. ``venue`` is a country (``held_in``)."""
    return digest("\n".join((title, tag_text(summary, text), *([venue] if venue else []))))


def doubt(golden: Golden) -> float:
    """0 (plain) to 1: how much a curator's look is worth, from what the record itself shows."""
    r = golden.record
    score = 0.3 * len(golden.conflicts)
    score += 0.2 * min(2, len({flag for d in r.deadlines for flag in d.flags if flag in NOT_READ}))
    if r.kind in ("call", "tender") and not r.deadlines:
        score += 0.25
    if r.kind in ("fair", "event") and r.starts is None:
        score += 0.25
    if any(d.zone_source == "assumed" for d in r.deadlines):
        score += 0.1
    if not r.summary and not r.text:
        score += 0.1
    return round(min(score, 1.0), 2)
