"""``clusterscout doctor``: is this installation well, and if not, what to do."""

from __future__ import annotations

import json
from dataclasses import asdict

import click

from scheduler.settings import load_settings
from store.clock import utc_now


@click.command()
@click.option("--mail-to", default="", help="Send a test message to this address.")
@click.option("--json", "as_json", is_flag=True, help="One JSON line a finding.")
def doctor(mail_to: str, as_json: bool) -> None:
    """Check disk, rights, zones, mail, databases, sources, archive and jobs; print every setting with its origin. Exit 1 if one is wrong.

    Example: clusterscout doctor --mail-to me@example.org
    """
    from scheduler.doctor import examine, is_wrong, settings_lines

    settings = load_settings()
    if not as_json:
        for line in settings_lines(settings):
            click.echo(line)
        click.echo()
    findings = []
    for finding in examine(settings, now=utc_now(), mail_to=mail_to):
        findings.append(finding)
        click.echo(
            json.dumps(asdict(finding), ensure_ascii=False) if as_json else f"{finding.state:5} {finding.check:9} {finding.text}"
        )
    if is_wrong(findings):
        raise click.exceptions.Exit(1)
