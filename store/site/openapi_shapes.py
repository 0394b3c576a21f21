"""The shapes of the read API's answers, as JSON Schema; ``tests/store/site/test_api.py`` holds every answer against them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from store.model import CHANGE_TYPES, KINDS, ROLES, STATUSES

KEY = "^[a-z0-9]{4,40}$"
TEXT: dict[str, Any] = {"type": "string"}
_MAYBE: dict[str, Any] = {"type": ["string", "null"]}
_NUMBER: dict[str, Any] = {"type": ["number", "null"]}
_WHOLE: dict[str, Any] = {"type": "integer"}
_YES: dict[str, Any] = {"type": "boolean"}
_TALLY: dict[str, Any] = {"type": "object", "additionalProperties": {"type": "integer", "minimum": 0}}


def schemas() -> dict[str, Any]:
    """The shapes of the answers by name."""
    deadline = object_of(
        {"local": _MAYBE, "zone": TEXT, "utc": _MAYBE, "precision": {"enum": ["day", "minute"]}, "zone_source": TEXT,
         "stage": {"type": ["integer", "null"]},
            "cut_off": {"type": ["integer", "null"]},
            "start": {"type": ["integer", "null"]},
            "end": {"type": ["integer", "null"]},
            "quote": TEXT,
            "rolling": _YES, "flags": list_of(TEXT)}, required=()
    )  # fmt: skip
    texts = ("title", "summary", "published", "changed_at", "first_seen", "opens", "starts", "ends", "starts_local", "ends_local", "zone",
             "venue", "city", "venue_country", "organiser", "programme", "source", "language", "url", "currency", "until", "page")  # fmt: skip
    item = object_of(
        {
            "key": {"type": "string", "pattern": KEY}, "kind": one_of(KINDS), "status": one_of(STATUSES), **dict.fromkeys(texts, TEXT),
            "deadline": {"anyOf": [{"type": "null"}, ref("Deadline")]}, "online": _YES, "amount_min": _NUMBER, "amount_max": _NUMBER,
            "sectors": list_of(TEXT), "flags": list_of(TEXT),
            "countries": list_of(object_of({"code": TEXT, "roles": list_of(one_of(ROLES))})),
        }
    )  # fmt: skip
    tag = object_of(
        {
            "facet": {"enum": ["sector", "country"]},
            "value": TEXT,
            "role": TEXT,
            "score": {"type": "number"},
            "quotes": list_of(TEXT),
            "rules": list_of(TEXT),
        }
    )
    notice = object_of(
        {
            **dict.fromkeys(("source", "source_id", "url", "title", "first_seen", "last_seen"), TEXT),
            **dict.fromkeys(("language", "published", "withdrawn_at"), _MAYBE),
        }
    )
    change = object_of(
        {"type": one_of(CHANGE_TYPES), "field": _MAYBE, "direction": _MAYBE, "at": TEXT, "material": _YES, "old": {}, "new": {}}
    )
    maybe = ("published", "opens", "starts", "ends", "starts_local", "ends_local")
    told = (
        "title",
        "summary",
        "text",
        "language",
        "url",
        "organiser",
        "programme",
        "eligibility",
        "zone",
        "venue",
        "city",
        "venue_country",
        "first_seen",
        "changed_at",
        "page",
    )
    opportunity = object_of(
        {
            "ok": _YES, "key": TEXT, "kind": one_of(KINDS), "status": one_of(STATUSES), **dict.fromkeys(told, TEXT), **dict.fromkeys(maybe, _MAYBE),
            "online": _YES, "rolling": _YES, "deadlines": list_of(ref("Deadline")), "amounts": list_of({"type": "object"}),
            "documents": list_of({"type": "object"}), "codes": list_of({"type": "object"}), "flags": list_of(TEXT),
            "tags": list_of(tag), "notices": list_of(notice), "changes": list_of(change),
        }
    )  # fmt: skip
    facets = ("kinds", "sectors", "countries", "statuses", "windows", "roles", "languages", "sources")
    market = {"ok": _YES, "sector": TEXT, "country": TEXT, "live": _WHOLE, "kinds": _TALLY, "months": list_of({"type": "object"})}
    health = {
        **dict.fromkeys(("name", "title", "publisher", "url", "kind", "country", "format", "blocked", "licence", "publish", "state", "last_run", "last_good"), TEXT),
        "languages": list_of(TEXT), "every": _WHOLE, "verified": _YES, "enabled": _YES, "reasons": list_of(TEXT), "counts": {"type": "object"},
        "problems": _WHOLE, "items": _WHOLE, "history": list_of(TEXT),
    }  # fmt: skip
    grants = object_of(
        {"id": {"type": "string", "format": "uuid"}, "title": TEXT, "description": TEXT, "status": object_of({"value": {"enum": ["open", "closed", "forecasted", "custom"]}}), "funding": {"type": "object"},
         "keyDates": {"type": "object"}, "source": TEXT, "customFields": {"type": "object"}, "createdAt": TEXT, "lastModifiedAt": TEXT}
    )  # fmt: skip
    return {
        "Deadline": deadline,
        "Item": item,
        "Opportunity": opportunity,
        "List": object_of(
            {"ok": _YES, "filter": list_of(list_of(TEXT)), "ignored": list_of(list_of(TEXT)), "total": _WHOLE, "total_is_a_floor": _YES,
             "items": list_of(ref("Item")), "next": _MAYBE, "counts": object_of(dict.fromkeys(facets, _TALLY))}
        ),
        "Items": object_of({"ok": _YES, "items": list_of(ref("Item"))}),
        "Pairs": object_of({"ok": _YES, "pairs": list_of(object_of({"sector": TEXT, "country": TEXT, "count": _WHOLE}))}),
        "Market": object_of({**market, **dict.fromkeys(("deadlines", "fairs", "news"), list_of(ref("Item")))}),
        "Month": object_of({"ok": _YES, "month": TEXT, "days": {"type": "object", "additionalProperties": list_of(ref("Item"))}}),
        "Sources": object_of({"ok": _YES, "coverage": TEXT, "read": _WHOLE, "total": _WHOLE, "sources": list_of(object_of(health))}),
        "Alive": object_of({"ok": _YES}),
        "CommonGrants": object_of(
            {"status": _WHOLE, "message": TEXT, "items": list_of(grants), "paginationInfo": {"type": "object"}, "sortInfo": {"type": "object"},
             "filterInfo": {"type": "object"}, "next": _MAYBE}
        ),
        "Refusal": object_of({"ok": {"const": False}, "status": _WHOLE, "error": TEXT}),
    }  # fmt: skip


def object_of(properties: Mapping[str, Any], required: Sequence[str] | None = None) -> dict[str, Any]:
    """An object with just these properties, all of them there unless ``required`` says which."""
    needed = list(properties) if required is None else list(required)
    return {"type": "object", "properties": dict(properties), "required": needed, "additionalProperties": False}


def list_of(schema: Mapping[str, Any]) -> dict[str, Any]:
    """An array of one shape."""
    return {"type": "array", "items": dict(schema)}


def one_of(words: Iterable[str]) -> dict[str, Any]:
    """One of these words."""
    return {"type": "string", "enum": list(words)}


def ref(name: str) -> dict[str, Any]:
    """The shape of a name."""
    return {"$ref": f"#/components/schemas/{name}"}
