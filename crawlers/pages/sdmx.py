"""Statistics in SDMX: ML 2.0 and 2.1 (generic, structure-specific, flat or by series), JSON 1 and 2, CSV.

Central banks and statistics offices answer so (ECB, OECD, INSEE, ISTAT, IMF). Each data set becomes one notice of kind study whose
figures stand in ``raw["figures"]`` as JSON, as ``jsonstat`` gives them: ``[{"<dimension>": "<code>", …, "value": number}]``; the
message's structures hold no figures and are a Problem. Attributes of observations are left out.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlsplit

from crawlers.decoding import text_of_page
from crawlers.pages import _answer as answer
from crawlers.pages._codes import country_code
from crawlers.pages._times import instant_of
from crawlers.pages._xml import Element, every, name, read_xml, value, words
from crawlers.source import Source
from store.model import Code, Follow, Notice, Page, Problem

MOST_FIGURES = 2_000
TIMES = frozenset({"TIME_PERIOD", "TIME", "PERIOD", "YEAR"})
PLACES = frozenset({"REF_AREA", "GEO", "COUNTRY", "LOCATION", "COUNTERPART_AREA", "REPORTER", "PARTNER", "COU"})
# Attributes that stand among the dimensions of structure-specific messages and say nothing of what is measured.
ATTRIBUTES = (
    "OBS_",
    "CONF_",
    "DECIMALS",
    "UNIT_MULT",
    "TIME_FORMAT",
    "COLLECTION",
    "TITLE",
    "EMBARGO",
    "PRE_BREAK",
    "IDBANK",
    "LAST_UPDATE",
)
SHAPING = frozenset(
    {"format", "lang", "startperiod", "endperiod", "detail", "firstnobservations", "lastnobservations", "updatedafter"}
)


@dataclass(slots=True)
class Found:
    """One data set: its ``figures``, the structure's own name and id, labels of codes by dimension."""

    figures: list[dict[str, object]] = field(default_factory=list)
    id: str = ""
    title: str = ""
    labels: dict[str, dict[str, str]] = field(default_factory=dict)
    prepared: str = ""
    sender: str = ""


def parse(page: Page, source: Source) -> Iterator[Notice | Problem | Follow]:
    """Notices of kind study; problems ``no-figures``, ``cut``, ``error-answer``, ``missing-rows`` and those of broken XML or JSON."""
    start = page.body.lstrip(b"\xef\xbb\xbf\xff\xfe \r\n\t")[:1]
    if start == b"<":
        root, faults = read_xml(page, source)
        yield from faults
        if root is None:
            return
        if said := "; ".join(words(one) for one in every(root, "Footer/Message"))[:300]:
            yield answer.problem(page, source, "error-answer", f"The message says: {said}")
            return
        sets = list(_of_xml(root))
    elif start in {b"{", b"["}:
        sets = []
        for one in answer.answers(page, source):
            if isinstance(one, Problem):
                yield one
                return
            sets += _of_json(answer.obj(one))
    else:
        sets = list(_of_csv(text_of_page(page)))
    if not sets:
        yield answer.problem(page, source, "missing-rows", "The message holds no data set: it tells structures, or it is no SDMX.")
    for number, found in enumerate(sets):
        yield from _notice(found, number if len(sets) > 1 else 0, page, source)


def _notice(found: Found, number: int, page: Page, source: Source) -> Iterator[Notice | Problem]:
    source_id = _identity(found, number, page)
    if not found.figures:
        yield answer.problem(page, source, "no-figures", "The data set holds no value: the query may be too narrow.", source_id)
        return
    figures = found.figures
    if len(figures) > MOST_FIGURES:
        detail = f"{len(figures)} figures are in the data set; the last {MOST_FIGURES} are kept. Narrow the query."
        yield answer.problem(page, source, "cut", detail, source_id)
        figures = figures[-MOST_FIGURES:]
    times = sorted({str(one[key]) for one in figures for key in one if key.upper() in TIMES})
    span = f"{times[0]} to {times[-1]}" if times else ""
    places = {str(one[key]): key for one in figures for key in one if key.upper() in PLACES}
    title = found.title or source.title
    yield Notice(
        source=source.name,
        source_id=source_id,
        kind="study",
        url=page.url,
        title=title,
        summary=" · ".join(filter(None, (found.sender, span, f"{len(figures)} figures"))),
        text=title,
        language=source.languages[0],
        updated=instant_of(found.prepared, source.timezone),
        organiser=found.sender or source.publisher,
        codes=tuple(
            Code(scheme="country", value=country_code(code), label=found.labels.get(key, {}).get(code, ""), role="target")
            for code, key in places.items()
            if country_code(code)
        )[:60],
        raw={
            "figures": json.dumps(figures, ensure_ascii=False),
            "labels": json.dumps({key: given for key, given in found.labels.items() if given}, ensure_ascii=False),
            **answer.kept(updated=found.prepared),
        },
    )


def _identity(found: Found, number: int, page: Page) -> str:
    """The address without what only shapes the answer, and the data set's number where there are several."""
    parts = urlsplit(page.url)
    query = "&".join(f"{key}={given}" for key, given in sorted(parse_qsl(parts.query)) if key.casefold() not in SHAPING)
    return "#".join(filter(None, ("?".join(filter(None, (f"{parts.netloc}{parts.path}", query))), found.id, str(number or ""))))


