"""Notices of Portugal 2030, ``POST https://portugal2030.pt/wp-json/avisos/query``; the regional programmes answer in the same shape.

Shape: ``{"status": 201, "avisos": [{"aviso": {codigoAviso, designacaoPT, …}, "estrutura": [{programaOperacionalDesignacao, dotacao}],
"calendario": {dataPublicacao, dataInicio, dataFim, dataFimAtual}, "documentos": []}]}``, five a page. ``dataFimAtual`` is the deadline
in force (extensions move it and leave ``dataFim``); the budget is the sum of ``dotacao``; officials' names are left out.
"""

from __future__ import annotations

from collections.abc import Iterator

from crawlers.formats.paging import position
from crawlers.links import absolute
from crawlers.pages import _answer as answer
from crawlers.pages._times import instant_of, moment_of, stamp, until
from crawlers.source import Source
from store.model import Amount, Code, Deadline, Document, Follow, Notice, Page, Problem

UPLOADS = "https://portugal2030.pt/wp-content/uploads/"


def parse(page: Page, source: Source) -> Iterator[Notice | Problem | Follow]:
    """Notices of kind call; problems ``missing-rows``, ``missing-id``, ``missing-title``, ``bad-date``."""
    for found in answer.answers(page, source):
        if isinstance(found, Problem):
            yield found
            continue
        notices = answer.obj(found).get("avisos")
        if not isinstance(notices, list):
            yield answer.problem(
                page, source, "missing-rows", "There is no list 'avisos': compare the answer with the last good one."
            )
            continue
        for notice in notices:
            yield from _notice(answer.obj(notice), page, source)
        yield from _next(len(notices), page, source)


def _notice(entry: answer.Object, page: Page, source: Source) -> Iterator[Notice | Problem]:
    notice, calendar = answer.obj(entry.get("aviso")), answer.obj(entry.get("calendario"))
    code = answer.line(notice.get("codigoAviso"))
    if not code:
        yield answer.problem(
            page, source, "missing-id", "A notice without 'codigoAviso' was left out: compare the answer with the last good one."
        )
        return
    title = answer.line(notice.get("designacaoPT")) or answer.line(notice.get("designacaoEN"))
    if not title:
        yield answer.problem(page, source, "missing-title", "The notice has no designation: look at its page.", code)
        return
    deadlines, fault = _deadlines(calendar, source)
    if fault:
        yield answer.problem(page, source, "bad-date", f"The end {fault[:40]!r} cannot be read: the call is kept without it.", code)
    lines = [answer.obj(line) for line in answer.rows(entry.get("estrutura"))]
    told = [answer.line(line.get(key)) for key in TOLD for line in lines]
    yield Notice(
        source=source.name,
        source_id=code,
        kind="call",
        url=f"https://portugal2030.pt/avisos/?aviso={code}",
        title=title,
        summary=answer.short("; ".join(dict.fromkeys(filter(None, told)))),
        text="\n".join(dict.fromkeys(filter(None, (title, answer.line(notice.get("designacaoEN")), *told)))),
        language="pt",
        published=instant_of(answer.text(calendar.get("dataPublicacao")), source.timezone),
        updated=instant_of(answer.text(notice.get("dataUltimaAlteracao")), source.timezone),
        opens=moment_of(answer.text(calendar.get("dataInicio")), source.timezone),
        deadlines=deadlines,
        organiser="; ".join(dict.fromkeys(answer.line(line.get("programaOperacionalDesignacao")) for line in lines)),
        programme="; ".join(dict.fromkeys(answer.line(line.get("programaOperacionalDesignacao")) for line in lines)),
        amounts=tuple(_budget(lines)),
        hard_ids=(f"pt2030:{code.lower()}",),
        codes=tuple(_codes(lines, notice)),
        documents=tuple(_documents(entry)),
        raw=answer.kept(
            codigoAviso=code,
            dataPublicacao=calendar.get("dataPublicacao"),
            dataInicio=calendar.get("dataInicio"),
            dataFim=calendar.get("dataFim"),
            dataFimAtual=calendar.get("dataFimAtual"),
        ),
    )


def _next(count: int, page: Page, source: Source) -> Iterator[Follow]:
    """The following page while pages are full: the form is sent again with its ``page`` number, the only parameter that pages."""
    if source.paging.size and count >= source.paging.size:
        number = position(page, source) + 1
        headers = {**source.ask.headers, "x-asked-position": str(number)}
        yield Follow(url=page.url, method="POST", body=f"{source.ask.body}&page={number}".encode(), headers=headers)


TOLD = (
    "objetivoEspecificoDesignacao",
    "tipologiaAcaoDesignacao",
    "tipologiaIntervencaoDesignacao",
    "tipologiaOperacaoDesignacao",
    "prioridadeDesignacao",
    "objetivoEstrategicoDesignacao",
)


def _deadlines(calendar: answer.Object, source: Source) -> tuple[tuple[Deadline, ...], str]:
    first, current = answer.text(calendar.get("dataFim")), answer.text(calendar.get("dataFimAtual"))
    written = current or first
    if not written:
        return (), ""
    at = stamp(written)
    if at is None:
        return (), written
    flags = ("extended",) if current and first and current > first else ()
    return (until(at.local, source.timezone, precision="minute" if at.has_time else "day", flags=flags, quote=written),), ""


def _budget(lines: list[answer.Object]) -> Iterator[Amount]:
    parts = [part for part in (answer.number(line.get("dotacao")) for line in lines) if part]
    if parts:
        yield Amount(value=round(sum(parts), 2), currency="EUR", quote=f"dotação: {' + '.join(f'{part:.2f}' for part in parts)}")


def _codes(lines: list[answer.Object], notice: answer.Object) -> Iterator[Code]:
    seen = set()
    for scheme, number, label in (
        ("programme", "programaOperacionalId", "programaOperacionalDesignacao"),
        ("programme", "fundoId", "fundoDesignacao"),
        ("sector", "tipologiaIntervencaoId", "tipologiaIntervencaoDesignacao"),
        ("type", "tipologiaAcaoId", "tipologiaAcaoDesignacao"),
    ):
        for line in lines:
            code = Code(scheme=scheme, value=answer.text(line.get(number)), label=answer.line(line.get(label)))
            if code.value and code not in seen:
                seen.add(code)
                yield code
    yield Code(scheme="country", value="PT", role="eligible")
    kind = answer.line(notice.get("classificacaoAvisoDesignacao"))
    if kind:
        yield Code(scheme="type", value=kind)


def _documents(entry: answer.Object) -> Iterator[Document]:
    for document in answer.rows(entry.get("documentos")):
        path = answer.text(answer.obj(document).get("path"))
        url = absolute(path, UPLOADS)
        if url:
            yield Document(url=url, title=answer.line(answer.obj(document).get("documentoDesignacao")))
