"""The mutation harness: seeded mutations of invented notices, half of form and half of substance, and how the diff tells them.

``python -m tests.store.mutations [COUNT]`` prints material recall (of the right type) and false alerts, by mutation.
"""

from __future__ import annotations

import random
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from urllib.parse import urlsplit, urlunsplit

from store.changes import diff
from store.codec import compact, notice_from_json
from store.model import Amount, Code, Deadline, Document, Notice, Place
from tests.store.shapes import NOW, deadline, moment, notice

Mutation = Callable[[Notice, random.Random], "Notice | None"]
FULL = 2000


# --- of form: each returns None where the notice offers nothing to mutate ---------------------------------------------------


def white_space(n: Notice, rng: random.Random) -> Notice | None:
    """Spaces doubled, no-break spaces, line breaks and zero-width characters."""
    gap = rng.choice(("  ", "\u00a0", "\n", " \u200b", "\t"))
    return replace(n, title=n.title.replace(" ", gap), summary=f" {n.summary} ", eligibility=n.eligibility.replace(" ", gap))


def case(n: Notice, rng: random.Random) -> Notice | None:
    """Another case of title, eligibility and venue."""
    turn = rng.choice((str.upper, str.lower, str.title))
    place = replace(n.place, name=turn(n.place.name), city=turn(n.place.city)) if n.place else None
    return replace(n, title=turn(n.title), eligibility=turn(n.eligibility), place=place)


def quotes(n: Notice, rng: random.Random) -> Notice | None:
    """Typographic quotes and dashes made plain, or the other way."""
    pairs = (("“", '"'), ("”", '"'), ("’", "'"), ("–", "-"))

    def plain(text: str) -> str:
        for fine, simple in pairs:
            text = text.replace(fine, simple)
        return text

    return replace(n, title=plain(n.title), summary=plain(n.summary), eligibility=n.eligibility.replace("-", "–"))


def entities(n: Notice, rng: random.Random) -> Notice | None:
    """Entities left in the text, once or twice escaped."""
    amp = rng.choice(("&amp;", "&amp;amp;"))
    return replace(n, text=n.text.replace("&", amp), title=n.title.replace("–", "&ndash;"), eligibility=n.eligibility + "&nbsp;")


def list_order(n: Notice, rng: random.Random) -> Notice | None:
    """Documents, codes, amounts and deadlines in another order."""
    return replace(n, documents=n.documents[::-1], codes=n.codes[::-1], amounts=n.amounts[::-1], deadlines=n.deadlines[::-1])


def item_order(n: Notice, rng: random.Random) -> Notice | None:
    """The items of an eligibility list in another order."""
    if ";" not in n.eligibility:
        return None
    return replace(n, eligibility="; ".join(reversed(n.eligibility.split("; "))))


def labels(n: Notice, rng: random.Random) -> Notice | None:
    """Codes in place of labels and back: countries, and codes whose label flips."""
    names = {"Germany": "DE", "France": "FR", "Portugal": "PT", "Poland": "PL"}
    text = n.eligibility
    for name, code in names.items():
        text = text.replace(name, code)
    codes = tuple(replace(c, label="" if rng.random() < 0.5 else c.label.upper()) for c in n.codes)
    return replace(n, eligibility=text, codes=codes)


def country_in_full(n: Notice, rng: random.Random) -> Notice | None:
    """A country code of the eligible countries given as its name."""
    if not any(c.role == "eligible" for c in n.codes):
        return None
    return replace(n, codes=tuple(replace(c, value="Germany") if c.role == "eligible" else c for c in n.codes))


def tracking(n: Notice, rng: random.Random) -> Notice | None:
    """Tracking and session parameters on addresses, another scheme, a fragment."""
    mark = rng.choice(("utm_source=feed&utm_medium=rss", "fbclid=abc", "PHPSESSID=77", "mc_cid=12"))

    def tracked(url: str) -> str:
        p = urlsplit(url)
        return urlunsplit(
            (rng.choice(("http", "https")), p.netloc, p.path, f"{p.query}&{mark}".lstrip("&"), rng.choice(("", "top")))
        )

    return replace(n, url=tracked(n.url), documents=tuple(replace(d, url=tracked(d.url)) for d in n.documents))


