"""The six shapes in which French providers publish an aid, each read into the same plain strings (see ``fr_aides``)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from crawlers.pages import _answer as answer


@dataclass(frozen=True, kw_only=True, slots=True)
class Aid:
    """One aid as read from any of the shapes: plain strings, and the publisher's dates as written."""

    id: str
    title: str
    url: str = ""
    summary: str = ""
    text: str = ""
    opens: str = ""
    ends: tuple[str, ...] = ()
    published: str = ""
    updated: str = ""
    permanent: bool = False
    organiser: str = ""
    programme: str = ""
    eligibility: str = ""
    status: str = ""
    amount: str = ""
    themes: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    regions: tuple[str, ...] = field(default=())


def _exchange(entry: answer.Object) -> Aid:
    recurrence = answer.line(entry.get("recurrence"))
    financers = [answer.line(answer.obj(one).get("name")) or answer.text(one) for one in _list(entry.get("financers"))]
    return Aid(
        id=answer.text(entry.get("id")),
        title=answer.line(entry.get("name")),
        url=answer.text(entry.get("origin_url")) or answer.text(entry.get("url")) or answer.text(entry.get("application_url")),
        summary="",
        text=answer.body(entry.get("description"), entry.get("eligibility")),
        opens=answer.text(entry.get("start_date")),
        ends=answer.texts(entry.get("submission_deadline")),
        published=answer.text(entry.get("date_created")) or answer.text(entry.get("date_published")),
        updated=answer.text(entry.get("date_updated")),
        permanent=recurrence.casefold() in {"permanente", "ongoing"},
        organiser="; ".join(filter(None, financers)),
        eligibility="; ".join(answer.texts(entry.get("targeted_audiences"))),
        status=recurrence,
        themes=_split(entry.get("categories")),
        types=_split(entry.get("aid_types")),
    )


def _ile_de_france(entry: answer.Object) -> Aid:
    def titles(key: str) -> tuple[str, ...]:
        return tuple(filter(None, (answer.line(answer.obj(one).get("title")) for one in answer.rows(entry.get(key)))))

    reference = answer.text(entry.get("reference"))
    return Aid(
        id=reference,
        title=answer.line(entry.get("title")),
        url=f"https://www.iledefrance.fr/aides-et-appels-a-projets/{reference}" if reference else "",
        summary=answer.body(entry.get("entete")),
        text=answer.body(
            entry.get("objectif"), entry.get("modalite"), entry.get("publicsBeneficiairePrecision"), entry.get("demarches")
        ),
        opens=answer.text(entry.get("dateOuvertureCampagne")),
        ends=answer.texts(entry.get("dateFinCampagne")),
        published=answer.text(entry.get("datePublicationSouhaitee")),
        updated=answer.text(entry.get("date")),
        eligibility="; ".join(titles("publicsBeneficiaire")),
        status=answer.line(entry.get("statut")),
        themes=titles("competences"),
        regions=("Île-de-France",),
    )


def _culture(entry: answer.Object) -> Aid:
    return Aid(
        id=answer.text(entry.get("id")),
        title=answer.line(entry.get("title")),
        url=answer.text(entry.get("url")),
        summary=answer.body(entry.get("summary")),
        text=answer.body(entry.get("body")),
        ends=answer.texts(entry.get("deadline")),
        published=answer.text(entry.get("published"))
        or answer.text(entry.get("publication_date"))
        or answer.text(entry.get("date")),
        eligibility="; ".join(answer.texts(entry.get("public")) + answer.texts(entry.get("eztag_cible"))),
        permanent=not answer.texts(entry.get("deadline")),
        amount=answer.body(entry.get("amount")),
        themes=answer.texts(entry.get("eztag_theme")),
        types=answer.texts(entry.get("type")),
        regions=answer.texts(entry.get("eztag_region")),
    )


def _ademe(entry: answer.Object) -> Aid:
    return Aid(
        id=answer.text(entry.get("id")),
        title=answer.line(entry.get("titre")),
        url=answer.text(entry.get("url_agir")) or answer.text(entry.get("url")),
        summary=answer.body(entry.get("description_courte")),
        text=answer.body(entry.get("description_longue"), entry.get("description")),
        opens=answer.text(entry.get("date_debut")),
        ends=answer.texts(entry.get("date_fin")),
        organiser="ADEME",
        eligibility="; ".join(answer.texts(entry.get("cible_projet")) or _split(entry.get("cibles"))),
        themes=_split(entry.get("thematiques")),
        types=_split(entry.get("type")),
        regions=_split(entry.get("regions")),
    )


def _welcomeurope(entry: answer.Object) -> Aid:
    ends = tuple(
        dict.fromkeys(
            filter(
                None,
                (
                    answer.text(entry.get(key))
                    for key in ("dates_deadline1", "dates_deadline-2", "dates_deadline-3", "dates_deadline-4")
                ),
            )
        )
    ) or answer.texts(entry.get("deadline1"))
    opens = sorted(filter(None, (answer.text(entry.get(f"dates_open-{number}")) for number in range(1, 6))))
    return Aid(
        id=answer.text(entry.get("ID")),
        title=answer.line(entry.get("post_title")),
        url=answer.text(entry.get("permalink")),
        summary=answer.body(entry.get("banner_chapeau")),
        text=answer.body(entry.get("info_amorce"), entry.get("info_priories"), entry.get("info_amount")),
        opens=opens[0] if opens else "",
        ends=ends,
        published=answer.text(entry.get("dates_publication")),
        organiser="",
        programme=answer.line(entry.get("info_programme")) or answer.line(entry.get("info_references")),
        eligibility="; ".join(_split(entry.get("filtres_beneficiaries"))),
        status=answer.line(entry.get("dates_statut")),
        amount=answer.body(entry.get("banner_budget")),
        themes=_split(entry.get("filtres_sectors")),
        types=_split(entry.get("info_categorie")),
    )


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _split(value: object) -> tuple[str, ...]:
    """Labels from a list, or from one string with ``,`` or ``;`` between them; HTML entities are resolved."""
    parts: list[str] = []
    for one in _list(value):
        told = answer.text(one) or answer.line(answer.obj(one).get("name")) or answer.line(answer.obj(one).get("libelle"))
        told = answer.line(told)
        parts.extend(part.strip() for part in told.replace(";", ",").split(",")) if isinstance(value, str) else parts.append(told)
    return tuple(dict.fromkeys(filter(None, parts)))


# The key that only one shape has, and its reader; the first that matches decides.
SHAPES: Mapping[str, Callable[[answer.Object], Aid]] = {
    "post_title": _welcomeurope,
    "titre": _ademe,
    "entete": _ile_de_france,
    "publicsBeneficiaire": _ile_de_france,
    "referenceAdministrative": _ile_de_france,
    "name": _exchange,
    "title": _culture,
}
