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


@dataclass(frozen=True, kw_only=True, eq=False)
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
LINES = (
    Line(
        source="eu_grants_feed",
        glob="eu-ft-portal/grants-feed/grants-2026-03-13.json",
        entries=_at("grants"),
        files=1,
        total=932,
        notices=932,
    ),
    Line(
        source="eu_grants_feed",
        glob="eu-ft-portal/grants-feed/grants-2026-04-17.json",
        entries=_at("grants"),
        files=1,
        total=713,
        notices=713,
    ),
    Line(
        source="eu_grants_feed",
        glob="eu-ft-portal/grants-feed/grants-2026-05-28.json",
        entries=_at("grants"),
        files=1,
        total=709,
        notices=709,
    ),
    Line(
        source="eu_portal_calls",
        glob="eu-ft-portal/api/sedia_search_topics.json",
        entries=_at("results"),
        files=1,
        total=4,
        notices=4,
    ),
    Line(
        source="eu_portal_calls",
        glob="eu-ft-portal/api/sedia_search_cascade.json",
        entries=_at("results"),
        files=1,
        total=4,
        notices=4,
    ),
    Line(
        source="eu_portal_calls",
        glob="eu-ft-portal/api/sedia_search_page_full_envelope.json",
        entries=_at("results"),
        files=1,
        total=2,
        notices=1,
        problems={"stale-mirror": 1, "bad-budget": 1},
        extra=1,
    ),
    Line(
        source="eu_portal_calls",
        glob="eu-ft-portal/api/sedia_hit_stale_centricity.json",
        entries=_one,
        files=1,
        total=1,
        notices=0,
        problems={"stale-mirror": 1},
    ),
    Line(
        source="eu_portal_topics",
        glob="eu-ft-portal/api/topic_details_trimmed.json",
        entries=_at("TopicDetails"),
        files=1,
        total=2,
        notices=2,
    ),
    Line(
        source="eu_ted_search", glob="ted/api-search/ted_v3_search_es_it.json", entries=_at("notices"), files=1, total=2, notices=2
    ),
    Line(
        source="eu_ted_search",
        glob="ted/api-search/ted_v3_search_energy_request_and_page.json",
        entries=_at("notices"),
        files=1,
        total=3,
        notices=2,
        problems={"missing-title": 1},
    ),
    Line(source="eu_ted_notices", glob="ted/legacy-r209/*.xml", entries=_one, files=107, total=107, notices=107),
    Line(
        source="eu_ted_notices",
        glob="ted/eforms-sdk-notices/*.xml",
        entries=_one,
        files=49,
        total=49,
        notices=43,
        problems={"missing-id": 4, "not-a-tender": 2},
        url="https://ted.europa.eu/",
    ),
    Line(
        source="us_grants_gov", glob="grants-gov/search2_energy.json", entries=_at("data", "oppHits"), files=1, total=12, notices=12
    ),
    Line(
        source="int_world_bank_procurement",
        glob="worldbank/procnotices_energy.json",
        entries=_at("procnotices"),
        files=1,
        total=5,
        notices=5,
    ),
    Line(
        source="pt_portugal2030",
        glob="funding-national/pt-portugal2030-avisos-query-response.json",
        entries=_at("avisos"),
        files=1,
        total=2,
        notices=2,
    ),
    Line(source="es_bdns", glob="funding-national/es-bdns-convocatoria-detail.json", entries=_one, files=1, total=1, notices=1),
    Line(
        source="eu_interreg", glob="interreg/algolia_calls.json", entries=_at("results", "*", "hits"), files=1, total=1, notices=1
    ),
    Line(
        source="de_foerderdatenbank",
        glob="funding-national/de-foerderdatenbank/detail*.html",
        entries=_one,
        files=4,
        total=4,
        notices=4,
    ),
    Line(
        source="fr_ile_de_france",
        glob="funding-national/fr-aides-territoires-providers/ile_de_france_data.json",
        entries=lambda body: len(json.loads(body)),
        files=1,
        total=3,
        notices=3,
    ),
    Line(
        source="fr_manche",
        glob="funding-national/fr-aides-territoires-providers/departement_manche_data.json",
        entries=_at("aides"),
        files=1,
        total=10,
        notices=10,
    ),
    Line(source="fi_haeavustuksia", glob="funding-national/fi-hae-haeavustuksia.json", entries=_one, files=1, total=1, notices=1),
    Line(source="fi_eura2021", glob="funding-national/fi-eura2021-haku.json", entries=_one, files=1, total=1, notices=1),
    Line(
        source="es_placsp", glob="tenders-national/es-placsp-643-excerpt.atom", entries=_tags("entry"), files=1, total=1, notices=1
    ),
    Line(
        source="pl_ezamowienia",
        glob="tenders-national/pl-ezamowienia-items.json",
        entries=lambda body: len(json.loads(body)),
        files=1,
        total=2,
        notices=2,
    ),
    Line(
        source="gb_find_a_tender",
        glob="tenders-national/uk-find-a-tender-ocds-excerpt.json",
        entries=_at("releases"),
        files=1,
        total=1,
        notices=1,
    ),
    Line(
        source="int_conference_data",
        glob="events-json/conference-data/*.json",
        entries=lambda body: len(json.loads(body)),
        files=32,
        total=628,
        notices=626,
        problems={"same-id": 2},
        url=CONFERENCES,
    ),
    Line(
        source="us_ita_trade_events",
        glob="tradegov/trade-events/ita-trade_events.xml",
        entries=_tags("EVENTINFO"),
        files=1,
        total=5,
        notices=5,
        problems={"unknown-country": 1},
        extra=1,
    ),
    Line(
        source="us_exim_trade_events",
        glob="tradegov/trade-events/exim-trade_events.xml",
        entries=_tags("item"),
        files=1,
        total=16,
        notices=16,
    ),
    Line(
        source="us_dl_events", glob="tradegov/trade-events/dl-trade_events.xml", entries=_tags("item"), files=1, total=2, notices=2
    ),
    Line(source="au_austender", glob=T + "australia-trade_leads.csv", entries=_csv_rows, files=1, total=4, notices=4),
    Line(source="ca_buyandsell", glob=T + "canada-canada_leads.csv", entries=_csv_rows, files=1, total=6, notices=6),
    Line(source="us_mca_leads", glob=T + "mca-mca_leads.xml", entries=_tags("item"), files=1, total=3, notices=3),
    Line(source="us_state_leads", glob=T + "state-state_trade_leads.json", entries=_at("features"), files=1, total=6, notices=6),
    Line(
        source="us_ustda_leads",
        glob=T + "ustda-rss.xml",
        entries=_tags("item"),
        files=1,
        total=3,
        notices=3,
        problems={"unread-deadline": 1},
        extra=1,
    ),
    Line(
        source="us_ustda_leads",
        glob=T + "ustda-leads.xml",
        entries=_tags("node"),
        files=1,
        total=3,
        notices=0,
        problems={"missing-id": 3},
    ),
    Line(source="gb_contracts_finder", glob=T + "uk-Notices.xml", entries=_tags("FullNotice"), files=1, total=9, notices=9),
    Line(source="gb_contracts_finder", glob=T + "uk-Closed.xml", entries=_tags("FullNotice"), files=1, total=1, notices=1),
    Line(source="gb_contracts_finder", glob=T + "uk-uk_trade_leads.csv", entries=_csv_rows, files=1, total=3, notices=3),
    Line(
        source="us_market_research",
        glob="tradegov/market-research/market_researches.txt",
        entries=_mrl,
        files=1,
        total=6,
        notices=6,
    ),
    Line(
        source="us_trade_articles",
        glob="tradegov/trade-articles/trade_articles.json",
        entries=lambda body: len(json.loads(body)),
        files=1,
        total=3,
        notices=3,
    ),
    Line(
        source="us_trade_articles",
        glob="tradegov/sharepoint-trade-articles/*.xml",
        entries=_tags("article"),
        files=4,
        total=4,
        notices=4,
    ),
    Line(
        source="us_country_fact_sheets",
        glob="tradegov/country-fact-sheets/*.json",
        entries=_at("country_fact_sheets"),
        files=1,
        total=2,
        notices=2,
    ),
    Line(source="int_world_bank_indicators", glob="figures/worldbank-indicators/*.json", entries=_one, files=1, total=1, notices=1),
    Line(source="int_comtrade", glob="figures/comtrade/public-preview_*.json", entries=_one, files=1, total=1, notices=1),
    Line(
        source="eu_eurostat_production",
        glob="figures/json-stat/*.json",
        entries=_one,
        files=15,
        total=15,
        notices=14,
        problems={"cut": 7, "missing-rows": 1},
        extra=7,
    ),
)


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
