"""Which recorded bytes of live sources are read, and how completely: one line a source, printed by ``python -m tests.crawlers.recorded_table``.

Each line: source, files, entries in them (counted without our parsers), notices, problems by cause. Entries that are neither a notice
nor named by a problem would be a silent loss.
"""

from __future__ import annotations

import csv
import io
import json
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

from lxml import etree

from crawlers.formats.detail import ROLE
from crawlers.source import Source
from store.model import Follow, Notice, Page, Problem
from tests.conftest import RECORDED
from tests.crawlers.pages_support import SOURCES, read

FETCHED = datetime(2026, 9, 20, 6, tzinfo=UTC)


def _at(*path: str) -> Callable[[bytes], int]:
    """Counts the elements of the list at ``path``; through each page of a saved walk."""

    def count(body: bytes) -> int:
        document = json.loads(body)
        walk = document["pages"] if isinstance(document, dict) and "request" in document else [document]
        return sum(len(_dig(one, path)) for one in walk)

    return count


def _dig(node: Any, path: tuple[str, ...]) -> list[Any]:
    for number, step in enumerate(path):
        if step == "*":
            return [one for element in node for one in _dig(element, path[number + 1 :])]
        node = node[step]
    return list(node) if isinstance(node, list) else [node]


def _tags(*names: str) -> Callable[[bytes], int]:
    """Counts elements by their local name, however the file is encoded."""

    def count(body: bytes) -> int:
        text = body.decode("utf-8-sig", "replace").partition("?>")[2] if body[:60].count(b"utf-16") else ""
        root = etree.fromstring(text.encode() if text else body.lstrip(), etree.XMLParser(recover=True, resolve_entities=False))
        return sum(1 for node in root.iter() if isinstance(node.tag, str) and etree.QName(node).localname in names)

    return count


def _one(body: bytes) -> int:
    return 1


def _csv_rows(body: bytes) -> int:
    text = body.decode("utf-8-sig")
    return sum(1 for _ in csv.DictReader(io.StringIO(text.partition("\n")[2] if text.startswith("Feed title") else text)))


def _mrl(body: bytes) -> int:
    return sum(1 for row in body.decode("utf-8", "replace").split("<MRL_ROW_END>") if row.strip()) - 1


@dataclass(frozen=True, eq=False)
class Line:
    """A source, its recorded files (a glob under the recorded folder), and what must come out."""

    source: str
    glob: str
    entries: Callable[[bytes], int]
    files: int
    total: int
    notices: int
    problems: dict[str, int] = field(default_factory=dict)
    url: str = ""
    extra: int = 0  # problems beside a notice: an entry that is kept and told about

    @property
    def declared(self) -> Source:
        return SOURCES[self.source]


