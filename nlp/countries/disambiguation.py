"""Which of the hits are countries after all, and of which country: persons, languages, towns with a state, names with two owners."""

from __future__ import annotations

from functools import cache

from nlp.countries.fold import fold
from nlp.countries.gazetteer import Gazetteer
from nlp.countries.matching import Found, Hit
from nlp.countries.places import PLACES, Ambiguous, ambiguous, persons, states
from nlp.lexicon import load_toml, words_of

# Share of the people of all cities of a name that the largest owner needs when nothing else speaks for it.
SHARE = 0.6
# The choice of ``ambiguous.toml`` that is no country ("turkey" of Thanksgiving).
NONE = "none"
# Countries where a language is at home: an ambiguous city is looked for there first.
HOME: dict[str, tuple[str, ...]] = {
    "en": ("GB", "IE", "MT"), "de": ("DE", "AT", "CH", "LU", "LI"), "fr": ("FR", "BE", "LU", "CH"), "nl": ("NL", "BE"),
    "it": ("IT", "CH"), "es": ("ES",), "pt": ("PT",), "el": ("GR", "CY"), "sv": ("SE", "FI"), "fi": ("FI",), "da": ("DK",),
    "nb": ("NO",), "is": ("IS",), "ga": ("IE",), "mt": ("MT",), "pl": ("PL",), "cs": ("CZ",), "sk": ("SK",), "sl": ("SI",),
    "hr": ("HR", "BA"), "sr": ("RS", "ME", "BA"), "bg": ("BG",), "ro": ("RO", "MD"), "hu": ("HU",), "et": ("EE",), "lv": ("LV",),
    "lt": ("LT",), "uk": ("UA",), "tr": ("TR",), "mk": ("MK",), "sq": ("AL", "XK"), "ru": ("RU",),
}  # fmt: skip


@cache
def _contexts() -> dict[str, frozenset[str]]:
    table = load_toml(PLACES / "contexts.toml")
    return {key: frozenset(fold(word) for word in words_of(value)) for key, value in table.items()}


def settle(found: Found, gazetteer: Gazetteer) -> list[Hit]:
    """The hits that stand for a country, each with its code, in order."""
    text_words: frozenset[str] | None = None
    kept: list[Hit] = []
    hits = found.hits
    spoken = -9  # the last word of the last language: "Russian and English"
    for number, hit in enumerate(hits):
        if hit.kind == "not":
            continue
        if hit.kind in ("adjective", "people") and (_is_language(found, hit, gazetteer) or hit.first - spoken == 2):
            spoken = hit.last
            continue
        if hit.name in _contexts()["doubtful_in_capitals"] and _only_in_capitals(found, hit):
            continue
        if hit.kind in ("name", "place", "city") and _is_person(found, hit):
            continue
        after = hits[number + 1] if number + 1 < len(hits) else None
        state = _state_after(found, hit, gazetteer.lang, after)
        if state:
            hit.code = state
        elif hit.kind == "city" or hit.name in ambiguous():
            if text_words is None:
                text_words = frozenset(fold(match.group(), gazetteer.lang) for match in found.words)
            hit.code = _owner(found, hit, hits, gazetteer, text_words, after)
        if hit.code:
            kept.append(hit)
    return kept


def towns_in_states(found: Found, lang: str) -> list[Hit]:
    """ "Galveston, Tex." and "Gary, IN": the United States told by the abbreviation of a state after a town and a comma."""
    if lang != "en" and lang:
        return []
    abbreviations = states()[1]
    hits = []
    for number in range(1, len(found.words)):
        raw = found.raw(number)
        if raw.rstrip(".") not in abbreviations or len(raw) > 5 or found.gap(number - 1) != ", ":
            continue
        town = found.raw(number - 1)
        after = found.text[found.words[number].end() : found.words[number].end() + 1]
        if not town[:1].isupper() or (town.isupper() and raw.isupper() and "." not in raw and len(town) < 4):
            continue
        if (raw.isupper() and len(raw) == 2) or after == "." or raw.endswith("."):
            match = found.words[number]
            hits.append(
                Hit(
                    first=number,
                    last=number,
                    start=found.words[number - 1].start(),
                    end=match.end(),
                    code="US",
                    kind="place",
                    name=raw,
                )
            )
    return hits


def _only_in_capitals(found: Found, hit: Hit) -> bool:
    """A headline all in capitals does not tell "TURKEY" from "turkey"; the text under it may."""
    if not _shouted(found, hit):
        return False
    return not any(other is not hit and other.name == hit.name and not _shouted(found, other) for other in found.hits)


def _shouted(found: Found, hit: Hit) -> bool:
    around = [word for word in (found.raw(hit.first - 1), found.raw(hit.last + 1)) if len(word) > 1]
    return found.raw(hit.first).isupper() and bool(around) and all(word.isupper() for word in around)


