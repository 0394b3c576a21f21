"""The fields of a notice that a source may select, and how each is read: one table for every format that is told its selectors.

A format gathers raw strings (field name -> values in document order) and ``notice_from`` turns them into a Notice. What cannot be
read becomes a Problem beside the notice; without an identity, a title or an address there is no notice, only the Problem.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from crawlers.clean import clean_line, plain
from crawlers.dates import read_field_deadlines, read_instant, read_moment
from crawlers.links import absolute, canonical, page_link
from crawlers.places import country_code
from crawlers.source import Source
from crawlers.states import standing
from store.model import Amount, Code, Deadline, Document, Notice, Page, Place, Problem, Role

Values = Mapping[str, Sequence[str]]
MOST_CODES = 200
LONGEST_RAW = 2_000
YES = frozenset(["1", "true", "yes", "y", "oui", "ja", "si", "sí", "sim", "tak", "da", "online", "virtual", "remote"])
NO = frozenset(["0", "false", "no", "n", "non", "nein", "não", "nie", "none", "null"])
CANCELLED = ("cancel", "abgesagt", "annul", "cancelad", "odwołan", "geannuleerd", "afgelast", "eventcancelled", "withdrawn")


@dataclass(slots=True)
class Draft:
    """A notice while its fields are read."""

    source: Source
    page: Page
    values: Values
    found: dict[str, Any] = field(default_factory=dict)
    place: dict[str, Any] = field(default_factory=dict)
    codes: list[Code] = field(default_factory=list)
    amounts: list[Amount] = field(default_factory=list)
    problems: list[tuple[str, str]] = field(default_factory=list)

    @property
    def lang(self) -> str:
        """The language that the notice states, else the source's first."""
        return str(self.found.get("language") or self.source.languages[0])


Reader = Callable[[Draft, str, Sequence[str]], None]


def _line(draft: Draft, name: str, values: Sequence[str]) -> None:
    draft.found[name] = clean_line(values[0])


def _text(draft: Draft, name: str, values: Sequence[str]) -> None:
    draft.found[name] = "\n".join(filter(None, (plain(value) for value in values)))


def _language(draft: Draft, name: str, values: Sequence[str]) -> None:
    code = values[0].strip().lower().replace("_", "-").partition("-")[0]
    if len(code) == 2 and code.isalpha():
        draft.found[name] = code


def _url(draft: Draft, name: str, values: Sequence[str]) -> None:
    for value in values:
        url = page_link(value, draft.page.url, draft.source.options)
        if url:
            draft.found[name] = url
            return
    draft.problems.append(("bad-link", f"'{clean_line(values[0], 200)}' is not an http or https address"))


def _instant(draft: Draft, name: str, values: Sequence[str]) -> None:
    found = read_instant(clean_line(values[0], 300), draft.source, lang=draft.lang)
    if found is None:
        draft.problems.append(("bad-date", f"{name}: '{clean_line(values[0], 120)}' cannot be read as a date"))
    else:
        draft.found[name] = found


def _moment(draft: Draft, name: str, values: Sequence[str]) -> None:
    found = read_moment(clean_line(" ".join(values[:2]), 300), draft.source, lang=draft.lang) if len(values) > 1 else None
    found = found or read_moment(clean_line(values[0], 300), draft.source, lang=draft.lang)
    if found is None:
        draft.problems.append(("bad-date", f"{name}: '{clean_line(values[0], 120)}' cannot be read as a date"))
    else:
        draft.found[name] = found


def _deadlines(draft: Draft, name: str, values: Sequence[str]) -> None:
    published = draft.found.get("published")
    times = draft.values.get("deadline_time", ())
    readings: list[Deadline] = []
    for number, value in enumerate(values):
        text = plain(value)
        if number < len(times) and times[number].strip():
            text = f"{text} {clean_line(times[number], 40)}"
        read = read_field_deadlines(text, draft.source, lang=draft.lang, published=published.date() if published else None)
        if not read:
            draft.problems.append(("bad-date", f"{name}: '{clean_line(value, 120)}' cannot be read as a deadline"))
        readings.extend(deadline for deadline in read if deadline not in readings)
    draft.found["deadlines"] = tuple(readings)


def _place(draft: Draft, name: str, values: Sequence[str]) -> None:
    key = {"venue": "name"}.get(name, name)
    draft.place[key] = clean_line(", ".join(dict.fromkeys(values)) if name == "venue" else values[0], 300)


def _country(draft: Draft, name: str, values: Sequence[str]) -> None:
    value = clean_line(values[0], 80)
    code = country_code(value.upper() if len(value) == 2 else value, draft.lang)
    if code:
        draft.place["country"] = code
    if value and (len(value) != 2 or not code):
        draft.codes.append(Code(scheme="country", value=value, label=value, role="venue"))


def _online(draft: Draft, name: str, values: Sequence[str]) -> None:
    word = clean_line(values[0], 200).lower()
    draft.place["online"] = word in YES or any(mark in word for mark in ("online", "virtual", "webinar"))


def _status(draft: Draft, name: str, values: Sequence[str]) -> None:
    draft.found[name] = clean_line(values[0])
    draft.found |= standing(draft.found[name])


def _over(draft: Draft, name: str, values: Sequence[str]) -> None:
    word = clean_line(values[0], 200)
    draft.found[name] = word.lower() in YES or standing(word)["over"]


def _flag(draft: Draft, name: str, values: Sequence[str]) -> None:
    word = clean_line(values[0], 200).lower()
    draft.found[name] = word in YES or (word not in NO and any(mark in word for mark in CANCELLED))


