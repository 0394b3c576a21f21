"""Sample sources that speak RSS, Atom, iCalendar or a news sitemap."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from email.utils import format_datetime
from xml.sax.saxutils import escape, quoteattr
from zoneinfo import ZoneInfo

import icalendar

from crawlers.sample.content import Item, Shelf


def _said(item: Item) -> str:
    budget = f" Budget: {item.budget} EUR." if item.budget else ""
    return f"{item.text} {item.deadline_phrase()}{budget}".strip()


def _noon(item: Item) -> datetime:
    return datetime.combine(item.published, time(10), UTC)


def rss(shelf: Shelf, base: str) -> bytes:
    """RSS 2.0 with the deadline in prose, HTML inside CDATA and a topic as category."""
    rows = "".join(
        f"<item><title>{escape(item.title)}</title><link>{base}/{shelf.source}/{item.id}?utm_source=rss</link>"
        f'<guid isPermaLink="false">{item.id}</guid><pubDate>{format_datetime(_noon(item))}</pubDate>'
        + (f"<category>{escape(item.topic)}</category>" if item.topic else "")
        + f"<description><![CDATA[<p>{_said(item)}</p>]]></description></item>"
        for item in shelf.items
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0"><channel><title>{shelf.source}</title><link>{base}/{shelf.source}/</link>'
        f"<description>Sample</description><language>{shelf.language}</language>{rows}</channel></rss>"
    ).encode()


def atom(shelf: Shelf, base: str) -> bytes:
    """Atom with tender codes and topics as categories."""
    rows = "".join(
        f"<entry><id>urn:sample:{item.id}</id><title>{escape(item.title)}</title>"
        f'<link href="{base}/{shelf.source}/{item.id}"/><updated>{_noon(item).isoformat()}</updated>'
        f"<published>{_noon(item).isoformat()}</published>"
        + "".join(f"<category term={quoteattr(code)}/>" for code in (item.topic, item.cpv) if code)
        + f'<summary type="text">{escape(_said(item))}</summary></entry>'
        for item in shelf.items
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="{shelf.language}">'
        f"<id>urn:sample:{shelf.source}</id><title>{shelf.source}</title><updated>2026-01-01T00:00:00Z</updated>{rows}</feed>"
    ).encode()


def ical(shelf: Shelf, base: str) -> bytes:
    """iCalendar: all-day fairs (exclusive end), timed events in a zone, STATUS:CANCELLED with a raised SEQUENCE."""
    calendar = icalendar.Calendar()
    calendar.add("prodid", "-//sample web//clusterscout//EN")
    calendar.add("version", "2.0")
    for item in shelf.items:
        assert item.start is not None
        event = icalendar.Event()
        event.add("uid", f"{item.id}@{shelf.source}.example")
        event.add("summary", item.title)
        event.add("description", item.text)
        event.add("url", f"{base}/{shelf.source}/{item.id}")
        event.add("dtstamp", _noon(item))
        if item.at:
            begin = datetime.combine(item.start, time.fromisoformat(item.at), ZoneInfo(item.zone))
            event.add("dtstart", begin)
            event.add("dtend", begin + timedelta(hours=6))
        else:
            event.add("dtstart", item.start)
            event.add("dtend", item.start + timedelta(days=item.days))
        event.add("location", "Online" if item.online else f"{item.city}, {item.country}")
        event.add("sequence", 1 if item.cancelled else 0)
        event.add("status", "CANCELLED" if item.cancelled else "CONFIRMED")
        calendar.add_component(event)
    return bytes(calendar.to_ical())


def news_sitemap(shelf: Shelf, base: str) -> bytes:
    """A Google news sitemap: title, language and publication date of recent articles."""
    rows = "".join(
        f"<url><loc>{base}/{shelf.source}/{item.id}</loc><news:news><news:publication><news:name>Sample markets</news:name>"
        f"<news:language>{shelf.language}</news:language></news:publication><news:publication_date>{_noon(item).isoformat()}"
        f"</news:publication_date><news:title>{escape(item.title)}</news:title></news:news></url>"
        for item in shelf.items
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" '
        f'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">{rows}</urlset>'
    ).encode()