def wording(n: Notice, rng: random.Random) -> Notice | None:
    """Title, summary and text in other words, another document title, an ``updated`` stamp."""
    return replace(
        n,
        title=n.title + " (call)",
        summary="Now described in other words.",
        updated=NOW,
        documents=tuple(replace(d, title=f"{d.title} (PDF, 2 MB)") for d in n.documents),
    )


def evidence(n: Notice, rng: random.Random) -> Notice | None:
    """The same readings found elsewhere in the page: quotes, offsets, a label's flag."""
    if not n.deadlines and not n.amounts:
        return None
    return replace(
        n,
        deadlines=tuple(replace(d, quote="until then", start=7, end=17, flags=("zone_label_conflict",)) for d in n.deadlines),
        amounts=tuple(replace(a, quote="up to", start=3, end=8) for a in n.amounts),
    )


def end_of_day(n: Notice, rng: random.Random) -> Notice | None:
    """The same last day said as a date, as 23:59 and as 23:59:59."""
    if not any(d.precision == "day" for d in n.deadlines):
        return None
    second = rng.choice((0, 59))
    return replace(
        n,
        deadlines=tuple(
            d
            if d.local is None or d.precision != "day"
            else replace(deadline(d.local.replace(hour=23, minute=59, second=second), d.zone), stage=d.stage, cut_off=d.cut_off)
            for d in n.deadlines
        ),
    )


def time_left_out(n: Notice, rng: random.Random) -> Notice | None:
    """A list page that gives the day where the detail page gave the minute; a fair's day with an opening hour."""
    if any(d.precision == "minute" for d in n.deadlines):
        return replace(n, deadlines=tuple(_as_day(d) for d in n.deadlines))
    if n.kind == "fair" and n.starts:
        return replace(n, starts=moment(n.starts.local.replace(hour=9), n.starts.zone, has_time=True))
    return None


def other_zone(n: Notice, rng: random.Random) -> Notice | None:
    """The same instant in the civil time of another zone."""
    if not any(d.precision == "minute" for d in n.deadlines):
        return None
    return replace(
        n, deadlines=tuple(replace(d, zone="UTC", local=d.utc.replace(tzinfo=None) if d.utc else None) for d in n.deadlines)
    )


def silence(n: Notice, rng: random.Random) -> Notice | None:
    """Fields the page does not say this time."""
    return replace(n, amounts=(), eligibility="", documents=(), programme="")


def venue_in_full(n: Notice, rng: random.Random) -> Notice | None:
    """A venue with its legal form and hall."""
    if n.place is None or not n.place.name:
        return None
    return replace(n, place=replace(n.place, name=f"{n.place.name} GmbH, Hall {rng.randrange(1, 9)}"))


def other_marks(n: Notice, rng: random.Random) -> Notice | None:
    """The items of a list between bullets or line breaks instead of semicolons."""
    if ";" not in n.eligibility:
        return None
    mark = rng.choice(("\n- ", " • ", ", ", " / "))
    return replace(n, eligibility=n.eligibility.replace("; ", mark))


def other_host(n: Notice, rng: random.Random) -> Notice | None:
    """A publisher that moves to another host with all its files."""
    return replace(n, documents=tuple(replace(d, url=d.url.replace("docs.example", "files.example")) for d in n.documents))


def city_in_another_language(n: Notice, rng: random.Random) -> Notice | None:
    """A city under its English name."""
    english = {"Łódź": "Lodz", "Lübeck": "Luebeck", "Lyon": "Lyons"}
    if n.place is None or n.place.city not in english:
        return None
    return replace(n, place=replace(n.place, city=english[n.place.city]))


