"""schema.org Events in JSON-LD (in a page's script elements, or a JSON document by itself), microdata and RDFa. ``options.type`` names
another type.

Identity: @id, identifier, url; a page's only event is known by the page's own address, one of several by its offer's. Invalid JSON
is repaired where the repair is sure (``jsonld_text``), else it is a Problem. Parts of an event without an identity of their own are
no notices: the whole is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from crawlers.clean import clean_line
from crawlers.decoding import html_of, json_of, looks_like_html
from crawlers.errors import ParseError
from crawlers.fields import notice_from
from crawlers.formats import microdata, rdfa
from crawlers.formats.jsonld_text import repaired, scripts
from crawlers.formats.pointers import pointed, texts
from crawlers.links import absolute, canonical
from crawlers.places import read_place
from crawlers.source import Source
from store.model import Follow, Notice, Page, Problem

MOST_NODES, DEEPEST = 20_000, 60
PARTS = ("subEvent", "subEvents", "superEvent")
EVENTS = frozenset(
    [
        "Event",
        "BusinessEvent",
        "ChildrensEvent",
        "ComedyEvent",
        "CourseInstance",
        "DanceEvent",
        "DeliveryEvent",
        "EducationEvent",
        "EventSeries",
        "ExhibitionEvent",
        "Festival",
        "FoodEvent",
        "Hackathon",
        "LiteraryEvent",
        "MusicEvent",
        "PublicationEvent",
        "SaleEvent",
        "ScreeningEvent",
        "SocialEvent",
        "SportsEvent",
        "TheaterEvent",
        "VisualArtsEvent",
        "ConferenceEvent",
        "BroadcastEvent",
        "OnDemandEvent",
    ]
)


def parse(page: Page, source: Source) -> Iterator[Notice | Problem | Follow]:
    """A notice an Event node; Problems for scripts that are not JSON and for pages without any."""
    wanted = frozenset(source.options["type"].split()) if "type" in source.options else EVENTS
    try:
        documents, broken = _documents(page)
    except ParseError as error:
        yield Problem(source=source.name, url=page.url, cause=error.cause, detail=error.detail)
        return
    for detail in broken:
        yield Problem(source=source.name, url=page.url, cause="bad-json-ld", detail=detail)
    nodes = [node for document in documents for node in walk(document)]
    by_id = {node["@id"]: node for node in nodes if isinstance(node.get("@id"), str) and len(node) > 1}
    seen: set[str] = set()
    found = 0
    parts = {id(one) for node in nodes for name in PARTS for one in _several(node.get(name)) if isinstance(one, dict)}
    events = [node for node in nodes if types(node) & wanted]
    whole = [node for node in events if id(node) not in parts]
    offers = Counter(_offer(node, page) for node in whole)
    for node in events:
        found += 1
        identity = identify(node, page)
        if not identity and node in whole:
            offer = _offer(node, page)
            identity = canonical(page.url) if len(whole) == 1 else offer if offers[offer] == 1 else ""
        if not identity and id(node) in parts:
            continue
        if identity and identity in seen:
            continue
        seen.add(identity)
        yield from _notice(node, identity, by_id, page, source)
    if not found:
        kinds = ", ".join(sorted({kind for node in nodes for kind in types(node)})[:12]) or "there is neither"
        detail = f"no {'/'.join(sorted(wanted)[:3])} in the page's JSON-LD or microdata ({kinds})"
        yield Problem(source=source.name, url=page.url, cause="no-events", detail=detail)


def _documents(page: Page) -> tuple[list[Any], list[str]]:
    """All JSON-LD documents of the page, and what is wrong with those that cannot be read."""
    if not looks_like_html(page.body) and page.body.lstrip(b"\xef\xbb\xbf \r\n\t")[:1] in {b"{", b"["}:
        return [json_of(page)], []
    documents: list[Any] = []
    broken: list[str] = []
    root = html_of(page)
    for number, script in enumerate(scripts(root)):
        try:
            documents.append(repaired(script))
        except (ValueError, RecursionError) as error:
            broken.append(f"script {number + 1} is not JSON: {error}"[:300])
    return [*documents, *microdata.items(root.root), *rdfa.items(root.root)], broken


def walk(document: Any) -> Iterator[dict[str, Any]]:
    """All objects of a JSON-LD document in document order, at most 20,000, not deeper than 60."""
    stack: list[tuple[Any, int]] = [(document, 0)]
    count = 0
    while stack and count < MOST_NODES:
        node, depth = stack.pop()
        if depth > DEEPEST:
            continue
        if isinstance(node, dict):
            count += 1
            yield node
        if isinstance(node, dict | list):
            members = list(node.values()) if isinstance(node, dict) else node
            stack.extend((member, depth + 1) for member in reversed(members) if isinstance(member, dict | list))


def types(node: Mapping[str, Any]) -> set[str]:
    """The node's types without their namespace."""
    given = node.get("@type")
    return {
        str(one).rpartition("/")[2].rpartition(":")[2]
        for one in (given if isinstance(given, list) else [given])
        if isinstance(one, str)
    }


