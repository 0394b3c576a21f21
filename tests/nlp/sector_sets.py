"""Real texts with sectors that others gave them, read from a folder of recorded sources that is not in the repository.

Five sets: procurement notices and the labels of their nomenclature (gold, and what is acceptable beside it: the main CPV code through
the taxonomy that lies beside the folder; recorded notices of the newer format are left out, since most were built with filler texts), and EU calls by their topic identifier, by the divisions that the Commission files them under, and by labels of our own, given to each before
the tagger had read it (``tests/gold/sectors_calls.tsv`` holds identifiers and labels alone). ``python -m tests.nlp.sector_sets
../shared/recorded`` prints a table of each; with ``--export FILE`` the calls with our labels are written as gold lines that
``nlp.sectors.fitting`` takes. The notices are never fitted on: they say whether scores keep their promise.
"""

from __future__ import annotations

import csv
import json
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lxml import etree

from nlp.scoring import Report, lines
from nlp.sectors import tag_sectors
from nlp.sectors.codes import programme_sectors
from store.model import Code

CALLS = Path(__file__).parent.parent / "gold" / "sectors_calls.tsv"
LANGUAGES = ("cs_cz", "de_de", "el_gr", "es_es", "fi_fi", "fr_fr", "it_it", "nl_nl", "pl_pl", "pt_pt", "ro_ro", "sv_se")
LABEL = re.compile(r"^'?\"?(.+?)'?\"?: '?\"?(.+?)'?\"?$")
EVERY = 20
# Divisions of Horizon Europe narrow enough to say a sector, with what may stand beside it. The broad ones ("Climate, Energy and Mobility") say none.
DIVISIONS: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "Agriculture, Forestry and Rural Areas": (("agrofood",), ("environment", "forest", "water")),
    "Artificial Intelligence and Robotics": (("ict",), ("machinery", "health", "electronics")),
    "Biodiversity and Natural Resources": (("environment",), ("agrofood", "forest", "maritime", "water")),
    "Circular Systems": (("environment",), ("chemicals", "plastics", "textile", "construction", "agrofood", "metals", "water")),
    "Climate Science and Solutions": (("environment",), ("energy", "agrofood", "maritime")),
    "Cultural Heritage": (("creative",), ("tourism", "environment", "ict", "construction")),
    "Cybersecurity": (("ict",), ("defence",)),
    "Disaster-Resilient Societies": (("defence",), ("environment", "health", "ict")),
    "Energy Storage": (("energy",), ("automotive", "environment", "chemicals", "metals")),
    "Energy Supply": (("energy",), ("environment", "chemicals", "maritime", "construction")),
    "Energy Systems and Grids": (("energy",), ("ict", "construction", "electronics")),
    "Food Systems": (("agrofood",), ("environment", "health", "maritime", "ict")),
    "Health Care Systems": (("health",), ("ict",)),
    "Infectious Diseases, including poverty-related and neglected diseases": (("health",), ()),
    "Non-Communicable and Rare Diseases": (("health",), ("ict", "environment")),
    "Seas, Oceans and Inland Waters": (("maritime",), ("environment", "agrofood", "water", "ict")),
    "Smart Mobility": (("mobility",), ("automotive", "logistics", "ict", "construction", "rail", "aerospace")),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One text with the sectors that are asked for and those that are acceptable beside them."""

    name: str
    lang: str
    text: str
    gold: frozenset[str]
    allowed: frozenset[str] = frozenset()
    codes: Sequence[Code] = field(default=())


def measured(rows: Iterable[Row]) -> Report:
    """The report of our tagger over the rows."""
    report = Report()
    for row in rows:
        given = {tag.id: tag.score for tag in tag_sectors(row.text, row.lang, row.codes)}
        report.add(row.name, row.lang, row.gold, row.allowed, given)
    return report


Crosswalk = Mapping[str, Mapping[str, Sequence[str]] | None]


def crosswalk(recorded: Path) -> Crosswalk:
    """CPV prefix -> the sectors asked for (``gold``, maybe none) and acceptable (``ok``); None = a mixed bag that is not measured."""
    found: Crosswalk = json.loads((recorded.parent / "taxonomy.json").read_text(encoding="utf-8"))["cpv_longest_prefix"]
    return found


def _by_code(name: str, lang: str, text: str, code: str, table: Crosswalk) -> Iterator[Row]:
    """The row of a text with a main CPV code; none when the code is a mixed bag or unknown."""
    entry = next((table[code[:length]] for length in range(len(code), 0, -1) if code[:length] in table), None)
    if entry is not None:
        yield Row(name, lang, text, frozenset(entry["gold"]), frozenset(entry["ok"]))


def notices(recorded: Path) -> Iterator[Row]:
    """Title and short description of each notice of the older format in its original language."""
    folder = recorded / "ted" / "legacy-r209"
    table = crosswalk(recorded)
    with (folder / "_labels.tsv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            root = etree.parse(folder / row["file"]).getroot()
            space = f"{{{root.nsmap[None]}}}"
            forms = [form for section in root.iter(f"{space}FORM_SECTION") for form in section]
            form = next((form for form in forms if form.get("CATEGORY") == "ORIGINAL"), forms[0])
            said = [form.find(f".//{space}OBJECT_CONTRACT/{space}{name}") for name in ("TITLE", "SHORT_DESCR")]
            title, text = (" ".join("".join(part.itertext()).split()) if part is not None else "" for part in said)
            yield from _by_code(row["file"], row["lang_original"].lower(), f"{title}\n{text}", row["original_cpv"], table)


def labels(recorded: Path, every: int = EVERY) -> Iterator[Row]:
    """One in ``every`` labels of the CPV nomenclature in twelve languages and English, as a title."""
    folder = recorded / "ted" / "codelists" / "cpv-full"
    listed = json.loads((folder / "cpvCodes.json").read_text(encoding="utf-8"))
    codes = {entry["name"]: str(entry["numericCode"]).zfill(8) for entry in listed if str(entry["version"]) == "2"}
    told = [("en", name, code) for name, code in codes.items()]
    for language in LANGUAGES:
        for line in (folder / f"messages.{language}.yaml").read_text(encoding="utf-8").splitlines():
            found = LABEL.match(line)
            if found and found.group(1) in codes:
                told.append((language[:2], found.group(2), codes[found.group(1)]))
    table = crosswalk(recorded)
    for lang, label, code in told[::every]:
        yield from _by_code(code, lang, f"{label}\n", code, table)


def _calls(recorded: Path) -> dict[str, dict[str, Any]]:
    """Topic identifier -> its record as last recorded."""
    found: dict[str, dict[str, Any]] = {}
    for path in sorted((recorded / "eu-ft-portal" / "grants-feed").glob("*.json")):
        found |= {grant["identifier"]: grant for grant in json.loads(path.read_text(encoding="utf-8"))["grants"]}
    return found


def _told(grant: Mapping[str, Any]) -> str:
    """Title and abstract."""
    return f"{grant['title']}\n{grant.get('abstract') or ''}"


def calls(recorded: Path, *, hidden: bool = True) -> Iterator[Row]:
    """Each EU call with an abstract whose topic identifier speaks for a sector; the identifier is shown to the tagger or hidden."""
    for topic, grant in _calls(recorded).items():
        hook = programme_sectors(topic)
        if grant.get("abstract") and hook is not None and hook[1]:
            codes = () if hidden else (Code(scheme="programme", value=topic),)
            yield Row(topic, "en", _told(grant), frozenset(hook[1]), codes=codes)


def divisions(recorded: Path) -> Iterator[Row]:
    """Each EU call that the Commission files under a narrow division, identifier hidden."""
    for topic, grant in _calls(recorded).items():
        filed = [DIVISIONS[part["label"]] for part in grant["programmeDivisions"] if part["label"] in DIVISIONS]
        if filed:
            gold = frozenset(sector for asked, _ in filed for sector in asked)
            yield Row(topic, "en", _told(grant), gold, frozenset(sector for _, beside in filed for sector in beside))


def judged(recorded: Path, *, hidden: bool = True) -> Iterator[Row]:
    """The EU calls that we labelled by reading them, those of no sector among them."""
    known = _calls(recorded)
    with CALLS.open(encoding="utf-8") as file:
        for line in csv.DictReader(file, delimiter="\t"):
            topic = line["topic"]
            if topic in known:
                codes = () if hidden else (Code(scheme="programme", value=topic),)
                gold, allowed = (frozenset(line[key].split()) for key in ("sectors", "sectors_ok"))
                yield Row(topic, "en", _told(known[topic]), gold, allowed, codes)


def export(recorded: Path, path: Path) -> None:
    """Write the calls with our labels as gold lines, for the fitting."""
    with path.open("w", encoding="utf-8") as file:
        for row in judged(recorded):
            title, _, text = row.text.partition("\n")
            line = {"id": row.name, "lang": row.lang, "title": title, "text": text, "sectors": sorted(row.gold)}
            file.write(json.dumps(line | {"sectors_ok": sorted(row.allowed)}, ensure_ascii=False) + "\n")


def main(arguments: Sequence[str]) -> int:
    """Print a table of each set, or export one of them."""
    recorded = Path(arguments[0])
    if "--export" in arguments:
        export(recorded, Path(arguments[arguments.index("--export") + 1]))
        return 0
    for title, rows in (
        ("procurement notices", notices(recorded)),
        ("labels of the procurement nomenclature", labels(recorded)),
        ("calls by our own labels, topic hidden", judged(recorded)),
        ("calls by our own labels, topic shown", judged(recorded, hidden=False)),
        ("calls by division, topic hidden", divisions(recorded)),
        ("calls by topic, topic hidden", calls(recorded)),
        ("calls by topic, topic shown", calls(recorded, hidden=False)),
    ):
        sys.stdout.write("\n".join((title, *lines(measured(rows)), "", "")))
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
