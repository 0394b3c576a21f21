"""French aid catalogues: six providers that publish the same thing in six shapes, told apart by their own keys.

- the exchange format of Aides-territoires, which the departments of Drôme and Manche use (``results`` or ``aides``: name, origin_url,
  submission_deadline, recurrence);
- Île-de-France (a bare list: title, entete, objectif, publicsBeneficiaire[], competences[], dateFinCampagne as a UTC instant);
- Ministry of Culture (``results``: title, deadline in French words, eztag_theme, amount);
- ADEME Agir (``ListeDispositifs``: titre, date_fin with its offset, thematiques);
- Welcomeurope (post_title, dates_deadline1 … as YYYYMMDD, filtres_sectors).

Contacts are not read. A Z on a campaign's end at 22:00 or 23:00 is midnight in Paris: that day.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import time, timedelta

from crawlers.dates import read_field_deadlines
from crawlers.formats.paging import next_page
from crawlers.links import absolute
from crawlers.pages import _answer as answer
from crawlers.pages._fr_shapes import SHAPES, Aid
from crawlers.pages._times import formatted, instant_of, moment, moment_of, rolling, stamp, until
from crawlers.source import Source
from crawlers.states import standing
from store.model import Amount, Code, Deadline, Follow, Moment, Notice, Page, Problem


def parse(page: Page, source: Source) -> Iterator[Notice | Problem | Follow]:
    """Notices of kind call; problems ``missing-rows``, ``unknown-shape``, ``missing-id``, ``missing-title``, ``bad-date``, ``unread-deadline``."""
    for found in answer.answers(page, source):
        if isinstance(found, Problem):
            yield found
            continue
        entries = _entries(found)
        if entries is None:
            yield answer.problem(
                page, source, "missing-rows", "No list of aids was found: compare the answer with the last good one."
            )
            continue
        for entry in entries:
            yield from _aid(answer.obj(entry), page, source)
        yield from next_page(found, len(entries), page, source)


def _entries(found: object) -> tuple[object, ...] | None:
    if isinstance(found, list):
        return tuple(found)
    for key in ("aides", "results", "ListeDispositifs", "data", "aids"):
        if isinstance(answer.obj(found).get(key), list):
            return answer.rows(answer.obj(found).get(key))
    return None


def _aid(entry: answer.Object, page: Page, source: Source) -> Iterator[Notice | Problem]:
    shape = next((reader for key, reader in SHAPES.items() if key in entry), None)
    if shape is None:
        yield answer.problem(
            page, source, "unknown-shape", f"An aid of an unknown shape ({', '.join(list(entry)[:6])}) was left out."
        )
        return
    aid = shape(entry)
    if not aid.id or not aid.title:
        cause, what = ("missing-title", "title") if aid.id else ("missing-id", "id")
        yield answer.problem(
            page, source, cause, f"An aid without its {what} was left out: compare the answer with the last good one.", aid.id
        )
        return
    deadlines, unread = _deadlines(aid, source)
    for written in unread:
        cause = "bad-date" if written[:1].isdigit() else "unread-deadline"
        yield answer.problem(
            page, source, cause, f"The end {written[:120]!r} is no date: read the page and set it by hand.", aid.id
        )
    yield Notice(
        source=source.name,
        source_id=aid.id,
        kind="call",
        url=absolute(aid.url, page.url) or page.url,
        title=aid.title,
        summary=answer.short(aid.summary or aid.text),
        text="\n".join(filter(None, (aid.title, aid.summary, aid.text))),
        language="fr",
        published=instant_of(_tight(aid.published), source.timezone),
        updated=instant_of(_tight(aid.updated), source.timezone),
        opens=_moment(aid.opens, source.timezone),
        deadlines=deadlines,
        organiser=aid.organiser or source.publisher,
        programme=aid.programme,
        eligibility=aid.eligibility,
        amounts=_amount(aid),
        status_word=aid.status,
        **standing(aid.status),
        codes=tuple(_codes(aid)),
        raw=answer.kept(opens=aid.opens, ends=list(aid.ends), amount=aid.amount, permanent="Permanente" if aid.permanent else ""),
    )


def _tight(written: str) -> str:
    """A time that a formatter tore apart ("11: 40: 47") put together again."""
    return written.replace(": ", ":") if written[:4].isdigit() else written


def _moment(written: str, zone: str) -> Moment | None:
    compact = formatted(written, "%Y%m%d")
    if compact:
        return moment(compact, zone)
    found = moment_of(_tight(written), zone)
    if found is not None and found.has_time and found.local.time() == time():
        return moment(found.local, zone)
    return found


def _deadlines(aid: Aid, source: Source) -> tuple[tuple[Deadline, ...], tuple[str, ...]]:
    found: list[Deadline] = []
    unread = []
    for number, written in enumerate(aid.ends, start=1):
        deadline = _deadline(written, source, number if len(aid.ends) > 1 else None)
        if deadline is not None:
            found.append(deadline)
            continue
        prose = read_field_deadlines(written, source, lang="fr")
        found.extend(prose)
        if not prose:
            unread.append(written)
    if aid.permanent and not found:
        found.append(rolling(source.timezone, quote="Permanente"))
    return tuple(found), tuple(unread)


def _deadline(written: str, source: Source, cut_off: int | None) -> Deadline | None:
    compact = formatted(written, "%Y%m%d", "%d/%m/%Y")
    if compact:
        return until(compact, source.timezone, quote=written, cut_off=cut_off)
    at = stamp(_tight(written))
    if at is None:
        return None
    local = at.local
    here = moment_of(_tight(written), source.timezone)
    if at.has_time and here is not None:
        local = here.local
    if not at.has_time or local.time() == time() or (at.offset == timedelta(0) and at.local.time() == time()):
        return until(local if local.time() == time() else at.local, source.timezone, quote=written, cut_off=cut_off)
    explicit = at.offset is not None
    return until(
        local, source.timezone, precision="minute", zone_source="explicit" if explicit else "source", quote=written, cut_off=cut_off
    )


def _amount(aid: Aid) -> tuple[Amount, ...]:
    if not aid.amount:
        return ()
    from nlp.amounts import read_amounts

    return read_amounts(aid.amount, lang="fr", currency="EUR")


def _codes(aid: Aid) -> Iterator[Code]:
    yield Code(scheme="country", value="FR", role="eligible")
    for theme in aid.themes:
        yield Code(scheme="sector", value=theme)
    for kind in aid.types:
        yield Code(scheme="type", value=kind)
    for region in aid.regions:
        yield Code(scheme="keyword", value=region)
