"""Trade events of United States agencies: four shapes of the same thing, told apart by their own elements.

- ITA (Commerce): ``EVENTLIST/EVENTINFO`` with one ``STOP`` a place and dates as MM/DD/YYYY;
- EX-IM Bank: ``items/item`` with event_name, start_date, city, state;
- SBA: ``result/item`` with node_title and "event_date" as "begin to end" (no number: see below);
- USTDA: CSV with venue1 … venue6.

Contacts (names, telephones, addresses) are not read. SBA gives no identity at all: name, place and first day are put together, and
the page's Problem ``composed-id`` says so, because a renamed event will look new.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from crawlers.links import absolute
from crawlers.pages._answer import kept, problem, short
from crawlers.pages._codes import country_named, zone_of
from crawlers.pages._event_shapes import DATES, Event, exim, ita, sba, ustda
from crawlers.pages._times import formatted, moment, stamp
from crawlers.pages._xml import every, name, read_xml
from crawlers.source import Source
from nlp.amounts import read_amounts
from store.model import Amount, Code, Document, Follow, Kind, Notice, Page, Place, Problem

FAIR_WORDS = ("trade fair", "trade show", "exhibition", "expo", "pavilion")


def parse(page: Page, source: Source) -> Iterator[Notice | Problem | Follow]:
    """Notices of kind event, or fair where the event's type says so. Problems ``missing-id``, ``missing-title``, ``bad-date``,
    ``unknown-country``, ``composed-id``, ``missing-rows``.
    """
    if not page.body.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<"):
        yield from _all(list(ustda(page)), page, source)
        return
    root, faults = read_xml(page, source)
    yield from faults
    if root is None:
        return
    if every(root, "EVENTINFO"):
        yield from _all([ita(node) for node in every(root, "EVENTINFO")], page, source)
    elif every(root, "//item/node_title"):
        yield problem(page, source, "composed-id", "The publisher gives events no number: name, place and first day stand for it.")
        yield from _all([sba(node) for node in every(root, "//item")], page, source)
    elif every(root, "//item/event_name"):
        yield from _all([exim(node) for node in every(root, "//item")], page, source)
    elif name(root) not in {"EVENTLIST", "items", "result"}:
        yield problem(
            page,
            source,
            "missing-rows",
            f"A document <{name(root)}> is no list of trade events: compare it with the last good one.",
        )


def _all(events: list[Event], page: Page, source: Source) -> Iterator[Notice | Problem]:
    if not events:
        yield problem(
            page, source, "missing-rows", "The list of events is empty or has other columns: compare it with the last good one."
        )
    for event in events:
        yield from _notice(event, page, source)


def _notice(event: Event, page: Page, source: Source) -> Iterator[Notice | Problem]:
    if not event.id or not event.title:
        cause, what = ("missing-title", "name") if event.id else ("missing-id", "number")
        yield problem(
            page, source, cause, f"An event without its {what} was left out ({event.title or event.id or 'empty'}).", event.id
        )
        return
    places = [(venue, city, state, country_named(country)) for venue, city, state, country in event.places]
    for _, _, _, written in event.places:
        if written and not country_named(written):
            detail = f"The country {written[:60]!r} of a stop is not known: the event is kept without it."
            yield problem(page, source, "unknown-country", detail, event.id)
    main = next((place for place in places if place[3]), places[0] if places else ("", "", "", ""))
    zone = event.zone or zone_of(main[3], source.timezone)
    begins, ends = _day(event.begins), _day(event.ends)
    for written, read in ((event.begins, begins), (event.ends, ends)):
        if written and read is None:
            yield problem(page, source, "bad-date", f"{written[:40]!r} is no date of this publisher: look at the event.", event.id)
    title = event.title
    links = [
        absolute(link if "//" in link or link.startswith("/") else f"http://{link}", page.url)
        for link in (event.url, event.registration)
        if link
    ]
    where = "; ".join(dict.fromkeys(", ".join(filter(None, place[:3])) for place in event.places))
    kind: Kind = "fair" if any(word in event.kind.casefold() for word in FAIR_WORDS) else source.kind
    yield Notice(
        source=source.name,
        source_id=event.id,
        kind=kind,
        url=next(filter(None, links), page.url),
        title=title,
        summary=short(event.text),
        text="\n".join(filter(None, (title, event.text, where, ", ".join(event.industries)))),
        language="en",
        starts=moment(begins, zone, has_time=bool(begins.time().hour)) if begins else None,
        ends=moment(ends, zone, has_time=bool(ends.time().hour)) if ends else None,
        place=Place(name=main[0], city=main[1], country=main[3]) if any(main) else None,
        organiser=source.publisher,
        amounts=tuple(_cost(event.cost)),
        status_word=event.kind,
        cancelled=event.cancelled,
        hard_ids=(f"{source.name.partition('_')[2]}:{event.id.lower()}",),
        codes=tuple(_codes(event, places)),
        documents=tuple(Document(url=link, title="Registration") for link in [absolute(event.registration, page.url)] if link),
        raw=kept(
            start=event.begins,
            end=event.ends,
            cost=event.cost,
            type=event.kind,
            places=[", ".join(filter(None, one_)) for one_ in event.places],
        ),
    )


def _day(written: str) -> datetime | None:
    found = formatted(written, *DATES)
    if found is None:
        at = stamp(written)
        found = at.local if at else None
    return found


def _cost(written: str) -> Iterator[Amount]:
    try:
        exact = float(written.replace(",", ""))
    except ValueError:
        yield from read_amounts(written, lang="en", currency="USD") if written else ()
        return
    yield Amount(value=exact, currency="USD", quote=f"cost {written}")


def _codes(event: Event, places: list[tuple[str, str, str, str]]) -> Iterator[Code]:
    for industry in event.industries:
        yield Code(scheme="sector", value=industry)
    for country in dict.fromkeys(place[3] for place in places if place[3]):
        yield Code(scheme="country", value=country, role="venue")
    if event.kind:
        yield Code(scheme="type", value=event.kind)
