"""Which opportunities a reader asked for, why, and in what order. Pure: a shelf and wishes in, positions out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from store.codec import iso
from store.digest.shelf import Shelf, bitmap, positions
from store.groups import codes_that_meet
from store.model import ROLES
from store.profiles import CountryWish, Wish
from store.status import CLOSING_DAYS

SECTION_KINDS = {"new": ("call", "tender"), "events": ("fair", "event"), "news": ("news", "study")}
# What each reason to rank an item higher weighs; the mail says which of them held.
WEIGHTS = {"closing": 8, "country": 6, "word": 4, "sector": 3, "wishes": 3, "fits_lead": 2, "amount": 1}
# The last date that is one; what has none is filed under 9999.
LAST = "9998"
# A wish for a target market is also met by a fair or an event held there, a buyer there, and news that only names it.
_MEETS: dict[str, tuple[str, ...]] = {"target": ("target", "venue", "buyer")}
_NEWS_MEETS: dict[str, tuple[str, ...]] = {"target": ("mentioned", "partner")}


@dataclass(frozen=True, kw_only=True, slots=True)
class Matched:
    """What one wish found: ``bits`` are the positions; the others, parts of ``bits``, say by what. ``open_question`` are calls that do
    not say who may apply, of a publisher at home in a country of the wish (``store/groups.py`` says where that is).
    """

    wish: Wish
    bits: int
    by_sector: int
    by_word: int
    by_country: int
    open_question: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Pick:
    """One chosen position with the indexes of the wishes that asked for it, its score and the names of the weights it got."""

    position: int
    wishes: tuple[int, ...]
    score: int
    grounds: tuple[str, ...]


def match(shelf: Shelf, wish: Wish, *, visible: int) -> Matched:
    """What ``wish`` finds among ``visible``. The phrases of the wish must be in ``shelf.words`` (see ``find_words``)."""
    by_sector = shelf.of("sector", wish.sectors)
    by_word = _words(shelf, wish.words)
    bits = visible & ~_words(shelf, wish.avoid)
    if wish.sectors or wish.words:
        bits &= by_sector | by_word
    if wish.kinds:
        bits &= shelf.of("kind", wish.kinds)
    if wish.languages:
        bits &= shelf.of("language", (*wish.languages, ""))
    by_country = open_question = 0
    if wish.countries:
        for country in wish.countries:
            by_country |= _meets(shelf, country)
        homes = [code for c in wish.countries if c.role in ("", "eligible") for code in codes_that_meet(c.code)]
        if homes:
            open_question = shelf.of("home", homes) & ~by_country
        bits &= by_country | open_question
    if wish.budget:
        least, most = wish.budget
        low = (i for i in positions(bits) if (a := shelf.amounts[i]) is not None and not least <= a <= most)
        bits &= ~bitmap(low, len(shelf.ids))
    return Matched(
        wish=wish,
        bits=bits,
        by_sector=by_sector & bits,
        by_word=by_word & bits,
        by_country=by_country & bits,
        open_question=open_question & bits,
    )


def choose(shelf: Shelf, found: Sequence[Matched], *, among: int, now: datetime) -> list[Pick]:
    """The matched positions among ``among``, best first. Ties go by deadline or start (the nearest first), then by key.

    The order explains itself: a score is the sum of ``WEIGHTS`` over the pick's grounds, ``wishes`` once for each further wish.
    """
    score: dict[int, int] = {}
    grounds: dict[int, list[str]] = {}
    wishes: dict[int, list[int]] = {}
    for n, matched in enumerate(found):
        for i in positions(matched.bits & among):
            wishes.setdefault(i, []).append(n)
            if i not in score:
                score[i], grounds[i] = 0, []
    candidates = bitmap(score, len(shelf.ids))
    for name, bits in _grounds(shelf, found, now):
        weight = WEIGHTS[name]
        for i in positions(bits & candidates):
            score[i] += weight
            grounds[i].append(name)
    for i, asked in wishes.items():
        if len(asked) > 1:
            score[i] += WEIGHTS["wishes"] * (len(asked) - 1)
            grounds[i].append("wishes")
    order = sorted(score, key=lambda i: (-score[i], shelf.dates[i], shelf.keys[i]))
    return [Pick(position=i, wishes=tuple(wishes[i]), score=score[i], grounds=tuple(grounds[i])) for i in order]


def closing(shelf: Shelf, among: int, *, now: datetime, days: int = CLOSING_DAYS) -> int:
    """The positions among ``among`` whose next deadline, or first day, comes within ``days``."""
    return among & shelf.dated(iso(now), iso(now + timedelta(days=days)))


def visible_to(shelf: Shelf, cluster: str) -> int:
    """What a reader of ``cluster`` may see: what everybody may, and what is kept for that cluster."""
    return shelf.of("audience", ("", cluster))


def _grounds(shelf: Shelf, found: Iterable[Matched], now: datetime) -> list[tuple[str, int]]:
    union = dict.fromkeys(WEIGHTS, 0)
    for matched in found:
        union["sector"] |= matched.by_sector
        union["word"] |= matched.by_word
        union["country"] |= matched.by_country
        enough = iso(now + timedelta(days=matched.wish.lead_days))
        if matched.wish.lead_days:
            union["fits_lead"] |= matched.bits & shelf.dated(enough, LAST)
        if matched.wish.budget:
            union["amount"] |= bitmap((i for i in positions(matched.bits) if shelf.amounts[i] is not None), len(shelf.ids))
    every = 0
    for matched in found:
        every |= matched.bits
    union["closing"] = closing(shelf, every, now=now)
    return [(name, bits) for name, bits in union.items() if bits and name != "wishes"]


def _words(shelf: Shelf, words: Iterable[str]) -> int:
    found = 0
    for word in words:
        found |= shelf.words[word]
    return found


def roles_that_meet(role: str, kind: str) -> tuple[str, ...]:
    """The roles of a tag that meet a wish for ``role`` in an opportunity of a kind, the plainest first."""
    if not role:
        return tuple(name for name in ROLES if name != "mentioned")
    return _MEETS.get(role, (role,)) + (_NEWS_MEETS.get(role, ()) if kind in SECTION_KINDS["news"] else ())


def _meets(shelf: Shelf, country: CountryWish) -> int:
    codes = codes_that_meet(country.code)
    if not country.role:
        return shelf.of("country", (f"{code}:*" for code in codes))
    roles = _MEETS.get(country.role, (country.role,))
    found = shelf.of("country", (f"{code}:{role}" for code in codes for role in roles))
    if country.role in _NEWS_MEETS:
        named = shelf.of("country", (f"{code}:{role}" for code in codes for role in _NEWS_MEETS[country.role]))
        found |= named & shelf.of("kind", SECTION_KINDS["news"])
    return found
