"""The market research library of the US Commercial Service: one text with its own delimiters.

Rows end with ``<MRL_ROW_END>``, columns with ``<MRL_COL_END>``; the first row names the columns (country, descrip, doc, id, ttitle,
industry, entdatetm, expdate). Several countries stand in one field with ``|`` between them. 1900-01-01 means "no date".
"""

from __future__ import annotations

from collections.abc import Iterator

from crawlers.clean import clean_line
from crawlers.pages._answer import kept, problem, short
from crawlers.pages._codes import country_named
from crawlers.pages._times import formatted, instant_of
from crawlers.source import Source
from store.model import Code, Document, Follow, Notice, Page, Problem

COLUMN, ROW = "<MRL_COL_END>", "<MRL_ROW_END>"
DOCUMENTS = "http://mr.export.gov/docs/"
NO_DATE = "1900-01-01"


def parse(page: Page, source: Source) -> Iterator[Notice | Problem | Follow]:
    """Notices of kind study; problems ``missing-rows``, ``missing-id``, ``missing-title``, ``unknown-country``, ``short-row``,
    ``no-entries``."""
    try:
        text = page.body.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = page.body.decode("cp1252", "replace")
    rows = [row for row in text.split(ROW) if row.strip()]
    header = [clean_line(cell) for cell in rows[0].split(COLUMN)] if rows and COLUMN in rows[0] else []
    if "ttitle" not in header or "id" not in header:
        yield problem(
            page,
            source,
            "missing-rows",
            "The first row names no columns 'id' and 'ttitle': compare the file with the last good one.",
        )
        return
    if len(rows) == 1:
        yield problem(page, source, "no-entries", "The file names its columns and holds no row: compare it with the last good one.")
    for row in rows[1:]:
        cells = [clean_line(cell, 20_000) for cell in row.split(COLUMN)]
        if len(cells) < len(header):
            yield problem(
                page, source, "short-row", f"A row has {len(cells)} of {len(header)} columns and was left out ({cells[0][:60]})."
            )
            continue
        yield from _study(dict(zip(header, cells, strict=False)), page, source)


def _study(row: dict[str, str], page: Page, source: Source) -> Iterator[Notice | Problem]:
    number, title = row.get("id", ""), row.get("ttitle", "")
    if not number or not title:
        cause, what = ("missing-title", "ttitle") if number else ("missing-id", "id")
        yield problem(page, source, cause, f"A report without '{what}' was left out ({(title or number)[:60]}).", number)
        return
    names = [part.strip() for part in row.get("country", "").split("|") if part.strip()]
    for country in names:
        if not country_named(country):
            yield problem(
                page, source, "unknown-country", f"The country {country[:60]!r} is not known: add it to the table.", number
            )
    published = formatted(row.get("entdatetm", "")[:10], "%Y-%m-%d")
    document = row.get("doc", "")
    industries = [part.strip() for part in row.get("industry", "").split("|") if part.strip()]
    url = f"{DOCUMENTS}{document}" if document else page.url
    yield Notice(
        source=source.name,
        source_id=number,
        kind="study",
        url=url,
        title=title,
        summary=short(row.get("descrip", "")),
        text="\n".join(filter(None, (title, row.get("descrip", ""), ", ".join(names), ", ".join(industries)))),
        language="en",
        published=instant_of(published.date().isoformat(), source.timezone) if published and published.year > 1900 else None,
        organiser=source.publisher,
        status_word=row.get("formname", ""),
        hard_ids=(f"mrl:{number}",),
        codes=(
            *(
                Code(scheme="country", value=code, label=country, role="target")
                for country in names
                if (code := country_named(country))
            ),
            *(Code(scheme="sector", value=industry) for industry in industries),
        ),
        documents=(Document(url=url, title=title),) if document else (),
        raw=kept(
            country=row.get("country"),
            entered=row.get("entdatetm"),
            expires=row.get("expdate") if not row.get("expdate", "").startswith(NO_DATE) else "",
            event=row.get("eventdate1") if not row.get("eventdate1", NO_DATE).startswith(NO_DATE) else "",
        ),
    )