def _of_xml(root: Element) -> Iterator[Found]:
    prepared, sender = value(root, "Header/Prepared"), value(root, "Header/Sender/Name")
    structures = [str(one.get("id")) for one in root.iter() if name(one) in {"Ref", "KeyFamilyRef"} and one.get("id")]
    for data in every(root, "DataSet"):
        found = Found(id=structures[0] if structures else value(data, "KeyFamilyRef"), prepared=prepared, sender=sender)
        for series in every(data, "Series"):
            key = _key(series, "SeriesKey")
            for observed in every(series, "Obs"):
                _observe(found, key | _key(observed, ""), observed)
        for observed in every(data, "Obs"):
            _observe(found, _key(observed, "ObsKey"), observed)
        yield found


def _key(node: Element, below: str) -> dict[str, object]:
    """Dimension -> code: generic messages name them in elements, structure-specific ones in attributes."""
    key: dict[str, object] = {}
    for one in every(node, f"{below}/Value") if below else ():
        key[str(one.get("id") or one.get("concept") or "")] = str(one.get("value") or "")
    for one in (*every(node, "ObsDimension"), *every(node, "Time")):
        key[str(one.get("id") or "TIME_PERIOD")] = str(one.get("value") or words(one))
    for attribute, given in node.attrib.items():
        if "}" not in str(attribute) and not str(attribute).upper().startswith(ATTRIBUTES):
            key[str(attribute)] = str(given)
    return key


def _observe(found: Found, key: dict[str, object], observed: Element) -> None:
    generic = every(observed, "ObsValue")
    number = answer.number(str(generic[0].get("value") if generic else observed.get("OBS_VALUE") or ""))
    if number is not None:
        found.figures.append({**key, "value": number})


def _of_json(message: answer.Object) -> list[Found]:
    """Data sets of SDMX-JSON 1 (members at the top) and 2 (below ``data``, structures in a list)."""
    data = answer.obj(message.get("data")) or message
    header = answer.obj(message.get("meta")) or answer.obj(message.get("header"))
    sets = []
    for one in answer.rows(data.get("dataSets")):
        given = answer.obj(one)
        index = answer.number(given.get("structure")) or 0
        structures = answer.rows(data.get("structures") or data.get("structure") or message.get("structure"))
        structure = answer.obj(structures[int(index)]) if int(index) < len(structures) else answer.NOTHING
        found = Found(
            title=answer.line(structure.get("name")),
            prepared=answer.text(header.get("prepared")),
            sender=answer.line(answer.dig(header, "sender", "name")),
        )
        dimensions = answer.obj(structure.get("dimensions"))
        fixed = {key: next(iter(codes), "") for key, codes in _dimensions(dimensions.get("dataSet"), found)}
        outer, inner = list(_dimensions(dimensions.get("series"), found)), list(_dimensions(dimensions.get("observation"), found))
        for key, series in answer.obj(given.get("series")).items():
            _observations(found, fixed | _coded(key, outer), answer.obj(series).get("observations"), inner)
        _observations(found, dict(fixed), given.get("observations"), inner)
        sets.append(found)
    return sets


def _dimensions(given: object, found: Found) -> Iterator[tuple[str, list[str]]]:
    for one in answer.rows(given):
        key = answer.text(answer.obj(one).get("id"))
        values = [answer.obj(each) for each in answer.rows(answer.obj(one).get("values"))]
        codes = [answer.text(each.get("id")) or answer.text(each.get("value")) for each in values]
        found.labels[key] = {
            code: answer.line(each.get("name")) for code, each in zip(codes, values, strict=True) if each.get("name")
        }
        yield key, codes


def _coded(key: str, dimensions: list[tuple[str, list[str]]]) -> dict[str, object]:
    coded: dict[str, object] = {}
    for part, (dimension, codes) in zip(str(key).split(":"), dimensions, strict=False):
        if part.isdecimal() and int(part) < len(codes):
            coded[dimension] = codes[int(part)]
    return coded


def _observations(found: Found, key: Mapping[str, object], given: object, dimensions: list[tuple[str, list[str]]]) -> None:
    for position, values in answer.obj(given).items():
        number = answer.number(values[0]) if isinstance(values, list) and values else None
        if number is not None:
            found.figures.append({**key, **_coded(position, dimensions), "value": number})


def _of_csv(text: str) -> Iterator[Found]:
    """SDMX-CSV 1 and 2: the columns between what names the structure and ``OBS_VALUE`` are the dimensions."""
    first = text.partition("\n")[0]
    reader = csv.reader(io.StringIO(text, newline=None), delimiter=";" if first.count(";") > first.count(",") else ",")
    head = [column.partition(":")[0].strip() for column in next(reader, [])]
    if "OBS_VALUE" not in head:
        return
    at = head.index("OBS_VALUE")
    own = [
        n
        for n, column in enumerate(head[:at])
        if column.partition("[")[0] not in {"DATAFLOW", "STRUCTURE", "STRUCTURE_ID", "ACTION"}
    ]
    found = Found()
    for row in reader:
        number = answer.number(row[at]) if len(row) > at else None
        if number is not None:
            found.figures.append({**{head[n]: row[n].partition(":")[0].strip() for n in own}, "value": number})
    yield found
