"""A declaration for a JSON answer that nobody declared: where its list lies, and which members stand for which field.

Names are compared without case and signs, in the languages of European publishers; a member is taken only when its values fit: an
address that resolves, a date that reads, an identity that differs from row to row.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from crawlers.clean import clean_line
from crawlers.dates import read_field
from crawlers.formats.pointers import escaped, pointed, texts
from crawlers.links import absolute
from crawlers.source import Source
from store.model import Kind

DEEPEST, MOST_LISTS, SAMPLE = 5, 400, 60
# Members that only wrap a value: WordPress' title.rendered, Google's start.dateTime, labels of coded values.
WRAPPERS = frozenset(
    ["rendered", "value", "text", "label", "name", "datetime", "date", "en", "eng", "plain", "content", "display", "url"]
)
NAMES: Mapping[str, str] = MappingProxyType(
    {
        "id": (
            "id uid uuid guid identifier objectid noticeid eventid callid meetingid calendarid publicationnumber noticenumber "
            "referencenumber reference ref number code key slug idweb ocid numconv kennung referencia"
        ),
        "title": (
            "title name headline eventname eventtitle noticetitle calltitle objet titre titulo titel titolo tytul nazwa nom nombre "
            "nome bezeichnung descricaotitulo subject displaytitle fulltitle label bodyname body summary caption biddescription"
        ),
        "url": (
            "url link href permalink htmllink htmlurl weburl detailurl detailsurl pageurl externalurl contenturl noticeurl eventurl "
            "canonicalurl urlavis uri lien enlace ligacao website web homepage registrationurl source"
        ),
        "starts": (
            "start startdate startdatetime starttime startsat begin begindate begindatetime datestart eventstart eventdate "
            "eventstartdate meetingdate datefrom from datedebut debut fechainicio datainicio datainizio beginn startdatum date datum"
        ),
        "ends": (
            "end enddate enddatetime endtime endsat dateend eventend eventenddate dateto to until datefin fin fechafin datafim "
            "datafine ende enddatum"
        ),
        "deadline": (
            "deadline deadlinedate deadlinedates closingdate closedate closing closes duedate due submissiondeadline "
            "submissiondeadlinedate applicationdeadline datecloture datelimite datelimitereponse fechacierre fechafinsolicitud "
            "datafimatual dataencerramento scadenza frist bewerbungsfrist einreichfrist abgabefrist termin tenderdeadline "
            "submittingoffersdate responsedeadline expirydate expires validuntil enddate end datefin datafim fechafin"
        ),
        "opens": "opendate openingdate opens plannedopeningdate dateouverture fechaapertura dataabertura startdate datainicio",
        "published": (
            "published publishedat publisheddate publicationdate datepublished pubdate publishdate releasedate posted postedat "
            "noticedate dateparution datepublication fechapublicacion datapublicacao veroffentlicht created createdat datecreated "
            "opendate date datum"
        ),
        "updated": "updated updatedat modified modifiedat lastmodified datemodified lastupdate changed modifiedgmt",
        "summary": (
            "description summary abstract excerpt teaser shortdescription intro resume descripcion descricao beschreibung "
            "kurzbeschreibung descrizione opis chapo content text details"
        ),
        "venue": "location venue place meetinglocation eventlocation lieu lugar ort luogo miejsce address adresse room",
        "city": "city town locality ville ciudad cidade stadt citta miasto addresslocality",
        "country": "country countrycode countryname pays pais land paese kraj addresscountry",
        "organiser": (
            "organizer organiser organisation organization agency buyer buyername publisher nomacheteur contractingauthority author "
            "agencyname institution organismo porteur"
        ),
        "status": "status eventstatus state statut estado stato",
        "keyword": "keywords tags categories themes topics category topic industry industries sector sectors",
    }
)
# The names as lists, split once.
_ORDERED: Mapping[str, tuple[str, ...]] = MappingProxyType({field: tuple(names.split()) for field, names in NAMES.items()})
MUST = frozenset({"id", "title", "url"})
DATES = frozenset({"starts", "ends", "deadline", "opens", "published", "updated"})
# Names that end so are taken when none stands in the lists above.
ENDINGS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "id": ("id", "number", "reference", "nummer", "numero"),
        "title": ("title", "titre", "titulo", "titel", "titolo", "subject", "object", "designacao", "designacaopt", "bezeichnung"),
        "url": ("url", "link", "href", "permalink"),
        "starts": ("startdate", "startdatetime", "starttime"),
        "ends": ("enddate", "enddatetime"),
        "deadline": ("deadline", "deadlinedate", "closingdate", "closedate"),
        "published": ("publicationdate", "publisheddate", "datepublished"),
        "summary": ("description", "summary", "abstract"),
        "organiser": ("organizationname", "agencyname", "buyername", "publishername"),
        "city": ("city",),
        "country": ("country",),
    }
)
FAR = 1_000
TITLES = ("title", "titre", "titulo", "titel", "titolo")  # titleEn, titelEngelska
# Members that hold the time of day beside a date.
CLOCKS = MappingProxyType(
    {
        "starts": frozenset(["time", "starttime", "meetingtime", "eventtime", "hora", "heure", "uhrzeit", "horainicio"]),
        "deadline": frozenset(["deadlinetime", "submissiondeadlinetime", "closingtime", "duetime"]),
    }
)
_CLOCK = re.compile(r"\d{1,2}(?:[:.h]\d{2}){0,2}\s*(?:[ap]\.?m\.?|uhr|h)?", re.IGNORECASE)
BY_KIND = MappingProxyType(
    {
        "call": ("deadline", "opens", "published", "updated"),
        "tender": ("deadline", "published", "updated"),
        "fair": ("starts", "ends", "updated"),
        "event": ("starts", "ends", "updated"),
        "news": ("published", "updated"),
        "study": ("published", "updated"),
    }
)


@dataclass(frozen=True, kw_only=True, slots=True)
class JsonList:
    """``rows`` points at the list, ``fields`` at members of its entries; ``count`` entries."""

    rows: str
    fields: Mapping[str, str]
    count: int


def kind_of(document: Any, source: Source, base: str) -> Kind:
    """What a JSON list seems to hold by its members: events have a beginning and a place, calls a deadline; else news."""
    for kind in ("event", "call"):
        for one in json_lists(document, replace(source, kind=kind), base)[:1]:
            if kind == "event" and "starts" in one.fields and {"venue", "city", "ends"} & set(one.fields):
                return "event"
            if kind == "call" and {"deadline", "opens"} <= set(one.fields):
                return "call"
    return "news"


def json_lists(document: Any, source: Source, base: str) -> list[JsonList]:
    """The lists of a JSON answer that can be read as notices, best first: those whose entries have a title and an identity or an
    address. Dates are read as ``source`` would.
    """
    found = []
    for pointer, rows in _lists(document):
        fields = _mapped(rows[:SAMPLE], source, base)
        if "title" in fields and ("id" in fields or "url" in fields):
            found.append(JsonList(rows=pointer, fields=MappingProxyType(fields), count=len(rows)))
    return sorted(found, key=lambda one: -(one.count**0.5) * len(one.fields) * 0.5 ** one.rows.count("*"))


def _lists(document: Any) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Lists of objects by their pointers; an object whose members are all objects is a list too."""
    stack: list[tuple[str, Any, int]] = [("", document, 0)]
    seen = 0
    while stack and seen < MOST_LISTS:
        pointer, node, depth = stack.pop()
        seen += 1
        if isinstance(node, list):
            rows = [one for one in node if isinstance(one, dict)]
            if rows and len(rows) >= 0.8 * len(node):
                yield pointer, rows
                if depth < DEEPEST:
                    stack.append((f"{pointer}/{'0' if len(node) == 1 else '*'}", rows[0], depth + 1))
            continue
        if not isinstance(node, dict) or depth >= DEEPEST:
            continue
        rows = [one for one in node.values() if isinstance(one, dict)]
        if pointer and len(rows) >= 3 and len(rows) == len(node) and len({frozenset(row) for row in rows[:5]}) <= 2:
            yield pointer, rows
        stack.extend(
            (f"{pointer}/{key.replace('~', '~0').replace('/', '~1')}", value, depth + 1)
            for key, value in node.items()
            if isinstance(value, dict | list) and " " not in key
        )


