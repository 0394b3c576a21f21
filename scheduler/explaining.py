"""A text with its tags and why, for a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from nlp.tokenizer import readable
from store.model import Deadline, Evidence, Tags

CONTEXT = 30
# What the first part of a rule says of a proof; what follows is the word, the code or the phrase itself.
RULES = {
    "word": "sector word",
    "cpv": "CPV code",
    "nace": "NACE code",
    "hs": "HS code",
    "programme": "EU topic",
    "sector": "the publisher's own sector",
    "name": "name of the country",
    "people": "its people",
    "adjective": "its adjective",
    "place": "a place there",
    "city": "a city there",
    "town": "a town there",
    "group": "name of the group",
    "code": "country code",
    "country": "country field",
    "nuts": "NUTS code",
    "language": "language of a tender that names no buyer",
    "finance": "money of a listed company",
    "institution": "its offices",
}


def explanation(row: Mapping[str, Any], tags: Tags) -> str:
    """The text, then each tag with its score, the words that prove it in their surroundings, and the rule."""
    title, text = str(row.get("title") or ""), str(row.get("text") or "")
    whole = readable(f"{title}\n{text}" if title else text)
    told = [f"[{readable(str(row['id']))}]"] if row.get("id") is not None else []
    told += [whole.strip(), "", f"language: {tags.lang or 'unknown'}   vocabulary: {tags.vocabulary}"]
    for sector in tags.sectors:
        told += [f"sector {sector.id} {sector.score:.2f}", *_reasons(whole, sector.evidence)]
    for country in tags.countries:
        told += [f"country {country.code} as {country.role} {country.score:.2f}", *_reasons(whole, country.evidence)]
    for deadline in tags.deadlines:
        told += [f"deadline {_when(deadline)}", f"    {deadline.quote!r}"]
    for amount in tags.amounts:
        told.append(f"amount {amount.quote!r}")
    if not (tags.sectors or tags.countries or tags.deadlines or tags.amounts):
        told.append("no tag: no word or code of the vocabulary speaks clearly enough")
    return "\n".join(told)


def _when(deadline: Deadline) -> str:
    """The civil time and the instant of a deadline, and from where its zone is known."""
    flags = f" [{', '.join(deadline.flags)}]" if deadline.flags else ""
    if deadline.utc is None:
        return ("rolling" if deadline.rolling else "without a date") + flags
    if deadline.precision == "day":
        local = f"{deadline.local:%Y-%m-%d} to the end of the day" if deadline.local else "a day"
    else:
        local = f"{deadline.local:%Y-%m-%d %H:%M}" if deadline.local else "a minute"
    return f"{local} in {deadline.zone} ({deadline.utc:%Y-%m-%d %H:%M} UTC), zone {deadline.zone_source}{flags}"


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
        told.append(f"    {shown}   <- {_why(item.rule)}")
    return told


def _why(rule: str) -> str:
    """A rule in words: "word:en:hospital bed*" is the sector word "hospital bed*" (en)."""
    kind, _, rest = rule.partition(":")
    if kind == "cue":
        role, _, phrase = rest.partition(":")
        return f'"{phrase}" tells the role {role}'
    if kind == "word":
        lang, _, word = rest.partition(":")
        return f'sector word "{word}" ({"every language" if lang == "xx" else lang})'
    said = RULES.get(kind, kind)
    return f"{said} ({rest})" if rest else said
