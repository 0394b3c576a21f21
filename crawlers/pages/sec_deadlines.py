"""A community's list of security conferences (``sec-deadlines``): YAML, each with several dates for papers and a zone of its own.

Entries: ``{name, description, year, link, deadline: text or list, timezone, date: days in words, place, comment, tags}``. Without a
``timezone`` a date ends when it ends everywhere on earth (UTC-12). ``%Y`` and ``%y`` in a date stand for every year: the next one after
the fetch is taken, and the entry is rolling no further. Anchors and tags of YAML are refused.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator
from datetime import date, datetime

import yaml

from crawlers.clean import clean_line
from crawlers.decoding import text_of_page
from crawlers.formats.ical_zones import known
from crawlers.links import absolute, canonical
from crawlers.pages import _answer as answer
from crawlers.pages._times import formatted, moment, until
from crawlers.places import read_place
from crawlers.source import Source
from store.model import Code, Deadline, Follow, Moment, Notice, Page, Place, Problem

EVERYWHERE = "Etc/GMT+12"
LARGEST = 2_000_000
_MONTHS = {name.casefold(): number for number, name in enumerate(calendar.month_name) if name}
_MONTHS |= {name.casefold(): number for number, name in enumerate(calendar.month_abbr) if name} | {"sept": 9}
_SPAN = re.compile(r"([A-Za-z]+)\.?\s+(\d{1,2})(?:st|nd|rd|th)?(?:\s*(?:-|–|to)\s*(?:([A-Za-z]+)\.?\s+)?(\d{1,2}))?")
_ALIAS = re.compile(r"(?:^|[\s\[,{:-])[&*!][A-Za-z_]", re.MULTILINE)
NOT_YET = frozenset({"", "tba", "tbd", "none", "tbc"})


def parse(page: Page, source: Source) -> Iterator[Notice | Problem | Follow]:
    """Notices of kind event; problems ``not-yaml``, ``missing-rows``, ``missing-id``, ``missing-title``, ``bad-date``, ``same-id``."""
    text = text_of_page(page)
    if len(text) > LARGEST or _ALIAS.search(re.sub(r"\"[^\"\n]*\"|#.*", "", text)):
        yield answer.problem(page, source, "not-yaml", "The file is too large, or names anchors or types, which are refused.")
        return
    try:
        entries = yaml.safe_load(text)
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        yield answer.problem(page, source, "not-yaml", f"Expected YAML: {clean_line(str(error), 200)}")
        return
    if not isinstance(entries, list):
        yield answer.problem(
            page, source, "missing-rows", "Expected a list of conferences: compare the file with the last good one."
        )
        return
    seen: set[str] = set()
    for entry in entries:
        for thing in _conference(answer.obj(entry), page, source):
            if isinstance(thing, Notice) and thing.source_id in seen:
                detail = f"{thing.title} stands twice with one address and year: the first was kept."
                thing = answer.problem(page, source, "same-id", detail, thing.source_id)
            elif isinstance(thing, Notice):
                seen.add(thing.source_id)
            yield thing


def _conference(entry: answer.Object, page: Page, source: Source) -> Iterator[Notice | Problem]:
    url = absolute(answer.text(entry.get("link")))
    title = answer.line(entry.get("description")) or answer.line(entry.get("name"))
    if not url or not title:
        cause, what = ("missing-title", "name") if url else ("missing-id", "link")
        yield answer.problem(page, source, cause, f"A conference without '{what}' was left out ({title or url}).", canonical(url))
        return
    year = answer.text(entry.get("year"))
    name = answer.line(entry.get("name"))
    source_id = "#".join(filter(None, (canonical(url).removeprefix("https://"), year)))
    zone = answer.text(entry.get("timezone")).strip()
    if zone and known(zone) is None:
        yield answer.problem(
            page, source, "unknown-zone", f"The zone {zone[:40]!r} is not known: everywhere on earth was taken.", source_id
        )
        zone = ""
    deadlines: list[Deadline] = []
    written = entry.get("deadline")
    texts = [str(one) for one in (written if isinstance(written, list) else [written]) if one is not None]
    for number, one in enumerate(texts, 1):
        if one.strip().casefold() in NOT_YET:
            continue
        at = _due(one, page.fetched_at.date())
        if at is None:
            yield answer.problem(page, source, "bad-date", f"The deadline {one[:40]!r} cannot be read.", source_id)
            continue
        deadlines.append(
            until(
                at[0],
                zone or EVERYWHERE,
                precision="minute" if at[1] else "day",
                zone_source="explicit" if zone else "source",
                quote=one,
                cut_off=number if len(texts) > 1 else None,
            )
        )
    place = read_place(answer.line(entry.get("place")))
    starts, ends = _days(answer.line(entry.get("date")), year, source.timezone)
    yield Notice(
        source=source.name,
        source_id=source_id,
        kind="event",
        url=url,
        title=f"{name}: {title}" if name and name not in title else title,
        summary=answer.line(entry.get("comment")),
        text="\n".join(filter(None, (title, answer.line(entry.get("place")), answer.line(entry.get("comment"))))),
        language="en",
        deadlines=tuple(deadlines),
        starts=starts,
        ends=ends,
        place=place if isinstance(place, Place) and place.name.casefold() not in NOT_YET else None,
        hard_ids=(f"conference:{source_id.lower()}",),
        codes=tuple(Code(scheme="keyword", value=tag) for tag in answer.texts(entry.get("tags"))),
        raw=answer.kept(deadline=" | ".join(texts), timezone=zone, date=entry.get("date")),
    )


def _due(written: str, today: date) -> tuple[datetime, bool] | None:
    """The civil time of a deadline and whether it has one; of a yearly one the next from ``today``. None for what cannot be read."""
    text = written.strip()
    forms = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d")
    for year in (today.year, today.year + 1) if "%" in text else (0,):
        at = formatted(re.sub(r"%[yY]", str(year), text), *forms)
        if at is None:
            return None
        if not year or at.date() >= today:
            return at, ":" in text
    return None


def _days(written: str, year: str, zone: str) -> tuple[Moment | None, Moment | None]:
    """First and last day from words such as ``June 30 - July 3``; (None, None) when they are not known yet."""
    match = _SPAN.search(written)
    first = _MONTHS.get(match[1].casefold()) if match else None
    if match is None or first is None or not year.isdecimal():
        return None, None
    last = _MONTHS.get((match[3] or match[1]).casefold(), first)
    try:
        begins = datetime(int(year), first, int(match[2]))  # noqa: DTZ001 - civil date
        ends = datetime(int(year) + (last < first), last, int(match[4] or match[2]))  # noqa: DTZ001 - civil date
    except ValueError:
        return None, None
    return moment(begins, zone), moment(ends, zone)
