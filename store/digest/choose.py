"""Which opportunities a reader asked for, why, and in what order. Pure: a shelf and wishes in, positions out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
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


@dataclass(frozen=True, kw_only=True, slots=True)
class Ranking:
    """Chosen positions, best first; why a single one was chosen is told by ``pick``."""

    order: tuple[int, ...]
    found: Sequence[Matched]
    grounds: Sequence[tuple[str, int]]

    def pick(self, position: int) -> Pick:
        """What chose a position of ``order``."""
        wishes = tuple(n for n, matched in enumerate(self.found) if matched.bits >> position & 1)
        grounds = [name for name, bits in self.grounds if bits >> position & 1]
        score = sum(WEIGHTS[name] for name in grounds) + WEIGHTS["wishes"] * (len(wishes) - 1)
        return Pick(position=position, wishes=wishes, score=score, grounds=(*grounds, *(["wishes"] if len(wishes) > 1 else [])))


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
        said = positions(bits & shelf.of("amount", ("said",)))
        bits &= ~bitmap((i for i in said if not least <= (shelf.amounts[i] or 0) <= most), len(shelf.ids))
    return Matched(
        wish=wish,
        bits=bits,
        by_sector=by_sector & bits,
        by_word=by_word & bits,
        by_country=by_country & bits,
        open_question=open_question & bits,
    )


def choose(shelf: Shelf, found: Sequence[Matched], *, among: int, now: datetime) -> Ranking:
    """The matched positions among ``among``, best first. Ties go by deadline or start (the nearest first), then by key.

    The order explains itself: a score is the sum of ``WEIGHTS`` over the pick's grounds, ``wishes`` once for each further wish.
    """
    grounds, chosen, scores = _grounds(shelf, found, now), 0, _Scores()
    for matched in found:
        chosen |= matched.bits
    chosen &= among
    for name, bits in grounds:
        scores.add(WEIGHTS[name], bits & chosen)
    for matched in found:  # the first wish counts as well, for everything alike
        scores.add(WEIGHTS["wishes"], matched.bits & chosen)
    order = tuple(position for alike in scores.falling(chosen) for position in positions(alike))
    return Ranking(order=order, found=found, grounds=grounds)


class _Scores:
    """A whole number for each position, as binary digits: ``digits[n]`` is the bitmap of those whose number has 2 ** n in it."""

    def __init__(self) -> None:
        self.digits: list[int] = []

    def add(self, number: int, bits: int) -> None:
        """Add the number to the positions in ``bits``."""
        for n in range(number.bit_length()):
            carry = bits if number >> n & 1 else 0
            while carry:
                self.digits += [0] * (n + 1 - len(self.digits))
                self.digits[n], carry, n = self.digits[n] ^ carry, self.digits[n] & carry, n + 1

    def falling(self, among: int, below: int | None = None) -> Iterator[int]:
        """The positions in ``among`` in groups of the same number, the highest first."""
        n = len(self.digits) if below is None else below
        if not among:
            return
        if n == 0:
            yield among
            return
        yield from self.falling(among & self.digits[n - 1], n - 1)
        yield from self.falling(among & ~self.digits[n - 1], n - 1)


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
            union["amount"] |= matched.bits & shelf.of("amount", ("said",))
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
