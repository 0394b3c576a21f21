"""A site over the invented store, with three members of one cluster and one of another, each with a session."""

from __future__ import annotations

import shutil
import socket
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
import uvicorn
from datasette.app import Datasette

from store import accounts
from store.database import open_private
from store.site.app import build_app
from store.site.gate import COOKIE
from tests.store.site_data import NOW, build_store

MEMBERS = (
    ("member@moulds.example", "member", "moulds"),
    ("manager@moulds.example", "manager", "moulds"),
    ("operator@moulds.example", "operator", ""),
    ("member@dairy.example", "member", "dairy"),
)


@dataclass(frozen=True)
class Running:
    """A site under test: the Datasette, its files, and the cookie of each member by address."""

    ds: Datasette
    db: Path
    private_db: Path
    secrets: dict[str, str]

    async def get(self, path: str, who: str = "member@moulds.example", **kwargs: object) -> httpx.Response:
        cookies = {COOKIE: self.secrets[who]} if who else {}
        return await self.ds.client.get(path, cookies=cookies, **kwargs)

    async def post(self, path: str, form: dict[str, str], who: str = "member@moulds.example", **kwargs: object) -> httpx.Response:
        cookies = {COOKIE: self.secrets[who]} if who else {}
        page = await self.ds.client.get("/settings" if who else "/sign-in", cookies=cookies)
        token = page.cookies["ds_csrftoken"]
        return await self.ds.client.post(
            path, data={**form, "csrftoken": token}, cookies={**cookies, "ds_csrftoken": token}, **kwargs
        )


@pytest.fixture(scope="session")
def made_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_store(tmp_path_factory.mktemp("site") / "clusterscout.db")


def run_site(made: Path, folder: Path, **settings: object) -> Running:
    db, private_db = folder / "clusterscout.db", folder / "private.db"
    for part in made.parent.glob("clusterscout.db*"):
        shutil.copy(part, folder / part.name)
    private = open_private(private_db)
    accounts.keep_cluster(private, "moulds", "Moulds and Plastics Cluster", country="PT")
    secrets = {}
    for email, role, cluster in MEMBERS:
        number = accounts.add_member(private, email, role, cluster, now=NOW, zone="Europe/Lisbon")  # type: ignore[arg-type]
        secrets[email] = accounts.start_session(private, number, now=NOW)
    private.close()
    ds = build_app(db=db, private_db=private_db, address="https://scout.example", secret="s" * 32, now=lambda: NOW, **settings)  # type: ignore[arg-type]
    return Running(ds=ds, db=db, private_db=private_db, secrets=secrets)


@contextmanager
def serving(site: Running) -> Iterator[str]:
    """The site over loopback, for programs that ask by themselves; its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{free.getsockname()[1]}"
    site.ds.clusterscout.address = address
    site.ds._settings["force_https_urls"] = False
    server = uvicorn.Server(
        uvicorn.Config(site.ds.app(), host="127.0.0.1", port=int(address.rpartition(":")[2]), log_level="warning")
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    yield address
    server.should_exit = True
    thread.join(10)


@pytest.fixture
async def running(made_store: Path, tmp_path: Path) -> AsyncIterator[Running]:
    site = run_site(made_store, tmp_path)
    await site.ds.invoke_startup()
    yield site
    for database in site.ds.databases.values():
        database.close()
    site.ds.clusterscout.close()