def _amount(draft: Draft, name: str, values: Sequence[str]) -> None:
    from nlp.amounts import read_amounts

    currency = clean_line((draft.values.get("currency") or ("",))[0], 10) or draft.source.options.get("currency", "")
    for value in values:
        text = clean_line(value, 500)
        number = _number(text)
        if number is not None:
            if number > 0:
                bound = {"amount": "value", "amount_min": "minimum", "amount_max": "maximum"}[name]
                draft.amounts.append(Amount(currency=currency, quote=text, end=len(text), **{bound: number}))  # type: ignore[arg-type]
            continue
        draft.amounts.extend(read_amounts(text, lang=draft.lang, currency=currency))


def _number(text: str) -> float | None:
    try:
        return float(text.replace(" ", ""))
    except ValueError:
        return None


def _documents(draft: Draft, name: str, values: Sequence[str]) -> None:
    links = dict.fromkeys(filter(None, (absolute(value, draft.page.url) for value in values)))
    draft.found["documents"] = tuple(Document(url=link) for link in links)


def _codes(scheme: str, role: Role | None = None) -> Reader:
    def read(draft: Draft, name: str, values: Sequence[str]) -> None:
        for value in dict.fromkeys(clean_line(value, 200) for value in values):
            if value:
                draft.codes.append(Code(scheme=scheme, value=value, role=role))

    return read


def _nothing(draft: Draft, name: str, values: Sequence[str]) -> None:
    """Read together with another field."""


# In the order of reading: a later reader may use what an earlier one found.
READERS: Mapping[str, Reader] = MappingProxyType(
    {
        "id": _line,
        "language": _language,
        "url": _url,
        "title": _line,
        "summary": _text,
        "text": _text,
        "published": _instant,
        "updated": _instant,
        "opens": _moment,
        "deadline": _deadlines,
        "deadline_time": _nothing,
        "starts": _moment,
        "ends": _moment,
        "venue": _place,
        "city": _place,
        "country": _country,
        "online": _online,
        "organiser": _line,
        "programme": _line,
        "eligibility": _text,
        "amount": _amount,
        "amount_min": _amount,
        "amount_max": _amount,
        "currency": _nothing,
        "status": _status,
        "over": _over,
        "cancelled": _flag,
        "document": _documents,
        "cpv": _codes("cpv"),
        "nuts": _codes("nuts"),
        "nace": _codes("nace"),
        "hs": _codes("hs"),
        "sector": _codes("sector"),
        "type": _codes("type"),
        "keyword": _codes("keyword"),
        "programme_code": _codes("programme"),
        "buyer_country": _codes("country", "buyer"),
        "eligible_country": _codes("country", "eligible"),
        "target_country": _codes("country", "target"),
        "partner_country": _codes("country", "partner"),
        "venue_country": _codes("country", "venue"),
        "eligible_nuts": _codes("nuts", "eligible"),
    }
)

# Readers' names that are called otherwise in Notice.
_NOTICE_NAMES = {"id": "source_id", "status": "status_word"}


def notice_from(source: Source, page: Page, values: Values, *, url: str = "", source_id: str = "") -> Iterator[Notice | Problem]:
    """One Notice (and a Problem for each value that could not be read) from raw strings; only Problems when the identity, the
    title or the address is missing. ``url`` and ``source_id`` serve when the values hold none; the identity falls back to the
    canonical address, which is the publisher's own permalink.
    """
    draft = Draft(source=source, page=page, values=values)
    for name, reader in READERS.items():
        given = [value for value in values.get(name, ()) if value and value.strip()]
        if given:
            reader(draft, name, given)
    found = draft.found
    found["url"] = found.get("url") or absolute(url, page.url)
    found["id"] = found.get("id") or clean_line(source_id) or canonical(found["url"])
    where = found["url"] or page.url
    for cause, detail in draft.problems:
        yield Problem(source=source.name, url=where, cause=cause, detail=detail, source_id=found["id"])
    missing = [name for name in ("id", "title", "url") if not found.get(name)]
    if missing:
        for name in missing:
            seen = "; ".join(f"{key}={clean_line(given[0], 80)}" for key, given in values.items() if given)[:300]
            detail = f"no {name} was found where the source says it stands ({seen or 'the entry is empty'})"
            yield Problem(source=source.name, url=where, cause=f"missing-{name}", detail=detail, source_id=found["id"])
        return
    raw = {name: clean_line(" | ".join(given), LONGEST_RAW) for name, given in values.items() if name in KEPT_RAW and given}
    yield Notice(
        source=source.name,
        kind=source.kind,
        raw=MappingProxyType(raw),
        hard_ids=hard_ids(source, values),
        codes=tuple(dict.fromkeys(draft.codes))[:MOST_CODES],
        amounts=tuple(draft.amounts),
        place=Place(**draft.place) if any(draft.place.values()) else None,
        **{_NOTICE_NAMES.get(name, name): value for name, value in found.items()},
    )


# The publisher's own strings that readings were made from; long texts are kept as the notice's text alone.
KEPT_RAW = frozenset(
    [
        "id",
        "published",
        "updated",
        "opens",
        "deadline",
        "deadline_time",
        "starts",
        "ends",
        "venue",
        "city",
        "country",
        "online",
        "amount",
        "amount_min",
        "amount_max",
        "currency",
        "status",
        "over",
        "cancelled",
    ]
)


def hard_ids(source: Source, values: Values) -> tuple[str, ...]:
    """The official identities that the source declares, ``scheme:value`` in lower case without spaces, sorted."""
    return tuple(
        sorted(
            {
                f"{scheme}:{clean_line(value, 200).lower().replace(' ', '')}"
                for scheme, name in source.ids.items()
                for value in values.get(name, ())
                if value.strip()
            }
        )
    )
