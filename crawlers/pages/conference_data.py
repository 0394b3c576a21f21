"""The community's list of technology conferences (``tech-conferences/conference-data``): one JSON file a topic and year.

Shape: ``[{name, url, startDate, endDate, city, country, online, locales, cfpUrl, cfpEndDate}]``. The list gives no numbers: a
conference's address names it, and the year of the file the edition. The end of a call for papers is no end of the conference, so it
is told in the summary and kept in ``raw``, not as a deadline.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from crawlers.links import absolute, canonical
from crawlers.pages import _answer as answer
from crawlers.pages._codes import country_named, zone_of
from crawlers.pages._times import moment, stamp
from crawlers.source import Source
from store.model import Code, Document, Follow, Notice, Page, Place, Problem

_YEAR = re.compile(r"/(\d{4})/([a-z0-9-]+)\.json")


def parse(page: Page, source: Source) -> Iterator[Notice | Problem | Follow]:
    """Notices of kind event; problems ``missing-rows``, ``missing-id``, ``missing-title``, ``bad-date``, ``unknown-country``,
    ``same-id`` (an address that stands twice in one file)."""
    for found in answer.answers(page, source):
        if isinstance(found, Problem):
            yield found
            continue
        if not isinstance(found, list):
            yield answer.problem(
                page, source, "missing-rows", "Expected a list of conferences: compare the file with the last good one."
            )
            continue
        topic = _YEAR.search(page.url)
        seen: set[str] = set()
        for entry in found:
            for thing in _conference(answer.obj(entry), page, source, topic[2] if topic else ""):
                if isinstance(thing, Notice) and thing.source_id in seen:
                    detail = (
                        f"{thing.title} stands twice with one address and year ({thing.raw.get('startDate')}): the first was kept."
                    )
                    thing = answer.problem(page, source, "same-id", detail, thing.source_id)
                elif isinstance(thing, Notice):
                    seen.add(thing.source_id)
                yield thing


def _conference(entry: answer.Object, page: Page, source: Source, topic: str) -> Iterator[Notice | Problem]:
    url, title = absolute(answer.text(entry.get("url"))), answer.line(entry.get("name"))
    if not url or not title:
        cause, what = ("missing-title", "name") if url else ("missing-id", "url")
        yield answer.problem(page, source, cause, f"A conference without '{what}' was left out ({title or url}).", canonical(url))
        return
    written = answer.text(entry.get("startDate"))
    begins, ends = stamp(written), stamp(answer.text(entry.get("endDate")))
    place_id = canonical(url).removeprefix("https://")
    if begins is None:
        yield answer.problem(
            page, source, "bad-date", f"startDate {written[:40]!r} is no date: the conference was left out.", place_id
        )
        return
    country_name = answer.line(entry.get("country"))
    country = country_named(country_name)
    city = answer.line(entry.get("city"))
    online = entry.get("online") is True or country_name.casefold() == "online"
    if country_name and not country and not online:
        yield answer.problem(
            page, source, "unknown-country", f"The country {country_name[:60]!r} is not known: add it to the table.", place_id
        )
    zone = zone_of(country, source.timezone)
    papers = answer.text(entry.get("cfpEndDate"))
    locale = answer.text(entry.get("locales"))
    where = ", ".join(filter(None, (city, country_name)))
    yield Notice(
        source=source.name,
        # A conference of several topics stands in several files: a notice each, one conference by its hard id.
        source_id="/".join(filter(None, (topic, f"{place_id}#{_edition(begins.local.year, city)}"))),
        kind="event",
        url=url,
        title=title,
        summary=". ".join(
            filter(None, (where or ("online" if online else ""), f"Call for papers until {papers}" if papers else ""))
        ),
        text="\n".join(filter(None, (title, where, topic))),
        language=locale[:2].lower() if locale else "en",
        starts=moment(begins.local, zone),
        ends=moment(ends.local, zone) if ends else None,
        place=Place(city=city, country=country, online=online),
        hard_ids=(f"conference:{place_id}#{_edition(begins.local.year, city)}".lower(),),
        codes=tuple(_codes(country, topic)),
        documents=tuple(
            Document(url=link, title="Call for papers") for link in [absolute(answer.text(entry.get("cfpUrl")))] if link
        ),
        raw=answer.kept(startDate=written, endDate=entry.get("endDate"), cfpEndDate=papers, country=country_name, locales=locale),
    )


def _edition(year: int, city: str) -> str:
    """A series keeps one address for its editions, and some for the same year's editions in several cities."""
    return "-".join(filter(None, (str(year), re.sub(r"[^a-z0-9]+", "-", city.casefold()).strip("-"))))


def _codes(country: str, topic: str) -> Iterator[Code]:
    if country:
        yield Code(scheme="country", value=country, role="venue")
    if topic:
        yield Code(scheme="keyword", value=topic)
