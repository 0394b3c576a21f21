"""Sectors measured on real public texts that are not in the repository: procurement notices and labels with their CPV codes, EU calls.

The gold is what the publisher says: the crosswalk of the main CPV code, and the topic identifier of a call (hidden from the tagger or
not). ``python -m tests.nlp.test_sectors_recorded`` prints the tables.
"""

from __future__ import annotations

import csv
import json
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from lxml import etree

from nlp.scoring import Report, lines
from nlp.sectors import tag_sectors
from nlp.sectors.codes import cpv_sectors, programme_sectors
from store.model import Code

Row = tuple[str, str, str, frozenset[str], Sequence[Code]]
LANGUAGES = ("cs_cz", "de_de", "el_gr", "es_es", "fi_fi", "fr_fr", "it_it", "nl_nl", "pl_pl", "pt_pt", "ro_ro", "sv_se")
LABEL = re.compile(r"^'?\"?(.+?)'?\"?: '?\"?(.+?)'?\"?$")
EVERY = 20


def measured(rows: Iterator[Row]) -> Report:
    report = Report()
    for name, lang, text, gold, codes in rows:
        report.add(name, lang, gold, frozenset(), {tag.id: tag.score for tag in tag_sectors(text, lang, codes)})
    return report


def notices(recorded: Path) -> Iterator[Row]:
    """Title and short description of each notice in its original language, with the sectors of its main CPV code."""
    folder = recorded / "ted" / "legacy-r209"
    with (folder / "_labels.tsv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            root = etree.parse(folder / row["file"]).getroot()
            space = f"{{{root.nsmap[None]}}}"
            forms = [form for section in root.iter(f"{space}FORM_SECTION") for form in section]
            form = next((form for form in forms if form.get("CATEGORY") == "ORIGINAL"), forms[0])
            said = [form.find(f".//{space}OBJECT_CONTRACT/{space}{name}") for name in ("TITLE", "SHORT_DESCR")]
            title, text = (" ".join("".join(part.itertext()).split()) if part is not None else "" for part in said)
            if gold := cpv_sectors(row["original_cpv"]):
                yield row["file"], row["lang_original"].lower(), f"{title}\n{text}", frozenset(gold), ()


def labels(recorded: Path) -> Iterator[Row]:
    """Every twentieth label of the CPV nomenclature in twelve languages and English, as a title."""
    folder = recorded / "ted" / "codelists" / "cpv-full"
    listed = json.loads((folder / "cpvCodes.json").read_text(encoding="utf-8"))
    codes = {entry["name"]: str(entry["numericCode"]).zfill(8) for entry in listed if str(entry["version"]) == "2"}
    told = [("en", name, code) for name, code in codes.items()]
    for language in LANGUAGES:
        for line in (folder / f"messages.{language}.yaml").read_text(encoding="utf-8").splitlines():
            found = LABEL.match(line)
            if found and found.group(1) in codes:
                told.append((language[:2], found.group(2), codes[found.group(1)]))
    for lang, label, code in told[::EVERY]:
        if gold := cpv_sectors(code):
            yield code, lang, f"{label}\n", frozenset(gold), ()


def calls(recorded: Path, *, hidden: bool) -> Iterator[Row]:
    """Title and abstract of each EU call whose topic identifier speaks for a sector; the identifier is shown or hidden."""
    seen: dict[str, str] = {}
    for path in sorted((recorded / "eu-ft-portal" / "grants-feed").glob("*.json")):
        for grant in json.loads(path.read_text(encoding="utf-8"))["grants"]:
            if grant.get("abstract"):
                seen[grant["identifier"]] = f"{grant['title']}\n{grant['abstract']}"
    for topic, text in seen.items():
        hook = programme_sectors(topic)
        if hook is not None and hook[1]:
            yield topic, "en", text, frozenset(hook[1]), () if hidden else [Code(scheme="programme", value=topic)]


@pytest.mark.recorded
def test_procurement_notices_in_their_own_languages(recorded: Path) -> None:
    assert measured(notices(recorded)).overall.f1 >= 0.68


@pytest.mark.recorded
def test_labels_of_the_procurement_nomenclature(recorded: Path) -> None:
    report = measured(labels(recorded))
    assert len(report.by_lang) == 13
    assert report.overall.f1 >= 0.5
    assert min(count.f1 for count in report.by_lang.values()) >= 0.4


@pytest.mark.recorded
def test_calls(recorded: Path) -> None:
    assert measured(calls(recorded, hidden=True)).overall.f1 >= 0.68
    assert measured(calls(recorded, hidden=False)).overall.f1 >= 0.8


if __name__ == "__main__":
    where = Path(sys.argv[1])
    for title, rows in (
        ("procurement notices", notices(where)),
        ("labels of the procurement nomenclature", labels(where)),
        ("calls, topic hidden", calls(where, hidden=True)),
        ("calls, topic shown", calls(where, hidden=False)),
    ):
        print(title, *lines(measured(rows)), "", sep="\n")
