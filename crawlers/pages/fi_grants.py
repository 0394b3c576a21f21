"""Finnish public grants: the state's grant notices (haeavustuksia.fi) and the structural funds' calls (eura2021.fi).

The state's ``hakuPaattyyDateTimeUtc`` are true instants ("2025-12-31T22:00Z" is 1 January in Helsinki); ``hakuTyyppi`` "Jatkuva" is a
rolling call. EURA gives plain dates in ``hakuaika{alku,loppu}``, ``tila`` is its state, ``viranomainen`` a code of its own list.
"""

from __future__ import annotations

from collections.abc import Iterator

from crawlers.pages import _answer as answer
from crawlers.pages._times import moment, moment_of, rolling, stamp, until, until_instant
from crawlers.source import Source
from crawlers.states import standing
from store.model import Code, Deadline, Follow, Notice, Page, Problem

NOTICE = "https://www.haeavustuksia.fi/avustukset/"
EURA = "https://eura2021.fi/haku/"
STATES = {"paattynyt": "closed", "kaynnissa": "open", "tulossa": "forthcoming"}


def parse(page: Page, source: Source) -> Iterator[Notice | Problem | Follow]:
    """Notices of kind call; problems ``missing-rows``, ``missing-id``, ``missing-title``, ``bad-date``."""
    for found in answer.answers(page, source):
        if isinstance(found, Problem):
            yield found
            continue
        entries = list(_entries(found))
        if not entries:
            yield answer.problem(
                page, source, "missing-rows", "No grant was found in the answer: compare it with the last good one."
            )
        for entry, codes in entries:
            if "hakuaika" in entry or "hakutunnus" in entry:
                yield from _eura(entry, codes, page, source)
            else:
                yield from _state(entry, page, source)


def _entries(found: object) -> Iterator[tuple[answer.Object, answer.Object]]:
    """Grants in a list, in ``results``/``rows``/``haut``, or alone; EURA's code lists stand beside its rows."""
    if isinstance(found, list):
        for entry in found:
            yield from _entries(entry)
        return
    given = answer.obj(found)
    codes = answer.obj(given.get("codes"))
    for key in ("rows", "row", "results", "content", "haut", "items", "data"):
        if key in given:
            for entry in answer.rows(given.get(key)):
                yield answer.obj(entry), codes
            return
    if "nimi" in given or "hakuaika" in given or "hakuasianAsianumero" in given:
        yield given, codes


def _told(value: object, source: Source) -> str:
    """A text that is given as {"fi", "sv", "en"}: in the source's first language, else in any."""
    told = answer.obj(value)
    for language in (*source.languages, "fi", "en", "sv"):
        if answer.line(told.get(language)):
            return answer.line(told.get(language))
    return ""


def _state(grant: answer.Object, page: Page, source: Source) -> Iterator[Notice | Problem]:
    number = answer.text(grant.get("hakuasianAsianumero"))
    title = _told(grant.get("nimi"), source)
    if not number or not title:
        cause, what = ("missing-title", "nimi") if number else ("missing-id", "hakuasianAsianumero")
        yield answer.problem(
            page, source, cause, f"A grant without '{what}' was left out: compare the answer with the last good one.", number
        )
        return
    written = answer.text(grant.get("hakuPaattyyDateTimeUtc"))
    at = stamp(written)
    deadlines: list[Deadline] = []
    if at is not None:
        deadlines.append(until_instant(at, source.timezone, quote=written))
    elif written:
        yield answer.problem(page, source, "bad-date", f"hakuPaattyyDateTimeUtc {written[:40]!r} cannot be read.", number)
    kind = answer.line(grant.get("hakuTyyppi"))
    if kind.casefold() == "jatkuva":
        deadlines.append(rolling(source.timezone, quote=kind))
    description = _told(grant.get("kuvaus"), source)
    everything = [
        answer.line(answer.obj(grant.get(key)).get(language)) for key in ("nimi", "kuvaus") for language in ("fi", "sv", "en")
    ]
    organisation = _told(answer.dig(grant, "vastuullinenJarjestajaOrganisaatio", "nimi"), source)
    yield Notice(
        source=source.name,
        source_id=number,
        kind="call",
        url=f"{NOTICE}{number}",
        title=title,
        summary=answer.short(description),
        text="\n".join(dict.fromkeys(filter(None, (title, description, *everything)))),
        language=source.languages[0],
        opens=moment_of(answer.text(grant.get("hakuAlkaaDateTimeUtc")), source.timezone),
        deadlines=tuple(deadlines),
        organiser=organisation,
        status_word=kind,
        hard_ids=(f"haeavustuksia:{number.lower()}",),
        codes=(Code(scheme="country", value="FI", role="eligible"),),
        raw=answer.kept(
            alkaa=grant.get("hakuAlkaaDateTimeUtc"), paattyy=written, tyyppi=kind, julkaisu=grant.get("julkaisuTyyppi")
        ),
    )


def _eura(call: answer.Object, codes: answer.Object, page: Page, source: Source) -> Iterator[Notice | Problem]:
    number = answer.text(call.get("hakutunnus")) or answer.text(call.get("id"))
    title = answer.line(call.get("otsikko"))
    if not number or not title:
        cause, what = ("missing-title", "otsikko") if number else ("missing-id", "hakutunnus")
        yield answer.problem(
            page, source, cause, f"A call without '{what}' was left out: compare the answer with the last good one.", number
        )
        return
    begins, ends = answer.text(answer.dig(call, "hakuaika", "alku")), answer.text(answer.dig(call, "hakuaika", "loppu"))
    first, last = stamp(begins), stamp(ends)
    if ends and last is None:
        yield answer.problem(
            page, source, "bad-date", f"hakuaika.loppu {ends[:40]!r} cannot be read: the call is kept without it.", number
        )
    authority = _told(answer.dig(codes, "viranomainen", answer.text(call.get("viranomainen"))), source)
    state = answer.text(call.get("tila"))
    fund = answer.line(call.get("rahasto"))
    yield Notice(
        source=source.name,
        source_id=answer.text(call.get("id")) or number,
        kind="call",
        url=f"{EURA}{answer.text(call.get('id')) or number}",
        title=title,
        summary=" · ".join(filter(None, (fund, authority, answer.line(call.get("alue"))))),
        text="\n".join(filter(None, (title, answer.body(call.get("kuvaus")), fund, authority))),
        language="fi",
        opens=moment(first.local, source.timezone) if first else None,
        deadlines=(until(last.local, source.timezone, quote=ends),) if last else (),
        organiser=authority,
        programme=fund,
        status_word=STATES.get(state, state),
        **standing(STATES.get(state, "")),
        hard_ids=(f"eura:{number.lower()}",),
        codes=tuple(
            [Code(scheme="country", value="FI", role="eligible")]
            + ([Code(scheme="programme", value=fund)] if fund else [])
            + [Code(scheme="keyword", value=region) for region in answer.texts(call.get("maakunnat"))]
        ),
        raw=answer.kept(alku=begins, loppu=ends, tila=state, hakutunnus=number, viranomainen=call.get("viranomainen")),
    )
