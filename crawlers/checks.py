"""What each key of a declaration may hold: dotted key -> check. A check gives the value as ``Source`` keeps it or raises Rejected."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from types import MappingProxyType
from typing import Any, get_args
from zoneinfo import available_timezones

from babel import Locale

from crawlers.fields import READERS
from crawlers.formats import FORMATS, PAGE
from crawlers.links import absolute
from store.model import KINDS, Publish

REQUIRED = ("title", "publisher", "url", "format", "kind", "country", "languages", "timezone")
TABLES = ("fields", "detail", "ids", "ask", "paging", "expect", "options")
TRUSTS = ("api", "feed", "page", "news")
STYLES = ("none", "next_link", "page", "offset", "token")
# International bodies have no country of their own; EU27 is a group, EU a publisher.
EXTRA_COUNTRIES = ("EU27", "INT")
NO_COUNTRIES = frozenset({"ZZ", "XA", "XB", "QO", "EZ", "UN"})
OPTIONS: Mapping[str, str] = MappingProxyType(
    {
        "url_prefix": "what stands before a `url` value to make it an address",
        "url_suffix": "what stands after it",
        "currency": "currency of amounts that name none",
        "error": "json_api: pointer that holds a value when an answer of status 200 is an error",
        "empty": "html_list: selector that is found when the list is rightly empty",
        "type": "jsonld: schema.org types to read instead of Event and its subtypes",
        "contains": "sitemap: parts of addresses, one of which a page must have",
        "index_contains": "sitemap: the same for the members of an index",
    }
)
LONGEST_NAME = 100  # it names files
_NAME = re.compile(r"[a-z]{2,4}_[a-z0-9]+(?:_[a-z0-9]+)*")
_SPAN = re.compile(r"(\d+)\s*(m|h|d|w)")
_UNITS = {"m": 1, "h": 60, "d": 1_440, "w": 10_080}


class Rejected(ValueError):
    """A value that a key may not hold; ``valid`` are the words it may, when they can be listed."""

    def __init__(self, message: str, value: object = "", valid: Iterable[str] = ()) -> None:
        super().__init__(message)
        self.value = str(value)
        self.valid = tuple(valid)


Check = Callable[[str, Any], Any]


def check_name(name: str) -> str:
    """A source's name: ``<country>_<publisher>`` in lower case. Raises Rejected."""
    if len(name) > LONGEST_NAME or not _NAME.fullmatch(name):
        raise Rejected(
            f"'{name}' is not <country>_<publisher> in small letters, digits and underscores (for example fr_ademe.toml)"
        )
    return name


