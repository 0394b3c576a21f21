"""What is sent for a request of a source: method, address, body and headers, the same for the spider and for the look. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from w3lib.url import safe_url_string

from crawlers.archive import WarcIndex
from crawlers.formats.paging import follow_headers
from crawlers.source import Source
from store.model import Follow

BOUNDARY = "clusterscout-part"


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """A request as it goes out; header names as written by the declaration."""

    method: str
    url: str
    body: bytes
    headers: dict[str, str]


def first_asks(source: Source, index: WarcIndex | None = None) -> Iterator[Follow]:
    """The declared addresses of a source; in a replay (of ``index``) that lacks them, the source's single pages that it holds."""
    ask, prefix = source.ask, source.page_prefix
    if index is not None and prefix and not index.holds(ask.method, source.url):
        pages = [url for url in index.urls() if url.startswith(prefix)]
        if pages:
            yield from (Follow(url=url, role="detail") for url in pages)
            return
    for url in (source.url, *source.more):
        if ask.form:
            yield Follow(url=url, method="POST")
        else:
            yield Follow(url=url, method=ask.method, body=ask.body.encode(), headers=ask.headers)


def asked(source: Source, follow: Follow) -> Asked:
    """The request of a Follow. A POST without a body of a source with ``ask.form`` carries its parts, as every page of its search does."""
    url = safe_url_string(follow.url)
    if follow.method == "POST" and not follow.body and source.ask.form:
        return Asked(
            method="POST",
            url=url,
            body=_parts(source),
            headers={**source.ask.headers, "Content-Type": f"multipart/form-data; boundary={BOUNDARY}"},
        )
    headers = dict(follow_headers(follow.headers))
    if follow.method == "POST" and follow.body and "content-type" not in {name.lower() for name in headers}:
        headers["Content-Type"] = "application/json"
    return Asked(method=follow.method, url=url, body=follow.body, headers=headers)


def _parts(source: Source) -> bytes:
    """A multipart body whose parts are files of JSON."""
    parts = [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"; filename="{name}.json"\r\n'
        f"Content-Type: application/json\r\n\r\n{value}\r\n"
        for name, value in source.ask.form.items()
    ]
    return ("".join(parts) + f"--{BOUNDARY}--\r\n").encode()
