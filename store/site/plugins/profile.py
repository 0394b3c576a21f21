"""What a cluster wants to be told, and when: managers edit their cluster's profile, everybody their own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, get_args

from datasette.app import Datasette
from datasette.utils.asgi import Request, Response

from store import profiles
from store.digest.wording import Wording
from store.errors import NoSuchRow, ProfileUnusable
from store.model import KINDS, Kind
from store.profiles import LANGUAGES, SECTIONS, WEEKDAYS, CountryWish, Level, Profile, Wish
from store.site.manner import zones
from store.site.render import form_of, manner_of, not_found, page
from store.site.site import Route, Site, the_site
from store.taxonomy import SECTORS

Form = Mapping[str, Sequence[str]]
BLANK = Wish(name="")


async def profile(request: Request, datasette: Datasette) -> Response:
    """The form (GET), and saving it (POST): all faults at once, nothing half saved."""
    site, actor = the_site(datasette), request.actor
    held = _held(site, actor, request.url_vars["level"])
    if held is None:
        return not_found(datasette, request)
    faults: list[str] = []
    if request.method == "POST":
        held, faults = read_form(held, await form_of(request))
        if not faults:
            made = held
            try:
                await site.write_private(lambda private: profiles.save(private, made, now=site.clock()))
            except ProfileUnusable as error:
                faults = [str(error)]
            else:
                return Response.redirect("/cluster", status=303)
    m = manner_of(site, request)
    spoken = Wording(m.language, "UTC")
    values = {
        "m": m,
        "profile": held,
        "wishes": [*enumerate(held.wishes), (len(held.wishes), BLANK)],
        "countries": {n: countries_text(wish.countries) for n, wish in enumerate(held.wishes)},
        "faults": faults,
        "sectors": SECTORS,
        "kinds": KINDS,
        "weekdays": list(zip(WEEKDAYS, m.weekdays("wide"), strict=True)),
        "zones": zones(),
        "mail_languages": LANGUAGES,
        "sections": {name: spoken.section(name) for name in SECTIONS},
    }
    return page(datasette, request, "profile.html", values, status=422 if faults else 200)


def read_form(held: Profile, form: Form) -> tuple[Profile, list[str]]:
    """The profile as the form has it, and its faults in words. A wish without a name and without content is passed over."""

    def one(name: str) -> str:
        return (form.get(name) or [""])[0].strip()

    faults: list[str] = []
    wishes = []
    for n in sorted({int(key.split("-")[1]) for key in form if key.startswith("wish-") and key.split("-")[1].isdecimal()}):
        wish = _wish(n, form, faults)
        if not one(f"wish-{n}-remove") and replace(wish, name="") != BLANK:
            wishes.append(wish)
    hour = one("hour")
    made = replace(
        held,
        title=one("title") or held.title,
        weekday=one("weekday"),
        hour=int(hour) if hour.isascii() and hour.isdecimal() and len(hour) < 3 else -1,
        zone=one("zone"),
        language=one("language"),
        paused=bool(one("paused")),
        sections=tuple(name for name in SECTIONS if name in form.get("section", ())),
        wishes=tuple(wishes),
    )
    return made, faults + profiles.check(made)


def countries_text(countries: Sequence[CountryWish]) -> str:
    """Countries as the form shows them: ``PT eligible, MX target``."""
    return ", ".join(f"{c.code} {c.role}".strip() for c in countries)


def _wish(n: int, form: Form, faults: list[str]) -> Wish:
    def one(name: str) -> str:
        return (form.get(f"wish-{n}-{name}") or [""])[0].strip()

    lead = one("lead")
    unknown = sorted(set(form.get(f"wish-{n}-sector", ())) - SECTORS.keys())
    faults += [f"there is no sector '{sector}'" for sector in unknown]
    kinds: list[Kind] = [kind for kind in get_args(Kind) if kind in form.get(f"wish-{n}-kind", ())]
    return Wish(
        name=one("name"),
        sectors=tuple(sector for sector in SECTORS if sector in form.get(f"wish-{n}-sector", ())),
        kinds=tuple(kinds),
        words=_listed(one("words")),
        avoid=_listed(one("avoid")),
        countries=tuple(_country(part) for part in _listed(one("countries"))),
        languages=_listed(one("languages")),
        budget=_budget(one("least"), one("most"), faults),
        lead_days=int(lead) if lead.isascii() and lead.isdecimal() and len(lead) < 4 else 0,
    )


def _budget(least: str, most: str, faults: list[str]) -> tuple[float, ...]:
    if not least and not most:
        return ()
    try:
        return (float(least or 0), float(most or 1e15))
    except ValueError:
        faults.append(f"'{least}' to '{most}' is no range of amounts")
        return ()


def _country(part: str) -> CountryWish:
    code, _, role = part.partition(" ")
    return CountryWish(code=code.upper(), role=role.strip().lower())


def _listed(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))


def _held(site: Site, actor: Mapping[str, Any], level: str) -> Profile | None:
    """The profile to edit: the cluster's (its managers), or the member's own; a new one when there is none yet."""
    if level == "cluster":
        if not actor["cluster"] or actor["role"] not in ("manager", "operator"):
            return None
        return _first(site, actor, "cluster") or Profile(
            id=f"cluster-{actor['cluster']}",
            title=actor["cluster_name"] or actor["cluster"],
            level="cluster",
            cluster=actor["cluster"],
            wishes=(),
        )
    return _first(site, actor, "person") or Profile(
        id=f"person-{actor['member']}", title=actor["name"], level="person", people=(actor["email"],), wishes=(), sections=SECTIONS
    )


def _first(site: Site, actor: Mapping[str, Any], level: Level) -> Profile | None:
    rows = site.private.execute(
        "select p.id from profile p where p.level = :level and (p.cluster = :cluster and :level = 'cluster' or exists "
        "(select 1 from profile_person q where q.profile = p.id and q.member = :member) and :level = 'person') order by p.id",
        {"level": level, "cluster": actor["cluster"], "member": actor["member"]},
    ).fetchall()
    try:
        return profiles.load(site.reader, rows[0][0]) if rows else None
    except NoSuchRow:
        return None  # removed since; a new one is begun


ROUTES = [Route(r"^/cluster/profile/(?P<level>cluster|person)$", profile, "member", ("GET", "HEAD", "POST"))]
