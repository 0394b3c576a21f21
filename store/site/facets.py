"""The filter as a reader works it: groups of choices with counts, chips of what is chosen, and what to loosen when nothing is left."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from store.model import KINDS, ROLES
from store.search import Counts, Filter
from store.search.filter import WINDOWS, quoted
from store.site import words
from store.site.manner import Manner
from store.site.render import address
from store.site.translated import shown
from store.taxonomy import SECTORS

SHOWN = 8


class Choice(NamedTuple):
    """One value to choose: a link that adds it or takes it away. ``number`` is its count written out, "" when it was not counted."""

    label: str
    href: str
    number: str
    chosen: bool


_CHOICE = '<li><a href="%s"%s rel="nofollow"><span class="box" aria-hidden="true"></span><span class="label">%s</span>%s</a></li>'


class Choices(tuple[Choice, ...]):
    """Choices that templates print as the items of a list: written here, since a page has some hundred and fifty of them."""

    __slots__ = ()

    def __html__(self) -> str:
        return "".join(
            _CHOICE
            % (
                shown(choice.href),
                ' class="on" aria-current="true"' if choice.chosen else "",
                shown(choice.label),
                f'<span class="n">{choice.number}</span>' if choice.number else "",
            )
            for choice in self
        )


@dataclass(frozen=True, slots=True)
class Group:
    """A facet: ``first`` choices are in sight, ``rest`` fold away. ``single`` says that a choice takes the place of another."""

    name: str
    title: str
    first: Choices
    rest: Choices
    folded: bool = False


@dataclass(frozen=True, slots=True)
class Chip:
    """One thing chosen, with the address without it."""

    label: str
    href: str


def groups(filter: Filter, counts: Counts, titles: dict[str, str], m: Manner) -> list[Group]:
    """The groups of the sidebar, in order."""
    _, unsure = m.gettext, counts.capped  # counts of a part of the list would mislead
    kinds = [(k, _(words.KINDS[k]), _counted(counts.kinds, k)) for k in KINDS]
    sectors = [(s, _(words.sector(s)), _counted(counts.sectors, s)) for s in SECTORS]
    places = [(c, m.country(c), _counted(counts.countries, c)) for c in set(counts.countries) | set(filter.countries)]
    for values in (sectors, places):
        values.sort(key=lambda value: (-(value[2] or 0), value[1]))
    out = [
        _many("kinds", _("Kind"), filter, kinds, m, keep_zero=True, unsure=unsure),
        _many("sectors", _("Sector"), filter, sectors, m, unsure=unsure),
        _many("countries", _("Country"), filter, places, m, unsure=unsure),
    ]
    if filter.countries:
        roles = [(r, _(words.ROLE[r]), counts.roles.get(r, 0) if counts.roles and not unsure else None) for r in ROLES]
        out.append(_many("roles", _("In which role"), filter, roles, m, keep_zero=unsure or not counts.roles))
    out.append(_windows(filter, counts, m))
    out.append(_statuses(filter, counts, m))
    if (counts.languages and not unsure) or filter.languages:
        languages = [(c, m.language_name(c) if c else _("unknown"), n) for c, n in _by_count(counts.languages, filter.languages)]
        out.append(_many("languages", _("Language"), filter, [x for x in languages if x[0]], m, folded=True))
    if (counts.sources and not unsure) or filter.sources:
        found = [(s, titles.get(s, s), n) for s, n in _by_count(counts.sources, filter.sources)]
        out.append(_many("sources", _("Source"), filter, found, m, folded=True))
    return [group for group in out if group.first]


def chips(filter: Filter, titles: dict[str, str], m: Manner) -> list[Chip]:
    """What is chosen, each with the way back."""
    _ = m.gettext
    out = [Chip(_(words.KINDS[v]), _href(filter.toggled("kinds", v))) for v in filter.kinds]
    out += [Chip(_(words.sector(v)), _href(filter.toggled("sectors", v))) for v in filter.sectors]
    out += [Chip(m.country(v), _href(filter.toggled("countries", v))) for v in filter.countries]
    out += [Chip(_(words.ROLE[v]), _href(filter.toggled("roles", v))) for v in filter.roles]
    if filter.status != "live":
        out.append(Chip(_(words.STATUS[filter.status]), _href(filter.but(status="live"))))
    if filter.within:
        out.append(Chip(_window(filter.within, m), _href(filter.but(within=None))))
    out += [Chip(m.language_name(v), _href(filter.toggled("languages", v))) for v in filter.languages]
    out += [Chip(titles.get(v, v), _href(filter.toggled("sources", v))) for v in filter.sources]
    if filter.budget:
        out.append(Chip(_("at least %(amount)s") % {"amount": m.number(filter.budget)}, _href(filter.but(budget=None))))
    if filter.new:
        out.append(Chip(_("New since your last visit"), _href(filter.but(new=False))))
    if filter.text:
        out.append(
            Chip(f"“{filter.text}”", _href(filter.but(text="", sort="newest" if filter.sort == "relevance" else filter.sort)))
        )
    return out


def looser(filter: Filter, m: Manner) -> list[Chip]:
    """For an empty list: the filter without one of its parts at a time, the likeliest culprit first."""
    _ = m.gettext
    offers: Sequence[tuple[bool, str, dict[str, Any]]] = (
        (filter.new, _("also what you have seen before"), {"new": False}),
        (filter.within is not None, _("any deadline"), {"within": None}),
        (bool(filter.budget), _("any budget"), {"budget": None}),
        (bool(filter.roles), _("any role of the country"), {"roles": ()}),
        (bool(filter.languages), _("any language"), {"languages": ()}),
        (bool(filter.sources), _("any source"), {"sources": ()}),
        (bool(filter.kinds), _("any kind"), {"kinds": ()}),
        (filter.status != "any", _("also what is over"), {"status": "any", "within": None}),
        (bool(filter.countries), _("any country"), {"countries": (), "roles": ()}),
        (bool(filter.sectors), _("any sector"), {"sectors": ()}),
        (bool(filter.text), _("without the words"), {"text": "", "sort": "newest"}),
    )
    return [Chip(label, _href(filter.but(**change))) for held, label, change in offers if held]


def _counted(counts: Mapping[str, int], value: str) -> int | None:
    """The count of a value; None when the whole facet was not counted."""
    return counts.get(value, 0) if counts else None


def _many(
    name: str,
    title: str,
    filter: Filter,
    values: Sequence[tuple[str, str, int | None]],
    m: Manner,
    *,
    keep_zero: bool = False,
    folded: bool = False,
    unsure: bool = False,
) -> Group:
    held: tuple[str, ...] = getattr(filter, name)
    before, after = filter.adding(name)
    choices = []
    for value, label, count in values:
        if keep_zero or count or value in held:
            href = _href(filter.toggled(name, value)) if value in held else f"/feed?{before}{quoted(value)}{after}"
            choices.append(Choice(label, href, "" if unsure or count is None else m.number(count), value in held))
    choices.sort(key=lambda c: not c.chosen) if len(choices) > SHOWN else None
    shown = max(SHOWN, sum(c.chosen for c in choices))
    return Group(name, title, Choices(choices[:shown]), Choices(choices[shown:]), folded and not held)


def _windows(filter: Filter, counts: Counts, m: Manner) -> Group:
    choices = [
        Choice(
            _window(days, m),
            _href(filter.but(within=None if filter.within == days else days)),
            m.number(counts.windows[days]) if days in counts.windows else "",
            filter.within == days,
        )
        for days in WINDOWS
    ]
    return Group("within", m.gettext("Deadline or first day"), Choices(choices), Choices())


def _statuses(filter: Filter, counts: Counts, m: Manner) -> Group:
    def choice(word: str) -> Choice:
        count = m.number(counts.statuses[word]) if word in counts.statuses else ""
        return Choice(m.gettext(words.STATUS[word]), _href(filter.but(status=word)), count, filter.status == word)

    first = [choice(word) for word in ("live", "closing", "forthcoming", "rolling")]
    rest = [choice(word) for word in ("open", "closed", "cancelled", "withdrawn", "any")]
    return Group("status", m.gettext("Status"), Choices(first), Choices(rest))


def _window(days: int, m: Manner) -> str:
    return m.ngettext("within %(num)d day", "within %(num)d days", days) % {"num": days}


def _by_count(counted: dict[str, int], held: Sequence[str]) -> list[tuple[str, int]]:
    return sorted((counted | {v: counted.get(v, 0) for v in held}).items(), key=lambda pair: (-pair[1], pair[0]))


def _href(filter: Filter) -> str:
    return address("/feed", filter.pairs())
