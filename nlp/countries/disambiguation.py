"""Which of the hits are countries after all, and of which country: persons, languages, towns with a state, names with two owners."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cached_property

from nlp.countries import home
from nlp.countries.fold import fold
from nlp.countries.index import DECLINING, Gazetteer
from nlp.countries.lookalikes import contexts, is_called_after, is_language, is_person, quiet_names, shouted
from nlp.countries.matching import Found, Hit
from nlp.countries.places import Ambiguous, abbreviations, ambiguous, persons, states

# Share of the people of all cities of a name that the largest owner needs when nothing else speaks for it.
SHARE = 0.6
# The choice of ``ambiguous.toml`` that is no country ("turkey" of Thanksgiving).
NONE = "none"


@dataclass(kw_only=True)
class _Around:
    """What a whole text says, gathered once and only when an ambiguous name asks for it."""

    found: Found
    lang: str

    @cached_property
    def words(self) -> frozenset[str]:
        """The folded words."""
        return frozenset(fold(raw, self.lang) for raw in frozenset(self.found.raws))

    @cached_property
    def plain(self) -> frozenset[str]:
        """The words as they stand."""
        return frozenset(self.found.raws)

    @cached_property
    def named(self) -> Counter[str]:
        """How often each country is told by its name, an adjective or a place that has one owner."""
        return Counter(hit.code for hit in self.found.hits if hit.code and hit.kind != "city")

    @cached_property
    def quiet(self) -> frozenset[str]:
        """The names whose capital says something somewhere."""
        return quiet_names(self.found)

    @cached_property
    def told_by(self) -> dict[str, set[str]]:
        """Country -> the names, adjectives and places that tell it."""
        found: dict[str, set[str]] = {}
        for hit in self.found.hits:
            if hit.code and hit.kind != "city":
                found.setdefault(hit.code, set()).add(hit.name)
        return found

    def elsewhere(self, hit: Hit) -> bool:
        """Whether something of another name tells the same country as ``hit``."""
        return bool(self.told_by.get(hit.code, set()) - {hit.name})

    def others(self, hit: Hit) -> frozenset[str]:
        """The countries that something else than ``hit`` names."""
        own = hit.code if hit.code and hit.kind != "city" else ""
        return frozenset(code for code, times in self.named.items() if code != own or times > 1)


def settle(found: Found, gazetteer: Gazetteer) -> list[Hit]:
    """The hits that stand for a country, each with its code, in order."""
    around = _Around(found=found, lang=gazetteer.lang)
    kept: list[Hit] = []
    hits = found.hits
    in_state: dict[str, str] = {}  # "Lebanon, Pa." speaks for each "Lebanon" of the text
    spoken = -9  # the last word of the last language: "Russian and English"
    for number, hit in enumerate(hits):
        if hit.kind == "not":
            continue
        if hit.kind in ("adjective", "people") and (is_language(found, hit, gazetteer) or hit.first - spoken == 2):
            spoken = hit.last
            continue
        if gazetteer.starts and _other_word(found, hit, gazetteer):
            continue
        if hit.name in contexts()["doubtful_in_capitals"] and shouted(found, hit) and hit.name not in around.quiet:
            continue
        after = hits[number + 1] if number + 1 < len(hits) else None
        previous = hits[number - 1] if number else None
        if hit.kind != "group" and (is_person(found, hit, previous, after) or is_called_after(found, hit)):
            continue
        state = _state_after(found, hit, gazetteer.lang, after)
        if state:
            hit.code = state
            in_state[hit.name] = state
        elif hit.kind == "town":
            hit.code = _town(hit, gazetteer.lang, around, after)
        elif hit.kind == "city" or hit.name in ambiguous():
            hit.code = _owner(hit, gazetteer, around, after)
        if hit.code:
            kept.append(hit)
    for hit in kept:
        if hit.name in in_state and hit.kind in ("name", "place", "city", "town") and not around.elsewhere(hit):
            hit.code = in_state[hit.name]
    return kept


def _state_after(found: Found, hit: Hit, lang: str, after: Hit | None) -> str:
    """The country told by a state or province right after a town ("Paris, Texas"), "" when there is none."""
    if hit.kind not in ("city", "place", "name", "town") or found.gap(hit.last) not in (", ", " (", ","):
        return ""
    raw = found.raw(hit.last + 1)
    if lang == "en" and raw.rstrip(".") in abbreviations() and (raw.isupper() or found.gap(hit.last + 1).startswith(".")):
        return abbreviations()[raw.rstrip(".")]
    if after is None or after.first != hit.last + 1 or after.kind not in ("place", "name", "city"):
        return ""
    if after.name in states() and hit.code not in ("US", "MX", "CA"):
        return "US"
    if hit.kind != "name" and after.name in contexts()["provinces"]:
        return after.code
    return ""


def _owner(hit: Hit, gazetteer: Gazetteer, around: _Around, after: Hit | None) -> str:
    """The country of a city, or of a name with several owners; "" when it cannot be told."""
    others, found = around.others(hit), around.found
    several = ambiguous().get(hit.name)
    if several is not None:
        code = _by_signs(several, hit.name, around.words, others)
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
    if hit.name not in gazetteer.cities.named and _begins_sentence(found, hit):  # a name in another language, or a word
        return ""
    if raw.lower() in around.plain:  # the same word in small letters: no name
        return ""
    at_home = [code for code in home.HOME.get(gazetteer.lang, ()) if code in owners]
    best = max(owners, key=lambda code: owners[code])
    if at_home and gazetteer.lang != "en":
        return at_home[0]
    return best if owners[best] >= SHARE * sum(owners.values()) else ""


def _town(hit: Hit, lang: str, around: _Around, after: Hit | None) -> str:
    """The country of a small town, "" where nothing beside it says that it is a place, or where it may be in several countries."""
    owners = home.towns(lang).get(tuple(hit.name.split(" ")), {})
    if after is not None and after.first == hit.last + 1 and after.code in owners and around.found.gap(hit.last) in (", ", " ("):
        return after.code
    last = fold(around.found.raw(hit.last), lang)
    if lang not in DECLINING and last.removesuffix("s") != hit.name.split(" ")[-1].removesuffix("s"):
        return ""  # "Ländern" is no form of a town called Lander
    if not _stands_as_place(around.found, hit, lang, at_home=bool(owners.keys() & set(home.HOME.get(lang, ())))):
        return ""
    named = [code for code in owners if code in around.named]
    best = max(named or owners, key=lambda code: owners[code], default="")
    return best if named or (best and owners[best] >= SHARE * sum(owners.values())) else ""


def _stands_as_place(found: Found, hit: Hit, lang: str, *, at_home: bool) -> bool:
    """Whether the words beside a name say that it is a place ("in Hallein", "Kuopiossa"), and none that it is a person."""
    following = found.raw(hit.last + 1)
    if found.gap(hit.last) == " " and f"{fold(following, lang)} {fold(found.raw(hit.last + 2), lang)}" in home.after(lang):
        return True
    longer = following[:1].isupper() and not following.isupper()
    if (longer or following in ("al", "el", "bin")) and found.gap(hit.last) == " ":
        return False
    if fold(following, lang) in home.after(lang) and found.gap(hit.last) == " ":
        return True
    raw = found.raw(hit.first - 1)
    inflected = at_home and home.by_case(lang) and fold(found.raw(hit.last), lang) != hit.name.split(" ")[-1]
    if lang == "tr":
        inflected = at_home and found.gap(hit.last) in ("'", "\u2019")
    if inflected and (not raw[:1].isupper() or _begins_sentence(found, hit)):
        return True
    before = fold(raw, lang)
    if before not in home.before(lang) or len(found.gap(hit.first - 1)) > 1:
        return False
    if before not in home.of(lang) or _begins(found, hit.first - 1):
        return True
    earlier = found.raw(hit.first - 2)
    if home.company(lang):
        return fold(earlier, lang) in home.company(lang)
    return not earlier[:1].isupper() or (_begins(found, hit.first - 2) and fold(earlier, lang) not in persons().given)


def _other_word(found: Found, hit: Hit, gazetteer: Gazetteer) -> bool:
    """Whether a word begins a sentence that means something else there ("Oman" is "own" in Finnish)."""
    return hit.first == hit.last and _begins(found, hit.first) and fold(found.raw(hit.first), gazetteer.lang) in gazetteer.starts


def _begins_sentence(found: Found, hit: Hit) -> bool:
    return _begins(found, hit.first)


def _begins(found: Found, number: int) -> bool:
    return number <= 0 or any(c in ".!?:\n" for c in found.gap(number - 1))


def _by_signs(several: Ambiguous, name: str, text_words: frozenset[str], others: frozenset[str]) -> str:
    counted = {code: len((signs - {name}) & text_words) for code, signs in several.signs.items()}
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
