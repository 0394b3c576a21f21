"""The read API against its own document: every answer has the shape that it tells, and no request that schemathesis makes fails."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import schemathesis
from common_grants_sdk.schemas.pydantic.models import OpportunityBase
from common_grants_sdk.schemas.pydantic.responses import OpportunitiesSearchResponse
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance, status_code_conformance

from store import accounts
from store.database import open_private
from store.site.app import pages
from store.site.gate import COOKIE
from store.site.openapi import FORMS, document
from tests.store.site.conftest import Running, run_site, serving
from tests.store.site_data import NOW

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
SPEC = document("https://scout.example")
QUERIES = (
    "",
    "status=any&size=100",
    "q=moulds&sort=relevance",
    "sector=plastics&country=PT&role=eligible&budget=1",
    "q=zzzznothing",
    "kind=x&size=0",
)


async def real_paths(running: Running) -> list[tuple[str, str]]:
    """Each path of the document with every word in braces filled by something that is there: (path of the document, path to ask)."""
    private = open_private(running.private_db)
    token = accounts.make_feed_token(private, accounts.member_by_email(private, "member@moulds.example").id, "", now=NOW)
    private.close()
    keys = [i["key"] for i in (await running.get("/feed.json?status=any&size=100")).json()["items"]]
    words = {"token": token, "sector": "plastics", "country": "PT"}
    return [(path, path.format(key=key, **words)) for path in SPEC["paths"] for key in (keys[::9] if "{key}" in path else keys[:1])]


async def test_every_answer_has_the_shape_that_the_document_tells(running: Running) -> None:
    assert (await running.get("/openapi.json", "")).json()["paths"] == SPEC["paths"]
    for told, path in await real_paths(running):
        for query in QUERIES if "feed" in told else ("", "month=2026-12"):
            answer = await running.get(f"{path}?{query}")
            assert answer.status_code == 200, path
            (kind, shape), = SPEC["paths"][told]["get"]["responses"]["200"]["content"].items()  # fmt: skip
            assert answer.headers["content-type"].startswith(kind)
            if "json" in kind:
                whole = {**shape["schema"], "components": SPEC["components"]}
                jsonschema_rs.validate(whole, answer.json())


def test_the_document_is_valid_and_names_every_page_that_gives_data() -> None:
    schemathesis.openapi.from_dict(SPEC).validate()
    given = {path.removeprefix("/private/{token}") for path in SPEC["paths"]}
    assert {f"/feed.{form}" for form in FORMS} <= given
    with_data = {r.pattern.partition("(?:")[0].strip("^$") for r in pages() if "format" in r.pattern and "feed" not in r.pattern}
    shapes = {path.rpartition(".")[0].partition("{")[0] for path in given}
    assert all(any(p.startswith(shape) for shape in shapes if shape) for p in with_data), with_data


async def test_refusals_are_told_in_their_shape(running: Running) -> None:
    whole = {"$ref": "#/components/schemas/Refusal", "components": SPEC["components"]}
    asked = [("/feed.json", ""), ("/private/" + "x" * 30 + "/feed.ics", ""), ("/opportunity/nothing1.json", "member@moulds.example"), ("/feed.json?q=%ff", "member@moulds.example")]  # fmt: skip
    for (path, who), status in zip(asked, (401, 404, 404, 400), strict=True):
        answer = await running.get(path, who)
        assert answer.status_code == status, path
        jsonschema_rs.validate(whole, answer.json())


@pytest.fixture(scope="module")
def served(made_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Any, dict[str, str]]]:
    """The document as schemathesis reads it from the running site, and the cookie of a member."""
    site = run_site(made_store, tmp_path_factory.mktemp("api"))
    with serving(site) as address:
        yield schemathesis.openapi.from_url(f"{address}/openapi.json"), {COOKIE: site.secrets["member@moulds.example"]}


def ask_everything(served: tuple[Any, dict[str, str]], examples: int) -> int:
    """Ask each operation so many times, and so many times wrongly; the number of requests."""
    schema, cookies = served
    asked = []
    for result, mode in product(schema.get_all_operations(), schemathesis.GenerationMode):
        operation = result.ok()
        if not mode.is_positive and not SPEC["paths"][operation.path]["get"]["parameters"]:
            continue  # nothing that could be wrong
        strategy = operation.as_strategy(generation_mode=mode)
        checks = CHECKS if mode.is_positive else CHECKS[:1]
        asking(strategy, examples, lambda case, checks=checks: asked.append(case.call_and_validate(cookies=cookies, checks=checks)))
    return len(asked)


def asking(strategy: Any, examples: int, ask: Callable[[Any], None]) -> None:
    @given(case=strategy)
    @settings(
        max_examples=examples, deadline=None, database=None, derandomize=examples < 10, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    def asked(case: Any) -> None:
        ask(case)

    asked()


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")
def test_schemathesis_finds_no_fault(served: tuple[Any, dict[str, str]]) -> None:
    assert ask_everything(served, 4) > 50


@pytest.mark.soak
@pytest.mark.timeout(3600)
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")
def test_schemathesis_finds_no_fault_in_thousands(served: tuple[Any, dict[str, str]]) -> None:
    asked = ask_everything(served, 120)
    print(f"{asked} requests, 0 faults")
    assert asked > 3000


async def test_commongrants_is_what_its_own_kit_reads(running: Running) -> None:
    for query in ("", "?status=any&size=100", "?status=cancelled&kind=call&kind=fair", "?q=zzzznothing", "?sort=deadline"):
        answer = await running.get("/feed.commongrants" + query)
        read = OpportunitiesSearchResponse.model_validate_json(answer.text)
        for item in answer.json()["items"]:
            OpportunityBase.model_validate(item, strict=False)
        assert len(read.items) == len(answer.json()["items"])
