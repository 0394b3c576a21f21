"""The Spanish national system of subsidies (BDNS), ``https://www.infosubvenciones.es/bdnstrans/api/convocatorias``.

A list (``…/busqueda``: Spring page with ``content`` and ``last``) leads to details (``?numConv=<n>``): codigoBDNS, organo{nivel1..3},
descripcion, presupuestoTotal, regiones ("ES53 - ILLES BALEARS"), sectores (CNAE), fechaInicioSolicitud, fechaFinSolicitud, and the
prose textInicio/textFin, which often says "30 días naturales desde la publicación". ``abierto`` is stale on old rows.
"""

from __future__ import annotations

from collections.abc import Iterator

from crawlers.formats.paging import next_page
from crawlers.links import absolute
from crawlers.pages import _answer as answer
from crawlers.pages._times import instant_of, moment_of, stamp, until
from crawlers.source import Source
from store.model import Amount, Code, Deadline, Document, Follow, Notice, Page, Problem

API = "https://www.infosubvenciones.es/bdnstrans/api/convocatorias"
DIRECT = "concesión directa - instrumental"


def parse(page: Page, source: Source) -> Iterator[Notice | Problem | Follow]:
    """Of a list, a Follow a call; of a detail, one notice of kind call. Problems ``missing-rows``, ``missing-title``, ``bad-date``,
    ``relative-deadline`` (only prose says when it ends).
    """
    for found in answer.answers(page, source):
        if isinstance(found, Problem):
            yield found
            continue
        given = answer.obj(found)
        if isinstance(given.get("content"), list):
            for row in answer.rows(given.get("content")):
                number = answer.text(answer.obj(row).get("numeroConvocatoria")) or answer.text(answer.obj(row).get("codigoBDNS"))
                if number:
                    yield Follow(url=f"{API}?numConv={number}", role="detail")
                else:
                    yield answer.problem(page, source, "missing-id", "A row without 'numeroConvocatoria' was left out.")
            yield from next_page(found, len(answer.rows(given.get("content"))), page, source)
            continue
        details = answer.rows(found) if isinstance(found, list) else (given,)
        for detail in details:
            yield from _call(answer.obj(detail), page, source)


def _call(call: answer.Object, page: Page, source: Source) -> Iterator[Notice | Problem]:
    number = answer.text(call.get("codigoBDNS"))
    if not number:
        yield answer.problem(page, source, "missing-rows", "There is no 'codigoBDNS': compare the answer with the last good one.")
        return
    title = answer.line(call.get("descripcion")) or answer.line(call.get("descripcionLeng"))
    if not title:
        yield answer.problem(page, source, "missing-title", "The call has no description: look at its page.", number)
        return
    prose = answer.line(call.get("textFin"))
    deadlines, fault = _deadlines(call, source)
    if fault:
        yield answer.problem(
            page, source, "bad-date", f"fechaFinSolicitud {fault[:40]!r} cannot be read: the call is kept without it.", number
        )
    elif not deadlines and prose:
        yield answer.problem(
            page, source, "relative-deadline", f"The end is only told in prose ({prose[:160]}): set it by hand.", number
        )
    levels = [answer.line(answer.dig(call, "organo", f"nivel{level}")) for level in (1, 2, 3)]
    beneficiaries = [answer.line(answer.obj(row).get("descripcion")) for row in answer.rows(call.get("tiposBeneficiarios"))]
    kind = answer.line(call.get("tipoConvocatoria"))
    opens = moment_of(answer.text(call.get("fechaInicioSolicitud")), source.timezone)
    begun = opens is None or opens.utc <= page.fetched_at
    direct = kind.casefold() == DIRECT
    yield Notice(
        source=source.name,
        source_id=number,
        kind="call",
        url=f"https://www.infosubvenciones.es/bdnstrans/GE/es/convocatorias/{number}",
        title=title,
        summary=answer.short(". ".join(filter(None, (answer.line(call.get("descripcionFinalidad")), *beneficiaries)))),
        text=answer.body(
            call.get("descripcion"),
            call.get("descripcionLeng"),
            call.get("descripcionFinalidad"),
            call.get("descripcionBasesReguladoras"),
            prose,
        ),
        language="es",
        published=instant_of(answer.text(call.get("fechaRecepcion")), source.timezone),
        opens=opens,
        deadlines=deadlines,
        organiser=levels[2] or levels[1],
        programme=answer.line(call.get("descripcionFinalidad")),
        eligibility="; ".join(filter(None, beneficiaries)),
        amounts=tuple(_budget(call)),
        # An instrumental direct award has its receiver already: nobody else can apply.
        status_word="direct award" if direct else ("abierto" if call.get("abierto") is True else "cerrado"),
        over=direct or (call.get("abierto") is False and begun),
        hard_ids=(f"bdns:{number}",),
        codes=tuple(_codes(call)),
        documents=tuple(_documents(call)),
        raw=answer.kept(
            fechaInicioSolicitud=call.get("fechaInicioSolicitud"),
            fechaFinSolicitud=call.get("fechaFinSolicitud"),
            textInicio=call.get("textInicio"),
            textFin=prose,
            tipoConvocatoria=kind,
            abierto=call.get("abierto"),
            organo="; ".join(filter(None, levels)),
        ),
    )


def _deadlines(call: answer.Object, source: Source) -> tuple[tuple[Deadline, ...], str]:
    written = answer.text(call.get("fechaFinSolicitud"))
    if not written:
        return (), ""
    at = stamp(written)
    return ((until(at.local, source.timezone, quote=written),), "") if at else ((), written)


def _budget(call: answer.Object) -> Iterator[Amount]:
    total = answer.number(call.get("presupuestoTotal"))
    if total:
        yield Amount(value=total, currency="EUR", quote=f"presupuestoTotal {answer.text(call.get('presupuestoTotal'))}")


def _codes(call: answer.Object) -> Iterator[Code]:
    yield Code(scheme="country", value="ES", role="eligible")
    for region in answer.rows(call.get("regiones")):
        code, _, label = answer.line(answer.obj(region).get("descripcion")).partition(" - ")
        if code:
            yield Code(scheme="nuts", value=code, label=label, role="eligible")
    for sector in answer.rows(call.get("sectores")):
        code = answer.text(answer.obj(sector).get("codigo"))
        if code:  # CNAE is the Spanish edition of NACE, with the same divisions
            yield Code(scheme="nace", value=code, label=answer.line(answer.obj(sector).get("descripcion")))
    for instrument in answer.rows(call.get("instrumentos")):
        yield Code(scheme="type", value=answer.line(answer.obj(instrument).get("descripcion")))
    for fund in answer.rows(call.get("fondos")):
        yield Code(scheme="programme", value=answer.line(answer.obj(fund).get("descripcion")))


def _documents(call: answer.Object) -> Iterator[Document]:
    for url, title in ((call.get("urlBasesReguladoras"), "Bases reguladoras"), (call.get("sedeElectronica"), "Sede electrónica")):
        found = absolute(answer.text(url))
        if found:
            yield Document(url=found, title=title)
    for document in answer.rows(call.get("documentos")):
        number = answer.text(answer.obj(document).get("id"))
        if number:
            yield Document(url=f"{API}/documentos?idDocumento={number}", title=answer.line(answer.obj(document).get("descripcion")))
