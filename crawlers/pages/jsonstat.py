"""Statistics in JSON-stat 1 and 2: Eurostat's dissemination interface and other offices that answer in the same form.

Version 2 is one object (``class`` dataset, ``id``, ``size``, ``dimension``, ``value``); version 1 is a bundle of datasets by name with
``id`` and ``size`` inside ``dimension``. ``value`` is a list in row-major order of ``id``, or an object from position to value
(https://json-stat.org/full/). Each dataset becomes one notice of kind study whose figures stand in ``raw["figures"]`` as JSON:
``[{"<dimension>": "<category code>", …, "value": number}]``, and whose labels in ``raw["labels"]``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import product
from urllib.parse import parse_qsl, urlsplit

from crawlers.links import absolute
from crawlers.pages import _answer as answer
from crawlers.pages._codes import country_code
from crawlers.pages._times import instant_of
from crawlers.source import Source
from store.model import Code, Follow, Notice, Page, Problem

MOST_FIGURES = 2_000
GEO = frozenset({"geo", "reporter", "partner", "country", "ref_area", "cou", "location"})
TIME = frozenset({"time", "time_period", "period", "year", "tid"})


def parse(page: Page, source: Source) -> Iterator[Notice | Problem | Follow]:
    """Notices of kind study; of a collection, a Follow a dataset. Problems ``missing-rows``, ``no-figures``, ``cut``."""
    for found in answer.answers(page, source):
        if isinstance(found, Problem):
            yield found
            continue
        given = answer.obj(found)
        if answer.text(given.get("class")) == "collection":
            for item in answer.rows(answer.dig(given, "link", "item")):
                url = absolute(answer.text(answer.obj(item).get("href")), page.url)
                if url:
                    yield Follow(url=url, role="detail")
            continue
        datasets = [(name, answer.obj(one)) for name, one in _datasets(given)]
        if not datasets:
            yield answer.problem(
                page, source, "missing-rows", f"No JSON-stat dataset was found (class {answer.text(given.get('class')) or 'none'})."
            )
        for name, dataset in datasets:
            yield from _dataset(name, dataset, page, source)


def _datasets(given: answer.Object) -> Iterator[tuple[str, object]]:
    if "dimension" in given and ("value" in given or "measure" in given):
        yield "", given
        return
    for name, one in given.items():
        inner = answer.obj(one)
        if "dimension" in inner and ("value" in inner or "measure" in inner):
            yield str(name), one


def _dataset(name: str, dataset: answer.Object, page: Page, source: Source) -> Iterator[Notice | Problem]:
    source_id = _identity(name, dataset, page)
    title = answer.line(dataset.get("label")) or source.title
    dimensions = answer.obj(dataset.get("dimension"))
    ids = answer.texts(dataset.get("id")) or answer.texts(dimensions.get("id"))
    sizes = _sizes(dataset, dimensions)
    sizes += [0] * (len(ids) - len(sizes))  # some offices count one dimension less than they name
    categories = {one: _categories(answer.obj(dimensions.get(one)), size) for one, size in zip(ids, sizes, strict=False)}
    figures = list(_figures(dataset, ids, categories))
    if not ids or not figures:
        yield answer.problem(
            page, source, "no-figures", "The dataset holds no value: the query may be too narrow, or a code is gone.", source_id
        )
        return
    if len(figures) > MOST_FIGURES:
        detail = f"{len(figures)} figures are in the dataset; the last {MOST_FIGURES} are kept. Narrow the query."
        yield answer.problem(page, source, "cut", detail, source_id)
        figures = figures[-MOST_FIGURES:]
    labels = {one: {code: label for code, label in categories[one].items() if label and label != code} for one in ids}
    names = [answer.line(answer.obj(dimensions.get(one)).get("label")) for one in ids]
    roles = answer.obj(dataset.get("role")) or answer.obj(dimensions.get("role"))
    places = {*answer.texts(roles.get("geo")), *(one for one in ids if one.casefold() in GEO)}
    moments = {*answer.texts(roles.get("time")), *(one for one in ids if one.casefold() in TIME)}
    times = [code for one in ids if one in moments for code in categories[one]]
    span = f"{times[0]} to {times[-1]}" if times else ""
    yield Notice(
        source=source.name,
        source_id=source_id,
        kind="study",
        url=page.url,
        title=title,
        summary=" · ".join(filter(None, (answer.line(dataset.get("source")), span, f"{len(figures)} figures"))),
        text="\n".join(filter(None, (title, answer.body(dataset.get("note")), ", ".join(filter(None, names))))),
        language=source.languages[0],
        updated=instant_of(answer.text(dataset.get("updated")), source.timezone),
        organiser=answer.line(dataset.get("source")) or source.publisher,
        codes=tuple(_codes(ids, categories, places)),
        raw={
            "figures": json.dumps(figures, ensure_ascii=False),
            "labels": json.dumps({one: found for one, found in labels.items() if found}, ensure_ascii=False),
            **answer.kept(updated=dataset.get("updated")),
        },
    )


def _identity(name: str, dataset: answer.Object, page: Page) -> str:
    """The dataset's own code where it tells one, else its address without what only shapes the answer."""
    own = answer.text(answer.dig(dataset, "extension", "id")) or name
    parts = urlsplit(page.url)
    query = "&".join(
        f"{key}={value}" for key, value in sorted(parse_qsl(parts.query)) if key.casefold() not in {"format", "lang", "time"}
    )
    address = "?".join(filter(None, (f"{parts.netloc}{parts.path}", query)))
    return "#".join(filter(None, (address, own if own != "dataset" else ""))) or own


def _sizes(dataset: answer.Object, dimensions: answer.Object) -> list[int]:
    given = dataset.get("size") or dimensions.get("size")
    return [int(answer.number(one) or 0) for one in given] if isinstance(given, list) else []


def _categories(dimension: answer.Object, size: int) -> dict[str, str]:
    """Category codes in their order, each with its label. ``index`` is a list, an object code -> position, or absent for one category."""
    category = answer.obj(dimension.get("category"))
    index, labels = category.get("index"), answer.obj(category.get("label"))
    if isinstance(index, list):
        codes = [answer.text(code) for code in index]
    elif isinstance(index, dict):
        codes = sorted(index, key=lambda code: answer.number(index[code]) or 0)
    else:
        codes = list(labels)
    codes = codes or [str(position) for position in range(size)]
    return {code: answer.line(labels.get(code)) for code in codes}


def _figures(dataset: answer.Object, ids: tuple[str, ...], categories: dict[str, dict[str, str]]) -> Iterator[dict[str, object]]:
    values = dataset.get("value") if dataset.get("value") is not None else dataset.get("measure")
    given = answer.obj(values)
    for position, codes in enumerate(product(*(categories.get(one, {}) for one in ids))):
        if isinstance(values, list):
            value = answer.number(values[position]) if position < len(values) else None
        else:
            value = answer.number(given.get(str(position)))
        if value is not None:
            yield {**dict(zip(ids, codes, strict=True)), "value": value}


def _codes(ids: tuple[str, ...], categories: dict[str, dict[str, str]], places: set[str]) -> Iterator[Code]:
    for one in ids:
        if one in places and len(categories[one]) <= 60:
            for code, label in categories[one].items():
                if country_code(code):
                    yield Code(scheme="country", value=country_code(code), label=label, role="target")
        elif one.casefold() in {"nace_r2", "nace"}:
            for code, label in categories[one].items():
                yield Code(scheme="nace", value=code, label=label)
        elif one.casefold() in {"product", "hs", "cn"}:
            for code, label in categories[one].items():
                yield Code(scheme="hs", value=code, label=label)
