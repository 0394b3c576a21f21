"""Trade leads as CSV: Australia, Canada, and the first Contracts Finder (see ``trade_leads``)."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from zoneinfo import ZoneInfo

from crawlers.clean import clean_line, plain
from crawlers.links import absolute
from crawlers.pages._answer import kept, problem, short
from crawlers.pages._leads import amount, between, codes, lead
from crawlers.pages._times import formatted, instant_of, until
from crawlers.source import Source
from store.model import Deadline, Notice, Page, Problem

Row = Mapping[str, str]
CANADIAN_ZONES = {
    "Newfoundland": "America/St_Johns",
    "Atlantic": "America/Halifax",
    "Eastern": "America/Toronto",
    "Central": "America/Winnipeg",
    "Mountain": "America/Edmonton",
    "Pacific": "America/Vancouver",
}


def read(page: Page, source: Source) -> Iterator[Notice | Problem]:
    """The leads of one CSV, whose columns tell the origin."""
    try:
        text = page.body.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = page.body.decode("cp1252", "replace")
    if text.startswith("Feed title:"):
        text = text.partition("\n")[2]
    reader = csv.DictReader(io.StringIO(text.lstrip("\r\n"), newline=None))
    header = {(column or "").strip() for column in reader.fieldnames or ()}
    if "CN ID" in header:
        row_reader = _australia
    elif "solicitation_number" in header:
        row_reader = _canada
    elif "NOTICEID" in header:
        row_reader = _contracts_finder_row
    else:
        yield problem(
            page, source, "missing-rows", f"The columns {', '.join(sorted(header)[:5])} belong to no known list of leads."
        )
        return
    for row in reader:
        cells = {(key or "").strip(): (cell or "").strip() for key, cell in row.items() if isinstance(cell, str | None)}
        yield from row_reader(cells, page, source)


def _australia(row: Row, page: Page, source: Source) -> Iterator[Notice | Problem]:
    """A contract notice: it tells of a contract that is made. ``EndDate`` is the contract's end, no deadline."""
    number = row.get("CN ID", "")
    description = clean_line(row.get("Description", ""))
    yield from lead(
        page,
        source,
        number,
        description,
        url=f"https://www.tenders.gov.au/?event=public.advancedsearch.keyword&keyword={number}",
        text="\n".join(filter(None, (description, row.get("Category", "")))),
        published=instant_of(row.get("Publish Date", ""), source.timezone),
        updated=instant_of(row.get("Amendment Date", ""), source.timezone),
        organiser=clean_line(row.get("Agency", "")),
        amounts=amount(row.get("Value", ""), "AUD"),
        status_word=f"contract notice ({row.get('Status', '')})",
        over=True,
        hard_ids=(f"austender:{number.lower()}",),
        codes=codes(
            ("sector", row.get("Category", ""), None), ("country", "AU", "buyer"), ("type", row.get("Procurement Method", ""), None)
        ),
        raw=kept(
            parent=row.get("Parent CN ID"), start=row.get("StartDate"), end=row.get("EndDate"), reference=row.get("Agency Ref. ID")
        ),
    )


def _canada(row: Row, page: Page, source: Source) -> Iterator[Notice | Problem]:
    number = row.get("reference_number", "") or row.get("solicitation_number", "")
    french = row.get("language", "").casefold() in {"french", "français"}
    title = clean_line(row.get("title", ""))
    closing = row.get("date_closing", "")
    deadlines = _canadian_deadline(closing, source)
    if closing and not deadlines:
        yield problem(page, source, "bad-date", f"date_closing {closing[:60]!r} cannot be read: look at the notice.", number)
    description = plain(row.get("description", ""))
    goods = tuple(part.strip() for part in row.get("gsin", "").split(",") if part.strip())
    yield from lead(
        page,
        source,
        f"{number}#fr" if french and number else number,  # a notice stands in both languages under one number
        title,
        language="fr" if french else "en",
        url=absolute(row.get("document", "").partition(",")[0])
        or f"https://buyandsell.gc.ca/procurement-data/tender-notice/{number}",
        summary=short(description),
        text="\n".join(filter(None, (title, description, ", ".join(goods)))),
        published=instant_of(row.get("publication_date", ""), source.timezone),
        updated=instant_of(row.get("amendment_date", ""), source.timezone),
        deadlines=deadlines,
        organiser=clean_line(row.get("procurement_entity", "")),
        status_word=row.get("publishing_status", ""),
        hard_ids=(f"buyandsell:{number.lower()}",),
        codes=codes(
            ("country", "CA", "buyer"),
            *(("sector", part, None) for part in goods),
            ("type", row.get("notice_type", ""), None),
            ("keyword", row.get("region_delivery", ""), None),
        ),
        raw=kept(
            date_closing=closing,
            solicitation=row.get("solicitation_number"),
            amendment=row.get("amendment_number"),
            end_user=row.get("end_user_entity"),
        ),
    )


def _canadian_deadline(written: str, source: Source) -> tuple[Deadline, ...]:
    """ "2014-07-24 12:00 Central Standard Time (CST)": civil time of the named zone; "Standard" in summer is a label's mistake."""
    local = formatted(written[:16], "%Y-%m-%d %H:%M")
    if local is None:
        day = formatted(written[:10], "%Y-%m-%d")
        return (until(day, source.timezone, quote=written),) if day else ()
    label = written[16:].strip()
    zone = next((zone for word, zone in CANADIAN_ZONES.items() if word in label), source.timezone)
    deadline = until(local, zone, precision="minute", zone_source="label" if label else "source", quote=written)
    summer = bool(deadline.utc and deadline.utc.astimezone(ZoneInfo(zone)).dst())
    wrong = ("Standard" in label and summer) or ("Daylight" in label and not summer)
    return (
        until(local, zone, precision="minute", zone_source="label", flags=("zone_label_conflict",), quote=written)
        if wrong
        else deadline,
    )


def _contracts_finder_row(row: Row, page: Page, source: Source) -> Iterator[Notice | Problem]:
    number = row.get("NOTICEID", "")
    published = formatted(row.get("DATEPUBLISHED", ""), "%d/%m/%Y")
    description = plain(row.get("DESCRIPTION", ""))
    yield from lead(
        page,
        source,
        number,
        clean_line(row.get("TITLE", "")),
        url=absolute(row.get("URL", "")) or page.url,
        summary=short(description),
        text=description,
        published=instant_of(published.date().isoformat(), source.timezone) if published else None,
        organiser=clean_line(row.get("ORG_NAME", "")),
        amounts=between(row.get("VALUEMIN", ""), row.get("VALUEMAX", ""), "GBP"),
        status_word=" · ".join(filter(None, (row.get("NOTICETYPE", ""), row.get("STATUS", "")))),
        hard_ids=(f"contractsfinder:{number.lower()}",),
        codes=codes(
            ("country", "GB", "buyer"),
            *(("cpv", code, None) for code in row.get("CLASSIFICATION", "").split("|")),
            ("keyword", row.get("REGION", ""), None),
        ),
        raw=kept(reference=row.get("REFERENCENUMBER"), published=row.get("DATEPUBLISHED")),
    )
