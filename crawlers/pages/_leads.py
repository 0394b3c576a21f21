"""What all shapes of trade leads share (see ``trade_leads``)."""

from __future__ import annotations

from collections.abc import Iterator

from crawlers.clean import clean_line
from crawlers.pages import _answer as answer
from crawlers.pages._answer import problem
from crawlers.source import Source
from crawlers.states import standing
from store.model import Amount, Code, Notice, Page, Problem, Role


def lead(page: Page, source: Source, source_id: str, title: str, **fields: object) -> Iterator[Notice | Problem]:
    """A notice of kind tender, in English where the fields do not say otherwise; only a Problem when its number or title is missing."""
    if not source_id or not title:
        cause, what = ("missing-title", "title") if source_id else ("missing-id", "number")
        yield problem(page, source, cause, f"A lead without its {what} was left out ({(title or source_id)[:80]}).", source_id)
        return
    said = {"language": "en", **standing(str(fields.get("status_word", "")))} | fields
    yield Notice(source=source.name, source_id=source_id, kind="tender", title=title, **said)  # type: ignore[arg-type]


def amount(written: str, currency: str) -> tuple[Amount, ...]:
    """An exact amount from digits; () for nothing or zero."""
    exact = answer.number(written)
    return (Amount(value=exact, currency=currency, quote=written),) if exact else ()


def between(low: str, high: str, currency: str) -> tuple[Amount, ...]:
    """A range, or the exact amount where both ends are one; () when both are nothing or zero."""
    least, most = answer.number(low), answer.number(high)
    if not least and not most:
        return ()
    if least == most:
        return (Amount(value=least, currency=currency, quote=low),)
    return (Amount(minimum=least, maximum=most, currency=currency, quote=f"{low} to {high}".strip()),)


def codes(*given: tuple[str, str, Role | None]) -> tuple[Code, ...]:
    """Codes from (scheme, value, role), without empty values and repetitions."""
    return tuple(
        dict.fromkeys(Code(scheme=scheme, value=clean_line(text), role=role) for scheme, text, role in given if text.strip())
    )
