"""Atom 1.0 (RFC 4287) with tombstones (RFC 6721)."""

from __future__ import annotations

from lxml import etree

from store.search import Row
from store.site.feeds.items import Harvest, page_address
from store.site.feeds.safe import harmless, one_line
from store.site.manner import Manner
from store.site.telling import tell_row

ATOM = "http://www.w3.org/2005/Atom"
GONE = "http://purl.org/atompub/tombstones/1.0"


def write_atom(harvest: Harvest, *, address: str, host: str, me: str, title: str, m: Manner) -> bytes:
    """The feed document. ``me`` is its own address as the reader asked for it, ``title`` says what the filter is."""
    spaces: dict[str | None, str] = {None: ATOM, "at": GONE}
    feed = etree.Element(f"{{{ATOM}}}feed", nsmap=spaces)  # type: ignore[arg-type] # lxml takes None for the default namespace
    _add(feed, "id", f"tag:{host},2026:feed/{me.partition('?')[2]}")
    _add(feed, "title", one_line(title))
    _add(feed, "updated", harvest.updated)
    etree.SubElement(feed, f"{{{ATOM}}}link", rel="self", type="application/atom+xml", href=me)
    etree.SubElement(feed, f"{{{ATOM}}}link", rel="alternate", type="text/html", href=f"{address}/feed")
    author = etree.SubElement(feed, f"{{{ATOM}}}author")
    _add(author, "name", "clusterscout")
    _add(feed, "generator", "clusterscout")
    for row in harvest.rows:
        _entry(feed, row, address=address, host=host, m=m)
    for row in harvest.gone:
        _gone(feed, row.key, row.changed_at, host=host, why=m.gettext("Cancelled or withdrawn by the publisher."))
    for removed in harvest.removed:
        _gone(feed, removed.key, removed.at, host=host, why="")
    document: bytes = etree.tostring(feed, xml_declaration=True, encoding="UTF-8")
    return document


def _entry(feed: etree._Element, row: Row, *, address: str, host: str, m: Manner) -> None:
    entry = etree.SubElement(feed, f"{{{ATOM}}}entry")
    _add(entry, "id", f"tag:{host},2026:opportunity/{row.key}")
    _add(entry, "title", one_line(row.title) or row.key)
    _add(entry, "updated", row.changed_at)
    if row.published:
        _add(entry, "published", row.published)
    etree.SubElement(entry, f"{{{ATOM}}}link", rel="alternate", type="text/html", href=page_address(address, row))
    if row.organiser:
        author = etree.SubElement(entry, f"{{{ATOM}}}author")
        _add(author, "name", one_line(row.organiser))
    for term in (row.kind, *row.sectors, *(code for code, _ in row.countries)):
        etree.SubElement(entry, f"{{{ATOM}}}category", term=harmless(term))
    content = etree.SubElement(entry, f"{{{ATOM}}}content", type="text")
    content.text = "\n\n".join(harmless(part) for part in (tell_row(row, m), row.summary, row.url) if part)


def _gone(feed: etree._Element, key: str, at: str, *, host: str, why: str) -> None:
    entry = etree.SubElement(feed, f"{{{GONE}}}deleted-entry", ref=f"tag:{host},2026:opportunity/{key}", when=at)
    if why:
        etree.SubElement(entry, f"{{{GONE}}}comment").text = why


def _add(parent: etree._Element, name: str, text: str) -> None:
    etree.SubElement(parent, f"{{{ATOM}}}{name}").text = harmless(text)