CONFERENCES = "https://raw.githubusercontent.com/tech-conferences/conference-data/main/conferences/"
T = "tradegov/trade-leads/"
# source, files, how entries are counted, number of files, of entries, of notices
LINES = (
    Line("eu_grants_feed", "eu-ft-portal/grants-feed/grants-2026-03-13.json", _at("grants"), 1, 932, 932),
    Line("eu_grants_feed", "eu-ft-portal/grants-feed/grants-2026-04-17.json", _at("grants"), 1, 713, 713),
    Line("eu_grants_feed", "eu-ft-portal/grants-feed/grants-2026-05-28.json", _at("grants"), 1, 709, 709),
    Line("eu_portal_calls", "eu-ft-portal/api/sedia_search_topics.json", _at("results"), 1, 4, 4),
    Line("eu_portal_calls", "eu-ft-portal/api/sedia_search_cascade.json", _at("results"), 1, 4, 4),
    Line("eu_portal_calls", "eu-ft-portal/api/sedia_search_page_full_envelope.json", _at("results"), 1, 2, 1, problems={"stale-mirror": 1, "bad-budget": 1}, extra=1),
    Line("eu_portal_calls", "eu-ft-portal/api/sedia_hit_stale_centricity.json", _one, 1, 1, 0, problems={"stale-mirror": 1}),
    Line("eu_portal_topics", "eu-ft-portal/api/topic_details_trimmed.json", _at("TopicDetails"), 1, 2, 2),
    Line("eu_ted_search", "ted/api-search/ted_v3_search_es_it.json", _at("notices"), 1, 2, 2),
    Line("eu_ted_search", "ted/api-search/ted_v3_search_energy_request_and_page.json", _at("notices"), 1, 3, 2, problems={"missing-title": 1}),
    Line("eu_ted_notices", "ted/legacy-r209/*.xml", _one, 107, 107, 107),
    Line("eu_ted_notices", "ted/eforms-sdk-notices/*.xml", _one, 49, 49, 43, problems={"missing-id": 4, "not-a-tender": 2}, url="https://ted.europa.eu/"),
    Line("us_grants_gov", "grants-gov/search2_energy.json", _at("data", "oppHits"), 1, 12, 12),
    Line("int_world_bank_procurement", "worldbank/procnotices_energy.json", _at("procnotices"), 1, 5, 5),
    Line("pt_portugal2030", "funding-national/pt-portugal2030-avisos-query-response.json", _at("avisos"), 1, 2, 2),
    Line("es_bdns", "funding-national/es-bdns-convocatoria-detail.json", _one, 1, 1, 1),
    Line("eu_interreg", "interreg/algolia_calls.json", _at("results", "*", "hits"), 1, 1, 1),
    Line("de_foerderdatenbank", "funding-national/de-foerderdatenbank/detail*.html", _one, 4, 4, 4),
    Line("fr_ile_de_france", "funding-national/fr-aides-territoires-providers/ile_de_france_data.json", lambda body: len(json.loads(body)), 1, 3, 3),
    Line("fr_manche", "funding-national/fr-aides-territoires-providers/departement_manche_data.json", _at("aides"), 1, 10, 10),
    Line("fi_haeavustuksia", "funding-national/fi-hae-haeavustuksia.json", _one, 1, 1, 1),
    Line("fi_eura2021", "funding-national/fi-eura2021-haku.json", _one, 1, 1, 1),
    Line("es_placsp", "tenders-national/es-placsp-643-excerpt.atom", _tags("entry"), 1, 1, 1),
    Line("pl_ezamowienia", "tenders-national/pl-ezamowienia-items.json", lambda body: len(json.loads(body)), 1, 2, 2),
    Line("gb_find_a_tender", "tenders-national/uk-find-a-tender-ocds-excerpt.json", _at("releases"), 1, 1, 1),
    Line("int_conference_data", "events-json/conference-data/*.json", lambda body: len(json.loads(body)), 32, 628, 626, problems={"same-id": 2}, url=CONFERENCES),
    Line("int_sec_deadlines", "events-json/sec-deadlines/conferences.yml", lambda body: body.count(b"- name:"), 1, 205, 205),
    Line("us_ita_trade_events", "tradegov/trade-events/ita-trade_events.xml", _tags("EVENTINFO"), 1, 5, 5, problems={"unknown-country": 1}, extra=1),
    Line("us_exim_trade_events", "tradegov/trade-events/exim-trade_events.xml", _tags("item"), 1, 16, 16),
    Line("us_dl_events", "tradegov/trade-events/dl-trade_events.xml", _tags("item"), 1, 2, 2),
    Line("au_austender", T + "australia-trade_leads.csv", _csv_rows, 1, 4, 4),
    Line("ca_buyandsell", T + "canada-canada_leads.csv", _csv_rows, 1, 6, 6),
    Line("us_mca_leads", T + "mca-mca_leads.xml", _tags("item"), 1, 3, 3),
    Line("us_state_leads", T + "state-state_trade_leads.json", _at("features"), 1, 6, 6),
    Line("us_ustda_leads", T + "ustda-rss.xml", _tags("item"), 1, 3, 3, problems={"unread-deadline": 1}, extra=1),
    Line("us_ustda_leads", T + "ustda-leads.xml", _tags("node"), 1, 3, 0, problems={"missing-id": 3}),
    Line("gb_contracts_finder", T + "uk-Notices.xml", _tags("FullNotice"), 1, 9, 9),
    Line("gb_contracts_finder", T + "uk-Closed.xml", _tags("FullNotice"), 1, 1, 1),
    Line("gb_contracts_finder", T + "uk-uk_trade_leads.csv", _csv_rows, 1, 3, 3),
    Line("us_fbo_leads", T + "fbopen-short_input", lambda body: body.count(b"<SOLNBR>"), 1, 6, 6),
    Line("us_fbo_leads", T + "fbopen-complete_source", lambda body: body.count(b"<SOLNBR>"), 1, 9, 7, problems={"missing-title": 2}),
    Line("us_market_research", "tradegov/market-research/market_researches.txt", _mrl, 1, 6, 6),
    Line("us_trade_articles", "tradegov/trade-articles/trade_articles.json", lambda body: len(json.loads(body)), 1, 3, 3),
    Line("us_trade_articles", "tradegov/sharepoint-trade-articles/*.xml", _tags("article"), 4, 4, 4),
    Line("us_country_fact_sheets", "tradegov/country-fact-sheets/*.json", _at("country_fact_sheets"), 1, 2, 2),
    Line("int_world_bank_indicators", "figures/worldbank-indicators/*.json", _one, 1, 1, 1),
    Line("eu_ecb_rates", "figures/sdmx-test-data/ECB_EXR/1/*.xml", _one, 1, 1, 1),
    Line("int_comtrade", "figures/comtrade/public-preview_*.json", _one, 1, 1, 1),
    Line("eu_eurostat_production", "figures/json-stat/*.json", _one, 15, 15, 14, problems={"cut": 7, "missing-rows": 1}, extra=7),
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What came out of the files of one line."""

    files: int
    entries: int
    notices: list[Notice]
    problems: Counter[str]
    follows: int


def outcome(line: Line, recorded: Path) -> Outcome:
    """Read all files of a line with their source's parser, as the command ``parse`` does."""
    files = sorted(recorded.glob(line.glob))
    notices: list[Notice] = []
    problems: list[Problem] = []
    follows: list[Follow] = []
    entries = 0
    for path in files:
        body = path.read_bytes()
        entries += line.entries(body)
        url = line.url or line.declared.url
        if line.source == "int_conference_data":
            year, _, topic = path.name.partition("-")
            url = f"{CONFERENCES}{year}/{topic}"
        page = Page(
            url=url, body=body, fetched_at=FETCHED, headers=MappingProxyType({ROLE: "detail"} if line.declared.page_prefix else {})
        )
        found = read(line.declared, page)
        notices += found[0]
        problems += found[1]
        follows += found[2]
    return Outcome(
        files=len(files),
        entries=entries,
        notices=notices,
        problems=Counter(problem.cause for problem in problems),
        follows=len(follows),
    )


def main() -> None:
    """Print the table."""
    print("| source | files | entries | notices | problems |")
    print("|---|---|---|---|---|")
    total: Counter[str] = Counter()
    for line in LINES:
        found = outcome(line, RECORDED)
        told = ", ".join(f"{cause} {count}" for cause, count in sorted(found.problems.items())) or "-"
        print(f"| {line.source} | {line.glob} ({found.files}) | {found.entries} | {len(found.notices)} | {told} |")
        total.update(files=found.files, entries=found.entries, notices=len(found.notices), problems=sum(found.problems.values()))
    print(f"| all | {total['files']} | {total['entries']} | {total['notices']} | {total['problems']} |")


if __name__ == "__main__":
    if not RECORDED.is_dir():
        sys.exit("../shared/recorded is not here")
    main()
