"""Market intelligence of the United States' trade portal: articles as JSON and XML, and the State Department's country fact sheets.

Shapes: a JSON list (id, title, post, published_at, industry_tags, country_tags in ISO codes), ``articles/article`` (id, title, summary,
content, creation_date as M/D/YYYY, countries, industries), and ``{"country_fact_sheets": [{id, title, date, terms, content_html}]}``.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from crawlers.links import absolute
from crawlers.pages import _answer as answer
from crawlers.pages._answer import kept, problem, short
from crawlers.pages._codes import country_code, country_named
from crawlers.pages._times import formatted, instant_of
from crawlers.pages._xml import Element, every, name, one, paragraphs, read_xml, value, values
from crawlers.source import Source
from store.model import Code, Follow, Notice, Page, Problem


def parse(page: Page, source: Source) -> Iterator[Notice | Problem | Follow]:
    """Notices of the source's kind; problems ``missing-rows``, ``missing-id``, ``missing-title``, ``unknown-country``."""
    if page.body.lstrip(b"\xef\xbb\xbf \r\n\t")[:1] == b"<":
        root, faults = read_xml(page, source)
        yield from faults
        if root is not None and name(root) == "articles":
            for article in every(root, "article"):
                yield from _article(article, page, source)
        elif root is not None:
            yield problem(page, source, "missing-rows", f"A document <{name(root)}> is no list of articles.")
        return
    for found in answer.answers(page, source):
        if isinstance(found, Problem):
            yield found
            continue
        sheets = answer.obj(found).get("country_fact_sheets")
        rows = found if isinstance(found, list) else sheets
        if not isinstance(rows, list):
            yield problem(page, source, "missing-rows", "There is no list of articles: compare the answer with the last good one.")
            continue
        for row in rows:
            yield from _sheet(answer.obj(row), page, source) if sheets is not None else _post(answer.obj(row), page, source)


def _notice(page: Page, source: Source, source_id: str, title: str, **fields: object) -> Iterator[Notice | Problem]:
    if not source_id or not title:
        cause, what = ("missing-title", "title") if source_id else ("missing-id", "id")
        yield problem(page, source, cause, f"An article without '{what}' was left out ({(title or source_id)[:60]}).", source_id)
        return
    given = {"url": page.url, "language": "en", "organiser": source.publisher} | fields
    yield Notice(source=source.name, source_id=source_id, kind=source.kind, title=title, **given)  # type: ignore[arg-type]


def _post(row: answer.Object, page: Page, source: Source) -> Iterator[Notice | Problem]:
    text = answer.body(row.get("post"))
    countries = [
        Code(scheme="country", value=country_code(code), role="target")
        for code in answer.texts(row.get("country_tags"))
        if country_code(code)
    ]
    yield from _notice(
        page,
        source,
        answer.text(row.get("id")),
        answer.line(row.get("title")),
        summary=short(text),
        text="\n".join(filter(None, (answer.line(row.get("title")), text))),
        published=instant_of(answer.text(row.get("published_at")), source.timezone),
        updated=instant_of(answer.text(row.get("updated_at")), source.timezone),
        status_word=answer.line(row.get("published_as")),
        codes=(*(Code(scheme="sector", value=tag) for tag in answer.texts(row.get("industry_tags"))), *countries),
        raw=kept(community=row.get("community_name"), topics=row.get("topic_tags")),
    )


def _sheet(row: answer.Object, page: Page, source: Source) -> Iterator[Notice | Problem]:
    text, place = answer.body(row.get("content_html")), answer.line(row.get("title"))
    country = country_named(place)
    if place and not country:
        yield problem(
            page,
            source,
            "unknown-country",
            f"The country {place[:60]!r} is not known: add it to the table.",
            answer.text(row.get("id")),
        )
    yield from _notice(
        page,
        source,
        answer.text(row.get("id")),
        f"Country fact sheet: {place}" if place else "",
        summary=short(text),
        text=f"{place}\n{text}",
        published=instant_of(answer.text(row.get("date")), source.timezone),
        codes=(Code(scheme="country", value=country, label=place, role="target"),) if country else (),
        raw=kept(terms=row.get("terms"), bureau=row.get("bureau")),
    )


def _article(node: Element, page: Page, source: Source) -> Iterator[Notice | Problem]:
    number, title = value(node, "id"), value(node, "title")
    countries = []
    for place in values(node, "//countries/country"):
        if country_named(place):
            countries.append(Code(scheme="country", value=country_named(place), label=place, role="target"))
        else:
            yield problem(page, source, "unknown-country", f"The country {place[:60]!r} is not known: add it to the table.", number)
    text = paragraphs(one(node, "content"))
    yield from _notice(
        page,
        source,
        number,
        title,
        url=absolute(value(node, "html") or value(node, "data/html"), page.url) or page.url,
        summary=value(node, "summary") or short(text),
        text="\n".join(filter(None, (title, value(node, "summary"), text))),
        published=_day(value(node, "release_date") or value(node, "creation_date"), source),
        codes=(*(Code(scheme="sector", value=found) for found in values(node, "//industries/industry")), *countries),
        raw=kept(
            created=value(node, "creation_date"), released=value(node, "release_date"), expires=value(node, "expiration_date")
        ),
    )


def _day(written: str, source: Source) -> datetime | None:
    found = formatted(written, "%m/%d/%Y")
    return instant_of(found.date().isoformat(), source.timezone) if found else None
