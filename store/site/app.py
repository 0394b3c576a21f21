"""Building the site: one Datasette over the published file alone, with our modules registered by name from the list below."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path

from datasette.app import Datasette
from datasette.database import Database
from datasette.plugins import pm

from store import clock
from store.site import hooks
from store.site.plugins import (
    account,
    api,
    assets,
    calendar,
    cluster,
    desk,
    feed,
    feeds,
    mail_links,
    map,
    markets,
    operations,
    opportunity,
    pairing,
    personal,
    profile,
    sources,
)
from store.site.site import DATABASE, Route, Site

# The pages, in the order in which their patterns are tried.
PAGES = (
    assets,
    api,
    account,
    feed,
    feeds,
    opportunity,
    personal,
    markets,
    calendar,
    map,
    cluster,
    sources,
    mail_links,
    profile,
    desk,
    pairing,
    operations,
)
SETTINGS = {
    "default_page_size": 25,
    "max_returned_rows": 1000,
    "sql_time_limit_ms": 2000,
    "num_sql_threads": 1,
    "suggest_facets": False,
    "default_allow_sql": False,
    "allow_download": False,
    "allow_csv_stream": False,
}


def build_app(
    *,
    db: Path,
    private_db: Path,
    address: str,
    secret: str,
    operator_sql: bool = False,
    four_eyes: bool = False,
    now: Callable[[], datetime] = clock.utc_now,
    send_link: Callable[[str, str], None] | None = None,
    metrics: Callable[[], str] | None = None,
    next_runs: Callable[[], Mapping[str, datetime]] | None = None,
) -> Datasette:
    """A Datasette that serves the site; ``ds.app()`` is its ASGI application, ``ds.client`` asks it in process.

    ``db`` (the published file) must be there and migrated; it is opened read-only and nothing else is listed. ``address`` is the
    public address; ``secret`` signs the CSRF cookie. ``now`` gives the instant of a request (aware). ``send_link(email, address)``
    delivers a sign-in link; ``metrics()`` gives further lines of the metrics page, ``next_runs()`` when each
    job runs next. Raises StoreError when a file cannot be opened.
    """
    site = Site(
        db=db,
        private_db=private_db,
        address=address.rstrip("/"),
        clock=now,
        secret=secret,
        four_eyes=four_eyes,
        operator_sql=operator_sql,
        send_link=send_link,
        metrics=metrics,
        next_runs=next_runs,
    )
    if not pm.is_registered(hooks):
        pm.register(hooks, name="clusterscout")
        pm.unregister(name="datasette.handle_exception")  # it prints every local variable, secrets too, and ours answers instead
    datasette = Datasette(
        files=[],
        settings={**SETTINGS, "default_allow_sql": operator_sql, "force_https_urls": site.secure},
        secret=secret,
        metadata={"title": "clusterscout", "databases": {DATABASE: {}}},
        template_dir=str(Path(__file__).parent / "stock"),
    )
    datasette.clusterscout = site
    datasette.clusterscout_routes = pages()
    if "_memory" in datasette.databases:
        datasette.remove_database("_memory")
    datasette.add_database(Database(datasette, path=str(db), is_mutable=True), name=DATABASE)
    datasette.client = type(datasette.client)(datasette)  # the first one was made before the site was known
    return datasette


def pages() -> list[Route]:
    """Every page of the site."""
    return [route for module in PAGES for route in module.ROUTES]
