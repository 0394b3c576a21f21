"""SDMX in its forms: by series and flat, generic and structure-specific, JSON of both versions, CSV; each gives the same figures."""

from __future__ import annotations

import json
from types import MappingProxyType
from typing import Any

import pytest

from store.model import Page
from tests.crawlers.pages_support import SOURCES, read
from tests.crawlers.web import NOW

WANTED = [
    {"FREQ": "A", "GEO": "PT", "TIME_PERIOD": "2024", "value": 1.5},
    {"FREQ": "A", "GEO": "PT", "TIME_PERIOD": "2025", "value": 2.0},
]
MESSAGE = '<m:{0} xmlns:m="http://m" xmlns:g="http://g"><m:Header><m:Prepared>2026-09-01T00:00:00</m:Prepared></m:Header><m:DataSet>{1}</m:DataSet></m:{0}>'
OBS = '<g:Obs><g:ObsKey><g:Value id="FREQ" value="A"/><g:Value id="GEO" value="PT"/><g:Value id="TIME_PERIOD" value="{}"/></g:ObsKey><g:ObsValue value="{}"/></g:Obs>'
SERIES_2_0 = (
    '<g:Series><g:SeriesKey><g:Value concept="FREQ" value="A"/><g:Value concept="GEO" value="PT"/></g:SeriesKey>'
    '<g:Obs><g:Time>2024</g:Time><g:ObsValue value="1.5"/></g:Obs><g:Obs><g:Time>2025</g:Time><g:ObsValue value="2.0"/></g:Obs></g:Series>'
)
DIMENSIONS: dict[str, Any] = {
    "dataSet": [{"id": "FREQ", "values": [{"id": "A", "name": "Annual"}]}],
    "series": [{"id": "GEO", "values": [{"id": "PT", "name": "Portugal"}]}],
    "observation": [{"id": "TIME_PERIOD", "values": [{"id": "2024"}, {"value": "2025"}]}],
}
DATA = [{"series": {"0": {"observations": {"0": [1.5, 0], "1": [2.0]}}}}]
FLAT = [{"observations": {"0:0": [1.5], "0:1": [2.0]}}]


def page(body: str) -> Page:
    return Page(
        url="https://stat.example.org/data/X?format=a&startPeriod=2024",
        body=body.encode(),
        fetched_at=NOW,
        headers=MappingProxyType({}),
    )


@pytest.mark.parametrize(
    "body",
    [
        MESSAGE.format("GenericData", OBS.format(2024, 1.5) + OBS.format(2025, 2.0)),
        MESSAGE.format("GenericData", SERIES_2_0),
        MESSAGE.format("StructureSpecificData", '<Series FREQ="A" GEO="PT" DECIMALS="1"><Obs TIME_PERIOD="2024" OBS_VALUE="1.5" OBS_STATUS="A"/>'
                       '<Obs TIME_PERIOD="2025" OBS_VALUE="2.0"/><Obs TIME_PERIOD="2026" OBS_VALUE="NaN"/></Series>'),
        MESSAGE.format("StructureSpecificData", '<Obs FREQ="A" GEO="PT" TIME_PERIOD="2024" OBS_VALUE="1.5"/><Obs FREQ="A" GEO="PT" TIME_PERIOD="2025" OBS_VALUE="2"/>'),
        json.dumps({"header": {}, "structure": {"dimensions": DIMENSIONS}, "dataSets": DATA}),
        json.dumps({"meta": {}, "data": {"structures": [{"dimensions": DIMENSIONS}], "dataSets": DATA}}),
        json.dumps({"structure": {"dimensions": {**DIMENSIONS, "series": [], "observation": DIMENSIONS["series"] + DIMENSIONS["observation"]}}, "dataSets": FLAT}),
        "STRUCTURE,STRUCTURE_ID,ACTION,FREQ,GEO,TIME_PERIOD,OBS_VALUE,OBS_STATUS\ndataflow,E:X(1.0),I,A,PT,2024,1.5,A\ndataflow,E:X(1.0),I,A,PT,2025,2.0,\n",
        "DATAFLOW;FREQ: Frequency;GEO: Place;TIME_PERIOD;OBS_VALUE\nE:X(1.0);A: Annual;PT: Portugal;2024;1.5\nE:X(1.0);A: Annual;PT: Portugal;2025;2.0\n",
    ],
)  # fmt: skip
def test_the_same_figures_in_every_form(body: str) -> None:
    [notice], problems, _ = read(SOURCES["eu_ecb_rates"], page(body))
    assert problems == []
    assert json.loads(notice.raw["figures"]) == WANTED
    assert notice.summary.endswith("2024 to 2025 · 2 figures")
    assert [(code.value, code.role) for code in notice.codes] == [("PT", "target")]
    assert notice.source_id == "stat.example.org/data/X"


@pytest.mark.parametrize(
    ("body", "cause"),
    [
        ("<m:Structure xmlns:m='http://m'><m:Structures/></m:Structure>", "missing-rows"),
        (MESSAGE.format("GenericData", ""), "no-figures"),
        ('{"data": {"dataSets": [{}], "structures": []}}', "no-figures"),
        ("a,b\n1,2\n", "missing-rows"),
        ("<html><body>Busy</body></html>", "missing-rows"),
    ],
)
def test_what_holds_no_figures_says_so(body: str, cause: str) -> None:
    notices, problems, _ = read(SOURCES["eu_ecb_rates"], page(body))
    assert ([], [cause]) == (notices, [problem.cause for problem in problems])
