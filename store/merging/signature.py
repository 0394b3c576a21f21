"""What of a notice can tell that two notices speak of one thing: ids, address, folded title, days, money, numbers.

Pure. Everything here is derived from one notice alone, so that comparing is independent of the order of arrival.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from store.model import Notice

# Schemes of ids that name a group of things. Every other scheme names one thing: two different values of it are two things.
GROUP_SCHEMES = frozenset({"call", "programme"})

_WORD = re.compile(r"[^\W_]+")
_YEAR = re.compile(r"\b(?:19|20)\d{2}\b")
_ORDINAL = re.compile(r"\b(?!(?:19|20)\d{2}\b)\d{1,4}|\b[ivx]{2,5}\b")
_SEPARATOR = re.compile(r"\s+[|–—·»:-]+\s+|\s*[|]\s*")
_OFFICIAL = re.compile(r"\b[A-Z][A-Z0-9]+(?:[-/][A-Z0-9.]+){2,}\b")
_NUMBER = re.compile(r"\d+(?:[ .,\u00a0\u202f]\d{3})*")
_STOP = frozenset((Path(__file__).parent / "stopwords.txt").read_text(encoding="utf-8").split())


@dataclass(frozen=True, kw_only=True, slots=True)
class Signature:
    """The comparable side of a notice. Days are ordinals of the civil day; ``minutes`` are UTC texts of deadlines with a time."""

    source: str
    kind: str
    identities: frozenset[str]
    mentions: frozenset[str]
    url: str
    title: str
    stem: str
    tokens: frozenset[str]
    years: frozenset[str]
    ordinals: frozenset[str]
    acronyms: frozenset[str]
    days: frozenset[int]
    minutes: frozenset[str]
    start: int | None
    city: str
    amounts: frozenset[float]
    numbers: frozenset[str]
    body: str
    language: str
    published: int | None


def fold(text: str) -> str:
    """Case and accents folded, typographic signs made plain: the form in which words are compared."""
    if text.isascii():
        return text.casefold()
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(char for char in decomposed if not unicodedata.combining(char))


def words(text: str) -> list[str]:
    """Folded words without the commonest function words."""
    return [word for word in _WORD.findall(fold(text)) if word not in _STOP]


def signature(notice: Notice, canonical_url: str) -> Signature:
    """Derive the signature of ``notice``; ``canonical_url`` is its address after aliases are folded."""
    title = " ".join(words(notice.title))
    body = f"{notice.summary} {notice.text}"[:4000]
    identities = frozenset(value for value in notice.hard_ids if value.split(":", 1)[0] not in GROUP_SCHEMES)
    own = {value.split(":", 1)[1] for value in notice.hard_ids if ":" in value}
    said = {found.lower() for found in _OFFICIAL.findall(f"{notice.title} {body}") if any(char.isdigit() for char in found)}
    return Signature(
        source=notice.source,
        kind="fair" if notice.kind == "event" and notice.place and notice.ends and _long(notice) else notice.kind,
        identities=identities,
        mentions=frozenset(said - own),
        url=canonical_url if _names_one_thing(canonical_url) else "",
        title=title,
        stem=_stem(notice.title),
        tokens=frozenset(title.split()),
        years=frozenset(_YEAR.findall(notice.title)),
        ordinals=frozenset(_ORDINAL.findall(fold(notice.title))),
        acronyms=frozenset(
            word.lower()
            for word in _WORD.findall(notice.title)
            if len(word) >= 3 and word.isupper() and notice.title != notice.title.upper()
        ),
        days=frozenset(deadline.local.toordinal() for deadline in notice.deadlines if deadline.local),
        minutes=frozenset(
            deadline.utc.isoformat() for deadline in notice.deadlines if deadline.utc and deadline.precision == "minute"
        ),
        start=notice.starts.local.toordinal() if notice.starts else None,
        city=fold(notice.place.city) if notice.place else "",
        amounts=frozenset(value for amount in notice.amounts for value in (amount.value, amount.maximum) if value),
        numbers=frozenset(filter(_distinctive, map(_digits, _NUMBER.findall(body)))),
        body=" ".join(words(body))[:900],
        language=notice.language,
        published=notice.published.toordinal() if notice.published else None,
    )


def _digits(number: str) -> str:
    return "".join(char for char in number if char.isdigit())


def _distinctive(number: str) -> bool:
    """Whether a number is likely to name this thing alone: four digits or more, not round, not a year."""
    return 4 <= len(number) <= 12 and not number.endswith("00") and not ("1990" <= number <= "2100" and len(number) == 4)


def _stem(title: str) -> str:
    """The folded title without its last part, when that part is set off by a sign and may be a publisher's suffix (no digit in it)."""
    parts = _SEPARATOR.split(title)
    if len(parts) < 2 or any(char.isdigit() for char in parts[-1]):
        return ""
    return " ".join(words(title[: title.rindex(parts[-1])]))


def _long(notice: Notice) -> bool:
    return bool(notice.starts and notice.ends and notice.ends.local.toordinal() > notice.starts.local.toordinal())


def _names_one_thing(url: str) -> bool:
    """Whether an address is specific enough to name one thing: it has a path below the root or a query."""
    parts = urlsplit(url)
    return len(parts.path.strip("/")) >= 4 or bool(parts.query)


def keys(sig: Signature) -> frozenset[str]:
    """Index keys: two notices that share none are never compared. About ten a notice, whatever the size of the store."""
    made = {f"h:{value}" for value in sig.identities}
    made |= (
        {f"h:{scheme}:{value}" for value in sig.mentions for scheme in ("topic", "grantsgov")} if len(sig.mentions) == 1 else set()
    )
    if sig.url:
        made.add(f"u:{sig.url}")
    when = sorted(sig.days)[-1:] or ([sig.start] if sig.start is not None else [])
    for day in when:
        rare = sorted(sig.tokens, key=lambda token: (-len(token), token))[:4]
        made |= {f"d:{day}:{token}" for token in rare}
        made |= {f"m:{day}:{amount:.0f}" for amount in sig.amounts}
        made |= {f"a:{day}:{acronym}" for acronym in sig.acronyms}
        if sig.city:
            made.add(f"c:{day}:{sig.city}")
    made |= {f"t:{title}" for title in (sig.title, sig.stem) if len(title.split()) >= 4}
    return frozenset(made)
