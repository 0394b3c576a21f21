"""Trade in goods from UN Comtrade: the public preview and the keyed interface answer alike.

Shape: ``{"elapsedTime", "count", "data": [{reporterISO, partnerISO, flowCode, cmdCode, cmdDesc, period, primaryValue, …}], "error"}``.
Values are US dollars. Each reporter, partner and product becomes one notice of kind study; ``raw["figures"]`` is JSON:
``{"<period>": {"M": imports, "X": exports}}``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from crawlers.pages import _answer as answer
from crawlers.pages._codes import country_code
from crawlers.source import Source
from store.model import Code, Follow, Notice, Page, Problem

WORLD = frozenset({"W00", "WLD", ""})


def parse(page: Page, source: Source) -> Iterator[Notice | Problem | Follow]:
    """Notices of kind study; problems ``error-answer``, ``missing-rows``, ``no-figures``, ``missing-id``."""
    for found in answer.answers(page, source):
        if isinstance(found, Problem):
            yield found
            continue
        given = answer.obj(found)
        if answer.line(given.get("error")):
            yield answer.problem(page, source, "error-answer", f"The interface says: {answer.line(given.get('error'))[:160]}")
        elif not isinstance(given.get("data"), list):
            yield answer.problem(
                page, source, "missing-rows", "There is no list 'data': compare the answer with the last good one."
            )
        elif not given.get("data"):
            yield answer.problem(page, source, "no-figures", "The answer holds no row: the period may not be published yet.")
        else:
            yield from _groups([answer.obj(row) for row in answer.rows(given.get("data"))], page, source)


def _groups(rows: list[answer.Object], page: Page, source: Source) -> Iterator[Notice | Problem]:
    groups: dict[tuple[str, str, str], list[answer.Object]] = {}
    for row in rows:
        key = (
            answer.text(row.get("reporterISO")) or answer.text(row.get("reporterCode")),
            answer.text(row.get("partnerISO")) or answer.text(row.get("partnerCode")),
            answer.text(row.get("cmdCode")),
        )
        groups.setdefault(key, []).append(row)
    for (reporter, partner, product), found in groups.items():
        source_id = f"{reporter}-{partner}-{product}"
        if not reporter or not product:
            yield answer.problem(
                page, source, "missing-id", "Rows without reporter or product were left out (bulk files have neither).", source_id
            )
            continue
        figures: dict[str, dict[str, float]] = {}
        for row in found:
            value = answer.number(row.get("primaryValue"))
            if value is not None:
                figures.setdefault(answer.text(row.get("period")), {})[answer.text(row.get("flowCode"))] = value
        goods = answer.line(found[0].get("cmdDesc")) or f"HS {product}"
        origin, target = _name(found[0], "reporter", reporter), _name(found[0], "partner", partner)
        yield Notice(
            source=source.name,
            source_id=source_id,
            kind="study",
            url=page.url,
            title=f"Trade of {origin} with {target}: {goods}",
            summary="; ".join(f"{period}: {_told(flows)}" for period, flows in sorted(figures.items())[-3:]),
            text=f"{goods}\n{origin}\n{target}",
            language="en",
            organiser=source.publisher,
            hard_ids=(f"comtrade:{source_id.lower()}",),
            codes=tuple(_codes(reporter, partner, product, goods)),
            raw={
                "figures": json.dumps(dict(sorted(figures.items()))),
                **answer.kept(classification=found[0].get("classificationCode")),
            },
        )


def _name(row: answer.Object, side: str, code: str) -> str:
    return "the world" if code in WORLD else answer.line(row.get(f"{side}Desc")) or code


def _told(flows: dict[str, float]) -> str:
    words = {"M": "imports", "X": "exports"}
    return ", ".join(f"{words.get(flow, flow)} {value:,.0f} USD" for flow, value in sorted(flows.items()))


def _codes(reporter: str, partner: str, product: str, goods: str) -> Iterator[Code]:
    if country_code(reporter):
        yield Code(scheme="country", value=country_code(reporter), role="mentioned")
    if partner not in WORLD and country_code(partner):
        yield Code(scheme="country", value=country_code(partner), role="target")
    if product.isdecimal():
        yield Code(scheme="hs", value=product, label=goods)