def money_written_otherwise(n: Notice, rng: random.Random) -> Notice | None:
    """One value as a range of one, or without its currency."""
    if not n.amounts:
        return None
    if rng.random() < 0.5:
        return replace(n, amounts=tuple(replace(a, currency="") for a in n.amounts))
    return replace(
        n, amounts=tuple(replace(a, value=None, minimum=a.value, maximum=a.value) if a.value is not None else a for a in n.amounts)
    )


# --- of substance --------------------------------------------------------------------------------------------------------


def deadline_later(n: Notice, rng: random.Random) -> Notice | None:
    """The first deadline moves later, by a day to some weeks."""
    return _shift(n, timedelta(days=rng.choice((1, 7, 14, 20))))


def deadline_earlier(n: Notice, rng: random.Random) -> Notice | None:
    """The first deadline moves earlier: by days, or to an hour before."""
    by = rng.choice((timedelta(days=-1), timedelta(days=-7), timedelta(hours=-1)))
    return _shift(n, timedelta(days=-1) if n.deadlines and n.deadlines[0].precision == "day" else by)


def stage(n: Notice, rng: random.Random) -> Notice | None:
    """One more cut-off."""
    if not n.deadlines or n.deadlines[-1].local is None:
        return None
    last = n.deadlines[-1]
    assert last.local is not None
    more = deadline(last.local + timedelta(days=60), last.zone, precision=last.precision, cut_off=len(n.deadlines) + 1)
    return replace(n, deadlines=(*n.deadlines, more))


def budget(n: Notice, rng: random.Random) -> Notice | None:
    """More or less money, another rate, or a budget where none was said."""
    if not n.amounts:
        return replace(n, amounts=(Amount(value=250_000.0, currency="EUR"),)) if n.kind == "event" else None
    return replace(
        n,
        amounts=tuple(
            replace(a, rate=a.rate + 10)
            if a.rate is not None
            else replace(a, maximum=a.maximum + 50_000)
            if a.maximum is not None
            else replace(a, value=(a.value or 0) * 1.1)
            for a in n.amounts
        ),
    )


def who_may(n: Notice, rng: random.Random) -> Notice | None:
    """Other partners may take part: a word of the condition, an item of the list, a country."""
    if not n.eligibility:
        return None
    for one, other in (("three", "two"), ("universities", "municipalities"), ("Poland", "Spain"), ("two years", "five years")):
        if one in n.eligibility:
            return replace(n, eligibility=n.eligibility.replace(one, other))
    return None


def country_admitted(n: Notice, rng: random.Random) -> Notice | None:
    """One more eligible country among the codes."""
    if not any(c.role == "eligible" for c in n.codes):
        return None
    return replace(n, codes=(*n.codes, Code(scheme="country", value="NO", label="Norway", role="eligible")))


def document(n: Notice, rng: random.Random) -> Notice | None:
    """A new document, or a new version of one under another address."""
    if rng.random() < 0.5:
        return replace(n, documents=(*n.documents, Document(url=f"{n.url.split('?')[0]}/corrigendum.pdf", title="Corrigendum")))
    return replace(n, documents=(replace(n.documents[0], url=n.documents[0].url.replace(".pdf", "_v2.pdf")), *n.documents[1:]))


def new_date(n: Notice, rng: random.Random) -> Notice | None:
    """A fair or event on other days."""
    if n.starts is None or n.ends is None:
        return None
    by = timedelta(days=rng.choice((-3, 1, 30, 180)))
    return replace(
        n,
        starts=moment(n.starts.local + by, n.starts.zone, has_time=n.starts.has_time),
        ends=moment(n.ends.local + by, n.ends.zone, has_time=n.ends.has_time),
    )


def new_venue(n: Notice, rng: random.Random) -> Notice | None:
    """A fair or event elsewhere, or online."""
    if n.place is None:
        return None
    if rng.random() < 0.3:
        return replace(n, place=Place(online=True))
    return replace(n, place=Place(name="Hala Zmyślona", city="Tarnów", country="PL"))


def called_off(n: Notice, rng: random.Random) -> Notice | None:
    """Cancelled."""
    return replace(n, cancelled=True) if n.kind not in ("news", "study") else None


