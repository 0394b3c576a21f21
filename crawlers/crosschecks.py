"""What must hold between the keys of one declaration: required by the format, selectors and pointers that can be read."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from typing import Any

from cssselect import SelectorError

from crawlers.checks import OPTIONS
from crawlers.formats import PAGE
from crawlers.formats.selecting import compiled
from crawlers.source import Paging


def check_whole(values: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """What is wrong between the keys of one declaration: (dotted key, message, nearest)."""
    form = str(values.get("format", ""))
    if form in {"html_list", "json_api"}:
        for key in ("title",):
            if key not in {**values.get("fields", {}), **values.get("detail", {})}:
                yield f"fields.{key}", f"is required by format {form}", ""
    if form == "html_list" and not values.get("rows"):
        yield "rows", "is required by format html_list", ""
    if form == "html_list" or (not form and not str(values.get("rows", "")).startswith("/")):
        yield from _bad_selectors(values)
    if form in {"html_list", "feed", "sitemap", ""}:
        for name, css in values.get("detail", {}).items():
            yield from _bad_selector(f"detail.{name}", css)
    if form in {"json_api", "jsonld"}:
        yield from _bad_pointers(values)
    paging = values.get("paging", Paging())
    if paging.style in {"page", "offset", "token"} and not paging.parameter:
        yield "paging.parameter", f"is required by paging style {paging.style}", ""
    if paging.style in {"next_link", "token"} and not paging.next:
        yield "paging.next", f"is required by paging style {paging.style}", ""
    if not form.startswith(PAGE):
        for key in values.get("options", {}):
            if key not in OPTIONS:
                near = difflib.get_close_matches(key, OPTIONS, n=1, cutoff=0.5)
                yield f"options.{key}", "unknown option", near[0] if near else ""
    low, high = values.get("every_bounds", (5, 10**6))
    if "every" in values and "every_bounds" in values and not low <= values["every"] <= high:
        yield "every", f"lies outside every_bounds ({low} to {high} minutes)", ""
    for scheme, name in values.get("ids", {}).items():
        if form in {"html_list", "json_api"} and name not in {**values.get("fields", {}), **values.get("detail", {})}:
            yield f"ids.{scheme}", f"the field '{name}' is not selected", ""


def _bad_selectors(values: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    if values.get("rows"):
        yield from _bad_selector("rows", values["rows"])
    for name, css in values.get("fields", {}).items():
        yield from _bad_selector(f"fields.{name}", css)
    if values.get("paging", Paging()).style == "next_link" and values["paging"].next:
        yield from _bad_selector("paging.next", values["paging"].next)


def _bad_selector(key: str, css: str) -> Iterator[tuple[str, str, str]]:
    try:
        compiled(css)
    except SelectorError as error:
        yield key, f"'{css}' is not a CSS selector: {error}", ""


def _bad_pointers(values: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    pointers = {f"fields.{name}": pointer for name, pointer in values.get("fields", {}).items()}
    pointers["rows"] = values.get("rows", "")
    pointers["paging.total"] = values.get("paging", Paging()).total
    if values.get("paging", Paging()).style in {"next_link", "token"}:
        pointers["paging.next"] = values["paging"].next
    for key, pointer in pointers.items():
        for one in pointer.split():
            if not one.startswith("/"):
                yield key, f"'{one}' is not a JSON pointer; it must begin with '/'", f"/{one.replace('.', '/')}"