def _mapped(rows: Sequence[dict[str, Any]], source: Source, base: str) -> dict[str, str]:
    """Field -> pointer for the entries of one list."""
    leaves = _leaves(rows)
    values = {pointer: [(texts(pointed(row, pointer)) or [""])[0] for row in rows] for pointer in leaves}
    taken: dict[str, str] = {}
    wanted = ["id", "title", "url", *BY_KIND[source.kind], "summary", "venue", "city", "country", "organiser", "status", "keyword"]
    for field in wanted:
        ranked = sorted(
            (rank, len(pointer), pointer)
            for pointer, names in leaves.items()
            if pointer not in taken.values() and (rank := _rank(field, names)) is not None
        )
        fitting = [pointer for _, _, pointer in ranked if _fits(field, values[pointer], source, base)]
        if fitting:
            taken[field] = _filled_up(fitting, values)
        elif field in MUST and (together := _together([pointer for _, _, pointer in ranked], field, values, source, base)):
            taken[field] = together
    if "title" not in taken and "summary" in taken and _fits("title", values[taken["summary"].split()[0]], source, base):
        taken["title"] = taken["summary"]
    for field, name in (("starts", "starts"), ("deadline", "deadline_time")):
        clock = next((p for p, names in leaves.items() if set(names) & CLOCKS[field] and _clocks(values[p])), "")
        if field in taken and clock and clock not in taken[field].split():
            taken[name] = f"{taken[field].split()[0]} {clock}" if name == field else clock
    return taken


