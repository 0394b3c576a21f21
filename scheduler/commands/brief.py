"""``clusterscout brief``: the market study of a country and a sector."""

from __future__ import annotations

from pathlib import Path

import click
from babel import Locale

from scheduler.settings import load_settings
from store.brief.brief import build_brief
from store.brief.render import render
from store.clock import utc_now
from store.database import open_readonly
from store.errors import StoreError
from store.groups import groups_of
from store.taxonomy import SECTORS, nearest_sector


@click.command()
@click.argument("country")
@click.argument("sector")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="HTML file to write; standard output when not given.")
@click.option(
    "--db",
    "db_path",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Published database; the installation's own when not given.",
)
@click.option("--address", default="", help="Address of the members' site, so that titles lead to its pages.")
def brief(country: str, sector: str, out: Path | None, db_path: Path | None, address: str) -> None:
    """Write the market study of COUNTRY (two letters) and SECTOR (an id of the taxonomy).

    Example: clusterscout brief MX plastics --out mexico-plastics.html
    """
    code = country.upper()
    if code not in Locale("en").territories or len(code) != 2:
        raise click.UsageError(f"'{country}' is not a country. Give its two letters, for example PT or MX.")
    if sector not in SECTORS:
        raise click.UsageError(f"'{sector}' is not a sector. Did you mean '{nearest_sector(sector)}'? Known: {', '.join(SECTORS)}.")
    try:
        db = open_readonly(db_path or load_settings().db)
    except StoreError as error:
        raise click.ClickException(str(error)) from error
    study = build_brief(db, country=code, sector=sector, codes=groups_of(code), now=utc_now())
    html = render(study, sector_label=SECTORS[sector], address=address)
    if out is None:
        click.echo(html)
        return
    out.write_text(html, encoding="utf-8")
    rows = sum(len(section.rows) for section in study.sections)
    click.echo(f"{out}: {rows} findings in {len(study.sections)} sections", err=True)
