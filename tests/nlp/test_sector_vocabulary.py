"""A vocabulary file with a slip is told by file and line; one that is right gives its words with weights and contexts."""

from __future__ import annotations

from pathlib import Path

import pytest

from nlp.errors import VocabularyError
from nlp.sectors.vocabulary import check, sectors
from tests.nlp.languages import OFFICIAL


def written(folder: Path, name: str, *lines: str) -> Path:
    path = folder / f"{name}.toml"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def fault(folder: Path) -> VocabularyError:
    faults = check(folder)
    assert len(faults) == 1
    return faults[0]


@pytest.mark.parametrize(
    ("lines", "line", "words"),
    [
        (("[words.en]", '"rail*" = 2', '"Ráil*" = 1'), 3, "stands twice"),
        (("[words.en]", '"rail" = 2', '"rail" = 2'), 3, "not valid TOML"),
        (("[words.en]", '"" = 2'), 2, "empty"),
        (("[words.en]", '"ra*il" = 2'), 2, "inside a word"),
        (("[words.en]", '"rail" = "much"'), 2, "weight"),
        (("[words.en]", '"rail" = 99'), 2, "weight"),
        (("[words.en]", '"rail" = 2', "[wrods.de]", '"bahn" = 2'), 3, "unknown"),
        (("[words.en]", '"rail" = 2', "[against.en]", '"road" = ["map"]'), 4, "no word"),
        (('label = "Rail', "[words.en]"), 1, "not valid TOML"),
    ],
)
def test_a_slip_is_told_with_file_and_line(tmp_path: Path, lines: tuple[str, ...], line: int, words: str) -> None:
    written(tmp_path, "rail", *lines)
    found = fault(tmp_path)
    assert (found.path.name, found.line) == ("rail.toml", line)
    assert words in str(found)
    assert str(found).startswith(f"rail.toml:{line}:")


def test_a_word_that_decides_for_two_sectors_is_ambiguous(tmp_path: Path) -> None:
    written(tmp_path, "rail", "[words.en]", '"tram" = 4')
    written(tmp_path, "mobility", "[words.en]", '"tram" = 4')
    found = fault(tmp_path)
    assert (found.path.name, found.line) == ("rail.toml", 2)
    assert "mobility.toml" in str(found)


def test_a_file_that_is_not_utf8_is_told(tmp_path: Path) -> None:
    (tmp_path / "rail.toml").write_bytes(b'[words.fr]\n"m\xe9tro" = 2\n')
    assert "UTF-8" in str(fault(tmp_path))


def test_words_carry_weight_wildcards_and_contexts(tmp_path: Path) -> None:
    written(
        tmp_path,
        "plastics",
        "[words.en]",
        '"mould*" = 3',
        '"PVC" = 2',
        "[not]",
        'en = ["mould growth"]',
        "[against.en]",
        '"mould*" = ["fungus"]',
    )
    mould, pvc, growth = sectors(tmp_path)["plastics"].words
    assert (mould.weight, mould.parts, mould.against) == (3.0, ("mould*",), ("fungus",))
    assert pvc.capitals
    assert not mould.capitals
    assert growth.weight == 0


def test_the_shipped_vocabulary_has_no_fault_and_covers_every_official_language() -> None:
    assert check() == []
    official = set(OFFICIAL)
    assert {word.lang for sector in sectors().values() for word in sector.words} >= official
    for sector in sectors().values():
        assert sector.label
        assert {word.lang for word in sector.words} >= official - {"ga", "mt"}, sector.id