def _text(key: str, value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise Rejected("must be a text that is not empty", value)
    return value.strip()


def _any_text(key: str, value: Any) -> str:
    if not isinstance(value, str):
        raise Rejected("must be a text", value)
    return value


def _flag(key: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise Rejected("must be true or false", value)
    return value


def _count(key: str, value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise Rejected("must be a whole number, 0 or more", value)
    return value


def _minutes(key: str, value: Any) -> int:
    if isinstance(value, str) and (match := _SPAN.fullmatch(value.strip())):
        value = int(match[1]) * _UNITS[match[2]]
    if not isinstance(value, int) or isinstance(value, bool) or not 5 <= value <= 60 * 24 * 60:
        raise Rejected('must be minutes, or a span such as "6h" or "1d", from 5 minutes to 60 days', value)
    return value


def _url(key: str, value: Any) -> str:
    if not isinstance(value, str) or not absolute(value):
        raise Rejected("must be an http or https address", value)
    return value


def _urls(key: str, value: Any) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise Rejected("must be a list of addresses", value)
    return tuple(_url(key, one) for one in value)


def _texts(key: str, value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise Rejected("must be a list of texts", value)
    return tuple(value)


def _pair(least: Check) -> Check:
    def check(key: str, value: Any) -> tuple[int, int]:
        if not isinstance(value, list) or len(value) != 2:
            raise Rejected("must be two numbers: [least, most]", value)
        low, high = least(key, value[0]), least(key, value[1])
        if low > high:
            raise Rejected(f"the least ({low}) is more than the most ({high})", value)
        return low, high

    return check


def _one_of(words: Callable[[], Iterable[str]], what: str) -> Check:
    def check(key: str, value: Any) -> str:
        valid = list(words())
        if value not in valid:
            listed = f" ({', '.join(valid)})" if len(valid) <= 12 else ""
            raise Rejected(f"'{value}' is not {what}{listed}", value, valid)
        return str(value)

    return check


@cache
def countries() -> tuple[str, ...]:
    """ISO 3166-1 alpha-2 codes and the few others that a source may have."""
    codes = (str(code) for code in Locale("en").territories)
    return (*sorted(code for code in codes if len(code) == 2 and code.isalpha() and code not in NO_COUNTRIES), *EXTRA_COUNTRIES)


@cache
def languages() -> tuple[str, ...]:
    """ISO 639-1 codes."""
    return tuple(sorted(code for code in map(str, Locale("en").languages) if len(code) == 2))


def _languages(key: str, value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not value:
        raise Rejected('must be a list with at least one language, such as ["de", "fr"]', value)
    for one in value:
        if one not in languages():
            raise Rejected(f"'{one}' is not an ISO 639-1 language code", one, languages())
    return tuple(value)


def _format(key: str, value: Any) -> str:
    if isinstance(value, str) and value.startswith(PAGE):
        module = value.removeprefix(PAGE)
        if not module.isidentifier() or importlib.util.find_spec(f"crawlers.pages.{module}") is None:
            raise Rejected(f"there is no module crawlers/pages/{module}.py", value)
        return value
    return str(_one_of(lambda: (*FORMATS, PAGE + "<module>"), "a format")(key, value))


def _field(key: str, value: Any) -> str:
    if key not in READERS:
        raise Rejected(f"'{key}' is not a field of a notice", key, READERS)
    return _text(key, value)


def _hard_id(key: str, value: Any) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9]*", key):
        raise Rejected(f"'{key}' is not an id scheme (small letters and digits)", key)
    return str(_one_of(lambda: READERS, "a field of a notice")(key, value))


def _expected(key: str, value: Any) -> Mapping[str, float]:
    if not isinstance(value, dict):
        raise Rejected("must be a table of shares: { deadline = 0.8 }", value)
    for name, share in value.items():
        if name not in EXPECTED_FIELDS:
            raise Rejected(f"'{name}' is not a field whose share can be expected", name, EXPECTED_FIELDS)
        if isinstance(share, bool) or not isinstance(share, int | float) or not 0 <= share <= 1:
            raise Rejected(f"the share of '{name}' must be a number from 0 to 1", share)
    return MappingProxyType({name: float(share) for name, share in value.items()})


def _pairs(key: str, value: Any) -> Mapping[str, str]:
    if not isinstance(value, dict) or not all(isinstance(one, str) for one in value.values()):
        raise Rejected("must be a table of texts", value)
    return MappingProxyType(dict(value))


EXPECTED_FIELDS = [
    "title",
    "summary",
    "text",
    "language",
    "published",
    "updated",
    "opens",
    "deadline",
    "starts",
    "ends",
    "place",
    "city",
    "country",
    "organiser",
    "programme",
    "eligibility",
    "amount",
    "codes",
    "documents",
]

CHECKS: Mapping[str, Check] = MappingProxyType(
    {
        "title": _text,
        "publisher": _text,
        "url": _url,
        "more": _urls,
        "page_prefix": _url,
        "lists_all": _flag,
        "format": _format,
        "kind": _one_of(lambda: KINDS, "a kind"),
        "country": _one_of(countries, "an ISO 3166 country code"),
        "languages": _languages,
        "timezone": _one_of(lambda: sorted(available_timezones()), "an IANA time zone"),
        "every": _minutes,
        "every_bounds": _pair(_minutes),
        "licence": _any_text,
        "terms": _any_text,
        "robots": _one_of(lambda: ("obey",), "a stance"),
        "official_feed": _flag,
        "verified": _flag,
        "verified_how": _any_text,
        "enabled": _flag,
        "blocked": _any_text,
        "publish": _one_of(lambda: get_args(Publish), "a way to publish"),
        "trust": _one_of(lambda: TRUSTS, "a trust"),
        "date_formats": _texts,
        "day_first": _flag,
        "rows": _any_text,
        "fields.*": _field,
        "detail.*": _field,
        "ids.*": _hard_id,
        "ask.method": _one_of(lambda: ("GET", "POST"), "a method"),
        "ask.body": _any_text,
        "ask.headers": _pairs,
        "ask.form": _pairs,
        "paging.style": _one_of(lambda: STYLES, "a paging style"),
        "paging.parameter": _text,
        "paging.first": _count,
        "paging.size": _count,
        "paging.next": _text,
        "paging.total": _text,
        "paging.most": _count,
        "expect.items": _pair(_count),
        "expect.empty_ok": _flag,
        "expect.fields": _expected,
        "options.*": _any_text,
    }
)
