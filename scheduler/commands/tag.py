"""``clusterscout tag``, ``score`` and ``vocabulary``."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from nlp.errors import NlpError, VocabularyError
from nlp.scoring import FIELDS, Field
from scheduler.settings import load_settings


@click.command(short_help="Tag texts with countries, sectors, deadlines and amounts.")
@click.option("--jsonl", is_flag=True, help="Read a JSON object a line from standard input, print its tags a line.")
@click.option("--explain", is_flag=True, help="Print the text with its tags and why.")
@click.option("--lang", default="", help="Language of the text (ISO 639-1); found when not given.")
@click.argument("text", required=False)
def tag(jsonl: bool, explain: bool, lang: str, text: str | None) -> None:
    """Tag TEXT, or each line of standard input.

    With --jsonl a line is {"id", "title", "text", "lang"?, "codes"?, "kind"?, "zone"?, "published"?}; a line that cannot be read is
    told on standard error, the others go on, and the exit code is 1.

    Example: clusterscout tag --explain "Supply of hospital beds in Lisbon, deadline 3 May 2027"
    """
    from nlp.tokenizer import readable
    from scheduler.explaining import explanation
    from scheduler.texts import BadLine, as_json, tag_lines, tag_row

    if jsonl:
        sys.stdin.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]
        failed = False
        for found in tag_lines(sys.stdin):
            if isinstance(found, BadLine):
                failed = True
                click.echo(readable(f"{found.name}: {found}"), err=True)
            else:
                click.echo(explanation(*found) + "\n" if explain else as_json(*found))
        if failed:
            raise click.exceptions.Exit(1)
        return
    whole = text if text is not None else sys.stdin.read()
    if not whole.strip():
        raise click.ClickException("There is no text: give it as an argument or on standard input.")
    row = {"id": None, "text": whole, "lang": lang}
    click.echo(explanation(row, tag_row(row)) if explain else as_json(row, tag_row(row)))


@click.command(short_help="Measure tags against a gold file.")
@click.argument("gold", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--field", "asked", type=click.Choice(FIELDS), default="sectors", show_default=True, help="What is measured.")
@click.option("--worst", type=int, default=0, help="List so many mistakes.")
def score(gold: Path, asked: Field, worst: int) -> None:
    """Print precision, recall and F1 a label, a language and overall, micro and macro, and a calibration table.

    GOLD has a JSON object a line: id, title, text, lang, and the field asked for.

    Example: clusterscout score tests/gold/sectors.jsonl --field sectors
    """
    from nlp.scoring import lines, measure, read_gold
    from scheduler.texts import BadLine, tag_row

    try:
        report = measure(((row, tag_row(row)) for row in read_gold(gold)), asked)
    except BadLine as error:
        raise click.ClickException(f"A line of {gold} cannot be tagged: {error}. Mend the line.") from error
    except NlpError as error:
        raise click.ClickException(str(error)) from error
    if not report.texts:
        raise click.ClickException(f"{gold} says nothing about {asked}: give a gold file whose lines have that key.")
    click.echo("\n".join(lines(report, worst=worst)))


@click.group(short_help="Check the vocabulary and report what a change would do.")
def vocabulary() -> None:
    """Look after the vocabulary files.

    Example: clusterscout vocabulary check
    """


@vocabulary.command(short_help="Read every sector vocabulary and tell its faults.")
@click.option("--folder", type=click.Path(exists=True, file_okay=False, path_type=Path), help="Another folder of sector files.")
def check(folder: Path | None) -> None:
    """Name file and line of each duplicate, empty or ambiguous word, and of each crosswalk line that names no sector.

    Example: clusterscout vocabulary check
    """
    from nlp.sectors.codes import check_crosswalks
    from nlp.sectors.vocabulary import FOLDER, check, sectors

    faults: list[VocabularyError] = check(folder or FOLDER)
    if not faults and folder is None:
        try:
            check_crosswalks()
        except VocabularyError as error:
            faults.append(error)
    for fault in faults:
        click.echo(str(fault), err=True)
    if faults:
        raise click.ClickException(f"{len(faults)} faults in the vocabulary: mend the lines named above.")
    if folder is None:
        words = [word for sector in sectors().values() for word in sector.words]
        click.echo(f"{len(words)} words in {len({w.lang for w in words})} languages for {len(sectors()) - 1} sectors: no fault.")


@vocabulary.command(short_help="What the present vocabulary would change in what is stored.")
@click.option("--db", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="The published file, if another.")
@click.option("--limit", type=int, default=None, help="Look at so many items, newest first.")
def impact(db: Path | None, limit: int | None) -> None:
    """Print which stored items gain or lose which tag under the vocabulary as it is now, and change nothing.

    Example: clusterscout vocabulary impact --limit 500
    """
    from scheduler.tagging import impact_lines
    from store.database import open_readonly
    from store.errors import StoreError

    try:
        opened = open_readonly(db or load_settings().db)
    except StoreError as error:
        raise click.ClickException(str(error)) from error
    for line in impact_lines(opened, limit=limit):
        click.echo(line)
