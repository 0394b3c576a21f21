"""A place written in one line, as calendars give it: "Hall 4, 04356 Leipzig, Germany". Pure; what is not sure stays in the name."""

from __future__ import annotations

import re
from functools import cache

from babel import Locale

from crawlers.clean import clean_line
from store.model import Place

# Names that the locale data lacks.
ALIASES = {
    "usa": "US",
    "u.s.a.": "US",
    "united states of america": "US",
    "uk": "GB",
    "u.k.": "GB",
    "england": "GB",
    "scotland": "GB",
    "wales": "GB",
    "northern ireland": "GB",
    "el": "GR",
    "korea": "KR",
    "republic of korea": "KR",
    "czech republic": "CZ",
    "turkey": "TR",
    "uae": "AE",
    "russian federation": "RU",
    "viet nam": "VN",
    "holland": "NL",
    "republic of ireland": "IE",
    "hong kong": "HK",
}
# Codes of states of the USA that are codes of countries too: at the end of a line they prove neither. Germany's is taken for Germany.
STATES = frozenset(
    [
        "AL",
        "AR",
        "AZ",
        "CA",
        "CO",
        "GA",
        "ID",
        "IL",
        "IN",
        "KY",
        "LA",
        "MA",
        "MD",
        "ME",
        "MN",
        "MO",
        "MS",
        "MT",
        "NC",
        "NE",
        "PA",
        "SC",
        "SD",
        "TN",
        "VA",
    ]
)
ONLINE = ("online", "virtual", "webinar", "zoom", "en ligne", "en línea", "em linha", "teams")
_POSTAL = re.compile(r"(?:\b[A-Z]{1,2}-)?\b\d{3,5}(?:[ -]\d{2,3})?(?:\s?[A-Z]{2})?\b")


def read_place(line: str, language: str = "en") -> Place | None:
    """The place in ``line``: the last part is the country when it is a country's name (English or ``language``) or two-letter code,
    the part before it is the city, without its postal code. None for an empty line.
    """
    name = clean_line(line, 300)
    if not name:
        return None
    online = any(word in name.lower() for word in ONLINE)
    parts = [part.strip() for part in name.split(",") if part.strip()]
    if len(parts) < 2:
        return Place(name=name, online=online)
    code = "" if parts[-1] in STATES else country_code(parts[-1], language)
    if not code:
        return Place(name=name, online=online)
    place = parts[-2] if len(parts) < 3 or not (len(parts[-2]) == 2 and parts[-2].isupper()) else parts[-3]  # Denver, CO, USA
    city = _POSTAL.sub("", place).strip()
    return Place(name=name, city=city if city and not any(char.isdigit() for char in city) else "", country=code, online=online)


def country_code(name: str, language: str = "en") -> str:
    """ISO 3166-1 alpha-2 code of a country's name in English or ``language``, of such a code itself, of UK and EL; "" for others."""
    code = _countries(language).get(name.strip().casefold().removeprefix("the "), "")
    return code or (name.strip() if name.strip() in _countries("en").values() else "")


@cache
def _countries(language: str) -> dict[str, str]:
    """Folded country names in English and ``language`` -> ISO 3166-1 alpha-2 code."""
    found = dict(ALIASES)
    for tag in ("en", language):
        try:
            names = Locale(tag).territories
        except ValueError:
            continue
        found.update({str(name).casefold(): str(code) for code, name in names.items() if len(code) == 2 and code.isalpha()})
    return found