def opened(n: Notice, rng: random.Random) -> Notice | None:
    """The opening of a forthcoming call is brought forward to a day that has come."""
    if n.opens is None or n.opens.utc <= NOW:
        return None
    return replace(n, opens=moment(NOW.replace(tzinfo=None) - timedelta(days=2), n.opens.zone))


COSMETIC: tuple[Mutation, ...] = (
    white_space, case, quotes, entities, list_order, item_order, labels, country_in_full, tracking, wording, evidence, end_of_day,
    time_left_out, other_zone, silence, venue_in_full, city_in_another_language, other_marks, other_host, money_written_otherwise,
)  # fmt: skip
MATERIAL: dict[Mutation, tuple[str, str]] = {
    deadline_later: ("deadline_moved", "later"),
    deadline_earlier: ("deadline_moved", "earlier"),
    stage: ("stage_added", ""),
    budget: ("budget_changed", ""),
    who_may: ("eligibility_changed", ""),
    country_admitted: ("eligibility_changed", ""),
    document: ("document_changed", ""),
    new_date: ("moved", ""),
    new_venue: ("moved", ""),
    called_off: ("cancelled", ""),
    opened: ("opened", ""),
}


@dataclass(kw_only=True)
class Score:
    """Counts of a run of the harness."""

    material: int = 0
    found: int = 0
    cosmetic: int = 0
    false_alerts: int = 0
    missed: Counter[str] = field(default_factory=Counter)
    wrong: Counter[str] = field(default_factory=Counter)

    @property
    def recall(self) -> float:
        """Share of material mutations told with the right type and direction, and with no other material type."""
        return self.found / self.material

    @property
    def alarm(self) -> float:
        """Share of cosmetic mutations that were told as material."""
        return self.false_alerts / self.cosmetic


def run(count: int, *, seed: int = 7) -> Score:
    """Try ``count`` mutations, half of each sort. Half of the material ones carry a cosmetic mutation too, as real pages do."""
    rng = random.Random(seed)
    score = Score()
    n = 0
    while score.material + score.cosmetic < count:
        n += 1
        before = notice(rng.randrange(10_000))
        if score.cosmetic <= score.material:
            mutate = COSMETIC[n % len(COSMETIC)]
            after = mutate(before, rng)
            if after is None or after == before:
                continue
            score.cosmetic += 1
            if any(change.material for change in diff(before, _stored(after), NOW)):
                score.false_alerts += 1
                score.wrong[mutate.__name__] += 1
        else:
            mutate = list(MATERIAL)[n % len(MATERIAL)]
            after = mutate(before, rng)
            if after is None:
                continue
            if rng.random() < 0.5:
                after = rng.choice((white_space, tracking, list_order, wording, quotes))(after, rng) or after
            score.material += 1
            told = {(c.type, c.direction) for c in diff(before, _stored(after), NOW) if c.material}
            if told == {MATERIAL[mutate]}:
                score.found += 1
            else:
                score.missed[mutate.__name__] += 1
    return score


def _stored(n: Notice) -> Notice:
    """The notice as it comes back from the store."""
    return notice_from_json(compact(n))


def _shift(n: Notice, by: timedelta) -> Notice | None:
    first = n.deadlines[0] if n.deadlines else None
    if first is None or first.local is None:
        return None
    moved = deadline(first.local + by, first.zone, precision=first.precision, stage=first.stage, cut_off=first.cut_off)
    return replace(n, deadlines=(moved, *n.deadlines[1:]))


def _as_day(d: Deadline) -> Deadline:
    return d if d.local is None else deadline(d.local, d.zone, precision="day", stage=d.stage, cut_off=d.cut_off)


def main(count: int) -> None:
    """Print the score."""
    score = run(count)
    print(f"mutations {count}: material recall {score.recall:.2%} ({score.found} of {score.material})")
    print(f"false alerts {score.alarm:.2%} ({score.false_alerts} of {score.cosmetic})")
    for name, times in score.missed.most_common():
        print(f"missed {name}: {times}")
    for name, times in score.wrong.most_common():
        print(f"false {name}: {times}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else FULL)
