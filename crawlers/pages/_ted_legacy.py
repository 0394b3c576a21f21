"""TED notices of the schema R2.0.9 (2016 to 2023): ``TED_EXPORT`` with coded data, translations and the form itself.

Rules from the publication's schema: ``DT_DATE_FOR_SUBMISSION`` is civil time at the buyer's place (no zone is written);
``ORIGINAL_CPV`` are the notice's codes, main code first; ``CA_CE_NUTS`` is the buyer's region, ``PERFORMANCE_NUTS`` (older:
``ORIGINAL_NUTS``) the place of performance. Names, telephones and addresses of contact persons are not read.
"""

from __future__ import annotations

from collections.abc import Iterator

from crawlers.links import absolute
from crawlers.pages._answer import kept, number, problem, short
from crawlers.pages._codes import country_code, language_code, zone_at
from crawlers.pages._ted import address, distinct, number_of
from crawlers.pages._times import formatted, instant_of, until
from crawlers.pages._xml import Element, every, one, paragraphs, value, values, words
from crawlers.source import Source
from store.model import Amount, Code, Deadline, Document, Notice, Page, Problem

# TD_DOCUMENT_TYPE codes of notices that ask for offers or requests to take part.
COMPETITIONS = frozenset(["3", "A", "D", "G", "J", "M", "Q", "S", "P", "5", "9", "B"])
CORRECTIONS = frozenset({"2"})
# Awards (7 contract, J concession), results of design contests, contracts given without a call, modifications of contracts.
OVER = frozenset({"7", "J", "R", "V", "K"})
# Prior information and periodic indicative notices without call for competition.
PLANNED = frozenset({"0", "P"})


def read(root: Element, page: Page, source: Source) -> Iterator[Notice | Problem]:
    """The notice of one ``TED_EXPORT``; problems ``missing-id``, ``missing-title``, ``bad-date``."""
    number_ = number_of(root.get("DOC_ID") or value(root, "//NO_DOC_OJS"))
    if not number_:
        yield problem(page, source, "missing-id", "The notice has neither DOC_ID nor a number in the Journal: look at its page.")
        return
    language = value(root, "//NOTICE_DATA/LG_ORIG").split()[0:1]
    original = language[0] if language else ""
    form = _form(root, original)
    title, description = _title(root, form, original), _description(form)
    if not title:
        yield problem(page, source, "missing-title", "The notice has no title in its own language: look at its page.", number_)
        return
    country = _country(root)
    nuts = _nuts(root)
    zone = zone_at(nuts["buyer"][0] if nuts["buyer"] else "", country, source.timezone)
    kind = one(root, "//TD_DOCUMENT_TYPE")
    code = kind.get("CODE", "") if kind is not None else ""
    written = value(root, "//DT_DATE_FOR_SUBMISSION")
    deadlines = _deadlines(written, zone)
    if written and not deadlines:
        yield problem(
            page, source, "bad-date", f"DT_DATE_FOR_SUBMISSION {written[:40]!r} cannot be read: look at the notice.", number_
        )
    yield Notice(
        source=source.name,
        source_id=number_,
        kind="tender",
        url=address(number_),
        title=title,
        summary=short(description),
        text="\n".join(filter(None, (title, description, _lots(form)))),
        language=language_code(original),
        published=instant_of(_iso_day(value(root, "//REF_OJS/DATE_PUB")), source.timezone),
        deadlines=deadlines if code not in OVER | {"4", "N"} else (),
        organiser=_buyer(root, form, original),
        amounts=tuple(_amounts(root)),
        status_word=words(kind),
        over=code in OVER,
        planned=code in PLANNED,
        hard_ids=tuple(_hard_ids(root, form, number_, code)),
        codes=tuple(_codes(root, form, country, nuts)),
        documents=tuple(_documents(form)),
        raw=kept(
            DT_DATE_FOR_SUBMISSION=written,
            TD_DOCUMENT_TYPE=code,
            NC_CONTRACT_NATURE=value(root, "//NC_CONTRACT_NATURE"),
            PR_PROC=value(root, "//PR_PROC"),
            previous=value(form, "//NOTICE_NUMBER_OJ") if form is not None else "",
        ),
    )


def _form(root: Element, original: str) -> Element | None:
    """The form in the notice's own language (forms in other languages are translations of it)."""
    section = one(root, "//FORM_SECTION")
    forms = [child for child in section if isinstance(child.tag, str)] if section is not None else []
    for wanted in (
        [form for form in forms if form.get("LG") == original and form.get("CATEGORY") == "ORIGINAL"],
        [form for form in forms if form.get("LG") == original],
        [form for form in forms if form.get("CATEGORY") == "ORIGINAL"],
        forms,
    ):
        if wanted:
            return wanted[0]
    return None


