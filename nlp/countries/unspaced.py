"""Country names in scripts that put no blanks between words (Chinese, Japanese) or join small words to them (Arabic)."""

from __future__ import annotations

from functools import cache

from ahocorasick_rs import AhoCorasick, MatchKind
from babel import Locale

from nlp.countries import cldr
from nlp.countries.matching import Hit

_MORE = {
    "zh": {"US": "美国 美國", "GB": "英国 英國", "DE": "德国 德國", "FR": "法国 法國", "CN": "中国 中國", "KR": "韩国 韓國 南韩", "KP": "朝鲜 北韩", "HK": "香港", "TW": "台湾 臺灣", "RU": "俄国"},
    "ja": {"US": "米国 アメリカ", "GB": "英国", "DE": "独", "CN": "中国", "KR": "韓国", "KP": "北朝鮮", "HK": "香港", "FR": "仏"},
    "ar": {"US": "الولايات المتحدة أمريكا", "GB": "بريطانيا إنجلترا", "PS": "فلسطين غزة", "KR": "كوريا الجنوبية", "RU": "روسيا"},
}  # fmt: skip


@cache
def _automaton(lang: str) -> tuple[AhoCorasick, tuple[str, ...]]:
    names: dict[str, str] = {}
    locale = Locale.parse(lang)
    for code, name in [*cldr.names(locale), *cldr.zone_cities(locale)]:
        if len(name) >= 2:
            names.setdefault(name, code)
    for code, more in _MORE[lang].items():
        for name in more.split():
            if len(name) >= 2:
                names.setdefault(name, code)
    ordered = tuple(names)
    return AhoCorasick(list(ordered), matchkind=MatchKind.LeftmostLongest), tuple(names[name] for name in ordered)


def find_unspaced(text: str, lang: str) -> list[Hit]:
    """Every longest name of ``lang`` (``zh``, ``ja`` or ``ar``) in ``text``."""
    automaton, owners = _automaton(lang)
    return [
        Hit(first=-1, last=-1, start=start, end=end, code=owners[which], kind="name", name=text[start:end])
        for which, start, end in automaton.find_matches_as_indexes(text)
    ]