def _together(pointers: list[str], field: str, values: Mapping[str, list[str]], source: Source, base: str) -> str:
    """Pointers that give what every entry must have only together (a title in one language or the other); "" when they do not."""
    chosen: list[str] = []
    whole: list[str] = []
    for pointer in pointers:
        given = [value for value in values[pointer] if value.strip()]
        if len(given) >= 0.3 * len(values[pointer]) and _fits(field, given, source, base):
            chosen.append(pointer)
            whole = [first or then for first, then in zip(whole or [""] * len(values[pointer]), values[pointer], strict=True)]
            if len(chosen) > 1 and _fits(field, whole, source, base):
                return " ".join(chosen)
    return ""


def _clocks(values: list[str]) -> bool:
    """Whether most of the values are times of day and nothing else."""
    given = [value.strip() for value in values if value.strip()]
    return bool(given) and sum(bool(_CLOCK.fullmatch(value)) for value in given) >= 0.8 * len(given)


def _leaves(rows: Sequence[dict[str, Any]]) -> dict[str, tuple[str, ...]]:
    """Pointers to plain members, at most three deep, with the names that each may be known by."""
    found: dict[str, tuple[str, ...]] = {}
    for row in rows[:20]:
        stack: list[tuple[str, Any, tuple[str, ...]]] = [("", row, ())]
        while stack:
            pointer, node, path = stack.pop()
            for key, value in node.items():
                below = f"{pointer}/{escaped(key)}"
                steps = (*path, _plain(key))
                if isinstance(value, dict) and len(steps) < 3:
                    stack.append((below, value, steps))
                elif isinstance(value, str | int | float) or (isinstance(value, list) and value and isinstance(value[0], str)):
                    found.setdefault(below, _known_by(steps))
    return found


def _known_by(steps: tuple[str, ...]) -> tuple[str, ...]:
    last = steps[-1]
    if len(steps) == 1:
        return (last,)
    parent = steps[-2]
    return ("".join(steps[-2:]), parent, last) if last in WRAPPERS else ("".join(steps[-2:]), last)


def _plain(key: str) -> str:
    return "".join(char for char in key.lower() if char.isalnum())


def _rank(field: str, names: tuple[str, ...]) -> int | None:
    ranks = [_ORDERED[field].index(name) for name in names if name in _ORDERED[field]]
    ranks += [FAR for name in names if name.endswith(ENDINGS.get(field, ()))] if field in ENDINGS else []
    ranks += [FAR + 1 for name in names if field == "title" and name.startswith(TITLES)]
    return min(ranks, default=None)


def _filled_up(fitting: list[str], values: Mapping[str, list[str]]) -> str:
    """The best pointer, and a second where it fills what the first leaves empty."""
    best = fitting[0]
    empty = [number for number, value in enumerate(values[best]) if not value]
    for other in fitting[1:]:
        if empty and all(values[other][number] for number in empty):
            return f"{best} {other}"
    return best


def _fits(field: str, values: list[str], source: Source, base: str) -> bool:
    given = [value for value in values if value.strip()]
    least = 0.3 if field in DATES else 0.9 if field in MUST else 0.2
    if not given or len(given) < least * len(values):
        return False
    check: Callable[[str], bool] | None = None
    if field in DATES:
        check = lambda value: 4 <= len(value) <= 60 and any(c.isdigit() for c in value) and read_field(value, source) is not None  # noqa: E731
    elif field == "url":
        check = lambda value: value.startswith(("http://", "https://", "/")) and bool(absolute(value, base))  # noqa: E731
    elif field == "title":
        check = lambda value: 3 <= len(clean_line(value)) <= 400 and any(c.isalpha() for c in value) and "://" not in value[:9]  # noqa: E731
    if field in {"id", "url"} and len(set(given)) < 0.9 * len(given):
        return False
    return check is None or sum(map(check, given)) >= 0.8 * len(given)