def identify(node: Mapping[str, Any], page: Page) -> str:
    """@id, identifier or url of a node, raw; "" when it has none. A fragment on the page itself is no identity."""
    for key in ("@id", "identifier", "url"):
        for value in texts(pointed(node, f"/{key}") + pointed(node, f"/{key}/value")):
            value = value.strip()
            if key == "@id" and value.startswith(("_:", "#")):
                continue
            if value.startswith(("http://", "https://", "/")):
                return canonical(absolute(value, page.url)) if "#" not in value else absolute(value, page.url)
            if value and key != "url":
                return value
            if value and (url := absolute(value, page.url)):
                return canonical(url)
    return ""


def _offer(node: Mapping[str, Any], page: Page) -> str:
    """The address where an event is sold, in its identifying form; "" when there is none."""
    return next((canonical(url) for value in texts(pointed(node, "/offers/url")) if (url := absolute(value, page.url))), "")


def _several(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _notice(
    node: Mapping[str, Any], identity: str, by_id: Mapping[str, Any], page: Page, source: Source
) -> Iterator[Notice | Problem]:
    location = _resolved(node.get("location"), by_id)
    places = location if isinstance(location, list) else [location]
    physical = next((place for place in places if isinstance(place, dict) and "VirtualLocation" not in types(place)), None)
    address = _resolved(physical.get("address"), by_id) if physical else None
    country = _first(address, "/addressCountry /addressCountry/name") if isinstance(address, dict) else ""
    organiser = _resolved(node.get("organizer"), by_id)
    status = _first(node, "/eventStatus").rpartition("/")[2]
    mode = _first(node, "/eventAttendanceMode").rpartition("/")[2]
    values = {
        "id": [identity],
        "url": [absolute(value, page.url) for value in texts(pointed(node, "/url /mainEntityOfPage /@id"))] + [page.url],
        "title": texts(pointed(node, "/name /headline /name/@value")),
        "text": texts(pointed(node, "/description /description/@value")),
        "language": texts(pointed(node, "/inLanguage /inLanguage/alternateName")),
        "published": texts(pointed(node, "/datePublished"))[:1],
        "updated": texts(pointed(node, "/dateModified"))[:1],
        "starts": texts(pointed(node, "/startDate /doorTime /eventSchedule/startDate"))[:1],
        "ends": texts(pointed(node, "/endDate /eventSchedule/endDate"))[:1],
        "venue": [_first(physical, "/name"), *([address] if isinstance(address, str) else [])] if physical else [],
        "city": [_first(address, "/addressLocality")] if isinstance(address, dict) else [],
        "country": [country],
        "online": [
            "true"
            if mode == "OnlineEventAttendanceMode" or (any(isinstance(place, dict) for place in places) and physical is None)
            else ""
        ],
        "organiser": [_first(organiser, "/name") if not isinstance(organiser, str) else organiser],
        "status": [status],
        "cancelled": ["true" if status == "EventCancelled" else ""],
        "keyword": [word.strip() for text in texts(pointed(node, "/keywords")) for word in text.split(",")],
    }
    if isinstance(location, str):
        values["venue"] = [location]
    line = location if isinstance(location, str) else address if isinstance(address, str) else ""
    if (place := read_place(line, source.languages[0])) is not None:
        values |= {"city": [place.city], "country": [place.country]}
    values["url"] = [url for url in values["url"] if url][:1]
    for name, pointer in source.fields.items():
        given = texts(pointed(node, pointer))
        if given:
            values[name] = given
    if not identity:
        title = clean_line((values["title"] or ["?"])[0], 80)
        detail = f"the event '{title}' has neither @id, identifier nor url, and identity is never taken from a title or date"
        yield Problem(source=source.name, url=page.url, cause="missing-id", detail=detail)
        return
    yield from notice_from(source, page, values)


def _resolved(value: Any, by_id: Mapping[str, Any]) -> Any:
    """``value``, or the node that it refers to by @id alone."""
    if isinstance(value, list):
        value = [_resolved(one, by_id) for one in value]
        return value[0] if len(value) == 1 else value
    if isinstance(value, dict) and len(value) == 1 and isinstance(value.get("@id"), str):
        return by_id.get(value["@id"], value)
    return value


def _first(node: Any, pointer: str) -> str:
    if isinstance(node, list):
        node = node[0] if node else None
    return next(iter(texts(pointed(node, pointer))), "") if isinstance(node, dict) else ""
