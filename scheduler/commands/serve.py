"""``clusterscout serve``: the scheduler and the site in one process."""

from __future__ import annotations

import contextlib
import shlex
import shutil
import tempfile
from pathlib import Path

import click

from scheduler.commands.opening import store_errors
from scheduler.settings import Settings, load_settings
from store.clock import hurry, utc_now


@click.command()
@click.option("--sample", is_flag=True, help="Fill a throw-away data folder from the sample web and serve that.")
@click.option("--speed", type=click.FloatRange(1, 2000), default=1.0, help="Let the sample's time run so many times as fast.")
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", type=click.IntRange(0, 65535), default=8001, show_default=True, help="The port to listen on.")
def serve(sample: bool, speed: float, host: str, port: int) -> None:
    """Run the scheduler and the members' site until stopped (Ctrl-C or SIGTERM).

    With --sample --speed 700 a week passes in a quarter of an hour.

    Example: clusterscout serve --sample
    """
    from scheduler.logs import set_up

    if speed != 1.0 and not sample:
        raise click.UsageError("--speed is for --sample alone: what is real takes its time.")
    settings = load_settings()
    set_up(settings.log)
    with contextlib.ExitStack() as stack:
        if sample:
            settings = _sample(settings, stack, port)
            hurry(speed)
        else:
            click.echo(f"Serving {settings.data} on http://{host}:{port}/", err=True)
        with store_errors(settings.db):
            _run(settings, host, port)


def _sample(settings: Settings, stack: contextlib.ExitStack, port: int) -> Settings:
    from crawlers.sample.server import start
    from scheduler.sample import fill, sample_settings

    now = utc_now()
    folder = Path(tempfile.mkdtemp(prefix="clusterscout-sample-data-"))
    stack.callback(shutil.rmtree, folder, ignore_errors=True)
    web = stack.enter_context(start(now))
    settings = sample_settings(settings, folder, web, port=port)
    click.echo(f"Sample data in {folder} and its sources in {web.sources} (removed at the end); sample web at {web.base}/")
    with store_errors(settings.db):
        accounts = fill(settings, web, now=now, say=click.echo)
    click.echo(f"\nThe site: {settings.address}/\n")
    for account in accounts:
        click.echo(f"  {account.role:9} {account.email:22} {account.password}")
    click.echo("\nOther commands work on this sample in another terminal after:\n")
    click.echo(f"  export CLUSTERSCOUT_DATA={shlex.quote(str(folder))} CLUSTERSCOUT_SOURCES={shlex.quote(str(web.sources))}")
    click.echo(f"  export CLUSTERSCOUT_ALLOW_HOSTS={shlex.quote(settings.allow_hosts)}")
    click.echo("\nStop with Ctrl-C.")
    return settings


def _run(settings: Settings, host: str, port: int) -> None:
    from scheduler.answering import site_app
    from scheduler.service import serve as run
    from store.database import open_private, open_store

    for opened in (open_store(settings.db), open_private(settings.private_db)):
        opened.conn.close()
    run(settings, site_app(settings), host=host, port=port)
