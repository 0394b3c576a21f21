"""The daily dumps of the United States' federal business opportunities (until 2019): elements that are opened and never closed
(``<SUBJECT>text`` up to the next element), or the same elements as XML below ``NOTICES``.

``RESPDATE`` is the day until which answers are taken. ``ARCHDATE`` is the day when a notice goes to the archive and no deadline. Contacts
are not read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime

from crawlers.clean import clean_line, plain
from crawlers.dates import LATEST
from crawlers.decoding import text_of_page
from crawlers.links import absolute
from crawlers.pages._answer import kept, problem, short
from crawlers.pages._codes import zone_of
from crawlers.pages._leads import codes, lead
from crawlers.pages._times import formatted, moment, until
from crawlers.source import Source
from store.model import Notice, Page, Problem

KINDS = {
    "PRESOL": "presolicitation",
    "SRCSGT": "sources sought",
    "COMBINE": "combined synopsis and solicitation",
    "MOD": "modification",
    "SNOTE": "special notice",
    "SSALE": "sale of surplus property",
    "AWARD": "award",
    "JA": "justification and approval",
    "ITB": "intent to bundle",
    "FAIROPP": "fair opportunity",
    "AMDCSS": "amendment of a combined synopsis and solicitation",
    "ARCHIVE": "archived",
    "UNARCHIVE": "taken out of the archive",
}
PLANNED, OVER = frozenset({"PRESOL", "SRCSGT"}), frozenset({"AWARD", "JA", "FAIROPP", "ARCHIVE"})
_RECORD = re.compile(
    rf"^\s*<({'|'.join(KINDS)})>\s*$(.*?)(?=^\s*</?(?:{'|'.join(KINDS)})>|\Z)(\s*</\1>)?", re.DOTALL | re.MULTILINE
)
# What changed lies inside a notice as a record of its own: its values are the newer ones.
_CHANGES = re.compile(r"<CHANGES>.*?</CHANGES>", re.DOTALL)
_TAG = re.compile(rf"</?(?:{'|'.join(KINDS)})>")
_FIELD = re.compile(
    r"<(DATE|YEAR|AGENCY|OFFICE|LOCATION|ZIP|CLASSCOD|NAICS|OFFADD|SUBJECT|SOLNBR|RESPDATE|ARCHDATE|CONTACT|DESC|LINK|URL|EMAIL|ADDRESS"
    r"|SETASIDE|POPCOUNTRY|POPZIP|POPADDRESS|NTYPE|AWDNBR|AWDAMT|AWARDEE|RECOVERY_ACT|DOCUMENT_PACKAGES)>"
)


_DAY = re.compile(r"(\d{4})-?(\d{4}|\d{2})(?!\d)")


def is_dump(body: bytes) -> bool:
    """Whether a body is such a dump, in either form."""
    head = body[:400].lstrip(b"\xef\xbb\xbf \r\n\t")
    return b"<NOTICES>" in head or head.startswith(tuple(f"<{kind}>".encode() for kind in KINDS))


def read(page: Page, source: Source) -> Iterator[Notice | Problem]:
    """A notice a record; a record that breaks off is left out with the problem ``cut-short``."""
    for match in _RECORD.finditer(_CHANGES.sub(lambda found: _TAG.sub("", found[0]), text_of_page(page))):
        if match[3] is None:
            yield problem(page, source, "cut-short", "The last record breaks off and was left out. Ask for the dump again.")
            continue
        first, _, changed = match[2].partition("<CHANGES>")
        yield from _record(
            match[1], _fields(first) | {name: value for name, value in _fields(changed).items() if value}, page, source
        )


def _fields(record: str) -> dict[str, str]:
    """The first value of each element; the text of a link's own description is not the record's."""
    found: dict[str, str] = {}
    pieces = _FIELD.split(record)
    for name, value in zip(pieces[1::2], pieces[2::2], strict=True):
        value = re.sub(rf"</{name}>.*", "", value, flags=re.DOTALL).strip()
        value = value.removeprefix("<![CDATA[").removesuffix("]]>").strip()
        found.setdefault(name, value)
    return found


def _record(kind: str, fields: Mapping[str, str], page: Page, source: Source) -> Iterator[Notice | Problem]:
    number, title = clean_line(fields.get("SOLNBR", "")), clean_line(fields.get("SUBJECT", ""))
    written = fields.get("RESPDATE", "")
    due = _day(written)
    if written and due is None:
        yield problem(page, source, "bad-date", f"RESPDATE {written[:40]!r} cannot be read: the lead is kept without it.", number)
    day = _day(fields.get("DATE", "") + fields.get("YEAR", ""))
    zone = zone_of("US", source.timezone)
    description = plain(fields.get("DESC", ""))
    yield from lead(
        page,
        source,
        number,
        title,
        url=absolute(fields.get("URL") or fields.get("LINK", "")) or page.url,
        summary=short(description),
        text="\n".join(filter(None, (title, description))),
        published=moment(day, zone).utc if day else None,
        deadlines=(until(due, zone, quote=written),) if due else (),
        organiser=", ".join(dict.fromkeys(filter(None, (clean_line(fields.get(name, "")) for name in ("AGENCY", "OFFICE"))))),
        eligibility=clean_line(fields.get("SETASIDE", "")).removeprefix("N/A"),
        status_word=KINDS[kind],
        planned=kind in PLANNED,
        over=kind in OVER,
        hard_ids=(f"fbo:{number.lower()}",),
        codes=codes(("country", "US", "buyer"), ("naics", fields.get("NAICS", ""), None), ("type", kind, None)),
        raw=kept(RESPDATE=written, ARCHDATE=fields.get("ARCHDATE"), CLASSCOD=fields.get("CLASSCOD"), DATE=fields.get("DATE")),
    )


def _day(written: str) -> datetime | None:
    """``mmddyy``, ``mmddyyyy`` or ``mmdd-yyyy``; None for anything else."""
    found = _DAY.match(written.strip())
    day = formatted(f"{found[1]}{found[2]}", "%m%d%Y" if len(found[2]) == 4 else "%m%d%y") if found else None
    return day if day is not None and day.year <= LATEST else None
