"""The request for the next page, by the paging style that a source declares."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from crawlers.formats.pointers import pointed, texts
from crawlers.links import absolute
from crawlers.source import Source
from store.model import Follow, Page


def next_page(document: Any, rows: int, page: Page, source: Source) -> Iterator[Follow]:
    """The request for the page after ``page``, by the source's paging style; nothing at the end of the chain.

    page, offset: asked on while a page was full (``size``), or while ``total`` says there is more. token, next_link: asked on
    while the answer gives one.
    """
    paging = source.paging
    if paging.style == "none" or not rows:
        return
    if paging.style == "next_link":
        for link in texts(pointed(document, paging.next))[:1]:
            if url := absolute(link, page.url):
                yield Follow(url=url)
        return
    if paging.style == "token":
        for token in texts(pointed(document, paging.next))[:1]:
            if token:
                yield asked_again(page, source, token)
        return
    number = position(page, source)
    step = 1 if paging.style == "page" else paging.size or rows
    total = texts(pointed(document, paging.total))[:1] if paging.total else []
    size = paging.size or rows
    if total and total[0].isdecimal():
        done = (number - paging.first + 1) * size if paging.style == "page" else number + rows
        more = done < int(total[0])
    else:
        more = rows >= size if paging.size else True
    if more:
        yield asked_again(page, source, str(number + step))


def position(page: Page, source: Source) -> int:
    """The page number or offset that ``page`` was asked with."""
    paging = source.paging
    for key, value in parse_qsl(urlsplit(page.url).query):
        if key == paging.parameter and value.lstrip("-").isdecimal():
            return int(value)
    asked = page.headers.get("x-asked-position", "")
    return int(asked) if asked.isdecimal() else paging.first


def asked_again(page: Page, source: Source, value: str) -> Follow:
    """The first request again, with its paging parameter set to ``value``: in the query, or in the JSON body if it stands there."""
    parameter = source.paging.parameter
    headers = {"x-asked-position": value}
    if source.ask.method == "POST" and source.ask.body:
        body = _with_member(source.ask.body, parameter, value)
        if body is not None:
            return Follow(url=page.url, method="POST", body=body, headers=headers)
    parts = urlsplit(page.url)
    query = [(key, given) for key, given in parse_qsl(parts.query, keep_blank_values=True) if key != parameter]
    query.append((parameter, value))
    url = urlunsplit(parts._replace(query=urlencode(query, safe="*:,/")))
    return Follow(url=url, method=source.ask.method, headers=headers)


def _with_member(body: str, parameter: str, value: str) -> bytes | None:
    """``body`` with the JSON member at dotted ``parameter`` set; None when the body is not a JSON object holding its parent, or
    when the parameter is meant for the query.
    """
    try:
        document = json.loads(body)
    except ValueError:
        return None
    node: Any = document
    *parents, last = parameter.split(".")
    for parent in parents:
        node = node.get(parent) if isinstance(node, dict) else None
    if not isinstance(node, dict):
        return None
    number = isinstance(node.get(last), int) or (last not in node and value.isdecimal())
    node[last] = int(value) if number and value.isdecimal() else value
    return json.dumps(document).encode()


def follow_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """The headers of a Follow that are sent to the server; those that begin with ``x-asked-`` only inform the parser."""
    return {name: value for name, value in headers.items() if not name.startswith("x-asked-")}
