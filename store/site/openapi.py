"""The read API told to programs: one OpenAPI 3.1 document, made from the words that the code itself uses."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from store.model import KINDS, ROLES
from store.search.filter import LONGEST_TEXT, SORTS, STATES
from store.site.openapi_shapes import KEY, TEXT, one_of, ref, schemas

FORMS = {
    "json": ("application/json", "The list as data, a page at a time, with the counts of every other choice."),
    "atom": ("application/atom+xml", "Atom 1.0 (RFC 4287); what is gone leaves a tombstone (RFC 6721). At most 200 entries."),
    "jsonfeed": ("application/feed+json", "JSON Feed 1.1; what is cancelled or withdrawn stays as an item that says so. At most 200 items."),
    "ics": ("text/calendar", "iCalendar (RFC 5545): deadlines on the publisher's clock, fairs as whole days, alarms 14 and 3 days before."),
    "csv": ("text/csv", "The whole list as a table, UTF-8 with a byte order mark, safe for spreadsheets."),
    "commongrants": ("application/json", "Funding calls in the shape of the CommonGrants protocol, a page at a time."),
}  # fmt: skip
# Answers that carry an ETag and may be 304.
_TAGGED = ("atom", "jsonfeed", "ics")


def document(address: str) -> dict[str, Any]:
    """The document of a site whose public address is ``address``."""
    paths: dict[str, Any] = {}
    for form in FORMS:
        paths[f"/feed.{form}"] = _get(f"feed_{form}", "feed", FORMS[form][1], _feed_answers(form), _filter_parameters())
        paths[f"/private/{{token}}/feed.{form}"] = _get(
            f"private_feed_{form}",
            "feed",
            FORMS[form][1]
            + " For programs that cannot sign in: the token is the owner's secret, made and revoked under My cluster.",
            _feed_answers(form),
            [_path("token", "^[A-Za-z0-9_-]{20,60}$", "the secret part of a private address"), *_filter_parameters()],
            open_to_all=True,
        )
    key = [_path("key", KEY, "the key of an opportunity, as its page's address holds it")]
    paths["/opportunity/{key}.json"] = _get(
        "opportunity", "opportunity", "One opportunity with tags, proofs, sources and history.", _json("Opportunity"), key
    )
    paths["/opportunity/{key}.ics"] = _get(
        "opportunity_ics",
        "opportunity",
        "Its next deadline and its days, for a calendar.",
        _answers("text/calendar", TEXT, tagged=True),
        key,
    )
    sector = _path("sector", "^[a-z][a-z0-9-]{0,39}$", "the id of a sector")
    country = _path("country", "^[A-Za-z]{2,12}$", "an ISO code, or a group such as EU27")
    paths["/sectors.json"] = _get("sectors", "markets", "How much was found for each sector and country.", _json("Pairs"))
    paths["/sector/{sector}.json"] = _get(
        "sector", "markets", "A sector: counts by month, next deadlines and fairs.", _json("Market"), [sector]
    )
    paths["/country/{country}.json"] = _get(
        "country", "markets", "A country: counts by month, next deadlines and fairs.", _json("Market"), [country]
    )
    paths["/market/{country}/{sector}.json"] = _get(
        "market", "markets", "A country and a sector together.", _json("Market"), [country, sector]
    )
    month = {
        "name": "month",
        "in": "query",
        "description": "this month by default",
        "schema": {"type": "string", "pattern": "^20[0-9]{2}-(0[1-9]|1[0-2])$"},
    }
    narrow = [p for p in _filter_parameters() if p["name"] not in ("status", "sort", "after", "size", "new")]
    paths["/calendar.json"] = _get(
        "calendar",
        "calendar",
        "Deadlines, fairs and events of a month, by day.",
        _json("Month"),
        [month, *(p for p in narrow if p["name"] != "within")],
    )
    paths["/map.json"] = _get("map", "calendar", "Fairs and events still to come, at most 500.", _json("Items"), narrow)
    paths["/sources.json"] = _get(
        "sources", "sources", "What is read, how well, and when it was last read completely.", _json("Sources")
    )
    paths["/-/alive.json"] = _get("alive", "sources", "For a supervisor: the files can be read.", _json("Alive"), open_to_all=True)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "clusterscout read API",
            "version": "1",
            "description": "What the site shows, as data. Reading only; instants are UTC in ISO 8601, local times carry no offset and stand"
            " beside their zone. A filter value that means nothing is left out and told in `ignored`, it never fails the request.",
        },
        "servers": [{"url": address}],
        "security": [{"session": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {
                "session": {"type": "apiKey", "in": "cookie", "name": "clusterscout_session", "description": "given at sign-in"}
            },
            "schemas": schemas(),
        },
    }


def _filter_parameters() -> list[dict[str, Any]]:
    """The parts of a filter, each as its query argument."""
    return [
        _many("kind", "kinds", one_of(KINDS)),
        _many("sector", "ids of sectors", {"type": "string", "pattern": "^[a-z][a-z0-9-]{0,39}$"}),
        _many("country", "ISO codes, or groups such as EU27; a country also finds what its groups may apply for", {"type": "string", "pattern": "^[A-Z]{2,12}$"}),
        _many("role", "what part the country plays", one_of(ROLES)),
        _one("status", "`live` is what can still be used, `any` is everything", {**one_of(STATES), "default": "live"}),
        _one("within", "days until the deadline or the first day", {"type": "integer", "minimum": 1, "maximum": 3660}),
        _many("lang", "languages of the texts (ISO 639)", {"type": "string", "pattern": "^[a-z]{2,3}$"}),
        _many("source", "names of sources", {"type": "string", "pattern": "^[a-z0-9][a-z0-9_.-]{0,79}$"}),
        _one("q", 'words, all needed; "a phrase", begin*, -without', {"type": "string", "maxLength": LONGEST_TEXT}),
        _one("budget", "the least amount, as published", {"type": "integer", "minimum": 1, "maximum": 10**12}),
        _one("new", "only what came since the last visit", {"enum": ["1"]}),
        _one("sort", "`relevance` needs `q`", {**one_of(SORTS), "default": "newest"}),
        _one("size", "items a page", {"type": "integer", "minimum": 1, "maximum": 100, "default": 25}),
        _one("after", "the cursor of the next page, as `next` gives it", {"type": "string", "pattern": "^[0-9TZ:.+-]{1,40}~[0-9]{1,18}$"}),
    ]  # fmt: skip


def _feed_answers(form: str) -> dict[str, Any]:
    if form in ("json", "commongrants"):
        return _json("List" if form == "json" else "CommonGrants")
    return _answers(FORMS[form][0], {"type": "object"} if form == "jsonfeed" else TEXT, tagged=form in _TAGGED)


def _get(
    name: str,
    tag: str,
    said: str,
    answers: Mapping[str, Any],
    parameters: Iterable[Mapping[str, Any]] = (),
    *,
    open_to_all: bool = False,
) -> dict[str, Any]:
    operation = {"operationId": name, "tags": [tag], "summary": said, "parameters": list(parameters), "responses": dict(answers)}
    return {"get": {**operation, **({"security": []} if open_to_all else {})}}


def _json(schema: str) -> dict[str, Any]:
    return _answers("application/json", ref(schema))


def _answers(kind: str, schema: Mapping[str, Any], *, tagged: bool = False) -> dict[str, Any]:
    """The good answer and the refusals, which are JSON for programs."""
    out: dict[str, Any] = {"200": {"description": "as asked", "content": {kind: {"schema": dict(schema)}}}}
    if tagged:
        out["200"]["headers"] = {"etag": {"schema": TEXT}}
        out["304"] = {"description": "nothing changed since the ETag of If-None-Match"}
    refusal = {"application/json": {"schema": ref("Refusal")}}
    for status, said in (
        ("400", "the request cannot be read"),
        ("401", "no session"),
        ("404", "no such thing, or not for this reader"),
    ):
        out[status] = {"description": said, "content": refusal}
    return out


def _path(name: str, pattern: str, said: str) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "description": said, "schema": {"type": "string", "pattern": pattern}}


def _one(name: str, said: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "query", "description": said, "schema": dict(schema)}


def _many(name: str, said: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    return {**_one(name, said, {"type": "array", "items": dict(schema), "maxItems": 12}), "style": "form", "explode": True}
