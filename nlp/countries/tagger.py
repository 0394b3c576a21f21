"""From hits to tags: one tag a country and role, with its evidence and a score."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import cast

from nlp.countries import codes as country_codes
from nlp.countries.clocks import names_clock
from nlp.countries.disambiguation import settle
from nlp.countries.finance import listed_company
from nlp.countries.gazetteer import LANGUAGES, NEAR, gazetteer
from nlp.countries.institutions import institution_country
from nlp.countries.lookalikes import in_footer
from nlp.countries.matching import Hit, find
from nlp.countries.procurement import likely_buyer
from nlp.countries.roles import give_roles
from nlp.countries.states import outside, told_by_states
from nlp.countries.unspaced import find_unspaced
from store.model import Code, CountryTag, Evidence, Kind, Role

# How sure a single piece of evidence is, by what it is.
SURE = {
    "name": 0.95,
    "people": 0.85,
    "adjective": 0.8,
    "place": 0.85,
    "city": 0.7,
    "town": 0.6,
    "code": 0.85,
    "group": 0.95,
    "procurement": 0.55,
    "finance": 0.4,
}
EVIDENCE = 5


def tag_countries(text: str, lang: str, *, codes: Sequence[Code] = (), kind: Kind | None = None) -> tuple[CountryTag, ...]:
    """The countries and groups of ``text`` in ``lang`` ("" or any other: read by script), with those of structured ``codes``.

    A country stands as ``mentioned`` only where no other role was found for it. Sorted by first standing; linear in the length.
    """
    hits = _hits(text, lang)
    lowered = text.lower()
    give_roles(text, lowered, hits, kind)
    found: dict[tuple[str, str], list[tuple[float, Evidence]]] = defaultdict(list)
    for country, given in country_codes.structured(codes):
        told = given.role or ("buyer" if kind == "tender" else "mentioned")
        quote = given.label or given.value
        found[country, told].append((0.99, Evidence(quote=quote, rule=f"{given.scheme}:{given.value}")))
    for hit in hits:
        rule = hit.rule or f"{hit.kind}:{lang or 'xx'}"
        evidence = Evidence(quote=text[hit.start : hit.end], start=hit.start, end=hit.end, rule=rule)
        for code in hit.code.split("+"):  # "Czechoslovakia" is two of today's countries
            found[code, hit.role].append((SURE[hit.kind], evidence))
    buyer = likely_buyer(text, lowered, lang, hits, kind) if not any(role == "buyer" for _, role in found) else None
    if buyer is not None:
        found[buyer[0], "buyer"].append((SURE["procurement"], buyer[1]))
    if not found:
        last = listed_company(text, lang) or institution_country(text, lang)
        if last is not None:
            found[last[0], "mentioned"].append((SURE["finance"], last[1]))
    roled = {code for code, role in found if role != "mentioned"}
    return tuple(
        CountryTag(code=code, role=cast(Role, role), score=_score(pieces), evidence=tuple(e for _, e in pieces[:EVIDENCE]))
        for (code, role), pieces in found.items()
        if role != "mentioned" or code not in roled
    )


def _score(pieces: Sequence[tuple[float, Evidence]]) -> float:
    doubt = 1.0
    for sure, _ in pieces[:EVIDENCE]:
        doubt *= 1 - sure
    return round(min(0.999, 1 - doubt), 3)


def _hits(text: str, lang: str) -> list[Hit]:
    language = _readable(text, lang)
    if language in ("zh", "ja", "ar"):
        return find_unspaced(text, language)
    table = gazetteer(language)
    found = find(text, table)
    hits = settle(found, table)
    told = told_by_states(found, language)
    hits = [*outside(hits, told), *told] if told else hits
    hits += country_codes.written(text, found.short)
    footer = in_footer(text)
    hits = [hit for hit in hits if not any(start <= hit.start < end for start, end in footer) and not names_clock(found, hit)]
    hits.sort(key=lambda hit: (hit.start, -hit.end))
    return hits


def _readable(text: str, lang: str) -> str:
    if lang in LANGUAGES or lang in NEAR or lang in ("zh", "ja", "ar", "mk", "sq", "ca"):
        return lang
    for character in text[:2000]:
        if "\u0400" <= character < "\u0530":
            return "uk" if "і" in text[:2000] or "ї" in text[:2000] else "ru"
        if "\u0370" <= character < "\u0400":
            return "el"
        if "\u3040" <= character < "\u3100":
            return "ja"
        if "\u4e00" <= character < "\ua000":
            return "zh"
        if "\u0600" <= character < "\u0700":
            return "ar"
    return "en"
