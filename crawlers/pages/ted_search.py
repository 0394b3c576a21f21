"""The TED search interface, version 3: ``POST https://api.ted.europa.eu/v3/notices/search``.

Shape: ``{"notices": [{"publication-number", "notice-title": {lang: text}, "buyer-name": {lang: [text]}, …}], "totalNoticeCount",
"iterationNextToken", "timedOut"}``. Date and time of a lot's deadline stand in two parallel lists. Titles begin with the buyer's
country and the main code's label, in each of 24 languages; the last part is the buyer's own title.
"""

from __future__ import annotations

from collections.abc import Iterator

from crawlers.formats.paging import next_page
from crawlers.pages import _answer as answer
from crawlers.pages._codes import country_code, language_code, zone_at
from crawlers.pages._ted import COMPETITIONS, address, buyer_deadline, distinct, form_of, number_of
from crawlers.pages._times import joined
from crawlers.source import Source
from crawlers.states import standing
from store.model import Amount, Code, Deadline, Document, Follow, Notice, Page, Problem

SEPARATOR = " – "
# The language of a buyer's text, told by the only key of "buyer-name" or by the buyer's country where a key is missing.
ENGLISH = "eng"


def parse(page: Page, source: Source) -> Iterator[Notice | Problem | Follow]:
    """Notices of kind tender; problems ``missing-id``, ``missing-title``, ``bad-date``, ``timed-out``, ``missing-rows``."""
    for notices, found in _lists(page, source):
        if isinstance(found, Problem):
            yield found
            continue
        if found.get("timedOut") is True:
            yield answer.problem(page, source, "timed-out", "The search broke off before its end: ask again with a narrower query.")
        for notice in notices:
            yield from _notice(answer.obj(notice), page, source)
        yield from next_page(found, len(notices), page, source)


def follow(page: Page, source: Source) -> Iterator[Problem | Follow]:
    """Of each notice in a search answer, the request for its XML."""
    for notices, found in _lists(page, source):
        if isinstance(found, Problem):
            yield found
        for notice in notices:
            url = answer.text(answer.dig(notice, "links", "xml", "MUL"))
            number = number_of(answer.text(answer.obj(notice).get("publication-number")))
            if url or number:
                yield Follow(url=url or f"https://ted.europa.eu/en/notice/{number}/xml", role="detail")


def _lists(page: Page, source: Source) -> Iterator[tuple[tuple[object, ...], answer.Object | Problem]]:
    for found in answer.answers(page, source):
        if isinstance(found, Problem):
            yield (), found
        elif not isinstance(answer.obj(found).get("notices"), list):
            yield (
                (),
                answer.problem(
                    page, source, "missing-rows", "There is no list 'notices': an unknown field in the query answers so."
                ),
            )
        else:
            yield answer.rows(answer.obj(found).get("notices")), answer.obj(found)


def _notice(notice: answer.Object, page: Page, source: Source) -> Iterator[Notice | Problem]:
    number = number_of(answer.text(notice.get("publication-number")))
    if not number:
        yield answer.problem(
            page, source, "missing-id", "A notice without 'publication-number' was left out: add the field to the query."
        )
        return
    countries = tuple(dict.fromkeys(filter(None, map(country_code, answer.texts(notice.get("buyer-country"))))))
    names = answer.obj(notice.get("buyer-name"))
    language = next(iter(names), "") if len(names) == 1 else _common(names, notice)
    titles = answer.obj(notice.get("notice-title"))
    title = answer.line(titles.get(language)) or answer.line(titles.get(ENGLISH)) or answer.line(next(iter(titles.values()), ""))
    if not title:
        yield answer.problem(page, source, "missing-title", "The notice has no title: add 'notice-title' to the query.", number)
        return
    places = answer.texts(notice.get("place-of-performance"))
    country = countries[0] if countries else next(filter(None, (country_code(place[:2]) for place in places)), "")
    kind = answer.text(notice.get("notice-type"))
    deadlines, faults = _deadlines(notice, zone_at("", country, source.timezone))
    for fault in faults:
        yield answer.problem(page, source, "bad-date", f"A deadline {fault[:60]!r} cannot be read: look at the notice.", number)
    own_title = title.rpartition(SEPARATOR)[2]
    english = answer.line(titles.get(ENGLISH))
    procedure = answer.text(notice.get("procedure-identifier")).lower()
    published = joined(answer.text(notice.get("publication-date")), "")
    yield Notice(
        source=source.name,
        source_id=number,
        kind="tender",
        url=address(number),
        title=own_title or title,
        summary=english if english != title else title,
        text=answer.body(title, english if english != title else "", notice.get("description-proc"), notice.get("description-lot")),
        language=language_code(language),
        published=published.instant if published else None,
        deadlines=deadlines if kind in COMPETITIONS or not kind else (),
        organiser="; ".join(answer.texts(names.get(language)) or answer.texts(next(iter(names.values()), ""))),
        amounts=tuple(_amounts(notice)),
        status_word=form_of(kind) or kind,
        **standing(form_of(kind)),
        hard_ids=tuple(filter(None, (f"ted:{number}", procedure and f"procedure:{procedure}"))),
        codes=tuple(_codes(notice, countries, places)),
        documents=tuple(_documents(notice, language)),
        raw=answer.kept(
            notice_type=kind,
            form_type=notice.get("form-type"),
            deadline_dates=notice.get("deadline-receipt-tender-date-lot"),
            deadline_times=notice.get("deadline-receipt-tender-time-lot"),
            publication_date=notice.get("publication-date"),
            procedure_type=notice.get("procedure-type"),
        ),
    )