def _title(root: Element, form: Element | None, original: str) -> str:
    found = value(form, "//OBJECT_CONTRACT/TITLE") if form is not None else ""
    found = found or (value(form, "//TITLE") if form is not None else "")
    if found:
        return found
    for title in every(root, "//ML_TI_DOC"):
        if title.get("LG") == original:
            place = ", ".join(filter(None, (value(title, "TI_CY"), value(title, "TI_TOWN"))))
            return ": ".join(filter(None, (place, value(title, "TI_TEXT"))))
    return ""


def _description(form: Element | None) -> str:
    if form is None:
        return ""
    found = one(form, "//OBJECT_CONTRACT/SHORT_DESCR")
    return paragraphs(found) or paragraphs(one(form, "//OBJECT_DESCR/SHORT_DESCR"))


def _lots(form: Element | None) -> str:
    if form is None:
        return ""
    pieces = [paragraphs(node) for path in ("//OBJECT_DESCR/TITLE", "//OBJECT_DESCR/SHORT_DESCR") for node in every(form, path)]
    return "\n".join(dict.fromkeys(piece for piece in pieces if piece))


def _country(root: Element) -> str:
    found = one(root, "//ISO_COUNTRY")
    return country_code(found.get("VALUE", "")) if found is not None else ""


def _nuts(root: Element) -> dict[str, tuple[str, ...]]:
    def codes(*names: str) -> tuple[str, ...]:
        return tuple(
            dict.fromkeys(
                node.get("CODE", "") for name in names for node in every(root, f"//NOTICE_DATA/{name}") if node.get("CODE")
            )
        )

    return {"buyer": codes("CA_CE_NUTS"), "venue": codes("PERFORMANCE_NUTS") or codes("ORIGINAL_NUTS")}


def _deadlines(written: str, zone: str) -> tuple[Deadline, ...]:
    local = formatted(written, "%Y%m%d %H:%M", "%Y%m%d")
    if local is None:
        return ()
    return distinct([until(local, zone, precision="minute" if ":" in written else "day", quote=written)])


def _buyer(root: Element, form: Element | None, original: str) -> str:
    for found in every(root, "//AA_NAME"):
        if found.get("LG") == original:
            return words(found)
    return value(form, "//ADDRESS_CONTRACTING_BODY/OFFICIALNAME") if form is not None else ""


def _amounts(root: Element) -> Iterator[Amount]:
    for found in every(root, "//NOTICE_DATA/VALUES/VALUE"):
        exact = number(words(found))
        if exact:
            yield Amount(value=exact, currency=found.get("CURRENCY", ""), quote=f"{found.get('TYPE', '')} {words(found)}".strip())
    for found in every(root, "//NOTICE_DATA/VALUES/VALUE_RANGE"):
        low, high = number(value(found, "LOW")), number(value(found, "HIGH"))
        if low or high:
            yield Amount(
                minimum=low,
                maximum=high,
                currency=found.get("CURRENCY", ""),
                quote=f"{found.get('TYPE', '')} {words(found)}".strip(),
            )


def _hard_ids(root: Element, form: Element | None, number_: str, code: str) -> Iterator[str]:
    yield f"ted:{number_}"
    if code in CORRECTIONS:
        # A corrigendum is about the notice that it names, not a tender of its own.
        for path in ("//REF_NOTICE/NO_DOC_OJS", "//NOTICE_NUMBER_OJ"):
            for named in values(root, path):
                if number_of(named) and number_of(named) != number_:
                    yield f"ted:{number_of(named)}"


def _codes(root: Element, form: Element | None, country: str, nuts: dict[str, tuple[str, ...]]) -> Iterator[Code]:
    seen = set()
    for found in every(root, "//NOTICE_DATA/ORIGINAL_CPV"):
        if found.get("CODE") and found.get("CODE") not in seen:
            seen.add(found.get("CODE"))
            yield Code(scheme="cpv", value=found.get("CODE", ""), label=words(found))
    for node in every(form, "//CPV_CODE") if form is not None else ():
        if node.get("CODE") and node.get("CODE") not in seen:
            seen.add(node.get("CODE"))
            yield Code(scheme="cpv", value=node.get("CODE", ""))
    for region in nuts["buyer"]:
        yield Code(scheme="nuts", value=region, role="buyer")
    for region in nuts["venue"]:
        yield Code(scheme="nuts", value=region, role="venue")
    if country:
        yield Code(scheme="country", value=country, role="buyer")
    for scheme, path in (("type", "//NC_CONTRACT_NATURE"), ("type", "//TD_DOCUMENT_TYPE")):
        found_ = one(root, path)
        if found_ is not None and words(found_):
            yield Code(scheme=scheme, value=words(found_))


def _documents(form: Element | None) -> Iterator[Document]:
    seen = set()
    for path, title in (("//URL_DOCUMENT", "Procurement documents"), ("//URL_PARTICIPATION", "Participation")):
        for node in every(form, path) if form is not None else ():
            url = absolute(words(node))
            if url and url not in seen:
                seen.add(url)
                yield Document(url=url, title=title)


def _iso_day(text: str) -> str:
    return f"{text[:4]}-{text[4:6]}-{text[6:]}" if len(text) == 8 and text.isdigit() else text
