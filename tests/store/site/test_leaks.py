"""Nobody reads what is not theirs: every actor, every kind of hidden item, every form of address. Titles carry marks to look for."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from itertools import product
from pathlib import Path

import pytest

from store import accounts, index
from store.database import open_private, open_store
from tests.store.site.conftest import Running, run_site
from tests.store.site_data import NOW

# item -> who may read it: (a member of moulds, a manager of moulds, an operator, a member of dairy)
ITEMS = {
    "published": (True, True, True, True),
    "pending": (False, True, True, False),
    "hidden": (False, True, True, False),
    "ours": (True, True, True, False),
    "theirs": (False, False, True, True),
    "ourpending": (False, True, True, False),
    "theirpending": (False, False, True, False),
}
ACTORS = ("member@moulds.example", "manager@moulds.example", "operator@moulds.example", "member@dairy.example", "")
FEEDS = (
    "feed.json",
    "feed.csv",
    "feed.atom",
    "feed.ics",
    "feed.jsonfeed",
    "feed.commongrants",
    "feed",
    "calendar",
    "calendar.json",
    "map",
    "map.json",
)
QUERIES = (
    "", "status=any", "q={mark}", "q={mark}&status=any", "q={mark}&status=any&sort=relevance", "q={mark}&sort=deadline", "q={word}*&status=any",
    "sector={sector}&status=any", "country={country}&status=any", "sector={sector}&country={country}&status=any", "kind={kind}&status=any",
    "source={source}&status=any", "lang={lang}&status=any", "budget=1&status=any", "status=any&sort=deadline&size=100", "status=any&size=100",
    "new=1&status=any&size=100", "status=any&after=2026-01-01T00:00:00Z~99", "status=any&after=~~{id}", "within=3660", "month={month}",
    "_sort=title", "_next={id}", "_facet=title", "_search={mark}", "_where=1%3D1", "sql=select+title+from+opportunity", "cluster=dairy",
    "audience=dairy", "status=any&kind={kind}&sector={sector}&size=100&sort=deadline", "status=open&q={mark}", "status=closing", "status=forthcoming&size=100", "status=closed&size=100", "status=cancelled", "status=withdrawn",
    "kind={kind}&q={word}*&status=any", "lang={lang}&q=fair&status=any", "source={source}&q=hall&status=any&sort=relevance",
    "country={country}&role=venue&status=any&size=100", "sector={sector}&q=sum&status=any&sort=deadline",
)  # fmt: skip
PAGES = (
    "/opportunity/{key}", "/opportunity/{key}.json", "/opportunity/{key}.ics", "/desk/{key}", "/desk", "/sector/{sector}", "/sector/{sector}.json",
    "/country/{country}", "/country/{country}.json", "/market/{country}/{sector}", "/market/{country}/{sector}.json", "/sectors.json", "/sources",
    "/sources.json", "/cluster", "/digests", "/operations", "/-/metrics", "/clusterscout", "/clusterscout.json", "/clusterscout.db",
    "/clusterscout/opportunity", "/clusterscout/opportunity.json", "/clusterscout/opportunity/{id}", "/clusterscout/opportunity/{id}.json",
    "/clusterscout/opportunity.csv?_stream=1", "/clusterscout/opportunity.json?_facet=title", "/clusterscout/opportunity.json?_sort=title&_next=1",
    "/clusterscout/opportunity.json?_where=1=1", "/clusterscout/opportunity?_search={mark}", "/clusterscout/opportunity_fts",
    "/clusterscout/opportunity_fts.json?_search={mark}", "/clusterscout/notice.json", "/clusterscout/change.json", "/clusterscout/tag.json",
    "/clusterscout/listing.json", "/clusterscout/find.json", "/clusterscout/curation.json", "/clusterscout/opportunity_fts_content.json",
    "/clusterscout.json?sql=select+*+from+opportunity", "/clusterscout?sql=select+title+from+notice", "/_internal", "/_internal.json", "/_memory",
    "/private.json", "/private/member.json", "/-/databases.json", "/-/metadata.json", "/-/plugins.json", "/-/threads.json", "/-/actor.json",
    "/-/static/../clusterscout.db", "/static/../app.py", "/static/..%2fapp.py", "/opportunity/{key}/", "/opportunity/{key}%00", "/opportunity/{KEY}",
    "/%2e%2e/clusterscout.db", "//opportunity/{key}", "/private/{token}x/feed.json?status=any", "/feed.jsonx", "/graphql", "/-/allow-debug",
)  # fmt: skip


@pytest.fixture
async def guarded(made_store: Path, tmp_path: Path) -> AsyncIterator[tuple[Running, dict[str, dict[str, str]]]]:
    """The site, with one opportunity of each kind of visibility whose every text carries the mark ``zq<item>zq``."""
    site = run_site(made_store, tmp_path)
    db = open_store(site.db)
    chosen: dict[str, dict[str, str]] = {}
    rows = db.conn.execute(
        "select id, key, kind, source, language from opportunity where review = 'published' and kind = 'fair' and cancelled = 0 order by id"
    ).fetchall()
    for name, (number, key, kind, source, language) in zip(ITEMS, rows[3:], strict=False):
        mark = f"zq{name}zq"
        db.conn.execute(
            "update opportunity set title = ?, summary = ?, text = ?, organiser = ?, venue = ?, review = ?, embargo_cluster = ? where id = ?",
            [
                f"Fair {mark}", f"Sum {mark}", f"Text {mark}", f"Org {mark}", f"Hall {mark}",
                "hidden" if name == "hidden" else "pending" if "pending" in name else "published",
                "moulds" if name.startswith("our") else "dairy" if name.startswith("their") else None, number,
            ],
        )  # fmt: skip
        db.conn.execute(
            "update notice set title = ?, payload = replace(payload, 'Expo', ?) where opportunity = ?",
            [f"Fair {mark}", mark, number],
        )
        sector = db.conn.execute("select value from tag where opportunity = ? and facet = 'sector'", [number]).fetchone()[0]
        country = db.conn.execute("select value from tag where opportunity = ? and facet = 'country'", [number]).fetchone()[0]
        month = db.conn.execute("select substr(starts_local, 1, 7) from opportunity where id = ?", [number]).fetchone()[0]
        index.refresh(db, [number])
        chosen[name] = {
            "mark": mark, "word": mark[:6], "id": str(number), "key": key, "KEY": key.upper(), "kind": kind, "source": source, "lang": language,
            "sector": sector, "country": country, "month": month, "token": "",
        }  # fmt: skip
    db.conn.commit()
    db.close()
    await site.ds.invoke_startup()
    yield site, chosen
    for database in site.ds.databases.values():
        database.close()
    site.ds.clusterscout.close()


def probes(site: Running, items: dict[str, dict[str, str]]) -> list[tuple[str, str, str]]:
    """Every (actor, item, path)."""
    private = open_private(site.private_db)
    secrets = {
        who: accounts.make_feed_token(private, accounts.member_by_email(private, who).id, "", now=NOW) for who in ACTORS if who
    }
    private.close()
    forms = [f"/{feed}?{query}" for feed, query in product(FEEDS, QUERIES)] + list(PAGES)
    forms += [f"/private/{{secret}}/{feed}?{query}" for feed, query in product(FEEDS[:6], QUERIES)]
    return [
        (who, name, form.format(secret=secrets.get(who, "x" * 32), **facts))
        for who, (name, facts), form in product(ACTORS, items.items(), forms)
    ]


async def probe(site: Running, chosen: list[tuple[str, str, str]], items: dict[str, dict[str, str]]) -> list[str]:
    """The leaks: probes whose answer holds the mark of any item that its actor may not read, or fails."""
    leaks = []
    for who, _, path in chosen:
        answer = await site.get(path, who, headers={"accept": "text/html"})
        if answer.status_code >= 500:
            leaks.append(f"{answer.status_code} {who} {path}")
        body = answer.text
        asked = {facts["mark"] for facts in items.values() if facts["mark"] in path}
        for name, facts in items.items():
            may = bool(who) and ITEMS[name][ACTORS.index(who)]
            if path.startswith("/private/"):  # a feed holds the common list and the cluster's own, whatever the role
                may = may and name in ("published", "ours", "theirs")
            # an answer may repeat the words that were asked for; it then must not hold the item beside them
            told = (
                f"Fair {facts['mark']}" in body or f"Sum {facts['mark']}" in body
                if facts["mark"] in asked
                else facts["mark"] in body
            )
            if told and not may:
                leaks.append(f"{name} to {who or 'nobody'} by {path}")
    return leaks


async def test_two_thousand_probes_find_no_leak(guarded: tuple[Running, dict[str, dict[str, str]]]) -> None:
    site, items = guarded
    every = probes(site, items)
    assert not await probe(site, random.Random(5).sample(every, 2000), items)


@pytest.mark.soak
@pytest.mark.timeout(3600)
async def test_every_probe_finds_no_leak(guarded: tuple[Running, dict[str, dict[str, str]]]) -> None:
    site, items = guarded
    every = probes(site, items)
    leaks = await probe(site, every, items)
    print(f"{len(every)} probes, {len(leaks)} leaks")
    assert len(every) >= 20_000
    assert not leaks


async def test_the_probes_can_see(guarded: tuple[Running, dict[str, dict[str, str]]]) -> None:
    """What may be read is found by the same addresses: the matrix is not blind."""
    site, items = guarded
    for name, allowed in ITEMS.items():
        for who, may in zip(ACTORS, allowed, strict=False):
            body = (await site.get(f"/opportunity/{items[name]['key']}.json", who)).text
            assert (items[name]["mark"] in body) == may, (name, who)
            listed = (await site.get(f"/feed.json?q={items[name]['mark']}&status=any", who)).json()["items"]
            in_list = (
                name == "published"
                or (name == "ours" and "moulds" in who and "operator" not in who)
                or (name == "theirs" and "dairy" in who)
            )
            assert bool(listed) == in_list, (name, who)


async def test_a_private_address_shows_what_its_owner_may_see_and_stops_when_revoked(
    guarded: tuple[Running, dict[str, dict[str, str]]],
) -> None:
    site, items = guarded
    private = open_private(site.private_db)
    owner = accounts.member_by_email(private, "member@dairy.example")
    secret = accounts.make_feed_token(private, owner.id, "phone", now=NOW)
    for form, query in product(
        ("json", "atom", "ics", "csv", "jsonfeed", "commongrants"), ("status=any&size=100&kind=fair", "status=any&q=fair&kind=fair")
    ):
        body = (await site.get(f"/private/{secret}/feed.{form}?{query}", "")).text
        found = {name for name, facts in items.items() if facts["mark"] in body}
        assert found == {"published", "theirs"}, (form, query)
    accounts.revoke_feed_token(private, owner.id, accounts.feed_tokens(private, owner.id)[0].id, now=NOW)
    private.close()
    assert (await site.get(f"/private/{secret}/feed.json", "")).status_code == 404
