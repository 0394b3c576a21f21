"""Sectors of a text, each with the words or codes that prove it."""

from __future__ import annotations

from collections.abc import Sequence

from nlp.sectors.codes import CodeHit, code_hits
from nlp.sectors.fold import Folded, fold_text
from nlp.sectors.matching import matcher
from nlp.sectors.ranking import MOST_EVIDENCE, Case, calibration, figures, weigh
from nlp.sectors.vocabulary import sector_ids
from store.model import Code, Evidence, SectorTag

# What stands beyond this many characters is not read for sectors: a text says early what it is about.
LONGEST = 60_000
# Where no sector reaches the threshold, the first is given from this score on: a short text may hold one clear word and no more.
FIRST_ALONE = 0.4


def tag_sectors(text: str, lang: str, codes: Sequence[Code] = ()) -> tuple[SectorTag, ...]:
    """The sectors of ``text`` (title, newline, body), best first; () when nothing fits.

    ``lang`` is ISO 639-1, "" when unknown. ``codes`` are the publisher's own (cpv, nace, hs, programme, sector; others are passed over).
    Every tag has evidence whose quotes stand at their offsets in ``text``; a code from a field has offsets 0:0. Never raises for a text.
    """
    folded, cases = read_cases(text, lang, codes)
    fitted = calibration()
    scored = [(fitted.score(values), name) for name, values in figures(cases).items()]
    best = max((score for score, _ in scored), default=0.0)
    least = best if FIRST_ALONE <= best < fitted.threshold else fitted.threshold
    return tuple(
        SectorTag(id=name, score=round(score, 3), evidence=_evidence(cases[name], folded, text))
        for score, name in sorted(scored, key=lambda item: (-item[0], item[1]))
        if score >= least
    )


def read_cases(text: str, lang: str, codes: Sequence[Code] = ()) -> tuple[Folded, dict[str, Case]]:
    """The folded text and what speaks for each sector in it, before calibration (the fitting reads this too)."""
    folded = fold_text(text[:LONGEST])
    hits = matcher(lang).find(folded, text)
    return folded, weigh(folded, text, hits, code_hits(codes, text[:LONGEST]), lang)


def _evidence(case: Case, folded: Folded, text: str) -> tuple[Evidence, ...]:
    """The strongest evidence first, codes before words."""
    found = [_code_evidence(code) for code in case.code_hits]
    for _, hit in sorted(case.hits, key=lambda item: (-item[0], item[1].start))[:MOST_EVIDENCE]:
        start, end = folded.original(hit.start, hit.end)
        found.append(Evidence(quote=text[start:end], start=start, end=end, rule=f"word:{hit.word.lang}:{hit.word.text}"))
    return tuple(found[:MOST_EVIDENCE])


def _code_evidence(code: CodeHit) -> Evidence:
    """A code as evidence."""
    return Evidence(quote=code.quote, start=code.start, end=code.end, rule=code.rule)


__all__ = ["read_cases", "sector_ids", "tag_sectors"]
