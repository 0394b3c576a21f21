"""A text with its tags and why, for a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from store.model import Evidence, Tags

CONTEXT = 30


def explanation(row: Mapping[str, Any], tags: Tags) -> str:
    """The text, then each tag with its score, the words that prove it in their surroundings, and the rule."""
    title, text = str(row.get("title") or ""), str(row.get("text") or "")
    whole = f"{title}\n{text}" if title else text
    told = [whole.strip(), "", f"language: {tags.lang or 'unknown'}   vocabulary: {tags.vocabulary}"]
    for sector in tags.sectors:
        told += [f"sector {sector.id} {sector.score:.2f}", *_reasons(whole, sector.evidence)]
    for country in tags.countries:
        told += [f"country {country.code} as {country.role} {country.score:.2f}", *_reasons(whole, country.evidence)]
    for deadline in tags.deadlines:
        when = deadline.utc.isoformat() if deadline.utc else "rolling" if deadline.rolling else "no date"
        flags = f" [{', '.join(deadline.flags)}]" if deadline.flags else ""
        told.append(
            f"deadline {when} ({deadline.precision}, zone {deadline.zone} {deadline.zone_source}){flags}: {deadline.quote!r}"
        )
    for amount in tags.amounts:
        told.append(f"amount {amount.quote!r}")
    if not (tags.sectors or tags.countries or tags.deadlines or tags.amounts):
        told.append("no tag: no word or code of the vocabulary speaks clearly enough")
    return "\n".join(told)


def _reasons(whole: str, evidence: Iterable[Evidence]) -> list[str]:
    """A line for each piece of evidence."""
    told: list[str] = []
    for item in evidence:
        if item.end:
            before = whole[max(0, item.start - CONTEXT) : item.start]
            after = whole[item.end : item.end + CONTEXT]
            shown = f"{before}[{whole[item.start : item.end]}]{after}".replace("\n", " / ")
        else:
            shown = f"[{item.quote}] (a field)"
        told.append(f"    {shown}   {item.rule}")
    return told
