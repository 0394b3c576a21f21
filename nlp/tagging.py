"""Everything that is read from one text: countries, sectors, deadlines, amounts, each with its evidence."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date

from nlp import components
from nlp.amounts import read_amounts
from nlp.deadlines import read_deadlines
from nlp.languages import identify
from nlp.pipeline import LANGUAGES, run
from nlp.tokenizer import readable
from nlp.version import vocabulary_version
from store.model import Code, CountryTag, Deadline, Kind, Tags

REACH = 80
# Languages read as a near one.
NEAR = {"no": "nb", "nn": "nb", "bs": "hr", "sh": "sr"}
KNOWN = LANGUAGES | {"mt", "ar", "zh", "ja", "bs", "ca", "no"}


def language_of(text: str, declared: str = "") -> str:
    """The declared language when it is one we know (``de-AT`` counts as ``de``), else the one read from the text, else ""."""
    short = declared.strip().lower().replace("_", "-").split("-")[0]
    known = short if (short in KNOWN or short in NEAR) and _in_script(text[:2000], short) else identify(text[:5000])
    return NEAR.get(known, known)


def _in_script(text: str, lang: str) -> bool:
    """Whether a text declared to be in Cyrillic or Greek letters is; feeds of such countries carry English too."""
    borders = {"bg": ("\u0400", "\u0530"), "ru": ("\u0400", "\u0530"), "uk": ("\u0400", "\u0530"), "el": ("\u0370", "\u0400")}
    if lang not in borders:
        return True
    low, high = borders[lang]
    letters = [character for character in text if character.isalpha()]
    return not letters or sum(low <= character < high or character >= "\u1f00" for character in letters) * 5 > len(letters)


def tag(
    text: str,
    lang: str = "",
    *,
    title: str = "",
    codes: Sequence[Code] = (),
    kind: Kind | None = None,
    zone: str = "",
    published: date | None = None,
) -> Tags:
    """The tags of ``text`` with its ``title``; offsets count in ``title + "\\n" + text`` when there is a title.

    ``lang`` is ISO 639-1 or "" (then it is identified); ``zone`` is the publisher's IANA zone ("" = UTC). Never raises for a text; half
    of a surrogate pair is read as U+FFFD, so that a quote can always be written.
    """
    found, whole = _read(text, lang, title, codes, kind, zone, published)
    return replace(found, amounts=read_amounts(whole, lang=found.lang))


def tag_subjects(
    text: str,
    lang: str = "",
    *,
    title: str = "",
    codes: Sequence[Code] = (),
    kind: Kind | None = None,
    zone: str = "",
    published: date | None = None,
) -> Tags:
    """``tag`` for who keeps countries and sectors alone, as the store does: the same ones, without amounts and without deadlines."""
    return replace(_read(text, lang, title, codes, kind, zone, published, subjects=True)[0], deadlines=())


def _read(
    text: str,
    lang: str,
    title: str,
    codes: Sequence[Code],
    kind: Kind | None,
    zone: str,
    published: date | None,
    *,
    subjects: bool = False,
) -> tuple[Tags, str]:
    """Everything but amounts, and the text that was read. ``subjects``: deadlines only where they may take a country's proof away."""
    whole = readable(f"{title}\n{text}" if title else text)
    language = language_of(whole, lang)
    doc = run(whole, language, codes=codes, kind=kind)
    countries: Sequence[CountryTag] = doc.user_data[components.COUNTRIES]
    wanted = not subjects or _by_a_figure(whole, countries)
    deadlines = read_deadlines(whole, lang=language, zone=zone, published=published) if wanted else ()
    tags = Tags(
        lang=language,
        countries=_without_clocks(countries, deadlines),
        sectors=doc.user_data[components.SECTORS],
        deadlines=deadlines,
        vocabulary=vocabulary_version(),
    )
    return tags, whole


def _by_a_figure(text: str, countries: Sequence[CountryTag]) -> bool:
    """Whether a proof stands so near a figure that a deadline's phrase may hold it; no phrase reaches farther from its date or time."""
    around = (text[max(0, one.start - REACH) : one.end + REACH] for tag_ in countries for one in tag_.evidence if one.end)
    return any(character.isdigit() for piece in around for character in piece)


def _without_clocks(countries: Sequence[CountryTag], deadlines: Sequence[Deadline]) -> tuple[CountryTag, ...]:
    """The tags without evidence that stands inside a deadline's phrase: "17:00 Brussels time" names a clock, not Belgium."""
    spans = [(deadline.start, deadline.end) for deadline in deadlines if deadline.end > deadline.start]
    if not spans:
        return tuple(countries)
    kept = []
    for tag_ in countries:
        evidence = tuple(
            one for one in tag_.evidence if one.end == 0 or not any(start <= one.start and one.end <= end for start, end in spans)
        )
        if evidence:
            kept.append(tag_ if len(evidence) == len(tag_.evidence) else replace(tag_, evidence=evidence))
    return tuple(kept)


def tag_many(texts: Iterable[tuple[str, str]]) -> Iterator[Tags]:
    """Tags for each (text, language), in order."""
    for text, lang in texts:
        yield tag(text, lang)