def _is_language(found: Found, hit: Hit, gazetteer: Gazetteer) -> bool:
    after, before = fold(found.raw(hit.last + 1), gazetteer.lang), fold(found.raw(hit.first - 1), gazetteer.lang)
    gap = found.gap(hit.last)
    near = len(gap) <= 2 and not set(gap) & set(",;:.()")
    words = gazetteer.language_words
    if near and after in words:
        return True
    if gazetteer.lang != "en" and before in words and len(found.gap(hit.first - 1)) <= 2:
        return True
    if (
        gazetteer.lang == "de"
        and before in gazetteer.language_before
        and found.raw(hit.first)[:1].isupper()
        and hit.kind == "adjective"
    ):
        return True
    if before in gazetteer.language_before and len(found.gap(hit.first - 1)) <= 1:
        return not after or not near or after in _contexts()["connectives"]
    return False


def _is_person(found: Found, hit: Hit) -> bool:
    table = persons()
    before = found.raw(hit.first - 1)
    if hit.first == hit.last and before[:1].isupper() and found.gap(hit.first - 1) in (" ", ". "):
        folded = fold(before.rstrip("."))
        own = found.known[hit.first - 1]
        if folded in table.given and found.gap(hit.first - 1) == " " and (own is None or folded == "virginia"):
            return True
        if folded in table.titles:
            return True
    if hit.name in table.given_places and found.gap(hit.last) == " ":
        after = found.raw(hit.last + 1)
        folded = fold(after)
        if after[:1].isupper() and not after.isupper() and len(after) > 2 and found.known[hit.last + 1] is None:
            title = folded in _contexts()["after_place"]
            return not title and found.raw(hit.first - 1).lower() not in _contexts()["place_before"]
    return False


def _state_after(found: Found, hit: Hit, lang: str, after: Hit | None) -> str:
    """The country told by a state or province right after a town ("Paris, Texas"), "" when there is none."""
    if hit.kind not in ("city", "place", "name") or found.gap(hit.last) not in (", ", " (", ","):
        return ""
    raw = found.raw(hit.last + 1)
    if lang == "en" and raw.rstrip(".") in states()[1] and (raw.isupper() or found.gap(hit.last + 1).startswith(".")):
        return "US"
    if after is None or after.first != hit.last + 1 or after.kind not in ("place", "name", "city"):
        return ""
    if after.name in states()[0] and hit.code not in ("US", "MX", "CA"):
        return "US"
    if hit.kind != "name" and after.name in _contexts()["provinces"]:
        return after.code
    return ""


def _owner(found: Found, hit: Hit, hits: list[Hit], gazetteer: Gazetteer, text_words: frozenset[str], after: Hit | None) -> str:
    others = {
        other.code for other in hits if other is not hit and other.code and other.kind in ("name", "adjective", "people", "place")
    }
    several = ambiguous().get(hit.name)
    if several is not None:
        code = _by_signs(several, text_words - {hit.name}, others)
        return code or (hit.code if gazetteer.lang != "en" else "")
    owners = gazetteer.cities.owners(hit.name)
    if after is not None and after.first == hit.last + 1 and after.code in owners:
        return after.code
    named = [code for code in owners if code in others]
    if named:
        return max(named, key=lambda code: owners[code])
    raw = found.text[hit.start : hit.end]
    if len(raw) <= 5 and fold(raw, gazetteer.lang) != hit.name and _begins_sentence(found, hit):
        return ""
    if any(word is not None and match.group() == raw.lower() for match, word in zip(found.words, found.known, strict=True)):
        return ""
    home = [code for code in HOME.get(gazetteer.lang, ()) if code in owners]
    best = max(owners, key=lambda code: owners[code])
    if home and gazetteer.lang != "en":
        return home[0]
    return best if owners[best] >= SHARE * sum(owners.values()) else ""


def _begins_sentence(found: Found, hit: Hit) -> bool:
    return hit.first == 0 or any(c in ".!?:\n" for c in found.gap(hit.first - 1))


def _by_signs(several: Ambiguous, text_words: frozenset[str], others: set[str]) -> str:
    counted = {code: len(signs & text_words) for code, signs in several.signs.items()}
    best = max(counted, key=lambda code: counted[code], default="")
    if best == NONE and counted[best]:
        return ""
    if best and counted[best]:
        if several.default in others and several.default not in counted and best not in others:
            return several.default
        return best
    if several.default:
        return several.default
    for code in several.signs:
        if code in others and code != NONE:
            return code
    return several.default


@cache
def _footer_cues() -> tuple[str, ...]:
    return tuple(load_toml(PLACES / "contexts.toml")["footer"])


def in_footer(text: str) -> list[tuple[int, int]]:
    """The spans of the lines, among the last ones of a text of several, that give the publisher's own address."""
    cues = _footer_cues()
    lines = text.splitlines(keepends=True)
    if len(lines) < 3:
        return []
    spans, position = [], 0
    for number, line in enumerate(lines):
        if number >= max(2, len(lines) - 6) and line.strip().lower().startswith(cues):
            spans.append((position, position + len(line)))
        position += len(line)
    return spans