def _common(names: answer.Object, notice: answer.Object) -> str:
    """A buyer with several names: the language in which the notice's documents are offered, else the first that is not English."""
    offered = answer.obj(answer.dig(notice, "links", "pdfs"))
    for language in names:
        if language.upper() in offered:
            return language
    return next((language for language in names if language != ENGLISH), next(iter(names), ""))


def _deadlines(notice: answer.Object, zone: str) -> tuple[tuple[Deadline, ...], list[str]]:
    found: list[Deadline] = []
    faults: list[str] = []
    for stage, label in ((1, "deadline-receipt-request"), (2, "deadline-receipt-tender")):
        dates = _plain_list(notice.get(f"{label}-date-lot"))
        times = _plain_list(notice.get(f"{label}-time-lot"))
        for place, date in enumerate(dates):
            time = times[place] if len(times) == len(dates) else (times[0] if len(set(times)) == 1 else "")
            at = joined(date, time)
            if at is None:
                faults.append(f"{date} {time}".strip())
            else:
                both = bool(_plain_list(notice.get("deadline-receipt-request-date-lot")))
                found.append(buyer_deadline(at, zone, quote=f"{date} {time}".strip(), stage=stage if both else 1))
    return distinct(found), faults


def _plain_list(value: object) -> list[str]:
    """All scalars in their places: the date and time of a lot are paired by position, so nothing may be dropped or joined."""
    return [answer.text(entry) for entry in value] if isinstance(value, list) else [answer.text(value)] if value else []


def _amounts(notice: answer.Object) -> Iterator[Amount]:
    for label, key, currency in (
        ("estimated value", "estimated-value-glo", "estimated-value-cur-glo"),
        ("estimated value", "estimated-value-lot", "estimated-value-cur-lot"),
        ("total value", "total-value", "total-value-cur"),
    ):
        exact = answer.number(notice.get(key)) or answer.number(answer.text(notice.get(key)))
        if exact:
            yield Amount(value=exact, currency=answer.text(notice.get(currency)), quote=f"{label} {answer.text(notice.get(key))}")
            return


def _codes(notice: answer.Object, countries: tuple[str, ...], places: tuple[str, ...]) -> Iterator[Code]:
    for cpv in answer.texts(notice.get("classification-cpv")):
        yield Code(scheme="cpv", value=cpv.partition("-")[0])
    for country in countries:
        yield Code(scheme="country", value=country, role="buyer")
    for place in places:
        # Places are NUTS codes (FI1C1) and countries in three letters (FIN) in one list.
        if len(place) == 3 and place.isalpha() and country_code(place):
            yield Code(scheme="country", value=country_code(place), role="venue")
        else:
            yield Code(scheme="nuts", value=place, role="venue")
    for nature in answer.texts(notice.get("contract-nature")):
        yield Code(scheme="type", value=nature)


def _documents(notice: answer.Object, language: str) -> Iterator[Document]:
    pdfs = answer.obj(answer.dig(notice, "links", "pdf"))
    url = answer.text(pdfs.get(language.upper())) or answer.text(pdfs.get("ENG"))
    if url:
        yield Document(url=url, title="PDF")
